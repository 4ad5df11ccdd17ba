package directory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// A scope is one instance of a module: the root, or a module call with its key.
type scope struct {
	*evaluation
	module    *module
	parent    *scope // nil for the root
	call      *block // the call that made it
	key       *instance
	address   string            // "" for the root, else module.graph[0]
	path      string            // the names of the calls joined by dots, as Terraform keys what it downloaded
	uncertain *resource.Missing // set when nobody knows how many there will be

	vars, locals, outputs map[string]cty.Value
	expansions            map[*block]*expansion
	tags                  map[*block]resource.Value
	remarks               []resource.Remark // at the calls that lead here, the nearest first
	together              map[*block][]resource.Remark
}

func newScope(e *evaluation, m *module) *scope {
	return &scope{
		evaluation: e, module: m,
		vars: make(map[string]cty.Value), locals: make(map[string]cty.Value), outputs: make(map[string]cty.Value),
		expansions: make(map[*block]*expansion), tags: make(map[*block]resource.Value),
	}
}

// named puts the scope's address before a name.
func (s *scope) named(name string) string {
	if s.address == "" {
		return name
	}
	return s.address + "." + name
}

// resolve returns the value of a root name such as var or aws_neptune_cluster,
// with as much below it as is asked for.
func (s *scope) resolve(root string, below []hcl.Traversal) cty.Value {
	if alone := slices.ContainsFunc(below, func(t hcl.Traversal) bool { return len(t) == 0 }); alone {
		return unknown(why{detail: standsAlone(root)})
	}
	switch root {
	case "var":
		return s.object(below, func(name string, _ []hcl.Traversal) cty.Value { return s.variable(name) })
	case "local":
		return s.object(below, func(name string, _ []hcl.Traversal) cty.Value { return s.local(name) })
	case "module":
		return s.object(below, s.moduleValue)
	case "data", "ephemeral":
		return s.object(below, func(typ string, below []hcl.Traversal) cty.Value {
			return s.object(below, func(name string, _ []hcl.Traversal) cty.Value { return s.dataValue(root, typ, name) })
		})
	case "path":
		return s.paths()
	case "terraform", "tofu":
		return cty.ObjectVal(map[string]cty.Value{"workspace": cty.StringVal(s.workspace), "applying": cty.False})
	case "each", "count", "self":
		return unknown(why{detail: root + " has no meaning here"})
	default:
		return s.object(below, func(name string, below []hcl.Traversal) cty.Value { return s.resourceValue(root, name, below) })
	}
}

// standsAlone says what is wrong with a name that nothing follows.
func standsAlone(name string) string {
	switch lower := strings.ToLower(name); lower {
	case "true", "false", "null":
		return name + " is no value: it is written " + lower
	default:
		return name + " is no value: a text stands in quotes, and a reference names an attribute"
	}
}

// object makes an object of the names that are asked for.
func (s *scope) object(below []hcl.Traversal, value func(name string, below []hcl.Traversal) cty.Value) cty.Value {
	order, groups := byName(below)
	if len(order) == 0 {
		return unknown(why{detail: "it can only be asked for by name"})
	}
	fields := make(map[string]cty.Value, len(order))
	for _, name := range order {
		fields[name] = value(name, groups[name])
	}
	return cty.ObjectVal(fields)
}

func (s *scope) paths() cty.Value {
	return cty.ObjectVal(map[string]cty.Value{
		"module": cty.StringVal(relative(s.root.dir, s.module.dir)),
		"root":   cty.StringVal("."),
		"cwd":    unknown(why{detail: "path.cwd is known only when Terraform runs"}),
	})
}

func (s *scope) local(name string) cty.Value {
	if v, ok := s.locals[name]; ok {
		return v
	}
	attribute := s.module.locals[name]
	if attribute == nil {
		return s.undeclared("local." + name)
	}
	v := s.within(s.named("local."+name), attribute.Range, func() cty.Value { return bounded(s.value(attribute.Expr, nil)) })
	s.locals[name] = v
	return v
}

// undeclared is the value of a name that nothing declares. It may stand in a
// file that could not be read.
func (s *scope) undeclared(name string) cty.Value {
	return unknown(why{settle: s.named(name), detail: s.named(name) + " is not declared"})
}

func (s *scope) variable(name string) cty.Value {
	if v, ok := s.vars[name]; ok {
		return v
	}
	declared := s.module.variables[name]
	if declared == nil {
		return unknown(why{settle: s.variableName(name), detail: s.variableName(name) + " is not declared"})
	}
	v := s.within(s.named("var."+name), declared.start, func() cty.Value { return bounded(s.variableValue(name, declared)) })
	if isTrue(declared.attribute("sensitive")) || isTrue(declared.attribute("ephemeral")) {
		v = v.Mark(secret{})
	}
	s.vars[name] = v
	return v
}

// variableName names a variable for a reader.
func (s *scope) variableName(name string) string {
	if s.address == "" {
		return "variable " + name
	}
	return "variable " + name + " of " + s.address
}

func (s *scope) variableValue(name string, declared *block) cty.Value {
	typ, defaults := variableType(declared)
	v, isGiven := s.argument(name, typ)
	nullable := declared.attribute("nullable")
	if isGiven && v.IsKnown() && v.IsNull() && nullable != nil && !isTrue(nullable) {
		isGiven = false
	}
	if fallback := declared.attribute("default"); !isGiven && fallback != nil {
		v, isGiven = s.value(fallback.Expr, nil), true
	}
	if !isGiven {
		detail := s.variableName(name) + " has no value and no default"
		return cty.UnknownVal(typ.WithoutOptionalAttributesDeep()).Mark(why{settle: s.variableName(name), detail: detail})
	}
	if defaults != nil && v.IsKnown() && !v.IsNull() {
		v = defaults.Apply(v)
	}
	converted, err := convert.Convert(v, typ)
	if err != nil {
		return unknown(why{settle: s.variableName(name), detail: fmt.Sprintf("the value of %s does not fit: %s", s.variableName(name), err)})
	}
	return converted
}

// argument returns the value that a variable is given from outside.
func (s *scope) argument(name string, typ cty.Type) (cty.Value, bool) {
	if s.parent != nil {
		if a := s.call.attribute(name); a != nil {
			return s.parent.value(a.Expr, s.key.vars), true
		}
		return cty.NilVal, false
	}
	g, ok := s.given[name]
	if !ok {
		return cty.NilVal, false
	}
	return g.value(typ.IsPrimitiveType() || s.module.variables[name].attribute("type") == nil), true
}

func isTrue(a *hcl.Attribute) bool {
	if a == nil || len(a.Expr.Variables()) > 0 {
		return false
	}
	v, diags := a.Expr.Value(nil)
	return !diags.HasErrors() && v.Type() == cty.Bool && v.IsKnown() && !v.IsNull() && v.True()
}

// variableType reads the type constraint; any when there is none or it is
// wrong, which is Terraform's to complain about.
func variableType(declared *block) (cty.Type, *typeexpr.Defaults) {
	constraint := declared.attribute("type")
	if constraint == nil {
		return cty.DynamicPseudoType, nil
	}
	if old, ok := constant(constraint.Expr); ok {
		switch old { // the form of Terraform 0.11
		case "string":
			return cty.String, nil
		case "list":
			return cty.List(cty.DynamicPseudoType), nil
		case "map":
			return cty.Map(cty.DynamicPseudoType), nil
		}
	}
	switch hcl.ExprAsKeyword(constraint.Expr) {
	case "list":
		return cty.List(cty.DynamicPseudoType), nil
	case "map":
		return cty.Map(cty.DynamicPseudoType), nil
	}
	typ, defaults, diags := typeexpr.TypeConstraintWithDefaults(constraint.Expr)
	if diags.HasErrors() {
		return cty.DynamicPseudoType, nil
	}
	return typ, defaults
}

func (s *scope) output(name string) cty.Value {
	if v, ok := s.outputs[name]; ok {
		return v
	}
	declared := s.module.outputs[name]
	if declared == nil {
		return s.undeclared("output " + name)
	}
	v := cty.NullVal(cty.DynamicPseudoType)
	if a := declared.attribute("value"); a != nil {
		v = s.within(s.named("output."+name), a.Range, func() cty.Value { return bounded(s.value(a.Expr, nil)) })
	}
	if isTrue(declared.attribute("sensitive")) || isTrue(declared.attribute("ephemeral")) {
		v = v.Mark(secret{})
	}
	s.outputs[name] = v
	return v
}

func (s *scope) dataValue(mode, typ, name string) cty.Value {
	address := s.named(mode + "." + typ + "." + name)
	if s.module.data[typ+"."+name] == nil {
		return s.undeclared(mode + "." + typ + "." + name)
	}
	kind := "data source "
	if mode == "ephemeral" {
		kind = "ephemeral resource "
	}
	return unknown(why{settle: kind + address, detail: address + " is known only when Terraform reads it"})
}

// maxSize bounds how many values, or bytes of text, one name may hold, so that
// names that double one another cannot fill the memory.
const maxSize = 1 << 20

// bounded returns a value, or an unknown one in place of one that is too large.
func bounded(v cty.Value) cty.Value {
	left := maxSize
	if tooLarge(v, &left) {
		return unknown(why{detail: "the value is too large to be looked at"})
	}
	return v
}

func tooLarge(v cty.Value, left *int) bool {
	v, _ = v.Unmark()
	*left--
	switch t := v.Type(); {
	case *left < 0:
		return true
	case !v.IsKnown() || v.IsNull() || t == cty.DynamicPseudoType:
		return false
	case t == cty.String:
		*left -= len(v.AsString())
	case t.IsCollectionType() || t.IsObjectType() || t.IsTupleType():
		for it := v.ElementIterator(); it.Next(); {
			if _, item := it.Element(); tooLarge(item, left) {
				return true
			}
		}
	}
	return *left < 0
}
