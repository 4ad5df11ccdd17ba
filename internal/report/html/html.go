package html

import (
	"bufio"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

const (
	rowsPerControl   = 500
	passedPerControl = 200
	gapsShown        = 500
)

//go:embed page.gohtml
var pageText string

//go:embed style.css
var styleText string

//go:embed filter.js
var scriptText string

type writer struct {
	report.Groups
	options report.Options
	out     *bufio.Writer
}

// New writes a page to out when the scan ends.
func New(options report.Options, out io.Writer) finding.Handler {
	w := &writer{options: options, out: bufio.NewWriterSize(out, 64<<10)}
	w.Keep(options.Verbose, rowsPerControl, passedPerControl, gapsShown)
	return w
}

// End writes the page.
func (w *writer) End(f *finding.Footer) error {
	if err := w.Groups.End(f); err != nil {
		return err
	}
	page, err := template.New("page").Parse(pageText)
	if err != nil {
		return err
	}
	if err := page.Execute(w.out, w.view()); err != nil {
		return err
	}
	return w.out.Flush()
}

// policy lets the browser run the page's own script and style, known by their
// digests, and nothing else.
func policy() string {
	return "default-src 'none'; base-uri 'none'; form-action 'none'; style-src '" + digest(styleText) + "'; script-src '" + digest(scriptText) + "'"
}

func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}
