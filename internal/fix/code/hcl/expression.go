package hcl

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
)

// nativeValue is an expression in HCL's own syntax.
type nativeValue struct {
	doc  *nativeDocument
	expr hclsyntax.Expression
}

func (v *nativeValue) below(path []string) written {
	e := inner(v.expr)
	for _, name := range path {
		if tuple, ok := e.(*hclsyntax.TupleConsExpr); ok && len(tuple.Exprs) == 1 {
			e = inner(tuple.Exprs[0])
		}
		object, ok := e.(*hclsyntax.ObjectConsExpr)
		if !ok {
			return nil
		}
		e = nil
		for _, item := range object.Items {
			if v.doc.keyText(item.KeyExpr) == name {
				e = inner(item.ValueExpr)
			}
		}
		if e == nil {
			return nil
		}
	}
	return &nativeValue{doc: v.doc, expr: e}
}

// inner takes off what does not change a value: brackets, and functions that
// convert it.
func inner(e hclsyntax.Expression) hclsyntax.Expression {
	for {
		switch outer := e.(type) {
		case *hclsyntax.ParenthesesExpr:
			e = outer.Expression
		case *hclsyntax.TemplateWrapExpr:
			e = outer.Wrapped
		case *hclsyntax.FunctionCallExpr:
			switch outer.Name {
			case "tonumber", "tobool", "tostring", "tolist", "toset", "nonsensitive":
			default:
				return e
			}
			if len(outer.Args) != 1 || outer.ExpandFinal {
				return e
			}
			e = outer.Args[0]
		default:
			return e
		}
	}
}

func (v *nativeValue) text() (string, bool) {
	value, _ := v.value(v.expr)
	return value.Text()
}

func (v *nativeValue) literal(w *code.Want) (start, end int, detail string) {
	e := inner(v.expr)
	if conditional, ok := e.(*hclsyntax.ConditionalExpr); ok {
		return v.branch(conditional, w)
	}
	return v.plain(e, w)
}

// branch picks the literal of the branch that was taken, which is the one that
// has the value, where only one of them has. A switch that would come to the
// same either way is no switch any more: there the condition has to change.
func (v *nativeValue) branch(c *hclsyntax.ConditionalExpr, w *code.Want) (start, end int, detail string) {
	var taken []hclsyntax.Expression
	same := false
	for _, e := range []hclsyntax.Expression{inner(c.TrueResult), inner(c.FalseResult)} {
		value, ok := v.value(e)
		same = same || ok && value.Equal(w.After)
		if !ok || is(w, value) {
			taken = append(taken, e)
		}
	}
	switch {
	case len(taken) != 1:
		return 0, 0, "is decided by a condition: " + v.shown(c)
	case same && isSwitch(c.Condition):
		return 0, 0, "is decided by a condition, and follows when " + v.shown(c.Condition) + " changes"
	default:
		return v.plain(taken[0], w)
	}
}

// isSwitch reports whether a condition is a name that is true or false itself,
// and no comparison.
func isSwitch(condition hclsyntax.Expression) bool {
	switch e := inner(condition).(type) {
	case *hclsyntax.ScopeTraversalExpr:
		return true
	case *hclsyntax.UnaryOpExpr:
		return e.Op == hclsyntax.OpLogicalNot && isSwitch(e.Val)
	default:
		return false
	}
}

// plain returns the place of a literal.
func (v *nativeValue) plain(e hclsyntax.Expression, w *code.Want) (start, end int, detail string) {
	value, ok := v.value(e)
	switch {
	case !ok || value.Known() && (value.Kind() == resource.List) != (w.After.Kind() == resource.List):
		return 0, 0, "is computed: " + v.shown(e)
	case !is(w, value):
		return 0, 0, "is " + value.String() + " there, and " + w.Before.String() + " comes of it"
	case loses(string(e.Range().SliceBytes(v.doc.content)), value, w.After):
		return 0, 0, "has to lose an item, and is written over several lines: " + v.shown(e)
	}
	r := e.Range()
	return r.Start.Byte, r.End.Byte, ""
}

// value is the value of a literal; ok is false for anything else.
func (v *nativeValue) value(e hclsyntax.Expression) (value resource.Value, ok bool) {
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
	case *hclsyntax.UnaryOpExpr:
		if _, number := e.Val.(*hclsyntax.LiteralValueExpr); !number || e.Op != hclsyntax.OpNegate {
			return resource.Value{}, false
		}
	case *hclsyntax.TemplateExpr:
		if !e.IsStringLiteral() || v.doc.content[e.SrcRange.Start.Byte] != '"' {
			return resource.Value{}, false
		}
	case *hclsyntax.TupleConsExpr:
		return v.list(e)
	default:
		return resource.Value{}, false
	}
	got, diags := e.Value(nil)
	if diags.HasErrors() || !got.IsWhollyKnown() {
		return resource.Value{}, false
	}
	return fromCty(got)
}

func (v *nativeValue) list(tuple *hclsyntax.TupleConsExpr) (resource.Value, bool) {
	items := make([]resource.Value, 0, len(tuple.Exprs))
	for _, one := range tuple.Exprs {
		item, ok := v.value(inner(one))
		if !ok {
			return resource.Value{}, false
		}
		items = append(items, item)
	}
	return resource.OfList(items...), true
}

func fromCty(v cty.Value) (resource.Value, bool) {
	switch {
	case v.IsNull():
		return resource.Value{}, true
	case v.Type() == cty.Bool:
		return resource.OfBool(v.True()), true
	case v.Type() == cty.String:
		return resource.OfString(v.AsString()), true
	case v.Type() == cty.Number:
		number := v.AsBigFloat()
		if n, accuracy := number.Int64(); accuracy == 0 {
			return resource.OfInt(n), true
		}
		f, _ := number.Float64()
		return resource.OfFloat(f), true
	default:
		return resource.Value{}, false
	}
}

func isText(v cty.Value) bool {
	return v.IsKnown() && !v.IsNull() && !v.IsMarked() && v.Type() == cty.String
}

// maxQuoted is how much of an expression is shown, in bytes.
const maxQuoted = 60

// shown quotes an expression on one line.
func (v *nativeValue) shown(e hclsyntax.Expression) string {
	return quoted(string(e.Range().SliceBytes(v.doc.content)))
}

func quoted(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxQuoted {
		text = strings.ToValidUTF8(text[:maxQuoted], "") + "…"
	}
	return text
}
