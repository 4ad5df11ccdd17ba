package text

import (
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
)

// cause is what gaps have in common; those with one cause are told together.
type cause struct{ text, permission string }

// together is one cause and where it struck.
type together struct {
	cause
	places   []string
	account  string // of the last place, which the next need not repeat
	types    []string
	controls []string
	try      string
}

// gaps tells what could not be read, as prominently as a failure.
func (w *writer) gaps() {
	if w.Gaps.Count == 0 {
		return
	}
	heading := report.Plural(w.Gaps.Count, "place") + " could not be read: nothing is known about what is there"
	w.Row(0, []page.Cell{{Text: "GAPS", Width: len("GAPS"), Style: page.Caution}}, heading)
	w.Blank()
	for _, group := range gather(w.Gaps.Kept) {
		w.Text(indent, page.Warn, group.text)
		w.labelled("Where", w.list(group.places))
		w.labelled("Unread", w.list(group.types))
		w.labelled("Unjudged", w.list(group.controls))
		w.labelled("Grant", report.Clean(group.permission))
		w.labelled("Try", report.Clean(group.try))
		w.Blank()
	}
	if more := w.Gaps.More(); more > 0 {
		w.Text(indent, page.Warn, "… and "+report.Count(more)+" more gaps (--format ndjson shows all)")
		w.Blank()
	}
}

func (w *writer) labelled(label, text string) {
	if text != "" {
		w.Row(2*indent, []page.Cell{{Text: label, Width: len("Unjudged"), Style: page.Dim}}, text)
	}
}

// gather puts gaps of one cause together, in the order of their first.
func gather(gaps []finding.Gap) []*together {
	var order []*together
	byCause := make(map[cause]*together)
	for i := range gaps {
		gap := &gaps[i]
		key := cause{report.Cause(gap), gap.Permission}
		group := byCause[key]
		if group == nil {
			group = &together{cause: key, try: gap.Try}
			byCause[key] = group
			order = append(order, group)
		}
		group.add(gap)
	}
	return order
}

func (t *together) add(gap *finding.Gap) {
	place := *gap
	if t.account != "" && gap.Account == t.account && gap.Region != "" {
		place.Account = ""
	}
	t.account = gap.Account
	t.places = append(t.places, report.GapPlace(&place))
	if gap.Type != "" {
		t.types = insert(t.types, report.Thing(gap.Type))
	}
	for _, id := range gap.Controls {
		t.controls = insert(t.controls, report.Clean(id))
	}
}

func insert(list []string, item string) []string {
	if slices.Contains(list, item) {
		return list
	}
	return append(list, item)
}

// list joins names and counts those past the first dozen.
func (w *writer) list(names []string) string {
	const dozen = 12
	if w.options.Verbose || len(names) <= dozen {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:dozen], ", ") + " and " + report.Count(len(names)-dozen) + " more"
}
