package directory

import (
	"maps"

	"github.com/hashicorp/go-cty-funcs/collection"
	"github.com/hashicorp/go-cty-funcs/uuid"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	ctyyaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// pure lists the built-in functions that depend on nothing but their
// arguments.
func pure() map[string]function.Function {
	all := map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "log": stdlib.LogFunc,
		"max": stdlib.MaxFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "pow": stdlib.PowFunc,
		"signum": stdlib.SignumFunc,

		"chomp": stdlib.ChompFunc, "format": sized(stdlib.FormatFunc, formattedSize), "formatlist": sized(stdlib.FormatListFunc, formattedSize),
		"indent": sized(stdlib.IndentFunc, indentedSize), "join": sized(stdlib.JoinFunc, joinedSize), "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc,
		"regexall": stdlib.RegexAllFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc,
		"substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"upper": stdlib.UpperFunc,

		"chunklist": stdlib.ChunklistFunc, "coalesce": collection.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc,
		"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
		"distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc,
		"keys": stdlib.KeysFunc, "merge": stdlib.MergeFunc, "range": stdlib.RangeFunc, "reverse": stdlib.ReverseListFunc,
		"setintersection": stdlib.SetIntersectionFunc, "setproduct": sized(stdlib.SetProductFunc, productSize),
		"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,

		"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"yamldecode": ctyyaml.YAMLDecodeFunc, "yamlencode": ctyyaml.YAMLEncodeFunc,

		"formatdate": stdlib.FormatDateFunc, "timeadd": stdlib.TimeAddFunc,

		"uuidv5": uuid.V5Func,

		"can": tryfunc.CanFunc, "try": tryfunc.TryFunc,
	}
	maps.Copy(all, collections())
	maps.Copy(all, texts())
	maps.Copy(all, encodings())
	maps.Copy(all, addresses())
	maps.Copy(all, digests())
	maps.Copy(all, conversions())
	return all
}

// impure lists the functions of Terraform whose result differs from run to run
// or from machine to machine.
func impure() []string {
	return []string{"timestamp", "plantimestamp", "uuid", "bcrypt", "abspath", "pathexpand"}
}

// builtIns are the functions that are the same for every root.
func builtIns() map[string]function.Function {
	all := pure()
	for _, name := range impure() {
		all[name] = openFunction(name, name+"() is known only when Terraform runs")
	}
	all["rsadecrypt"] = openFunction("rsadecrypt", "rsadecrypt() gives a secret, which is not looked at")
	return withCore(all)
}

// withFiles adds the functions that read files, as seen from a root module.
// Their templates and all expressions count their steps in one place.
func withFiles(known map[string]function.Function, t *tree, root string, w *work) map[string]function.Function {
	known = maps.Clone(known)
	known[workName] = w.counter()
	all := maps.Clone(known)
	maps.Copy(all, withCore(fileFunctions(&files{tree: t, root: root, functions: known})))
	return all
}

// withCore adds the long names, such as core::upper.
func withCore(all map[string]function.Function) map[string]function.Function {
	for name, f := range maps.Clone(all) {
		all["core::"+name] = f
	}
	return all
}

// openFunction takes any arguments and returns an unknown value.
func openFunction(name, detail string) function.Function {
	result := unknown(why{settle: "function " + name, detail: detail})
	return function.New(&function.Spec{
		VarParam: &function.Parameter{
			Name: "arguments", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
		},
		Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return result, nil },
	})
}
