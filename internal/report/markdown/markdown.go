package markdown

import (
	"io"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

const (
	// limit is the length of the document in bytes. GitHub accepts comments of
	// 65,536 characters; the rest is left for what a workflow puts around it.
	limit          = 60_000
	rowsPerControl = 50
	gapsShown      = 30
	cellLimit      = 240   // characters of one resource or address
	closing        = 300   // bytes kept free to close what is open
	tableShare     = 12000 // bytes that the table of controls may take
	// marker opens the document, so that a bot finds its comment again and puts
	// the new one in its place.
	marker = "<!-- holdfast -->"
)

type writer struct {
	report.Groups
	options report.Options
	out     io.Writer
	doc     strings.Builder
}

// New writes Markdown to out when the scan ends.
func New(options report.Options, out io.Writer) finding.Handler {
	w := &writer{options: options, out: out}
	w.Limit, w.GapLimit = rowsPerControl, gapsShown
	if options.Verbose {
		w.Limit, w.PassedLimit = 10*rowsPerControl, 10*rowsPerControl
	}
	return w
}

// End writes the document.
func (w *writer) End(f *finding.Footer) error {
	if err := w.Groups.End(f); err != nil {
		return err
	}
	w.line(marker)
	w.line("## Holdfast: " + report.Verdict(&f.Tally))
	w.line("")
	w.line(text(report.SummaryLine(&f.Tally)) + "  ")
	w.line(text(report.CoverageLine(&f.Coverage)))
	w.gaps()
	w.overview()
	left, rows := 0, 0
	for _, group := range w.Sorted() {
		if (group.Open()+group.Excepted.Count > 0 || w.options.Verbose && group.Total() > 0) && !w.group(group) {
			left++
			rows += group.Open() + group.Excepted.Count
		}
	}
	if left > 0 {
		w.line("")
		w.line("… and " + report.Plural(rows, "row") + " of " + report.Plural(left, "control") + " more, for which a comment has no room. All are counted above.")
	}
	w.exceptions()
	_, err := io.WriteString(w.out, w.doc.String())
	return err
}

func (w *writer) line(s string) {
	w.doc.WriteString(s)
	w.doc.WriteByte('\n')
}

// fits writes lines if they leave room to close the document.
func (w *writer) fits(lines ...string) bool {
	size := closing
	for _, line := range lines {
		size += len(line) + 1
	}
	if w.doc.Len()+size > limit {
		return false
	}
	for _, line := range lines {
		w.line(line)
	}
	return true
}

// overview is the table of controls that need a look.
func (w *writer) overview() {
	var rows []string
	passed, size, left := 0, 0, 0
	for _, group := range w.Sorted() {
		if group.Open()+group.Excepted.Count == 0 {
			if group.Passed.Count > 0 {
				passed++
			}
			continue
		}
		row := "| " + code(group.Control.ID) + " | " + text(group.Control.Title) + " | " + string(group.Control.Severity)
		for _, n := range []int{group.Failed.Count, group.NotAvailable.Count + group.Warning.Count, group.Excepted.Count, group.Passed.Count} {
			row += " | " + report.Count(n)
		}
		if size += len(row); size > tableShare {
			left++
			continue
		}
		rows = append(rows, row+" |")
	}
	if len(rows) > 0 {
		w.fits("", "| Control | | Severity | Failed | Not judged | Excepted | Passed |", "| --- | --- | --- | ---: | ---: | ---: | ---: |")
	}
	for _, row := range rows {
		w.fits(row)
	}
	if left > 0 {
		w.fits("", "… and "+report.Plural(left, "control")+" more.")
	}
	if passed > 0 {
		w.fits("", report.Plural(passed, "control")+" passed everywhere.")
	}
}

// group writes the rows of a control, and reports whether there was room.
func (w *writer) group(g *report.Group) bool {
	open := ""
	if g.Failed.Count > 0 && g.Control.Severity.Rank() >= finding.High.Rank() {
		open = " open"
	}
	heading := "<details" + open + "><summary><code>" + markup(g.Control.ID) + "</code> " + markup(g.Control.Title) + " · " + counts(g) + "</summary>"
	if !w.fits("", heading, "") {
		return false
	}
	if g.Control.Why != "" {
		w.fits(text(g.Control.Why), "")
	}
	w.fits("| | Resource | Where | Evidence |", "| --- | --- | --- | --- |")
	for _, outcome := range []struct {
		label string
		rows  *report.Rows[finding.Finding]
	}{
		{"**failed**", &g.Failed}, {"not available", &g.NotAvailable}, {"warning", &g.Warning},
		{"excepted", &g.Excepted}, {"passed", &g.Passed},
	} {
		shown := 0
		for i := range outcome.rows.Kept {
			if !w.fits(w.row(outcome.label, &outcome.rows.Kept[i])) {
				break
			}
			shown++
		}
		if more := outcome.rows.Count - shown; more > 0 && outcome.rows != &g.Passed {
			w.line("| | … and " + report.Count(more) + " more " + strings.Trim(outcome.label, "*") + " | | |")
		}
	}
	w.line("")
	w.line("</details>")
	return true
}

func counts(g *report.Group) string {
	var parts []string
	if g.Failed.Count > 0 {
		parts = append(parts, "<b>"+report.Count(g.Failed.Count)+" failed</b>")
	}
	if n := g.NotAvailable.Count + g.Warning.Count; n > 0 {
		parts = append(parts, report.Count(n)+" not judged")
	}
	if g.Excepted.Count > 0 {
		parts = append(parts, report.Count(g.Excepted.Count)+" excepted")
	}
	return strings.Join(append(parts, report.Count(g.Passed.Count)+" passed"), " · ")
}

func (w *writer) row(label string, f *finding.Finding) string {
	var parts []string
	for _, sentence := range report.Grounds(f, w.options.Verbose) {
		parts = append(parts, text(sentence))
	}
	for _, note := range f.Notes {
		parts = append(parts, "_"+text(report.Shorten(report.Clean(note), report.Limit))+"_")
	}
	if f.Exception != nil {
		parts = append(parts, text(report.Accepted(f.Exception, w.options.Now)))
	}
	name := report.Shorten(report.Clean(f.Resource.ID), cellLimit)
	return "| " + label + " | " + code(name) + " | " + w.where(f) + " | " + strings.Join(parts, "<br>") + " |"
}

// where names the place of a finding, linked to the line where the address of
// the repository is known.
func (w *writer) where(f *finding.Finding) string {
	if f.Resource.Origin.File == "" {
		return text(report.Place(&f.Resource))
	}
	spot := report.Spot(f)
	name := code(report.Shorten(report.Line(spot), cellLimit))
	if link := w.options.Link(spot.File, spot.Line); link != "" {
		name = "[" + name + "](" + link + ")"
	}
	return name + "<br>" + code(report.Shorten(report.Clean(f.Resource.Origin.Address), cellLimit))
}

// gaps stand before the findings: what nobody looked at comes first.
func (w *writer) gaps() {
	if w.Gaps.Count == 0 {
		return
	}
	w.fits("", "> [!WARNING]", "> "+report.Plural(w.Gaps.Count, "place")+" could not be read: nothing is known about what is there.",
		"", "| Where | Cause | Grant | Try |", "| --- | --- | --- | --- |")
	shown := 0
	for i := range w.Gaps.Kept {
		gap := &w.Gaps.Kept[i]
		if !w.fits("| " + text(report.Shorten(report.GapPlace(gap), cellLimit)) + " | " + text(report.Cause(gap)) + " | " +
			code(gap.Permission) + " | " + code(gap.Try) + " |") {
			break
		}
		shown++
	}
	if more := w.Gaps.Count - shown; more > 0 {
		w.line("| … and " + report.Plural(more, "gap") + " more | | | |")
	}
}

func (w *writer) exceptions() {
	f := &w.Footer
	total := len(f.Expired) + len(f.Unused) + len(f.Faulty) + len(f.Obsolete)
	if total == 0 || !w.fits("", "<details><summary>"+report.Plural(total, "exception")+" to look at</summary>", "") {
		return
	}
	for i := range f.Faulty {
		one := &f.Faulty[i]
		w.fits("- **faulty**: " + text(one.Cause) + ": " + code(report.Shorten(one.Text, report.Limit)) + " " + code(one.Source))
	}
	for _, e := range w.Footer.Expired {
		w.fits("- **expired** on " + text(e.Until) + ": " + about(&e))
	}
	for _, e := range w.Footer.Unused {
		w.fits("- **unused**: " + about(&e))
	}
	for _, e := range f.Obsolete {
		w.fits("- **obsolete**: " + about(&e))
	}
	w.line("")
	w.line("</details>")
}

func about(e *finding.Exception) string {
	return text(e.Scope) + " (" + text(report.Shorten(report.Clean(e.Reason), report.Limit)) + ") " + code(e.Source)
}
