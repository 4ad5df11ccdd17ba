package fix

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"golang.org/x/sync/errgroup"
)

// Builder collects the results of a scan and makes the plan of them. Add may
// be called from many goroutines.
type Builder struct {
	Catalogue *control.Catalogue
	Chosen    []*control.Control
	Params    control.Params
	Planners  *Planners
	// Desired gives the property values with which a control would pass.
	Desired func(control string, r *resource.Resource) (map[string]resource.Value, error)
	// Amend, where it is set, may add to the owners and warnings of a change what
	// else is known of its resource. It is called by many goroutines.
	Amend func(*Change, *resource.Resource)
	// Reader serves for further reads; nil when planning offline.
	Reader        Reader
	Tool, Version string
	Now           time.Time

	mu      sync.Mutex
	changes []Change
	skipped []Skipped
	gaps    []finding.Gap
}

// Result is one finding with the resource that it is about.
type Result struct {
	Finding  *finding.Finding
	Resource *resource.Resource
}

// Build plans for every failed finding among the results; Plan then returns the
// plan. Up to concurrency results are planned at once, since planners may read.
func (b *Builder) Build(ctx context.Context, results <-chan Result, concurrency int) error {
	group, ctx := errgroup.WithContext(ctx)
	for range max(concurrency, 1) {
		group.Go(func() error {
			for {
				select {
				case <-ctx.Done():
					return ctx.Err()
				case result, open := <-results:
					if !open {
						return nil
					}
					if err := b.Add(ctx, result.Finding, result.Resource); err != nil {
						return err
					}
				}
			}
		})
	}
	return group.Wait()
}

// AddGap records what the scan could not read: the plan is not complete there.
func (b *Builder) AddGap(gap *finding.Gap) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.gaps = append(b.gaps, *gap)
}

// Add plans for one finding. One that did not fail is nothing to do.
func (b *Builder) Add(ctx context.Context, f *finding.Finding, r *resource.Resource) error {
	if f.Status != finding.Failed {
		return nil
	}
	change, skipped, err := b.plan(ctx, f, r)
	if err != nil {
		return fmt.Errorf("plan %s for %s: %w", f.Control, r.ID, err)
	}
	if change != nil && b.Amend != nil {
		b.Amend(change, r)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if change != nil {
		b.changes = append(b.changes, *change)
	}
	if skipped != nil {
		b.skipped = append(b.skipped, *skipped)
	}
	return nil
}

func (b *Builder) plan(ctx context.Context, f *finding.Finding, r *resource.Resource) (*Change, *Skipped, error) {
	c := b.Catalogue.Find(f.Control)
	if c == nil {
		return nil, nil, fmt.Errorf("the control is not in the catalogue")
	}
	task := &Task{
		Finding: f, Resource: r, Control: c, Type: b.Catalogue.Types[r.Type],
		Params: b.Params[c.ID], Reader: b.Reader, Now: b.Now,
	}
	if f.Exception != nil {
		return nil, task.Skip(SkipExcepted, "accepted in %s: %s", f.Exception.Source, f.Exception.Reason), nil
	}
	if other := b.Catalogue.Find(f.Same); other != nil && b.Planners.For(other, r.Type) != nil {
		return nil, task.Skip(SkipSame, "it is the same setting as %s, and planned there", f.Same), nil
	}
	planner := b.Planners.For(c, r.Type)
	if planner == nil {
		return nil, task.Skip(SkipNoFix, "the control has no fix that can be applied; holdfast explain %s tells how a person does it", c.ID), nil
	}
	desired, err := b.Desired(c.ID, r)
	if err != nil {
		return nil, task.Skip(SkipUnread, "%v", err), nil
	}
	task.Desired = desired
	return planner.Plan(ctx, task)
}

// Plan orders what was collected and seals it: by account, region and
// resource; on one resource the plain changes before the guided ones, so that
// what can be done at once does not wait for a person.
func (b *Builder) Plan() (*Plan, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := &Plan{
		Tool: b.Tool, Version: b.Version, Created: b.Now.UTC().Truncate(time.Second),
		Params: make(control.Params), Changes: b.changes, Skipped: b.skipped, Gaps: b.gaps,
	}
	for _, c := range b.Chosen {
		p.Controls = append(p.Controls, c.ID)
		if values := b.Params[c.ID]; len(values) > 0 {
			p.Params[c.ID] = values
		}
	}
	slices.SortFunc(p.Changes, func(x, y Change) int {
		return cmp.Or(compareRefs(&x.Resource, &y.Resource), compareBools(x.Guided, y.Guided), control.CompareIDs(x.Control, y.Control))
	})
	slices.SortFunc(p.Skipped, func(x, y Skipped) int {
		return cmp.Or(compareRefs(&x.Resource, &y.Resource), control.CompareIDs(x.Control, y.Control))
	})
	if err := Seal(p); err != nil {
		return nil, fmt.Errorf("the plan cannot be applied: %w", err)
	}
	return p, nil
}

func compareRefs(a, b *resource.Ref) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Key(), b.Key()))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	default:
		return 1
	}
}

// Totals sums up a plan.
type Totals struct {
	Changes   int `json:"changes"`
	Resources int `json:"resources"`
	Skipped   int `json:"skipped"`
	// ByControl counts changes by control and ByRisk by risk.
	ByControl map[string]int `json:"byControl"`
	ByRisk    map[string]int `json:"byRisk"`
	// CostLow and CostHigh are what the changes with a known cost add, in USD
	// per month; CostUnknown counts those that cost something nobody could tell.
	CostLow     float64 `json:"costLow"`
	CostHigh    float64 `json:"costHigh"`
	CostUnknown int     `json:"costUnknown"`
	// Accept lists the controls that are applied only when accepted by name.
	Accept []string `json:"accept,omitempty"`
	Guided int      `json:"guided"`
}

// Totals counts the plan.
func (p *Plan) Totals() Totals {
	t := Totals{Changes: len(p.Changes), Skipped: len(p.Skipped), ByControl: make(map[string]int), ByRisk: make(map[string]int)}
	resources := make(map[string]bool)
	for i := range p.Changes {
		c := &p.Changes[i]
		resources[c.Resource.Key()] = true
		t.ByControl[c.Control]++
		t.ByRisk[c.Risk]++
		if c.Guided {
			t.Guided++
		}
		if c.Accept != "" {
			t.Accept = append(t.Accept, c.Control)
		}
		switch {
		case c.Cost == nil && (c.Impact.Cost == "" || c.Impact.Cost == "none"):
		case c.Cost != nil && c.Cost.Known:
			t.CostLow += c.Cost.Low
			t.CostHigh += c.Cost.High
		default:
			t.CostUnknown++
		}
	}
	t.Resources = len(resources)
	slices.SortFunc(t.Accept, control.CompareIDs)
	t.Accept = slices.Compact(t.Accept)
	return t
}
