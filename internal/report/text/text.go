package text

import (
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
)

const (
	// rowsPerControl is how many findings of one control and outcome are
	// listed: what a person will read before turning to a file.
	rowsPerControl = 20
	gapsKept       = 500 // gaps are told together where they have one cause
)

type writer struct {
	report.Groups
	*page.Page
	options report.Options
}

// New writes text to out when the scan ends.
func New(options report.Options, out io.Writer) finding.Handler {
	w := &writer{Page: page.New(out, options.Width, options.Color), options: options}
	w.Keep(options.Verbose, rowsPerControl, 0, gapsKept)
	return w
}

// End writes the report.
func (w *writer) End(f *finding.Footer) error {
	if err := w.Groups.End(f); err != nil {
		return err
	}
	var quiet, empty []*report.Group
	for _, group := range w.Sorted() {
		switch {
		case group.Total() == 0:
			empty = append(empty, group)
		case group.Open()+group.Excepted.Count+len(group.Passed.Kept) == 0 && !w.options.Verbose:
			quiet = append(quiet, group)
		default:
			w.group(group)
		}
	}
	w.passed(quiet)
	w.nothing(empty)
	w.exceptions()
	w.gaps()
	w.next()
	w.summary()
	return w.Flush()
}

// severityStyle is calm for all but what cannot wait.
func severityStyle(s finding.Severity) page.Style {
	switch s {
	case finding.Critical:
		return page.Worst
	case finding.High:
		return page.Bad
	case finding.Medium:
		return page.Warn
	case finding.Low:
		return page.Quiet
	default:
		return page.Dim
	}
}

// passed names the controls that nothing speaks against.
func (w *writer) passed(groups []*report.Group) {
	if len(groups) == 0 {
		return
	}
	names := make([]string, len(groups))
	for i, group := range groups {
		names[i] = report.Clean(group.Control.ID) + " (" + report.Count(group.Passed.Count) + ")"
	}
	w.Row(0, []page.Cell{{Text: "Passed", Width: 16, Style: page.Good}}, strings.Join(names, " · "))
	w.Blank()
}

// nothing names the controls that found nothing to judge, so that an empty
// account does not read like a clean one.
func (w *writer) nothing(groups []*report.Group) {
	switch {
	case len(w.Header.Controls) == 0 && w.Judged() == 0:
		w.Text(0, page.Plain, "Nothing to judge: no control was chosen.")
	case len(groups) == 0:
		return
	case w.Footer.Coverage.Read == 0 && w.Judged() == 0:
		w.Text(0, page.Warn, "Nothing was judged, because nothing could be read.")
	case w.Judged() == 0 && len(groups) > oneByOne && !w.options.Verbose:
		w.Text(0, page.Plain, "Nothing to judge: no resource"+w.asked(groups)+" in "+w.where()+", for "+families(groups)+".")
	case w.Judged() == 0:
		w.Text(0, page.Plain, "Nothing to judge: no "+things(groups)+w.asked(groups)+" in "+w.where()+".")
	case len(groups) > oneByOne && !w.options.Verbose:
		w.Row(0, []page.Cell{{Text: "Nothing to judge", Width: 16, Style: page.Dim}},
			families(groups)+": no resource"+w.asked(groups)+" in "+w.where()+" (--verbose names them)")
	default:
		ids := make([]string, len(groups))
		for i, group := range groups {
			ids[i] = report.Clean(group.Control.ID)
		}
		w.Row(0, []page.Cell{{Text: "Nothing to judge", Width: 16, Style: page.Dim}},
			strings.Join(ids, " · ")+": no "+things(groups)+w.asked(groups)+" in "+w.where())
	}
	w.Blank()
}

// oneByOne is how many controls that found nothing are named one by one.
const oneByOne = 8

// families counts controls by the service in their ids: "RDS (13) · EFS (2)".
func families(groups []*report.Group) string {
	count := make(map[string]int)
	for _, group := range groups {
		service, _, _ := strings.Cut(report.Clean(group.Control.ID), ".")
		count[service]++
	}
	names := slices.Sorted(maps.Keys(count))
	for i, name := range names {
		names[i] = name + " (" + report.Count(count[name]) + ")"
	}
	return strings.Join(names, " · ")
}

// asked says of resources that were read that the controls do not ask about
// them: some ask about one engine only, or leave out members of clusters.
func (w *writer) asked(groups []*report.Group) string {
	switch {
	case w.Footer.Coverage.Resources == 0:
		return ""
	case len(groups) == 1:
		return " that it applies to"
	default:
		return " that they apply to"
	}
}

func (w *writer) where() string {
	coverage := &w.Footer.Coverage
	what := report.Plural(coverage.Read, coverage.Unit)
	if n := len(coverage.Regions); n > 0 {
		what = report.Plural(n, "region")
	}
	return "the " + what + " read"
}

// things names the resource types of controls: "Neptune DB cluster or DB
// cluster snapshot".
func things(groups []*report.Group) string {
	names := make([]string, len(groups))
	for i, group := range groups {
		names[i] = report.Thing(group.Control.ResourceType)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	service := ""
	for i, name := range names {
		first, rest, _ := strings.Cut(name, " ")
		if first == service {
			names[i] = rest
		}
		service = first
	}
	return strings.Join(names, " or ")
}

func (w *writer) exceptions() {
	f := &w.Footer
	if len(f.Expired)+len(f.Unused)+len(f.Faulty)+len(f.Obsolete) == 0 {
		return
	}
	w.Line(w.Paint(page.Bold, "EXCEPTIONS TO LOOK AT"))
	w.Blank()
	for i := range f.Faulty {
		w.faulty(&f.Faulty[i])
	}
	for _, e := range w.Footer.Expired {
		w.exception("EXPIRED", page.Warn, &e, "ended on "+report.Clean(e.Until)+"; what it covered counts again")
	}
	for _, e := range w.Footer.Unused {
		w.exception("UNUSED", page.Dim, &e, "covers nothing; remove it")
	}
	w.obsolete(f.Obsolete)
	w.Blank()
}

// faulty tells of an exception that somebody meant and that does not count.
func (w *writer) faulty(f *finding.Fault) {
	w.Row(2, []page.Cell{{Text: "FAULTY", Width: statusWidth, Style: page.Bad}},
		"covers nothing: "+report.Clean(f.Cause), report.Shorten(report.Clean(f.Text), report.Limit)+" ["+report.Clean(f.Source)+"]")
}

// obsoleteShown is how many obsolete entries are listed one by one.
const obsoleteShown = 10

func (w *writer) obsolete(entries []finding.Exception) {
	for i := range entries {
		if i == obsoleteShown && !w.options.Verbose {
			w.Row(2, []page.Cell{{Width: statusWidth}}, "… and "+report.Count(len(entries)-i)+" more OBSOLETE (--verbose shows all)")
			return
		}
		w.exception("OBSOLETE", page.Dim, &entries[i], "no longer fails; save the baseline again without it")
	}
}

func (w *writer) exception(label string, style page.Style, e *finding.Exception, says string) {
	text := says
	if scope := report.Clean(e.Scope); scope != "" {
		text = scope + ": " + says
	}
	reason := report.Clean(e.Reason)
	if e.Owner != "" {
		reason += " (" + report.Clean(e.Owner) + ")"
	}
	w.Row(2, []page.Cell{{Text: label, Width: statusWidth, Style: style}}, text, reason+" ["+report.Clean(e.Source)+"]")
}

// next names the commands that lead on from what failed.
func (w *writer) next() {
	var failing []string
	for _, group := range w.Sorted() {
		if group.Failed.Count > 0 && isWord(group.Control.ID) {
			failing = append(failing, group.Control.ID)
		}
	}
	if len(failing) == 0 {
		return
	}
	label := "Next:  "
	if w.Live {
		w.Line(label + "holdfast fix plan --control '" + selector(failing) + "'" + w.options.Repeat + " --out plan.json")
		label = "       "
	}
	w.Line(label + "holdfast explain " + failing[0])
	w.Blank()
}

// isWord reports whether an id may stand in a command that somebody copies
// into a shell.
func isWord(id string) bool {
	return id != "" && strings.Trim(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == "" && id[0] != '-'
}

// maxIDs is how many ids a command may list before a glob reads better.
const maxIDs = 4

// selector writes a --control value that covers the ids: a few ids as they
// are, more of them as the glob of their service.
func selector(ids []string) string {
	service, _, _ := strings.Cut(ids[0], ".")
	for _, id := range ids {
		if other, _, _ := strings.Cut(id, "."); other != service {
			return strings.Join(ids, ",")
		}
	}
	if len(ids) <= maxIDs {
		return strings.Join(ids, ",")
	}
	return service + ".*"
}

// summary ends the report: the tally, then what it rests on.
func (w *writer) summary() {
	tally := &w.Footer.Tally
	style := page.Good
	switch {
	case tally.Failed > 0:
		style = page.Bad
	case tally.Incomplete():
		style = page.Warn
	case tally.Passed == 0:
		style = page.Plain
	}
	w.Items(0, style, report.SummaryLine(tally))
	style = page.Plain
	if w.Footer.Coverage.Read < w.Footer.Coverage.Total {
		style = page.Warn
	}
	w.Items(0, style, report.CoverageLine(&w.Footer.Coverage))
}
