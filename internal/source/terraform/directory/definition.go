package directory

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
)

// maxHops bounds how far a definition is followed.
const maxHops = 50

// tracer finds the places that define what the expressions of a resource refer
// to, where they do nothing but refer: var.days, local.cfg.days, module.x.days,
// each.value.days.
func (s *scope) tracer(b *block, i *instance) *tracer {
	t := &tracer{scope: s, key: i.name, vars: i.vars}
	t.forEach(b)
	return t
}

// A tracer follows references from one scope to the next.
type tracer struct {
	scope *scope
	each  hcl.Expression // for_each of the block that the expression stands in
	key   string
	vars  map[string]cty.Value // each and count of that block, and the name of a dynamic one
	made  map[string]made      // what dynamic blocks are made from, by their names
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
	case *guarded:
		return t.follow(e.Expression, path)
	case *hclsyntax.TemplateWrapExpr:
		return t.follow(e.Wrapped, path)
	case *hclsyntax.FunctionCallExpr:
		return t.chosen(e, path)
	case *hclsyntax.ObjectConsExpr:
		return t.field(e, path)
	case *hclsyntax.ConditionalExpr:
		if branch := t.taken(e); branch != nil {
			return t.follow(branch, path)
		}
	case *hclsyntax.IndexExpr:
		if name, ok := t.value(e.Key).(string); ok {
			return t.follow(e.Collection, append([]string{name}, path...))
		}
	case *hclsyntax.RelativeTraversalExpr:
		if names, ok := namesOf(e.Traversal); ok {
			return t.follow(e.Source, append(names, path...))
		}
	case *hclsyntax.ForExpr:
		return t.item(e, path)
	case *hclsyntax.TupleConsExpr:
		return t.element(e, path)
	default:
		if traversal := wholeReference(expr); traversal != nil {
			return t.traverse(traversal, path)
		}
		return t.member(expr, path)
	}
	return nil
}

// value is the text or the truth of an expression that chooses between places;
// nil when it is something else or not known.
func (t *tracer) value(expr hcl.Expression) any {
	v := t.evaluated(expr)
	switch {
	case !v.IsKnown() || v.IsNull():
		return nil
	case v.Type() == cty.String:
		return v.AsString()
	case v.Type() == cty.Bool:
		return v.True()
	default:
		return nil
	}
}

// taken is the branch of a condition that is taken; nil when that is not known.
func (t *tracer) taken(e *hclsyntax.ConditionalExpr) hcl.Expression {
	switch t.value(e.Condition) {
	case true:
		return e.TrueResult
	case false:
		return e.FalseResult
	default:
		return nil
	}
}

// item goes into a map that keeps the keys of another one, as
// { for name, it in var.clusters : name => it } does.
func (t *tracer) item(e *hclsyntax.ForExpr, path []string) *resource.Origin {
	key, isKey := e.KeyExpr.(*hclsyntax.ScopeTraversalExpr)
	value, isValue := e.ValExpr.(*hclsyntax.ScopeTraversalExpr)
	if len(path) == 0 || e.Group || !isKey || !isValue || len(key.Traversal) != 1 ||
		key.Traversal.RootName() != e.KeyVar || value.Traversal.RootName() != e.ValVar {
		return nil
	}
	names, ok := namesOf(value.Traversal[1:])
	if !ok {
		return nil
	}
	return t.follow(e.CollExpr, append(append([]string{path[0]}, names...), path[1:]...))
}

// namesOf lists the names that a traversal asks for, one after the other.
func namesOf(traversal hcl.Traversal) ([]string, bool) {
	names := make([]string, 0, len(traversal))
	for _, step := range traversal {
		name, ok := nextName(hcl.Traversal{step})
		if !ok {
			return nil, false
		}
		names = append(names, name)
	}
	return names, true
}

// member goes into an object of the JSON syntax.
func (t *tracer) member(object hcl.Expression, path []string) *resource.Origin {
	if len(path) == 0 {
		return nil
	}
	pairs, diags := hcl.ExprMap(object)
	if diags.HasErrors() {
		return nil
	}
	for _, pair := range pairs {
		if key, ok := constant(pair.Key); !ok || key != path[0] {
			continue
		}
		if deeper := t.follow(pair.Value, path[1:]); deeper != nil {
			return deeper
		}
		r := hcl.RangeBetween(pair.Key.Range(), pair.Value.Range())
		at := lines(r, r.End.Line, "")
		return &at
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
	if len(path) > 1 || !allNamed(object) {
		return nil
	}
	r := object.Range()
	at := lines(r, r.End.Line, "")
	at.Lacks = path[0]
	return &at
}

// allNamed reports whether the names of all fields of an object are known.
func allNamed(object *hclsyntax.ObjectConsExpr) bool {
	return !slices.ContainsFunc(object.Items, func(item hclsyntax.ObjectConsItem) bool {
		_, isText := constant(item.KeyExpr)
		return !isText
	})
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
	steps, ok := namesOf(traversal[1:])
	if steps = append(steps, path...); !ok || len(steps) == 0 {
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
	default:
		if of, ok := t.made[traversal.RootName()]; ok && steps[0] == "value" {
			return t.follow(of.from, append([]string{of.key}, steps[1:]...))
		}
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
			next.key, next.vars = s.key.name, s.key.vars
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
