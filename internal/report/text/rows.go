package text

import (
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const (
	indent      = 2
	statusWidth = len("NOT_AVAILABLE")
	// minEvidence is how many columns the evidence must have left to stand
	// beside the resource; otherwise it stands below.
	minEvidence = 64
	maxID       = 40
	minID       = 20
	maxPlace    = 35
)

// group writes one control with its findings.
func (w *writer) group(g *report.Group) {
	id, severity := report.Clean(g.Control.ID), string(g.Control.Severity)
	w.Row(0, []page.Cell{
		{Text: id, Width: page.Width(id), Style: page.Bold},
		{Text: severity, Width: page.Width(severity), Style: severityStyle(g.Control.Severity)},
	}, report.Clean(g.Control.Title))
	w.Items(indent, page.Dim, counts(g))
	w.Blank()
	columns := w.columns(g)
	for _, outcome := range []struct {
		label string
		style page.Style
		rows  *report.Rows[finding.Finding]
	}{
		{"FAILED", page.Bad, &g.Failed},
		{"NOT_AVAILABLE", page.Warn, &g.NotAvailable},
		{"WARNING", page.Warn, &g.Warning},
		{"EXCEPTED", page.Dim, &g.Excepted},
		{"PASSED", page.Good, &g.Passed},
	} {
		for i := range outcome.rows.Kept {
			w.finding(columns, page.Cell{Text: outcome.label, Width: statusWidth, Style: outcome.style}, &outcome.rows.Kept[i])
		}
		if more := outcome.rows.More(); more > 0 && outcome.label != "PASSED" {
			w.Row(indent, []page.Cell{{Width: statusWidth}},
				"… and "+report.Count(more)+" more "+outcome.label+" (--format ndjson shows all)")
		}
	}
	w.Blank()
}

func counts(g *report.Group) string {
	var parts []string
	for _, part := range []struct {
		n    int
		word string
	}{
		{g.Failed.Count, "failed"}, {g.NotAvailable.Count, "not available"}, {g.Warning.Count, "warning"},
		{g.Excepted.Count, "excepted"}, {g.Passed.Count, "passed"},
	} {
		if part.n > 0 || part.word == "failed" {
			parts = append(parts, report.Count(part.n)+" "+part.word)
		}
	}
	return strings.Join(parts, " · ")
}

// columns are the widths of a control's rows: resource, place, and whether the
// evidence stands beside them or below.
type columns struct {
	id, place     int
	placeOwn      bool // the place stands on a line of its own
	evidenceAside bool
}

func (w *writer) columns(g *report.Group) columns {
	var c columns
	for _, rows := range g.Rows() {
		for i := range rows.Kept {
			ref := &rows.Kept[i].Resource
			c.id = max(c.id, page.Width(name(ref)))
			c.place = max(c.place, page.Width(report.Place(ref)))
		}
	}
	room := w.Width() - indent - statusWidth - 2
	id, place := min(c.id, maxID), min(c.place, maxPlace)
	if c.evidenceAside = room-id-2-place-2 >= minEvidence; c.evidenceAside {
		c.id, c.place = id, place
		return c
	}
	least := min(c.id, minID)
	if inCode(g) {
		least = c.id // the middle of an address tells instances apart
	}
	if c.placeOwn = room-2-c.place < least; c.placeOwn {
		c.id = room
		return c
	}
	c.id = min(c.id, room-2-c.place)
	return c
}

func inCode(g *report.Group) bool {
	for _, rows := range g.Rows() {
		for i := range rows.Kept {
			if ref := &rows.Kept[i].Resource; ref.Origin.Address != "" && name(ref) == report.Clean(ref.Origin.Address) {
				return true
			}
		}
	}
	return false
}

// name is what people call a resource: its identifier, or its address in code.
func name(ref *resource.Ref) string {
	if ref.ID != "" {
		return report.Clean(ref.ID)
	}
	return report.Clean(ref.Origin.Address)
}

func (w *writer) finding(c columns, status page.Cell, f *finding.Finding) {
	details := w.details(f)
	id := page.Cell{Text: name(&f.Resource), Width: c.id}
	place := page.Cell{Text: report.Place(&f.Resource), Width: c.place, Style: page.Dim}
	origin := &f.Resource.Origin
	cut := id.Text == report.Clean(origin.Address) && page.Width(id.Text) > c.id
	if c.evidenceAside && page.Width(place.Text) > c.place && origin.File != "" {
		place.Text, cut = report.Line(*origin), true // the line must not be cut out
	}
	if cut {
		details = append([]string{report.Clean(origin.Address)}, details...)
	}
	switch {
	case c.evidenceAside:
		w.Row(indent, []page.Cell{status, id, place}, details...)
		return
	case c.placeOwn:
		w.Row(indent, []page.Cell{status, id})
		details = append([]string{report.Place(&f.Resource)}, details...)
	default:
		w.Row(indent, []page.Cell{status, id, place})
	}
	w.Row(indent, []page.Cell{{Width: statusWidth}}, details...)
}

// details tells what a verdict rests on, or what kept it from being made.
func (w *writer) details(f *finding.Finding) []string {
	lines := report.Grounds(f, w.options.Verbose)
	for _, note := range f.Notes {
		lines = append(lines, "Note: "+report.Clean(note))
	}
	if f.Exception != nil {
		lines = append(lines, report.Accepted(f.Exception, w.options.Now))
	}
	if len(lines) == 0 {
		lines = []string{"no evidence was given"}
	}
	return lines
}
