package directory

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
)

// Assignment is a value for a variable of every root that declares it.
type Assignment struct {
	// File is a variables file, for --var-file; empty for a single value.
	File string
	// Name and Value are one variable, for --var.
	Name, Value string
}

// given is the value that a variable of a root gets from outside.
type given struct {
	attribute *hcl.Attribute // of a variables file, or nil
	text      string         // of --var or the environment
	said      string         // where the text was said
}

// value reads the given value for a variable of a type. A text is taken as it
// is for a text or any type, and read as an expression otherwise.
func (g given) value(asText bool) cty.Value {
	if g.attribute != nil {
		v, diags := g.attribute.Expr.Value(nil)
		if diags.HasErrors() {
			return unknown(why{detail: g.attribute.Range.Filename + ", " + describe(diags)})
		}
		return v
	}
	if asText {
		return cty.StringVal(g.text)
	}
	expr, diags := hclsyntax.ParseExpression([]byte(g.text), g.said, hcl.InitialPos)
	if diags.HasErrors() {
		return unknown(why{detail: g.said + ": " + describe(diags)})
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() {
		return unknown(why{detail: g.said + ": " + describe(diags)})
	}
	return v
}

// origin is the line of the variables file, or the words on the command line.
func (g given) origin(t *tracer, below []string, address string) *resource.Origin {
	if g.attribute == nil {
		return &resource.Origin{Address: g.said}
	}
	return t.inside(t.scope, nil).at(g.attribute, below, address)
}

const environmentPrefix = "TF_VAR_"

// valuesOf collects what the variables of a root are given: the environment,
// terraform.tfvars, *.auto.tfvars in alphabetical order, and then what the
// caller names, in that order. The last one counts.
func (s *Source) valuesOf(t *tree, root *module, names []string) (map[string]given, []finding.Gap) {
	values := make(map[string]given)
	for _, entry := range s.options.Environment {
		if name, text, ok := strings.Cut(entry, "="); ok && strings.HasPrefix(name, environmentPrefix) {
			values[strings.TrimPrefix(name, environmentPrefix)] = given{text: text, said: name}
		}
	}
	var gaps []finding.Gap
	for _, name := range valueFiles(names) {
		gaps = append(gaps, readValues(t, path.Join(root.dir, name), values)...)
	}
	for _, a := range s.options.Variables {
		if a.File != "" {
			gaps = append(gaps, readValues(t, a.File, values)...)
			continue
		}
		values[a.Name] = given{text: a.Value, said: "--var " + a.Name}
	}
	return values, gaps
}

// valueFiles picks the files that Terraform reads by itself, in its order.
func valueFiles(names []string) []string {
	var files []string
	for _, name := range names {
		if kindOf(name) == valueFile {
			files = append(files, name)
		}
	}
	rank := func(name string) int {
		return slices.Index([]string{"terraform.tfvars", "terraform.tfvars.json"}, name) & 3 // 0, 1, or 3 for the others
	}
	slices.SortFunc(files, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b)) })
	return files
}

func readValues(t *tree, file string, into map[string]given) []finding.Gap {
	data, err := t.read(file)
	if err == nil {
		var attributes hcl.Attributes
		if attributes, err = parseValues(data, file); err == nil {
			for name, a := range attributes {
				into[name] = given{attribute: a}
			}
			return nil
		}
	}
	return []finding.Gap{{File: file, Reason: finding.GapMalformed, Detail: err.Error()}}
}

func parseValues(data []byte, file string) (hcl.Attributes, error) {
	body, diags := parse(data, file)
	if diags.HasErrors() {
		return nil, errors.New(describe(diags))
	}
	attributes, diags := body.JustAttributes()
	if diags.HasErrors() {
		return nil, errors.New(describe(diags))
	}
	return attributes, nil
}

// UndeclaredError is a variable that no root declares.
type UndeclaredError struct {
	Name string
	// Declared are the variables that the roots do declare, in order.
	Declared []string
}

func (e *UndeclaredError) Error() string {
	return fmt.Sprintf("--var %s: no root module declares a variable %q", e.Name, e.Name)
}

// Hint names the variables that there are.
func (e *UndeclaredError) Hint() string {
	if len(e.Declared) == 0 {
		return "holdfast scan without --var: the code declares no variables"
	}
	return "holdfast scan --var NAME=VALUE, with one of: " + strings.Join(e.Declared, ", ")
}
