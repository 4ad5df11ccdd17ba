package all

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/nearest"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/asff"
	"github.com/holdfast-aws/holdfast/internal/report/csv"
	"github.com/holdfast-aws/holdfast/internal/report/gitlab"
	"github.com/holdfast-aws/holdfast/internal/report/html"
	"github.com/holdfast-aws/holdfast/internal/report/json"
	"github.com/holdfast-aws/holdfast/internal/report/junit"
	"github.com/holdfast-aws/holdfast/internal/report/markdown"
	"github.com/holdfast-aws/holdfast/internal/report/ndjson"
	"github.com/holdfast-aws/holdfast/internal/report/ocsf"
	"github.com/holdfast-aws/holdfast/internal/report/sarif"
	"github.com/holdfast-aws/holdfast/internal/report/text"
)

// Format is one way to write a scan.
type Format struct {
	Name        string
	Description string // one line, for help
	// FileExtension is the usual end of a file's name, with its dot.
	FileExtension string
	// Streams is true when findings are written as they come, so that memory
	// does not grow with them.
	Streams bool
	// New makes a handler that writes one scan to out.
	New func(options report.Options, out io.Writer) finding.Handler
}

// Formats lists every format: those for people first, then those for machines.
func Formats() []Format {
	return []Format{
		{"text", "for a terminal: by control, worst first", ".txt", false, text.New},
		{"markdown", "for a pull request or a job summary", ".md", false, markdown.New},
		{"html", "one self-contained page", ".html", false, html.New},
		{"json", "one document, read back by holdfast diff", ".json", true, json.New},
		{"ndjson", "one message per line, as it happens", ".ndjson", true, ndjson.New},
		{"csv", "rows for a spreadsheet", ".csv", true, csv.New},
		{"junit", "test results for continuous integration", ".xml", false, junit.New},
		{"sarif", "SARIF 2.1.0 for code scanning and editors", ".sarif", true, sarif.New},
		{"gitlab", "code quality report for GitLab merge requests", ".codequality.json", true, gitlab.New},
		{"asff", "findings for Security Hub's BatchImportFindings", ".asff.json", true, asff.New},
		{"ocsf", "OCSF 1.6.0 Compliance Finding events", ".ocsf.json", true, ocsf.New},
	}
}

// Find returns the format of a name, in any letter case. An unknown name is a
// *NameError.
func Find(name string) (Format, error) {
	for _, format := range Formats() {
		if strings.EqualFold(format.Name, name) {
			return format, nil
		}
	}
	return Format{}, &NameError{Name: name, Nearest: nearest.Names(name, names())}
}

func names() []string {
	var names []string
	for _, format := range Formats() {
		names = append(names, format.Name)
	}
	return names
}

// NameError says that there is no format of a name.
type NameError struct {
	Name    string
	Nearest []string // formats with a name much like it, the best first
}

func (e *NameError) Error() string {
	return fmt.Sprintf("no output format %q: there are %s", e.Name, strings.Join(names(), ", "))
}

// Hint asks for the nearest format or, if none is near, tells of all of them.
func (e *NameError) Hint() string {
	if len(e.Nearest) == 0 {
		return "holdfast scan --help"
	}
	return "holdfast scan --format " + e.Nearest[0]
}

// Multi hands one stream to several formats. The first error of a message
// stops the stream; at the end every format is closed, and all errors come
// back together.
func Multi(handlers ...finding.Handler) finding.Handler {
	if len(handlers) == 1 {
		return handlers[0]
	}
	return multi(handlers)
}

type multi []finding.Handler

func (m multi) Begin(h *finding.Header) error {
	for _, handler := range m {
		if err := handler.Begin(h); err != nil {
			return err
		}
	}
	return nil
}

func (m multi) Finding(f *finding.Finding) error {
	for _, handler := range m {
		if err := handler.Finding(f); err != nil {
			return err
		}
	}
	return nil
}

func (m multi) Gap(g *finding.Gap) error {
	for _, handler := range m {
		if err := handler.Gap(g); err != nil {
			return err
		}
	}
	return nil
}

func (m multi) End(f *finding.Footer) error {
	var errs []error
	for _, handler := range m {
		errs = append(errs, handler.End(f))
	}
	return errors.Join(errs...)
}
