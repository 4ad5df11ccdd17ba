package apply_test

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/fix/render/bash"
	"github.com/holdfast-aws/holdfast/internal/fix/render/ssm"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
	"github.com/holdfast-aws/holdfast/services/neptune/apply"
)

// script is a plan as a bash script in a directory of its own.
type script struct {
	*bench
	path string
}

func (b *bench) script(p *fix.Plan) *script {
	b.Helper()
	var text bytes.Buffer
	if err := bash.Render(&text, p, render.Of(apply.Sources())); err != nil {
		b.Fatal(err)
	}
	path := filepath.Join(b.TempDir(), "fix.sh")
	if err := os.WriteFile(path, text.Bytes(), 0o700); err != nil {
		b.Fatal(err)
	}
	return &script{bench: b, path: path}
}

// run runs the script with the real AWS CLI and returns what it says.
func (s *script) run(wantCode int, args ...string) string {
	s.Helper()
	cmd := exec.CommandContext(s.Context(), "bash", append([]string{s.path}, args...)...)
	cmd.Dir = filepath.Dir(s.path)
	cmd.Env = append(s.lab.Env(account, region), "PATH="+cliPath(s.T)+":/usr/bin:/bin", "HOME="+cmd.Dir, "POLL=0.1", "SETTLE=0")
	out, err := cmd.CombinedOutput()
	if code := cmd.ProcessState.ExitCode(); code != wantCode {
		s.Fatalf("fix.sh %v ended with %d (%v):\n%s", args, code, err, out)
	}
	return string(out)
}

// cliPath is the directory of the pinned AWS CLI.
func cliPath(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(root, ".cache", "venv", "bin")
	if _, err := os.Stat(filepath.Join(dir, "aws")); err != nil {
		t.Fatalf("the AWS CLI is missing. Try: make venv (%v)", err)
	}
	return dir
}

// The exported script must do what fix apply does: the same end, the same
// writes, and the same way back.
func TestScriptDoesWhatApplyDoes(t *testing.T) {
	t.Parallel()
	for id, ref := range map[string]func(*bench) resource.Ref{
		"Neptune.2": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
		"Neptune.3": func(b *bench) resource.Ref { return b.ref(neptune.SnapshotType, "monday") },
		"Neptune.5": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
		"Neptune.9": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			applied := newBench(t, lab.Settle{})
			faulty(applied)
			applied.finish(t.Context(), applied.plan(id, ref(applied)))

			b := newBench(t, lab.Settle{Describes: 1})
			faulty(b)
			before := b.state("plain-audit")
			p := b.plan(id, ref(b))
			s := b.script(p)
			s.run(0, "--apply", "--accept", id)
			writes := b.writes()
			delete(writes, "sts:GetCallerIdentity")
			if diff := cmp.Diff(applied.writes(), writes); diff != "" {
				t.Errorf("writes (-apply +script):\n%s", diff)
			}
			// The lab derives resource ids from the time.
			same := cmp.Options{cmpopts.IgnoreTypes(time.Time{}), cmpopts.IgnoreFields(lab.Instance{}, "ResourceID")}
			if diff := cmp.Diff(applied.state("plain-audit"), b.state("plain-audit"), same); diff != "" {
				t.Errorf("it ends otherwise (-apply +script):\n%s", diff)
			}
			s.run(0, "--undo", "--accept", id, "--accept-loss")
			b.region.ChangeCluster("plain", func(c *lab.Cluster) { c.RestorableSince = before.Clusters[1].RestorableSince })
			b.wantSame(before, "plain-audit")
		})
	}
}

func TestScriptAsksBeforeItActsAndActsOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	faulty(b)
	s := b.script(b.plan("Neptune.7", clusterRef(b, "plain")))
	if out := s.run(0); !strings.Contains(out, "1. set IamAuthEnabled to true: to do") || !strings.Contains(out, "Nothing was changed") {
		t.Errorf("without --apply it says:\n%s", out)
	}
	if out := s.run(3, "--apply"); !strings.Contains(out, "--accept Neptune.7") {
		t.Errorf("without acceptance it says:\n%s", out)
	}
	if n := b.writes()["rds:ModifyDBCluster"]; n != 0 {
		t.Fatalf("it wrote %d times unasked", n)
	}
	s.run(0, "--apply", "--accept", "Neptune.7")
	if out := s.run(0, "--apply", "--accept", "Neptune.7"); !strings.Contains(out, "done before") {
		t.Errorf("run again it says:\n%s", out)
	}
	if n := b.writes()["rds:ModifyDBCluster"]; n != 1 {
		t.Errorf("it wrote %d times", n)
	}
	prior, err := os.ReadFile(filepath.Join(filepath.Dir(s.path), stateOf(t, s.path), "prior", "1.json"))
	if err != nil || !strings.Contains(string(prior), `"IAMDatabaseAuthenticationEnabled": false`) {
		t.Errorf("the prior values are not kept: %v\n%s", err, prior)
	}
}

// stateOf is the directory in which a script keeps its progress.
func stateOf(t *testing.T, path string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(filepath.Dir(path), "holdfast-*"))
	if err != nil || len(found) != 1 {
		t.Fatalf("state: %v, %v", found, err)
	}
	return filepath.Base(found[0])
}

func TestScriptLeavesGuidedChangesToThePersonAndOtherAccountsAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	faulty(b)
	p := b.plan("Neptune.6", b.ref(neptune.SnapshotType, "monday"))
	s := b.script(p)
	out := s.run(3, "--apply")
	if !strings.Contains(out, "WAITING FOR YOU: 4. delete the unencrypted snapshot") {
		t.Errorf("it says:\n%s", out)
	}
	if fresh, ok := b.region.Snapshot("monday-encrypted"); !ok || !fresh.StorageEncrypted {
		t.Errorf("the encrypted snapshot is %+v", fresh)
	}
	b.wantWrites(map[string]int{"rds:RestoreDBClusterFromSnapshot": 1, "rds:CreateDBClusterSnapshot": 1, "rds:DeleteDBCluster": 1, "sts:GetCallerIdentity": 1})

	p.Changes[0].Resource.Account = "444455556666"
	if out := b.script(p).run(3, "--apply"); !strings.Contains(out, "SKIPPED: it is in account 444455556666") {
		t.Errorf("it says:\n%s", out)
	}
}

func TestScriptStopsAtWhatMovedOrCannotBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	faulty(b)
	s := b.script(b.plan("Neptune.5", clusterRef(b, "plain")))
	remove := b.lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusters"}, Effect: lab.Denied})
	if out := s.run(1, "--apply"); !strings.Contains(out, "AccessDenied") {
		t.Errorf("it says:\n%s", out)
	}
	remove()
	b.region.ChangeCluster("plain", func(c *lab.Cluster) { c.BackupRetentionPeriod = 3 })
	if out := s.run(1, "--apply"); !strings.Contains(out, "it moved since the plan") {
		t.Errorf("it says:\n%s", out)
	}
	if n := b.writes()["rds:ModifyDBCluster"]; n != 0 {
		t.Errorf("it wrote %d times", n)
	}
}

// The exported runbook must do what fix apply does. What Systems Manager would
// do is done by a small interpreter on boto3.
func TestRunbookDoesWhatApplyDoes(t *testing.T) {
	t.Parallel()
	for id, ref := range map[string]func(*bench) resource.Ref{
		"Neptune.2": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
		"Neptune.3": func(b *bench) resource.Ref { return b.ref(neptune.SnapshotType, "monday") },
		"Neptune.5": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
		"Neptune.9": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			applied := newBench(t, lab.Settle{})
			faulty(applied)
			applied.finish(t.Context(), applied.plan(id, ref(applied)))

			b := newBench(t, lab.Settle{Describes: 1})
			faulty(b)
			b.automate(b.plan(id, ref(b)))
			if diff := cmp.Diff(applied.writes(), b.writes()); diff != "" {
				t.Errorf("writes (-apply +runbook):\n%s", diff)
			}
			same := cmp.Options{cmpopts.IgnoreTypes(time.Time{}), cmpopts.IgnoreFields(lab.Instance{}, "ResourceID")}
			if diff := cmp.Diff(applied.state("plain-audit"), b.state("plain-audit"), same); diff != "" {
				t.Errorf("it ends otherwise (-apply +runbook):\n%s", diff)
			}
		})
	}
}

// automate runs the only runbook of a plan.
func (b *bench) automate(p *fix.Plan) {
	b.Helper()
	books, err := ssm.Runbooks(p, render.Of(apply.Sources()))
	if err != nil || len(books) != 1 {
		b.Fatalf("%d runbooks, %v", len(books), err)
	}
	path := filepath.Join(b.TempDir(), books[0].Name())
	if err := os.WriteFile(path, books[0].Body, 0o600); err != nil {
		b.Fatal(err)
	}
	cmd := exec.CommandContext(b.Context(), filepath.Join(cliPath(b.T), "python"), "testdata/automation.py", path)
	cmd.Env = append(b.lab.Env(account, region), "HOME="+filepath.Dir(path))
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
}

func TestEveryPlanCanBeExported(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	faulty(b)
	b.region.ChangeCluster("graph", func(c *lab.Cluster) { c.ServerlessMin, c.ServerlessMax = 1, 8 })
	for id, ref := range map[string]resource.Ref{
		"Neptune.1": clusterRef(b, "graph"), "Neptune.2": clusterRef(b, "plain"), "Neptune.3": b.ref(neptune.SnapshotType, "monday"),
		"Neptune.4": clusterRef(b, "plain"), "Neptune.5": clusterRef(b, "plain"), "Neptune.6": b.ref(neptune.SnapshotType, "monday"),
		"Neptune.7": clusterRef(b, "plain"), "Neptune.8": clusterRef(b, "plain"), "Neptune.9": clusterRef(b, "plain"),
	} {
		p := b.plan(id, ref)
		if err := bash.Render(io.Discard, p, render.Of(apply.Sources())); err != nil {
			t.Error(err)
		}
		if _, err := ssm.Runbooks(p, render.Of(apply.Sources())); err != nil {
			t.Error(err)
		}
	}
}
