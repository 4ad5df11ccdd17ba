package cloudformation

import (
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// template is a file that describes a stack.
type template struct {
	*document
	parameters map[string]*yaml.Node
	mappings   *yaml.Node
	resources  *yaml.Node
	transforms []transform
	// macro is why every property is unknown: a macro rewrites the template.
	macro *resource.Missing
	noted remarks
}

func newTemplate(d *document) (*template, error) {
	if target(d.root).Kind != yaml.MappingNode {
		return nil, d.fault(d.root.Line, "a template is a set of sections, such as Resources")
	}
	t := &template{
		document:   d,
		parameters: section(d.root, "Parameters"),
		mappings:   field(d.root, "Mappings"),
		resources:  field(d.root, "Resources"),
	}
	if t.resources == nil || t.resources.Kind != yaml.MappingNode {
		return nil, d.fault(d.root.Line, "there is no Resources section: this is no CloudFormation template")
	}
	t.place(d.said)
	t.transforms = transforms(field(d.root, "Transform"))
	for _, one := range t.transforms {
		if t.macro == nil && one.rewrites() {
			t.macro = macroMissing("the macro " + one.name)
		}
	}
	return t, nil
}

// section indexes a section by the names in it.
func section(root *yaml.Node, name string) map[string]*yaml.Node {
	index := make(map[string]*yaml.Node)
	for key, value := range fields(field(root, name)) {
		index[key.Value] = target(value)
	}
	return index
}

// at is the place of a node in the file, under an address.
func (d *document) at(n *yaml.Node, address string) resource.Origin {
	return resource.Origin{File: d.file, Line: n.Line, EndLine: d.lastLine(n), Address: address}
}

// entry is one resource, condition or output as the template writes it, after
// loops.
type entry struct {
	id   string // logical id
	key  *yaml.Node
	body *yaml.Node
	loop *binding
}

func (e entry) typ() string { return textOf(e.body, "Type") }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
