package fix_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// rollback rolls a run back with the given options.
func rollback(t *testing.T, b *fixtest.Bench, run string, options fix.Options) *fix.RunStatus {
	t.Helper()
	runner := b.NewRunner()
	runner.Options = options
	status, err := runner.Rollback(context.Background(), run)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// undos lists the state of the undoing of each change.
func undos(s *fix.RunStatus) map[string]fix.State {
	out := make(map[string]fix.State)
	for i := range s.Changes {
		out[s.Changes[i].Resource.ID+" "+s.Changes[i].Control] = s.Changes[i].Undo
	}
	return out
}

func wantUndos(t *testing.T, s *fix.RunStatus, want map[string]fix.State) {
	t.Helper()
	if diff := cmp.Diff(want, undos(s)); diff != "" {
		t.Errorf("undos (-want +got):\n%s", diff)
		for _, c := range s.Changes {
			t.Logf("%s %s: %s %s %v %v", c.Resource.ID, c.Control, c.Undo, c.Note, c.Problem, c.Moves)
		}
	}
}

func TestRollbackRestoresEveryPropertyNewestFirst(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", values{"Days": resource.OfInt(1), "On": resource.OfBool(false)})
	b.Cloud.Add("b", values{"Days": resource.OfInt(3), "On": resource.OfBool(false)})
	before := b.Cloud.Properties()
	status := apply(t, b, b.Plan(t, "Test.1", "Test.2", "Test.4"))
	if status.State != fix.RunComplete {
		t.Fatal(states(status))
	}
	var order []string
	runner := b.NewRunner()
	runner.Options.AcceptLoss = true
	runner.Observe = func(n fix.Notice) {
		if n.Event != nil && n.Event.Kind == fix.EventIntent {
			order = append(order, n.Change.Resource.ID+" "+n.Change.Control+"/"+n.Step.ID)
		}
	}
	status, err := runner.Rollback(context.Background(), status.Run)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"b Test.4/3", "b Test.4/2", "b Test.4/1", "b Test.2/1", "b Test.1/1",
		"a Test.4/3", "a Test.4/2", "a Test.4/1", "a Test.2/1", "a Test.1/1",
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("order (-want +got):\n%s", diff)
	}
	if status.State != fix.RunRolledBack || len(status.Next) != 0 {
		t.Errorf("the run is %s, next %v: %v", status.State, status.Next, undos(status))
	}
	if diff := cmp.Diff(before, b.Cloud.Properties()); diff != "" {
		t.Errorf("not everything is as before (-want +got):\n%s", diff)
	}
	calls := b.Cloud.Calls()
	rollback(t, b, status.Run, fix.Options{AcceptLoss: true})
	if diff := cmp.Diff(calls, b.Cloud.Calls()); diff != "" {
		t.Errorf("rolled back twice, it called again:\n%s", diff)
	}
}

func TestRollbackLeavesAloneWhatSomebodyElseSetSince(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	b.Cloud.Add("b", days(1))
	run := apply(t, b, b.Plan(t, "Test.1")).Run
	b.Cloud.Set("a", "Days", resource.OfInt(14))
	status := rollback(t, b, run, fix.Options{AcceptLoss: true})
	wantUndos(t, status, map[string]fix.State{"a Test.1": fix.StateRefused, "b Test.1": fix.StateUndone})
	if moves := status.Changes[0].Moves; len(moves) != 1 || moves[0].Found != "Days is 14" {
		t.Errorf("moves: %+v", moves)
	}
	if got := b.Cloud.Properties()["AWS::Test::Thing/a"]["Days"].String(); got != "14" || status.State != fix.RunFailed {
		t.Errorf("Days is %s, the run is %s", got, status.State)
	}
}

func TestAnUndoThatLosesOrExposesNeedsItsOwnWord(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", values{"Days": resource.OfInt(1), "Public": resource.OfStrings([]string{"all", "111122223333"})})
	run := apply(t, b, b.Plan(t, "Test.1", "Test.2", "Test.6")).Run
	if got := b.Cloud.Properties()["AWS::Test::Thing/a"]["Public"].String(); got != "[111122223333]" {
		t.Errorf("shared with %s", got)
	}

	status := rollback(t, b, run, fix.Options{})
	wantUndos(t, status, map[string]fix.State{"a Test.1": fix.StateSkipped, "a Test.2": fix.StateUndone, "a Test.6": fix.StateSkipped})
	if a, c := status.Changes[0].Note, status.Changes[2].Note; !strings.Contains(a, "restore points: needs --accept-loss") ||
		!strings.Contains(c, "exposes it to everybody: needs --accept Test.6") {
		t.Errorf("notes: %s / %s", a, c)
	}
	if status.State != fix.RunIncomplete {
		t.Errorf("the run is %s", status.State)
	}
	status = rollback(t, b, run, fix.Options{AcceptLoss: true})
	wantUndos(t, status, map[string]fix.State{"a Test.1": fix.StateUndone, "a Test.2": fix.StateUndone, "a Test.6": fix.StateSkipped})
	status = rollback(t, b, run, fix.Options{Accept: []string{"Test.6"}})
	if status.State != fix.RunRolledBack {
		t.Errorf("the run is %s", status.State)
	}
	if got := b.Cloud.Properties()["AWS::Test::Thing/a"]["Public"].String(); got != "[all, 111122223333]" {
		t.Errorf("the full prior list is not back: %s", got)
	}
}

func TestAChangeFoundDoneIsNotUndone(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.1")
	b.Cloud.Set("a", "Days", resource.OfInt(7)) // somebody was faster
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateVerified})
	status = rollback(t, b, status.Run, fix.Options{AcceptLoss: true})
	if len(b.Cloud.Calls()) != 0 || status.State != fix.RunRolledBack {
		t.Errorf("%v, the run is %s", b.Cloud.Calls(), status.State)
	}
}

func TestARefusedChangeHasNothingToTakeBack(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", nil)
	plan := b.Plan(t, "Test.4")
	b.Cloud.Set("a", "Group", resource.OfString("by-hand"))
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.4": fix.StateRefused})
	status = rollback(t, b, status.Run, fix.Options{})
	wantUndos(t, status, map[string]fix.State{"a Test.4": ""})
	if status.State != fix.RunRolledBack || len(b.Cloud.Calls()) != 0 {
		t.Errorf("the run is %s after %v", status.State, b.Cloud.Calls())
	}
}

func TestAPendingChangeCanBeRolledBack(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	b.Cloud.Queue = map[string]time.Duration{"Days": 3 * time.Hour}
	plan := b.Plan(t, "Test.1")
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StatePending})
	b.Cloud.Queue = nil
	status = rollback(t, b, status.Run, fix.Options{AcceptLoss: true, Timeout: 5 * time.Hour})
	wantUndos(t, status, map[string]fix.State{"a Test.1": fix.StateUndone})
	if got := b.Cloud.Properties()["AWS::Test::Thing/a"]["Days"].String(); got != "1" {
		t.Errorf("Days is %s", got)
	}
}

func TestARunThatWaitsForAPersonCanBeRolledBack(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", nil)
	before := b.Cloud.Properties()
	status := apply(t, b, b.Plan(t, "Test.5"))
	wantStates(t, status, map[string]fix.State{"a Test.5": fix.StateWaiting})
	status = rollback(t, b, status.Run, fix.Options{})
	wantUndos(t, status, map[string]fix.State{"a Test.5": fix.StateUndone})
	if diff := cmp.Diff(before, b.Cloud.Properties()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAPersonDidIsTakenBackByAPerson(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", nil)
	plan := b.Plan(t, "Test.5")
	b.Cloud.Set("a", "Retired", resource.OfBool(true))
	b.Runner.Options.Confirm = []string{plan.Changes[0].ID + "/2"}
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.5": fix.StateVerified})

	status = rollback(t, b, status.Run, fix.Options{})
	wantUndos(t, status, map[string]fix.State{"a Test.5": fix.StateWaiting})
	if note := status.Changes[0].Note; !strings.Contains(note, "Move the clients back") {
		t.Errorf("note: %s", note)
	}
	b.Cloud.Set("a", "Retired", resource.OfBool(false))
	status = rollback(t, b, status.Run, fix.Options{})
	wantUndos(t, status, map[string]fix.State{"a Test.5": fix.StateUndone})
	if _, there := b.Cloud.Properties()["AWS::Test::Thing/a-new"]; there {
		t.Error("the new thing is still there")
	}
}

func TestARunIsWorkedOnByOneProcess(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	run := apply(t, b, b.Plan(t, "Test.1")).Run
	release, err := b.Journal.Lock(context.Background(), run)
	if err != nil {
		t.Fatal(err)
	}
	var locked *fix.LockedError
	for name, work := range map[string]func(context.Context, string) (*fix.RunStatus, error){
		"resume": b.Runner.Resume, "verify": b.Runner.Verify, "rollback": b.Runner.Rollback,
	} {
		if _, err := work(context.Background(), run); !errors.As(err, &locked) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := release(); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Runner.Verify(context.Background(), run); err != nil {
		t.Error(err)
	}
}

func TestARolledBackRunDoesNotGoOn(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", nil)
	run := apply(t, b, b.Plan(t, "Test.2")).Run
	rollback(t, b, run, fix.Options{})
	_, err := b.Runner.Resume(context.Background(), run)
	var rolled *fix.RolledBackError
	if !errors.As(err, &rolled) {
		t.Errorf("got %v", err)
	}
	status, err := b.Runner.Verify(context.Background(), run)
	if err != nil || status.State != fix.RunRolledBack {
		t.Errorf("%v %v", status, err)
	}
}

func TestTheNewestRunIsMeantWhenNoneIsNamed(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	if _, err := fix.Status(context.Background(), b.Journal, ""); err == nil {
		t.Error("an empty journal has a newest run")
	}
	b.Cloud.Add("a", days(1))
	apply(t, b, b.Plan(t, "Test.1"))
	second := apply(t, b, b.Plan(t, "Test.2")).Run
	status, err := fix.Status(context.Background(), b.Journal, "")
	if err != nil || status.Run != second {
		t.Errorf("%v %v", status, err)
	}
	runs, err := fix.Runs(context.Background(), b.Journal)
	if err != nil || len(runs) != 2 || runs[0].ID != second || runs[0].State != fix.RunComplete {
		t.Errorf("%+v %v", runs, err)
	}
}

func TestVerifyFindsWhatNoLongerPassesAndChangesNothing(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	b.Cloud.Add("b", days(1))
	b.Cloud.Add("c", days(1))
	plan := b.Plan(t, "Test.1", "Test.3")
	b.Cloud.Set("c", "Days", resource.OfInt(14))
	run := apply(t, b, plan).Run
	b.Cloud.Set("a", "Days", resource.OfInt(2))
	calls := b.Cloud.Calls()

	status, err := b.NewRunner().Verify(context.Background(), run)
	if err != nil {
		t.Fatal(err)
	}
	wantStates(t, status, map[string]fix.State{
		"a Test.1": fix.StateNotVerified, "b Test.1": fix.StateVerified, "c Test.1": fix.StateRefused,
		"a Test.3": fix.StateSkipped, "b Test.3": fix.StateSkipped, "c Test.3": fix.StateSkipped,
	})
	if got := status.Changes[4].Compliance; got != "PASSED" {
		t.Errorf("the refused change was judged %q", got)
	}
	if diff := cmp.Diff(calls, b.Cloud.Calls()); diff != "" || status.State != fix.RunFailed {
		t.Errorf("the run is %s, it called: %s", status.State, diff)
	}
}
