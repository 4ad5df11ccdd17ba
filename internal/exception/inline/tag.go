package inline

import (
	"cmp"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Tag is the key of the tag that accepts findings on the resource that has it.
// Its value is what follows holdfast:ignore in a comment; since most services
// allow no comma, star or quotation mark in it, spaces separate controls, "all"
// stands for every one, and a reason ends where the next field begins.
const Tag = "holdfast:ignore"

// tag reads the tag of a resource.
func (r *reader) tag(res *resource.Resource) []note {
	value, ok := res.Tag(Tag)
	if !ok {
		return nil
	}
	n := note{text: Tag + " " + value, at: res.Origin}
	if at, known := res.Where[resource.TagsProperty]; known {
		n.at = at
	}
	if n.at.File == "" {
		n.at.Address = "tag " + Tag + " of " + cmp.Or(res.ARN, res.ID)
	}
	if rest := r.fields(&n, value); rest != "" {
		n.fail("%q does not belong into a tag", rest)
	}
	n.complete()
	return []note{n}
}

// wantTags adds the tags of the types whose tags come with what is read anyway.
func wantTags(wants resource.Wants, types map[string]*control.Type) resource.Wants {
	out := make(resource.Wants, len(wants))
	for name, properties := range wants {
		out[name] = properties
		t := types[name]
		if t == nil || t.Properties[resource.TagsProperty] == nil || wants.Has(name, resource.TagsProperty) {
			continue
		}
		read := t.ReadBy(resource.TagsProperty)
		free := read == t.List
		for _, property := range properties {
			free = free || t.Properties[property] != nil && t.ReadBy(property) == read
		}
		if free {
			out[name] = append(slices.Clone(properties), resource.TagsProperty)
			slices.Sort(out[name])
		}
	}
	return out
}
