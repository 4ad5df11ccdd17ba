package fix_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/store/journal"
)

// The environment of a child process: what it does, in which directory, which
// moment kills it (0 for none) and how many processes ran before it.
const (
	childMode   = "HOLDFAST_TEST_CHILD"
	childDir    = "HOLDFAST_TEST_DIR"
	childMoment = "HOLDFAST_TEST_MOMENT"
	childNumber = "HOLDFAST_TEST_NUMBER"
)

// TestMain lets this binary be its own child: a process that works on a run
// with a real journal, and kills itself with SIGKILL on the way.
func TestMain(m *testing.M) {
	mode := os.Getenv(childMode)
	if mode == "" {
		os.Exit(m.Run())
	}
	if err := child(mode, os.Getenv(childDir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func child(mode, dir string) error {
	moment, _ := strconv.Atoi(os.Getenv(childMoment))
	number, _ := strconv.Atoi(os.Getenv(childNumber))
	catalogue, err := fixtest.Catalogue()
	if err != nil {
		return err
	}
	store, err := journal.Open(context.Background(), filepath.Join(dir, "journal.db"), fmt.Sprint("process ", os.Getpid()))
	if err != nil {
		return err
	}
	clock := fixtest.NewClock()
	clock.Advance(time.Duration(number) * time.Hour)
	cloud := fixtest.NewCloud(clock)
	cloud.Path = filepath.Join(dir, "cloud.json")
	d := &doomed{Journal: store, Applier: cloud, at: moment}
	runner := &fix.Runner{
		Applier: d, Journal: d, Clock: clock, Random: strings.NewReader(fmt.Sprintf("%03d", number)),
		Judge:   func(p *fix.Plan) (fix.Judge, error) { return fix.NewRules(catalogue, p) },
		Options: fix.Options{AcceptLoss: true},
	}
	status, err := work(runner, mode, dir)
	if err != nil {
		return err
	}
	if status.State != fix.RunComplete && status.State != fix.RunRolledBack {
		return fmt.Errorf("the run is %s: %v %v", status.State, states(status), undos(status))
	}
	return store.Close()
}

func work(runner *fix.Runner, mode, dir string) (*fix.RunStatus, error) {
	switch mode {
	case fix.ModeResume:
		return runner.Resume(context.Background(), "")
	case fix.ModeRollback:
		return runner.Rollback(context.Background(), "")
	}
	file, err := os.Open(filepath.Join(dir, "plan.json"))
	if err != nil {
		return nil, err
	}
	plan, err := fix.ReadPlan(file, "plan.json")
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, err
	}
	return runner.Apply(context.Background(), plan)
}

// doomed kills its process, as kill -9 does, at the nth moment: before or
// after an event is written, before or after a call takes effect.
type doomed struct {
	fix.Journal
	fix.Applier
	at, seen int
}

func (d *doomed) moment() {
	if d.seen++; d.seen != d.at {
		return
	}
	if self, err := os.FindProcess(os.Getpid()); err == nil && self.Kill() == nil {
		select {}
	}
}

func (d *doomed) Create(ctx context.Context, run *fix.Run) error {
	d.moment()
	defer d.moment()
	return d.Journal.Create(ctx, run)
}

func (d *doomed) Append(ctx context.Context, run string, e *fix.Event) error {
	d.moment()
	defer d.moment()
	return d.Journal.Append(ctx, run, e)
}

func (d *doomed) Call(ctx context.Context, call *fix.Call) error {
	d.moment()
	defer d.moment()
	return d.Applier.Call(ctx, call)
}

// victim is a directory with a cloud in a file, a plan and a journal to come.
type victim struct {
	dir    string
	bench  *fixtest.Bench
	number int
}

func newVictim(t *testing.T, origin *fixtest.Bench) *victim {
	t.Helper()
	v := &victim{dir: t.TempDir(), bench: origin.Anew()}
	v.bench.Cloud.Path = filepath.Join(v.dir, "cloud.json")
	v.bench.Cloud.Add("a", days(1))
	if err := fix.WritePlan(filepath.Join(v.dir, "plan.json"), v.bench.Plan(t, "Test.4")); err != nil {
		t.Fatal(err)
	}
	return v
}

// run starts a child and reports whether it was killed.
func (v *victim) run(t *testing.T, mode string, moment int) (killed bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	v.number++
	command := exec.Command(self)
	command.Env = append(os.Environ(), childMode+"="+mode, childDir+"="+v.dir,
		childMoment+"="+strconv.Itoa(moment), childNumber+"="+strconv.Itoa(v.number))
	output, err := command.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false
	case errors.As(err, &exit) && exit.ExitCode() == -1:
		return true
	}
	t.Fatalf("%s, killed at moment %d: %v\n%s", mode, moment, err, output)
	return false
}

func TestAProcessKilledAtAnyInstantIsTakenOverByTheNext(t *testing.T) {
	t.Parallel()
	origin := fixtest.NewBench(t)
	calm := newVictim(t, origin)
	before := calm.bench.Cloud.Properties()
	calm.run(t, fix.ModeApply, 0)
	effects := calm.bench.Cloud.Effects()
	if len(effects) != 3 {
		t.Fatalf("undisturbed, it does %v", effects)
	}
	for moment := 1; ; moment++ {
		v := newVictim(t, origin)
		if !v.run(t, fix.ModeApply, moment) {
			if moment < 30 {
				t.Errorf("only %d moments to be killed at", moment)
			}
			return
		}
		if moment == 1 {
			continue // killed before the run was on the disk: there is none
		}
		if moment%2 == 0 {
			// Even the process that takes over is killed on its way.
			v.run(t, fix.ModeResume, moment/2)
			v.run(t, fix.ModeResume, 0)
			if diff := cmp.Diff(effects, v.bench.Cloud.Effects()); diff != "" {
				t.Fatalf("killed at moment %d, not everything was done exactly once (-want +got):\n%s", moment, diff)
			}
			continue
		}
		v.run(t, fix.ModeRollback, moment/2)
		v.run(t, fix.ModeRollback, 0)
		if diff := cmp.Diff(before, v.bench.Cloud.Properties()); diff != "" {
			t.Fatalf("killed at moment %d and rolled back (-want +got):\n%s", moment, diff)
		}
	}
}

func TestTheLockOfAKilledProcessIsFreeAtOnce(t *testing.T) {
	t.Parallel()
	v := newVictim(t, fixtest.NewBench(t))
	if !v.run(t, fix.ModeApply, 6) {
		t.Fatal("it was not killed")
	}
	store, err := journal.Open(context.Background(), filepath.Join(v.dir, "journal.db"), "the next")
	if err != nil {
		t.Fatal(err)
	}
	status, err := fix.Status(context.Background(), store, "")
	if err != nil || status.State != fix.RunStopped || status.Counts[fix.StateRunning] != 1 {
		t.Errorf("%+v %v", status, err)
	}
	begun := time.Now()
	release, err := store.Lock(context.Background(), status.Run)
	if err != nil || time.Since(begun) > 2*time.Second {
		t.Fatalf("after %s: %v", time.Since(begun), err)
	}
	if err := errors.Join(release(), store.Close()); err != nil {
		t.Error(err)
	}
}
