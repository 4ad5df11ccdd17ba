package sarif

import (
	"bufio"
	"errors"
	"io"
	"net/url"
	"path"
	"strconv"
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
	gapRule     = "holdfast-gap"
	unread      = "Something could not be read. Nothing is known about what is there."
	// What GitHub code scanning takes: a log with more is rejected as a whole.
	resultsPerRun = 25_000
	tagsShown     = 10 // of 20 taken
	textLimit     = 1024
)

type writer struct {
	options report.Options
	out     *bufio.Writer
	results report.Array
	rules   map[string]int
	tool    []byte
	run     int // from 0
	started time.Time
	gaps    []notification
}

// New writes one SARIF log with one run to out.
func New(options report.Options, out io.Writer) finding.Handler {
	return &writer{options: options, out: bufio.NewWriterSize(out, 64<<10), rules: make(map[string]int)}
}

// Begin writes the tool and its rules.
func (w *writer) Begin(h *finding.Header) error {
	w.started = h.Started
	tool := driver{
		Name: "holdfast", Version: report.Clean(h.Version), InformationURI: homeURI,
		Rules:         make([]rule, len(h.Controls), len(h.Controls)+1),
		Notifications: []descriptor{{gapID, message{unread}}},
	}
	for i := range h.Controls {
		w.rules[h.Controls[i].ID] = i
		tool.Rules[i] = ruleOf(&h.Controls[i])
	}
	w.rules[gapRule] = len(tool.Rules)
	tool.Rules = append(tool.Rules, rule{
		ID: gapRule, ShortDescription: message{unread}, DefaultConfiguration: configuration{"warning"},
		Properties: ruleProperties{Precision: "very-high", Tags: []string{"coverage"}},
	})
	var err error
	if w.tool, err = report.Marshal(tool); err != nil {
		return err
	}
	w.out.WriteString("{\n\"$schema\":\"" + schemaURI + "\",\n\"version\":\"2.1.0\",\n\"runs\":[")
	return w.open()
}

// open begins a run. Runs after the first have an id of their own, for code
// scanning takes two runs without one for two halves that replace each other.
func (w *writer) open() error {
	w.results = report.Array{Out: w.out}
	w.out.WriteString("{\n\"tool\":{\"driver\":")
	w.out.Write(w.tool)
	w.out.WriteString("},\n\"columnKind\":\"utf16CodeUnits\",\n")
	if w.run > 0 {
		id, err := report.Marshal(details{"holdfast/part-" + strconv.Itoa(w.run+1)})
		if err != nil {
			return err
		}
		w.out.WriteString("\"automationDetails\":")
		w.out.Write(id)
		w.out.WriteString(",\n")
	}
	_, err := w.out.WriteString("\"results\":[")
	return err
}

// next closes a full run and begins another.
func (w *writer) next() error {
	w.run++
	w.out.WriteString("\n]\n},")
	return w.open()
}

func ruleOf(c *finding.Control) rule {
	r := rule{
		ID:                   report.Clean(c.ID),
		ShortDescription:     message{report.Cut(plain(c.Title), textLimit)},
		DefaultConfiguration: configuration{level(c.Severity)},
		Properties: ruleProperties{
			SecuritySeverity: score(c.Severity), Precision: "very-high",
			Tags: []string{"security"},
		},
	}
	for _, standard := range c.Standards {
		if len(r.Properties.Tags) < tagsShown {
			r.Properties.Tags = append(r.Properties.Tags, report.Clean(standard))
		}
	}
	if c.Checks != "" {
		r.FullDescription = &message{report.Cut(plain(c.Checks), textLimit)}
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
	related := w.related(f)
	r := result{
		RuleID: report.Clean(f.Control), Message: message{plain(about(f)) + links(related)},
		Locations: []location{w.where(f)}, RelatedLocations: related,
		PartialFingerprints: map[string]string{fingerprint: report.Clean(f.ID)},
		Properties: resultProperties{
			Status: string(f.Status), Severity: string(f.Severity), ResourceType: report.Clean(f.Resource.Type),
			Account: report.Clean(f.Resource.Account), Region: report.Clean(f.Resource.Region),
		},
	}
	r.Kind, r.Level = kind(f)
	if f.Exception != nil {
		r.Suppressions = []suppression{suppressionOf(f)}
	}
	return w.add(&r)
}

// add writes a result, in a new run where the last is full.
func (w *writer) add(r *result) error {
	if i, ok := w.rules[r.RuleID]; ok {
		r.RuleIndex = &i
	}
	if w.results.Len() == resultsPerRun {
		if err := w.next(); err != nil {
			return err
		}
	}
	return w.results.Add(r)
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
func (w *writer) where(f *finding.Finding) location {
	ref := &f.Resource
	at := location{Logical: []logical{{Name: report.Clean(ref.ID), FullyQualifiedName: report.Clean(ref.ARN), Kind: "resource"}}}
	if ref.Origin.File == "" {
		at.Physical = &physical{
			Artifact: artifact{URI: (&url.URL{Path: report.LivePath(ref.Account, ref.Region, ref.ID)}).String(), URIBaseID: sourceRoot},
			Region:   &region{StartLine: 1},
		}
		return at
	}
	at.Logical[0].FullyQualifiedName = report.Clean(ref.Origin.Address)
	at.Physical = w.physicalOf(report.Spot(f))
	return at
}

// related lists the block of the resource and the lines that decide a value.
func (w *writer) related(f *finding.Finding) []location {
	var list []location
	add := func(o resource.Origin, text string) {
		list = append(list, location{ID: len(list) + 1, Physical: w.physicalOf(o), Message: &message{text}})
	}
	if o := f.Resource.Origin; o.File != "" && o.Line > 0 {
		add(o, "the resource")
	}
	for i := range f.Evidence {
		if d := f.Evidence[i].Origin.Defined; d != nil && d.File != "" && f.Evidence[i].Expected != "" {
			add(*d, "what decides "+report.Clean(f.Evidence[i].Property))
		}
	}
	return list
}

// links names related locations in a message: code scanning shows only those
// that it is linked to.
func links(related []location) string {
	var names []string
	for _, at := range related {
		names = append(names, "["+at.Message.Text+"]("+strconv.Itoa(at.ID)+")")
	}
	if names == nil {
		return ""
	}
	return " See " + strings.Join(names, " and ") + "."
}

func (w *writer) physicalOf(o resource.Origin) *physical {
	p := &physical{Artifact: w.artifactOf(o.File)}
	if o.Line > 0 {
		p.Region = &region{StartLine: o.Line}
		if o.EndLine >= o.Line {
			p.Region.EndLine = o.EndLine
		}
	}
	return p
}

// sourceRoot stands for the root of the repository in relative URIs.
const sourceRoot = "%SRCROOT%"

// artifactOf writes a path as a URI: relative ones below the root of the
// repository, as code scanning expects.
func (w *writer) artifactOf(file string) artifact {
	file = w.options.Path(strings.ReplaceAll(file, `\`, "/"))
	if path.IsAbs(file) {
		return artifact{URI: (&url.URL{Scheme: "file", Path: file}).String()}
	}
	return artifact{URI: (&url.URL{Path: path.Clean(file)}).String(), URIBaseID: sourceRoot}
}

func suppressionOf(f *finding.Finding) suppression {
	s := suppression{Kind: "external", Status: "accepted", Justification: report.Accepted(f.Exception, time.Time{})}
	if file := f.Resource.Origin.File; file != "" && strings.HasPrefix(f.Exception.Source, file) {
		s.Kind = "inSource"
	}
	return s
}

// Gap holds a gap for the invocation, and writes it as a result too: code
// scanning shows results alone, and would take what was not read for fixed.
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
	at := location{Physical: &physical{
		Artifact: artifact{URI: (&url.URL{Path: report.LivePath(g.Account, g.Region, "")}).String(), URIBaseID: sourceRoot},
		Region:   &region{StartLine: 1},
	}}
	n := notification{Descriptor: reference{gapID, 0}, Level: "error", Message: message{plain(text)}}
	if g.File != "" {
		at.Physical = w.physicalOf(resource.Origin{File: g.File, Line: 1})
		n.Locations = []location{{Physical: w.physicalOf(resource.Origin{File: g.File})}}
	}
	w.gaps = append(w.gaps, n)
	return w.add(&result{
		RuleID: gapRule, Kind: "fail", Level: "warning", Message: n.Message, Locations: []location{at},
		PartialFingerprints: map[string]string{fingerprint: report.GapID(g)},
		Properties: resultProperties{
			Status: "GAP", ResourceType: report.Clean(g.Type), Account: report.Clean(g.Account), Region: report.Clean(g.Region),
		},
	})
}

// End writes the invocation and closes the log.
func (w *writer) End(f *finding.Footer) error {
	// Code scanning refuses the log of a run that was not successful, and keeps
	// its alerts. That is right where nothing at all was read, and only there.
	dark := len(w.gaps) > 0 && f.Coverage.Read == 0
	run := invocation{ExecutionSuccessful: !dark, Notifications: w.gaps}
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
