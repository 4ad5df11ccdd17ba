package directory

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// texts are the functions on text and time that Terraform adds.
func texts() map[string]function.Function {
	return map[string]function.Function{
		"startswith":  startsWithFunction(),
		"endswith":    textTest("suffix", strings.HasSuffix),
		"strcontains": textTest("substr", strings.Contains),
		"replace":     sized(replaceFunction(), replacedSize),
		"timecmp":     timeCompareFunction(),
	}
}

// startsWithFunction can tell of a text of which only the beginning is known.
func startsWithFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String, AllowUnknown: true}, {Name: "prefix", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			prefix := args[1].AsString()
			if args[0].IsKnown() {
				return cty.BoolVal(strings.HasPrefix(args[0].AsString(), prefix)), nil
			}
			begins := args[0].Range().StringPrefix()
			same := min(len(begins), len(prefix))
			switch {
			case begins[:same] != prefix[:same]:
				return cty.False, nil
			case same == len(prefix):
				return cty.True, nil
			default:
				return cty.UnknownVal(cty.Bool), nil
			}
		},
	})
}

func textTest(name string, test func(text, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: name, Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(test(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// replaceFunction takes a search text between slashes for a pattern.
func replaceFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}, {Name: "substr", Type: cty.String}, {Name: "replace", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, search, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
			if len(search) > 1 && strings.HasPrefix(search, "/") && strings.HasSuffix(search, "/") {
				pattern, err := regexp.Compile(search[1 : len(search)-1])
				if err != nil {
					return cty.NilVal, err
				}
				return cty.StringVal(pattern.ReplaceAllString(text, with)), nil
			}
			return cty.StringVal(strings.ReplaceAll(text, search, with)), nil
		},
	})
}

func timeCompareFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "a", Type: cty.String}, {Name: "b", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			a, errA := time.Parse(time.RFC3339, args[0].AsString())
			b, errB := time.Parse(time.RFC3339, args[1].AsString())
			if err := errors.Join(errA, errB); err != nil {
				return cty.NilVal, err
			}
			return cty.NumberIntVal(int64(a.Compare(b))), nil
		},
	})
}

// conversions are the functions that change a type or a mark.
func conversions() map[string]function.Function {
	return map[string]function.Function{
		"tostring": conversion(cty.String), "tonumber": conversion(cty.Number), "tobool": conversion(cty.Bool),
		"tolist": conversion(cty.List(cty.DynamicPseudoType)), "toset": conversion(cty.Set(cty.DynamicPseudoType)),
		"tomap": conversion(cty.Map(cty.DynamicPseudoType)), "convert": typeexpr.ConvertFunc,
		"sensitive": remark(func(v cty.Value) cty.Value { return v.Mark(secret{}) }),
		"nonsensitive": remark(func(v cty.Value) cty.Value {
			v, marks := v.Unmark()
			delete(marks, secret{})
			return v.WithMarks(marks)
		}),
		"issensitive": remark(func(v cty.Value) cty.Value { return cty.BoolVal(v.HasMark(secret{})) }),
		"ephemeralasnull": remark(func(v cty.Value) cty.Value {
			if v.HasMark(secret{}) {
				return cty.NullVal(v.Type())
			}
			return v
		}),
	}
}

func conversion(to cty.Type) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "v", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowMarked: true, AllowDynamicType: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) {
			from := args[0].Type()
			if from.Equals(to) {
				return to, nil
			}
			v, err := convert.Convert(args[0], to)
			if err != nil {
				return cty.NilType, function.NewArgError(0, err)
			}
			return v.Type(), nil
		},
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) { return convert.Convert(args[0], t) },
	})
}

func remark(change func(cty.Value) cty.Value) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowMarked: true, AllowDynamicType: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) { return change(args[0]).Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return change(args[0]), nil },
	})
}
