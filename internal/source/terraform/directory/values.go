package directory

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// resourceValue is what other code sees of a resource.
func (s *scope) resourceValue(typ, name string, below []hcl.Traversal) cty.Value {
	b := s.module.resources[typ+"."+name]
	if b == nil {
		return s.undeclared(typ + "." + name)
	}
	x := s.expand(b)
	one := func(i *instance, below []hcl.Traversal) cty.Value { return s.instanceValue(b, i, below) }
	if v := x.value(below, one); v != cty.NilVal {
		return v
	}
	return cty.DynamicVal.WithMarks(x.open).Mark(from{s.named(b.name())})
}

// moduleValue is what other code sees of a module call: its outputs.
func (s *scope) moduleValue(name string, below []hcl.Traversal) cty.Value {
	call := s.module.calls[name]
	if call == nil {
		return s.undeclared("module." + name)
	}
	x := s.expand(call)
	one := func(i *instance, below []hcl.Traversal) cty.Value { return s.callValue(call, i, below) }
	if v := x.value(below, one); v != cty.NilVal {
		return v
	}
	return cty.DynamicVal.WithMarks(x.open)
}

// value puts instances together: the one there is, a tuple of count, or an
// object of for_each. It returns NilVal when their number is not known.
func (x *expansion) value(below []hcl.Traversal, one func(*instance, []hcl.Traversal) cty.Value) cty.Value {
	switch {
	case x.open != nil:
		return cty.NilVal
	case x.single && len(x.instances) == 0:
		return cty.NullVal(cty.DynamicPseudoType)
	case x.single:
		return one(x.instances[0], below)
	}
	if v := x.picked(below, one); v != cty.NilVal {
		return v
	}
	if x.sized == nil {
		v := x.all(func(i *instance) cty.Value { return one(i, nil) })
		x.sized = &v
	}
	return *x.sized
}

// picked evaluates only the instances that are asked for by a literal key, and
// returns NilVal when something asks for more.
func (x *expansion) picked(below []hcl.Traversal, one func(*instance, []hcl.Traversal) cty.Value) cty.Value {
	chosen := make(map[*instance][]hcl.Traversal)
	for _, t := range below {
		i := x.pick(t)
		if i == nil {
			return cty.NilVal
		}
		chosen[i] = append(chosen[i], t[1:])
	}
	if len(chosen) == 0 {
		return cty.NilVal
	}
	return x.all(func(i *instance) cty.Value {
		if below, ok := chosen[i]; ok {
			return one(i, below)
		}
		return cty.DynamicVal // nobody looks at it
	})
}

func (x *expansion) pick(t hcl.Traversal) *instance {
	if len(t) == 0 {
		return nil
	}
	if name, ok := nextName(t); ok {
		return x.byKey[name]
	}
	step, ok := t[0].(hcl.TraverseIndex)
	if !ok || !x.counted || step.Key.Type() != cty.Number || !step.Key.IsKnown() {
		return nil
	}
	if n, accuracy := step.Key.AsBigFloat().Int64(); accuracy == 0 && n >= 0 && n < int64(len(x.instances)) {
		return x.instances[n]
	}
	return nil
}

func (x *expansion) all(one func(*instance) cty.Value) cty.Value {
	if x.counted {
		items := make([]cty.Value, len(x.instances))
		for i := range items {
			items[i] = one(x.instances[i])
		}
		return cty.TupleVal(items)
	}
	fields := make(map[string]cty.Value, len(x.instances))
	for _, i := range x.instances {
		fields[i.name] = one(i)
	}
	return cty.ObjectVal(fields)
}

// instanceValue is one instance of a resource with the attributes that are
// asked for, or all that anybody might ask for.
func (s *scope) instanceValue(b *block, i *instance, below []hcl.Traversal) cty.Value {
	names, _ := byName(below)
	if len(names) == 0 || len(names) < countDistinct(below) {
		names = b.argumentNames()
		for name := range s.fieldNames() {
			names = append(names, name)
		}
	}
	fields := make(map[string]cty.Value, len(names))
	for _, name := range names {
		if _, done := fields[name]; !done {
			fields[name] = s.attributeValue(b, i, name)
		}
	}
	return cty.ObjectVal(fields)
}

// countDistinct is larger than the number of names when some traversal names
// none.
func countDistinct(below []hcl.Traversal) int {
	names, n := make(map[string]bool), 0
	for _, t := range below {
		if name, ok := nextName(t); ok {
			names[name] = true
		} else {
			n = len(below) + 1
		}
	}
	return max(n, len(names))
}

// attributeValue is an attribute of a resource as other code sees it: what the
// code says, or unknown, for AWS decides the rest.
func (s *scope) attributeValue(b *block, i *instance, name string) cty.Value {
	if v, ok := i.values[name]; ok {
		return v
	}
	address := s.named(b.name()) + i.key
	v := s.within(address+"."+name, b.start, func() cty.Value { return s.argumentValue(b, i, name) })
	if bare, _ := v.Unmark(); bare == cty.NilVal || bare.IsKnown() && bare.IsNull() {
		v = unknown(why{settle: "attribute " + address + "." + name, detail: fmt.Sprintf("%s.%s is known only after apply", address, name)})
	}
	v = v.Mark(from{address})
	if i.values == nil {
		i.values = make(map[string]cty.Value)
	}
	i.values[name] = v
	return v
}

// argumentValue is what the code says of an attribute or nested block; null
// when it says nothing.
func (s *scope) argumentValue(b *block, i *instance, name string) cty.Value {
	if a := b.attribute(name); a != nil {
		return s.value(a.Expr, i.vars)
	}
	if v := s.nested(b, name, i.vars); v != cty.NilVal {
		return v
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

func (s *scope) callValue(call *block, i *instance, below []hcl.Traversal) cty.Value {
	child := s.child(call, i)
	if child == nil {
		source, _ := literal(call.attribute("source"))
		name := s.named("module." + call.name())
		return unknown(why{settle: fmt.Sprintf("%s from %s", name, source), detail: name + " is not here"})
	}
	names, _ := byName(below)
	if len(names) == 0 || len(names) < countDistinct(below) {
		names = nil
		for name := range child.module.outputs {
			names = append(names, name)
		}
	}
	fields := make(map[string]cty.Value, len(names))
	for _, name := range names {
		fields[name] = child.output(name)
	}
	return cty.ObjectVal(fields)
}
