package template

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// locate finds a node that the source has read.
func (l *layout) locate(y *yaml.Node) (*node, error) {
	at, err := l.offset(y.Line, y.Column)
	if err != nil {
		return nil, err
	}
	k := scalar
	switch y.Kind {
	case yaml.SequenceNode:
		k = list
	case yaml.MappingNode:
		k = fields
	}
	if n := l.find(at, k); n != nil {
		return n, nil
	}
	return nil, fmt.Errorf("line %d is no longer what it was", y.Line)
}

// use is a place where the value of an anchor counts as well.
type use struct {
	line int
	path []string // of what counts there
}

// shared names another value that an edit of a node would change through an
// anchor; "" when there is none. The same property of another resource of the
// type is meant to change with it: who edits asks for both.
func (l *layout) shared(n *node, typ string, add []string) string {
	var uses []use
	anchored := false
	below := slices.Clone(add)
	for m := n; m != nil; m = m.parent {
		if m.anchor != "" {
			anchored = true
			uses = append(uses, l.usesOf(m, below)...)
		}
		if m.parent != nil {
			below = append([]string{m.step()}, below...)
		}
	}
	if !anchored {
		return ""
	}
	uses = append(uses, use{line: n.line, path: append(n.path(), add...)})
	uses = slices.DeleteFunc(uses, func(one use) bool { return l.kept(one.path) })
	for _, one := range uses {
		if len(uses) > 1 && l.property(one.path, typ) == "" || l.property(one.path, typ) != l.property(uses[0].path, typ) {
			return fmt.Sprintf("%s has the same value, through an anchor (line %d)", strings.Join(one.path, "."), one.line)
		}
	}
	return ""
}

const resourcesSection = "Resources"

// kept reports whether a path leads to where a template keeps values that only
// aliases use.
func (l *layout) kept(path []string) bool {
	known := []string{resourcesSection, "Parameters", "Mappings", "Conditions", "Outputs", "Rules", "Transform"}
	return l.root.field(resourcesSection) != nil && !slices.Contains(known, path[0])
}

// usesOf lists where the value below an anchored node counts through aliases.
func (l *layout) usesOf(anchored *node, below []string) []use {
	var uses []use
	l.root.walk(func(n *node) {
		if n.kind != alias || n.text != anchored.anchor {
			return
		}
		path := n.path()
		for at := n; at.parent != nil; at = at.parent {
			if name := at.name(); name != nil && name.tag == "!!merge" {
				if len(below) > 0 && at.parent.field(below[0]) != nil {
					return // it has a value of its own
				}
				path = at.parent.path()
				break
			}
			if at.parent.kind != list {
				break
			}
		}
		uses = append(uses, use{line: n.line, path: append(slices.Clone(path), below...)})
	})
	return uses
}

// property is the property of a resource of a type that a path leads to, or "".
func (l *layout) property(path []string, typ string) string {
	if len(path) < 4 || path[0] != resourcesSection || path[2] != "Properties" {
		return ""
	}
	body := l.root.field(resourcesSection).field(path[1])
	if body != nil && body.kind == alias {
		body = l.anchored(body.text)
	}
	if kind := body.field("Type"); kind == nil || kind.text != typ {
		return ""
	}
	return strings.Join(names(path[3:]), ".")
}

// anchored returns the node that an anchor names; nil where several do.
func (l *layout) anchored(name string) *node {
	var found []*node
	l.root.walk(func(n *node) {
		if n.anchor == name {
			found = append(found, n)
		}
	})
	if len(found) != 1 {
		return nil
	}
	return found[0]
}
