package cloudformation

import (
	"fmt"
	"maps"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// given is what is known beside the templates.
type given struct {
	overrides map[string]string
	values    map[string]Value // from parameter files
	tags      map[string]string
}

// ParameterFileError is a parameter file that cannot be used.
type ParameterFileError struct {
	File  string
	Line  int // 0 when the whole file is meant
	Cause error
}

func (e *ParameterFileError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("parameter file %s: %s", e.File, e.Cause)
	}
	return fmt.Sprintf("parameter file %s:%d: %s", e.File, e.Line, e.Cause)
}

// Unwrap returns the cause.
func (e *ParameterFileError) Unwrap() error { return e.Cause }

// Hint writes what such a file looks like.
func (e *ParameterFileError) Hint() string {
	return `echo '[{"ParameterKey": "Days", "ParameterValue": "7"}]' > parameters-example.json`
}

// UndeclaredError is a parameter that was given and that no template declares.
type UndeclaredError struct {
	Name     string
	Declared []string // sorted
}

func (e *UndeclaredError) Error() string {
	if len(e.Declared) == 0 {
		return fmt.Sprintf("no template has a parameter %s, or any other", e.Name)
	}
	return fmt.Sprintf("no template has a parameter %s, only %s", e.Name, strings.Join(e.Declared, ", "))
}

// Hint writes how a parameter is given.
func (e *UndeclaredError) Hint() string {
	name := "NAME"
	if len(e.Declared) > 0 {
		name = e.Declared[0]
	}
	return "holdfast scan --template-param " + name + "=VALUE PATH"
}

// readGiven reads the parameter files.
func readGiven(o Options, disk disk) (*given, error) {
	g := &given{overrides: o.Parameters, values: make(map[string]Value), tags: make(map[string]string)}
	for _, file := range o.ParameterFiles {
		if err := g.read(file, disk); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *given) read(file string, disk disk) error {
	data, err := disk.read(file)
	if err != nil {
		return &ParameterFileError{File: file, Cause: err}
	}
	d, err := parse(file, data)
	if syntax, ok := err.(*SyntaxError); ok {
		return &ParameterFileError{File: file, Line: syntax.Line, Cause: fmt.Errorf("%s", syntax.Cause)}
	}
	if err != nil {
		return &ParameterFileError{File: file, Cause: err}
	}
	p := &parameterFile{document: d, given: g, seen: make(map[string]bool)}
	return p.read()
}

// parameterFile reads one file into what is given.
type parameterFile struct {
	*document
	given *given
	seen  map[string]bool
}

func (p *parameterFile) fault(n *yaml.Node, format string, args ...any) error {
	return &ParameterFileError{File: p.file, Line: n.Line, Cause: fmt.Errorf(format, args...)}
}

// read tells the forms apart: the AWS CLI has a list of ParameterKey and
// ParameterValue or of Key=Value, CodePipeline a map with Parameters and Tags;
// others have the parameters alone.
func (p *parameterFile) read() error {
	top := target(p.root)
	if top.Kind == yaml.SequenceNode {
		for _, item := range top.Content {
			if err := p.item(target(item)); err != nil {
				return err
			}
		}
		return nil
	}
	values := field(top, "Parameters")
	if values == nil && plainFields(top) {
		values = top
	}
	if values == nil || values.Kind != yaml.MappingNode {
		return p.fault(top, "it is neither a list of ParameterKey and ParameterValue nor a map of parameters")
	}
	for key, value := range fields(values) {
		if err := p.set(key.Value, target(value)); err != nil {
			return err
		}
	}
	if values == top {
		return nil
	}
	for key, value := range fields(field(top, "Tags")) {
		if value = target(value); value.Kind != yaml.ScalarNode {
			return p.fault(value, "the tag %s is no text", key.Value)
		}
		p.given.tags[key.Value] = value.Value
	}
	return nil
}

// plainFields reports whether a node is a map of nothing but texts.
func plainFields(n *yaml.Node) bool {
	for _, value := range fields(n) {
		if target(value).Kind != yaml.ScalarNode {
			return false
		}
	}
	return n.Kind == yaml.MappingNode && len(n.Content) > 0
}

func (p *parameterFile) item(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		name, _, ok := strings.Cut(n.Value, "=")
		if !ok || name == "" {
			return p.fault(n, "%q is not of the form Key=Value", n.Value)
		}
		value := *n
		value.Value = n.Value[len(name)+1:]
		return p.set(name, &value)
	}
	name := textOf(n, "ParameterKey")
	if name == "" {
		return p.fault(n, "an entry has no ParameterKey")
	}
	value := field(n, "ParameterValue")
	if value == nil {
		if textOf(n, "UsePreviousValue") == "true" {
			p.given.values[name] = ofMissing(resource.Missing{
				Reason: resource.ReasonUnresolved, Settle: "parameter " + name,
				Detail: fmt.Sprintf("parameter %s keeps the value that the stack has (%s:%d)", name, p.file, n.Line),
			}, "parameter "+name, p.at(n, name))
			return nil
		}
		return p.fault(n, "%s has no ParameterValue", name)
	}
	return p.set(name, value)
}

func (p *parameterFile) set(name string, n *yaml.Node) error {
	switch {
	case p.seen[name]:
		return p.fault(n, "%s is given twice", name)
	case n.Kind == yaml.SequenceNode:
		items := make([]string, len(n.Content))
		for i, item := range n.Content {
			items[i] = target(item).Value
		}
		p.given.values[name] = ofText(strings.Join(items, ","), p.at(n, name)).statedBy(n)
	case n.Kind != yaml.ScalarNode:
		return p.fault(n, "the value of %s is no text", name)
	default:
		p.given.values[name] = ofText(n.Value, p.at(n, name)).statedBy(n)
	}
	p.seen[name] = true
	return nil
}

// arguments are the parameters of a root template: those of its assembly, of
// the files and of the command line, each winning over the one before.
func (g *given) arguments(from root) Value {
	args := make(map[string]Value)
	for name, text := range from.parameters {
		args[name] = ofText(text, resource.Origin{})
	}
	maps.Copy(args, g.values)
	for name, text := range g.overrides {
		if !strings.HasPrefix(name, "AWS::") {
			args[name] = ofText(text, resource.Origin{})
		}
	}
	return ofMap(args, nil, resource.Origin{})
}

// pseudo are the pseudo parameters of a root template.
func (g *given) pseudo(from root) map[string]string {
	pseudo := make(map[string]string)
	maps.Copy(pseudo, from.pseudo)
	for name, text := range g.overrides {
		if strings.HasPrefix(name, "AWS::") {
			pseudo[name] = text
		}
	}
	return withDerived(pseudo)
}

// tagsOf are the tags of the stack of a root template.
func (g *given) tagsOf(from root) map[string]string {
	tags := maps.Clone(from.tags)
	if tags == nil {
		tags = make(map[string]string)
	}
	maps.Copy(tags, g.tags)
	return tags
}

// check refuses parameters that no template declares: a typing error would
// leave the meant one open. Files may hold more than one template needs.
func (g *given) check(roots []root, disk disk) error {
	declared := make(map[string]bool)
	for _, one := range roots {
		if len(g.overrides) == 0 {
			break
		}
		t, err := disk.load(one.file)
		if err != nil {
			return nil // what it declares cannot be told; reading it says why
		}
		for name := range t.parameters {
			declared[name] = true
		}
	}
	for _, name := range sortedKeys(g.overrides) {
		if !declared[name] && !pseudoName(name) {
			return &UndeclaredError{Name: name, Declared: sortedKeys(declared)}
		}
	}
	return nil
}

func pseudoName(name string) bool {
	switch name {
	case "AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix":
		return true
	default:
		return false
	}
}
