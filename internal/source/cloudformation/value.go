package cloudformation

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// Value is what an expression of a template comes to: known, absent or
// unknown. The zero Value is absent.
type Value struct {
	kind   resource.Kind
	scalar resource.Value // unknown, bool, int, float or string
	items  []Value        // of a list
	fields map[string]Value
	// open, on a map, is why names that are not in it are unknown rather than
	// absent.
	open *resource.Missing

	// Origin is the place that defines the value: a field of the template, a
	// parameter's default, a line of a parameter file. It is zero where a value
	// has none, as one from the command line.
	Origin resource.Origin
	// Resource is the address of the resource that the value refers to with
	// Ref or GetAtt; "" for none.
	Resource string

	// node states the value, in the file of its Origin; nil for a value that a
	// function makes of others. through are the parameters that handed it on.
	node    *yaml.Node
	through *passed

	// symbol names an unknown value. Two unknown values with one symbol are the
	// same, whatever they turn out to be.
	symbol string
	// list and index tell an item of an unknown list whose items all differ:
	// Availability Zones. A list of "" is none.
	list  string
	index int
}

// ofScalar makes a known value, or an absent one of the zero value.
func ofScalar(v resource.Value, at resource.Origin) Value {
	return Value{kind: v.Kind(), scalar: v, Origin: at}
}

func ofText(text string, at resource.Origin) Value {
	return ofScalar(resource.OfString(text), at)
}

func ofList(items []Value, at resource.Origin) Value {
	return Value{kind: resource.List, items: items, Origin: at}
}

func ofMap(fields map[string]Value, open *resource.Missing, at resource.Origin) Value {
	return Value{kind: resource.Map, fields: fields, open: open, Origin: at}
}

func ofMissing(missing resource.Missing, symbol string, at resource.Origin) Value {
	return Value{kind: resource.Unknown, scalar: resource.OfUnknown(missing), symbol: symbol, Origin: at}
}

// malformed is the value of something that CloudFormation would refuse.
func malformed(at resource.Origin, format string, args ...any) Value {
	detail := fmt.Sprintf(format, args...)
	if at.Line > 0 {
		detail = fmt.Sprintf("line %d: %s", at.Line, detail)
	}
	return ofMissing(resource.Missing{Reason: resource.ReasonMalformed, Detail: detail}, "", at)
}

// statedBy returns the value as one that a node states.
func (v Value) statedBy(n *yaml.Node) Value {
	v.node = n
	return v
}

// Kind tells what the value holds.
func (v Value) Kind() resource.Kind { return v.kind }

// Known reports whether the value is there and could be told; a list or map
// may still hold unknown values.
func (v Value) Known() bool { return v.kind > resource.Unknown }

// Missing returns why the value is unknown, or nil.
func (v Value) Missing() *resource.Missing { return v.scalar.Missing() }

// Text returns a known bool, number or string as text, which is how templates
// treat them all alike.
func (v Value) Text() (string, bool) {
	switch v.kind {
	case resource.Bool, resource.Int, resource.Float, resource.String:
		return v.scalar.String(), true
	default:
		return "", false
	}
}

// Items returns the items of a list, or nil.
func (v Value) Items() []Value { return v.items }

// Field returns a field of a map: absent when it is not there, unknown when
// that cannot be told.
func (v Value) Field(name string) Value {
	if v.kind == resource.Unknown {
		return v
	}
	field, ok := v.fields[name]
	if !ok && v.open != nil {
		return ofMissing(*v.open, "", v.Origin)
	}
	return field
}

// path follows names joined by dots.
func (v Value) path(names string) Value {
	for name := range strings.SplitSeq(names, ".") {
		v = v.Field(name)
	}
	return v
}

// Answer is yes, no, or that nobody can tell.
type Answer int8

// The answers.
const (
	Unsure Answer = iota
	Yes
	No
)

func answer(yes bool) Answer {
	if yes {
		return Yes
	}
	return No
}

// Same tells whether two values are the same. Bools, numbers and strings are
// compared as text, as CloudFormation compares them. Unknown values may be
// known to be the same, such as two references to one parameter, or to differ,
// such as two items of the region's list of Availability Zones.
func (v Value) Same(w Value) Answer {
	if v.list != "" && v.list == w.list {
		return answer(v.index == w.index)
	}
	if v.kind == resource.Unknown || w.kind == resource.Unknown {
		if v.symbol != "" && v.symbol == w.symbol {
			return Yes
		}
		return Unsure
	}
	a, scalarA := v.Text()
	b, scalarB := w.Text()
	if scalarA && scalarB {
		return answer(a == b)
	}
	if v.firstUnknown() != nil || w.firstUnknown() != nil {
		return Unsure
	}
	return answer(v.Plain().Equal(w.Plain()))
}

// Plain returns the value without its origins. Unknown parts stay unknown.
func (v Value) Plain() resource.Value {
	switch v.kind {
	case resource.List:
		items := make([]resource.Value, len(v.items))
		for i, item := range v.items {
			items[i] = item.Plain()
		}
		return resource.OfList(items...)
	case resource.Map:
		fields := make(map[string]resource.Value, len(v.fields))
		for name, field := range v.fields {
			fields[name] = field.Plain()
		}
		return resource.OfMap(fields)
	default:
		return v.scalar
	}
}

// firstUnknown returns the first unknown value in the value, or nil. Of the
// fields of a map it takes any; which one does not matter to callers.
func (v Value) firstUnknown() *Value {
	if v.kind == resource.Unknown {
		return &v
	}
	for i := range v.items {
		if found := v.items[i].firstUnknown(); found != nil {
			return found
		}
	}
	for _, name := range sortedKeys(v.fields) {
		field := v.fields[name]
		if found := field.firstUnknown(); found != nil {
			return found
		}
	}
	if v.open != nil {
		unknown := ofMissing(*v.open, "", v.Origin)
		return &unknown
	}
	return nil
}

// number returns a whole number, written as one or as text.
func (v Value) number() (int64, bool) {
	if n, ok := v.scalar.Int(); ok {
		return n, true
	}
	if f, ok := v.scalar.Float(); ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return int64(f), true
	}
	text, ok := v.scalar.Text()
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
	return n, err == nil
}
