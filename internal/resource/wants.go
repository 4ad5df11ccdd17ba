package resource

import "slices"

// Wants lists, per resource type, the properties that somebody needs, in
// alphabetical order. A source makes only the calls that yield them.
type Wants map[string][]string

// Has reports whether a property of a type is wanted.
func (w Wants) Has(typ, property string) bool { return slices.Contains(w[typ], property) }

// WithAll returns the wants with one property added for every type.
func (w Wants) WithAll(property string) Wants {
	out := make(Wants, len(w))
	for typ, properties := range w {
		if !slices.Contains(properties, property) {
			properties = append(slices.Clone(properties), property)
			slices.Sort(properties)
		}
		out[typ] = properties
	}
	return out
}
