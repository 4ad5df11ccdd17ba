package scan

import (
	"context"
	"slices"
	"time"

	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Exceptions say which findings somebody has accepted. It is asked from many
// goroutines.
type Exceptions interface {
	// Look sees every resource with the findings on it. The list is valid
	// during the call.
	Look(r *resource.Resource, findings []*finding.Finding)
	// Match returns the exception that covers a failed finding, or nil.
	Match(f *finding.Finding, r *resource.Resource) *finding.Exception
	// Notes returns what a reader of a failed finding must know because no
	// exception covers it.
	Notes(f *finding.Finding, r *resource.Resource) []string
	// Review adds to the footer, after the scan, what is to be said of the
	// exceptions themselves, as far as the scan has looked.
	Review(footer *finding.Footer, extent *finding.Extent)
	// Wants adds the properties that matching reads, such as tags.
	Wants(resource.Wants) resource.Wants
}

// Options describe one scan.
type Options struct {
	Source     Source
	Engine     *engine.Engine
	Exceptions Exceptions // nil for none
	Handler    finding.Handler
	// OnResult, when set, gets every finding with its resource, after Handler.
	OnResult func(*finding.Finding, *resource.Resource) error
	// Concurrency is how many units are read at once; at least 1.
	Concurrency int
	Now         func() time.Time
	Version     string
	// Calls counts the service calls made so far; nil when there are none.
	Calls    func() int
	Progress Progress // nil for nobody
}

// Run scans and returns what the footer says. Interrupting the context ends
// the scan early with gaps for what was not read; it is no error.
func Run(ctx context.Context, o Options) (*finding.Footer, error) {
	wants := o.Engine.Wants()
	if o.Exceptions != nil {
		wants = o.Exceptions.Wants(wants)
	}
	started := o.Now().UTC()
	listing, err := o.Source.List(ctx, wants)
	if err != nil {
		return nil, err
	}
	run := &runner{Options: o, wants: wants, coverage: newCoverage(listing)}
	header := &finding.Header{Tool: "holdfast", Version: o.Version, Started: started, Controls: o.Engine.Controls()}
	if err := o.Handler.Begin(header); err != nil {
		return nil, err
	}
	for i := range listing.Gaps {
		if err := run.gap(&listing.Gaps[i]); err != nil {
			return nil, err
		}
	}
	flow := &stream{units: listing.Units, concurrency: o.Concurrency, progress: o.Progress, judge: run.judge, handle: run.handle}
	if err := flow.run(ctx); err != nil {
		return nil, err
	}
	footer := run.footer(listing)
	return footer, o.Handler.End(footer)
}

type runner struct {
	Options
	wants     resource.Wants
	tally     finding.Tally
	resources int
	coverage  *coverage
}

// judge evaluates a page. It runs beside others and touches no state of the
// runner.
func (r *runner) judge(page []*resource.Resource) ([]result, error) {
	results := make([]result, 0, len(page)*4)
	var findings []*finding.Finding
	for _, res := range page {
		results = append(results, result{}) // counts the resource
		findings = findings[:0]
		err := r.Engine.Evaluate(res, func(f *finding.Finding) error {
			if r.Exceptions != nil && f.Status == finding.Failed {
				r.except(f, res)
			}
			findings = append(findings, f)
			one := result{Finding: f}
			if r.OnResult != nil {
				one.Resource = res
			}
			results = append(results, one)
			return nil
		})
		if err != nil {
			return nil, err
		}
		if r.Exceptions != nil {
			r.Exceptions.Look(res, findings)
		}
		countOnce(findings)
	}
	return results, nil
}

func (r *runner) handle(_ *Unit, one result) error {
	switch {
	case one.Gap != nil:
		return r.gap(one.Gap)
	case one.Finding == nil:
		r.resources++
		return nil
	}
	r.tally.Add(one.Finding)
	if err := r.Handler.Finding(one.Finding); err != nil {
		return err
	}
	if r.OnResult != nil {
		return r.OnResult(one.Finding, one.Resource)
	}
	return nil
}

// except looks for the exception that covers a failure.
func (r *runner) except(f *finding.Finding, res *resource.Resource) {
	if f.Exception = r.Exceptions.Match(f, res); f.Exception == nil {
		f.Notes = append(f.Notes, r.Exceptions.Notes(f, res)...)
	}
}

func (r *runner) gap(gap *finding.Gap) error {
	if !r.matters(gap) {
		return nil
	}
	if len(gap.Controls) == 0 {
		gap.Controls = r.Engine.Needing(gap.Type, gap.Operation)
	}
	r.coverage.miss(gap)
	r.tally.Gaps++
	return r.Handler.Gap(gap)
}

// matters reports whether a gap concerns this scan. A saved snapshot also holds
// gaps of reads that only other controls need.
func (r *runner) matters(gap *finding.Gap) bool {
	single := r.Engine.Yields(gap.Type, gap.Operation)
	wanted := func(property string) bool { return r.wants.Has(gap.Type, property) }
	return len(single) == 0 || slices.ContainsFunc(single, wanted)
}

func (r *runner) footer(listing *Listing) *finding.Footer {
	footer := &finding.Footer{
		Finished: r.Now().UTC(), Tally: r.tally,
		Coverage: r.coverage.count(listing, r.resources),
	}
	if r.Calls != nil {
		footer.Coverage.Calls = r.Calls()
	}
	if r.Exceptions != nil {
		r.Exceptions.Review(footer, r.extent())
	}
	return footer
}

func (r *runner) extent() *finding.Extent {
	extent := &finding.Extent{Known: r.Engine.Known(), Judged: r.Engine.Needing("", "")}
	extent.Read, extent.Unread = r.coverage.split()
	return extent
}
