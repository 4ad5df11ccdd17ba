package directory

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// argumentNames lists what the code says of a block: attributes and nested
// blocks, without those that are Terraform's own.
func (b *block) argumentNames() []string {
	names := make(map[string]bool)
	for _, body := range b.bodies {
		if native, ok := body.(*hclsyntax.Body); ok {
			shapeOf(native).names(names)
			continue
		}
		attributes, _ := body.JustAttributes()
		for name := range attributes {
			names[name] = true
		}
	}
	for _, own := range []string{"count", "for_each", "provider", "depends_on", "lifecycle", "provisioner", "connection", "dynamic", "//"} {
		delete(names, own)
	}
	return slices.Sorted(maps.Keys(names))
}

// A shape is which attributes and nested blocks a body has, dynamic ones
// counted as what they make.
type shape struct {
	attributes map[string]bool
	blocks     map[string]*shape
	dynamic    bool
}

func shapeOf(bodies ...*hclsyntax.Body) *shape {
	s := &shape{attributes: make(map[string]bool), blocks: make(map[string]*shape)}
	for _, body := range bodies {
		s.add(body)
	}
	return s
}

func (s *shape) add(body *hclsyntax.Body) {
	for name := range body.Attributes {
		s.attributes[name] = true
	}
	for _, b := range body.Blocks {
		name, content := b.Type, []*hclsyntax.Body{b.Body}
		if b.Type == "dynamic" && len(b.Labels) == 1 {
			s.dynamic = true
			name, content = b.Labels[0], nil
			for _, inner := range b.Body.Blocks {
				if inner.Type == "content" {
					content = append(content, inner.Body)
				}
			}
		}
		if s.blocks[name] == nil {
			s.blocks[name] = shapeOf()
		}
		for _, inner := range content {
			s.blocks[name].add(inner)
		}
	}
}

func (s *shape) names(into map[string]bool) {
	for name := range s.attributes {
		into[name] = true
	}
	for name := range s.blocks {
		into[name] = true
	}
}

// schema asks for everything that the shape has.
func (s *shape) schema() *hcl.BodySchema {
	schema := &hcl.BodySchema{}
	for _, name := range slices.Sorted(maps.Keys(s.attributes)) {
		schema.Attributes = append(schema.Attributes, hcl.AttributeSchema{Name: name})
	}
	for _, name := range slices.Sorted(maps.Keys(s.blocks)) {
		schema.Blocks = append(schema.Blocks, hcl.BlockHeaderSchema{Type: name})
	}
	return schema
}

// nested evaluates the nested blocks of a type into a tuple of objects; NilVal
// when there are none. Blocks of an override stand in for all others.
func (s *scope) nested(b *block, name string, locals map[string]cty.Value) cty.Value {
	for i := len(b.bodies) - 1; i >= 0; i-- {
		if native, ok := b.bodies[i].(*hclsyntax.Body); ok {
			if shaped := shapeOf(native); shaped.blocks[name] != nil {
				return s.nestedNative(native, shaped, name, locals)
			}
			continue
		}
		if v := s.nestedJSON(b.bodies[i], name, locals); v != cty.NilVal {
			return v
		}
	}
	return cty.NilVal
}

func (s *scope) nestedNative(body *hclsyntax.Body, shaped *shape, name string, locals map[string]cty.Value) cty.Value {
	var traversals []hcl.Traversal
	for _, b := range body.Blocks {
		if b.Type == name || b.Type == "dynamic" && len(b.Labels) == 1 && b.Labels[0] == name {
			traversals = append(traversals, bodyVariables(b.Body)...)
		}
	}
	ctx, inputs := s.context(traversals, locals)
	expanded := hcl.Body(body)
	s.steps.begin()
	if shaped.dynamic {
		expanded = dynblock.Expand(body, ctx)
	}
	schema := &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: name}}}
	content, _, diags := expanded.PartialContent(schema)
	for s.learn(diags) {
		content, _, diags = expanded.PartialContent(schema)
	}
	switch {
	case diags.HasErrors():
		return unknown(why{detail: body.SrcRange.Filename + ", " + describeFor(diags, inputs)})
	case s.steps.spent():
		return unknown(why{detail: tooMuch})
	}
	items := make([]cty.Value, 0, len(content.Blocks))
	for _, one := range content.Blocks {
		items = append(items, s.decode(one.Body, shaped.blocks[name], ctx, inputs))
	}
	return cty.TupleVal(items)
}

// bodyVariables lists the names that a body and the blocks in it ask for.
func bodyVariables(body *hclsyntax.Body) []hcl.Traversal {
	var all []hcl.Traversal
	for _, a := range body.Attributes {
		all = append(all, a.Expr.Variables()...)
	}
	for _, b := range body.Blocks {
		all = append(all, bodyVariables(b.Body)...)
	}
	return all
}

// decode evaluates one nested block and those in it.
func (e *evaluation) decode(body hcl.Body, shaped *shape, ctx *hcl.EvalContext, inputs []cty.Value) cty.Value {
	content, _, diags := body.PartialContent(shaped.schema())
	for e.learn(diags) {
		content, _, diags = body.PartialContent(shaped.schema())
	}
	if diags.HasErrors() {
		return unknown(why{detail: describeFor(diags, inputs)})
	}
	fields := make(map[string]cty.Value)
	for name, a := range content.Attributes {
		fields[name] = e.evaluate(a.Expr, ctx, inputs)
	}
	below := make(map[string][]cty.Value)
	for _, one := range content.Blocks {
		below[one.Type] = append(below[one.Type], e.decode(one.Body, shaped.blocks[one.Type], ctx, inputs))
	}
	for name, items := range below {
		fields[name] = cty.TupleVal(items)
	}
	return cty.ObjectVal(fields)
}

// nestedJSON evaluates a dynamic block of the JSON syntax. A plain one looks
// like an attribute there and is taken for one.
func (s *scope) nestedJSON(body hcl.Body, name string, locals map[string]cty.Value) cty.Value {
	content, _, _ := body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "dynamic", LabelNames: []string{"type"}}}})
	if content == nil {
		return cty.NilVal
	}
	wanted := &shape{attributes: make(map[string]bool), blocks: map[string]*shape{name: shapeOf()}}
	var traversals []hcl.Traversal
	found := false
	for _, d := range content.Blocks {
		if d.Labels[0] != name {
			continue
		}
		found = true
		traversals = append(traversals, dynamicJSON(d.Body, wanted.blocks[name])...)
	}
	if !found {
		return cty.NilVal
	}
	ctx, inputs := s.context(traversals, locals)
	expanded, _, diags := dynblock.Expand(body, ctx).PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: name}}})
	if diags.HasErrors() {
		return unknown(why{detail: describeFor(diags, inputs)})
	}
	items := make([]cty.Value, 0, len(expanded.Blocks))
	for _, one := range expanded.Blocks {
		items = append(items, s.decode(one.Body, wanted.blocks[name], ctx, inputs))
	}
	return cty.TupleVal(items)
}

// dynamicJSON returns the names that a dynamic block asks for, and notes what
// its content holds.
func dynamicJSON(body hcl.Body, into *shape) []hcl.Traversal {
	var traversals []hcl.Traversal
	schema := &hcl.BodySchema{
		Attributes: []hcl.AttributeSchema{{Name: "for_each"}},
		Blocks:     []hcl.BlockHeaderSchema{{Type: "content"}},
	}
	content, _, _ := body.PartialContent(schema)
	if each := content.Attributes["for_each"]; each != nil {
		traversals = append(traversals, each.Expr.Variables()...)
	}
	for _, inner := range content.Blocks {
		attributes, _ := inner.Body.JustAttributes()
		for name, a := range attributes {
			into.attributes[name] = true
			traversals = append(traversals, a.Expr.Variables()...)
		}
	}
	return traversals
}
