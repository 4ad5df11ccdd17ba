package directory

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// An expansion is what count and for_each make of a resource or module call.
type expansion struct {
	instances []*instance
	single    bool           // neither count nor for_each
	counted   bool           // count
	open      cty.ValueMarks // why the number of instances is not known; nil when it is
	sized     *cty.Value     // all instances as one value, once somebody asked
	byKey     map[string]*instance
}

// An instance is one of them.
type instance struct {
	key    string               // how it shows in an address: "", [0], ["eu"], or [*] for any number
	name   string               // of for_each
	vars   map[string]cty.Value // each and count
	values map[string]cty.Value // of a resource: attributes that somebody asked for
	child  *scope               // of a module call, once it was asked for
	failed bool                 // the module is not there
}

func (s *scope) expand(b *block) *expansion {
	if x := s.expansions[b]; x != nil {
		return x
	}
	name := s.named(blockAddress(b))
	var x *expansion
	cyclic := s.within(name+" (its number)", b.start, func() cty.Value {
		x = s.expandNow(b)
		return cty.True
	})
	if x == nil { // it depends on itself
		_, marks := cyclic.Unmark()
		return openExpansion(marks, "count")
	}
	s.expansions[b] = x
	return x
}

func blockAddress(b *block) string {
	if b.kind == "module" {
		return "module." + b.name()
	}
	return b.name()
}

func (s *scope) expandNow(b *block) *expansion {
	if count := b.attribute("count"); count != nil {
		return s.spend(b, s.byCount(b, s.value(count.Expr, nil)))
	}
	if each := b.attribute("for_each"); each != nil {
		return s.spend(b, s.byEach(b, s.value(each.Expr, nil)))
	}
	if enabled := s.enabled(b); enabled != cty.NilVal {
		return s.spend(b, byEnabled(enabled))
	}
	return s.spend(b, &expansion{single: true, instances: []*instance{{}}})
}

// spend keeps the number of instances within bounds.
func (s *scope) spend(b *block, x *expansion) *expansion {
	s.instances += len(x.instances)
	if s.instances <= maxInstances {
		return x
	}
	detail := fmt.Sprintf("count and for_each make more than %d instances", maxInstances)
	s.gap(finding.Gap{File: b.start.Filename, Reason: finding.GapMalformed, Detail: detail})
	s.missing = &resource.Missing{Reason: resource.ReasonUnresolved, Detail: detail}
	return openExpansion(cty.NewValueMarks(why{detail: detail}), "count")
}

// hidden reports whether a value is sensitive.
func hidden(marks cty.ValueMarks) bool {
	_, ok := marks[secret{}]
	return ok
}

func (s *scope) byCount(b *block, v cty.Value) *expansion {
	v, marks := v.Unmark()
	number, err := convert.Convert(v, cty.Number)
	if err != nil || number.IsNull() {
		return s.refused(b, marks, "count is no number", "count")
	}
	if !number.IsKnown() {
		return openExpansion(marks, "count")
	}
	n, accuracy := number.AsBigFloat().Int64()
	if accuracy != 0 || n < 0 {
		return s.refused(b, marks, "count is no whole number", "count")
	}
	if n > maxInstances {
		n = maxInstances + 1 // which is refused
	}
	x := &expansion{counted: true, instances: make([]*instance, n)}
	for i := range x.instances {
		x.instances[i] = &instance{
			key:  fmt.Sprintf("[%d]", i),
			vars: map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": cty.NumberIntVal(int64(i))})},
		}
	}
	return x
}

func (s *scope) byEach(b *block, v cty.Value) *expansion {
	v, marks := v.Unmark()
	if hidden(marks) { // addresses would show it
		return s.refused(b, marks, "for_each is sensitive", "each")
	}
	if !v.IsKnown() || v.Type() == cty.DynamicPseudoType {
		if v.IsKnown() {
			return s.refused(b, marks, "for_each is null", "each")
		}
		return openExpansion(marks, "each")
	}
	t := v.Type()
	isSet := t.IsSetType() && (t.ElementType() == cty.String || t.ElementType() == cty.DynamicPseudoType)
	if v.IsNull() || !isSet && !t.IsMapType() && !t.IsObjectType() {
		return s.refused(b, marks, "for_each is neither a map nor a set of texts", "each")
	}
	x := &expansion{byKey: make(map[string]*instance)}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if isSet {
			key = value
		}
		key, keyMarks := key.Unmark()
		if !key.IsKnown() || key.IsNull() || key.Type() != cty.String {
			return openExpansion(merged(marks, keyMarks), "each")
		}
		one := &instance{
			key: quoteKey(key.AsString()), name: key.AsString(),
			vars: map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": key, "value": value})},
		}
		x.instances = append(x.instances, one)
		x.byKey[one.name] = one
	}
	return x
}

// enabled returns OpenTofu's lifecycle.enabled, or NilVal.
func (s *scope) enabled(b *block) cty.Value {
	for i := len(b.bodies) - 1; i >= 0; i-- {
		content, _, _ := b.bodies[i].PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "lifecycle"}}})
		if content == nil {
			continue
		}
		for _, lifecycle := range content.Blocks {
			if a := attributeOf(lifecycle.Body, "enabled"); a != nil {
				return s.value(a.Expr, nil)
			}
		}
	}
	return cty.NilVal
}

func byEnabled(v cty.Value) *expansion {
	v, marks := v.Unmark()
	flag, err := convert.Convert(v, cty.Bool)
	switch {
	case err != nil || flag.IsNull():
		return openExpansion(failure(marks, "enabled is neither true nor false"), "count")
	case !flag.IsKnown():
		x := openExpansion(marks, "count")
		x.instances[0].key = ""
		return x
	case flag.True():
		return &expansion{single: true, instances: []*instance{{}}}
	default:
		return &expansion{single: true}
	}
}

// openExpansion is one instance that stands for any number of them.
func openExpansion(marks cty.ValueMarks, name string) *expansion {
	if marks == nil {
		marks = cty.ValueMarks{}
	}
	any := cty.DynamicVal.WithMarks(marks)
	fields := map[string]cty.Value{"index": cty.UnknownVal(cty.Number).WithMarks(marks)}
	if name == "each" {
		fields = map[string]cty.Value{"key": cty.UnknownVal(cty.String).WithMarks(marks), "value": any}
	}
	return &expansion{open: marks, instances: []*instance{{key: "[*]", vars: map[string]cty.Value{name: cty.ObjectVal(fields)}}}}
}

// refused is the expansion of a block whose count or for_each Terraform will
// not take, which is a gap.
func (s *scope) refused(b *block, marks cty.ValueMarks, detail, name string) *expansion {
	s.gap(finding.Gap{
		File: b.start.Filename, Resource: s.named(blockAddress(b)), Reason: finding.GapMalformed,
		Detail: fmt.Sprintf("line %d: %s", b.start.Start.Line, detail),
	})
	return openExpansion(failure(marks, detail), name)
}

// failure adds a reason to marks.
func failure(marks cty.ValueMarks, detail string) cty.ValueMarks {
	return merged(marks, cty.NewValueMarks(why{detail: detail}))
}

func merged(a, b cty.ValueMarks) cty.ValueMarks {
	all := make(cty.ValueMarks, len(a)+len(b))
	for mark := range a {
		all[mark] = struct{}{}
	}
	for mark := range b {
		all[mark] = struct{}{}
	}
	return all
}

// quoteKey writes a key as Terraform does in addresses.
func quoteKey(key string) string {
	replacer := strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`, "${", "$${", "%{", "%%{")
	return `["` + replacer.Replace(key) + `"]`
}
