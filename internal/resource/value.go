package resource

import (
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Kind tells what a Value holds.
type Kind uint8

// The kinds of Value. Absent is the zero value: the place was read and there
// is nothing there. Unknown means that nobody could tell, which is never the
// same as absent, false or zero.
const (
	Absent Kind = iota
	Unknown
	Bool
	Int
	Float
	String
	List
	Map
)

var kindNames = [...]string{"absent", "unknown", "bool", "int", "float", "string", "list", "map"}

// String names the kind in lower case.
func (k Kind) String() string { return kindNames[k] }

// Missing says why a value is unknown and what would settle it.
type Missing struct {
	// Property is the property that could not be told.
	Property string `json:"property,omitempty"`
	// Reason is one of the Reason constants.
	Reason string `json:"reason"`
	// Detail is the cause in words, as the service or the parser gave it.
	Detail string `json:"detail,omitempty"`
	// Operation is the call that would have told, for example
	// rds:DescribeDBClusterSnapshotAttributes.
	Operation string `json:"operation,omitempty"`
	// Permission is the IAM action that was missing, if one was.
	Permission string `json:"permission,omitempty"`
	// Settle names the input that would settle the value: a variable, a
	// parameter, a flag.
	Settle string `json:"settle,omitempty"`
}

// The reasons for which a value is unknown.
const (
	ReasonDenied     = "denied"     // the caller may not read it
	ReasonFailed     = "failed"     // the read failed in another way
	ReasonNotRead    = "not-read"   // nobody asked for it, as in a narrower snapshot
	ReasonOmitted    = "omitted"    // the service answered without the field
	ReasonUnresolved = "unresolved" // the code leaves it open
	ReasonMalformed  = "malformed"  // the value has another type than the resource type says
)

// Value is one property value. The zero Value is absent. Values are immutable:
// lists and maps given to a constructor must not be changed afterwards.
type Value struct {
	kind Kind
	bits uint64
	text string
	ref  any // []Value, map[string]Value, *Missing or *secret
}

// OfBool, OfInt, OfFloat, OfString, OfList and OfMap make known values.
func OfBool(b bool) Value {
	if b {
		return Value{kind: Bool, bits: 1}
	}
	return Value{kind: Bool}
}

// OfInt makes a known integer.
func OfInt(n int64) Value { return Value{kind: Int, bits: uint64(n)} }

// OfFloat makes a known floating-point number.
func OfFloat(f float64) Value { return Value{kind: Float, bits: math.Float64bits(f)} }

// OfString makes a known string.
func OfString(s string) Value { return Value{kind: String, text: s} }

// OfTime makes a known string in RFC 3339, in UTC.
func OfTime(t time.Time) Value { return OfString(t.UTC().Format(time.RFC3339)) }

// OfList makes a known list.
func OfList(items ...Value) Value { return Value{kind: List, ref: items} }

// OfStrings makes a known list of strings, in the order given.
func OfStrings(items []string) Value {
	list := make([]Value, len(items))
	for i, s := range items {
		list[i] = OfString(s)
	}
	return Value{kind: List, ref: list}
}

// OfMap makes a known map.
func OfMap(fields map[string]Value) Value { return Value{kind: Map, ref: fields} }

// OfUnknown makes a value that nobody could tell, with the reason why.
func OfUnknown(m Missing) Value { return Value{kind: Unknown, ref: &m} }

// secret is what a sensitive value holds.
type secret struct {
	missing Missing
	value   Value
}

// OfSecret makes a sensitive value of a known one. It counts as unknown for all
// but the check of a control, and is never shown: not as text, not as JSON, nor
// in an error. What is not known stays as it is.
func OfSecret(v Value) Value {
	if !v.Known() {
		return v
	}
	return Value{kind: Unknown, ref: &secret{
		missing: Missing{Reason: ReasonUnresolved, Detail: "the value is sensitive", Settle: "a scan of the live account"},
		value:   v,
	}}
}

// Secret returns what a sensitive value holds, and whether the value is one.
// What follows from it must not be shown.
func (v Value) Secret() (Value, bool) {
	s, ok := v.ref.(*secret)
	if !ok {
		return Value{}, false
	}
	return s.value, true
}

// secretText stands in the place of a sensitive value.
const secretText = "(sensitive)"

// Kind tells what the value holds.
func (v Value) Kind() Kind { return v.kind }

// Known reports whether the value is there and could be told.
func (v Value) Known() bool { return v.kind > Unknown }

// Bool returns the boolean and whether the value is one.
func (v Value) Bool() (value, ok bool) { return v.bits == 1, v.kind == Bool }

// Int returns the integer and whether the value is one.
func (v Value) Int() (int64, bool) { return int64(v.bits), v.kind == Int }

// Float returns the number and whether the value is a floating-point one.
func (v Value) Float() (float64, bool) { return math.Float64frombits(v.bits), v.kind == Float }

// Text returns the string and whether the value is one.
func (v Value) Text() (string, bool) { return v.text, v.kind == String }

// List returns the items, or nil when the value is no list.
func (v Value) List() []Value {
	items, _ := v.ref.([]Value)
	return items
}

// Fields returns the map, or nil when the value is no map.
func (v Value) Fields() map[string]Value {
	fields, _ := v.ref.(map[string]Value)
	return fields
}

// Missing returns why an unknown value is unknown, or nil.
func (v Value) Missing() *Missing {
	switch m := v.ref.(type) {
	case *Missing:
		return m
	case *secret:
		return &m.missing
	default:
		return nil
	}
}

// Strings returns the text items of a list and whether all items are text.
func (v Value) Strings() ([]string, bool) {
	if v.kind != List {
		return nil, false
	}
	out := make([]string, 0, len(v.List()))
	for _, item := range v.List() {
		if item.kind != String {
			return nil, false
		}
		out = append(out, item.text)
	}
	return out, true
}

// Equal reports whether two values are the same. Unknown equals nothing, not
// even itself.
func (v Value) Equal(w Value) bool {
	if v.kind != w.kind || v.kind == Unknown {
		return false
	}
	switch v.kind {
	case List:
		return slices.EqualFunc(v.List(), w.List(), Value.Equal)
	case Map:
		return maps.EqualFunc(v.Fields(), w.Fields(), Value.Equal)
	default:
		return v.bits == w.bits && v.text == w.text
	}
}

// Contains reports whether a list holds the item.
func (v Value) Contains(item Value) bool {
	return slices.ContainsFunc(v.List(), item.Equal)
}

// String writes the value for a person: unquoted text, items separated by
// commas, "absent" and "unknown" spelt out.
func (v Value) String() string {
	if _, ok := v.Secret(); ok {
		return secretText
	}
	switch v.kind {
	case Absent, Unknown:
		return v.kind.String()
	case Bool:
		return strconv.FormatBool(v.bits == 1)
	case Int:
		return strconv.FormatInt(int64(v.bits), 10)
	case Float:
		return strconv.FormatFloat(math.Float64frombits(v.bits), 'g', -1, 64)
	case String:
		return v.text
	case List:
		parts := make([]string, len(v.List()))
		for i, item := range v.List() {
			parts[i] = item.String()
		}
		return "[" + strings.Join(parts, ", ") + "]"
	default:
		fields := v.Fields()
		parts := make([]string, 0, len(fields))
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			parts = append(parts, key+"="+fields[key].String())
		}
		return "{" + strings.Join(parts, ", ") + "}"
	}
}
