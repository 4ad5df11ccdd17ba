package apply_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render/bash"
	"github.com/holdfast-aws/holdfast/internal/fix/render/ssm"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/services"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

// exported is a fix that is made without Holdfast.
type exported struct {
	control string
	given   func(*applytest.Bench)
	// final is true where nothing takes it back.
	final bool
}

func exports() map[string]exported {
	return map[string]exported{
		"retention of an Aurora cluster":              {control: "RDS.50", given: aurora},
		"retention of a Multi-AZ DB cluster, at once": {control: "RDS.50", given: now(cluster(lab.Cluster{Engine: "postgres"}))},
		"retention of an instance":                    {control: "RDS.11", given: instance},
		"first backups, at once":                      {control: "RDS.11", given: now(database(lab.Instance{})), final: true},
		"standby, at once":                            {control: "RDS.5", given: now(database(lab.Instance{}))},
		"public snapshot of an instance": {control: "RDS.1", given: func(b *applytest.Bench) {
			b.Region.AddDBSnapshot(lab.DBSnapshot{ID: "open", SharedWith: []string{"444455556666", "all"}})
		}},
		"public snapshot of a cluster": {control: "RDS.1", given: func(b *applytest.Bench) {
			b.Region.AddSnapshot(lab.Snapshot{ID: "open", ClusterID: "shop", Engine: "aurora-mysql", SharedWith: []string{"444455556666", "all"}})
		}},
		"audit log of DocumentDB": {control: "DocumentDB.4", given: cluster(lab.Cluster{Engine: "docdb", LogExports: []string{"profiler"}})},
	}
}

// tools is the directory of the pinned AWS CLI and its Python.
func tools(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../../.cache/venv/bin")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "aws")); err != nil {
		t.Fatalf("the AWS CLI is missing. Try: make venv (%v)", err)
	}
	return dir
}

// command runs a program against the lab of a bench, and expects it to succeed.
func command(b *applytest.Bench, dir, name string, args ...string) string {
	b.Helper()
	out, err := try(b, dir, name, args...)
	if err != nil {
		b.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
	return out
}

func try(b *applytest.Bench, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(b.Context(), name, args...)
	cmd.Env = append(b.Lab.Env(applytest.Account, applytest.Region), "PATH="+dir+":/usr/bin:/bin", "HOME="+b.TempDir(), "POLL=0.1", "SETTLE=0",
		"HOLDFAST_STATE="+filepath.Join(filepath.Dir(args[0]), "kept"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func write(b *applytest.Bench, name string, body []byte) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(path, body, 0o700); err != nil {
		b.Fatal(err)
	}
	return path
}

func script(b *applytest.Bench, p *fix.Plan) string {
	b.Helper()
	var body bytes.Buffer
	if err := bash.Render(&body, p, services.Sources()); err != nil {
		b.Fatal(err)
	}
	return write(b, "fix.sh", body.Bytes())
}

// begun gives a bench with what a fix is made on, and its plan.
func (e *exported) begun(t *testing.T) (*applytest.Bench, *fix.Plan) {
	t.Helper()
	b := applytest.New(t)
	e.given(b)
	p := b.Plan(e.control)
	b.Change(p)
	b.Lab.ResetCalls()
	return b, p
}

func TestScriptDoesWhatApplyDoesAndTakesItBack(t *testing.T) {
	t.Parallel()
	dir := tools(t)
	for name, e := range exports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			applied, p := e.begun(t)
			applied.Applied(p)
			b, p := e.begun(t)
			before := seen(b)
			path := script(b, p)
			if out := command(b, dir, "bash", path); !strings.Contains(out, "Nothing was changed") {
				t.Errorf("without --apply it says:\n%s", out)
			}
			command(b, dir, "bash", path, "--apply", "--accept", e.control)
			command(b, dir, "bash", path, "--apply", "--accept", e.control) // and once only
			if diff := cmp.Diff(seen(applied), seen(b)); diff != "" {
				t.Errorf("it ends otherwise (-apply +script):\n%s", diff)
			}
			if diff := cmp.Diff(applied.Writes(), writesOf(b)); diff != "" {
				t.Errorf("writes (-apply +script):\n%s", diff)
			}
			out, err := try(b, dir, "bash", path, "--undo", "--accept", e.control, "--accept-loss")
			if e.final != (err != nil) || e.final && !strings.Contains(out, "Holdfast does not do that") {
				t.Errorf("taking it back: %v\n%s", err, out)
			}
			if e.final {
				before = seen(applied)
			}
			if diff := cmp.Diff(before, seen(b)); diff != "" {
				t.Errorf("not taken back (-before +after):\n%s", diff)
			}
		})
	}
}

func writesOf(b *applytest.Bench) map[string]int {
	writes := b.Writes()
	delete(writes, "sts:GetCallerIdentity")
	return writes
}

func TestRunbookDoesWhatApplyDoes(t *testing.T) {
	t.Parallel()
	dir := tools(t)
	for name, e := range exports() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			applied, p := e.begun(t)
			applied.Applied(p)
			b, p := e.begun(t)
			books, err := ssm.Runbooks(p, services.Sources())
			if err != nil || len(books) != 1 {
				t.Fatalf("%d runbooks, %v", len(books), err)
			}
			// What Systems Manager would do is done by a small interpreter on boto3.
			command(b, dir, "python", "../../neptune/apply/testdata/automation.py", write(b, books[0].Name(), books[0].Body))
			if diff := cmp.Diff(seen(applied), seen(b)); diff != "" {
				t.Errorf("it ends otherwise (-apply +runbook):\n%s", diff)
			}
			if diff := cmp.Diff(applied.Writes(), writesOf(b)); diff != "" {
				t.Errorf("writes (-apply +runbook):\n%s", diff)
			}
		})
	}
}
