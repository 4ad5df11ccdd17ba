package scan

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const typeFile = `
type: AWS::Test::Thing
title: thing
plural: things
list: test:ListThings
properties:
  Days: {type: int, default: 1}
`

const controlFile = `
id: Test.1
title: Things keep for a week
resource: AWS::Test::Thing
severity: LOW
category: Test
checks: It is kept for a week.
why: Because.
check: resource.Days >= 7
cases:
  - {name: p, given: {Days: 7}, want: PASSED}
`

func newEngine(t *testing.T) *engine.Engine {
	t.Helper()
	catalogue, err := control.Load(fstest.MapFS{"Thing.yaml": {Data: []byte(typeFile)}, "Test.1.yaml": {Data: []byte(controlFile)}})
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(catalogue, catalogue.Controls, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// sourceFunc is a source made of a function.
type sourceFunc func() (*Listing, error)

func (f sourceFunc) List(context.Context, resource.Wants) (*Listing, error) { return f() }

// page makes n things named after their region.
func page(region string, from, n, days int) []*resource.Resource {
	out := make([]*resource.Resource, n)
	for i := range out {
		id := fmt.Sprintf("%s-%05d", region, from+i)
		out[i] = &resource.Resource{
			Ref:        resource.Ref{Type: "AWS::Test::Thing", ID: id, ARN: "arn:" + id, Region: region},
			Properties: map[string]resource.Value{"Days": resource.OfInt(int64(days))},
		}
	}
	return out
}

// recorder keeps ids in the order in which they came.
type recorder struct {
	ids    []string
	gaps   []finding.Gap
	ended  bool
	failOn string
}

func (r *recorder) Begin(*finding.Header) error { return nil }
func (r *recorder) Finding(f *finding.Finding) error {
	if f.Resource.ID == r.failOn {
		return errors.New("disk full")
	}
	r.ids = append(r.ids, f.Resource.ID)
	return nil
}
func (r *recorder) Gap(g *finding.Gap) error  { r.gaps = append(r.gaps, *g); return nil }
func (r *recorder) End(*finding.Footer) error { r.ended = true; return nil }
func unitOf(region string, read func(context.Context, Sink) error) Unit {
	return Unit{Place: Place{Region: region}, Type: "AWS::Test::Thing", Read: read}
}

func options(t *testing.T, handler finding.Handler, units ...Unit) Options {
	var places []Place
	for _, unit := range units {
		places = append(places, unit.Place)
	}
	return Options{
		Source: sourceFunc(func() (*Listing, error) {
			return &Listing{PlaceName: "regions", Places: places, Units: units}, nil
		}),
		Engine: newEngine(t), Handler: handler, Concurrency: 4, Now: time.Now,
	}
}

func TestResultsComeInTheOrderOfUnitsEvenWhenTheFirstIsSlowAndTheRestSpill(t *testing.T) {
	t.Parallel()
	const many = waitingInMemory + 700
	otherDone := make(chan struct{})
	slow := unitOf("a", func(_ context.Context, sink Sink) error {
		<-otherDone
		return sink.Resources(page("a", 0, 3, 7))
	})
	fast := unitOf("b", func(_ context.Context, sink Sink) error {
		defer close(otherDone)
		for from := 0; from < many; from += 100 {
			if err := sink.Resources(page("b", from, min(100, many-from), 1)); err != nil {
				return err
			}
		}
		return nil
	})
	got := &recorder{}
	footer, err := Run(t.Context(), options(t, got, slow, fast))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.ids) != many+3 || footer.Coverage.Resources != many+3 || footer.Tally.Failed != many {
		t.Fatalf("%d findings, footer %+v", len(got.ids), footer)
	}
	if got.ids[0] != "a-00000" || got.ids[3] != "b-00000" || got.ids[many+2] != fmt.Sprintf("b-%05d", many-1) {
		t.Errorf("order: %s, %s, %s", got.ids[0], got.ids[3], got.ids[many+2])
	}
	for i := 4; i < len(got.ids); i++ {
		if got.ids[i-1] >= got.ids[i] {
			t.Fatalf("%s comes before %s", got.ids[i-1], got.ids[i])
		}
	}
}

func TestGapsCountAgainstCoverageAndOtherUnitsGoOn(t *testing.T) {
	t.Parallel()
	got := &recorder{}
	footer, err := Run(t.Context(), options(t, got,
		unitOf("a", func(_ context.Context, sink Sink) error {
			return sink.Gap(finding.Gap{Region: "a", Type: "AWS::Test::Thing", Reason: finding.GapDenied})
		}),
		unitOf("b", func(_ context.Context, sink Sink) error { return sink.Resources(page("b", 0, 2, 7)) }),
	))
	if err != nil {
		t.Fatal(err)
	}
	if footer.Coverage.Read != 1 || footer.Coverage.Total != 2 || footer.Tally.Gaps != 1 || footer.Tally.Passed != 2 {
		t.Errorf("footer %+v", footer)
	}
	if len(got.gaps) != 1 || strings.Join(got.gaps[0].Controls, "") != "Test.1" {
		t.Errorf("gaps %+v", got.gaps)
	}
}

func TestAnErrorOfTheHandlerEndsTheScan(t *testing.T) {
	t.Parallel()
	got := &recorder{failOn: "a-00001"}
	_, err := Run(t.Context(), options(t, got,
		unitOf("a", func(_ context.Context, sink Sink) error { return sink.Resources(page("a", 0, 5, 7)) }),
		unitOf("b", func(ctx context.Context, _ Sink) error { <-ctx.Done(); return nil }),
	))
	if err == nil || err.Error() != "disk full" || got.ended {
		t.Errorf("error %v, ended %v", err, got.ended)
	}
}

func TestAnErrorOfAUnitEndsTheScan(t *testing.T) {
	t.Parallel()
	_, err := Run(t.Context(), options(t, &recorder{},
		unitOf("a", func(context.Context, Sink) error { return errors.New("line 7 is broken") })))
	if err == nil || err.Error() != "line 7 is broken" {
		t.Errorf("got %v", err)
	}
}

func TestTheListenerGetsEveryFindingWithItsResource(t *testing.T) {
	t.Parallel()
	o := options(t, &recorder{}, unitOf("a", func(_ context.Context, sink Sink) error { return sink.Resources(page("a", 0, 2, 1)) }))
	var pairs []string
	o.OnResult = func(f *finding.Finding, r *resource.Resource) error {
		days, _ := r.Get("Days").Int()
		pairs = append(pairs, fmt.Sprintf("%s %s %d", f.Status, r.ID, days))
		return nil
	}
	if _, err := Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if strings.Join(pairs, ", ") != "FAILED a-00000 1, FAILED a-00001 1" {
		t.Errorf("pairs %v", pairs)
	}
}

func TestWaitingResultsLeaveNoFileBehind(t *testing.T) {
	directory := t.TempDir()
	t.Setenv("TMPDIR", directory)
	shared := new(waiting)
	q := newQueue(shared)
	for range waitingInMemory + 10 {
		q.put([]result{{Gap: &finding.Gap{Reason: finding.GapFailed}}})
	}
	if len(q.spilled) == 0 {
		t.Fatal("nothing was spilled")
	}
	if entries, _ := os.ReadDir(directory); len(entries) != 0 {
		t.Errorf("a kill would leave %v", entries)
	}
	q.close(nil)
	count := 0
	if err := q.drain(func(result) error { count++; return nil }); err != nil || count != waitingInMemory+10 {
		t.Errorf("%d results, %v", count, err)
	}
	shared.spill.remove()
}

// things makes a unit of many things.
func things(region string, many int) Unit {
	return unitOf(region, func(_ context.Context, sink Sink) error {
		for from := 0; from < many; from += 100 {
			if err := sink.Resources(page(region, from, min(100, many-from), 7)); err != nil {
				return err
			}
		}
		return nil
	})
}

func TestAScanWithoutRoomOnDiskWaitsInsteadOfFailing(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	const many = waitingInMemory + 5000
	slow := unitOf("a", func(_ context.Context, sink Sink) error {
		time.Sleep(300 * time.Millisecond) // long enough for the others to fill the memory
		return sink.Resources(page("a", 0, 1, 7))
	})
	got := &recorder{}
	footer, err := Run(t.Context(), options(t, got, slow, things("b", many), things("c", many)))
	if err != nil {
		t.Fatal(err)
	}
	if len(got.ids) != 2*many+1 || footer.Coverage.Read != 3 || !slices.IsSorted(got.ids) {
		t.Errorf("%d findings, sorted: %v", len(got.ids), slices.IsSorted(got.ids))
	}
}

func TestFinishedUnitsTogetherHoldLittleInMemoryWhileTheFirstIsSlow(t *testing.T) {
	t.Parallel()
	shared := new(waiting)
	defer shared.spill.remove()
	for range 200 {
		q := newQueue(shared)
		q.put(make([]result, 700))
		q.close(nil)
	}
	if held := shared.held.Load(); held > waitingInMemory {
		t.Errorf("200 finished units hold %d results", held)
	}
}

func TestReadingWaitsForAnOutputThatIsSlow(t *testing.T) {
	t.Parallel()
	shared := new(waiting)
	q := newQueue(shared)
	go func() {
		for range 100 {
			q.put(make([]result, 700))
		}
		q.close(nil)
	}()
	count, most := 0, int64(0)
	err := q.drain(func(result) error {
		if count++; count%1000 == 0 {
			time.Sleep(time.Millisecond)
			most = max(most, shared.held.Load())
		}
		return nil
	})
	if err != nil || count != 70_000 {
		t.Errorf("%d results, %v", count, err)
	}
	if most > ahead+700 {
		t.Errorf("%d results were read ahead", most)
	}
}

func TestAScanThatFailsWhileUnitsWaitEnds(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "nowhere"))
	const many = waitingInMemory + 5000
	broken := unitOf("a", func(context.Context, Sink) error {
		time.Sleep(300 * time.Millisecond)
		return errors.New("line 7 is broken")
	})
	_, err := Run(t.Context(), options(t, &recorder{}, broken, things("b", many), things("c", many)))
	if err == nil || err.Error() != "line 7 is broken" {
		t.Errorf("got %v", err)
	}
}

// unsure is exceptions of which nobody can tell whether they cover anything.
type unsure struct{ extent *finding.Extent }

func (*unsure) Look(*resource.Resource, []*finding.Finding)                   {}
func (*unsure) Match(*finding.Finding, *resource.Resource) *finding.Exception { return nil }
func (*unsure) Notes(*finding.Finding, *resource.Resource) []string {
	return []string{"It may be covered in holdfast.yaml:3."}
}
func (u *unsure) Review(_ *finding.Footer, extent *finding.Extent) { u.extent = extent }
func (*unsure) Wants(wants resource.Wants) resource.Wants          { return wants }

func TestAFailureThatAnExceptionMayCoverCountsAndSaysSo(t *testing.T) {
	t.Parallel()
	var notes []string
	o := options(t, &recorder{},
		unitOf("a", func(_ context.Context, sink Sink) error { return sink.Resources(page("a", 0, 1, 1)) }),
		unitOf("b", func(_ context.Context, sink Sink) error {
			return sink.Gap(finding.Gap{Region: "b", Type: "AWS::Test::Thing", Reason: finding.GapDenied})
		}))
	exceptions := &unsure{}
	o.Exceptions = exceptions
	o.OnResult = func(f *finding.Finding, _ *resource.Resource) error { notes = append(notes, f.Notes...); return nil }
	footer, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if footer.Tally.Failed != 1 || len(notes) != 1 || !strings.Contains(notes[0], "holdfast.yaml:3") {
		t.Errorf("tally %+v, notes %q", footer.Tally, notes)
	}
	x := exceptions.extent
	if fmt.Sprint(x.Read, x.Unread, x.Judged, x.Known) != "[{ a }] [{ b }] [Test.1] [Test.1]" {
		t.Errorf("extent %+v", x)
	}
}

func TestAGapInAFileThatIsNoPlaceLeavesNothingRead(t *testing.T) {
	t.Parallel()
	o := options(t, &recorder{}, unitOf("a", func(context.Context, Sink) error { return nil }))
	o.Source = sourceFunc(func() (*Listing, error) {
		return &Listing{
			Places: []Place{{Account: "1", Region: "a"}, {Account: "1", Region: "b"}},
			Gaps:   []finding.Gap{{File: "saved.ndjson", Reason: finding.GapInterrupted}},
		}, nil
	})
	footer, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if c := footer.Coverage; c.Read != 0 || c.Total != 2 {
		t.Errorf("%d of %d places read, want 0 of 2", c.Read, c.Total)
	}
}

// A module or a nested stack that is not there is a gap, and no reason to say
// that the file was not read.
func TestAGapOfOneThingInAFileLeavesTheFileRead(t *testing.T) {
	t.Parallel()
	o := options(t, &recorder{}, unitOf("a", func(context.Context, Sink) error { return nil }))
	o.Source = sourceFunc(func() (*Listing, error) {
		return &Listing{
			Places: []Place{{File: "main.tf"}, {File: "broken.tf"}},
			Gaps: []finding.Gap{
				{File: "main.tf", Resource: "module.graph", Reason: finding.GapFailed},
				{File: "broken.tf", Reason: finding.GapMalformed},
			},
		}, nil
	})
	footer, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if c := footer.Coverage; c.Read != 1 || c.Total != 2 || footer.Tally.Gaps != 2 {
		t.Errorf("%d of %d files read, %d gaps", c.Read, c.Total, footer.Tally.Gaps)
	}
}

func TestAGapOfAnAccountLeavesAllItsRegionsUnread(t *testing.T) {
	t.Parallel()
	o := options(t, &recorder{}, unitOf("a", func(_ context.Context, sink Sink) error { return sink.Resources(page("a", 0, 1, 7)) }))
	got := &recorder{}
	o.Handler = got
	o.Source = sourceFunc(func() (*Listing, error) {
		return &Listing{
			PlaceName: "account-regions",
			Places:    []Place{{Account: "1", Region: "a"}, {Account: "2", Region: "a"}, {Account: "2", Region: "b"}},
			Gaps:      []finding.Gap{{Account: "2", Reason: finding.GapDenied, Operation: "sts:AssumeRole"}, {Type: "AWS::Other::Thing"}},
		}, nil
	})
	footer, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if c := footer.Coverage; c.Read != 1 || c.Total != 3 {
		t.Errorf("%d of %d places read, want 1 of 3", c.Read, c.Total)
	}
	if len(got.gaps) != 2 || strings.Join(got.gaps[0].Controls, " ") != "Test.1" {
		t.Errorf("gaps %+v", got.gaps)
	}
}

// visitor records what Collect hands out.
type visitor struct{ seen []string }

func (v *visitor) Begin(l *Listing, _ resource.Wants) error {
	v.seen = append(v.seen, fmt.Sprintf("%d places", len(l.Places)))
	return nil
}
func (v *visitor) Resource(r *resource.Resource) error { v.seen = append(v.seen, r.ID); return nil }
func (v *visitor) Gap(g *finding.Gap) error            { v.seen = append(v.seen, g.Reason); return nil }

func TestCollectHandsOutResourcesAndGapsInOrder(t *testing.T) {
	t.Parallel()
	source := sourceFunc(func() (*Listing, error) {
		return &Listing{Places: []Place{{Region: "a"}, {Region: "b"}}, Units: []Unit{
			unitOf("a", func(_ context.Context, sink Sink) error { return sink.Resources(page("a", 0, 1, 1)) }),
			unitOf("b", func(_ context.Context, sink Sink) error { return sink.Gap(finding.Gap{Reason: finding.GapTimeout}) }),
		}}, nil
	})
	v := &visitor{}
	if err := Collect(t.Context(), source, nil, 2, nil, v); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(v.seen, ", "); got != "2 places, a-00000, timeout" {
		t.Errorf("got %s", got)
	}
}
