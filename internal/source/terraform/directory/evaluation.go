package directory

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

const (
	// maxDepth bounds how many names may refer to one another in a row.
	maxDepth = 1000
	// maxInstances bounds what count and for_each may make of one root.
	maxInstances = 100_000
)

// An evaluation is one root module at work. It is for one goroutine.
type evaluation struct {
	loader    *loader
	root      *module
	workspace string
	given     map[string]given             // values of the root's variables
	installed map[string]string            // module path → folder, of what Terraform downloaded
	functions map[string]function.Function // built in, and those nobody knows as they turn up

	steps     *work                        // of loops
	seen      map[string]bool              // folders whose gaps were reported already
	fields    map[string]bool              // see fieldNames
	trail     []string                     // the names under evaluation, outermost first
	busy      map[string]bool              // the same as a set
	inFile    map[string][]resource.Remark // see fileRemarks
	instances int
	told      map[string]bool // gaps that were reported
	gaps      []finding.Gap
	missing   *resource.Missing // set when some module could not be looked at
}

// gap reports something once, however many instances run into it.
func (e *evaluation) gap(g finding.Gap) {
	key := g.File + "\x00" + g.Detail
	if !e.told[key] {
		e.told[key] = true
		e.gaps = append(e.gaps, g)
	}
}

// within evaluates a named thing, unless it is being evaluated already.
func (e *evaluation) within(name string, at hcl.Range, evaluate func() cty.Value) cty.Value {
	if e.busy[name] {
		return e.cycle(name, at)
	}
	if len(e.trail) >= maxDepth {
		return unknown(why{detail: fmt.Sprintf("more than %d names refer to one another in a row", maxDepth)})
	}
	e.busy[name] = true
	e.trail = append(e.trail, name)
	v := evaluate()
	e.trail = e.trail[:len(e.trail)-1]
	delete(e.busy, name)
	return v
}

func (e *evaluation) cycle(name string, at hcl.Range) cty.Value {
	start := 0
	for i, other := range e.trail {
		if other == name {
			start = i
		}
	}
	circle := append(append([]string(nil), e.trail[start:]...), name)
	detail := name + " refers to itself"
	if len(circle) > 2 {
		detail += ": " + shorten(circle)
	}
	e.gap(finding.Gap{
		File: at.Filename, Reason: finding.GapMalformed,
		Detail: fmt.Sprintf("line %d: %s", at.Start.Line, detail),
	})
	return unknown(why{detail: detail})
}

func shorten(circle []string) string {
	if len(circle) > 8 {
		circle = append(append(append([]string(nil), circle[:4]...), "…"), circle[len(circle)-3:]...)
	}
	return strings.Join(circle, " → ")
}

// value evaluates an expression. Locals are names that hold only here, such as
// each and count. What goes wrong makes the value unknown, for that reason.
func (s *scope) value(expr hcl.Expression, locals map[string]cty.Value) cty.Value {
	ctx, inputs := s.context(expr.Variables(), locals)
	return s.evaluate(expr, ctx, inputs)
}

// evaluate gives an expression its value in a context that is complete. A
// function that nobody here knows, such as a provider's, is made one whose
// result is unknown.
func (e *evaluation) evaluate(expr hcl.Expression, ctx *hcl.EvalContext, inputs []cty.Value) cty.Value {
	e.steps.begin()
	expr = guardedJSON(expr)
	v, diags := expr.Value(ctx)
	for e.learn(diags) {
		v, diags = expr.Value(ctx)
	}
	if diags.HasErrors() {
		return unknown(why{detail: expr.Range().Filename + ", " + describeFor(diags, inputs)})
	}
	if e.steps.spent() { // then functions may have made anything of the rest
		return unknown(why{detail: tooMuch})
	}
	return explained(v, inputs)
}

// describeFor describes an error of an expression, without its words where they
// might repeat a sensitive value.
func describeFor(diags hcl.Diagnostics, inputs []cty.Value) string {
	if !hidden(marksBelow(inputs...)) {
		return describe(diags)
	}
	for _, d := range diags {
		if d.Severity == hcl.DiagError && d.Subject != nil {
			return fmt.Sprintf("line %d, column %d: an error in an expression that reads a sensitive value", d.Subject.Start.Line, d.Subject.Start.Column)
		}
	}
	return "an error in an expression that reads a sensitive value"
}

// learn adds the unknown functions that diagnostics complain about, and
// reports whether there were any.
func (e *evaluation) learn(diags hcl.Diagnostics) bool {
	learnt := false
	for _, d := range diags {
		call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallUnknownDiagExtra](d)
		if !ok {
			continue
		}
		name := call.CalledFunctionNamespace() + call.CalledFunctionName()
		if _, known := e.functions[name]; !known {
			e.functions[name] = openFunction(name, "the function "+name+" is not built in")
			learnt = true
		}
	}
	return learnt
}

// context resolves the names that an expression asks for.
func (s *scope) context(traversals []hcl.Traversal, locals map[string]cty.Value) (*hcl.EvalContext, []cty.Value) {
	ctx := &hcl.EvalContext{Functions: s.functions}
	if len(traversals) == 0 {
		return ctx, nil
	}
	uses := newUses(traversals)
	ctx.Variables = make(map[string]cty.Value, len(uses.order))
	inputs := make([]cty.Value, 0, len(uses.order))
	for _, root := range uses.order {
		v, ok := locals[root]
		if !ok {
			v = s.resolve(root, uses.below[root])
		}
		ctx.Variables[root] = v
		inputs = append(inputs, v)
	}
	return ctx, inputs
}

// uses are the names that an expression asks for, by their first part.
type uses struct {
	order []string
	below map[string][]hcl.Traversal // what follows the first part
}

func newUses(traversals []hcl.Traversal) *uses {
	u := &uses{below: make(map[string][]hcl.Traversal, 2)}
	for _, t := range traversals {
		if t.IsRelative() || len(t) == 0 {
			continue
		}
		root := t.RootName()
		if _, ok := u.below[root]; !ok {
			u.order = append(u.order, root)
		}
		u.below[root] = append(u.below[root], t[1:])
	}
	return u
}

// byName groups by the next attribute; those that name none are left out.
func byName(traversals []hcl.Traversal) (order []string, below map[string][]hcl.Traversal) {
	below = make(map[string][]hcl.Traversal, len(traversals))
	for _, t := range traversals {
		name, ok := nextName(t)
		if !ok {
			continue
		}
		if _, seen := below[name]; !seen {
			order = append(order, name)
		}
		below[name] = append(below[name], t[1:])
	}
	return order, below
}

// nextName returns the attribute that a traversal goes to next: x.name, or
// x["name"].
func nextName(t hcl.Traversal) (string, bool) {
	if len(t) == 0 {
		return "", false
	}
	switch step := t[0].(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
			return step.Key.AsString(), true
		}
	}
	return "", false
}

// constant returns the text of an expression that needs no evaluation.
func constant(expr hcl.Expression) (string, bool) {
	if len(expr.Variables()) > 0 {
		return "", false
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() || v.IsMarked() || v.Type() != cty.String {
		return "", false
	}
	return v.AsString(), true
}
