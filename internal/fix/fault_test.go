package fix_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// estate is two things that need every unguided kind of change.
func estate(t testing.TB, origin *fixtest.Bench) (*fixtest.Bench, *fix.Plan) {
	t.Helper()
	b := origin.Anew()
	b.Cloud.Add("a", values{"Days": resource.OfInt(1), "On": resource.OfBool(false)})
	b.Cloud.Add("b", values{"Days": resource.OfInt(2), "On": resource.OfBool(false), "Public": resource.OfStrings([]string{"all", "x"})})
	return b, b.Plan(t, "Test.1", "Test.2", "Test.4", "Test.6")
}

// undisturbed is what the plan of the estate changes when nothing goes wrong.
func undisturbed(t testing.TB, origin *fixtest.Bench) (effects map[string]int, properties map[string]map[string]resource.Value) {
	t.Helper()
	b, plan := estate(t, origin)
	status, err := b.Runner.Apply(context.Background(), plan)
	if err != nil || status.State != fix.RunComplete {
		t.Fatal(status, err)
	}
	return b.Cloud.Effects(), b.Cloud.Properties()
}

// complete demands that a run is done and did every thing exactly once.
func complete(t *testing.T, b *fixtest.Bench, status *fix.RunStatus, effects map[string]int) {
	t.Helper()
	if status.State != fix.RunComplete {
		t.Errorf("the run is %s", status.State)
		for _, c := range status.Changes {
			t.Logf("%s %s: %s %s %v %v", c.Resource.ID, c.Control, c.State, c.Note, c.Problem, c.Moves)
		}
	}
	if diff := cmp.Diff(effects, b.Cloud.Effects()); diff != "" {
		t.Errorf("not everything was done exactly once (-want +got):\n%s", diff)
	}
}

func resume(t *testing.T, b *fixtest.Bench) *fix.RunStatus {
	t.Helper()
	status, err := b.NewRunner().Resume(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	return status
}

func TestKilledAtAnyInstantTheRunIsFinishedByResume(t *testing.T) {
	t.Parallel()
	origin := fixtest.NewBench(t)
	effects, _ := undisturbed(t, origin)
	for at := 1; ; at++ {
		b, plan := estate(t, origin)
		_, died := killed(t, b, at, func(r *fix.Runner) error {
			_, err := r.Apply(context.Background(), plan)
			return err
		})
		if !died {
			if at < 50 {
				t.Errorf("only %d moments to die at", at)
			}
			return
		}
		before, err := fix.Status(context.Background(), b.Journal, "")
		if err != nil {
			t.Fatal(err)
		}
		// Only the very last moment is after the end was recorded.
		if before.State != fix.RunStopped && before.Counts[fix.StateVerified] != len(plan.Changes) || len(before.Next) == 0 {
			t.Fatalf("killed at moment %d: the journal tells %s, next %v", at, before.State, before.Next)
		}
		complete(t, b, resume(t, b), effects)
		if t.Failed() {
			t.Fatalf("killed at moment %d", at)
		}
	}
}

func TestKilledAtAnyInstantTheRunCanBeRolledBack(t *testing.T) {
	t.Parallel()
	origin := fixtest.NewBench(t)
	b, _ := estate(t, origin)
	before := b.Cloud.Properties()
	for at := 1; ; at++ {
		b, plan := estate(t, origin)
		_, died := killed(t, b, at, func(r *fix.Runner) error {
			_, err := r.Apply(context.Background(), plan)
			return err
		})
		// The rollback dies as well, somewhere.
		killed(t, b, 1+at%13, func(r *fix.Runner) error {
			r.Options.Accept = []string{"Test.6"}
			_, err := r.Rollback(context.Background(), "")
			return err
		})
		status := rollback(t, b, "", fix.Options{AcceptLoss: true, Accept: []string{"Test.6"}})
		if diff := cmp.Diff(before, b.Cloud.Properties()); diff != "" || status.State != fix.RunRolledBack {
			t.Fatalf("killed at moment %d: %s %v\n%s", at, status.State, undos(status), diff)
		}
		if !died {
			return
		}
	}
}

func TestARollbackKilledAtAnyInstantIsFinishedByAnother(t *testing.T) {
	t.Parallel()
	origin := fixtest.NewBench(t)
	b, _ := estate(t, origin)
	before := b.Cloud.Properties()
	for at := 1; ; at++ {
		b, plan := estate(t, origin)
		run := apply(t, b, plan).Run
		again := func(r *fix.Runner) error {
			r.Options.Accept = []string{"Test.6"}
			_, err := r.Rollback(context.Background(), run)
			return err
		}
		_, died := killed(t, b, at, again)
		effects := b.Cloud.Effects()
		killed(t, b, 0, again)
		status, err := fix.Status(context.Background(), b.Journal, run)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(before, b.Cloud.Properties()); diff != "" || status.State != fix.RunRolledBack {
			t.Fatalf("killed at moment %d: %s %v\n%s", at, status.State, undos(status), diff)
		}
		for call, n := range b.Cloud.Effects() {
			if limit := 1 + restarts(call); n > limit {
				t.Fatalf("killed at moment %d: %s took effect %d times, %d before", at, call, n, effects[call])
			}
		}
		if !died {
			return
		}
	}
}

// restarts is how often a call is made in a rollback although it was made in
// the run: the restart that lets the old group count again.
func restarts(call string) int {
	if strings.HasPrefix(call, "test:RebootThing") {
		return 1
	}
	return 0
}

func TestEveryCallMayFailInEveryWay(t *testing.T) {
	t.Parallel()
	origin := fixtest.NewBench(t)
	effects, _ := undisturbed(t, origin)
	for name, fault := range map[string]fixtest.Fault{
		"refused":                  {Err: refusal("InvalidParameterValue", "no")},
		"denied":                   {Err: refusal("AccessDenied", "no")},
		"busy":                     {Err: refusal("InvalidDBClusterStateFault", "busy")},
		"throttled":                {Err: refusal("Throttling", "Rate exceeded")},
		"cut before the effect":    {Err: cut()},
		"cut after the effect":     {Err: cut(), Effect: true},
		"answered wrongly":         {Err: errors.New("unexpected end of the answer"), Effect: true},
		"timed out, effect there":  {Err: context.DeadlineExceeded, Effect: true},
		"timed out without effect": {Err: context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, call := range slices.Sorted(maps.Keys(effects)) {
				b, plan := estate(t, origin)
				failed := false
				b.Cloud.Fault = func(c *fix.Call, _ int) fixtest.Fault {
					if failed || !strings.HasPrefix(call, c.Operation) || !strings.Contains(call, "Id="+c.Parameters["Id"].String()) {
						return fixtest.Fault{}
					}
					failed = true
					return fault
				}
				status := apply(t, b, plan)
				for _, c := range status.Changes {
					if c.State.Bad() && c.Problem == nil && len(c.Moves) == 0 {
						t.Errorf("%s: %s says nothing of why", call, c.State)
					}
				}
				complete(t, b, resume(t, b), effects)
				if t.Failed() {
					t.Fatalf("with %s failing", call)
				}
			}
		})
	}
}

func TestAnInterruptStopsBetweenStepsAndLosesNothing(t *testing.T) {
	t.Parallel()
	origin := fixtest.NewBench(t)
	effects, _ := undisturbed(t, origin)
	for stopAt := 1; stopAt <= 8; stopAt++ {
		b, plan := estate(t, origin)
		ctx, cancel := context.WithCancel(context.Background())
		b.Runner.Applier = &interrupting{Cloud: b.Cloud, at: stopAt, cancel: cancel}
		status, err := b.Runner.Apply(ctx, plan)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		for _, n := range b.Cloud.Calls() {
			calls += n
		}
		if calls != stopAt {
			t.Errorf("interrupted in call %d, %d were made", stopAt, calls)
		}
		if last := status.Sessions[0]; !last.Interrupted || status.State == fix.RunComplete {
			t.Errorf("interrupted in call %d: %+v, the run is %s", stopAt, last, status.State)
		}
		for i := range status.Changes {
			for _, step := range status.Changes[i].Steps {
				if step.State == fix.StateCalling {
					t.Errorf("the answer of step %s was not recorded", step.ID)
				}
			}
		}
		complete(t, b, resume(t, b), effects)
	}
}

// interrupting cancels in the middle of the nth call.
type interrupting struct {
	*fixtest.Cloud
	at, seen int
	cancel   func()
}

func (i *interrupting) Call(ctx context.Context, call *fix.Call) error {
	if i.seen++; i.seen == i.at {
		i.cancel()
	}
	return i.Cloud.Call(ctx, call)
}

// What is read may lag behind what was written. A call of unknown fate is not
// made again, nor forgotten by a rollback, before its effect had time to show.
func TestACallWithoutAnswerIsGivenTimeToShow(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{time.Second, 10 * time.Second, 25 * time.Second} {
		b := fixtest.NewBench(t)
		b.Cloud.Add("a", days(1))
		plan := b.Plan(t, "Test.1")
		late := &lagging{Cloud: b.Cloud, clock: b.Clock, lag: lag}
		b.Runner.Applier = late
		status := apply(t, b, plan)
		if status.State != fix.RunComplete || late.calls != 1 {
			t.Errorf("lag %s: %s after %d calls", lag, status.State, late.calls)
		}
	}
}

// lagging is a cloud that takes a call, does not answer, and shows its effect
// only later.
type lagging struct {
	*fixtest.Cloud
	clock *fixtest.Clock
	lag   time.Duration
	calls int
	held  *fix.Call
	at    time.Time
}

func (l *lagging) Read(ctx context.Context, ref resource.Ref, properties []string) (*resource.Resource, error) {
	if l.held != nil && !l.clock.Now().Before(l.at) {
		if err := l.Cloud.Call(ctx, l.held); err != nil {
			return nil, err
		}
		l.held = nil
	}
	return l.Cloud.Read(ctx, ref, properties)
}

func (l *lagging) Call(_ context.Context, call *fix.Call) error {
	l.calls++
	l.held, l.at = call, l.clock.Now().Add(l.lag)
	return &fix.CallError{Operation: call.Operation, Message: "connection reset", Uncertain: true}
}

func TestAStateThatIsNeitherBeforeNorAfterNeedsAPerson(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.1")
	b.Cloud.Fault = func(*fix.Call, int) fixtest.Fault {
		b.Runner.Observe = nil
		return fixtest.Fault{Err: cut()}
	}
	b.Runner.Observe = func(n fix.Notice) {
		if n.Event != nil && n.Event.Kind == fix.EventIntent {
			b.Cloud.Set("a", "Days", resource.OfInt(5))
		}
	}
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateUnclear})
	text := fmt.Sprint(status.Changes[0].Note, status.Changes[0].Moves)
	for _, part := range []string{"a person must look", "Days is 5", "Days of a is 7", "Days of a is 1"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in %s", part, text)
		}
	}
	if n := b.Cloud.Calls()["test:ModifyThing"]; n != 1 {
		t.Errorf("%d calls", n)
	}
}

func TestAJournalThatCannotBeWrittenStopsEverything(t *testing.T) {
	t.Parallel()
	origin := fixtest.NewBench(t)
	b, plan := estate(t, origin)
	full := &fullDisk{Memory: b.Journal, room: 4}
	b.Runner.Journal = full
	_, err := b.Runner.Apply(context.Background(), plan)
	var journal *fix.JournalError
	if !errors.As(err, &journal) || !strings.HasPrefix(journal.Hint(), "holdfast fix resume ") {
		t.Fatalf("got %v", err)
	}
	intents := 0
	events, err := b.Journal.Events(context.Background(), journal.Run)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		if e.Kind == fix.EventIntent {
			intents++
		}
	}
	if calls := b.Cloud.Calls()["test:ModifyThing"]; calls > intents {
		t.Errorf("%d calls for %d journaled intents", calls, intents)
	}
	effects, _ := undisturbed(t, origin)
	complete(t, b, resume(t, b), effects)
}

type fullDisk struct {
	*fixtest.Memory
	room int
}

func (f *fullDisk) Append(ctx context.Context, run string, e *fix.Event) error {
	if f.room--; f.room < 0 {
		return errors.New("no space left on device")
	}
	return f.Memory.Append(ctx, run, e)
}

// Random estates, random faults, killed at random: afterwards resume finishes,
// nothing was done twice, and a rollback restores everything.
func TestRandomRunsAreFinishedOrSayWhatAPersonMustDo(t *testing.T) {
	t.Parallel()
	origin := fixtest.NewBench(t)
	for seed := range uint64(150) {
		random := rand.New(rand.NewPCG(seed, 1))
		b := origin.Anew()
		b.Cloud.Settle = time.Duration(random.IntN(120)) * time.Second
		for i := range 1 + random.IntN(3) {
			properties := values{"Days": resource.OfInt(1 + random.Int64N(9)), "On": resource.OfBool(random.IntN(2) == 0)}
			if random.IntN(2) == 0 {
				properties["Public"] = resource.OfStrings([]string{"x", "all", "y"})
			}
			b.Cloud.Add(fmt.Sprint("t", i), properties)
		}
		before := b.Cloud.Properties()
		plan := b.Plan(t, "Test.1", "Test.2", "Test.4", "Test.6")
		b.Cloud.Fault = func(*fix.Call, int) fixtest.Fault {
			switch random.IntN(12) {
			case 0:
				return fixtest.Fault{Err: cut(), Effect: true}
			case 1:
				return fixtest.Fault{Err: cut()}
			case 2:
				return fixtest.Fault{Err: refusal("InvalidDBClusterStateFault", "busy")}
			case 3:
				return fixtest.Fault{Err: refusal("InvalidParameterValue", "no")}
			default:
				return fixtest.Fault{}
			}
		}
		_, died := killed(t, b, 1+random.IntN(60), func(r *fix.Runner) error {
			_, err := r.Apply(context.Background(), plan)
			return err
		})
		for range 1 + random.IntN(2) {
			if !died {
				break
			}
			_, died = killed(t, b, 1+random.IntN(60), func(r *fix.Runner) error {
				_, err := r.Resume(context.Background(), "")
				return err
			})
		}
		b.Cloud.Fault = nil
		if status := resume(t, b); status.State != fix.RunComplete {
			t.Fatalf("seed %d: %s %v", seed, status.State, states(status))
		}
		for call, n := range b.Cloud.Effects() {
			if n != 1 {
				t.Fatalf("seed %d: %s took effect %d times", seed, call, n)
			}
		}
		if plan := b.Plan(t, "Test.1", "Test.2", "Test.4", "Test.6"); len(plan.Changes) != 0 {
			t.Fatalf("seed %d: %d changes are left", seed, len(plan.Changes))
		}
		rollback(t, b, "", fix.Options{AcceptLoss: true, Accept: []string{"Test.6"}})
		if diff := cmp.Diff(before, b.Cloud.Properties()); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
	}
}
