package bash_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/fix/render/bash"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"mvdan.cc/sh/v3/syntax"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sources() render.Sources {
	return render.Of([]render.Source{
		{
			Type: "Test::Cluster", Is: "Engine == 'neptune'", UID: "DbClusterResourceId",
			Read: render.Read{Operation: "rds:DescribeDBClusters", Identifier: "DBClusterIdentifier", Root: "DBClusters[0]"},
			Properties: map[string]render.Property{
				"Status": {Path: "Status"}, "Retention": {Path: "BackupRetentionPeriod"}, "Protected": {Path: "DeletionProtection"},
				"Logs": {Path: "EnabledCloudwatchLogsExports"}, "Pending": {Path: "PendingModifiedValues.BackupRetentionPeriod"},
				"Created": {Path: "ClusterCreateTime", Moment: true}, "Scaling": {Path: "ServerlessV2ScalingConfiguration"},
				"Name": {Path: "DatabaseName"},
				"Tags": {Path: "(TagList[].Key)", Read: &render.Read{Operation: "rds:ListTagsForResource", Identifier: "ResourceName", ByARN: true, Root: "@"}},
			},
		},
	})
}

func cluster(id string) resource.Ref {
	return resource.Ref{Type: "Test::Cluster", ID: id, ARN: "arn:aws:rds:eu-west-1:111122223333:cluster:" + id, UID: "cluster-ABC",
		Account: "111122223333", Region: "eu-west-1", Partition: "aws"}
}

func is(ref resource.Ref, property, operator string, value resource.Value) fix.Condition {
	return fix.Condition{Resource: ref, Property: property, Is: operator, Value: value}
}

func settled(ref resource.Ref) fix.Condition {
	c := is(ref, "Status", fix.IsEqual, resource.OfString("available"))
	c.Settles = true
	return c
}

// retention is the plainest of changes: one property, one call.
func retention(ref resource.Ref) fix.Change {
	call := func(days int64) *fix.Call {
		return &fix.Call{Operation: "rds:ModifyDBCluster", Account: ref.Account, Region: ref.Region, Parameters: map[string]resource.Value{
			"DBClusterIdentifier": resource.OfString(ref.ID), "BackupRetentionPeriod": resource.OfInt(days),
		}}
	}
	here := fix.Condition{Resource: ref, Is: fix.IsThere}
	days := func(n int64) fix.Condition { return is(ref, "Retention", fix.IsEqual, resource.OfInt(n)) }
	idle := is(ref, "Pending", fix.IsEqual, resource.Value{})
	return fix.Change{
		ID: "c-" + ref.ID, Control: "Neptune.5", Severity: "MEDIUM", Resource: ref, Summary: "Keep automated backups for 7 days", Risk: "low",
		Sets:   []fix.Setting{{Property: "Retention", Before: resource.OfInt(1), After: resource.OfInt(7)}},
		Impact: control.Impact{Downtime: "none"}, Undo: control.Undo{Loses: "restore points older than the former retention"},
		Owners: []fix.Owner{{Kind: "cloudformation", Name: "stack-1", Advice: "change the template too"}},
		Steps: []fix.Step{{
			ID: "1", Title: "set the retention to 7 days", Call: call(7),
			Before: []fix.Condition{here, settled(ref), days(1), idle}, Done: []fix.Condition{here, settled(ref), days(7), idle},
			Undo: call(1), UndoDone: []fix.Condition{here, settled(ref), days(1), idle},
		}},
	}
}

// everything is a change with every kind of step, condition and parameter.
func everything(ref resource.Ref) fix.Change {
	fresh := cluster(ref.ID + "-new")
	fresh.UID = ""
	call := func(operation string, parameters map[string]resource.Value) *fix.Call {
		return &fix.Call{Operation: operation, Account: ref.Account, Region: ref.Region, Parameters: parameters}
	}
	tag := resource.OfMap(map[string]resource.Value{"Key": resource.OfString("team"), "Value": resource.OfString("it's $(id) `id` \"x\"")})
	return fix.Change{
		ID: "e-" + ref.ID, Control: "Neptune.1", Severity: "HIGH", Resource: ref, Summary: "Move to an encrypted copy", Risk: "high",
		Accept: "nothing can be written until the cut-over", Guided: true,
		Undo: control.Undo{Exposes: "the data", Loses: "what was written"}, Warnings: []string{"a second cluster is made"},
		Cost: &fix.Cost{Low: 10, High: 12.5, Known: true, Basis: "list price"},
		Steps: []fix.Step{
			{ID: "1", Title: "stop the writers", Manual: "Stop every writer.\nKeep them stopped."},
			{
				ID: "2", Title: "restore", Settle: 300, Timeout: 3600,
				Call: call("rds:RestoreDBClusterFromSnapshot", map[string]resource.Value{
					"DBClusterIdentifier": resource.OfString(fresh.ID), "EnableIAMDatabaseAuthentication": resource.OfBool(true),
					"DeletionProtection": resource.OfBool(false), "VpcSecurityGroupIds": resource.OfStrings([]string{"sg-1", "sg-2"}),
					"Tags": resource.OfList(tag), "ServerlessV2ScalingConfiguration": resource.OfMap(map[string]resource.Value{"MinCapacity": resource.OfFloat(2.5)}),
				}),
				Before: []fix.Condition{
					{Resource: ref, Is: fix.IsThere}, {Resource: fresh, Is: fix.IsGone}, is(ref, "Created", fix.IsEqual, resource.OfString("2026-01-02T03:04:05Z")),
					is(ref, "Scaling", fix.IsEqual, resource.OfMap(map[string]resource.Value{"MinCapacity": resource.OfFloat(2.5)})),
					is(ref, "Tags", fix.IsSuperset, resource.OfStrings([]string{"team"})),
				},
				Done: []fix.Condition{
					{Resource: fresh, Is: fix.IsThere}, settled(fresh), is(fresh, "Protected", fix.IsEqual, resource.OfBool(false)),
					is(fresh, "Logs", fix.IsEqual, resource.OfStrings([]string{"audit", "slowquery"})),
					is(fresh, "Retention", fix.IsAtLeast, resource.OfInt(7)), is(fresh, "Logs", fix.IsDisjoint, resource.OfStrings([]string{"x'y"})),
				},
				Undo:     call("rds:DeleteDBCluster", map[string]resource.Value{"DBClusterIdentifier": resource.OfString(fresh.ID), "SkipFinalSnapshot": resource.OfBool(true)}),
				UndoDone: []fix.Condition{{Resource: fresh, Is: fix.IsGone}},
			},
			{
				ID: "3", Title: "on the way back: reboot", Undo: call("rds:RebootDBInstance", map[string]resource.Value{"DBInstanceIdentifier": resource.OfString("i-1")}),
				UndoDone: []fix.Condition{settled(ref)},
			},
			{
				ID: "4", Title: "cut over", Manual: "Rename both.", Done: []fix.Condition{is(ref, "Protected", fix.IsEqual, resource.OfBool(true))},
				UndoManual: "Rename them back.", UndoDone: []fix.Condition{{Resource: ref, Is: fix.IsThere}},
			},
			{ID: "5", Title: "tell people", Manual: "Tell them.", UndoManual: "Tell them again."},
			{ID: "6", Title: "delete the old one", Manual: "Delete it.", Done: []fix.Condition{{Resource: ref, Is: fix.IsGone}}, Final: "what is deleted is gone"},
		},
	}
}

func plan(t *testing.T, changes ...fix.Change) *fix.Plan {
	t.Helper()
	p := &fix.Plan{Tool: "holdfast", Version: "0.1.0", Created: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC), Changes: changes}
	if err := fix.Seal(p); err != nil {
		t.Fatal(err)
	}
	return p
}

func rendered(t *testing.T, p *fix.Plan) string {
	t.Helper()
	var text bytes.Buffer
	if err := bash.Render(&text, p, sources()); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// plans are those for which there are golden files.
func plans(t *testing.T) map[string]*fix.Plan {
	return map[string]*fix.Plan{
		"nothing":    plan(t),
		"retention":  plan(t, retention(cluster("graph")), retention(cluster("ledger"))),
		"everything": plan(t, everything(cluster("graph"))),
		"hostile":    plan(t, hostile()),
	}
}

// hostile is a change whose every text wants to be code.
func hostile() fix.Change {
	const evil = "x'; touch pwned #\"$(touch pwned)`touch pwned`\n touch pwned \\"
	c := retention(cluster(evil))
	c.Control, c.Summary, c.Accept, c.Undo.Loses, c.Undo.Exposes = evil, evil, evil, evil, evil
	c.Resource.Region, c.Resource.Account = "eu-west-1", "111122223333"
	c.Impact.Downtime, c.Warnings, c.Owners = evil, []string{evil}, []fix.Owner{{Kind: evil, Name: evil, Advice: evil}}
	c.Sets[0].Property, c.Sets[0].Before = evil, resource.OfString(evil)
	c.Steps[0].Title, c.Steps[0].Impact = evil, evil
	c.Steps[0].Before = append(c.Steps[0].Before, is(c.Resource, "Name", fix.IsEqual, resource.OfString(evil)), is(c.Resource, "Logs", fix.IsSuperset, resource.OfStrings([]string{evil})))
	c.Steps = append(c.Steps, fix.Step{ID: "2", Title: evil, Manual: evil}, fix.Step{ID: "3", Title: evil, Manual: evil, Final: evil})
	return c
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, p := range plans(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := rendered(t, p)
			path := filepath.Join("testdata", name+".sh.golden")
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("not as in %s (-want +got):\n%s", path, diff)
			}
		})
	}
}

func TestScriptsAreBashAndFormattedAsShfmtDoes(t *testing.T) {
	t.Parallel()
	for name, p := range plans(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := rendered(t, p)
			file, err := syntax.NewParser(syntax.Variant(syntax.LangBash), syntax.KeepComments(true)).Parse(strings.NewReader(text), name)
			if err != nil {
				t.Fatal(err)
			}
			var formatted bytes.Buffer
			if err := syntax.NewPrinter().Print(&formatted, file); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(text, formatted.String()); diff != "" {
				t.Errorf("shfmt would change it (-script +shfmt):\n%s", diff)
			}
		})
	}
}

func TestShellcheckFindsNothing(t *testing.T) {
	t.Parallel()
	tool := shellcheck(t)
	for name, p := range plans(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cmd := exec.CommandContext(t.Context(), tool, "--shell=bash", "--severity=style", "-")
			cmd.Stdin = strings.NewReader(rendered(t, p))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// shellcheck finds the tool: that of the test environment, or the machine's.
func shellcheck(t *testing.T) string {
	t.Helper()
	own, err := filepath.Abs("../../../../.cache/venv/bin/shellcheck")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(own); err == nil {
		return own
	}
	found, err := exec.LookPath("shellcheck")
	if err != nil {
		t.Fatal("shellcheck is missing. Try: make venv")
	}
	return found
}

// Whatever stands in a plan is data: no text of it may run.
func TestHostileTextsNeverRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	// An aws that answers every question with yes and writes down its words.
	fake := "#!/usr/bin/env bash\nprintf '%s\\0' \"$@\" >>\"$LOG\"\ncase $* in *sts*) echo 111122223333 ;; *--query*) echo false ;; *) echo '{}' ;; esac\n"
	for name, text := range map[string]string{"aws": fake, "fix.sh": rendered(t, plan(t, hostile()))} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{}, {"--apply"}, {"--apply", "--accept", hostile().Control}, {"--undo", "--accept-loss"}} {
		cmd := exec.CommandContext(t.Context(), "bash", append([]string{"fix.sh"}, args...)...)
		cmd.Dir, cmd.Env = dir, []string{"PATH=" + dir + ":/usr/bin:/bin", "LOG=" + filepath.Join(dir, "log"), "POLL=0"}
		out, err := cmd.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatalf("%v\n%s", err, out)
		}
		if _, err := os.Stat(filepath.Join(dir, "pwned")); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%v: a text of the plan was run:\n%s", args, out)
		}
	}
	log, err := os.ReadFile(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "\x00"+hostile().Resource.ID+"\x00") {
		t.Errorf("the name did not reach the AWS CLI as one word: %q", log)
	}
}

func TestWhatAScriptCannotSayIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*fix.Change){
		"unknown property":        func(c *fix.Change) { c.Steps[0].Done[2].Property = "Mystery" },
		"unknown type":            func(c *fix.Change) { c.Steps[0].Done[2].Resource.Type = "Test::Other" },
		"step id that is code":    func(c *fix.Change) { c.Steps[0].ID = "a[$(id)]" },
		"operation that is code":  func(c *fix.Change) { c.Steps[0].Call.Operation = "rds:Modify;id" },
		"parameter that is code":  func(c *fix.Change) { c.Steps[0].Call.Parameters["X;id"] = resource.OfInt(1) },
		"address of a file":       func(c *fix.Change) { c.Steps[0].Call.Parameters["X"] = resource.OfString("file:///etc/passwd") },
		"address of a page":       func(c *fix.Change) { c.Steps[0].Call.Parameters["X"] = resource.OfString("HTTP://169.254.169.254/") },
		"value that is not there": func(c *fix.Change) { c.Steps[0].Call.Parameters["X"] = resource.Value{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := retention(cluster("graph"))
			spoil(&c)
			err := bash.Render(new(bytes.Buffer), &fix.Plan{Changes: []fix.Change{c}}, sources())
			if err == nil || !strings.Contains(err.Error(), "graph") {
				t.Errorf("%v", err)
			}
		})
	}
}

// The AWS CLI's names for operations and parameters are made by botocore; ours
// must be the same for every parameter that a plan can hold.
func TestNamesAreThoseOfTheAWSCLI(t *testing.T) {
	t.Parallel()
	python, err := filepath.Abs("../../../../.cache/venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	const ask = `
import json, botocore.session
from botocore import xform_name
model = botocore.session.get_session().get_service_model("rds")
names = {}
for operation in model.operation_names:
    names[operation] = xform_name(operation, "-")
    shape = model.operation_model(operation).input_shape
    for member in (shape.members if shape else {}):
        names[member] = xform_name(member, "-")
print(json.dumps(names))`
	out, err := exec.CommandContext(t.Context(), python, "-c", ask).Output()
	if err != nil {
		t.Fatalf("botocore is missing. Try: make venv (%v)", err)
	}
	var names map[string]string
	if err := json.Unmarshal(out, &names); err != nil || len(names) < 300 {
		t.Fatalf("%d names, %v", len(names), err)
	}
	c := retention(cluster("graph"))
	for name, want := range names {
		c.Steps[0].Call = &fix.Call{Operation: "rds:" + name, Region: "eu-west-1", Parameters: map[string]resource.Value{name: resource.OfInt(1)}}
		text := new(bytes.Buffer)
		if err := bash.Render(text, &fix.Plan{Changes: []fix.Change{c}}, sources()); err != nil {
			t.Fatal(err)
		}
		if line := fmt.Sprintf("aws rds %s --%s 1 --region eu-west-1", want, want); !strings.Contains(text.String(), line) {
			t.Errorf("%s is not %s", name, want)
		}
	}
}

func FuzzScript(f *testing.F) {
	f.Add("graph", "it's", "$(id)")
	f.Add("a\nb", "`x`", "\\'\"")
	f.Fuzz(func(t *testing.T, id, title, value string) {
		c := retention(cluster("x" + id))
		c.Summary, c.Steps[0].Title = title, title
		c.Steps[0].Call.Parameters["Description"] = resource.OfString(value)
		c.Steps[0].Done = append(c.Steps[0].Done, is(c.Resource, "Name", fix.IsEqual, resource.OfString(value)))
		var text bytes.Buffer
		if bash.Render(&text, &fix.Plan{Changes: []fix.Change{c}}, sources()) != nil {
			return
		}
		if _, err := syntax.NewParser(syntax.Variant(syntax.LangBash)).Parse(&text, "fuzz"); err != nil {
			t.Errorf("%q %q %q: %v", id, title, value, err)
		}
	})
}
