package directory

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// files are what the functions that read files can see: the tree, with names
// taken from the root module.
type files struct {
	tree      *tree
	root      string
	functions map[string]function.Function
}

func fileFunctions(f *files) map[string]function.Function {
	all := map[string]function.Function{
		"file":           f.reading(utf8Text),
		"filebase64":     f.reading(func(data []byte) (string, error) { return base64.StdEncoding.EncodeToString(data), nil }),
		"fileexists":     f.exists(),
		"fileset":        f.set(),
		"templatefile":   f.template(),
		"templatestring": f.templateText(),
	}
	for name, digest := range fileDigests() {
		all[name] = f.reading(func(data []byte) (string, error) { return digest(data), nil })
	}
	return all
}

func utf8Text(data []byte) (string, error) {
	if !utf8.Valid(data) {
		return "", errors.New("the content is no UTF-8 text")
	}
	return string(data), nil
}

var errOutside = errors.New("the file lies outside of the tree that is scanned")

// read returns a file of the tree.
func (f *files) read(name string) ([]byte, error) {
	at := filepath.Join(filepath.FromSlash(f.root), filepath.FromSlash(name))
	if filepath.IsAbs(name) || !f.tree.inside(at) {
		return nil, errOutside
	}
	return f.tree.read(at)
}

func (f *files) reading(change func([]byte) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			data, err := f.read(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			text, err := change(data)
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(text), nil
		},
	})
}

func (f *files) exists() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			_, err := f.read(args[0].AsString())
			if errors.Is(err, fs.ErrNotExist) {
				return cty.False, nil
			}
			return cty.True, err
		},
	})
}

func (f *files) set() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "pattern", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Set(cty.String)),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			names, err := f.match(args[0].AsString(), args[1].AsString())
			if err != nil || len(names) == 0 {
				return cty.SetValEmpty(cty.String), err
			}
			return cty.SetVal(names), nil
		},
	})
}

func (f *files) match(dir, pattern string) ([]cty.Value, error) {
	at := filepath.Join(filepath.FromSlash(f.root), filepath.FromSlash(dir))
	if filepath.IsAbs(dir) || !f.tree.inside(at) {
		return nil, errOutside
	}
	root, rel, err := f.tree.within(at)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	below, err := fs.Sub(root.FS(), filepath.ToSlash(rel))
	if err != nil {
		return nil, err
	}
	found, err := doublestar.Glob(below, path.Clean(pattern), doublestar.WithFilesOnly(), doublestar.WithNoFollow())
	if err != nil {
		return nil, err
	}
	slices.Sort(found)
	names := make([]cty.Value, len(found))
	for i, name := range found {
		names[i] = cty.StringVal(name)
	}
	return names, nil
}

func (f *files) template() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, anything("vars")},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			data, err := f.read(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return f.render(data, args[0].AsString(), args[1])
		},
	})
}

func (f *files) templateText() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "template", Type: cty.String}, anything("vars")},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return f.render([]byte(args[0].AsString()), "the template", args[1])
		},
	})
}

// render evaluates a template. It can call no function that reads files, and so
// no other template, which would allow circles.
func (f *files) render(data []byte, name string, vars cty.Value) (cty.Value, error) {
	expr, err := parseTemplate(data, name)
	if err != nil {
		return cty.NilVal, err
	}
	ctx := &hcl.EvalContext{Functions: f.functions, Variables: map[string]cty.Value{}}
	switch t := vars.Type(); {
	case !vars.IsKnown():
		return cty.DynamicVal, nil
	case !t.IsObjectType() && !t.IsMapType():
		return cty.NilVal, errors.New("the variables must be a map")
	}
	for it := vars.ElementIterator(); it.Next(); {
		key, value := it.Element()
		ctx.Variables[key.AsString()] = value
	}
	v, diags := expr.Value(ctx)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(describe(diags))
	}
	return v, nil
}
