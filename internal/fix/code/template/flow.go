package template

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// named writes the name of a field like those of a node.
func (l *layout) named(like *node, name string) string {
	switch {
	case l.json:
		return quoted(name)
	case like == nil || like.kind != fields || len(like.items) == 0:
		return name
	}
	switch like.items[0].quote {
	case '"':
		return quoted(name)
	case '\'':
		return "'" + name + "'"
	}
	return name
}

// colon is what stands between a name and its value.
func (l *layout) colon() string {
	if l.json && l.root.kind == fields && len(l.root.items) > 1 {
		between := string(l.content[l.root.items[0].end:l.root.items[1].start])
		if strings.Trim(between, " \t") == ":" {
			return between
		}
	}
	return ": "
}

// comma is what stands between two values in one line.
func (l *layout) comma() string {
	if l.json && l.colon() == ":" {
		return ","
	}
	return ", "
}

// inline writes a value in one line.
func (l *layout) inline(b *branch) string {
	var parts []string
	switch {
	case len(b.below) > 0:
		for _, one := range b.below {
			parts = append(parts, l.named(nil, one.name)+l.colon()+l.inline(one))
		}
		return "{" + strings.Join(parts, l.comma()) + "}"
	case b.value.Kind() == resource.List:
		for _, item := range b.value.List() {
			parts = append(parts, spell(item, nil, l.json))
		}
		return "[" + strings.Join(parts, l.comma()) + "]"
	}
	return spell(b.value, nil, l.json)
}

// entry writes a field, the fields below it in lines of their own where unit,
// the indentation of one level, is not empty.
func (l *layout) entry(like *node, b *branch, indent, unit string) string {
	name := l.named(like, b.name) + l.colon()
	if len(b.below) == 0 || unit == "" {
		return name + l.inline(b)
	}
	lines := make([]string, len(b.below))
	for i, one := range b.below {
		lines[i] = indent + unit + l.entry(like, one, indent+unit, unit)
	}
	return name + "{" + l.newline + strings.Join(lines, ","+l.newline) + l.newline + indent + "}"
}

// unit is the indentation of one level in a file of brackets; "" where all of
// it stands in one line.
func (l *layout) unit() string {
	if !l.json || len(l.root.items) == 0 || !l.opensLine(l.root.items[0].start) {
		return ""
	}
	return l.indent(l.root.items[0].start)
}

// flowFields adds fields within brackets. They come last; but where fields have
// lines of their own in YAML, they come first, because a comment may follow the
// last one.
func (l *layout) flowFields(n *node, added []*branch, last bool) (splice, error) {
	if len(n.items) == 0 {
		return l.filled(n, added)
	}
	first, end := n.items[0], n.items[len(n.items)-1].end
	indent, unit, between := "", "", l.comma()
	if l.opensLine(first.start) {
		indent, unit = l.indent(first.start), l.unit()
		between = "," + l.newline + indent
		last = last && l.json
	}
	if last && end == 0 {
		return splice{}, fmt.Errorf("the end of line %d cannot be told", n.line)
	}
	var text strings.Builder
	for _, one := range added {
		if entry := l.entry(n, one, indent, unit); last {
			text.WriteString(between + entry)
		} else {
			text.WriteString(entry + between)
		}
	}
	if last {
		return splice{at: end, end: end, text: text.String()}, nil
	}
	return splice{at: first.start, end: first.start, text: text.String()}, nil
}

// opens reports whether a node is a pair of brackets with nothing in or behind
// them, which lines below the name may stand for.
func (l *layout) opens(n *node) bool {
	if l.json || len(n.items) > 0 || n.end == 0 || n.start != n.body || n.name() == nil || l.inFlow(n.parent) {
		return false
	}
	rest := l.content[n.end:]
	if end := bytes.IndexByte(rest, '\n'); end >= 0 {
		rest = rest[:end]
	}
	between := l.content[n.name().end:n.start]
	return len(bytes.TrimSpace(rest)) == 0 && string(bytes.TrimSpace(between)) == ":" && !bytes.Contains(between, []byte("\n"))
}

// opened writes lines in place of a pair of brackets.
func (l *layout) opened(n *node, added []string) splice {
	from := n.name().end + bytes.IndexByte(l.content[n.name().end:], ':') + 1
	return splice{at: from, end: n.end, text: l.newline + strings.Join(added, l.newline)}
}

// filled writes fields between brackets that hold none.
func (l *layout) filled(n *node, added []*branch) (splice, error) {
	if n.end == 0 {
		return splice{}, fmt.Errorf("the end of line %d cannot be told", n.line)
	}
	indent, unit := l.indent(n.body), ""
	if name := n.name(); name == nil || l.opensLine(name.start) {
		unit = l.unit()
	}
	parts := make([]string, len(added))
	for i, one := range added {
		parts[i] = l.entry(n, one, indent+unit, unit)
	}
	text := strings.Join(parts, l.comma())
	if unit != "" {
		deeper := l.newline + indent + unit
		text = deeper + strings.Join(parts, ","+deeper) + l.newline + indent
	}
	return splice{at: n.body + 1, end: n.end - 1, text: text}, nil
}

// flowItems adds items within brackets, behind the last.
func (l *layout) flowItems(n *node, items []resource.Value) (splice, error) {
	between, at := l.comma(), n.body+1
	if len(n.items) > 0 {
		last := n.items[len(n.items)-1]
		at = last.end
		if l.opensLine(last.start) {
			between = "," + l.newline + l.indent(last.start)
		}
	}
	if at == 0 || n.end == 0 {
		return splice{}, fmt.Errorf("the end of line %d cannot be told", n.line)
	}
	var text strings.Builder
	for i, item := range items {
		if i > 0 || len(n.items) > 0 {
			text.WriteString(between)
		}
		text.WriteString(spell(item, style(n), l.json))
	}
	if len(n.items) == 0 {
		return splice{at: at, end: n.end - 1, text: text.String()}, nil
	}
	return splice{at: at, end: at, text: text.String()}, nil
}
