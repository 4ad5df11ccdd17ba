package hcl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"unicode/utf8"
)

// A jsonNode is a value of a JSON document with its place.
type jsonNode struct {
	content    []byte
	start, end int
	kind       byte // { [ " or another first byte
	members    []jsonMember
	items      []*jsonNode
}

// A jsonMember is a key of an object with its value.
type jsonMember struct {
	key   string
	start int // of the key, with its quotes
	value *jsonNode
}

// maxDepth bounds how deep values may be nested.
const maxDepth = 500

// parseTree reads a JSON document.
func parseTree(content []byte) (*jsonNode, error) {
	if !json.Valid(content) {
		var any any
		return nil, json.Unmarshal(content, &any)
	}
	r := &jsonReader{content: content}
	return r.value(0)
}

// A jsonReader reads a document that is known to be valid.
type jsonReader struct {
	content []byte
	at      int
}

func (r *jsonReader) space() byte {
	for r.at < len(r.content) && bytes.IndexByte([]byte(" \t\r\n"), r.content[r.at]) >= 0 {
		r.at++
	}
	return r.content[r.at]
}

func (r *jsonReader) value(depth int) (*jsonNode, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("values are nested deeper than %d", maxDepth)
	}
	n := &jsonNode{content: r.content, kind: r.space(), start: r.at}
	var err error
	switch n.kind {
	case '{', '[':
		err = r.inside(n, depth)
	case '"':
		r.text()
	default:
		for r.at < len(r.content) && bytes.IndexByte([]byte(" \t\r\n,]}"), r.content[r.at]) < 0 {
			r.at++
		}
	}
	n.end = r.at
	return n, err
}

// inside reads the members of an object or the items of a list.
func (r *jsonReader) inside(n *jsonNode, depth int) error {
	r.at++
	for r.space() != '}' && r.content[r.at] != ']' {
		if r.content[r.at] == ',' {
			r.at++
			continue
		}
		var member jsonMember
		if n.kind == '{' {
			member.start = r.at
			member.key = r.text()
			r.space()
			r.at++ // the colon
		}
		value, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		if n.kind == '[' {
			n.items = append(n.items, value)
			continue
		}
		member.value = value
		n.members = append(n.members, member)
	}
	r.at++
	return nil
}

func (r *jsonReader) text() string {
	start := r.at
	for r.at++; r.content[r.at] != '"'; r.at++ {
		if r.content[r.at] == '\\' {
			r.at++
		}
	}
	r.at++
	var text string
	_ = json.Unmarshal(r.content[start:r.at], &text) // it is valid
	return text
}

// get returns a member of an object, the last of its name; nil when there is none.
func (n *jsonNode) get(key string) *jsonNode {
	for i := len(n.members) - 1; i >= 0; i-- {
		if n.members[i].key == key {
			return n.members[i].value
		}
	}
	return nil
}

// each goes through an object, or through the objects of a list: HCL takes
// both where there may be several.
func (n *jsonNode) each(visit func(*jsonNode)) {
	switch {
	case n == nil:
	case n.kind == '{':
		visit(n)
	default:
		for _, item := range n.items {
			item.each(visit)
		}
	}
}

// line is the line of an offset, from 1.
func (n *jsonNode) line(offset int) int { return bytes.Count(n.content[:offset], []byte("\n")) + 1 }

// A cursor knows the position of an offset.
type cursor struct {
	content []byte
	offset  int
	position
}

// advance goes on to a later offset. It counts as the parser of HCL does: a tab
// for two columns, and a carriage return for none.
func (c *cursor) advance(to int) position {
	for c.offset < to {
		r, size := utf8.DecodeRune(c.content[c.offset:])
		c.offset += size
		switch r {
		case '\n':
			c.line, c.column = c.line+1, 1
		case '\t':
			c.column += 2
		case '\r':
		default:
			c.column++
		}
	}
	return c.position
}
