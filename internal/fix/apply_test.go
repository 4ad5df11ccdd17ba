package fix_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

type values = map[string]resource.Value

func days(n int64) values { return values{"Days": resource.OfInt(n)} }

// apply applies the plan and returns the status.
func apply(t *testing.T, b *fixtest.Bench, p *fix.Plan) *fix.RunStatus {
	t.Helper()
	status, err := b.Runner.Apply(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return status
}

// states lists the state of each change by resource and control.
func states(s *fix.RunStatus) map[string]fix.State {
	out := make(map[string]fix.State)
	for i := range s.Changes {
		out[s.Changes[i].Resource.ID+" "+s.Changes[i].Control] = s.Changes[i].State
	}
	return out
}

func wantStates(t *testing.T, s *fix.RunStatus, want map[string]fix.State) {
	t.Helper()
	if diff := cmp.Diff(want, states(s)); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
		for _, c := range s.Changes {
			t.Logf("%s %s: %s %s %v %v", c.Resource.ID, c.Control, c.State, c.Note, c.Problem, c.Moves)
		}
	}
}

func refusal(code, message string) error {
	return &fix.CallError{Operation: "test:ModifyThing", Code: code, Message: message}
}

func cut() error {
	return &fix.CallError{Operation: "test:ModifyThing", Message: "connection reset by peer", Uncertain: true}
}

// faultOn lets every call on one thing fail.
func faultOn(id string, err error) func(*fix.Call, int) fixtest.Fault {
	return func(call *fix.Call, _ int) fixtest.Fault {
		if got, _ := call.Parameters["Id"].Text(); got == id {
			return fixtest.Fault{Err: err}
		}
		return fixtest.Fault{}
	}
}

func TestAppliedChangesAreReadAgainAndJudged(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("orders", days(1))
	b.Cloud.Add("users", days(14))
	status := apply(t, b, b.Plan(t, "Test.1", "Test.2"))
	wantStates(t, status, map[string]fix.State{
		"orders Test.1": fix.StateVerified, "orders Test.2": fix.StateVerified, "users Test.2": fix.StateVerified,
	})
	if status.State != fix.RunComplete {
		t.Errorf("the run is %s", status.State)
	}
	for i := range status.Changes {
		if status.Changes[i].Compliance != finding.Passed {
			t.Errorf("%s is %s", status.Changes[i].Control, status.Changes[i].Compliance)
		}
	}
	want := map[string]int{
		"test:ModifyThing Days=7 Id=orders": 1, "test:ModifyThing Id=orders On=true": 1, "test:ModifyThing Id=users On=true": 1,
	}
	if diff := cmp.Diff(want, b.Cloud.Effects()); diff != "" {
		t.Errorf("one attribute per call (-want +got):\n%s", diff)
	}
}

// A batch tool that stops at the first cluster which AWS Backup owns leaves
// every cluster after it unfixed.
func TestOneRefusedClusterDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	for _, id := range []string{"a", "b", "c"} {
		b.Cloud.Add(id, days(1))
	}
	b.Cloud.Fault = faultOn("b", refusal("InvalidParameterValue",
		"DBCluster is associated with the following AwsBackupRecoveryPointArn: arn:x. The BackupRetentionPeriod can be blank, or you can use the current value,1."))
	status := apply(t, b, b.Plan(t, "Test.1"))
	wantStates(t, status, map[string]fix.State{
		"a Test.1": fix.StateVerified, "b Test.1": fix.StateFailed, "c Test.1": fix.StateVerified,
	})
	problem := status.Changes[1].Problem
	if problem.Class != fix.ClassOwned || !strings.Contains(problem.Next, "backup plan") {
		t.Errorf("the refusal is told as %+v", problem)
	}
	if status.State != fix.RunFailed {
		t.Errorf("the run is %s", status.State)
	}
}

// A tool that returns at the first denied call skips everything after it.
func TestOneDeniedCallDoesNotEndTheAccount(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	b.Cloud.Add("b", days(1))
	b.Cloud.Fault = faultOn("a", refusal("AccessDenied", "not authorized to perform: rds:ModifyDBCluster"))
	status := apply(t, b, b.Plan(t, "Test.1", "Test.2"))
	wantStates(t, status, map[string]fix.State{
		"a Test.1": fix.StateFailed, "a Test.2": fix.StateFailed, "b Test.1": fix.StateVerified, "b Test.2": fix.StateVerified,
	})
	if p := status.Changes[0].Problem; p.Class != fix.ClassDenied || p.Next == "" {
		t.Errorf("the refusal is told as %+v", p)
	}
}

// A tool that takes "busy" for a warning reports success for a cluster that
// nobody changed.
func TestABusyClusterIsWaitedForAndNeverASuccess(t *testing.T) {
	t.Parallel()
	busy := refusal("InvalidDBClusterStateFault", "the cluster is modifying")
	for name, test := range map[string]struct {
		refusals int
		want     fix.State
	}{
		"busy twice":  {2, fix.StateVerified},
		"busy always": {1000, fix.StateFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := fixtest.NewBench(t)
			b.Cloud.Add("a", days(1))
			b.Cloud.Fault = func(_ *fix.Call, nth int) fixtest.Fault {
				if nth <= test.refusals {
					return fixtest.Fault{Err: busy}
				}
				return fixtest.Fault{}
			}
			status := apply(t, b, b.Plan(t, "Test.1"))
			wantStates(t, status, map[string]fix.State{"a Test.1": test.want})
			if calls := b.Cloud.Calls()["test:ModifyThing"]; calls > 10 {
				t.Errorf("asked %d times", calls)
			}
		})
	}
}

func TestAVanishedClusterIsReportedAndNeverASuccess(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.1")
	b.Cloud.Remove("a")
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateRefused})
	if status.Changes[0].Problem.Class != fix.ClassGone || len(b.Cloud.Calls()) != 0 {
		t.Errorf("%+v after %v", status.Changes[0].Problem, b.Cloud.Calls())
	}
}

// A tool that writes even when nothing changes, and sends windows along that
// it read earlier, puts back what somebody changed meanwhile.
func TestOnlyTheOneAttributeIsSentAndNothingWhenNothingChanges(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", values{"Days": resource.OfInt(1), "Window": resource.OfString("03:00-04:00")})
	plan := b.Plan(t, "Test.1")
	for i := range plan.Changes {
		for _, step := range plan.Changes[i].Steps {
			for name := range step.Call.Parameters {
				if name != "Id" && name != "Days" {
					t.Errorf("%s is sent along", name)
				}
			}
		}
	}
	b.Cloud.Set("a", "Window", resource.OfString("05:00-06:00"))
	apply(t, b, plan)
	if got := b.Cloud.Properties()["AWS::Test::Thing/a"]["Window"].String(); got != "05:00-06:00" {
		t.Errorf("the window was put back to %s", got)
	}
	before := b.Cloud.Calls()["test:ModifyThing"]
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateVerified})
	if after := b.Cloud.Calls()["test:ModifyThing"]; after != before {
		t.Errorf("applied again, the plan made %d calls", after-before)
	}
}

func TestAPlanAfterApplyIsEmpty(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	b.Cloud.Add("b", nil)
	apply(t, b, b.Plan(t, "Test.1", "Test.2", "Test.4"))
	if plan := b.Plan(t, "Test.1", "Test.2", "Test.4"); len(plan.Changes) != 0 {
		t.Errorf("%d changes are left", len(plan.Changes))
	}
}

// A fixer that looks only at FAIL closes shares that somebody approved.
func TestAnExceptedFindingIsNeverFixed(t *testing.T) {
	t.Parallel()
	exception := &finding.Exception{Source: "holdfast.yaml:3", Reason: "published on purpose"}
	b := fixtest.NewBench(t)
	b.Cloud.Add("published", values{"Public": resource.OfStrings([]string{"all"})})
	b.Cloud.Add("leaked", values{"Public": resource.OfStrings([]string{"all", "111122223333"})})
	plan := b.PlanExcepting(t, func(_, id string) *finding.Exception {
		if id == "published" {
			return exception
		}
		return nil
	}, "Test.6")
	if len(plan.Changes) != 1 || len(plan.Skipped) != 1 || plan.Skipped[0].Reason != fix.SkipExcepted ||
		!strings.Contains(plan.Skipped[0].Detail, "holdfast.yaml:3") {
		t.Fatalf("planned %d changes, skipped %+v", len(plan.Changes), plan.Skipped)
	}

	// Accepted after the plan was made: the exception still counts.
	b.Runner.Excepted = func(control string, r *resource.Resource) *finding.Exception {
		if control == "Test.6" && r.ID == "leaked" {
			return exception
		}
		return nil
	}
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"leaked Test.6": fix.StateSkipped})
	if len(b.Cloud.Calls()) != 0 || !strings.Contains(status.Changes[0].Note, "published on purpose") {
		t.Errorf("%v: %s", b.Cloud.Calls(), status.Changes[0].Note)
	}
}

// A fixer that exits without a record, with code 0 although every fix failed,
// leaves nobody able to tell what it did.
func TestWhatWasDoneIsOnRecordEvenWhenEveryFixFailed(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	b.Cloud.Add("b", days(3))
	b.Cloud.Fault = func(*fix.Call, int) fixtest.Fault {
		return fixtest.Fault{Err: refusal("InvalidParameterValue", "The backup window and maintenance window must not overlap.")}
	}
	run := apply(t, b, b.Plan(t, "Test.1")).Run
	status, err := fix.Status(context.Background(), b.Journal, run)
	if err != nil {
		t.Fatal(err)
	}
	if status.State != fix.RunFailed || status.Counts[fix.StateFailed] != 2 {
		t.Errorf("the run is %s: %v", status.State, status.Counts)
	}
	for i, before := range []int64{1, 3} {
		c := status.Changes[i]
		if n, _ := c.Sets[0].Before.Int(); n != before || c.Problem.Class != fix.ClassWindow || c.Steps[0].Intents != 1 {
			t.Errorf("%s: before %s, %+v", c.Resource.ID, c.Sets[0].Before, c.Problem)
		}
	}
}

// A runbook that asserts the pending value reports "resolved" before the
// maintenance window has run.
func TestAPendingValueIsNotAPassUntilItCounts(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	b.Cloud.Queue = map[string]time.Duration{"Days": 3 * time.Hour}
	plan := b.Plan(t, "Test.1")
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StatePending})
	if status.State != fix.RunIncomplete || !strings.HasPrefix(status.Next[0], "holdfast fix verify ") {
		t.Errorf("the run is %s, next %v", status.State, status.Next)
	}

	again := b.Plan(t, "Test.1")
	if len(again.Changes) != 0 || len(again.Skipped) != 1 || again.Skipped[0].Reason != fix.SkipPending {
		t.Errorf("planned again: %+v %+v", again.Changes, again.Skipped)
	}
	status, err := b.NewRunner().Verify(context.Background(), status.Run)
	if err != nil {
		t.Fatal(err)
	}
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StatePending})

	b.Clock.Advance(4 * time.Hour)
	status, err = b.NewRunner().Verify(context.Background(), status.Run)
	if err != nil {
		t.Fatal(err)
	}
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateVerified})
	if calls := b.Cloud.Calls()["test:ModifyThing"]; calls != 1 {
		t.Errorf("%d calls were made", calls)
	}
}

// A script that reports success at "0 of N" marks a failed fix as resolved.
func TestACallThatChangesNothingIsNotASuccess(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.1")
	b.Runner.Applier = &deaf{b.Cloud}
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateUnconfirmed})
	if status.State != fix.RunFailed || status.Changes[0].Problem.Class != fix.ClassTimeout {
		t.Errorf("the run is %s: %+v", status.State, status.Changes[0].Problem)
	}
}

// deaf is a service that says yes to every call and does nothing.
type deaf struct{ *fixtest.Cloud }

func (*deaf) Call(context.Context, *fix.Call) error { return nil }

func TestAMovedResourceIsRefusedWithWhatMoved(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		move func(*fixtest.Bench)
		want string
	}{
		"the value was changed": {func(b *fixtest.Bench) { b.Cloud.Set("a", "Days", resource.OfInt(3)) }, "Days is 3"},
		"another thing took the name": {func(b *fixtest.Bench) {
			b.Cloud.Remove("a")
			b.Cloud.Add("a", days(1))
		}, "another resource has the name a"},
		"the value can no longer be read": {func(b *fixtest.Bench) { b.Cloud.Unreadable = []string{"Days"} }, "Days could not be read"},
		"the queue can no longer be read": {func(b *fixtest.Bench) { b.Cloud.Unreadable = []string{"PendingDays"} }, "PendingDays could not be read"},
		"something else is queued":        {func(b *fixtest.Bench) { b.Cloud.Set("a", "PendingDays", resource.OfInt(2)) }, "PendingDays is 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := fixtest.NewBench(t)
			b.Cloud.Add("a", days(1))
			plan := b.Plan(t, "Test.1")
			test.move(b)
			status := apply(t, b, plan)
			wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateRefused})
			var found []string
			for _, m := range status.Changes[0].Moves {
				found = append(found, m.Found)
			}
			if !strings.Contains(strings.Join(found, "\n"), test.want) {
				t.Errorf("found %q, not %q", found, test.want)
			}
			if len(b.Cloud.Calls()) != 0 {
				t.Errorf("calls were made: %v", b.Cloud.Calls())
			}
		})
	}
}

func TestNothingIsDoneToWhatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.1")
	b.Cloud.ReadError = func(resource.Ref) error {
		return &fix.CallError{Operation: "test:ListThings", Code: "ExpiredToken", Message: "the token is expired"}
	}
	status := apply(t, b, plan)
	wantStates(t, status, map[string]fix.State{"a Test.1": fix.StateRefused})
	if p := status.Changes[0].Problem; p.Class != fix.ClassExpired || len(b.Cloud.Calls()) != 0 {
		t.Errorf("%+v after %v", p, b.Cloud.Calls())
	}
}

func TestAPlanThatWasTouchedIsNotApplied(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.1")
	plan.Changes[0].Steps[0].Call.Parameters["Days"] = resource.OfInt(35)
	if _, err := b.Runner.Apply(context.Background(), plan); err == nil || !strings.Contains(err.Error(), "edited") {
		t.Errorf("got %v", err)
	}
}

func TestConfiguredAndEffectiveRetentionAreToldApart(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", values{"Days": resource.OfInt(1), "EarliestRestorableTime": resource.OfTime(b.Clock.Now().AddDate(0, 0, -1))})
	status := apply(t, b, b.Plan(t, "Test.1"))
	r := status.Changes[0].Restorable
	if r == nil {
		t.Fatal("nothing is said of what can be restored")
	}
	want := "configured 7 days; restorable today back to 2026-03-14 12:00 UTC (1.0 days); the full 7 days are there on 2026-03-21"
	if r.String() != want {
		t.Errorf("%s", r)
	}
}

func TestRetentionIsNotCalledEffectiveWhereTheServiceDoesNotTell(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	r := apply(t, b, b.Plan(t, "Test.1")).Changes[0].Restorable
	if r == nil || r.String() != "configured 7 days; the service does not tell how far back it can be restored today" {
		t.Errorf("%v", r)
	}
}

func TestWhatSomebodyElseChangedMeanwhileIsReported(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", values{"Days": resource.OfInt(1), "Window": resource.OfString("03:00-04:00")})
	plan := b.Plan(t, "Test.1", "Test.2")
	b.Runner.Observe = func(n fix.Notice) {
		if n.Wait != "" {
			b.Cloud.Set("a", "Window", resource.OfString("05:00-06:00"))
		}
	}
	drift := apply(t, b, plan).Changes[0].Drift
	if len(drift) != 1 || drift[0].Property != "Window" || drift[0].Found != "Window is 05:00-06:00" {
		t.Errorf("drift: %+v", drift)
	}
}

func TestAWaitForAPersonIsResumedOnceItIsDone(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", days(1))
	plan := b.Plan(t, "Test.1", "Test.5")
	resume := func(run string, confirm ...string) *fix.RunStatus {
		t.Helper()
		runner := b.NewRunner()
		runner.Options.Confirm = confirm
		status, err := runner.Resume(context.Background(), run)
		if err != nil {
			t.Fatal(err)
		}
		return status
	}
	waits := map[string]fix.State{"a Test.1": fix.StateVerified, "a Test.5": fix.StateWaiting}
	status := apply(t, b, plan)
	wantStates(t, status, waits)
	guided := status.Changes[1]
	if status.State != fix.RunIncomplete || !strings.Contains(guided.Note, "Stop everything that writes") {
		t.Errorf("%s: %s", status.State, guided.Note)
	}
	confirm := guided.ID + "/2"
	if want := "holdfast fix resume " + status.Run + " --confirm " + confirm; status.Next[0] != want {
		t.Errorf("next: %v", status.Next)
	}
	wantStates(t, resume(status.Run), waits)
	status = resume(status.Run, confirm)
	wantStates(t, status, waits)
	if note := status.Changes[1].Note; !strings.Contains(note, "Move the clients") {
		t.Errorf("note: %s", note)
	}
	b.Cloud.Set("a", "Retired", resource.OfBool(true))
	wantStates(t, resume(status.Run), map[string]fix.State{"a Test.1": fix.StateVerified, "a Test.5": fix.StateVerified})
	if effects := b.Cloud.Effects()["test:CreateThing Encrypted=true Id=a-new"]; effects != 1 {
		t.Errorf("created %d times", effects)
	}
}
