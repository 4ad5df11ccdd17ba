package report

import (
	"cmp"
	"math"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

// All, as a limit of Groups, keeps every row.
const All = math.MaxInt

// Rows counts everything and keeps the first few.
type Rows[T any] struct {
	Count int
	Kept  []T
}

func (r *Rows[T]) add(row T, limit int) {
	r.Count++
	if len(r.Kept) < limit {
		r.Kept = append(r.Kept, row)
	}
}

// More is how many rows were counted and not kept.
func (r *Rows[T]) More() int { return r.Count - len(r.Kept) }

// Group is one control and its findings by outcome.
type Group struct {
	Control      finding.Control
	Failed       Rows[finding.Finding]
	NotAvailable Rows[finding.Finding]
	Warning      Rows[finding.Finding]
	Excepted     Rows[finding.Finding]
	Passed       Rows[finding.Finding]

	order int
}

// Total counts the findings of the control.
func (g *Group) Total() int { return g.Open() + g.Excepted.Count + g.Passed.Count }

// Open counts the findings that ask for somebody's attention.
func (g *Group) Open() int { return g.Failed.Count + g.NotAvailable.Count + g.Warning.Count }

// Rows lists the outcomes, worst first.
func (g *Group) Rows() []*Rows[finding.Finding] {
	return []*Rows[finding.Finding]{&g.Failed, &g.NotAvailable, &g.Warning, &g.Excepted, &g.Passed}
}

// Groups is a finding.Handler that summarises a stream by control: it counts
// everything and keeps at most Limit rows of each control and outcome, of
// passed ones without a note PassedLimit, and GapLimit gaps. So its memory does
// not grow with the findings.
type Groups struct {
	Limit       int
	PassedLimit int
	GapLimit    int

	Header finding.Header
	Footer finding.Footer
	Gaps   Rows[finding.Gap]
	// Live and Code tell where the failed findings stand: in accounts, in files.
	Live, Code bool

	byControl map[string]*Group
}

// Keep sets the limits, or none at all if every row is wanted.
func (g *Groups) Keep(every bool, rows, passed, gaps int) {
	if every {
		rows, passed, gaps = All, All, All
	}
	g.Limit, g.PassedLimit, g.GapLimit = rows, passed, gaps
}

// Begin takes the header.
func (g *Groups) Begin(h *finding.Header) error {
	g.Header = *h
	g.byControl = make(map[string]*Group, len(h.Controls))
	for i := range h.Controls {
		g.byControl[h.Controls[i].ID] = &Group{Control: h.Controls[i], order: i}
	}
	return nil
}

// Finding counts one finding under its control.
func (g *Groups) Finding(f *finding.Finding) error {
	group := g.byControl[f.Control]
	if group == nil {
		group = &Group{
			Control: finding.Control{ID: f.Control, Title: f.Title, Severity: f.Severity, ResourceType: f.Resource.Type},
			order:   len(g.byControl),
		}
		g.byControl[f.Control] = group
	}
	switch {
	case f.Status == finding.Failed && f.Exception != nil:
		group.Excepted.add(*f, g.Limit)
	case f.Status == finding.Failed:
		group.Failed.add(*f, g.Limit)
		g.Code = g.Code || f.Resource.Origin.File != ""
		g.Live = g.Live || f.Resource.Origin.File == ""
	case f.Status == finding.Warning:
		group.Warning.add(*f, g.Limit)
	case f.Status == finding.Passed && len(f.Notes) > 0:
		// It passes and there is something to know all the same.
		group.Passed.add(*f, max(g.PassedLimit, g.Limit))
	case f.Status == finding.Passed:
		group.Passed.add(*f, g.PassedLimit)
	default:
		group.NotAvailable.add(*f, g.Limit)
	}
	return nil
}

// Gap counts one gap.
func (g *Groups) Gap(gap *finding.Gap) error {
	g.Gaps.add(*gap, g.GapLimit)
	return nil
}

// End takes the footer.
func (g *Groups) End(f *finding.Footer) error {
	g.Footer = *f
	return nil
}

// Sorted lists the controls, the most severe first, then in the header's order.
func (g *Groups) Sorted() []*Group {
	groups := make([]*Group, 0, len(g.byControl))
	for _, group := range g.byControl {
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(a, b *Group) int {
		return cmp.Or(
			cmp.Compare(b.Control.Severity.Rank(), a.Control.Severity.Rank()),
			cmp.Compare(a.order, b.order),
		)
	})
	return groups
}

// Judged counts the findings of all controls.
func (g *Groups) Judged() int {
	n := 0
	for _, group := range g.byControl {
		n += group.Total()
	}
	return n
}
