package json

import (
	"bufio"
	"errors"
	"io"
	"strconv"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
)

type writer struct {
	out  *bufio.Writer // keeps the first write error; End returns it
	line []byte
	rows int
	gaps [][]byte
	err  error // the first value that has no JSON form
}

// New writes one JSON document to out.
func New(_ report.Options, out io.Writer) finding.Handler {
	return &writer{out: bufio.NewWriterSize(out, 64<<10)}
}

// Begin writes what is known before the first finding.
func (w *writer) Begin(h *finding.Header) error {
	w.out.WriteString("{\n\"format\":" + strconv.Itoa(report.Format))
	w.field("tool", h.Tool)
	w.field("version", h.Version)
	w.field("started", h.Started)
	rows := make([][]byte, len(h.Controls))
	for i := range h.Controls {
		rows[i] = w.encode(&h.Controls[i])
	}
	w.list("controls", rows)
	w.out.WriteString(",\n\"findings\":[")
	return w.err
}

// Finding writes one finding on a line of its own.
func (w *writer) Finding(f *finding.Finding) error {
	w.line = w.line[:0]
	if w.rows > 0 {
		w.line = append(w.line, ',')
	}
	w.rows++
	w.line = report.AppendFinding(append(w.line, '\n'), f)
	_, err := w.out.Write(w.line)
	return err
}

// Gap holds a gap until the findings are through.
func (w *writer) Gap(g *finding.Gap) error {
	w.gaps = append(w.gaps, w.encode(g))
	return w.err
}

// End writes gaps, coverage and summary and closes the document.
func (w *writer) End(f *finding.Footer) error {
	if w.rows > 0 {
		w.out.WriteByte('\n')
	}
	w.out.WriteByte(']')
	w.list("gaps", w.gaps)
	w.field("coverage", &f.Coverage)
	w.field("summary", &f.Tally)
	if len(f.Expired) > 0 {
		w.field("expiredExceptions", f.Expired)
	}
	if len(f.Unused) > 0 {
		w.field("unusedExceptions", f.Unused)
	}
	if len(f.Faulty) > 0 {
		w.field("faultyExceptions", f.Faulty)
	}
	if len(f.Obsolete) > 0 {
		w.field("obsoleteBaseline", f.Obsolete)
	}
	w.field("finished", f.Finished)
	w.out.WriteString("\n}\n")
	return errors.Join(w.err, w.out.Flush())
}

// field writes a field on a line of its own, after the one before it.
func (w *writer) field(key string, value any) {
	w.out.WriteString(",\n\"" + key + "\":")
	w.out.Write(w.encode(value))
}

// list writes a field that holds a list, one row per line.
func (w *writer) list(key string, rows [][]byte) {
	w.out.WriteString(",\n\"" + key + "\":[")
	for i, row := range rows {
		if i > 0 {
			w.out.WriteByte(',')
		}
		w.out.WriteByte('\n')
		w.out.Write(row)
	}
	if len(rows) > 0 {
		w.out.WriteByte('\n')
	}
	w.out.WriteByte(']')
}

func (w *writer) encode(value any) []byte {
	text, err := report.Marshal(value)
	if w.err == nil {
		w.err = err
	}
	return text
}
