package directory

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

const (
	// maxWork bounds the steps that one expression may take in loops: each
	// round is a step, and so is each item or byte that a function is handed
	// in one.
	maxWork = 1 << 18
	// maxTotalWork bounds them for all expressions of one root.
	maxTotalWork = 1 << 23
	// maxExponent bounds numbers, in bits: written out, one of a few letters
	// may have more digits than the memory holds.
	maxExponent = 4096
)

// work counts the steps that loops take. Terraform itself lets them run for as
// long as they like; code that is only to be looked at must not.
type work struct{ left, total int }

// begin allows the next expression its steps.
func (w *work) begin() { w.left = min(maxWork, w.total) }

func (w *work) spend(steps int) bool {
	w.left -= steps
	w.total -= steps
	return w.left >= 0
}

// workName is where an evaluation context keeps what counts the steps. No
// function can have this name.
const workName = "(work)"

// counter makes the function that counts, for the contexts of one evaluation.
func (w *work) counter() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "steps", Type: cty.Number}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			steps, _ := args[0].AsBigFloat().Int64()
			return cty.BoolVal(w.spend(int(steps))), nil
		},
	})
}

// affordable counts steps against the context that an expression is in.
func affordable(ctx *hcl.EvalContext, steps int) bool {
	for ; ctx != nil; ctx = ctx.Parent() {
		if count, ok := ctx.Functions[workName]; ok {
			ok, err := count.Call([]cty.Value{cty.NumberIntVal(int64(steps))})
			return err == nil && ok.True()
		}
	}
	return true
}

// spent reports whether the expression that was begun last took more steps than
// it has.
func (w *work) spent() bool { return w.left < 0 }

const tooMuch = "the expression is too large to be worked out: its loops take more steps than are allowed"

// A guarded expression stands in the place of another, whose value it gives as
// long as the steps last.
type guarded struct {
	hclsyntax.ParenthesesExpr // for what else is asked of an expression
}

// Value implements hclsyntax.Expression.
func (g *guarded) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := g.Expression.Value(ctx)
	if affordable(ctx, 1+shallowSize(v)) {
		return v, diags
	}
	// A list, because a loop takes the reason over from nothing else.
	return cty.UnknownVal(cty.List(cty.DynamicPseudoType)).Mark(why{detail: tooMuch}), nil
}

// shallowSize is the number of items or bytes of a value, without what is in
// the items.
func shallowSize(v cty.Value) int {
	v, _ = v.Unmark()
	switch t := v.Type(); {
	case !v.IsKnown() || v.IsNull():
		return 0
	case t == cty.String:
		return len(v.AsString())
	case t.IsCollectionType() || t.IsTupleType():
		return v.LengthInt()
	default:
		return 0
	}
}

// guard makes the loops of a piece of code count their steps, and replaces
// numbers that are too large. Code is guarded once, when it is parsed.
func guard(node hclsyntax.Node) {
	// The walk reports only what it is told to, which is nothing.
	_ = hclsyntax.VisitAll(node, func(node hclsyntax.Node) hcl.Diagnostics {
		switch node := node.(type) {
		case *hclsyntax.ForExpr:
			node.CollExpr = guardExpr(node.CollExpr)
			guardCalls(node.ValExpr)
			if node.KeyExpr != nil {
				guardCalls(node.KeyExpr)
			}
			if node.CondExpr != nil {
				guardCalls(node.CondExpr)
			}
		case *hclsyntax.LiteralValueExpr:
			if hugeNumber(node.Val) {
				node.Val = unknown(why{detail: fmt.Sprintf("line %d: the number is too large to be looked at", node.SrcRange.Start.Line)})
			}
		}
		return nil
	})
}

// guardCalls guards what the functions in a loop are handed.
func guardCalls(node hclsyntax.Node) {
	_ = hclsyntax.VisitAll(node, func(node hclsyntax.Node) hcl.Diagnostics {
		if call, ok := node.(*hclsyntax.FunctionCallExpr); ok {
			for i, argument := range call.Args {
				call.Args[i] = guardExpr(argument)
			}
		}
		return nil
	})
}

func guardExpr(expr hclsyntax.Expression) hclsyntax.Expression {
	if _, done := expr.(*guarded); done {
		return expr
	}
	return &guarded{hclsyntax.ParenthesesExpr{Expression: expr, SrcRange: expr.Range()}}
}

func hugeNumber(v cty.Value) bool {
	if v.Type() != cty.Number || !v.IsKnown() || v.IsNull() {
		return false
	}
	number := v.AsBigFloat()
	exponent := number.MantExp(nil)
	return number.IsInf() || exponent > maxExponent || exponent < -maxExponent
}

// parseTemplate reads the text of a template.
func parseTemplate(data []byte, name string) (hclsyntax.Expression, error) {
	if err := tooDeep(data); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	expr, diags := hclsyntax.ParseTemplate(data, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, errors.New(describe(diags))
	}
	guard(expr)
	return expr, nil
}

// sized makes a function refuse arguments of which the result would be too
// large: its size in items or bytes follows from the arguments.
func sized(f function.Function, size func(args []cty.Value) int) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(), Type: f.ReturnTypeForValues,
		RefineResult: func(b *cty.RefinementBuilder) *cty.RefinementBuilder { return b.NotNull() },
		Impl: func(args []cty.Value, typ cty.Type) (cty.Value, error) {
			if size(args) > maxSize {
				return cty.UnknownVal(typ).Mark(why{detail: "the value is too large to be looked at"}), nil
			}
			return f.Call(args)
		},
	})
}

// product multiplies without running over.
func product(factors ...int) int {
	all := 1
	for _, factor := range factors {
		if factor == 0 {
			return 0
		}
		if all > maxSize {
			return all
		}
		all *= min(factor, maxSize+1)
	}
	return all
}
