package compare

import (
	"bufio"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
)

// rowsPerList is how many changes of one kind are listed unless all are wanted.
const rowsPerList = 50

// WriteJSON writes the diff as one JSON document, one change per line.
func (d *Diff) WriteJSON(out io.Writer) error {
	b := bufio.NewWriter(out) // keeps the first write error
	var errs []error
	field := func(key string, value any) {
		text, err := report.Marshal(value)
		errs = append(errs, err)
		b.WriteString(",\n\"" + key + "\":")
		b.Write(text)
	}
	b.WriteString("{\n\"format\":" + strconv.Itoa(report.Format))
	field("before", &d.Before)
	field("after", &d.After)
	for _, list := range d.lists() {
		b.WriteString(",\n\"" + list.key + "\":[")
		rows := report.Array{Out: b}
		for i := range list.changes {
			errs = append(errs, rows.Add(&list.changes[i]))
		}
		if rows.Len() > 0 {
			b.WriteByte('\n')
		}
		b.WriteByte(']')
	}
	field("outOfScope", d.OutOfScope)
	if len(d.Notes) > 0 {
		field("notes", d.Notes)
	}
	field("unchanged", &d.Unchanged)
	field("appeared", &d.Appeared)
	b.WriteString("\n}\n")
	return errors.Join(append(errs, b.Flush())...)
}

// list is one kind of change with its names in JSON and in text.
type list struct {
	key, title, meaning string
	style               page.Style
	changes             []Change
}

func (d *Diff) lists() []list {
	return []list{
		{"new", "NEW", "fails now and did not before", page.Bad, d.New},
		{"unread", "NO LONGER READABLE", "was judged before; now nobody knows", page.Warn, d.Unread},
		{"changed", "CHANGED", "has another status, evidence or exception", page.Quiet, d.Changed},
		{"fixed", "FIXED", "failed before and passes now", page.Good, d.Fixed},
		{"gone", "GONE", "the resource is no longer there", page.Dim, d.Gone},
	}
}

// WriteText writes the diff for a person, the summary last.
func (d *Diff) WriteText(options report.Options, out io.Writer) error {
	p := page.New(out, options.Width, options.Color)
	p.Row(0, []page.Cell{{Text: "Before", Width: len("Before"), Style: page.Dim}}, about(&d.Before))
	p.Row(0, []page.Cell{{Text: "After", Width: len("Before"), Style: page.Dim}}, about(&d.After))
	p.Blank()
	for _, note := range d.Notes {
		p.Text(0, page.Warn, "Note: "+note)
	}
	p.Blank()
	for _, list := range d.lists() {
		writeList(p, &list, options.Verbose)
	}
	d.writeScope(p)
	if d.Same() {
		p.Line("Nothing changed.")
		p.Blank()
	}
	p.Items(0, d.style(), d.Summary())
	return p.Flush()
}

func about(s *Side) string {
	text := "a scan at an unknown time"
	if !s.Started.IsZero() {
		text = s.Started.UTC().Format(time.RFC3339)
	}
	if s.Version != "" {
		text += " by " + report.Clean(s.Tool) + " " + report.Clean(s.Version)
	}
	return text + ", " + report.CoverageLine(&s.Coverage)
}

func writeList(p *page.Page, l *list, all bool) {
	if len(l.changes) == 0 {
		return
	}
	p.Row(0, []page.Cell{{Text: l.title, Width: len(l.title), Style: l.style}}, report.Count(len(l.changes))+": "+l.meaning)
	p.Blank()
	rows := l.changes
	if !all && len(rows) > rowsPerList {
		rows = rows[:rowsPerList]
	}
	for i := range rows {
		writeChange(p, &rows[i])
	}
	if left := len(l.changes) - len(rows); left > 0 {
		p.Text(2, page.Plain, "… and "+report.Count(left)+" more (--format json shows all)")
	}
	p.Blank()
}

func writeChange(p *page.Page, c *Change) {
	id, severity := report.Clean(c.Control), string(c.Severity)
	name := report.Clean(c.Resource.ID)
	if name == "" {
		name = report.Clean(c.Resource.Origin.Address)
	}
	p.Row(2, []page.Cell{
		{Text: id, Width: max(10, page.Width(id)), Style: page.Bold}, {Text: severity, Width: len("CRITICAL")},
	}, name+" ("+report.Place(&c.Resource)+")")
	for _, line := range c.lines() {
		p.Row(4, nil, line)
	}
}

// lines tells what a finding was and is.
func (c *Change) lines() []string {
	var lines []string
	switch {
	case c.Before == nil:
		lines = append(lines, c.After.String())
	case c.After == nil:
		lines = append(lines, "was "+c.Before.String())
	case c.Before.Status == c.After.Status && c.Before.Excepted == c.After.Excepted:
		lines = append(lines, "was "+c.Before.String(), "is "+c.After.String())
	default:
		lines = append(lines, c.Before.word()+" → "+c.After.String())
	}
	if c.Why != "" {
		lines = append(lines, "because "+c.Why)
	}
	return lines
}

// String tells a state in one line.
func (s *State) String() string {
	if s.Evidence == "" {
		return s.word()
	}
	return s.word() + ": " + s.Evidence
}

func (s *State) word() string {
	if s.Status == finding.Failed && s.Excepted {
		return "EXCEPTED"
	}
	return string(s.Status)
}

func (d *Diff) writeScope(p *page.Page) {
	if len(d.OutOfScope) == 0 {
		return
	}
	title := "NOT LOOKED AT"
	p.Row(0, []page.Cell{{Text: title, Width: len(title), Style: page.Warn}}, "the second scan was narrower, so these are neither fixed nor gone")
	p.Blank()
	for _, scope := range d.OutOfScope {
		what := "control " + report.Clean(scope.Control)
		if scope.Account != "" {
			what = "account " + report.Clean(scope.Account)
		} else if scope.Region != "" {
			what = "region " + report.Clean(scope.Region)
		}
		p.Text(2, page.Plain, what+": "+report.Plural(scope.Findings, "finding"))
	}
	p.Blank()
}

// Summary tells the counts in one line: "3 new · 2 no longer readable · 1
// changed · 4 fixed · 0 gone · 1,230 unchanged".
func (d *Diff) Summary() string {
	parts := []string{
		report.Count(len(d.New)) + " new", report.Count(len(d.Unread)) + " no longer readable",
		report.Count(len(d.Changed)) + " changed", report.Count(len(d.Fixed)) + " fixed", report.Count(len(d.Gone)) + " gone",
	}
	unlooked := 0
	for _, scope := range d.OutOfScope {
		unlooked += scope.Findings
	}
	if unlooked > 0 {
		parts = append(parts, report.Count(unlooked)+" not looked at")
	}
	return strings.Join(append(parts, report.Count(d.Unchanged.Total())+" unchanged"), " · ")
}

func (d *Diff) style() page.Style {
	switch {
	case len(d.New) > 0:
		return page.Bad
	case len(d.Unread)+len(d.OutOfScope) > 0:
		return page.Warn
	case len(d.Fixed) > 0:
		return page.Good
	default:
		return page.Plain
	}
}
