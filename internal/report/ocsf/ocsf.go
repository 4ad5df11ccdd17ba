package ocsf

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

type writer struct {
	out      *bufio.Writer
	rows     report.Array
	controls report.Controls
	time     int64
	version  string
	now      time.Time
}

// New writes a JSON array of events to out.
func New(options report.Options, out io.Writer) finding.Handler {
	w := &writer{out: bufio.NewWriterSize(out, 64<<10), now: options.Now}
	w.rows.Out = w.out
	return w
}

// Begin opens the array.
func (w *writer) Begin(h *finding.Header) error {
	w.controls = report.ControlsOf(h)
	started := h.Started
	if started.IsZero() {
		started = w.now
	}
	w.time, w.version = started.UnixMilli(), report.Clean(h.Version)
	return w.out.WriteByte('[')
}

// Finding writes one event.
func (w *writer) Finding(f *finding.Finding) error {
	control := w.controls.Of(f)
	e := w.event(f.Resource.Account, f.Resource.Region)
	e.setSeverity(f)
	e.setStatus(f)
	details := tell(f)
	e.Message = report.Clean(f.Resource.ID) + ": " + strings.Join(append([]string{report.Clean(f.Title)}, details...), "; ")
	e.FindingInfo = findingInfo{
		UID: report.Clean(f.ID), Title: report.Clean(f.Title), Desc: report.Clean(control.Checks),
		CreatedTime: w.time, Analytic: &analytic{report.Clean(f.Control), report.Clean(f.Title), analyticRule, "Rule"},
	}
	e.Compliance = complianceOf(control, f, details)
	e.Resources = []resourceInfo{resourceOf(f)}
	e.Remediation = remedy(control)
	e.Metadata.EventCode = report.Clean(f.Control)
	e.Unmapped = unmapped(f)
	return w.rows.Add(e)
}

func (w *writer) event(accountID, region string) *event {
	e := &event{
		ActivityID: activityID, ActivityName: "Create", CategoryUID: categoryUID, CategoryName: "Findings",
		ClassUID: classUID, ClassName: "Compliance Finding", TypeUID: typeUID, TypeName: "Compliance Finding: Create",
		Time: w.time, Cloud: cloud{Provider: "AWS", Region: report.Clean(region)},
		Metadata: metadata{
			Version: version, Profiles: []string{"cloud"},
			Product: product{Name: "Holdfast", VendorName: "Holdfast", Version: w.version},
		},
	}
	if accountID != "" {
		e.Cloud.Account = &account{report.Clean(accountID), accountAWS, "AWS Account"}
	}
	return e
}

// setSeverity gives what passed the severity Informational, whatever the
// control's own.
func (e *event) setSeverity(f *finding.Finding) {
	severity := f.Severity
	if f.Status == finding.Passed || severity.Rank() < 0 {
		severity = finding.Informational
	}
	e.SeverityID = severity.Rank() + 1 // OCSF counts from Informational = 1
	e.Severity = string(severity[:1]) + strings.ToLower(string(severity[1:]))
}

func (e *event) setStatus(f *finding.Finding) {
	e.StatusCode = string(f.Status)
	switch {
	case f.Exception != nil:
		e.StatusID, e.Status = statusSilent, "Suppressed"
		e.StatusDetail = report.Accepted(f.Exception, time.Time{})
	case f.Status == finding.Passed:
		e.StatusID, e.Status = statusDone, "Resolved"
	default:
		e.StatusID, e.Status = statusNew, "New"
	}
}

// tell says what a verdict rests on, and what was missing for it.
func tell(f *finding.Finding) []string {
	var details []string
	telling := report.Telling(f.Evidence, false)
	for i := range telling {
		details = append(details, report.Sentence(&telling[i]))
	}
	for i := range f.Missing {
		details = append(details, report.Lack(&f.Missing[i]))
	}
	for _, note := range f.Notes {
		details = append(details, report.Clean(note))
	}
	return details
}

func complianceOf(control *finding.Control, f *finding.Finding, details []string) compliance {
	c := compliance{
		Control: report.Clean(control.ID), Desc: report.Clean(control.Checks), Category: report.Clean(control.Category),
		Standards: cleaned(control.Standards), Requirements: cleaned(control.Requirements),
		StatusCode: string(f.Status), StatusDetails: details,
	}
	for _, name := range slices.Sorted(maps.Keys(control.Parameters)) {
		c.Parameters = append(c.Parameters, keyValue{report.Clean(name), report.Clean(fmt.Sprint(control.Parameters[name]))})
	}
	switch f.Status {
	case finding.Passed:
		c.StatusID, c.Status = complyPass, "Pass"
	case finding.Failed:
		c.StatusID, c.Status = complyFail, "Fail"
	case finding.Warning:
		c.StatusID, c.Status = complyWarning, "Warning"
	default:
		c.StatusID, c.Status = complyUnknown, "Unknown"
	}
	return c
}

func resourceOf(f *finding.Finding) resourceInfo {
	ref := &f.Resource
	r := resourceInfo{
		UID: report.Clean(ref.ARN), Name: report.Clean(ref.ID), Type: report.Clean(ref.Type),
		Region: report.Clean(ref.Region), Partition: report.Clean(ref.Partition),
	}
	if r.UID == "" {
		r.UID = report.Clean(ref.Origin.Address)
	}
	if r.UID == "" && r.Name == "" {
		r.UID = report.Clean(f.ID) // one of the two must be there
	}
	for i := range f.Evidence {
		if f.Evidence[i].Actual.Known() {
			if r.Data == nil {
				r.Data = make(map[string]json.RawMessage)
			}
			r.Data[f.Evidence[i].Property] = report.AppendValue(nil, f.Evidence[i].Actual)
		}
	}
	return r
}

func remedy(control *finding.Control) *remediation {
	r := &remediation{Desc: strings.Join(cleaned(control.How), " ")}
	if r.Desc == "" {
		return nil
	}
	if control.ASFFType != "" { // a control of Security Hub's own
		r.References = []string{report.HelpURL(control.ID)}
	}
	return r
}

// unmapped holds what the class has no place for.
func unmapped(f *finding.Finding) map[string]any {
	out := make(map[string]any)
	if f.Resource.Origin != (resource.Origin{}) {
		out["origin"] = f.Resource.Origin
	}
	if len(f.Missing) > 0 {
		out["missing"] = f.Missing
	}
	if f.Exception != nil {
		out["exception"] = f.Exception
	}
	if f.Severity != "" {
		out["control_severity"] = f.Severity
	}
	return out
}

// Gap writes a gap as a finding of status Unknown.
func (w *writer) Gap(g *finding.Gap) error {
	e := w.event(g.Account, g.Region)
	e.setSeverity(&finding.Finding{Severity: finding.Informational})
	e.StatusID, e.Status, e.StatusCode = statusNew, "New", string(finding.NotAvailable)
	e.StatusDetail = report.Cause(g)
	e.Message = report.GapPlace(g) + ": " + e.StatusDetail
	e.FindingInfo = findingInfo{UID: report.GapID(g), Title: "Not read: " + report.GapPlace(g), Types: []string{"gap"}, CreatedTime: w.time}
	e.Compliance = compliance{
		Standards: []string{}, StatusID: complyUnknown, Status: "Unknown",
		StatusCode: report.Clean(g.Reason), StatusDetails: []string{e.StatusDetail},
	}
	e.Resources = []resourceInfo{{Name: report.GapPlace(g), Type: "AWS::::Account", Region: report.Clean(g.Region)}}
	if g.Resource != "" {
		e.Resources[0] = resourceInfo{UID: report.Clean(g.Resource), Type: report.Clean(g.Type), Region: report.Clean(g.Region)}
	}
	if g.Permission != "" || g.Try != "" {
		e.Remediation = &remediation{Desc: strings.TrimSpace("Grant " + report.Clean(g.Permission) + " " + report.Clean(g.Try))}
		if g.Permission == "" {
			e.Remediation.Desc = report.Clean(g.Try)
		}
	}
	e.Unmapped = map[string]any{"gap": g}
	return w.rows.Add(e)
}

// End closes the array.
func (w *writer) End(*finding.Footer) error {
	if w.rows.Len() > 0 {
		w.out.WriteByte('\n')
	}
	w.out.WriteString("]\n")
	return w.out.Flush()
}

func cleaned(texts []string) []string {
	out := make([]string, len(texts))
	for i, text := range texts {
		out[i] = report.Clean(text)
	}
	return out
}
