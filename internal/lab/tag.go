package lab

import (
	"maps"
	"slices"
)

// Tags are the tags of a resource.
type Tags map[string]string

func (t Tags) keys() []string { return slices.Sorted(maps.Keys(t)) }

func (t Tags) clone() Tags {
	if t == nil {
		return Tags{}
	}
	return maps.Clone(t)
}
