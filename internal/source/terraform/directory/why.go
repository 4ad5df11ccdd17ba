package directory

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
)

// why is the mark of an unknown value: what would settle it, and the cause.
type why struct{ settle, detail string }

// from is the mark of a value that was read from a resource.
type from struct{ address string }

// secret is the mark of a value that must not be shown.
type secret struct{}

// unknown makes a value that nobody can tell.
func unknown(w why) cty.Value { return cty.DynamicVal.Mark(w) }

// hasWhy reports whether marks say why a value is unknown.
func hasWhy(marks cty.ValueMarks) bool {
	for mark := range marks {
		if _, ok := mark.(why); ok {
			return true
		}
	}
	return false
}

// missingOf puts the reasons of an unknown value into one.
func missingOf(marks cty.ValueMarks) resource.Missing {
	var reasons []why
	for mark := range marks {
		if w, ok := mark.(why); ok {
			reasons = append(reasons, w)
		}
	}
	slices.SortFunc(reasons, func(a, b why) int {
		return cmp.Or(cmp.Compare(a.settle, b.settle), cmp.Compare(a.detail, b.detail))
	})
	var settle, detail []string
	for _, w := range reasons {
		if w.settle != "" && !slices.Contains(settle, w.settle) {
			settle = append(settle, w.settle)
		}
		if w.detail != "" && !slices.Contains(detail, w.detail) {
			detail = append(detail, w.detail)
		}
	}
	return resource.Missing{
		Reason: resource.ReasonUnresolved,
		Settle: strings.Join(settle, ", "),
		Detail: cmp.Or(strings.Join(detail, "; "), "the code leaves it open"),
	}
}

// refsOf lists the addresses of the resources that a value was read from.
func refsOf(marks cty.ValueMarks) []string {
	var refs []string
	for mark := range marks {
		if f, ok := mark.(from); ok {
			refs = append(refs, f.address)
		}
	}
	slices.Sort(refs)
	return refs
}

// toValue turns an evaluated value into a property value.
func toValue(v cty.Value) resource.Value {
	v, marks := v.Unmark()
	switch {
	case !v.IsKnown():
		return resource.OfUnknown(missingOf(marks))
	case v.IsNull():
		return resource.Value{}
	}
	if _, hidden := marks[secret{}]; hidden {
		delete(marks, secret{})
		return resource.OfSecret(toValue(v.WithMarks(marks)))
	}
	switch t := v.Type(); {
	case t == cty.String:
		return resource.OfString(v.AsString())
	case t == cty.Bool:
		return resource.OfBool(v.True())
	case t == cty.Number:
		return toNumber(v)
	case t.IsListType() || t.IsSetType() || t.IsTupleType():
		items := make([]resource.Value, 0, v.LengthInt())
		for it := v.ElementIterator(); it.Next(); {
			_, item := it.Element()
			items = append(items, toValue(item.WithMarks(marks)))
		}
		return resource.OfList(items...)
	case t.IsMapType() || t.IsObjectType():
		fields := make(map[string]resource.Value)
		for it := v.ElementIterator(); it.Next(); {
			key, item := it.Element()
			key, _ = key.Unmark()
			fields[key.AsString()] = toValue(item.WithMarks(marks))
		}
		return resource.OfMap(fields)
	default:
		return resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Detail: "a " + t.FriendlyName() + " is no property value"})
	}
}

func toNumber(v cty.Value) resource.Value {
	number := v.AsBigFloat()
	if n, accuracy := number.Int64(); accuracy == 0 {
		return resource.OfInt(n)
	}
	f, _ := number.Float64()
	return resource.OfFloat(f)
}

// marksBelow collects the marks of a value and of everything in it.
func marksBelow(values ...cty.Value) cty.ValueMarks {
	all := make(cty.ValueMarks)
	for _, v := range values {
		_, marks := v.UnmarkDeep()
		maps.Copy(all, marks)
	}
	return all
}

// explained returns an unknown value with a reason: its own, or those of what
// went into it. Some functions drop the marks of what they cannot tell.
func explained(v cty.Value, inputs []cty.Value) cty.Value {
	bare, marks := v.Unmark()
	if bare.IsKnown() || hasWhy(marks) {
		return v
	}
	return v.WithMarks(marksBelow(inputs...))
}
