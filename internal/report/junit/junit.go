package junit

import (
	"bufio"
	"encoding/xml"
	"io"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

// casesPerOutcome bounds the cases of one control and outcome, and with them
// memory: a continuous-integration page with more is of no use.
const casesPerOutcome = 1000

type suite struct {
	XMLName    xml.Name   `xml:"testsuite"`
	Name       string     `xml:"name,attr"`
	Tests      int        `xml:"tests,attr"`
	Failures   int        `xml:"failures,attr"`
	Errors     int        `xml:"errors,attr"`
	Skipped    int        `xml:"skipped,attr"`
	Timestamp  string     `xml:"timestamp,attr,omitempty"`
	Hostname   string     `xml:"hostname,attr,omitempty"`
	Time       string     `xml:"time,attr,omitempty"`
	Properties []property `xml:"properties>property,omitempty"`
	Cases      []testcase
}

type property struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type testcase struct {
	XMLName   xml.Name `xml:"testcase"`
	Name      string   `xml:"name,attr"`
	ClassName string   `xml:"classname,attr"`
	Failure   *outcome `xml:"failure"`
	Error     *outcome `xml:"error"`
	Skipped   *skipped `xml:"skipped"`
	SystemOut string   `xml:"system-out,omitempty"`
}

type outcome struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type skipped struct {
	Message string `xml:"message,attr"`
}

type writer struct {
	report.Groups
	out *bufio.Writer
}

// New writes XML to out when the scan ends.
func New(options report.Options, out io.Writer) finding.Handler {
	w := &writer{out: bufio.NewWriter(out)}
	w.Keep(options.Verbose, casesPerOutcome, casesPerOutcome, casesPerOutcome)
	return w
}

// End writes the suites, one after another.
func (w *writer) End(f *finding.Footer) error {
	if err := w.Groups.End(f); err != nil {
		return err
	}
	w.out.WriteString(xml.Header + "<testsuites name=\"holdfast\">\n")
	encoder := xml.NewEncoder(w.out)
	encoder.Indent("  ", "  ")
	for _, group := range w.Sorted() {
		if group.Total() == 0 {
			continue // nothing was judged: an empty suite would look like a pass
		}
		if err := encoder.Encode(w.suite(group)); err != nil {
			return err
		}
	}
	if w.Gaps.Count > 0 {
		if err := encoder.Encode(w.gaps()); err != nil {
			return err
		}
	}
	w.out.WriteString("\n</testsuites>\n")
	return w.out.Flush()
}

func (w *writer) suite(g *report.Group) *suite {
	s := w.newSuite(report.Clean(g.Control.ID) + " " + report.Clean(g.Control.Title))
	s.Properties = []property{{"severity", string(g.Control.Severity)}}
	for i := range g.Failed.Kept {
		s.fail(caseOf(&g.Failed.Kept[i]), &g.Failed.Kept[i])
	}
	for _, rows := range []*report.Rows[finding.Finding]{&g.NotAvailable, &g.Warning} {
		for i := range rows.Kept {
			s.err(caseOf(&rows.Kept[i]), &rows.Kept[i])
		}
	}
	for i := range g.Excepted.Kept {
		c := caseOf(&g.Excepted.Kept[i])
		c.Skipped = &skipped{report.Accepted(g.Excepted.Kept[i].Exception, time.Time{})}
		s.Skipped++
		s.Cases = append(s.Cases, c)
	}
	for i := range g.Passed.Kept {
		s.Cases = append(s.Cases, caseOf(&g.Passed.Kept[i]))
	}
	s.rest(g)
	s.Tests = len(s.Cases)
	return s
}

func (w *writer) newSuite(name string) *suite {
	s := &suite{Name: name, Hostname: "localhost", Time: "0"}
	if !w.Header.Started.IsZero() {
		s.Timestamp = w.Header.Started.UTC().Format("2006-01-02T15:04:05")
	}
	return s
}

func caseOf(f *finding.Finding) testcase {
	name := f.Resource.ID
	if place := report.Place(&f.Resource); place != "" {
		name += " (" + place + ")"
	}
	c := testcase{Name: report.Clean(name), ClassName: report.Clean(f.Control)}
	c.SystemOut = strings.Join(cleaned(f.Notes), "\n")
	return c
}

func (s *suite) fail(c testcase, f *finding.Finding) {
	lines := report.Grounds(f, false)
	c.Failure = &outcome{Message: first(lines, report.Clean(f.Title)), Type: string(f.Severity), Text: strings.Join(lines, "\n")}
	s.Failures++
	s.Cases = append(s.Cases, c)
}

func (s *suite) err(c testcase, f *finding.Finding) {
	lines := report.Lacks(f.Missing)
	if len(lines) == 0 {
		lines = report.Grounds(f, false)
	}
	c.Error = &outcome{Message: first(lines, "could not be judged"), Type: string(f.Status), Text: strings.Join(lines, "\n")}
	s.Errors++
	s.Cases = append(s.Cases, c)
}

// rest adds one case for what is not listed. It fails if any of it failed.
func (s *suite) rest(g *report.Group) {
	for _, rows := range []struct {
		n    int
		word string
	}{{g.Failed.More(), "failed"}, {g.NotAvailable.More() + g.Warning.More(), "not judged"}, {g.Excepted.More(), "excepted"}, {g.Passed.More(), "passed"}} {
		if rows.n == 0 {
			continue
		}
		c := testcase{Name: report.Count(rows.n) + " more " + rows.word + ", not listed here", ClassName: report.Clean(g.Control.ID)}
		const all = "--format ndjson lists all"
		switch rows.word {
		case "failed":
			c.Failure = &outcome{Message: c.Name, Type: string(g.Control.Severity), Text: all}
			s.Failures++
		case "not judged":
			c.Error = &outcome{Message: c.Name, Type: string(finding.NotAvailable), Text: all}
			s.Errors++
		case "excepted":
			c.Skipped = &skipped{all}
			s.Skipped++
		}
		s.Cases = append(s.Cases, c)
	}
}

func (w *writer) gaps() *suite {
	s := w.newSuite("Gaps: what could not be read")
	for i := range w.Gaps.Kept {
		gap := &w.Gaps.Kept[i]
		lines := []string{report.Cause(gap)}
		if gap.Permission != "" {
			lines = append(lines, "Grant "+report.Clean(gap.Permission))
		}
		if len(gap.Controls) > 0 {
			lines = append(lines, "Not judged there: "+strings.Join(cleaned(gap.Controls), ", "))
		}
		if gap.Try != "" {
			lines = append(lines, "Try: "+report.Clean(gap.Try))
		}
		s.Cases = append(s.Cases, testcase{
			Name: report.GapPlace(gap) + " " + report.Clean(gap.Operation), ClassName: "gaps",
			Error: &outcome{Message: lines[0], Type: report.Clean(gap.Reason), Text: strings.Join(lines, "\n")},
		})
	}
	if more := w.Gaps.More(); more > 0 {
		name := report.Count(more) + " more gaps, not listed here"
		s.Cases = append(s.Cases, testcase{Name: name, ClassName: "gaps", Error: &outcome{Message: name, Type: "gaps"}})
	}
	s.Tests, s.Errors = len(s.Cases), len(s.Cases)
	return s
}

func cleaned(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = report.Clean(text)
	}
	return out
}

func first(lines []string, otherwise string) string {
	if len(lines) == 0 {
		return otherwise
	}
	return lines[0]
}
