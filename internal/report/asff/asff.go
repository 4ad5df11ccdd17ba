package asff

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

const (
	product  = "Holdfast"
	category = "Software and Configuration Checks/AWS Security Best Practices"
)

type writer struct {
	out      *bufio.Writer
	rows     report.Array
	controls report.Controls
	when     string
	version  string
	now      time.Time
	left     report.LeftOutError
}

// New writes a JSON array of findings to out.
func New(options report.Options, out io.Writer) finding.Handler {
	w := &writer{
		out: bufio.NewWriterSize(out, 64<<10), now: options.Now,
		left: report.LeftOutError{Format: "asff", Why: "Security Hub takes only what has an account and a region", Instead: "sarif"},
	}
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
	w.when = started.UTC().Format("2006-01-02T15:04:05.000Z")
	w.version = report.Clean(h.Version)
	return w.out.WriteByte('[')
}

// Finding writes one finding, unless it has no place in Security Hub.
func (w *writer) Finding(f *finding.Finding) error {
	if f.Resource.ARN == "" || !importable(f.Resource.Account, f.Resource.Region) {
		w.left.Findings++
		return nil
	}
	control := w.controls.Of(f)
	partition := partitionOf(f.Resource.Partition, f.Resource.Region)
	d := w.document(partition, f.Resource.Account, f.Resource.Region)
	d.ID = report.Cut("holdfast/"+report.Clean(f.Control)+"/"+report.Clean(f.ID), maxID)
	d.GeneratorID = report.Cut("holdfast/"+report.Clean(f.Control), maxID)
	d.setSeverity(f)
	d.Title = report.Cut(report.Clean(f.Title), maxTitle)
	d.Description = report.Cut(describe(control, f), maxDescription)
	d.Remediation = remedy(control)
	d.ProductFields = w.fields(f)
	d.Resources = []resourceRef{{
		Type: asffType(control, f.Resource.Type), ID: report.Cut(report.Clean(f.Resource.ARN), maxID),
		Partition: partition, Region: d.Region, Details: detailsOf(f),
	}}
	d.Compliance = complianceOf(control, f)
	switch {
	case f.Exception != nil:
		d.Workflow.Status = "SUPPRESSED"
		d.Note = &note{report.Cut(report.Accepted(f.Exception, time.Time{}), maxNote), product, w.when}
	case f.Status == finding.Passed:
		d.Workflow.Status = "RESOLVED"
	}
	return w.rows.Add(d)
}

func (w *writer) document(partition, account, region string) *document {
	return &document{
		SchemaVersion: schemaVersion, ProductName: product, CompanyName: product,
		ProductARN: fmt.Sprintf("arn:%s:securityhub:%s:%s:product/%s/default", partition, region, account, account),
		Region:     region, AccountID: account, Types: []string{category},
		CreatedAt: w.when, UpdatedAt: w.when,
		Workflow: workflow{"NEW"}, RecordState: "ACTIVE",
	}
}

// setSeverity follows Security Hub: what passed is informational, whatever the
// control's severity.
func (d *document) setSeverity(f *finding.Finding) {
	label := string(f.Severity)
	if f.Status == finding.Passed || f.Severity.Rank() < 0 {
		label = string(finding.Informational)
	}
	d.Severity = severity{Label: label, Original: report.Clean(string(f.Severity))}
	d.FindingProviderFields = providerFields{d.Severity, d.Types}
}

func describe(control *finding.Control, f *finding.Finding) string {
	var parts []string
	if control.Checks != "" {
		parts = append(parts, report.Clean(control.Checks))
	}
	telling := report.Telling(f.Evidence, false)
	for i := range telling {
		parts = append(parts, report.Sentence(&telling[i])+".")
	}
	for i := range f.Missing {
		parts = append(parts, report.Lack(&f.Missing[i])+".")
	}
	for _, note := range f.Notes {
		parts = append(parts, report.Clean(note))
	}
	if len(parts) == 0 {
		return report.Clean(f.Title)
	}
	return strings.Join(parts, " ")
}

func remedy(control *finding.Control) *remediation {
	steps := make([]string, len(control.How))
	for i, step := range control.How {
		steps[i] = strconv.Itoa(i+1) + ". " + report.Clean(step)
	}
	r := recommendation{Text: report.Cut(strings.Join(steps, " "), maxRecommendation)}
	if control.ASFFType != "" { // a control of Security Hub's own
		r.URL = report.HelpURL(control.ID)
	}
	if r == (recommendation{}) {
		return nil
	}
	return &remediation{r}
}

// fields carries what the format has no place for.
func (w *writer) fields(f *finding.Finding) map[string]string {
	fields := map[string]string{"holdfast/version": w.version, "holdfast/finding": report.Clean(f.ID)}
	if w.version == "" {
		delete(fields, "holdfast/version")
	}
	put := func(key, value string) {
		if value != "" && len(fields) < maxFields {
			fields[report.Cut(key, maxFieldKey)] = report.Cut(value, maxFieldValue)
		}
	}
	if e := f.Exception; e != nil {
		put("holdfast/exception/reason", report.Clean(e.Reason))
		put("holdfast/exception/owner", report.Clean(e.Owner))
		put("holdfast/exception/until", report.Clean(e.Until))
		put("holdfast/exception/source", report.Clean(e.Source))
	}
	for i := range f.Missing {
		put("holdfast/missing/"+strconv.Itoa(i), report.Lack(&f.Missing[i]))
	}
	for i := range f.Evidence {
		put("holdfast/evidence/"+strconv.Itoa(i), report.Sentence(&f.Evidence[i]))
	}
	return fields
}

// detailsOf lists the properties that were read under their CloudFormation
// names.
func detailsOf(f *finding.Finding) *details {
	other := make(map[string]string)
	for i := range f.Evidence {
		e := &f.Evidence[i]
		if e.Actual.Known() && !e.Default && e.Property != "" && len(other) < maxFields {
			other[report.Cut(report.Clean(e.Property), maxFieldKey)] = report.Cut(report.Clean(e.Actual.String()), maxOther)
		}
	}
	if len(other) == 0 {
		return nil
	}
	return &details{other}
}

func complianceOf(control *finding.Control, f *finding.Finding) compliance {
	c := compliance{Status: string(f.Status), SecurityControlID: report.Clean(control.ID)}
	for _, name := range control.Standards {
		c.AssociatedStandards = append(c.AssociatedStandards, standard{standardsID(report.Clean(name))})
	}
	for _, requirement := range control.Requirements[:min(len(control.Requirements), maxRequirements)] {
		c.RelatedRequirements = append(c.RelatedRequirements, report.Clean(requirement))
	}
	for _, name := range slices.Sorted(maps.Keys(control.Parameters)) {
		value := report.Clean(fmt.Sprint(control.Parameters[name]))
		c.SecurityControlParameters = append(c.SecurityControlParameters, parameter{report.Clean(name), []string{value}})
	}
	for i := range f.Missing {
		c.StatusReasons = append(c.StatusReasons, reason(f.Missing[i].Reason, report.Lack(&f.Missing[i])))
	}
	return c
}

func reason(code, description string) statusReason {
	code = strings.ToUpper(strings.ReplaceAll(report.Clean(code), "-", "_"))
	return statusReason{"HOLDFAST_" + code, report.Cut(description, maxDescription)}
}

// Gap writes a gap as a finding on the account, or on the resource that could
// not be read.
func (w *writer) Gap(g *finding.Gap) error {
	if !importable(g.Account, g.Region) {
		w.left.Gaps++
		return nil
	}
	partition := partitionOf("", g.Region)
	d := w.document(partition, g.Account, g.Region)
	d.ID, d.GeneratorID = "holdfast/gap/"+report.GapID(g), "holdfast/gap"
	d.setSeverity(&finding.Finding{Severity: finding.Informational})
	d.Title = report.Cut("Not read: "+report.Clean(g.Operation)+" in "+g.Region, maxTitle)
	description := report.Cause(g) + "."
	if len(g.Controls) > 0 {
		description += " Not judged there: " + report.Clean(strings.Join(g.Controls, ", ")) + "."
	}
	d.Description = report.Cut(description, maxDescription)
	if g.Permission != "" {
		d.Remediation = &remediation{recommendation{Text: report.Cut("Grant "+report.Clean(g.Permission)+".", maxRecommendation)}}
	}
	d.Resources = []resourceRef{{Type: "AwsAccount", ID: "AWS::::Account:" + g.Account, Partition: partition, Region: g.Region}}
	if g.Resource != "" {
		d.Resources[0].Type, d.Resources[0].ID = "Other", report.Cut(report.Clean(g.Resource), maxID)
	}
	d.Compliance = compliance{Status: string(finding.NotAvailable), StatusReasons: []statusReason{reason(g.Reason, report.Cause(g))}}
	return w.rows.Add(d)
}

// End closes the array and tells what was left out of it.
func (w *writer) End(*finding.Footer) error {
	if w.rows.Len() > 0 {
		w.out.WriteByte('\n')
	}
	w.out.WriteString("]\n")
	err := w.out.Flush()
	if w.left.Findings+w.left.Gaps > 0 {
		return errors.Join(err, &w.left)
	}
	return err
}

// importable reports whether Security Hub could take a finding for the place.
func importable(account, region string) bool {
	digits := strings.Trim(account, "0123456789") == "" && len(account) == 12
	return digits && region != "" && strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

func asffType(control *finding.Control, resourceType string) string {
	return cmp.Or(control.AlsoASFF[resourceType], control.ASFFType, "Other")
}

// partitionOf falls back on what the name of the region tells.
func partitionOf(partition, region string) string {
	if partition != "" {
		return report.Clean(partition)
	}
	for prefix, name := range map[string]string{
		"cn-": "aws-cn", "us-gov-": "aws-us-gov", "us-iso-": "aws-iso", "us-isob-": "aws-iso-b",
		"eu-isoe-": "aws-iso-e", "us-isof-": "aws-iso-f", "eusc-": "aws-eusc",
	} {
		if strings.HasPrefix(region, prefix) {
			return name
		}
	}
	return "aws"
}
