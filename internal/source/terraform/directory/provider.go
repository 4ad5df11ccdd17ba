package directory

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
)

// providerOf finds the provider block that a resource is made with, and the
// scope that it stands in; nil when there is none.
func (s *scope) providerOf(b *block) (*scope, *block) {
	typ, _, _ := strings.Cut(b.labels[0], "_")
	key := typ
	if a := b.attribute("provider"); a != nil {
		key = providerRef(a.Expr)
	}
	return s.provider(key)
}

// provider follows a provider's name through the calls that pass it on.
func (s *scope) provider(key string) (*scope, *block) {
	for {
		if b := s.module.providers[key]; b != nil || s.parent == nil {
			return s, b
		}
		passed, ok := passedProvider(s.call, key)
		if !ok && strings.Contains(key, ".") {
			return s, nil
		}
		if ok {
			key = passed
		}
		s = s.parent
	}
}

// passedProvider reads the providers argument of a module call.
func passedProvider(call *block, key string) (string, bool) {
	a := call.attribute("providers")
	if a == nil {
		return "", false
	}
	pairs, diags := hcl.ExprMap(a.Expr)
	if diags.HasErrors() {
		return "", false
	}
	for _, pair := range pairs {
		if providerRef(pair.Key) == key {
			return providerRef(pair.Value), true
		}
	}
	return "", false
}

// providerRef reads aws.west, or "aws.west" as older code and JSON write it.
func providerRef(expr hcl.Expression) string {
	if traversal, diags := hcl.AbsTraversalForExpr(expr); !diags.HasErrors() {
		name := traversal.RootName()
		if len(traversal) > 1 {
			if alias, ok := nextName(traversal[1:]); ok {
				name += "." + alias
			}
		}
		return name
	}
	text, _ := constant(expr)
	return text
}

// region returns where a resource is made, as far as the code says: its own
// argument, or its provider's.
func (s *scope) region(b *block, i *instance) string {
	if a := b.attribute("region"); a != nil {
		if region, ok := toValue(s.value(a.Expr, i.vars)).Text(); ok {
			return region
		}
		return ""
	}
	at, p := s.providerOf(b)
	if p == nil {
		return ""
	}
	region, _ := toValue(at.providerArgument(p, "region")).Text()
	return region
}

func (s *scope) providerArgument(p *block, name string) cty.Value {
	if a := p.attribute(name); a != nil {
		return s.value(a.Expr, nil)
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// defaultTags returns the tags that the provider adds to a resource.
func (s *scope) defaultTags(b *block) resource.Value {
	at, p := s.providerOf(b)
	if p == nil {
		return resource.Value{}
	}
	if tags, ok := at.tags[p]; ok {
		return tags
	}
	v := at.nested(p, "default_tags", nil)
	if v == cty.NilVal {
		v = at.providerArgument(p, "default_tags") // as JSON shows it
	}
	tags := firstField(toValue(v), "tags")
	at.tags[p] = tags
	return tags
}

// firstField returns a field of a nested block.
func firstField(v resource.Value, name string) resource.Value {
	if items := v.List(); len(items) > 0 {
		v = items[0]
	}
	if v.Kind() == resource.Unknown {
		return v
	}
	return v.Fields()[name]
}
