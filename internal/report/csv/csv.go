package csv

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

// gapStatus stands in the status column of what could not be read.
const gapStatus = "GAP"

// columns names the header row. New columns are added at the end.
func columns() []string {
	return []string{
		"status", "severity", "control", "title", "account", "region", "type", "resource", "arn",
		"file", "line", "address", "evidence", "missing", "permission", "notes",
		"exception", "exception_owner", "exception_until", "exception_source", "try", "finding_id",
	}
}

type writer struct{ out *csv.Writer }

// New writes rows to out as they come.
func New(_ report.Options, out io.Writer) finding.Handler {
	w := &writer{csv.NewWriter(out)}
	w.out.UseCRLF = true
	return w
}

// Begin writes the header row.
func (w *writer) Begin(*finding.Header) error { return w.out.Write(columns()) }

// Finding writes one row.
func (w *writer) Finding(f *finding.Finding) error {
	status, e := string(f.Status), f.Exception
	if e == nil {
		e = new(finding.Exception)
	}
	line := ""
	if f.Resource.Origin.Line > 0 {
		line = strconv.Itoa(f.Resource.Origin.Line)
	}
	var evidence, missing, permissions []string
	for i := range f.Evidence {
		evidence = append(evidence, report.Sentence(&f.Evidence[i]))
	}
	for i := range f.Missing {
		missing = append(missing, report.Lack(&f.Missing[i]))
		if f.Missing[i].Permission != "" {
			permissions = append(permissions, f.Missing[i].Permission)
		}
	}
	return w.row(
		status, string(f.Severity), f.Control, f.Title, f.Resource.Account, f.Resource.Region,
		f.Resource.Type, f.Resource.ID, f.Resource.ARN,
		f.Resource.Origin.File, line, f.Resource.Origin.Address,
		strings.Join(evidence, "; "), strings.Join(missing, "; "), strings.Join(permissions, " "), strings.Join(f.Notes, " "),
		e.Reason, e.Owner, e.Until, e.Source, "", f.ID,
	)
}

// Gap writes one row of status GAP.
func (w *writer) Gap(g *finding.Gap) error {
	return w.row(
		gapStatus, "", strings.Join(g.Controls, " "), "", g.Account, g.Region,
		g.Type, "", g.Resource,
		g.File, "", "",
		"", report.Cause(g), g.Permission, "",
		"", "", "", "", g.Try, "",
	)
}

// End writes what is left.
func (w *writer) End(*finding.Footer) error {
	w.out.Flush()
	return w.out.Error()
}

func (w *writer) row(cells ...string) error {
	for i, cell := range cells {
		cells[i] = neutral(report.Clean(cell))
	}
	return w.out.Write(cells)
}

// neutral keeps a spreadsheet from taking a cell for a formula, also behind
// leading spaces, as OWASP advises for CSV injection.
func neutral(cell string) string {
	trimmed := strings.TrimLeft(cell, " ")
	if trimmed != "" && strings.ContainsRune("=+-@＝＋－＠", []rune(trimmed)[0]) {
		return "'" + cell
	}
	return cell
}
