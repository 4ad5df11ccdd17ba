package hcl

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// nativeObject is an object that is written out.
type nativeObject struct {
	doc     *nativeDocument
	object  *hclsyntax.ObjectConsExpr
	address string
	name    string // of what it is the value of
}

func (o *nativeObject) offset() int { return o.object.SrcRange.Start.Byte }
func (o *nativeObject) line() int   { return o.object.SrcRange.Start.Line }

// find implements body: an object is looked up only for what it lacks.
func (o *nativeObject) find(path []string) (*found, body, []string, string) {
	return nil, o, path, ""
}

// add adds items behind the last one, in the form of that one: on its line or
// on lines of their own, with or without commas.
func (o *nativeObject) add(e *editor, a *addition) error {
	written := make([]string, len(a.values))
	for i, one := range a.values {
		text, err := e.text(one.value)
		if err != nil {
			return err
		}
		written[i] = o.item(one.path[0], text)
	}
	if len(o.object.Items) == 0 {
		o.fill(e, written)
		return nil
	}
	last := o.object.Items[len(o.object.Items)-1]
	first, behind := last.KeyExpr.Range().Start.Byte, last.ValueExpr.Range().End.Byte
	heredoc := bytes.HasPrefix(e.content[last.ValueExpr.Range().Start.Byte:], []byte("<<")) // nothing may follow it on its line
	if !heredoc && (!e.onOwnLine(first) || last.ValueExpr.Range().End.Line == o.object.SrcRange.End.Line) {
		e.splices = append(e.splices, splice{start: behind, end: behind, text: ", " + strings.Join(written, ", ")})
		return nil
	}
	lineEnd := e.lineEnd
	if bytes.HasPrefix(bytes.TrimLeft(e.content[behind:], " \t"), []byte(",")) {
		lineEnd = "," + lineEnd
	}
	var lines strings.Builder
	for _, text := range written {
		lines.WriteString(string(indentAt(e.content, first)) + text + lineEnd)
	}
	at := e.nextLine(behind)
	e.splices = append(e.splices, splice{start: at, end: at, text: lines.String()})
	return nil
}

// fill writes the first items of an object.
func (o *nativeObject) fill(e *editor, written []string) {
	open, end := o.object.OpenRange.End.Byte, o.object.SrcRange.End.Byte-len("}")
	if len(bytes.TrimSpace(e.content[open:end])) == 0 {
		e.splices = append(e.splices, splice{start: open, end: end, text: " " + strings.Join(written, ", ") + " "})
		return
	}
	// There are comments in it, and so there are several lines.
	at, indent := end-len(indentBefore(e.content, end)), string(indentAt(e.content, end))
	var lines strings.Builder
	for _, text := range written {
		lines.WriteString(indent + e.unit + text + e.lineEnd)
	}
	e.splices = append(e.splices, splice{start: at, end: at, text: lines.String()})
}

// item writes an item as the last one is written.
func (o *nativeObject) item(name, value string) string {
	if len(o.object.Items) == 0 {
		return name + " = " + value
	}
	last := o.object.Items[len(o.object.Items)-1]
	key, start := last.KeyExpr.Range(), last.ValueExpr.Range().Start
	if o.doc.content[key.Start.Byte] == '"' {
		name = `"` + name + `"`
	}
	between := string(o.doc.content[key.End.Byte:start.Byte])
	if strings.Contains(between, ":") {
		return name + strings.TrimLeft(between[:strings.Index(between, ":")+1], " ") + " " + value
	}
	width := len(name) + 1
	if key.Start.Line == start.Line {
		width = max(width, key.End.Byte-key.Start.Byte+strings.Index(between, "="))
	}
	if start.Line == o.object.SrcRange.Start.Line {
		width = len(name) + 1 // on one line nothing is aligned
	}
	return fmt.Sprintf("%-*s= %s", width, name, value)
}
