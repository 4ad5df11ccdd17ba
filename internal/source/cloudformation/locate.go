package cloudformation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// Decision is what decides a property of a resource, down to the node.
type Decision struct {
	// Value is what the templates give; absent where they say nothing.
	Value Value
	// File holds Node, named as origins name files.
	File string
	// Node states the value. Where Add is not empty, it is the set of fields in
	// which those names are missing, or the null that stands for one. It is nil
	// where no single node decides: a function does, or the command line.
	Node *yaml.Node
	// Add are the names that Node lacks, the outermost first.
	Add []string
	// Stated is what the property stands as in the template, from its name; it
	// is the resource's own place where the template leaves the property out.
	Stated resource.Origin
	// Parameters handed the value on, the one that the property refers to first.
	Parameters []Parameter
}

// Parameter is the declaration of a parameter.
type Parameter struct {
	Name string
	File string
	// Declared holds Type, Default, AllowedValues and the like.
	Declared *yaml.Node
}

// passed lists the parameters that handed on a value, the last first.
type passed struct {
	name, file string
	declared   *yaml.Node
	before     *passed
}

func (p *passed) parameters() []Parameter {
	var all []Parameter
	for ; p != nil; p = p.before {
		all = append(all, Parameter{Name: p.name, File: p.file, Declared: p.declared})
	}
	return all
}

// Locator finds what decides the properties of resources that a Source with the
// same options has read. It is for one goroutine.
type Locator struct {
	disk  disk
	given *given
	tops  map[string]*stack
	load  func(file string) (*template, error)
}

// NewLocator makes a locator that reads files with read. It fails when a
// parameter file cannot be used.
func NewLocator(o Options, read func(file string) ([]byte, error)) (*Locator, error) {
	disk := newDisk(o.Overlay, read)
	given, err := readGiven(o, disk)
	if err != nil {
		return nil, err
	}
	return &Locator{disk: disk, given: given, tops: make(map[string]*stack), load: cached(disk.load)}, nil
}

// NotThereError is a resource that the templates do not have.
type NotThereError struct{ File, Address string }

func (e *NotThereError) Error() string {
	return fmt.Sprintf("%s has no resource %s", e.File, e.Address)
}

// Locate finds what decides a property, by CloudFormation's name. A path of
// several names, joined by dots, goes into nested fields. It is a
// *NotThereError when there is no such resource.
func (l *Locator) Locate(r *resource.Ref, path string) (*Decision, error) {
	o, err := l.object(r)
	if err != nil {
		return nil, err
	}
	d := o.decision(strings.Split(path, "."))
	d.Stated = o.Where(path)
	d.Parameters = d.Value.through.parameters()
	return d, nil
}

// Metadata returns a text of a resource's metadata, such as aws:cdk:path; "" for
// none. It is a *NotThereError when there is no such resource.
func (l *Locator) Metadata(r *resource.Ref, name string) (string, error) {
	o, err := l.object(r)
	if err != nil {
		return "", err
	}
	return textOf(field(o.entry.body, "Metadata"), name), nil
}

// object finds a resource as the reader sees it: in a stack whose open
// condition counts as true.
func (l *Locator) object(r *resource.Ref) (*Object, error) {
	s, err := l.top(r)
	if err != nil {
		return nil, err
	}
	ids := strings.Split(r.Origin.Address, "/")
	for i, id := range ids {
		one, ok := s.byID[id]
		o := (*Object)(nil)
		if ok {
			o = s.object(one)
		}
		if o == nil {
			break
		}
		if name := textOf(one.body, "Condition"); name != "" && s.presence(one).is == Unsure {
			s = s.supposing(one.loop.fill(name))
			o = s.object(one)
		}
		if i == len(ids)-1 {
			return o, nil
		}
		if s = s.child(one); s == nil {
			break
		}
	}
	return nil, &NotThereError{File: r.Origin.File, Address: r.Origin.Address}
}

// top is the stack of the root template of a resource.
func (l *Locator) top(r *resource.Ref) (*stack, error) {
	file := r.Origin.Root
	if file == "" {
		file = r.Origin.File
	}
	if s, ok := l.tops[file]; ok {
		return s, nil
	}
	t, err := l.load(file)
	if err != nil {
		return nil, err
	}
	from := root{file: file}
	shared := &run{disk: l.disk, load: l.load, report: func(finding.Gap) {}}
	s := newStack(t, shared, "", l.given.arguments(from), l.given.pseudo(from))
	s.tags = l.given.tagsOf(from)
	l.tops[file] = s
	return s, nil
}

// decision finds the node that decides a property.
func (o *Object) decision(names []string) *Decision {
	if o.stack.macro != nil || field(o.entry.body, "Fn::Transform") != nil {
		return &Decision{Value: o.Property(strings.Join(names, "."))}
	}
	o.stack.run.work = 0 // each property is looked at once more, within the bounds of one
	e := o.stack.evaluator(o.Address)
	e.loop = o.entry.loop
	switch {
	case o.properties == nil:
		return o.lacks(o.entry.body, append([]string{"Properties"}, names...))
	case o.dynamic():
		return o.within(e, e.value(o.properties), names)
	case o.properties.Kind != yaml.MappingNode:
		return o.lacks(o.properties, names)
	}
	n := field(o.properties, names[0])
	if n == nil {
		return o.lacks(o.properties, names)
	}
	return o.within(e, e.value(n), names[1:])
}

// lacks is the decision where names are not stated in a node of the template.
func (o *Object) lacks(n *yaml.Node, names []string) *Decision {
	return &Decision{File: o.stack.file, Node: n, Add: slices.Clone(names)}
}

// within follows names into a value.
func (o *Object) within(e evaluator, v Value, names []string) *Decision {
	for i, name := range names {
		inner, found := v.fields[name]
		switch n := v.node; {
		case v.kind == resource.Map && found:
			v = inner
		case v.kind == resource.Map && v.open != nil, n == nil, v.kind != resource.Map && v.kind != resource.Absent:
			return &Decision{Value: v.path(strings.Join(names[i:], "."))}
		case v.kind == resource.Map && field(n, name) != nil:
			v = e.value(field(n, name)) // a null, or what comes to nothing
		default:
			return o.lacks(n, names[i:])
		}
	}
	d := &Decision{Value: v, Node: v.node}
	if d.Node != nil {
		d.File = v.Origin.File
	}
	if d.Node != nil && d.File == "" {
		d.File = o.stack.file // of what is absent nobody knows the origin
	}
	return d
}
