package template

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// kind tells what a node is.
type kind byte

const (
	scalar kind = 's'
	list   kind = 'l'
	fields kind = 'm'
	alias  kind = 'a'
)

// node is one value of a file, or the name of a field.
type node struct {
	kind kind
	// start is the first byte, with anchor and tag; body is the first one behind
	// those. end is the byte behind the last, and 0 where that is not known.
	start, body, end int
	line             int
	text             string // of a scalar as it is read; of an alias the anchor's name
	tag, anchor      string
	flow             bool // written in brackets
	block            bool // a scalar in lines of its own, after | or >
	quote            byte // ' or " around a scalar
	// items are those of a list; of a set of fields, names and values by turns.
	items  []*node
	parent *node
}

// layout is one file.
type layout struct {
	content []byte
	json    bool
	root    *node
	lines   []int // where each line begins
	newline string
}

// newLayout reads a file. What starts with a bracket is JSON where it can be.
func newLayout(content []byte) (*layout, error) {
	if bytes.HasPrefix(content, []byte("\xff\xfe")) || bytes.HasPrefix(content, []byte("\xfe\xff")) || !utf8.Valid(content) {
		return nil, fmt.Errorf("the file is not written in UTF-8")
	}
	l := &layout{content: content, newline: "\n"}
	if at := bytes.IndexByte(content, '\n'); at > 0 && content[at-1] == '\r' {
		l.newline = "\r\n"
	}
	if text := bytes.TrimLeft(content[l.bom():], " \t\r\n"); len(text) > 0 && (text[0] == '{' || text[0] == '[') && l.readJSON() == nil {
		return l, nil
	}
	return l, l.readYAML()
}

// bom is the length of the byte order mark.
func (l *layout) bom() int {
	if bytes.HasPrefix(l.content, []byte("\xef\xbb\xbf")) {
		return 3
	}
	return 0
}

func (l *layout) readYAML() error {
	var top yaml.Node
	if err := yaml.Unmarshal(l.content[l.bom():], &top); err != nil {
		return err
	}
	if len(top.Content) == 0 {
		return fmt.Errorf("the file is empty")
	}
	l.json = false
	l.countLines(true)
	root, err := l.node(top.Content[0], nil)
	l.root = root
	return err
}

// countLines notes where lines begin. YAML knows more line ends than JSON.
func (l *layout) countLines(yaml bool) {
	l.lines = []int{l.bom()}
	for i := l.bom(); i < len(l.content); i++ {
		switch c := l.content[i]; {
		case c == '\n', yaml && c == '\r' && l.byteAt(i+1) != '\n':
			l.lines = append(l.lines, i+1)
		case !yaml || c < utf8.RuneSelf:
		case bytes.HasPrefix(l.content[i:], []byte("\u0085")):
			l.lines = append(l.lines, i+2)
		case bytes.HasPrefix(l.content[i:], []byte("\u2028")) || bytes.HasPrefix(l.content[i:], []byte("\u2029")):
			l.lines = append(l.lines, i+3)
		}
	}
}

// offset is the byte at a line and column, both from 1. Columns are characters
// in YAML and bytes in JSON.
func (l *layout) offset(line, column int) (int, error) {
	if line < 1 || line > len(l.lines) || column < 1 {
		return 0, fmt.Errorf("there is no line %d", line)
	}
	at := l.lines[line-1]
	for n := 1; n < column; n++ {
		size := 1
		if !l.json {
			_, size = utf8.DecodeRune(l.content[at:])
		}
		if at += size; at > len(l.content) || size == 0 {
			return 0, fmt.Errorf("line %d has no column %d", line, column)
		}
	}
	return at, nil
}

// lineOf is the number of the line that a byte stands in, from 1.
func (l *layout) lineOf(at int) int {
	low, high := 0, len(l.lines)
	for low < high {
		if middle := (low + high) / 2; l.lines[middle] <= at {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return max(1, low)
}

// column counts the bytes before a byte in its line.
func (l *layout) column(at int) int { return at - l.lines[l.lineOf(at)-1] }

// node makes a node of one that the YAML parser read.
func (l *layout) node(y *yaml.Node, parent *node) (*node, error) {
	at, err := l.offset(y.Line, y.Column)
	if err != nil {
		return nil, err
	}
	n := &node{
		start: at, body: at, line: y.Line, text: y.Value, tag: y.ShortTag(), anchor: y.Anchor, parent: parent,
		flow: y.Style&yaml.FlowStyle != 0, block: y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0,
	}
	switch y.Kind {
	case yaml.ScalarNode:
		n.kind = scalar
		n.body = l.skipProperties(at, y)
		l.bounds(n, y)
	case yaml.AliasNode:
		n.kind, n.end = alias, at+1+len(y.Value)
		return n, nil
	case yaml.SequenceNode, yaml.MappingNode:
		n.kind = list
		if y.Kind == yaml.MappingNode {
			n.kind = fields
		}
		n.body = l.skipProperties(at, y)
	}
	for _, item := range y.Content {
		child, err := l.node(item, n)
		if err != nil {
			return nil, err
		}
		n.items = append(n.items, child)
	}
	if n.flow && l.byteAt(n.body) != 0 {
		n.end = l.closing(n)
	}
	return n, nil
}

func (l *layout) byteAt(at int) byte {
	if at < 0 || at >= len(l.content) {
		return 0
	}
	return l.content[at]
}

// skipProperties goes behind an anchor and a tag, with the space after them.
func (l *layout) skipProperties(at int, y *yaml.Node) int {
	for c := l.byteAt(at); c == '&' && y.Anchor != "" || c == '!'; c = l.byteAt(at) {
		for at < len(l.content) && !bytes.ContainsRune([]byte(" \t\r\n"), rune(l.content[at])) {
			at++
		}
		behind := at
		at = l.skipSpace(at)
		if y.Kind == yaml.ScalarNode && y.Value == "" && y.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) == 0 {
			return behind
		}
	}
	return at
}

// skipSpace goes behind spaces, line ends and comments.
func (l *layout) skipSpace(at int) int {
	for at < len(l.content) {
		switch l.content[at] {
		case ' ', '\t', '\r', '\n':
			at++
		case '#':
			for at < len(l.content) && l.content[at] != '\n' {
				at++
			}
		default:
			return at
		}
	}
	return at
}

// bounds finds the end of a scalar; it stays unknown where the text is written
// over several lines without quotes.
func (l *layout) bounds(n *node, y *yaml.Node) {
	switch c := l.byteAt(n.body); {
	case n.block:
	case y.Style&yaml.SingleQuotedStyle != 0 && c == '\'', y.Style&yaml.DoubleQuotedStyle != 0 && c == '"':
		n.quote = c
		n.end = l.quoteEnd(n.body)
	case bytes.HasPrefix(l.content[n.body:], []byte(y.Value)):
		n.end = n.body + len(y.Value)
	}
}

// quoteEnd is the byte behind a quoted text.
func (l *layout) quoteEnd(at int) int {
	quote := l.content[at]
	for at++; at < len(l.content); at++ {
		switch c := l.content[at]; {
		case c == '\\' && quote == '"':
			at++
		case c == quote && quote == '\'' && l.byteAt(at+1) == quote:
			at++
		case c == quote:
			return at + 1
		}
	}
	return 0
}

// closing is the byte behind the bracket that ends a collection; 0 where it is
// not found. Only what lies behind the last item needs to be looked at.
func (l *layout) closing(n *node) int {
	at := n.body + 1
	if len(n.items) > 0 {
		if at = n.items[len(n.items)-1].end; at == 0 {
			return 0
		}
	}
	if at = l.skipSpace(at); l.byteAt(at) == ',' {
		at = l.skipSpace(at + 1)
	}
	if c := l.byteAt(at); c == ']' || c == '}' {
		return at + 1
	}
	return 0
}

// find returns the node of a kind that begins at a byte.
func (l *layout) find(at int, k kind) *node {
	var found *node
	l.root.walk(func(n *node) {
		if found == nil && n.start == at && n.kind == k && !n.isName() {
			found = n
		}
	})
	return found
}

func (n *node) walk(visit func(*node)) {
	visit(n)
	for _, item := range n.items {
		item.walk(visit)
	}
}

// isName reports whether a node is the name of a field.
func (n *node) isName() bool {
	if n.parent == nil || n.parent.kind != fields {
		return false
	}
	return n.index()%2 == 0
}

// index is the place of a node among the items of its parent.
func (n *node) index() int {
	for i, item := range n.parent.items {
		if item == n {
			return i
		}
	}
	return -1
}

// name is the field of which a node is the value; nil for anything else.
func (n *node) name() *node {
	if n.parent == nil || n.parent.kind != fields {
		return nil
	}
	if i := n.index(); i%2 == 1 {
		return n.parent.items[i-1]
	}
	return nil
}

// field returns the value of a field, or nil.
func (n *node) field(name string) *node {
	for i := 0; n != nil && n.kind == fields && i+1 < len(n.items); i += 2 {
		if n.items[i].text == name {
			return n.items[i+1]
		}
	}
	return nil
}

// path names the way from the root to a node.
func (n *node) path() []string {
	var names []string
	for ; n.parent != nil; n = n.parent {
		names = append([]string{n.step()}, names...)
	}
	return names
}

// step is the name of a field's value or the number of an item.
func (n *node) step() string {
	if name := n.name(); name != nil {
		return name.text
	}
	return fmt.Sprint(n.index())
}

// plain reports whether a node is what its text says, and no function.
func (n *node) plain() bool { return n.kind == scalar && strings.HasPrefix(n.tag, "!!") }

// null reports whether a node says that there is nothing.
func (n *node) null() bool { return n.kind == scalar && n.tag == "!!null" }

// indent returns the spaces that the line of a byte begins with.
func (l *layout) indent(at int) string {
	line := l.content[l.lines[l.lineOf(at)-1]:at]
	return string(line[:len(line)-len(strings.TrimLeft(string(line), " \t"))])
}

// opensLine reports whether only spaces stand before a byte in its line.
func (l *layout) opensLine(at int) bool { return len(l.indent(at)) == l.column(at) }
