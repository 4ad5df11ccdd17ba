package template

import (
	"fmt"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// verify holds a file after its changes against the file before: nothing may
// differ but what was to be changed.
func (l *layout) verify(content []byte, changes []*change) error {
	after, err := newLayout(content)
	if err != nil {
		return err
	}
	by := make(map[*node]*change, len(changes))
	for _, c := range changes {
		by[c.node] = c
	}
	return compare(l.root, after.root, by)
}

func compare(before, after *node, changes map[*node]*change) error {
	differs := fmt.Errorf("line %d cannot be changed without changing what stands beside it", before.line)
	c := changes[before]
	whole := before.kind == scalar || noValue(before)
	switch {
	case c != nil && (c.made != nil && !c.made.is(after) || c.made == nil && whole && !c.fields.is(after)):
		return differs
	case before.anchor != after.anchor:
		return differs
	case c != nil && (c.made != nil || whole):
		return nil
	case before.kind != after.kind, before.tag != after.tag, before.text != after.text:
		return differs
	case before.kind == list:
		return compareItems(before, after, changes, differs)
	case before.kind == fields:
		return compareFields(before, after, changes, differs)
	}
	return nil
}

func compareItems(before, after *node, changes map[*node]*change, differs error) error {
	var added []resource.Value
	if c := changes[before]; c != nil {
		added = c.items
	}
	if len(after.items) != len(before.items)+len(added) {
		return differs
	}
	// Where nothing can be put behind the last item, the new ones come first.
	old, new := after.items[:len(before.items)], after.items[len(before.items):]
	if len(added) > 0 && !(&branch{value: resource.OfList(added...)}).is(&node{kind: list, items: new}) {
		new, old = after.items[:len(added)], after.items[len(added):]
	}
	if len(added) > 0 && !(&branch{value: resource.OfList(added...)}).is(&node{kind: list, items: new}) {
		return differs
	}
	for i, item := range before.items {
		if err := compare(item, old[i], changes); err != nil {
			return err
		}
	}
	return nil
}

func compareFields(before, after *node, changes map[*node]*change, differs error) error {
	var added []*branch
	if c := changes[before]; c != nil && c.fields != nil {
		added = c.fields.below
	}
	if len(after.items) != len(before.items)+2*len(added) {
		return differs
	}
	for _, one := range added {
		if value := after.field(one.name); value == nil || !one.is(value) {
			return differs
		}
	}
	for i := 0; i+1 < len(before.items); i += 2 {
		value := after.field(before.items[i].text)
		if value == nil {
			return differs
		}
		if err := compare(before.items[i+1], value, changes); err != nil {
			return err
		}
	}
	return nil
}

// is reports whether a node holds exactly what a branch says.
func (b *branch) is(n *node) bool {
	if b == nil || n == nil {
		return false
	}
	if len(b.below) > 0 {
		if n.kind != fields || len(n.items) != 2*len(b.below) {
			return false
		}
		for _, one := range b.below {
			if !one.is(n.field(one.name)) {
				return false
			}
		}
		return true
	}
	if b.value.Kind() != resource.List {
		return n.kind == scalar && n.text == b.value.String()
	}
	items := b.value.List()
	if n.kind != list || len(n.items) != len(items) {
		return false
	}
	for i, item := range items {
		if n.items[i].kind != scalar || n.items[i].text != item.String() {
			return false
		}
	}
	return true
}
