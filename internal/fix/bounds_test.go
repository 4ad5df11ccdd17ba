package fix_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func TestAChangeThatNeedsAcceptanceHindersNothingElse(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	status := apply(t, b, b.Plan(t, "Test.1", "Test.3"))
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateVerified, "a Test.3": fix.StateSkipped})
	if note := status.Changes[1].Note; !strings.Contains(note, "needs --accept Test.3: unsigned clients are cut off at once") {
		t.Errorf("note: %s", note)
	}
	if want := "holdfast fix resume " + status.Run + " --accept Test.3"; status.Next[0] != want {
		t.Errorf("next: %v", status.Next)
	}

	runner := b.NewRunner()
	runner.Options.Accept = []string{"test.3"}
	status, err := runner.Resume(context.Background(), status.Run)
	if err != nil {
		t.Fatal(err)
	}
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateVerified, "a Test.3": fix.StateVerified})
}

func TestAnAcceptanceHoldsForTheCommandThatGaveIt(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.3")
	b.Runner.Options.Accept = []string{"Test.3"}
	cut, cancel := context.WithCancel(context.Background())
	cancel()
	status, err := b.Runner.Apply(cut, plan)
	if err != nil {
		t.Fatal(err)
	}
	if want := "holdfast fix resume " + status.Run + " --accept Test.3"; len(status.Next) != 1 || status.Next[0] != want {
		t.Errorf("next: %v", status.Next)
	}
	status = resume(t, b)
	wantStates(t, status, map[string]fix.State{"a Test.3": fix.StateSkipped})
	if len(b.Cloud.Calls()) != 0 {
		t.Errorf("called %v on an acceptance of another time", b.Cloud.Calls())
	}
}

func TestAThrottledCallIsMadeOnlyAfterAnotherLook(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.1")
	b.Cloud.Fault = func(call *fix.Call, nth int) fixtest.Fault {
		if nth > 1 {
			return fixtest.Fault{}
		}
		return fixtest.Fault{Err: &fix.CallError{Operation: call.Operation, Code: "Throttling", Message: "Rate exceeded"}}
	}
	raised := false
	b.Runner.Observe = func(n fix.Notice) {
		if n.Wait != "" && !raised {
			raised = true
			b.Cloud.Set("a", "Days", resource.OfInt(30))
		}
	}
	apply(t, b, plan)
	if got := b.Cloud.Properties()["AWS::Test::Thing/a"]["Days"].String(); got != "30" || !raised {
		t.Errorf("thirty days became %s", got)
	}
	b.Cloud.Set("a", "Days", resource.OfInt(1))
	b.Runner.Observe = nil
	if status := apply(t, b, plan); status.State != fix.RunComplete {
		t.Errorf("a throttled call is not made again: %v", states(status))
	}
}

func TestTooManyChangesAreRefusedBeforeAnythingIsDone(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	for i := range 3 {
		b.Cloud.Add(fmt.Sprint("t", i), days(1))
	}
	plan := b.Plan(t, "Test.1", "Test.3")
	b.Runner.Options.MaxChanges = 2
	_, err := b.Runner.Apply(context.Background(), plan)
	var many *fix.TooManyError
	if !errors.As(err, &many) || many.Changes != 3 || len(b.Cloud.Calls()) != 0 {
		t.Errorf("%v after %v", err, b.Cloud.Calls())
	}
	if runs, err := fix.Runs(context.Background(), b.Journal); err != nil || len(runs) != 0 {
		t.Errorf("a run was recorded: %v %v", runs, err)
	}
	b.Runner.Options.MaxChanges = 3
	if status := apply(t, b, plan); status.Counts[fix.StateVerified] != 3 {
		t.Errorf("%v", status.Counts)
	}
}

func TestAfterTooManyFailuresNothingMoreIsStarted(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	for i := range 5 {
		b.Cloud.Add(fmt.Sprint("t", i), days(1))
	}
	b.Cloud.Fault = func(*fix.Call, int) fixtest.Fault { return fixtest.Fault{Err: refusal("InvalidParameterValue", "no")} }
	b.Runner.Options.MaxFailures = 2
	status := apply(t, b, b.Plan(t, "Test.1"))
	if status.Counts[fix.StateFailed] != 2 || status.Counts[fix.StateNotStarted] != 3 {
		t.Errorf("%v", status.Counts)
	}
	if note := status.Sessions[0].Note; !strings.Contains(note, "after 2 failures") {
		t.Errorf("note: %s", note)
	}
}

func TestThePaceSpreadsTheStarts(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	for i := range 4 {
		b.Cloud.Add(fmt.Sprint("t", i), days(1))
	}
	b.Cloud.Settle = 0
	b.Runner.Options.Pace = 2
	var starts []time.Time
	b.Runner.Observe = func(n fix.Notice) {
		if n.Event != nil && n.Event.Kind == fix.EventIntent {
			starts = append(starts, n.Event.At)
		}
	}
	apply(t, b, b.Plan(t, "Test.1"))
	for i := 1; i < len(starts); i++ {
		if gap := starts[i].Sub(starts[i-1]); gap < 30*time.Second {
			t.Errorf("change %d started %s after the one before", i, gap)
		}
	}
	if len(starts) != 4 {
		t.Errorf("%d starts", len(starts))
	}
}

func TestResourcesRunSideBySideAndTheChangesOfOneInSequence(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	for i := range 6 {
		b.Cloud.Add(fmt.Sprint("t", i), days(1))
	}
	plan := b.Plan(t, "Test.1", "Test.2")
	watch := &overlap{Cloud: b.Cloud}
	b.Runner.Applier = watch
	b.Runner.Options.Concurrency = 3
	status := apply(t, b, plan)
	if status.Counts[fix.StateVerified] != 12 {
		t.Errorf("%v", status.Counts)
	}
	if watch.sameThing || watch.most > 3 || watch.most < 2 {
		t.Errorf("%d at once, two on one thing: %v", watch.most, watch.sameThing)
	}
}

func TestAResourceThatIsBusyBeforeTheFirstStepIsWaitedForWithinABound(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		busy time.Duration
		want fix.State
	}{
		"for a minute": {time.Minute, fix.StateVerified},
		"for an hour":  {time.Hour, fix.StateRefused},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := fixtest.NewBench(t)
			b.Cloud.Add("a", days(1))
			plan := b.Plan(t, "Test.1")
			// A plan that asks for nothing but the state is no less patient.
			plan.Changes[0].Steps[0].Before = plan.Changes[0].Steps[0].Before[1:2]
			if err := fix.Seal(plan); err != nil {
				t.Fatal(err)
			}
			b.Cloud.Set("a", "Status", resource.OfString("backing-up"))
			begun := b.Clock.Now()
			b.Runner.Observe = func(fix.Notice) {
				if b.Clock.Now().Sub(begun) >= test.busy {
					b.Cloud.Set("a", "Status", resource.OfString("available"))
				}
			}
			status := apply(t, b, plan)
			wantStates(t, status, map[string]fix.State{"a Test.1": test.want})
			if test.want == fix.StateRefused && (len(b.Cloud.Calls()) != 0 || status.Changes[0].Problem.Class != fix.ClassState) {
				t.Errorf("%v: %+v", b.Cloud.Calls(), status.Changes[0].Problem)
			}
		})
	}
}
