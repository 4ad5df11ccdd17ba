package html

import (
	"html/template"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

// view is the page as the template sees it: cleaned text, ready to show.
type view struct {
	Policy string
	Style  template.CSS
	Script template.JS

	Version, When, Finished string
	Verdict, Coverage       string
	Tally                   []tile
	Read, Total             int
	ReadText                string

	Gaps       *gaps
	Nothing    string
	Overview   []summary
	Controls   []control
	Exceptions []exception

	Accounts, Regions, NotOptedIn string
}

type tile struct{ Count, Word, Sub, Class string }

type gaps struct {
	Title string
	Rows  []gapRow
	More  string
}

type gapRow struct{ Place, Cause, Controls, Permission, Try string }

type summary struct {
	Anchor, ID, Title, Severity, Empty        string
	Total, Failed, Unjudged, Excepted, Passed int
}

type control struct {
	summary
	Class, Counts string
	Open          rows
	Passed        rows
	PassedTitle   string
	Guide         bool
	Why, Meta     string
	How           []string
	Link          string
}

type rows struct {
	Rows []row
	More string
}

type row struct {
	Status, Name, ARN, Place, Address string
	Lines                             []line
}

type line struct{ Text, Small string }

type exception struct{ State, Scope, Reason, Source string }

func (w *writer) view() *view {
	tally, coverage := &w.Footer.Tally, &w.Footer.Coverage
	verdict := report.Verdict(tally)
	v := &view{
		Policy: policy(), Style: template.CSS(styleText), Script: template.JS(scriptText),
		Version: report.Clean(w.Header.Version), When: moment(w.Header.Started), Finished: moment(w.Footer.Finished),
		Verdict: strings.ToUpper(verdict[:1]) + verdict[1:], Coverage: report.CoverageLine(coverage), Tally: tiles(tally),
		Read: coverage.Read, Total: coverage.Total, ReadText: report.Count(coverage.Read) + " of " + report.Plural(coverage.Total, report.Clean(coverage.Unit)),
		Gaps:     w.gaps(),
		Accounts: list(coverage.Accounts), Regions: list(coverage.Regions), NotOptedIn: list(coverage.NotOptedIn),
	}
	if w.Judged() == 0 {
		v.Nothing = "There was nothing to judge in what was read."
		if coverage.Read == 0 {
			v.Nothing = "Nothing was judged, because nothing could be read."
		}
	}
	for i, group := range w.Sorted() {
		s := summarise(group)
		if group.Total() > 0 {
			s.Anchor = "control-" + report.Count(i+1)
			v.Controls = append(v.Controls, w.control(group, s))
		}
		v.Overview = append(v.Overview, s)
	}
	for i := range w.Footer.Faulty {
		f := &w.Footer.Faulty[i]
		e := finding.Exception{Source: f.Source, Reason: f.Text}
		v.Exceptions = append(v.Exceptions, exceptionOf("Faulty, covers nothing: "+report.Clean(f.Cause), &e))
	}
	for _, e := range w.Footer.Expired {
		v.Exceptions = append(v.Exceptions, exceptionOf("Expired on "+report.Clean(e.Until)+": counts again", &e))
	}
	for _, e := range w.Footer.Unused {
		v.Exceptions = append(v.Exceptions, exceptionOf("Unused: covers nothing", &e))
	}
	for _, e := range w.Footer.Obsolete {
		v.Exceptions = append(v.Exceptions, exceptionOf("Obsolete in the baseline: no longer fails", &e))
	}
	return v
}

func tiles(t *finding.Tally) []tile {
	_, by, _ := strings.Cut(strings.SplitN(report.SummaryLine(t), ")", 2)[0], "(")
	class := func(n int, name string) string {
		if n == 0 {
			return ""
		}
		return "on " + name
	}
	unjudged := t.NotAvailable + t.Warning
	return []tile{
		{report.Count(t.Failed), "failed", by, class(t.Failed, "bad")},
		{report.Count(t.Gaps), "gaps", "places that could not be read", class(t.Gaps, "warn")},
		{report.Count(unjudged), "not judged", "resources that could not be judged", class(unjudged, "warn")},
		{report.Count(t.Excepted), "excepted", "accepted failures", ""},
		{report.Count(t.Passed), "passed", "", class(t.Passed, "good")},
	}
}

func (w *writer) gaps() *gaps {
	if w.Gaps.Count == 0 {
		return nil
	}
	g := &gaps{Title: report.Plural(w.Gaps.Count, "place") + " could not be read"}
	for i := range w.Gaps.Kept {
		gap := &w.Gaps.Kept[i]
		g.Rows = append(g.Rows, gapRow{
			report.GapPlace(gap), report.Cause(gap), list(gap.Controls), report.Clean(gap.Permission), report.Clean(gap.Try),
		})
	}
	if more := w.Gaps.More(); more > 0 {
		g.More = "… and " + report.Plural(more, "gap") + " more (--format ndjson shows all)"
	}
	return g
}

func summarise(g *report.Group) summary {
	s := summary{
		ID: report.Clean(g.Control.ID), Title: report.Clean(g.Control.Title), Severity: string(g.Control.Severity),
		Total: g.Total(), Failed: g.Failed.Count, Unjudged: g.NotAvailable.Count + g.Warning.Count,
		Excepted: g.Excepted.Count, Passed: g.Passed.Count,
	}
	if s.Total == 0 {
		s.Empty = "nothing to judge: no " + report.Thing(g.Control.ResourceType) + " was found"
	}
	return s
}

func (w *writer) control(g *report.Group, s summary) control {
	c := control{summary: s, Why: report.Clean(g.Control.Why)}
	switch {
	case s.Failed > 0:
		c.Class = "bad"
	case s.Unjudged > 0:
		c.Class = "warn"
	}
	c.Counts = report.Count(s.Failed) + " failed · " + report.Count(s.Unjudged) + " not judged · " +
		report.Count(s.Excepted) + " excepted · " + report.Count(s.Passed) + " passed"
	left := 0
	for _, outcome := range g.Rows() {
		target := &c.Open
		if outcome == &g.Passed {
			target = &c.Passed
			c.PassedTitle = report.Count(g.Passed.Count) + " passed"
			c.Passed.More = more(outcome.More())
		} else {
			left += outcome.More()
		}
		for i := range outcome.Kept {
			target.Rows = append(target.Rows, w.row(&outcome.Kept[i]))
		}
	}
	c.Open.More = more(left)
	for _, step := range g.Control.How {
		c.How = append(c.How, report.Clean(step))
	}
	if g.Control.ASFFType != "" {
		c.Link = report.HelpURL(g.Control.ID)
	}
	c.Meta = strings.Join(nonEmpty(report.Clean(g.Control.Category), list(g.Control.Standards)), " · ")
	c.Guide = c.Why != "" || len(c.How) > 0
	return c
}

func more(n int) string {
	if n == 0 {
		return ""
	}
	return "… and " + report.Count(n) + " more (--format ndjson shows all)"
}

func (w *writer) row(f *finding.Finding) row {
	r := row{Status: string(f.Status), Name: report.Clean(f.Resource.ID), ARN: report.Clean(f.Resource.ARN), Place: report.Place(&f.Resource)}
	if f.Status == finding.Failed && f.Exception != nil {
		r.Status = "EXCEPTED"
	}
	if f.Resource.Origin.File != "" {
		r.Place, r.Address = report.Line(f.Resource.Origin), report.Clean(f.Resource.Origin.Address)
	}
	if f.Status != finding.NotAvailable || len(f.Missing) == 0 {
		telling := report.Telling(f.Evidence, w.options.Verbose)
		for i := range telling {
			l := line{Text: report.Sentence(&telling[i])}
			if telling[i].Read != "" {
				l.Small = "read with " + report.Clean(telling[i].Read)
			}
			r.Lines = append(r.Lines, l)
		}
	}
	for i := range f.Missing {
		r.Lines = append(r.Lines, line{report.Lack(&f.Missing[i]), report.Remedy(&f.Missing[i])})
	}
	for _, note := range f.Notes {
		r.Lines = append(r.Lines, line{"Note: " + report.Clean(note), ""})
	}
	if f.Exception != nil {
		r.Lines = append(r.Lines, line{report.Accepted(f.Exception, w.options.Now), ""})
	}
	return r
}

func exceptionOf(state string, e *finding.Exception) exception {
	reason := report.Clean(e.Reason)
	if e.Owner != "" {
		reason += " (" + report.Clean(e.Owner) + ")"
	}
	return exception{state, report.Clean(e.Scope), reason, report.Clean(e.Source)}
}

func list(items []string) string { return report.Clean(strings.Join(items, ", ")) }

func nonEmpty(texts ...string) []string {
	kept := texts[:0]
	for _, text := range texts {
		if text != "" {
			kept = append(kept, text)
		}
	}
	return kept
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "at an unknown time"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
