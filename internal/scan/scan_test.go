package scan

import (
	"context"
	"errors"
	"fmt"
	"os"
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
	const many = spillAfter + 700
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
	q := newQueue()
	for range spillAfter + 10 {
		if err := q.put([]result{{Gap: &finding.Gap{Reason: finding.GapFailed}}}); err != nil {
			t.Fatal(err)
		}
	}
	if q.spill == nil {
		t.Fatal("nothing was spilled")
	}
	if entries, _ := os.ReadDir(directory); len(entries) != 0 {
		t.Errorf("a kill would leave %v", entries)
	}
	q.close(nil)
	count := 0
	if err := q.drain(func(result) error { count++; return nil }); err != nil || count != spillAfter+10 {
		t.Errorf("%d results, %v", count, err)
	}
	q.discard()
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
