package directory

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// guardedJSON stands in for an expression of the JSON syntax in which loops may
// stand within loops. Such an expression parses its templates anew each time
// that it is evaluated, so that they cannot be guarded beforehand.
func guardedJSON(expr hcl.Expression) hcl.Expression {
	if _, native := expr.(hclsyntax.Expression); native {
		return expr
	}
	raw, diags := expr.Value(nil) // the texts as they stand there
	if diags.HasErrors() || !loopsInLoops(raw) {
		return expr
	}
	return &jsonExpression{Expression: expr, raw: raw}
}

func loopsInLoops(raw cty.Value) bool {
	found := false
	// The walk fails nowhere, since what it calls does not.
	_ = cty.Walk(raw, func(_ cty.Path, v cty.Value) (bool, error) {
		if v.Type() == cty.String && v.IsKnown() && !v.IsNull() && strings.Count(v.AsString(), "for") > 1 {
			found = true
		}
		return !found, nil
	})
	return found
}

// jsonExpression evaluates the templates in a piece of JSON by itself.
type jsonExpression struct {
	hcl.Expression
	raw cty.Value
}

// Value implements hcl.Expression.
func (j *jsonExpression) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	v := j.evaluate(j.raw, ctx, &diags)
	return v, diags
}

func (j *jsonExpression) evaluate(raw cty.Value, ctx *hcl.EvalContext, diags *hcl.Diagnostics) cty.Value {
	switch t := raw.Type(); {
	case !raw.IsKnown() || raw.IsNull():
		return raw
	case t == cty.String:
		return j.template(raw.AsString(), ctx, diags)
	case t.IsTupleType():
		items := make([]cty.Value, 0, raw.LengthInt())
		for it := raw.ElementIterator(); it.Next(); {
			_, item := it.Element()
			items = append(items, j.evaluate(item, ctx, diags))
		}
		return cty.TupleVal(items)
	case t.IsObjectType():
		fields := make(map[string]cty.Value)
		for it := raw.ElementIterator(); it.Next(); {
			key, item := it.Element()
			name := j.template(key.AsString(), ctx, diags)
			if name.IsMarked() || !name.IsKnown() || name.IsNull() || name.Type() != cty.String {
				return unknown(why{detail: "the name of a field is not known"})
			}
			fields[name.AsString()] = j.evaluate(item, ctx, diags)
		}
		return cty.ObjectVal(fields)
	default:
		return raw
	}
}

func (j *jsonExpression) template(text string, ctx *hcl.EvalContext, diags *hcl.Diagnostics) cty.Value {
	at := j.Range()
	expr, err := parseTemplate([]byte(text), at.Filename)
	if err != nil {
		*diags = append(*diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: err.Error(), Subject: &at})
		return cty.DynamicVal
	}
	v, found := expr.Value(ctx)
	*diags = append(*diags, found...)
	return v
}
