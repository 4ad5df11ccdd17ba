package directory

import (
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
				found(s.instanceObject(b, x, i, names, selection.Owner(b.labels[0])))
			}
		}
	}
}

// instanceObject makes one object of an instance of a resource.
func (s *scope) instanceObject(b *block, x *expansion, i *instance, names []string, owner bool) *terraform.Object {
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
	if owner {
		o.DefaultTags = s.defaultTags(b)
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
		o.Where[name] = s.originOf(a, b, i, o.Address)
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
				s.bodyOrigins(o, one.Body, b, i, name)
			case one.Type == "dynamic" && len(one.Labels) == 1 && one.Labels[0] == name:
				o.Where[name] = lines(one.Range(), one.Body.EndRange.End.Line, o.Address)
			default:
				continue
			}
			return
		}
	}
}

func (s *scope) bodyOrigins(o *terraform.Object, body *hclsyntax.Body, b *block, i *instance, prefix string) {
	o.Where[prefix] = lines(body.SrcRange, body.EndRange.End.Line, o.Address)
	for name, a := range body.Attributes {
		o.Where[prefix+"."+name] = s.originOf(a.AsHCLAttribute(), b, i, o.Address)
	}
	for _, one := range body.Blocks {
		if _, done := o.Where[prefix+"."+one.Type]; !done && one.Type != "dynamic" {
			s.bodyOrigins(o, one.Body, b, i, prefix+"."+one.Type)
		}
	}
}

func lines(r hcl.Range, end int, address string) resource.Origin {
	return resource.Origin{File: r.Filename, Line: r.Start.Line, EndLine: end, Address: address}
}

// originOf is where an attribute stands, and where the value that it refers to
// is defined.
func (s *scope) originOf(a *hcl.Attribute, b *block, i *instance, address string) resource.Origin {
	at := lines(a.Range, a.Range.End.Line, address)
	if defined := s.definition(a.Expr, b, i); defined != nil {
		at.Defined = defined
	}
	return at
}
