package template

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// maxDepth bounds how deep values are nested in a file.
const maxDepth = 200

// jsonReader turns JSON into nodes that know their bytes.
type jsonReader struct {
	*layout
	at int
}

func (l *layout) readJSON() error {
	text := l.content[l.bom():]
	if !json.Valid(text) {
		return errors.New("the file is no JSON")
	}
	l.json = true
	l.countLines(false)
	r := &jsonReader{layout: l, at: l.bom()}
	root, err := r.value(nil, 0)
	l.root = root
	return err
}

func (r *jsonReader) space() {
	for r.at < len(r.content) && bytes.IndexByte([]byte(" \t\r\n,:"), r.content[r.at]) >= 0 {
		r.at++
	}
}

// value reads one value of a file that is known to be valid.
func (r *jsonReader) value(parent *node, depth int) (*node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values are nested deeper than %d levels", maxDepth)
	}
	r.space()
	n := &node{kind: scalar, start: r.at, body: r.at, line: r.lineOf(r.at), parent: parent}
	switch c := r.content[r.at]; c {
	case '{', '[':
		n.kind, n.tag, n.flow = list, "!!seq", true
		if c == '{' {
			n.kind, n.tag = fields, "!!map"
		}
		r.at++
		for r.space(); r.content[r.at] != '}' && r.content[r.at] != ']'; r.space() {
			item, err := r.value(n, depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		r.at++
	case '"':
		n.tag, n.quote = "!!str", '"'
		r.at = r.quoteEnd(r.at)
		if err := json.Unmarshal(r.content[n.start:r.at], &n.text); err != nil {
			return nil, err
		}
	default:
		for r.at < len(r.content) && bytes.IndexByte([]byte(" \t\r\n,:]}"), r.content[r.at]) < 0 {
			r.at++
		}
		n.text = string(r.content[n.start:r.at])
		n.tag = map[string]string{"null": "!!null", "true": "!!bool", "false": "!!bool"}[n.text]
		if n.tag == "" {
			n.tag = "!!int"
		}
	}
	n.end = r.at
	return n, nil
}
