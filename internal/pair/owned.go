package pair

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Claimed maps the resources in code to what states claim for them. What several
// resources could be meant by is among none of them.
func (m *Matcher) Claimed() map[*resource.Resource][]*Claim {
	out := make(map[*resource.Resource][]*Claim)
	for _, one := range m.claims.all {
		if found := m.code.at(m.moved(one)); len(found) == 1 {
			out[found[0]] = append(out[found[0]], one)
		}
	}
	return out
}

// HasStacks reports whether a stack is known.
func (m *Matcher) HasStacks() bool { return len(m.stacks) > 0 }

// StacksOf lists the stacks of the template that a resource stands in.
func (m *Matcher) StacksOf(r *resource.Resource) []Stack {
	var out []Stack
	for _, s := range m.stacks {
		if s.Template != "" && s.Template == templateOf(r) {
			out = append(out, s)
		}
	}
	return out
}

// RootOf is the directory of the root module that a resource of Terraform stands
// in.
func RootOf(r *resource.Resource) string { return rootOf(r) }

// Tagged reports whether resources of a type carry tags, by which stacks are told.
func (m *Matcher) Tagged(typ string) bool {
	t := m.types[typ]
	return t != nil && t.Properties[resource.TagsProperty] != nil
}
