package sarif

import (
	"bufio"
	"errors"
	"io"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const (
	schemaURI = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
	homeURI   = "https://github.com/holdfast-aws/holdfast"
	// fingerprint names the stable id of a finding. Its version changes when
	// the id is derived in another way.
	fingerprint = "holdfastFinding/v1"
	gapID       = "gap"
)

type writer struct {
	options report.Options
	out     *bufio.Writer
	results report.Array
	rules   map[string]int
	started time.Time
	gaps    []notification
}

// New writes one SARIF log with one run to out.
func New(options report.Options, out io.Writer) finding.Handler {
	w := &writer{options: options, out: bufio.NewWriterSize(out, 64<<10), rules: make(map[string]int)}
	w.results.Out = w.out
	return w
}

// Begin writes the tool and its rules.
func (w *writer) Begin(h *finding.Header) error {
	w.started = h.Started
	tool := driver{
		Name: "holdfast", Version: report.Clean(h.Version), InformationURI: homeURI,
		Rules:         make([]rule, len(h.Controls)),
		Notifications: []descriptor{{gapID, message{"Something could not be read. Nothing is known about what is there."}}},
	}
	for i := range h.Controls {
		w.rules[h.Controls[i].ID] = i
		tool.Rules[i] = ruleOf(&h.Controls[i])
	}
	text, err := report.Marshal(tool)
	if err != nil {
		return err
	}
	w.out.WriteString("{\n\"$schema\":\"" + schemaURI + "\",\n\"version\":\"2.1.0\",\n\"runs\":[{\n\"tool\":{\"driver\":")
	w.out.Write(text)
	_, err = w.out.WriteString("},\n\"columnKind\":\"utf16CodeUnits\",\n\"results\":[")
	return err
}

func ruleOf(c *finding.Control) rule {
	r := rule{
		ID:                   report.Clean(c.ID),
		ShortDescription:     message{plain(c.Title)},
		DefaultConfiguration: configuration{level(c.Severity)},
		Properties: ruleProperties{
			SecuritySeverity: score(c.Severity), Precision: "very-high",
			Tags: []string{"security"},
		},
	}
	for _, standard := range c.Standards {
		r.Properties.Tags = append(r.Properties.Tags, report.Clean(standard))
	}
	if c.Checks != "" {
		r.FullDescription = &message{plain(c.Checks)}
	}
	if c.ASFFType != "" {
		r.HelpURI = report.HelpURL(c.ID)
	}
	if c.Why != "" || len(c.How) > 0 {
		text, markdown := plain(c.Why), escape(c.Why)
		for _, step := range c.How {
			text += "\n- " + plain(step)
			markdown += "\n- " + escape(step)
		}
		r.Help = &help{strings.TrimSpace(text), strings.TrimSpace(strings.Replace(markdown, "\n", "\n\n", 1))}
	}
	return r
}

// level maps a severity to what a build shows.
func level(s finding.Severity) string {
	switch s {
	case finding.Critical, finding.High:
		return "error"
	case finding.Medium:
		return "warning"
	default:
		return "note"
	}
}

// score is the number by which GitHub code scanning ranks security alerts:
// above 9.0 critical, from 7.0 high, from 4.0 medium, below low.
func score(s finding.Severity) string {
	switch s {
	case finding.Critical:
		return "9.5"
	case finding.High:
		return "8.0"
	case finding.Medium:
		return "5.5"
	case finding.Low:
		return "3.0"
	default:
		return "0.0"
	}
}

// Finding writes one result.
func (w *writer) Finding(f *finding.Finding) error {
	if f.Status == finding.Passed && !w.options.Verbose {
		return nil
	}
	r := result{
		RuleID: report.Clean(f.Control), Message: message{plain(about(f))}, Locations: []location{where(f)},
		PartialFingerprints: map[string]string{fingerprint: report.Clean(f.ID)},
		Properties: resultProperties{
			Status: string(f.Status), Severity: string(f.Severity), ResourceType: report.Clean(f.Resource.Type),
			Account: report.Clean(f.Resource.Account), Region: report.Clean(f.Resource.Region),
		},
	}
	if i, ok := w.rules[f.Control]; ok {
		r.RuleIndex = &i
	}
	r.Kind, r.Level = kind(f)
	if f.Exception != nil {
		r.Suppressions = []suppression{suppressionOf(f)}
	}
	return w.results.Add(&r)
}

func kind(f *finding.Finding) (kind, atLevel string) {
	switch f.Status {
	case finding.Failed:
		return "fail", level(f.Severity)
	case finding.Passed:
		return "pass", "none"
	case finding.Warning:
		return "review", "none"
	default:
		return "open", "none"
	}
}

// about tells what is wrong, or what kept it from being judged.
func about(f *finding.Finding) string {
	parts := report.Grounds(f, false)
	for _, note := range f.Notes {
		parts = append(parts, strings.TrimSuffix(report.Clean(note), "."))
	}
	if len(parts) == 0 {
		parts = []string{report.Clean(f.Title)}
	}
	return report.Clean(f.Resource.ID) + ": " + strings.Join(parts, ". ") + "."
}

// where points at the property in the code, or names the live resource.
func where(f *finding.Finding) location {
	ref := &f.Resource
	if ref.Origin.File == "" {
		return location{Logical: []logical{{
			Name: report.Clean(ref.ID), FullyQualifiedName: report.Clean(ref.ARN), Kind: "resource",
		}}}
	}
	origin := ref.Origin
	for i := range f.Evidence {
		if f.Evidence[i].Expected != "" && f.Evidence[i].Origin.File != "" {
			origin = f.Evidence[i].Origin
			break
		}
	}
	return location{
		Physical: physicalOf(origin),
		Logical: []logical{{
			Name: report.Clean(ref.ID), FullyQualifiedName: report.Clean(ref.Origin.Address), Kind: "resource",
		}},
	}
}

func physicalOf(o resource.Origin) *physical {
	p := &physical{Artifact: artifactOf(o.File)}
	if o.Line > 0 {
		p.Region = &region{StartLine: o.Line}
		if o.EndLine >= o.Line {
			p.Region.EndLine = o.EndLine
		}
	}
	return p
}

// artifactOf writes a path as a URI: relative ones below the root of the
// source, as code scanning expects.
func artifactOf(file string) artifact {
	file = strings.ReplaceAll(file, `\`, "/")
	if path.IsAbs(file) {
		return artifact{URI: (&url.URL{Scheme: "file", Path: file}).String()}
	}
	return artifact{URI: (&url.URL{Path: path.Clean(file)}).String(), URIBaseID: "%SRCROOT%"}
}

func suppressionOf(f *finding.Finding) suppression {
	s := suppression{Kind: "external", Status: "accepted", Justification: report.Accepted(f.Exception, time.Time{})}
	if file := f.Resource.Origin.File; file != "" && strings.HasPrefix(f.Exception.Source, file) {
		s.Kind = "inSource"
	}
	return s
}

// Gap holds a gap for the invocation.
func (w *writer) Gap(g *finding.Gap) error {
	text := report.GapPlace(g) + ": " + report.Cause(g)
	if g.Permission != "" {
		text += ". Grant " + report.Clean(g.Permission)
	}
	if len(g.Controls) > 0 {
		text += ". Not judged there: " + report.Clean(strings.Join(g.Controls, ", "))
	}
	if g.Try != "" {
		text += ". Try: " + report.Clean(g.Try)
	}
	n := notification{Descriptor: reference{gapID, 0}, Level: "error", Message: message{plain(text)}}
	if g.File != "" {
		n.Locations = []location{{Physical: physicalOf(resource.Origin{File: g.File})}}
	}
	w.gaps = append(w.gaps, n)
	return nil
}

// End writes the invocation and closes the log.
func (w *writer) End(f *finding.Footer) error {
	run := invocation{ExecutionSuccessful: len(w.gaps) == 0, Notifications: w.gaps}
	if w.gaps == nil {
		run.Notifications = []notification{}
	}
	if !w.started.IsZero() {
		run.StartTimeUTC = w.started.UTC().Format(time.RFC3339)
	}
	if !f.Finished.IsZero() {
		run.EndTimeUTC = f.Finished.UTC().Format(time.RFC3339)
	}
	invocations, err1 := report.Marshal([]invocation{run})
	properties, err2 := report.Marshal(map[string]any{"coverage": &f.Coverage, "summary": &f.Tally})
	if w.results.Len() > 0 {
		w.out.WriteByte('\n')
	}
	w.out.WriteString("],\n\"invocations\":")
	w.out.Write(invocations)
	w.out.WriteString(",\n\"properties\":")
	w.out.Write(properties)
	w.out.WriteString("\n}]\n}\n")
	return errors.Join(err1, err2, w.out.Flush())
}

// plain keeps text in a SARIF message from reading as an embedded link.
func plain(text string) string { return strings.ReplaceAll(report.Clean(text), "](", "] (") }

// escape keeps text from acting as markup in the Markdown of a rule's help.
func escape(text string) string {
	return strings.NewReplacer("<", "&lt;", "&", "&amp;", "`", "\\`", "[", "\\[", "]", "\\]", "*", "\\*", "_", "\\_").Replace(report.Clean(text))
}
