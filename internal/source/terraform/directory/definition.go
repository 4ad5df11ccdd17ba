package directory

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
)

// maxHops bounds how far a definition is followed.
const maxHops = 50

// definition finds the place that defines what an expression refers to, when
// it does nothing but refer: var.days, local.cfg.days, module.x.days,
// each.value.days. Nil when the expression decides by itself.
func (s *scope) definition(expr hcl.Expression, b *block, i *instance) *resource.Origin {
	t := &tracer{scope: s, key: i.name}
	t.forEach(b)
	return t.follow(expr, nil)
}

// A tracer follows references from one scope to the next.
type tracer struct {
	scope *scope
	each  hcl.Expression // for_each of the block that the expression stands in
	key   string
	hops  int
}

// follow returns where the field at the path below an expression is defined,
// or nil when that is the expression itself.
func (t *tracer) follow(expr hcl.Expression, path []string) *resource.Origin {
	if t.hops++; t.hops > maxHops {
		return nil
	}
	switch e := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return t.traverse(e.Traversal, path)
	case *hclsyntax.ParenthesesExpr:
		return t.follow(e.Expression, path)
	case *hclsyntax.TemplateWrapExpr:
		return t.follow(e.Wrapped, path)
	case *hclsyntax.FunctionCallExpr:
		if isConversion(e) {
			return t.follow(e.Args[0], path)
		}
	case *hclsyntax.ObjectConsExpr:
		return t.field(e, path)
	default:
		if traversal := wholeReference(expr); traversal != nil {
			return t.traverse(traversal, path)
		}
	}
	return nil
}

// wholeReference returns the reference that a text of the JSON syntax consists
// of, as "${var.days}" does; nil when there is more to it.
func wholeReference(expr hcl.Expression) hcl.Traversal {
	names := expr.Variables()
	if len(names) != 1 {
		return nil
	}
	text, name := expr.Range(), names[0].SourceRange()
	if name.Start.Byte != text.Start.Byte+len(`"${`) || name.End.Byte != text.End.Byte-len(`}"`) {
		return nil
	}
	return names[0]
}

func isConversion(call *hclsyntax.FunctionCallExpr) bool {
	switch call.Name {
	case "tonumber", "tobool", "tostring", "tolist", "tomap", "toset", "nonsensitive":
		return len(call.Args) == 1
	default:
		return false
	}
}

// field goes into an object that is written out in the code.
func (t *tracer) field(object *hclsyntax.ObjectConsExpr, path []string) *resource.Origin {
	if len(path) == 0 {
		return nil
	}
	for _, item := range object.Items {
		key, diags := item.KeyExpr.Value(nil)
		if diags.HasErrors() || key.IsNull() || !key.IsKnown() || key.Type() != cty.String || key.AsString() != path[0] {
			continue
		}
		if deeper := t.follow(item.ValueExpr, path[1:]); deeper != nil {
			return deeper
		}
		r := hcl.RangeBetween(item.KeyExpr.Range(), item.ValueExpr.Range())
		at := lines(r, r.End.Line, "")
		return &at
	}
	return nil
}

// at follows an attribute further, and falls back to the attribute.
func (t *tracer) at(a *hcl.Attribute, path []string, address string) *resource.Origin {
	deeper := t.follow(a.Expr, path)
	if deeper == nil {
		here := lines(a.Range, a.Range.End.Line, "")
		deeper = &here
	}
	if deeper.Address == "" {
		deeper.Address = address
	}
	return deeper
}

func (t *tracer) traverse(traversal hcl.Traversal, path []string) *resource.Origin {
	steps := make([]string, 0, len(traversal)+len(path))
	for _, step := range traversal[1:] {
		name, ok := nextName(hcl.Traversal{step})
		if !ok {
			return nil
		}
		steps = append(steps, name)
	}
	steps = append(steps, path...)
	if len(steps) == 0 {
		return nil
	}
	s := t.scope
	switch traversal.RootName() {
	case "var":
		return t.variable(steps[0], steps[1:])
	case "local":
		if a := s.module.locals[steps[0]]; a != nil {
			return t.inside(s, nil).at(a, steps[1:], s.named("local."+steps[0]))
		}
	case "each":
		if t.each != nil && steps[0] == "value" {
			return t.follow(t.each, append([]string{t.key}, steps[1:]...))
		}
	case "module":
		return t.output(steps)
	}
	return nil
}

// inside is the tracer for code of another scope.
func (t *tracer) inside(s *scope, call *block) *tracer {
	next := &tracer{scope: s, hops: t.hops}
	if call != nil {
		next.forEach(call)
	}
	return next
}

func (t *tracer) forEach(b *block) {
	if each := b.attribute("for_each"); each != nil {
		t.each = each.Expr
	}
}

func (t *tracer) variable(name string, path []string) *resource.Origin {
	s := t.scope
	declared := s.module.variables[name]
	if declared == nil {
		return nil
	}
	address := s.named("var." + name)
	if s.parent != nil {
		if a := s.call.attribute(name); a != nil {
			next := t.inside(s.parent, s.call)
			next.key = s.key.name
			return next.at(a, path, s.address)
		}
	} else if g, ok := s.given[name]; ok {
		return g.origin(t, path, address)
	}
	if fallback := declared.attribute("default"); fallback != nil {
		return t.inside(s, nil).at(fallback, path, address)
	}
	return nil
}

func (t *tracer) output(steps []string) *resource.Origin {
	s := t.scope
	call := s.module.calls[steps[0]]
	if call == nil || len(steps) < 2 {
		return nil
	}
	x := s.expand(call)
	var chosen *instance
	rest := steps[1:]
	switch {
	case x.single && len(x.instances) == 1:
		chosen = x.instances[0]
	case x.byKey != nil && len(rest) > 1:
		chosen, rest = x.byKey[rest[0]], rest[1:]
	}
	if chosen == nil {
		return nil
	}
	child := s.child(call, chosen)
	if child == nil || child.module.outputs[rest[0]] == nil {
		return nil
	}
	if a := child.module.outputs[rest[0]].attribute("value"); a != nil {
		return t.inside(child, nil).at(a, rest[1:], child.named("output."+rest[0]))
	}
	return nil
}
