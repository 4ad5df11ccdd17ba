package directory

import (
	"cmp"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/zclconf/go-cty/cty"
)

// objects evaluates everything that is looked at in a scope and below it, in
// the order of the code.
func (s *scope) objects(selection *terraform.Selection, found func(*terraform.Object)) {
	for _, b := range s.module.order {
		if b.kind == "module" {
			x := s.expand(b)
			for _, i := range x.instances {
				if child := s.child(b, i); child != nil {
					child.objects(selection, found)
				}
				if !x.single {
					i.child = nil // there may be many, and few are asked for again
				}
			}
			continue
		}
		if names, ok := selection.Needs(b.labels[0]); ok {
			x := s.expand(b)
			for _, i := range x.instances {
				found(s.instanceObject(b, x, i, names, selection))
			}
		}
	}
}

// instanceObject makes one object of an instance of a resource.
func (s *scope) instanceObject(b *block, x *expansion, i *instance, names []string, selection *terraform.Selection) *terraform.Object {
	o := &terraform.Object{
		Type:       b.labels[0],
		Address:    s.named(b.name()) + i.key,
		Uncertain:  s.uncertain,
		Attributes: make(map[string]resource.Value, len(names)),
		Where:      make(map[string]resource.Origin),
		Refs:       make(map[string][]string),
		Region:     s.region(b, i),
	}
	if x.open != nil {
		missing := missingOf(x.open)
		o.Uncertain = &missing
	}
	o.Origin = resource.Origin{File: b.start.Filename, Line: b.start.Start.Line, EndLine: b.end, Address: o.Address}
	if b.start.Filename != "" && s.root.dir != s.module.dir {
		o.Origin.Root = s.root.dir
	}
	if selection.Owner(o.Type) {
		o.DefaultTags = s.defaultTags(b)
		o.Remarks, o.FileRemarks = s.remarksOn(b), s.fileRemarks(b.start.Filename, selection)
	}
	for _, name := range names {
		s.fill(o, b, i, name)
	}
	return o
}

// fill sets one attribute of an object, with its origin and what it refers to.
func (s *scope) fill(o *terraform.Object, b *block, i *instance, name string) {
	v := s.within(o.Address+"."+name, b.start, func() cty.Value { return s.argumentValue(b, i, name) })
	value := toValue(v)
	if value.Kind() != resource.Absent {
		o.Attributes[name] = value
	}
	if refs := refsOf(marksBelow(v)); len(refs) > 0 {
		o.Refs[name] = refs
	}
	if a := b.attribute(name); a != nil {
		o.Where[name] = s.tracer(b, i).originOf(a, o.Address)
		return
	}
	s.nestedOrigins(o, b, i, name)
}

// nestedOrigins notes where the first nested block of a type and its
// attributes stand.
func (s *scope) nestedOrigins(o *terraform.Object, b *block, i *instance, name string) {
	for n := len(b.bodies) - 1; n >= 0; n-- {
		native, ok := b.bodies[n].(*hclsyntax.Body)
		if !ok {
			continue
		}
		for _, one := range native.Blocks {
			switch {
			case one.Type == name:
				s.bodyOrigins(o, one.Body, s.tracer(b, i), name)
			case one.Type == "dynamic" && len(one.Labels) == 1 && one.Labels[0] == name:
				s.dynamicOrigins(o, one, s.tracer(b, i))
			default:
				continue
			}
			return
		}
	}
}

func (s *scope) bodyOrigins(o *terraform.Object, body *hclsyntax.Body, t *tracer, prefix string) {
	o.Where[prefix] = lines(body.SrcRange, body.EndRange.End.Line, o.Address)
	for name, a := range body.Attributes {
		o.Where[prefix+"."+name] = t.originOf(a.AsHCLAttribute(), o.Address)
	}
	for _, one := range body.Blocks {
		if _, done := o.Where[prefix+"."+one.Type]; !done && one.Type != "dynamic" {
			s.bodyOrigins(o, one.Body, t, prefix+"."+one.Type)
		}
	}
}

// dynamicOrigins notes the origins in a dynamic block that makes one block: in
// its content the name of the block stands for what that one is made from.
func (s *scope) dynamicOrigins(o *terraform.Object, dynamic *hclsyntax.Block, t *tracer) {
	name := dynamic.Labels[0]
	if iterator := dynamic.Body.Attributes["iterator"]; iterator != nil {
		name = cmp.Or(hcl.ExprAsKeyword(iterator.Expr), name)
	}
	if each := dynamic.Body.Attributes["for_each"]; each != nil && t.iterate(name, each.Expr) {
		for _, content := range dynamic.Body.Blocks {
			if content.Type == "content" {
				s.bodyOrigins(o, content.Body, t, dynamic.Labels[0])
			}
		}
	}
	o.Where[dynamic.Labels[0]] = lines(dynamic.Range(), dynamic.Body.EndRange.End.Line, o.Address)
}

func lines(r hcl.Range, end int, address string) resource.Origin {
	return resource.Origin{File: r.Filename, Line: r.Start.Line, Column: r.Start.Column, EndLine: end, Address: address}
}

// originOf is where an attribute stands, and where the value that it refers to
// is defined.
func (t *tracer) originOf(a *hcl.Attribute, address string) resource.Origin {
	at := lines(a.Range, a.Range.End.Line, address)
	t.hops = 0
	if defined := t.follow(a.Expr, nil); defined != nil {
		at.Defined = defined
	}
	return at
}
