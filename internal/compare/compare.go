package compare

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/saved"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Compare reads two scans that were saved as json or ndjson and tells what
// changed from the first to the second. Errors name the file, if the reader
// has a name, or else which of the two it is, and wrap a *saved.Error.
func Compare(before, after io.Reader) (*Diff, error) {
	x := newIndex()
	if err := saved.Read(before, x); err != nil {
		return nil, fmt.Errorf("read %s: %w", label(before, "the first result"), err)
	}
	c := &comparison{before: x, gaps: newGaps(), outside: make(map[Scope]int)}
	if err := saved.Read(after, c); err != nil {
		return nil, fmt.Errorf("read %s: %w", label(after, "the second result"), err)
	}
	return c.diff, nil
}

func label(r io.Reader, otherwise string) string {
	if named, ok := r.(interface{ Name() string }); ok {
		return named.Name()
	}
	return otherwise
}

// comparison takes the second scan as a stream. It is a finding.Handler.
type comparison struct {
	before  *index
	diff    *Diff
	header  finding.Header
	checked map[string]*finding.Control // controls of the second scan
	judged  map[string]bool             // controls of the first scan
	gaps    gaps
	outside map[Scope]int
}

// Begin sets up the diff and notes what the scans were run with.
func (c *comparison) Begin(h *finding.Header) error {
	c.header = *h
	c.diff = &Diff{
		Before: side(&c.before.header, &c.before.footer),
		New:    []Change{}, Fixed: []Change{}, Changed: []Change{}, Unread: []Change{}, Gone: []Change{}, OutOfScope: []Scope{},
	}
	c.checked = make(map[string]*finding.Control, len(h.Controls))
	for i := range h.Controls {
		c.checked[h.Controls[i].ID] = &h.Controls[i]
	}
	c.judged = make(map[string]bool)
	for i := range c.before.header.Controls {
		old := &c.before.header.Controls[i]
		c.judged[old.ID] = true
		if now := c.checked[old.ID]; now != nil {
			c.noteParameters(old, now)
		}
	}
	return nil
}

func side(h *finding.Header, f *finding.Footer) Side {
	return Side{Tool: h.Tool, Version: h.Version, Started: h.Started, Coverage: f.Coverage, Summary: f.Tally}
}

// noteParameters tells where a control was judged by another measure.
func (c *comparison) noteParameters(old, now *finding.Control) {
	names := make(map[string]bool)
	for name := range old.Parameters {
		names[name] = true
	}
	for name := range now.Parameters {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, is := parameter(old, name), parameter(now, name)
		if was != is {
			c.diff.Notes = append(c.diff.Notes, fmt.Sprintf("%s: %s was %s and is %s",
				report.Clean(old.ID), report.Clean(name), was, is))
		}
	}
}

func parameter(c *finding.Control, name string) string {
	value, ok := c.Parameters[name]
	if !ok {
		return "not set"
	}
	return report.Clean(fmt.Sprint(value))
}

// Finding matches one finding of the second scan with the first.
func (c *comparison) Finding(f *finding.Finding) error {
	old := c.before.find(f.ID)
	if old == nil {
		c.first(f)
		return nil
	}
	was := finding.Statuses()[old.status]
	counted := was == finding.Failed && !old.excepted
	switch {
	case f.Status == finding.NotAvailable && was != finding.NotAvailable:
		c.add(&c.diff.Unread, f, old, "")
	case f.Status == finding.Passed && was == finding.Failed:
		c.add(&c.diff.Fixed, f, old, "")
	case f.Counts() && was != finding.Failed:
		c.add(&c.diff.New, f, old, "")
	case f.Status != was:
		c.add(&c.diff.Changed, f, old, "")
	case f.Status == finding.Failed && counted != f.Counts():
		c.add(&c.diff.Changed, f, old, exceptionChange(f))
	case f.Status != finding.NotAvailable && old.evidence != c.before.digest(f.Evidence):
		c.add(&c.diff.Changed, f, old, "")
	default:
		c.diff.Unchanged.add(f.Status, f.Exception != nil)
	}
	return nil
}

func exceptionChange(f *finding.Finding) string {
	if f.Exception != nil {
		return "an exception covers it now"
	}
	return "the exception that covered it has ended"
}

// first takes a finding that the first scan does not have.
func (c *comparison) first(f *finding.Finding) {
	if !f.Counts() {
		c.diff.Appeared.add(f.Status, f.Exception != nil)
		return
	}
	why := "the resource is new"
	coverage := &c.before.footer.Coverage
	switch {
	case !c.judged[f.Control]:
		why = "the control was not checked before"
	case c.before.gaps.cover(f.Control, &f.Resource):
		why = "nobody could read it before"
	case outside(coverage.Accounts, f.Resource.Account):
		why = "the account was not scanned before"
	case outside(coverage.Regions, f.Resource.Region):
		why = "the region was not scanned before"
	}
	c.add(&c.diff.New, f, nil, why)
}

// outside reports whether a scan that lists its places did not look at one.
func outside(places []string, place string) bool {
	return len(places) > 0 && place != "" && !slices.Contains(places, place)
}

func (c *comparison) add(list *[]Change, f *finding.Finding, old *record, why string) {
	change := Change{
		ID: f.ID, Control: f.Control, Title: f.Title, Severity: f.Severity, Resource: f.Resource,
		After: &State{f.Status, f.Exception != nil, shown(f)}, Why: why,
	}
	if old != nil {
		change.Before = c.before.state(old)
	}
	*list = append(*list, change)
}

// Gap remembers what the second scan could not read.
func (c *comparison) Gap(g *finding.Gap) error {
	c.gaps.add(g)
	return nil
}

// End sorts out what only the first scan has, and sorts the lists.
func (c *comparison) End(f *finding.Footer) error {
	c.diff.After = side(&c.header, f)
	for i := range c.before.records {
		if record := &c.before.records[i]; !record.seen {
			c.last(record, &f.Coverage)
		}
	}
	for _, list := range [][]Change{c.diff.New, c.diff.Fixed, c.diff.Changed, c.diff.Unread, c.diff.Gone} {
		slices.SortStableFunc(list, c.order())
	}
	for scope, n := range c.outside {
		scope.Findings = n
		c.diff.OutOfScope = append(c.diff.OutOfScope, scope)
	}
	slices.SortFunc(c.diff.OutOfScope, func(a, b Scope) int {
		return cmp.Or(cmp.Compare(a.Control, b.Control), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	return nil
}

// last takes a finding that the second scan does not have. It is gone only if
// the scan looked and could read.
func (c *comparison) last(r *record, coverage *finding.Coverage) {
	x := c.before
	control, ref, state := x.names[r.control], x.ref(r), x.state(r)
	switch {
	case c.checked[control.id] == nil:
		c.outside[Scope{Control: control.id}]++
		return
	case c.gaps.cover(control.id, &ref):
		if state.Status == finding.NotAvailable {
			c.diff.Unchanged.add(state.Status, false)
			return
		}
	case outside(coverage.Accounts, ref.Account):
		c.outside[Scope{Account: ref.Account}]++
		return
	case outside(coverage.Regions, ref.Region):
		c.outside[Scope{Region: ref.Region}]++
		return
	default:
		c.diff.Gone = append(c.diff.Gone, c.lost(control, ref, state, ""))
		return
	}
	c.diff.Unread = append(c.diff.Unread, c.lost(control, ref, state, "a gap covers it now"))
}

func (c *comparison) lost(control named, ref resource.Ref, before *State, why string) Change {
	return Change{
		ID: finding.NewID(control.id, &ref), Control: control.id, Title: control.title, Severity: control.severity,
		Resource: ref, Before: before, Why: why,
	}
}

// order sorts changes as reports sort findings, the most severe first.
func (c *comparison) order() func(a, b Change) int {
	position := make(map[string]int)
	for _, list := range [][]finding.Control{c.header.Controls, c.before.header.Controls} {
		for i := range list {
			if _, ok := position[list[i].ID]; !ok {
				position[list[i].ID] = len(position)
			}
		}
	}
	return func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(b.Severity.Rank(), a.Severity.Rank()),
			cmp.Compare(a.Resource.Account, b.Resource.Account), cmp.Compare(a.Resource.Region, b.Resource.Region),
			cmp.Compare(a.Resource.Type, b.Resource.Type), cmp.Compare(a.Resource.Key(), b.Resource.Key()),
			cmp.Compare(position[a.Control], position[b.Control]), cmp.Compare(a.ID, b.ID),
		)
	}
}
