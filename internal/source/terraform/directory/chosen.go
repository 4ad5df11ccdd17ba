package directory

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
)

// chosen follows a call into the argument that its result comes from, for the
// functions that pass on one of their arguments, or a field of one, as it is.
func (t *tracer) chosen(call *hclsyntax.FunctionCallExpr, path []string) *resource.Origin {
	if call.ExpandFinal || len(call.Args) == 0 {
		return nil
	}
	switch call.Name {
	case "tonumber", "tobool", "tostring", "tolist", "tomap", "toset", "nonsensitive":
		if len(call.Args) == 1 {
			return t.follow(call.Args[0], path)
		}
	case "merge":
		return t.merged(call.Args, path)
	case "lookup":
		return t.lookedUp(call.Args, path)
	case "coalesce", "try":
		return t.first(call, path)
	}
	return nil
}

// merged goes into the last argument that has the field. An argument whose
// fields are not known may have it.
func (t *tracer) merged(args []hclsyntax.Expression, path []string) *resource.Origin {
	if len(path) == 0 {
		return nil
	}
	for _, arg := range slices.Backward(args) {
		switch has, known := t.has(arg, path[0]); {
		case !known:
			return nil
		case has:
			return t.follow(arg, path)
		}
	}
	return nil
}

// lookedUp goes into the map of a lookup, or into its default.
func (t *tracer) lookedUp(args []hclsyntax.Expression, path []string) *resource.Origin {
	if len(args) < 2 {
		return nil
	}
	name, isText := t.value(args[1]).(string)
	if !isText {
		return nil
	}
	switch has, known := t.has(args[0], name); {
	case !known:
		return nil
	case has:
		return t.follow(args[0], append([]string{name}, path...))
	case len(args) == 3:
		return t.follow(args[2], path)
	}
	return nil
}

// first goes into the argument that coalesce or try takes: the first that is
// there, or that is no error. What is not known ends the search, because it may
// be either.
func (t *tracer) first(call *hclsyntax.FunctionCallExpr, path []string) *resource.Origin {
	for _, arg := range call.Args {
		v := t.evaluated(arg)
		if !v.IsKnown() {
			return nil
		}
		if call.Name == "try" || !v.IsNull() && !isEmptyText(v) {
			return t.follow(arg, path)
		}
	}
	return nil
}

func isEmptyText(v cty.Value) bool { return v.Type() == cty.String && v.AsString() == "" }

// has reports whether an object or a map has a field, where that is known.
func (t *tracer) has(expr hcl.Expression, name string) (has, known bool) {
	v := t.evaluated(expr)
	switch {
	case !v.IsKnown():
		return false, false
	case v.IsNull():
		return false, true
	case v.Type().IsObjectType():
		return v.Type().HasAttribute(name), true
	case v.Type().IsMapType():
		return v.HasIndex(cty.StringVal(name)).True(), true
	default:
		return false, false
	}
}

func (t *tracer) evaluated(expr hcl.Expression) cty.Value {
	v, _ := t.scope.value(expr, t.vars).Unmark()
	return v
}
