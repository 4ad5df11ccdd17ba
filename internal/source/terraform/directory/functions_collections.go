package directory

import (
	"errors"
	"math/big"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// collections are the functions on lists and maps in which Terraform differs
// from the standard library of its language.
func collections() map[string]function.Function {
	return map[string]function.Function{
		"alltrue": truths(true), "anytrue": truths(false), "flatten": flattenFunction(), "index": indexFunction(), "length": lengthFunction(),
		"lookup": lookupFunction(), "matchkeys": matchKeysFunction(), "one": oneFunction(), "sum": sumFunction(),
		"transpose": transposeFunction(),
	}
}

func anything(name string) function.Parameter {
	return function.Parameter{Name: name, Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true}
}

// truths makes alltrue and anytrue. Unset items count as false.
func truths(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			open := false
			for it := args[0].ElementIterator(); it.Next(); {
				switch _, item := it.Element(); {
				case !item.IsKnown():
					open = true
				case (!item.IsNull() && item.True()) != all:
					return cty.BoolVal(!all), nil
				}
			}
			if open {
				return cty.UnknownVal(cty.Bool), nil
			}
			return cty.BoolVal(all), nil
		},
	})
}

func isSequence(t cty.Type) bool { return t.IsListType() || t.IsSetType() || t.IsTupleType() }

func indexFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType, AllowNull: true}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].Type().IsListType() && !args[0].Type().IsTupleType() {
				return cty.NilVal, errors.New("argument must be a list or tuple")
			}
			if !args[0].IsWhollyKnown() {
				return cty.UnknownVal(cty.Number), nil
			}
			for it := args[0].ElementIterator(); it.Next(); {
				at, item := it.Element()
				same, err := stdlib.Equal(item, args[1])
				if err != nil {
					return cty.NilVal, err
				}
				if !same.IsKnown() {
					return cty.UnknownVal(cty.Number), nil
				}
				if same.True() {
					return at, nil
				}
			}
			return cty.NilVal, errors.New("item not found")
		},
	})
}

// flattenFunction holds that nobody can flatten what may be a list: the
// standard library knows that only of values without a mark.
func flattenFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType, AllowMarked: true}},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if mayHoldLists(args[0]) {
				return cty.DynamicVal.WithMarks(marksBelow(args[0])), nil
			}
			return stdlib.Flatten(args[0])
		},
	})
}

func mayHoldLists(v cty.Value) bool {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown():
		return v.Type() == cty.DynamicPseudoType || isSequence(v.Type())
	case v.IsNull() || !isSequence(v.Type()):
		return false
	}
	for it := v.ElementIterator(); it.Next(); {
		if _, item := it.Element(); mayHoldLists(item) {
			return true
		}
	}
	return false
}

func lengthFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{anything("value")},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			switch t := args[0].Type(); {
			case t == cty.DynamicPseudoType:
				return cty.UnknownVal(cty.Number), nil
			case t.IsTupleType():
				return cty.NumberIntVal(int64(t.Length())), nil
			case t.IsObjectType():
				return cty.NumberIntVal(int64(len(t.AttributeTypes()))), nil
			case t == cty.String:
				return stdlib.Strlen(args[0])
			case t.IsCollectionType():
				return args[0].Length(), nil
			}
			return cty.NilVal, errors.New("argument must be a string, a collection type, or a structural type")
		},
	})
}

func lookupFunction() function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{anything("map"), {Name: "key", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true},
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !args[0].IsKnown() {
				return cty.DynamicVal, nil
			}
			if len(args) > 3 {
				return cty.NilVal, errors.New("lookup() takes two or three arguments")
			}
			key, t := args[1].AsString(), args[0].Type()
			switch {
			case t.IsObjectType() && t.HasAttribute(key):
				return args[0].GetAttr(key), nil
			case t.IsMapType() && args[0].HasIndex(args[1]).True():
				return args[0].Index(args[1]), nil
			case !t.IsObjectType() && !t.IsMapType():
				return cty.NilVal, errors.New("lookup() requires a map as the first argument")
			case len(args) < 3:
				return cty.NilVal, errors.New("the given key does not identify an element in this collection value")
			case t.IsMapType():
				return convert.Convert(args[2], t.ElementType())
			}
			return args[2], nil
		},
	})
}

func matchKeysFunction() function.Function {
	list := cty.List(cty.DynamicPseudoType)
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "values", Type: list}, {Name: "keys", Type: list}, {Name: "searchset", Type: list}},
		Type: func(args []cty.Value) (cty.Type, error) {
			if args[0].Type() == cty.DynamicPseudoType {
				return cty.DynamicPseudoType, nil
			}
			return args[0].Type(), nil
		},
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			if !args[0].IsKnown() || !args[1].IsWhollyKnown() || !args[2].IsWhollyKnown() {
				return cty.UnknownVal(t), nil
			}
			values, keys := args[0].AsValueSlice(), args[1].AsValueSlice()
			if len(values) != len(keys) {
				return cty.NilVal, errors.New("length of keys and values should be equal")
			}
			var found []cty.Value
			for i, key := range keys {
				for it := args[2].ElementIterator(); it.Next(); {
					_, wanted := it.Element()
					if same, err := stdlib.Equal(key, wanted); err == nil && same.IsKnown() && same.True() {
						found = append(found, values[i])
						break
					}
				}
			}
			if len(found) == 0 {
				return cty.ListValEmpty(t.ElementType()), nil
			}
			return cty.ListVal(found), nil
		},
	})
}

func oneFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{anything("list")},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			t := args[0].Type()
			if t == cty.DynamicPseudoType || !args[0].IsKnown() && !t.IsTupleType() {
				return cty.DynamicVal, nil
			}
			if !isSequence(t) {
				return cty.NilVal, errors.New("must be a list, set, or tuple value with either zero or one elements")
			}
			if n := args[0].Length(); !n.IsKnown() {
				return cty.DynamicVal, nil
			}
			switch args[0].LengthInt() {
			case 0:
				return cty.NullVal(cty.DynamicPseudoType), nil
			case 1:
				it := args[0].ElementIterator()
				it.Next()
				_, item := it.Element()
				return item, nil
			default:
				return cty.NilVal, errors.New("must be a list, set, or tuple value with either zero or one elements")
			}
		},
	})
}

func sumFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if !isSequence(args[0].Type()) || args[0].LengthInt() == 0 {
				return cty.NilVal, errors.New("cannot sum an empty list, or what is no list")
			}
			total := cty.NumberVal(new(big.Float))
			for it := args[0].ElementIterator(); it.Next(); {
				_, item := it.Element()
				number, err := convert.Convert(item, cty.Number)
				if err != nil || number.IsNull() {
					return cty.NilVal, errors.New("argument must be list, set, or tuple of number values")
				}
				total = total.Add(number)
			}
			return total, nil
		},
	})
}

func transposeFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "values", Type: cty.Map(cty.List(cty.String))}},
		Type:   function.StaticReturnType(cty.Map(cty.List(cty.String))),
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			if !args[0].IsWhollyKnown() {
				return cty.UnknownVal(t), nil
			}
			turned := make(map[string][]cty.Value)
			for it := args[0].ElementIterator(); it.Next(); {
				key, list := it.Element()
				for below := list.ElementIterator(); below.Next(); {
					_, item := below.Element()
					if item.IsNull() {
						return cty.NilVal, errors.New("input must not contain null")
					}
					turned[item.AsString()] = append(turned[item.AsString()], key)
				}
			}
			if len(turned) == 0 {
				return cty.MapValEmpty(cty.List(cty.String)), nil
			}
			fields := make(map[string]cty.Value, len(turned))
			for name, keys := range turned {
				fields[name] = cty.ListVal(keys)
			}
			return cty.MapVal(fields), nil
		},
	})
}
