package drift

import (
	"io"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/pair"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const (
	// rowsPerList is how many resources of one kind are listed unless all are
	// wanted.
	rowsPerList = 50
	indent      = 2
	sideWidth   = len("Account")
)

type writer struct {
	*page.Page
	rows int
}

// WriteText writes the drift for a person: what differs first, then what could
// not be compared, and last the counts.
func (d *Drift) WriteText(options report.Options, out io.Writer) error {
	w := &writer{Page: page.New(out, options.Width, options.Color), rows: rowsPerList}
	if options.Verbose {
		w.rows = max(len(d.Different), len(d.Undecided), len(d.Unsettled), len(d.Missing), len(d.Lost))
	}
	section(w, "DIFFERENT", page.Bad, "the account is not as the code says", d.Different, w.different)
	section(w, "NOT IN THE ACCOUNT", page.Bad, "the code has it, the account has not", d.Missing, w.missing)
	section(w, "NOT IN THE CODE", page.Bad, "its owner has no code for it", d.Lost, w.lost)
	section(w, "NOT KNOWN", page.Warn, "what one side does not tell", d.Unsettled, w.unsettled)
	section(w, "NOT PAIRED", page.Warn, "what belongs together cannot be told", d.Undecided, w.undecided)
	w.gaps(d.Gaps)
	w.summary(d)
	return w.Flush()
}

// section writes one list under its heading.
func section[T any](w *writer, title string, style page.Style, meaning string, items []T, write func(*T)) {
	if len(items) == 0 {
		return
	}
	w.Row(0, []page.Cell{{Text: title, Width: len(title), Style: style}}, report.Plural(len(items), "resource")+": "+meaning)
	w.Blank()
	for i := range items[:min(len(items), w.rows)] {
		write(&items[i])
	}
	if left := len(items) - w.rows; left > 0 {
		w.Text(indent, page.Plain, "… and "+report.Count(left)+" more (--verbose lists all)")
	}
	w.Blank()
}

// pair writes what a pair is called on both sides.
func (w *writer) pair(p *Pair) {
	w.Items(indent, page.Bold, live(&p.Live))
	w.Text(2*indent, page.Dim, report.Clean(p.Owner.Name)+" at "+report.Line(p.Code.Origin))
}

func live(ref *resource.Ref) string {
	return report.Clean(ref.ID) + " · " + report.Thing(ref.Type) + " · " + report.Place(ref)
}

func inCode(ref *resource.Ref) string {
	return report.Clean(ref.Origin.Address) + " · " + report.Thing(ref.Type) + " · " + report.Line(ref.Origin)
}

func (w *writer) different(d *Different) {
	w.pair(&d.Pair)
	for i := range d.Properties {
		p := &d.Properties[i]
		w.Line(strings.Repeat(" ", 2*indent) + w.Paint(page.Bold, report.Clean(p.Property)))
		w.side("Code", said(p.Code, p.Unit, p.CodeDefault)+" ("+decided(p.At, p.CodeDefault)+")")
		w.side("Account", said(p.Live, p.Unit, p.LiveDefault))
		w.side("Read by", verdicts(p.Controls))
	}
	w.Blank()
}

func (w *writer) side(label, text string) {
	w.Row(3*indent, []page.Cell{{Text: label, Width: sideWidth, Style: page.Dim}}, text)
}

// said writes the value of one side.
func said(v resource.Value, unit string, isDefault bool) string {
	switch {
	case v.Kind() == resource.Absent:
		return "not set"
	case isDefault:
		return report.Shown(v, unit) + ", because it is not set"
	default:
		return report.Shown(v, unit)
	}
}

// decided names the line that decides a value.
func decided(at resource.Origin, isDefault bool) string {
	if isDefault && at.Defined == nil {
		return "left out in " + report.Line(at)
	}
	return pair.Deciding(at)
}

// verdicts tells what the controls say of both sides, where they disagree.
func verdicts(list []pair.Verdict) string {
	parts := make([]string, len(list))
	for i, v := range list {
		parts[i] = report.Clean(v.Control)
		if v.Code != v.Live {
			parts[i] += " (code " + status(v.Code) + ", account " + status(v.Live) + ")"
		}
	}
	return strings.Join(parts, ", ")
}

func status(s finding.Status) string {
	if s == "" {
		return "not judged"
	}
	return string(s)
}

func (w *writer) missing(m *Missing) {
	w.Items(indent, page.Bold, inCode(&m.Code))
	w.Text(2*indent, page.Plain, report.Clean(m.Why))
	w.Blank()
}

func (w *writer) lost(l *Lost) {
	w.Items(indent, page.Bold, live(&l.Live))
	owner := report.Clean(l.Owner.Name)
	if l.Owner.State.File != "" {
		owner += " (" + report.Line(l.Owner.State) + ")"
	}
	w.Text(2*indent, page.Dim, owner)
	w.Text(2*indent, page.Plain, report.Clean(l.Why))
	w.Blank()
}

func (w *writer) unsettled(u *Unsettled) {
	w.pair(&u.Pair)
	for i := range u.Properties {
		p := &u.Properties[i]
		why := "not known from the " + p.Side
		if p.Side == pair.SideCode {
			why += " (" + decided(p.At, false) + ")"
		}
		w.Line(strings.Repeat(" ", 2*indent) + w.Paint(page.Bold, report.Clean(p.Property)))
		w.Text(3*indent, page.Plain, why)
		for _, sentence := range report.Lacks([]resource.Missing{p.Missing}) {
			w.Text(3*indent, page.Plain, sentence)
		}
	}
	w.Blank()
}

func (w *writer) undecided(u *Undecided) {
	if u.Live != nil {
		w.Items(indent, page.Bold, live(u.Live))
	} else {
		w.Items(indent, page.Bold, inCode(u.Code))
	}
	w.Text(2*indent, page.Plain, report.Clean(u.Why))
	for _, c := range u.Candidates {
		text := report.Clean(c.Name)
		if c.At.File != "" {
			text += " (" + report.Line(c.At) + ")"
		}
		w.Text(3*indent, page.Dim, text)
	}
	w.Blank()
}

// gaps tells what could not be read, of either side.
func (w *writer) gaps(gaps []finding.Gap) {
	if len(gaps) == 0 {
		return
	}
	w.Row(0, []page.Cell{{Text: "GAPS", Width: len("GAPS"), Style: page.Caution}},
		report.Plural(len(gaps), "place")+" could not be read: nothing is known about what is there")
	w.Blank()
	for i := range gaps[:min(len(gaps), w.rows)] {
		gap := &gaps[i]
		w.Text(indent, page.Warn, report.GapPlace(gap)+": "+report.Cause(gap))
		if gap.Permission != "" {
			w.Text(2*indent, page.Plain, "Grant "+report.Clean(gap.Permission))
		}
		if gap.Try != "" {
			w.Text(2*indent, page.Plain, "Try "+report.Clean(gap.Try))
		}
	}
	if left := len(gaps) - w.rows; left > 0 {
		w.Text(indent, page.Warn, "… and "+report.Count(left)+" more")
	}
	w.Blank()
}

func (w *writer) summary(d *Drift) {
	s := d.Summary()
	style := page.Good
	switch {
	case d.Found(finding.Informational):
		style = page.Bad
	case d.Incomplete():
		style = page.Warn
	case s.Pairs == 0:
		style = page.Plain
	}
	if s.Pairs == 0 && style == page.Plain {
		w.Line("Nothing to compare.")
		w.Blank()
	}
	parts := []string{
		report.Count(s.Different) + " different", report.Count(s.Missing) + " not in the account", report.Count(s.Lost) + " not in the code",
	}
	if s.Unsettled > 0 {
		parts = append(parts, report.Count(s.Unsettled)+" not known")
	}
	if s.Undecided > 0 {
		parts = append(parts, report.Count(s.Undecided)+" not paired")
	}
	w.Items(0, style, strings.Join(append(parts, report.Count(s.Same)+" alike, on "+report.Plural(s.Pairs, "pair")), " · "))
	if s.Unclaimed > 0 {
		w.Text(0, page.Dim, "In the account beside these: "+report.Plural(s.Unclaimed, "resource")+", of other code or of none")
	}
	w.coverage("Code", &d.Code)
	w.coverage("Account", &d.Account)
}

// coverage tells how much of a side was read.
func (w *writer) coverage(label string, c *finding.Coverage) {
	style := page.Plain
	if c.Read < c.Total {
		style = page.Warn
	}
	w.Items(0, style, label+": "+report.CoverageLine(c))
}
