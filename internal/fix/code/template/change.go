package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// key tells a spot of a file: the node, what is missing in it, and the items
// of a list that are there without being written out.
type key struct {
	kind  kind
	at    int
	add   []string
	known []string
}

func (k key) String() string {
	text := string(k.kind) + ":" + strconv.Itoa(k.at)
	if len(k.add) > 0 {
		text += ":" + strings.Join(k.add, ".")
	}
	if len(k.known) > 0 {
		known, err := json.Marshal(k.known)
		if err == nil {
			text += ":" + string(known)
		}
	}
	return text
}

func parseKey(text string) (key, error) {
	parts := strings.SplitN(text, ":", 3)
	fault := fmt.Errorf("%q is no spot of a template", text)
	if len(parts) < 2 || len(parts[0]) != 1 {
		return key{}, fault
	}
	at, err := strconv.Atoi(parts[1])
	if err != nil {
		return key{}, fault
	}
	k := key{kind: kind(parts[0][0]), at: at}
	switch {
	case len(parts) == 2:
	case strings.HasPrefix(parts[2], "["):
		err = json.Unmarshal([]byte(parts[2]), &k.known)
	default:
		k.add = strings.Split(parts[2], ".")
	}
	if err != nil {
		return key{}, fault
	}
	return k, nil
}

// change is what becomes of one node: another text, more fields or more items.
type change struct {
	node   *node
	text   string  // as it is written in place of the old one
	made   *branch // what that is read as
	fields *branch
	items  []resource.Value
	// first puts what is added in front of what is there, not behind it.
	first bool
}

// branch is a value to be added, or fields of such.
type branch struct {
	name  string
	value resource.Value
	below []*branch
}

// add puts a value at the end of a path.
func (b *branch) add(names []string, v resource.Value) error {
	twice := fmt.Errorf("%s would be set to two values", strings.Join(names, "."))
	for _, name := range names {
		if b.value.Known() {
			return twice
		}
		at, found := slices.BinarySearchFunc(b.below, name, func(one *branch, name string) int { return strings.Compare(one.name, name) })
		if !found {
			b.below = slices.Insert(b.below, at, &branch{name: name})
		}
		b = b.below[at]
	}
	if b.value.Known() && !b.value.Equal(v) || len(b.below) > 0 {
		return twice
	}
	b.value = v
	return nil
}

// changes gathers what becomes of the nodes of a file.
func (l *layout) changes(settings []code.Setting) ([]*change, error) {
	var all []*change
	by := make(map[*node]*change)
	for i := range settings {
		k, err := parseKey(settings[i].Spot.Key)
		if err != nil {
			return nil, err
		}
		n := l.find(k.at, k.kind)
		if n == nil {
			return nil, fmt.Errorf("line %d is no longer what it was", settings[i].Spot.Line)
		}
		one := by[n]
		if one == nil {
			one = &change{node: n}
			by[n] = one
			all = append(all, one)
		}
		if err := l.gather(one, k, settings[i].Value); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// gather adds one setting to the change of its node.
func (l *layout) gather(c *change, k key, v resource.Value) error {
	n := c.node
	whole := n.null() || noValue(n)
	switch {
	case len(k.add) > 0:
		if c.fields == nil {
			c.fields = &branch{}
		}
		return c.fields.add(k.add, v)
	case v.Kind() == resource.Map || !v.Known():
		return fmt.Errorf("a value such as %s cannot be written", v)
	case v.Kind() != resource.List && n.kind != scalar && !whole:
		return fmt.Errorf("line %d holds more than one value", n.line)
	case v.Kind() == resource.List && whole:
		c.made = &branch{value: v}
		return c.write(l.inline(c.made))
	case v.Kind() == resource.List && n.kind == list:
		c.miss(k.known, v.List())
		return nil
	case whole:
		c.made = &branch{value: v}
		return c.write(spell(v, nil, l.json))
	}
	name, old := "", *n
	if before, after, found := strings.Cut(n.text, "="); found && n.assigns() {
		name, old.text = before+"=", after
	}
	text := likeWord(v.String(), old.text)
	if v.Kind() == resource.List {
		text = commaList(old.text, v.List())
	}
	c.made = &branch{value: resource.OfString(name + text)}
	if name != "" || v.Kind() == resource.List {
		v = c.made.value
	}
	return c.write(spell(v, &old, l.json))
}

func (c *change) write(text string) error {
	if c.text != "" && c.text != text {
		return fmt.Errorf("line %d would be set to %s and to %s", c.node.line, c.text, text)
	}
	c.text = text
	return nil
}

// assigns reports whether a text may be of the form Name=value: an item of a
// list that is a whole parameter file.
func (n *node) assigns() bool {
	return n.parent != nil && n.parent.parent == nil && n.parent.kind == list
}

// miss notes the items that a list lacks.
func (c *change) miss(known []string, want []resource.Value) {
	have := slices.Clone(known)
	for _, item := range c.node.items {
		if item.plain() {
			have = append(have, item.text)
		}
	}
	for _, item := range c.items {
		have = append(have, item.String())
	}
	for _, item := range want {
		if !slices.Contains(have, item.String()) {
			c.items = append(c.items, item)
		}
	}
}

// commaList is a list written as one text, with what it lacks at its end.
func commaList(text string, want []resource.Value) string {
	between := ","
	if strings.Contains(text, ", ") {
		between = ", "
	}
	var have []string
	for item := range strings.SplitSeq(text, ",") {
		have = append(have, strings.TrimSpace(item))
	}
	for _, item := range want {
		if slices.Contains(have, item.String()) {
			continue
		}
		if strings.TrimSpace(text) != "" {
			text += between
		}
		text += item.String()
	}
	return text
}

// noValue reports whether a node is a reference that stands for nothing.
func noValue(n *node) bool {
	if n.kind == scalar {
		return n.tag == "!Ref" && n.text == "AWS::NoValue"
	}
	reference := n.field("Ref")
	return len(n.items) == 2 && reference != nil && reference.text == "AWS::NoValue"
}
