package template

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// splice puts a text in place of some bytes.
type splice struct {
	at, end int
	text    string
	depth   int // of the node: at one place, what is deeper comes first
}

// apply makes the changes.
func (l *layout) apply(changes []*change) ([]byte, error) {
	var all []splice
	for _, c := range changes {
		made, err := l.splices(c)
		if err != nil {
			return nil, err
		}
		for i := range made {
			made[i].depth = len(c.node.path())
		}
		all = append(all, made...)
	}
	slices.SortStableFunc(all, func(a, b splice) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(b.depth, a.depth))
	})
	var out bytes.Buffer
	done := 0
	for _, s := range all {
		if s.at < done {
			return nil, fmt.Errorf("line %d would be changed twice", l.lineOf(s.at))
		}
		out.Write(l.content[done:s.at])
		out.WriteString(s.text)
		done = s.end
	}
	out.Write(l.content[done:])
	return out.Bytes(), nil
}

func (l *layout) splices(c *change) ([]splice, error) {
	n := c.node
	var made []splice
	if c.text != "" {
		one, err := l.replaced(n, c.text)
		if err != nil {
			return nil, err
		}
		made = append(made, one)
	}
	var err error
	var added splice
	switch {
	case c.fields == nil && len(c.items) == 0:
		return made, nil
	case n.null() && n.end > n.body || noValue(n):
		added, err = l.replaced(n, l.inline(c.fields))
	case n.kind == list && n.flow:
		added, err = l.flowItems(n, c.items)
	case n.kind == list:
		added, err = l.beside(n, l.itemLines(n, c.items), !c.first)
	case n.kind == fields && l.opens(n):
		column, step := l.columns(n)
		added = l.opened(n, l.fieldLines(n.parent, c.fields.below, column+step, step))
	case n.kind == fields && n.flow:
		added, err = l.flowFields(n, c.fields.below, !c.first)
	case n.kind == fields:
		column, step := l.columns(n)
		added, err = l.beside(n, l.fieldLines(n, c.fields.below, column, step), !c.first)
	case l.inFlow(n):
		added, err = l.replaced(n, l.inline(c.fields))
	default:
		column, step := l.columns(n)
		added, err = l.below(n, l.fieldLines(n.parent, c.fields.below, column+step, step))
	}
	return append(made, added), err
}

// replaced writes a text in place of a scalar.
func (l *layout) replaced(n *node, text string) (splice, error) {
	from := n.body
	if noValue(n) {
		from = n.start
	}
	switch {
	case n.end == 0:
		return splice{}, fmt.Errorf("the value in line %d is written over several lines", n.line)
	case n.end == n.body && n.body > 0 && bytes.IndexByte([]byte(" \t"), l.content[n.body-1]) < 0:
		text = " " + text
	}
	return splice{at: from, end: n.end, text: text}, nil
}

// inFlow reports whether a node stands within brackets.
func (l *layout) inFlow(n *node) bool {
	for ; n != nil; n = n.parent {
		if n.flow {
			return true
		}
	}
	return false
}

// columns are where the fields of a node begin, and how much deeper those below
// them do. For a value that is no set of fields, it is where its name begins.
func (l *layout) columns(n *node) (column, step int) {
	if n.kind != fields || len(n.items) == 0 {
		name := n.name()
		if name == nil {
			return 0, 2
		}
		_, step = l.columns(n.parent)
		return l.column(name.start), step
	}
	column = l.column(n.items[0].start)
	if name := n.name(); name != nil && !n.flow && column > l.column(name.start) {
		return column, column - l.column(name.start)
	}
	for _, item := range n.items {
		if item.kind == fields && !item.flow && len(item.items) > 0 && l.column(item.items[0].start) > column {
			return column, l.column(item.items[0].start) - column
		}
	}
	return column, 2
}

// fieldLines writes fields in lines of their own, with names quoted like those
// that are there.
func (l *layout) fieldLines(like *node, added []*branch, column, step int) []string {
	var lines []string
	for _, one := range added {
		line := strings.Repeat(" ", column) + l.named(like, one.name) + ":"
		items := one.value.List()
		switch {
		case len(one.below) > 0:
			lines = append(lines, line)
			lines = append(lines, l.fieldLines(like, one.below, column+step, step)...)
		case one.value.Kind() == resource.List && len(items) > 0:
			lines = append(lines, line)
			for _, item := range items {
				lines = append(lines, strings.Repeat(" ", column+l.listStep(step))+"- "+spell(item, nil, false))
			}
		default:
			lines = append(lines, line+" "+l.inline(one))
		}
	}
	return lines
}

// listStep is how much deeper than its name a list begins in this file.
func (l *layout) listStep(standard int) int {
	found := -1
	l.root.walk(func(n *node) {
		if name := n.name(); found < 0 && n.kind == list && !n.flow && name != nil {
			found = l.column(n.body) - l.column(name.start)
		}
	})
	if found < 0 {
		return standard
	}
	return found
}

// itemLines writes items in lines of their own.
func (l *layout) itemLines(n *node, items []resource.Value) []string {
	dash := "- "
	if len(n.items) > 0 && n.items[0].line == l.lineOf(n.body) {
		dash = string(l.content[n.body:n.items[0].start])
	}
	var lines []string
	for _, item := range items {
		lines = append(lines, strings.Repeat(" ", l.column(n.body))+dash+spell(item, style(n), false))
	}
	return lines
}

// style is how the items of a list are quoted: like its last text.
func style(n *node) *node {
	like := &node{}
	for _, item := range n.items {
		if item.kind == scalar && (item.tag == "!!str" || item.quote != 0) {
			like.quote = item.quote
		}
	}
	return like
}

// beside puts lines behind a node that is written without brackets, or in front
// of it.
func (l *layout) beside(n *node, added []string, last bool) (splice, error) {
	if !last {
		at := l.lineBegin(n)
		if at < 0 || len(n.items) == 0 || !l.opensLine(n.items[0].start) && n.kind == fields {
			return splice{}, fmt.Errorf("nothing can be put in front of line %d", n.line)
		}
		return splice{at: at, end: at, text: strings.Join(added, l.newline) + l.newline}, nil
	}
	return l.at(l.behind(n), added), nil
}

// lineBegin is where the line of a node begins.
func (l *layout) lineBegin(n *node) int {
	if !l.opensLine(n.body) {
		return -1
	}
	return l.lines[l.lineOf(n.body)-1]
}

// below puts lines below the name of a field without a value.
func (l *layout) below(n *node, added []string) (splice, error) {
	at := len(l.content)
	if line := l.lineOf(n.body); line < len(l.lines) {
		at = l.lines[line]
	}
	return l.at(at, added), nil
}

// at puts whole lines where a line begins, or where the file ends.
func (l *layout) at(at int, added []string) splice {
	text := strings.Join(added, l.newline) + l.newline
	if at > 0 && l.content[at-1] != '\n' && l.content[at-1] != '\r' {
		text = l.newline + strings.Join(added, l.newline)
	}
	return splice{at: at, end: at, text: text}
}

// behind is where the line begins that follows a node, comments and empty lines
// left for what comes next.
func (l *layout) behind(n *node) int {
	deepest := n
	for len(deepest.items) > 0 {
		deepest = deepest.items[len(deepest.items)-1]
	}
	line := len(l.lines) + 1 // the one that holds nothing of the node any more
	for m := n; m.parent != nil; m = m.parent {
		if i := m.index(); i+1 < len(m.parent.items) {
			line = l.lineOf(m.parent.items[i+1].start)
			break
		}
	}
	text := -1 // how deep the text of a block begins, at least
	if name := deepest.name(); deepest.block && name != nil {
		text = l.column(name.start) + 1
	}
	least := l.lineOf(max(deepest.body, deepest.end-1))
	for ; line-1 > least; line-- {
		from, to := l.lines[line-2], len(l.content)
		if line-1 < len(l.lines) {
			to = l.lines[line-1]
		}
		content := string(l.content[from:to])
		bare := strings.TrimLeft(content, " \t")
		outside := bare == "" || bare[0] == '\r' || bare[0] == '\n' || bare[0] == '#' || strings.HasPrefix(content, "...") || strings.HasPrefix(content, "---")
		if !outside || text >= 0 && bare != "" && bare[0] == '#' && len(content)-len(bare) >= text {
			break
		}
	}
	if line-1 < len(l.lines) {
		return l.lines[line-1]
	}
	return len(l.content)
}
