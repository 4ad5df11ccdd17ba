package report

import (
	"bufio"
	"errors"
	"io"
	"strconv"
)

// Document is one JSON object with the version of the format first, a field
// per line and one item of each list per line. It keeps the first errors, which
// Close returns.
type Document struct {
	out    *bufio.Writer // keeps the first write error
	faults []error
}

// NewDocument begins a document.
func NewDocument(out io.Writer) *Document {
	d := &Document{out: bufio.NewWriter(out)}
	d.out.WriteString("{\n\"format\":" + strconv.Itoa(Format))
	return d
}

// Field writes one field.
func (d *Document) Field(key string, value any) {
	text, err := Marshal(value)
	d.faults = append(d.faults, err)
	d.out.WriteString(",\n\"" + key + "\":")
	d.out.Write(text)
}

// Close ends the document.
func (d *Document) Close() error {
	d.out.WriteString("\n}\n")
	return errors.Join(append(d.faults, d.out.Flush())...)
}

// List writes one field that is a list.
func List[T any](d *Document, key string, items []T) {
	d.out.WriteString(",\n\"" + key + "\":[")
	rows := Array{Out: d.out}
	for i := range items {
		d.faults = append(d.faults, rows.Add(&items[i]))
	}
	if len(items) > 0 {
		d.out.WriteByte('\n')
	}
	d.out.WriteByte(']')
}
