package ndjson

import (
	"bufio"
	"io"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

type writer struct {
	out  *bufio.Writer
	line []byte
}

// New writes one message per line to out.
func New(_ report.Options, out io.Writer) finding.Handler {
	return &writer{out: bufio.NewWriterSize(out, 64<<10)}
}

// Begin writes the scan's header with the version of the format.
func (w *writer) Begin(h *finding.Header) error {
	controls := h.Controls
	if controls == nil {
		controls = []finding.Control{}
	}
	versioned := struct {
		Format int `json:"format"`
		finding.Header
		Controls []finding.Control `json:"controls"`
	}{report.Format, *h, controls}
	return w.message("scan", versioned)
}

// Finding writes one finding.
func (w *writer) Finding(f *finding.Finding) error {
	w.line = append(w.line[:0], `{"finding":`...)
	w.line = report.AppendFinding(w.line, f)
	return w.finish()
}

// Gap writes one gap.
func (w *writer) Gap(g *finding.Gap) error { return w.message("gap", g) }

// End writes the summary.
func (w *writer) End(f *finding.Footer) error {
	if err := w.message("summary", f); err != nil {
		return err
	}
	return w.out.Flush()
}

func (w *writer) message(name string, body any) error {
	text, err := report.Marshal(body)
	if err != nil {
		return err
	}
	w.line = append(w.line[:0], `{"`+name+`":`...)
	w.line = append(w.line, text...)
	return w.finish()
}

func (w *writer) finish() error {
	w.line = append(w.line, '}', '\n')
	_, err := w.out.Write(w.line)
	return err
}
