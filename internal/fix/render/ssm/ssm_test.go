package ssm_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/fix/render/ssm"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

var update = flag.Bool("update", false, "write the golden files anew")

func sources() render.Sources {
	return render.Of([]render.Source{{
		Type: "Test::Cluster", Is: "Engine == 'neptune'", UID: "DbClusterResourceId",
		Read:       render.Read{Operation: "rds:DescribeDBClusters", Identifier: "DBClusterIdentifier", Root: "DBClusters[0]"},
		Properties: map[string]render.Property{"Status": {Path: "Status"}, "Retention": {Path: "BackupRetentionPeriod"}, "Protected": {Path: "DeletionProtection"}},
	}})
}

func cluster(id, region string) resource.Ref {
	return resource.Ref{Type: "Test::Cluster", ID: id, ARN: "arn:aws:rds:" + region + ":111122223333:cluster:" + id, UID: "cluster-ABC",
		Account: "111122223333", Region: region, Partition: "aws"}
}

func is(ref resource.Ref, property string, value resource.Value) fix.Condition {
	return fix.Condition{Resource: ref, Property: property, Is: fix.IsEqual, Value: value}
}

func change(ref resource.Ref) fix.Change {
	settled := is(ref, "Status", resource.OfString("available"))
	settled.Settles = true
	days := func(n int64) fix.Condition { return is(ref, "Retention", resource.OfInt(n)) }
	here := fix.Condition{Resource: ref, Is: fix.IsThere}
	bare := ref
	bare.UID = ""
	return fix.Change{
		ID: "c-" + ref.ID, Control: "Neptune.5", Resource: ref, Summary: "Keep automated backups for 7 days", Risk: "low",
		Impact: control.Impact{Downtime: "none"}, Accept: "it restarts the writer",
		Steps: []fix.Step{
			{ID: "1", Title: "stop the writers", Manual: "Stop every writer."},
			{
				ID: "2", Title: "set the retention to 7 days", Timeout: 3600, Settle: 300,
				Call: &fix.Call{Operation: "rds:ModifyDBCluster", Account: ref.Account, Region: ref.Region, Parameters: map[string]resource.Value{
					"DBClusterIdentifier": resource.OfString(ref.ID), "BackupRetentionPeriod": resource.OfInt(7), "CopyTagsToSnapshot": resource.OfBool(true),
					"Tags": resource.OfList(resource.OfMap(map[string]resource.Value{"Key": resource.OfString("k"), "Value": resource.OfString("v: #x")})),
				}},
				Before: []fix.Condition{here, settled, days(1)}, Done: []fix.Condition{here, settled, days(7)},
				Undo:     &fix.Call{Operation: "rds:ModifyDBCluster", Account: ref.Account, Region: ref.Region, Parameters: map[string]resource.Value{}},
				UndoDone: []fix.Condition{days(1)},
			},
			{ID: "3", Title: "way back", Undo: &fix.Call{Operation: "rds:RebootDBInstance", Account: ref.Account, Region: ref.Region}, UndoDone: []fix.Condition{here}},
			{ID: "4", Title: "protect", Manual: "Protect it.", Done: []fix.Condition{is(bare, "Protected", resource.OfBool(true))}},
			{ID: "5", Title: "delete it", Manual: "Delete it.", Done: []fix.Condition{{Resource: ref, Is: fix.IsGone}}, Final: "gone is gone"},
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

func two(t *testing.T) *fix.Plan {
	return plan(t, change(cluster("graph", "eu-west-1")), change(cluster("ledger", "eu-west-1")), change(cluster("orders", "us-east-1")))
}

func TestGolden(t *testing.T) {
	t.Parallel()
	books, err := ssm.Runbooks(two(t), sources())
	if err != nil {
		t.Fatal(err)
	}
	if len(books) != 2 {
		t.Fatalf("%d runbooks for two regions", len(books))
	}
	for _, book := range books {
		path := filepath.Join("testdata", book.Name()+".golden")
		if *update {
			if err := os.WriteFile(path, book.Body, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(book.Body)); diff != "" {
			t.Errorf("not as in %s (-want +got):\n%s", path, diff)
		}
	}
}

// document is what Systems Manager demands of a runbook.
type document struct {
	SchemaVersion string         `yaml:"schemaVersion"`
	Description   string         `yaml:"description"`
	AssumeRole    string         `yaml:"assumeRole"`
	Parameters    map[string]any `yaml:"parameters"`
	MainSteps     []struct {
		Name           string         `yaml:"name"`
		Action         string         `yaml:"action"`
		Description    string         `yaml:"description"`
		MaxAttempts    int            `yaml:"maxAttempts"`
		TimeoutSeconds int            `yaml:"timeoutSeconds"`
		OnFailure      string         `yaml:"onFailure"`
		Inputs         map[string]any `yaml:"inputs"`
		IsEnd          bool           `yaml:"isEnd"`
	} `yaml:"mainSteps"`
}

func TestRunbooksAreWhatSystemsManagerTakes(t *testing.T) {
	t.Parallel()
	books, err := ssm.Runbooks(two(t), sources())
	if err != nil {
		t.Fatal(err)
	}
	stepName := regexp.MustCompile(`^[a-zA-Z0-9_]{3,128}$`)
	needs := map[string][]string{
		"aws:pause": nil, "aws:sleep": {"Duration"}, "aws:executeAwsApi": {"Service", "Api"},
		"aws:assertAwsResourceProperty":  {"Service", "Api", "PropertySelector", "DesiredValues"},
		"aws:waitForAwsResourceProperty": {"Service", "Api", "PropertySelector", "DesiredValues"},
		"aws:executeScript":              {"Runtime", "Handler", "Script", "InputPayload"},
	}
	for _, book := range books {
		decoder := yaml.NewDecoder(bytes.NewReader(book.Body))
		decoder.KnownFields(true)
		var d document
		if err := decoder.Decode(&d); err != nil {
			t.Fatal(err)
		}
		if d.SchemaVersion != "0.3" || d.AssumeRole != "{{ AutomationAssumeRole }}" || d.Parameters["AutomationAssumeRole"] == nil {
			t.Errorf("head: %+v", d)
		}
		var names []string
		for _, s := range d.MainSteps {
			names = append(names, s.Name)
		}
		for i, s := range d.MainSteps {
			if !stepName.MatchString(s.Name) || slices.Index(names, s.Name) != i {
				t.Errorf("step name %q", s.Name)
			}
			inputs, known := needs[s.Action]
			if !known {
				t.Errorf("%s is no action that is used", s.Action)
			}
			for _, input := range inputs {
				if s.Inputs[input] == nil {
					t.Errorf("%s has no %s", s.Name, input)
				}
			}
			target, jumps := strings.CutPrefix(s.OnFailure, "step:")
			if s.OnFailure != "Abort" && (!jumps || slices.Index(names, target) <= i) {
				t.Errorf("%s goes to %q when it fails", s.Name, s.OnFailure)
			}
			if s.IsEnd != (i == len(d.MainSteps)-1) || len(s.Description) > 1024 {
				t.Errorf("%s: end %v, description %d", s.Name, s.IsEnd, len(s.Description))
			}
			if strings.Contains(s.Description, "way back") {
				t.Errorf("%s has no business in a runbook", s.Name)
			}
		}
	}
}

func TestAFailedChangeStopsNoOther(t *testing.T) {
	t.Parallel()
	books, err := ssm.Runbooks(two(t), sources())
	if err != nil {
		t.Fatal(err)
	}
	body := string(books[0].Body)
	if !strings.Contains(body, "onFailure: step:change2_accept") || strings.Contains(string(books[1].Body), "onFailure: step:") {
		t.Error("the steps of the first change do not lead to the second when they fail")
	}
}

func TestWhatARunbookCannotSayIsRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*fix.Change){
		"braces in a value":       func(c *fix.Change) { c.Steps[1].Call.Parameters["X"] = resource.OfString("{{ global:DATE }}") },
		"braces in a title":       func(c *fix.Change) { c.Steps[1].Title = "{{ automation:EXECUTION_ID }}" },
		"braces in a name":        func(c *fix.Change) { c.Resource.ID = "{{x}}" },
		"braces in a condition":   func(c *fix.Change) { c.Steps[1].Done[2].Value = resource.OfString("{{x}}") },
		"unknown property":        func(c *fix.Change) { c.Steps[1].Done[2].Property = "Mystery" },
		"parameter named Api":     func(c *fix.Change) { c.Steps[1].Call.Parameters["Api"] = resource.OfString("DeleteDBCluster") },
		"step id":                 func(c *fix.Change) { c.Steps[1].ID = "2; x" },
		"call in another account": func(c *fix.Change) { c.Steps[1].Call.Account = "444455556666" },
		"value that is not there": func(c *fix.Change) { c.Steps[1].Call.Parameters["X"] = resource.Value{} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := change(cluster("graph", "eu-west-1"))
			spoil(&c)
			if _, err := ssm.Runbooks(&fix.Plan{Changes: []fix.Change{c}}, sources()); err == nil {
				t.Error("accepted")
			}
		})
	}
}

func TestPlanThatIsTooLargeForOneRunbookBecomesSeveral(t *testing.T) {
	t.Parallel()
	p := new(fix.Plan)
	for i := range 40 {
		p.Changes = append(p.Changes, change(cluster(fmt.Sprintf("graph-%02d", i), "eu-west-1")))
	}
	books, err := ssm.Runbooks(p, sources())
	if err != nil {
		t.Fatal(err)
	}
	var bodies strings.Builder
	for i, book := range books {
		if len(book.Body) > ssm.MaxSize || book.Part != i+1 || book.Name() != fmt.Sprintf("holdfast-111122223333-eu-west-1-%d.yaml", i+1) {
			t.Errorf("part %d, %d bytes, %s", book.Part, len(book.Body), book.Name())
		}
		bodies.Write(book.Body)
	}
	for i := range 40 {
		if !strings.Contains(bodies.String(), fmt.Sprintf("DBClusterIdentifier: graph-%02d", i)) {
			t.Errorf("graph-%02d is in none of them", i)
		}
	}
}

func TestChangeThatIsTooLargeSaysWhatToDo(t *testing.T) {
	t.Parallel()
	c := change(cluster("graph", "eu-west-1"))
	c.Steps[1].Call.Parameters["X"] = resource.OfString(strings.Repeat("x", ssm.MaxSize))
	_, err := ssm.Runbooks(&fix.Plan{Changes: []fix.Change{c}}, sources())
	var large *ssm.SizeError
	if !errors.As(err, &large) || large.Hint() == "" || !strings.Contains(err.Error(), "graph") {
		t.Errorf("%v", err)
	}
}

func TestScriptIsPython(t *testing.T) {
	t.Parallel()
	python, err := filepath.Abs("../../../../.cache/venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), python, "-c", "compile(open('check.py').read(), 'check.py', 'exec')").CombinedOutput(); err != nil {
		t.Errorf("%v. Try: make venv\n%s", err, out)
	}
}
