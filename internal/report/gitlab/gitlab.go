package gitlab

import (
	"bufio"
	"io"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

// gapCheck is the check that gaps stand under.
const gapCheck = "holdfast-gap"

// As much of GitLab's code quality report as is written.
type issue struct {
	Description string   `json:"description"`
	CheckName   string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines lines  `json:"lines"`
}

type lines struct {
	Begin int `json:"begin"`
	End   int `json:"end,omitempty"`
}

type writer struct {
	options report.Options
	out     *bufio.Writer
	issues  report.Array
	seen    map[string]int // fingerprints; GitLab shows the first issue of each
}

// New writes one code quality report to out.
func New(options report.Options, out io.Writer) finding.Handler {
	w := &writer{options: options, out: bufio.NewWriterSize(out, 64<<10), seen: make(map[string]int)}
	w.issues.Out = w.out
	return w
}

// Begin opens the list.
func (w *writer) Begin(*finding.Header) error { return w.out.WriteByte('[') }

// Finding writes one issue, unless the finding passed or was accepted.
func (w *writer) Finding(f *finding.Finding) error {
	if f.Status == finding.Passed || f.Exception != nil {
		return nil
	}
	i := issue{
		Description: about(f), CheckName: report.Clean(f.Control),
		Severity: severity(f), Location: w.where(f),
	}
	return w.add(f.ID, &i)
}

// Gap writes one issue: nothing is known about what is there.
func (w *writer) Gap(g *finding.Gap) error {
	text := "Not read: " + report.GapPlace(g) + ": " + report.Cause(g)
	if g.Permission != "" {
		text += ". Grant " + report.Clean(g.Permission)
	}
	i := issue{
		Description: text + ".", CheckName: gapCheck, Severity: "info",
		Location: location{Path: report.LivePath(g.Account, g.Region, ""), Lines: lines{Begin: 1}},
	}
	if g.File != "" {
		i.Location.Path = w.options.Path(g.File)
	}
	return w.add(report.GapID(g), &i)
}

// add writes an issue under a fingerprint of its own.
func (w *writer) add(fingerprint string, i *issue) error {
	i.Fingerprint = report.Clean(fingerprint)
	w.seen[fingerprint]++
	if n := w.seen[fingerprint]; n > 1 {
		i.Fingerprint += "-" + strconv.Itoa(n)
	}
	return w.issues.Add(i)
}

// End closes the list.
func (w *writer) End(*finding.Footer) error {
	if w.issues.Len() > 0 {
		w.out.WriteByte('\n')
	}
	w.out.WriteString("]\n")
	return w.out.Flush()
}

// about tells what is wrong, or what kept it from being judged.
func about(f *finding.Finding) string {
	text := report.Clean(f.Control) + " " + report.Clean(f.Title) + ": " + report.Clean(f.Resource.ID)
	if f.Status != finding.Failed {
		text += " could not be judged"
	}
	if grounds := report.Grounds(f, false); len(grounds) > 0 {
		text += ": " + strings.Join(grounds, ". ")
	}
	return strings.TrimSuffix(text, ".") + "."
}

// severity maps to GitLab's five, which have other names.
func severity(f *finding.Finding) string {
	if f.Status != finding.Failed {
		return "info"
	}
	switch f.Severity {
	case finding.Critical:
		return "blocker"
	case finding.High:
		return "critical"
	case finding.Medium:
		return "major"
	case finding.Low:
		return "minor"
	default:
		return "info"
	}
}

func (w *writer) where(f *finding.Finding) location {
	if f.Resource.Origin.File == "" {
		return location{Path: report.LivePath(f.Resource.Account, f.Resource.Region, f.Resource.ID), Lines: lines{Begin: 1}}
	}
	spot := report.Spot(f)
	l := location{Path: w.options.Path(spot.File), Lines: lines{Begin: max(1, spot.Line)}}
	if spot.EndLine > l.Lines.Begin {
		l.Lines.End = spot.EndLine
	}
	return l
}
