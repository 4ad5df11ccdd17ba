package hcl

import (
	"errors"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// nativeDocument is a file in HCL's own syntax.
type nativeDocument struct {
	content []byte
	root    *hclsyntax.Body

	once  sync.Once
	index map[position]*found
	// objects are those that are written out.
	objects   map[position]*nativeObject
	objectsAt map[int]*nativeObject // by offset
	// blocks are by the offset of the opening brace, resources by line.
	blocks    map[int]*hclsyntax.Block
	resources map[int]*hclsyntax.Block
}

func parseNative(file string, content []byte) (*nativeDocument, error) {
	parsed, diags := hclsyntax.ParseConfig(content, file, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, errors.New(diags.Error())
	}
	d := &nativeDocument{
		content: content, root: parsed.Body.(*hclsyntax.Body),
		blocks: make(map[int]*hclsyntax.Block), resources: make(map[int]*hclsyntax.Block),
	}
	d.note(d.root)
	return d, nil
}

// note indexes the blocks of a body and those in them.
func (d *nativeDocument) note(in *hclsyntax.Body) {
	for _, b := range in.Blocks {
		d.blocks[b.OpenBraceRange.Start.Byte] = b
		if b.Type == "resource" && len(b.Labels) == 2 && in == d.root {
			d.resources[b.TypeRange.Start.Line] = b
		}
		d.note(b.Body)
	}
}

func (d *nativeDocument) at(line, column int) *found {
	d.fill()
	return d.index[position{line, column}]
}

func (d *nativeDocument) fill() {
	d.once.Do(func() {
		d.index = make(map[position]*found)
		d.objects, d.objectsAt = make(map[position]*nativeObject), make(map[int]*nativeObject)
		d.enter(d.root, "")
	})
}

func (d *nativeDocument) object(line, column int) *nativeObject {
	d.fill()
	return d.objects[position{line, column}]
}

// enter indexes the arguments of a body and of the blocks in it.
func (d *nativeDocument) enter(b *hclsyntax.Body, address string) {
	for name, a := range b.Attributes {
		d.add(d.addressOf(address, name), name, a.SrcRange, a.Expr)
		d.items(a.Expr, "", d.addressOf(address, name))
	}
	for _, inner := range b.Blocks {
		under := address
		if under == "" {
			under = addressOfBlock(inner)
		}
		d.enter(inner.Body, under)
	}
}

func (d *nativeDocument) add(address, name string, r hcl.Range, e hclsyntax.Expression) {
	d.index[position{r.Start.Line, r.Start.Column}] = d.found(address, name, r, e)
}

func (d *nativeDocument) found(address, name string, r hcl.Range, e hclsyntax.Expression) *found {
	return &found{address: address, name: name, line: r.Start.Line, value: &nativeValue{doc: d, expr: e}}
}

// items indexes the objects in an expression.
func (d *nativeDocument) items(e hclsyntax.Expression, path, address string) {
	object, ok := e.(*hclsyntax.ObjectConsExpr)
	if !ok {
		for _, part := range parts(e) {
			d.items(part, path, address)
		}
		return
	}
	start, one := object.SrcRange.Start, &nativeObject{doc: d, object: object, address: address, name: path}
	d.objects[position{start.Line, start.Column}], d.objectsAt[start.Byte] = one, one
	for _, item := range object.Items {
		name := strings.TrimPrefix(path+"."+d.keyText(item.KeyExpr), ".")
		d.add(address, name, item.KeyExpr.Range(), item.ValueExpr)
		d.items(item.ValueExpr, name, address)
	}
}

// parts are the expressions in which objects may be written out.
func parts(e hclsyntax.Expression) []hclsyntax.Expression {
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return []hclsyntax.Expression{e.Expression}
	case *hclsyntax.TemplateWrapExpr:
		return []hclsyntax.Expression{e.Wrapped}
	case *hclsyntax.FunctionCallExpr:
		return e.Args
	case *hclsyntax.TupleConsExpr:
		return e.Exprs
	case *hclsyntax.ConditionalExpr:
		return []hclsyntax.Expression{e.TrueResult, e.FalseResult}
	case *hclsyntax.ForExpr:
		return []hclsyntax.Expression{e.CollExpr, e.ValExpr}
	case *hclsyntax.IndexExpr:
		return []hclsyntax.Expression{e.Collection}
	case *hclsyntax.RelativeTraversalExpr:
		return []hclsyntax.Expression{e.Source}
	default:
		return nil
	}
}

// keyText is the key of an item; its code where it is no plain text.
func (d *nativeDocument) keyText(key hclsyntax.Expression) string {
	if v, diags := key.Value(nil); !diags.HasErrors() && isText(v) {
		return v.AsString()
	}
	return string(key.Range().SliceBytes(d.content))
}

func addressOfBlock(b *hclsyntax.Block) string {
	switch {
	case b.Type == "locals" && len(b.Labels) == 0:
		return "local"
	case b.Type == "variable":
		return "var." + strings.Join(b.Labels, ".")
	case b.Type == "resource":
		return strings.Join(b.Labels, ".")
	default:
		return strings.Join(append([]string{b.Type}, b.Labels...), ".")
	}
}

// addressOf names an argument where its block does not.
func (d *nativeDocument) addressOf(block, name string) string {
	switch block {
	case "": // a variables file
		return "var." + name
	case "local":
		return "local." + name
	default:
		return block
	}
}

func (d *nativeDocument) block(line int, typ, name string) body {
	b := d.resources[line]
	if b == nil || b.Labels[0] != typ || b.Labels[1] != name {
		return nil
	}
	return &nativeBody{doc: d, block: b, address: typ + "." + name}
}

func (d *nativeDocument) body(offset int) body {
	if b := d.blocks[offset]; b != nil {
		return &nativeBody{doc: d, block: b}
	}
	d.fill()
	if o := d.objectsAt[offset]; o != nil {
		return o
	}
	return nil
}

func (d *nativeDocument) call(name string) body {
	for _, b := range d.root.Blocks {
		if b.Type == "module" && len(b.Labels) == 1 && b.Labels[0] == name {
			return &nativeBody{doc: d, block: b, address: "module." + name}
		}
	}
	return nil
}

// nativeBody is the inside of a block.
type nativeBody struct {
	doc     *nativeDocument
	block   *hclsyntax.Block
	address string
}

func (b *nativeBody) offset() int { return b.block.OpenBraceRange.Start.Byte }
func (b *nativeBody) line() int   { return b.block.TypeRange.Start.Line }

func (b *nativeBody) find(path []string) (f *found, missing body, rest []string, detail string) {
	in := b.block.Body
	if a := in.Attributes[path[0]]; a != nil {
		f := b.doc.found(b.address, strings.Join(path, "."), a.SrcRange, a.Expr)
		if f.value = f.value.below(path[1:]); f.value == nil {
			return nil, nil, nil, path[0] + " of " + b.address + " is no object with " + strings.Join(path[1:], ".") + " in it"
		}
		return f, nil, nil, ""
	}
	if len(path) == 1 {
		return nil, b, path, ""
	}
	for _, inner := range in.Blocks {
		switch {
		case inner.Type == path[0]:
			return (&nativeBody{doc: b.doc, block: inner, address: b.address}).find(path[1:])
		case inner.Type == "dynamic" && len(inner.Labels) == 1 && inner.Labels[0] == path[0]:
			return b.content(inner, path)
		}
	}
	return nil, b, path, ""
}

// content finds an argument in what a dynamic block makes. A missing one is not
// added: nobody can see from here for which of the blocks it would hold.
func (b *nativeBody) content(dynamic *hclsyntax.Block, path []string) (*found, body, []string, string) {
	for _, inner := range dynamic.Body.Blocks {
		if inner.Type == "content" {
			f, _, _, detail := (&nativeBody{doc: b.doc, block: inner, address: b.address}).find(path[1:])
			if f != nil || detail != "" {
				return f, nil, nil, detail
			}
		}
	}
	return nil, nil, nil, "a dynamic block makes " + path[0] + " of " + b.address + ", without " + strings.Join(path[1:], ".")
}
