package cloudformation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"

	"gopkg.in/yaml.v3"
)

// jsonReader turns JSON into the nodes that YAML has, with their lines. YAML's
// own parser is not enough: it takes JSON for YAML, which knows no surrogate
// pairs, no keys of more than 1,024 characters and other errors.
type jsonReader struct {
	document *document
	decoder  *json.Decoder
	data     []byte
	counted  int64 // bytes whose lines are in line
	line     int
	begin    int64 // of that line
	before   int64 // end of the token before
}

func (d *document) parseJSON(data []byte) error {
	r := &jsonReader{document: d, decoder: json.NewDecoder(bytes.NewReader(data)), data: data, line: 1}
	r.decoder.UseNumber()
	root, err := r.value(0)
	if err != nil {
		return err
	}
	if _, err := r.decoder.Token(); !errors.Is(err, io.EOF) {
		return d.fault(r.lineAt(r.decoder.InputOffset()), "something follows the end of the template")
	}
	d.root = root
	return nil
}

func (r *jsonReader) value(depth int) (*yaml.Node, error) {
	token, err := r.token()
	if err != nil {
		return nil, err
	}
	return r.node(token, depth)
}

func (r *jsonReader) node(token json.Token, depth int) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.ScalarNode, Line: r.lineAt(r.decoder.InputOffset()), Column: r.column()}
	switch token := token.(type) {
	case json.Delim:
		if depth > maxDepth {
			return nil, r.document.fault(n.Line, "values are nested deeper than %d levels", maxDepth)
		}
		return n, r.collection(n, token, depth)
	case string:
		n.Tag, n.Value, n.Style = "!!str", token, yaml.DoubleQuotedStyle
	case json.Number:
		n.Tag, n.Value = "!!int", token.String()
		if _, err := token.Int64(); err != nil {
			n.Tag = "!!float"
		}
	case bool:
		n.Tag, n.Value = "!!bool", "false"
		if token {
			n.Value = "true"
		}
	default:
		n.Tag, n.Value = "!!null", "null"
	}
	return n, nil
}

// collection reads an object or an array up to and with its closing bracket.
func (r *jsonReader) collection(n *yaml.Node, open json.Delim, depth int) error {
	n.Kind, n.Tag, n.Style = yaml.SequenceNode, "!!seq", yaml.FlowStyle
	if open == '{' {
		n.Kind, n.Tag = yaml.MappingNode, "!!map"
	}
	for {
		token, err := r.token()
		if err != nil {
			return err
		}
		if delim, ok := token.(json.Delim); ok && (delim == '}' || delim == ']') {
			r.document.ends[n] = r.lineAt(r.decoder.InputOffset())
			return nil
		}
		item, err := r.node(token, depth+1)
		if err != nil {
			return err
		}
		n.Content = append(n.Content, item)
	}
}

func (r *jsonReader) token() (json.Token, error) {
	r.before = r.decoder.InputOffset()
	token, err := r.decoder.Token()
	if err == nil {
		return token, nil
	}
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return nil, r.document.fault(r.lineAt(syntax.Offset+1), "%s", syntax)
	}
	return nil, r.document.fault(r.lineAt(int64(len(r.data))), "the file ends too early")
}

// lineAt is the line of the byte before an offset. Offsets never go back.
func (r *jsonReader) lineAt(offset int64) int {
	end := max(r.counted, min(offset-1, int64(len(r.data))))
	passed := r.data[r.counted:end]
	if last := bytes.LastIndexByte(passed, '\n'); last >= 0 {
		r.line += bytes.Count(passed, []byte("\n"))
		r.begin = r.counted + int64(last) + 1
	}
	r.counted = end
	return r.line
}

// column is the byte of its line, from 1, at which the last token begins.
func (r *jsonReader) column() int {
	start := r.before
	for start < int64(len(r.data)) && bytes.IndexByte([]byte(" \t\r\n,:"), r.data[start]) >= 0 {
		start++
	}
	return int(start-r.begin) + 1
}
