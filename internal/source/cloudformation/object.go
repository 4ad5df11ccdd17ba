package cloudformation

import (
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// Object is one resource of a stack in CloudFormation's own words. It is for
// one goroutine.
type Object struct {
	// Type is CloudFormation's name, for example AWS::Neptune::DBCluster.
	Type string
	// ID is the logical id. Address is the same, behind the ids of the nested
	// stacks that lead to it: Data/Cluster.
	ID      string
	Address string
	Origin  resource.Origin
	// Uncertain is set when nobody can tell whether the resource will be there,
	// and says why.
	Uncertain *resource.Missing

	stack      *stack
	entry      entry
	properties *yaml.Node
	known      map[string]Value
}

// object makes the object of an entry; nil when its condition is false.
func (s *stack) object(one entry) *Object {
	if o, ok := s.objects[one.id]; ok {
		return o
	}
	d := s.presence(one)
	var o *Object
	if d.is != No {
		o = &Object{
			Type: one.typ(), ID: one.id, Address: s.path + one.id, Uncertain: s.uncertain,
			stack: s, entry: one, properties: field(one.body, "Properties"), known: make(map[string]Value),
		}
		o.Origin = s.at(one.key, o.Address)
		o.Origin.EndLine = s.lastLine(one.body)
		if s.parent != nil {
			o.Origin.Root = s.top().file
		}
		if d.is == Unsure {
			o.Uncertain = d.missing
		}
	}
	s.objects[one.id] = o
	return o
}

// presence decides whether a resource is there.
func (s *stack) presence(one entry) decision {
	n := field(one.body, "Condition")
	if n == nil {
		return decision{is: Yes}
	}
	if n.Kind != yaml.ScalarNode {
		return unsure(malformed(s.at(n, one.id), "the Condition of %s is no name", one.id))
	}
	return s.decide(one.loop.fill(n.Value), s.at(n, one.id))
}

// Property evaluates a property by CloudFormation's name. A path of several
// names, joined by dots, goes into nested fields.
func (o *Object) Property(path string) Value {
	value, ok := o.known[path]
	if !ok {
		value = o.evaluate(path)
		o.known[path] = value
	}
	return value
}

func (o *Object) evaluate(path string) Value {
	e := o.stack.evaluator(o.Address)
	e.loop = o.entry.loop
	if o.stack.macro != nil {
		return ofMissing(*o.stack.macro, "", resource.Origin{})
	}
	if included := field(o.entry.body, "Fn::Transform"); included != nil {
		missing, _ := e.transformed(included)
		return ofMissing(missing, "", resource.Origin{})
	}
	if o.properties == nil {
		return Value{}
	}
	name, rest, nested := strings.Cut(path, ".")
	n := field(o.properties, name)
	// Without functions among the properties, only the one that is asked for
	// costs anything.
	if n == nil || o.dynamic() {
		return e.value(o.properties).path(path)
	}
	value := e.value(n)
	if nested {
		value = value.path(rest)
	}
	return value
}

// dynamic reports whether the properties as a whole are made by a function.
func (o *Object) dynamic() bool {
	if _, arg := function(o.properties); arg != nil {
		return true
	}
	for key := range fields(o.properties) {
		if strings.HasPrefix(key.Value, "Fn::") {
			return true
		}
	}
	return false
}

// Where is the place of a property in the template, from its name to the end of
// its value, and with it the place that defines the value where that is
// another. It is the object's own place where the property is not stated.
func (o *Object) Where(path string) resource.Origin {
	at, within := o.Origin, o.properties
	for name := range strings.SplitSeq(path, ".") {
		key, value := fieldNode(within, name)
		if key == nil {
			break
		}
		at = o.stack.at(key, o.Address)
		at.EndLine = o.stack.lastLine(value)
		within = value
	}
	at.Root = o.Origin.Root
	if defined := o.Property(path).Origin; defined.Line > 0 && !covers(at, defined) {
		at.Defined = &defined
	}
	return at
}

// covers reports whether a place lies inside another.
func covers(outer, inner resource.Origin) bool {
	return outer.File == inner.File && outer.Line <= inner.Line && inner.Line <= outer.EndLine
}

// SetFrom sets a property of a resource to a value that a property of another
// resource decides.
func SetFrom(r *resource.Resource, property string, value resource.Value, from *Object, path string) {
	r.Properties[property] = value
	r.Where[property] = from.Where(path)
}

// Objects are the resources of a stack with its nested stacks, as they are
// where the resource is there for which they were made.
type Objects struct {
	byType map[string][]*Object
	// more is why there may be others; unread are the nested stacks whose
	// templates could not be read.
	more   *resource.Missing
	unread []*Object
}

// Of returns the objects of a type in the order of the template.
func (s *Objects) Of(typ string) []*Object { return s.byType[typ] }

// More tells why resources may stand beside an object that are not among these:
// a macro may add them, a loop may go over more, or a nested stack whose
// template is not on disk is handed the object's name. It is nil when all are
// here.
func (s *Objects) More(o *Object) *resource.Missing {
	for _, nested := range s.unread {
		given := nested.stack.argumentsOf(nested)
		for _, name := range sortedKeys(given.fields) {
			if s.more == nil && given.fields[name].Resource == o.Address {
				return &resource.Missing{
					Reason: resource.ReasonUnresolved, Settle: "the template of " + nested.Address,
					Detail: "the nested stack " + nested.Address + " is handed it, and its template was not read",
				}
			}
		}
	}
	return s.more
}

// At returns the object under an address, of a type; nil when there is none.
func (s *Objects) At(address, typ string) *Object {
	for _, o := range s.byType[typ] {
		if o.Address == address {
			return o
		}
	}
	return nil
}

// gather collects the objects of the given types from a stack and those below
// it, taking world in place of the stack with its path.
func gather(s, world *stack, types map[string]bool, into *Objects) {
	if s.path == world.path {
		s = world
	}
	if into.more == nil {
		into.more = s.more
	}
	for _, one := range s.entries {
		typ := one.typ()
		if !types[typ] && !nests(typ) {
			continue
		}
		o := s.object(one)
		switch {
		case o == nil:
		case !nests(typ):
			into.byType[typ] = append(into.byType[typ], o)
		default:
			child := s.child(one)
			if child == nil {
				into.unread = append(into.unread, o)
				continue
			}
			gather(child, world, types, into)
		}
	}
}
