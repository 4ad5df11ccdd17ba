package hcl

import (
	"encoding/json"
	"strings"
	"sync"

	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// jsonDocument is a file in the JSON syntax.
type jsonDocument struct {
	root        *jsonNode
	values      bool // a variables file
	synthesised bool // CDK for Terraform has written it

	once    sync.Once
	index   map[position]*found
	objects map[int]*jsonNode // by offset
}

func parseJSON(file string, content []byte) (*jsonDocument, error) {
	root, err := parseTree(content)
	if err != nil {
		return nil, err
	}
	d := &jsonDocument{root: root, values: strings.HasSuffix(file, ".tfvars.json")}
	d.synthesised = d.made()
	return d, nil
}

// made reports whether CDK for Terraform has written the file.
func (d *jsonDocument) made() bool {
	made := false
	d.root.each(func(top *jsonNode) {
		if note := top.get("//"); note != nil && note.get("metadata") != nil {
			metadata := note.get("metadata")
			made = made || metadata.get("stackName") != nil || metadata.get("backend") != nil
		}
	})
	return made
}

func (d *jsonDocument) at(line, column int) *found {
	d.read()
	return d.index[position{line, column}]
}

func (d *jsonDocument) body(offset int) body {
	d.read()
	if n := d.objects[offset]; n != nil {
		return &jsonBody{doc: d, node: n}
	}
	return nil
}

// read indexes the document.
func (d *jsonDocument) read() {
	d.once.Do(func() {
		d.index, d.objects = make(map[position]*found), make(map[int]*jsonNode)
		d.enter(d.root, nil, &cursor{content: d.root.content, position: position{1, 1}})
	})
}

// enter indexes the members of a value and of those below.
func (d *jsonDocument) enter(n *jsonNode, path []string, c *cursor) {
	if n.kind == '{' {
		d.objects[n.start] = n
	}
	for _, item := range n.items {
		d.enter(item, path, c)
	}
	for _, m := range n.members {
		below := append(path[:len(path):len(path)], m.key)
		at := c.advance(m.start)
		d.index[at] = d.found(below, m, at.line)
		d.enter(m.value, below, c)
	}
}

// found names a member by the path that leads to it.
func (d *jsonDocument) found(path []string, m jsonMember, line int) *found {
	f := &found{name: m.key, line: line, value: &jsonValue{node: m.value}}
	labels := map[string]int{"variable": 1, "module": 1, "output": 1, "provider": 1, "resource": 2, "data": 2}
	n, isBlock := labels[path[0]]
	switch {
	case d.values:
		f.address = "var." + path[0]
		f.name = strings.Join(path[min(1, len(path)-1):], ".")
	case path[0] == "locals" && len(path) > 1:
		f.address = "local." + path[1]
		f.name = strings.Join(path[min(2, len(path)-1):], ".")
	case isBlock && len(path) > n+1:
		f.address = strings.Join(path[:n+1], ".")
		switch path[0] {
		case "variable":
			f.address = "var." + path[1]
		case "resource":
			f.address = strings.Join(path[1:n+1], ".")
		}
		f.name = strings.Join(path[n+1:], ".")
	default:
		f.address = strings.Join(path, ".")
	}
	return f
}

func (d *jsonDocument) block(line int, typ, name string) body {
	var bodies []*jsonBody
	d.root.each(func(top *jsonNode) {
		top.get("resource").each(func(types *jsonNode) {
			types.get(typ).each(func(names *jsonNode) {
				names.get(name).each(func(n *jsonNode) {
					bodies = append(bodies, &jsonBody{doc: d, node: n, address: typ + "." + name})
				})
			})
		})
	})
	for _, b := range bodies {
		if b.line() == line {
			return b
		}
	}
	if len(bodies) == 1 {
		return bodies[0]
	}
	return nil
}

// object implements document: in this syntax nothing says what an object lacks.
func (d *jsonDocument) object(int, int) *nativeObject { return nil }

func (d *jsonDocument) call(name string) body {
	var found body
	d.root.each(func(top *jsonNode) {
		top.get("module").each(func(names *jsonNode) {
			names.get(name).each(func(n *jsonNode) { found = &jsonBody{doc: d, node: n, address: "module." + name} })
		})
	})
	return found
}

// jsonBody is the object of a block.
type jsonBody struct {
	doc     *jsonDocument
	node    *jsonNode
	address string
}

func (b *jsonBody) offset() int { return b.node.start }

func (b *jsonBody) line() int { return b.node.line(b.node.start) }

func (b *jsonBody) find(path []string) (f *found, missing body, rest []string, detail string) {
	for i := len(b.node.members) - 1; i >= 0; i-- {
		m := b.node.members[i]
		if m.key != path[0] {
			continue
		}
		if len(path) == 1 {
			return &found{address: b.address, name: m.key, line: b.node.line(m.start), value: &jsonValue{node: m.value}}, nil, nil, ""
		}
		var inner *jsonNode
		m.value.each(func(n *jsonNode) {
			if inner == nil {
				inner = n
			}
		})
		if inner == nil && m.value.kind != '[' {
			return nil, nil, nil, path[0] + " of " + b.address + " is no object"
		}
		if inner != nil {
			return (&jsonBody{doc: b.doc, node: inner, address: b.address}).find(path[1:])
		}
		return nil, nil, nil, path[0] + " of " + b.address + " is an empty list"
	}
	made := false
	b.node.get("dynamic").each(func(n *jsonNode) { made = made || n.get(path[0]) != nil })
	if made && len(path) > 1 {
		return nil, nil, nil, "a dynamic block makes " + path[0] + " of " + b.address
	}
	return nil, b, path, ""
}

// jsonValue is a value in the JSON syntax.
type jsonValue struct{ node *jsonNode }

func (v *jsonValue) below(path []string) written {
	n := v.node
	for _, name := range path {
		if n = n.get(name); n == nil {
			return nil
		}
	}
	return &jsonValue{node: n}
}

func (v *jsonValue) text() (string, bool) {
	value, _ := v.plain()
	return value.Text()
}

func (v *jsonValue) literal(w *code.Want) (start, end int, detail string) {
	text := string(v.node.content[v.node.start:v.node.end])
	value, ok := v.plain()
	if !ok || value.Known() && (value.Kind() == resource.List) != (w.After.Kind() == resource.List) {
		return 0, 0, "is computed: " + quoted(text)
	}
	if !is(w, value) {
		return 0, 0, "is " + value.String() + " there, and " + w.Before.String() + " comes of it"
	}
	if loses(text, value, w.After) {
		return 0, 0, "has to lose an item, and is written over several lines: " + quoted(text)
	}
	return v.node.start, v.node.end, ""
}

// plain decodes a value; ok is false when it holds a template.
func (v *jsonValue) plain() (value resource.Value, ok bool) {
	text := v.node.content[v.node.start:v.node.end]
	if s := string(text); strings.Contains(s, "${") || strings.Contains(s, "%{") {
		return resource.Value{}, false
	}
	if err := json.Unmarshal(text, &value); err != nil {
		return resource.Value{}, false
	}
	return value, true
}
