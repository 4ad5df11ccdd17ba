package fixtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// TestJournal holds a journal to its contract. open returns an empty one.
func TestJournal(t *testing.T, open func(t *testing.T) fix.Journal) {
	for name, test := range map[string]func(*testing.T, fix.Journal){
		"a run comes back as it was stored":                                   testRun,
		"events come back in the order of append":                             testEvents,
		"the run that was made last is listed first, whatever the clock said": testRuns,
		"a run that is not there is named":                                    testNoRun,
		"an event of an unknown run is refused":                               testForeignEvent,
		"a run is locked for one at a time":                                   testLock,
		"many goroutines append at once":                                      testParallel,
		"an id is used once":                                                  testTwice,
		"a journal without runs lists none":                                   testEmpty,
		"every field of an event survives storage":                            testFields,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t))
		})
	}
}

func sampleRun(t *testing.T, id string, created time.Time) *fix.Run {
	t.Helper()
	ref := resource.Ref{Type: "AWS::Test::Thing", ID: "orders", Account: "111122223333", Region: "eu-west-1", UID: "thing-1"}
	plan := &fix.Plan{Tool: "holdfast", Version: "test", Created: created, Controls: []string{"Test.1"}, Changes: []fix.Change{{
		ID: "c1", Control: "Test.1", Resource: ref, Summary: "keep <seven> days & more",
		Steps: []fix.Step{{ID: "1", Title: "set Days",
			Call: &fix.Call{Operation: "test:ModifyThing", Region: "eu-west-1", Parameters: map[string]resource.Value{"Days": resource.OfInt(7)}},
			Done: []fix.Condition{{Resource: ref, Property: "Days", Is: fix.IsEqual, Value: resource.OfInt(7)}}}},
	}}}
	if err := fix.Seal(plan); err != nil {
		t.Fatal(err)
	}
	return &fix.Run{ID: id, Created: created, Digest: plan.Digest, Changes: 1, Plan: plan}
}

func noon() time.Time { return time.Date(2026, 3, 15, 12, 0, 0, 123e6, time.UTC) }

func create(t *testing.T, j fix.Journal, run *fix.Run) {
	t.Helper()
	if err := j.Create(context.Background(), run); err != nil {
		t.Fatal(err)
	}
}

func testRun(t *testing.T, j fix.Journal) {
	run := sampleRun(t, "r1", noon())
	create(t, j, run)
	got, err := j.Run(context.Background(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func testEvents(t *testing.T, j fix.Journal) {
	create(t, j, sampleRun(t, "r1", noon()))
	create(t, j, sampleRun(t, "r2", noon()))
	var last int64
	for i := range 10 {
		e := &fix.Event{Kind: fix.EventIntent, Change: "c1", Step: fmt.Sprint(i), At: noon()}
		if err := j.Append(context.Background(), []string{"r1", "r2"}[i%2], e); err != nil {
			t.Fatal(err)
		}
		if e.Seq <= last {
			t.Errorf("sequence number %d follows %d", e.Seq, last)
		}
		last = e.Seq
	}
	events, err := j.Events(context.Background(), "r2")
	if err != nil {
		t.Fatal(err)
	}
	var steps []string
	for _, e := range events {
		steps = append(steps, e.Step)
	}
	if diff := cmp.Diff([]string{"1", "3", "5", "7", "9"}, steps); diff != "" {
		t.Error(diff)
	}
}

func testRuns(t *testing.T, j fix.Journal) {
	create(t, j, sampleRun(t, "old", noon()))
	create(t, j, sampleRun(t, "new", noon().Add(time.Hour)))
	create(t, j, sampleRun(t, "set-back", noon().Add(-time.Hour)))
	runs, err := j.Runs(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, run := range runs {
		ids = append(ids, run.ID)
		if run.Plan != nil || run.Changes != 1 || run.Digest == "" {
			t.Errorf("listed as %+v", run)
		}
	}
	if diff := cmp.Diff([]string{"set-back", "new", "old"}, ids); diff != "" {
		t.Error(diff)
	}
}

func testNoRun(t *testing.T, j fix.Journal) {
	_, err := j.Run(context.Background(), "nowhere")
	var none *fix.NoRunError
	if !errors.As(err, &none) || none.ID != "nowhere" || none.Hint() == "" {
		t.Errorf("got %v", err)
	}
}

func testForeignEvent(t *testing.T, j fix.Journal) {
	if err := j.Append(context.Background(), "nowhere", &fix.Event{Kind: fix.EventBegan, At: noon()}); err == nil {
		t.Error("an event without a run was kept")
	}
}

func testLock(t *testing.T, j fix.Journal) {
	create(t, j, sampleRun(t, "r1", noon()))
	release, err := j.Lock(context.Background(), "r1")
	if err != nil {
		t.Fatal(err)
	}
	var locked *fix.LockedError
	if _, err := j.Lock(context.Background(), "r1"); !errors.As(err, &locked) || locked.Run != "r1" {
		t.Errorf("locked twice: %v", err)
	}
	other, err := j.Lock(context.Background(), "r2")
	if err != nil {
		t.Fatalf("another run is locked too: %v", err)
	}
	if err := errors.Join(other(), release()); err != nil {
		t.Fatal(err)
	}
	again, err := j.Lock(context.Background(), "r1")
	if err != nil {
		t.Fatalf("a released lock cannot be taken: %v", err)
	}
	if err := again(); err != nil {
		t.Error(err)
	}
}

func testParallel(t *testing.T, j fix.Journal) {
	create(t, j, sampleRun(t, "r1", noon()))
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 5 {
				if err := j.Append(context.Background(), "r1", &fix.Event{Kind: fix.EventDone, Change: fmt.Sprint(i), At: noon()}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	events, err := j.Events(context.Background(), "r1")
	if err != nil || len(events) != 40 {
		t.Errorf("%d events, %v", len(events), err)
	}
}

func testTwice(t *testing.T, j fix.Journal) {
	create(t, j, sampleRun(t, "r1", noon()))
	if err := j.Create(context.Background(), sampleRun(t, "r1", noon())); err == nil {
		t.Error("two runs have the same id")
	}
}

func testEmpty(t *testing.T, j fix.Journal) {
	runs, err := j.Runs(context.Background())
	if err != nil || len(runs) != 0 {
		t.Errorf("%v, %v", runs, err)
	}
}

func testFields(t *testing.T, j fix.Journal) {
	create(t, j, sampleRun(t, "r1", noon()))
	want := fix.Event{
		At: noon(), Kind: fix.EventChange, Change: "c1", Step: "1", Undo: true, State: fix.StatePending,
		Session:    &fix.Session{Mode: fix.ModeApply, Version: "v", Accept: []string{"Test.1"}, AcceptLoss: true},
		Call:       &fix.Call{Operation: "test:ModifyThing", Region: "eu-west-1", Parameters: map[string]resource.Value{"L": resource.OfStrings([]string{"a"})}},
		Problem:    &fix.Problem{Class: fix.ClassState, Code: "C", Message: "m \"quoted\" \x00 ü", Request: "r", Next: "n"},
		Moves:      []fix.Move{{Property: "Days", Expected: "e", Planned: resource.OfInt(1), Now: resource.OfInt(2), Found: "f"}},
		Drift:      []fix.Move{{Property: "On", Found: "f"}},
		Values:     map[string]resource.Value{"Days": resource.OfInt(1), "On": resource.OfBool(false)},
		Compliance: "PASSED", Restorable: &fix.Restorable{Configured: 7, Earliest: noon(), Days: 1}, Note: "note",
	}
	given := want
	if err := j.Append(context.Background(), "r1", &given); err != nil {
		t.Fatal(err)
	}
	events, err := j.Events(context.Background(), "r1")
	if err != nil || len(events) != 1 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	want.Seq = events[0].Seq
	if diff := cmp.Diff(want, events[0], cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}
