package directory

import (
	"maps"
	"strconv"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// made is the one item that a dynamic block is made from.
type made struct {
	from hcl.Expression
	key  string
}

// iterate notes what a dynamic block is made from, and reports whether it is
// one item.
func (t *tracer) iterate(name string, each hcl.Expression) bool {
	v := t.evaluated(each)
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() || v.LengthInt() != 1 {
		return false
	}
	it := v.ElementIterator()
	it.Next()
	key, item := it.Element()
	key, _ = key.Unmark()
	text, err := convert.Convert(key, cty.String)
	if err != nil || !text.IsKnown() || v.Type().IsSetType() {
		return false
	}
	t.vars = maps.Clone(t.vars)
	if t.vars == nil {
		t.vars = make(map[string]cty.Value)
	}
	t.vars[name] = cty.ObjectVal(map[string]cty.Value{"key": key, "value": item})
	t.made = map[string]made{name: {from: each, key: text.AsString()}}
	return true
}

// element goes into an item of a list that is written out.
func (t *tracer) element(list *hclsyntax.TupleConsExpr, path []string) *resource.Origin {
	if len(path) == 0 {
		return nil
	}
	n, err := strconv.Atoi(path[0])
	if err != nil || n < 0 || n >= len(list.Exprs) {
		return nil
	}
	return t.follow(list.Exprs[n], path[1:])
}
