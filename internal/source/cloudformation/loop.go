package cloudformation

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// binding gives the variables of the loops around a node their values.
type binding struct {
	outer *binding
	name  string
	text  string
}

// depth counts the loops.
func (b *binding) depth() int {
	depth := 0
	for ; b != nil; b = b.outer {
		depth++
	}
	return depth
}

// lookup finds the value of a loop variable.
func (b *binding) lookup(name string) (string, bool) {
	for ; b != nil; b = b.outer {
		if b.name == name {
			return b.text, true
		}
	}
	return "", false
}

// fill puts loop variables into a text: ${Name}, and &{Name} where only
// letters and digits may stay.
func (b *binding) fill(text string) string {
	for ; b != nil; b = b.outer {
		text = strings.ReplaceAll(text, "${"+b.name+"}", b.text)
		text = strings.ReplaceAll(text, "&{"+b.name+"}", alphanumeric.ReplaceAllString(b.text, ""))
	}
	return text
}

var alphanumeric = regexp.MustCompile(`[^A-Za-z0-9]`)

const resourcesSection = "Resources"

// unroll lists what the sections of the template hold, loops written out.
func (s *stack) unroll() {
	s.byID, s.conditions, s.outputs = make(map[string]entry), make(map[string]entry), make(map[string]entry)
	s.conditionsOpen = s.unrollSection("Conditions", nil, nil, func(one entry) { s.conditions[one.id] = one })
	s.outputsOpen = s.unrollSection("Outputs", nil, nil, func(one entry) { s.outputs[one.id] = one })
	s.more = cmp.Or(s.unrollSection(resourcesSection, nil, nil, s.add), s.more)
}

// unrollSection adds the entries of a section, or of a loop's body in it. It
// returns why there may be more of them; nil when there are not.
func (s *stack) unrollSection(name string, body *yaml.Node, loop *binding, add func(entry)) (open *resource.Missing) {
	if loop == nil {
		body = field(s.root, name)
	}
	for key, value := range fields(body) {
		value = target(value)
		var why *resource.Missing
		switch {
		case strings.HasPrefix(key.Value, "Fn::ForEach::"):
			e := s.evaluator("")
			e.loop, e.depth = loop, loop.depth()
			why = e.each(value, func(bound *binding, inner *yaml.Node) {
				open = cmp.Or(open, s.unrollSection(name, inner, bound, add))
			})
		case strings.HasPrefix(key.Value, "Fn::"):
			missing, _ := s.evaluator("").transformed(value)
			why = &missing
		default:
			add(entry{id: loop.fill(key.Value), key: key, body: value, loop: loop})
		}
		if why != nil {
			open = cmp.Or(open, why)
		}
		if why != nil && name == resourcesSection {
			s.report(key, finding.GapFailed, "there may be more resources than can be told: %s", why.Detail)
		}
	}
	return open
}

func (s *stack) add(one entry) {
	switch _, twice := s.byID[one.id]; {
	case !s.run.spend(1):
	case twice:
		s.report(one.key, finding.GapMalformed, "the resource %s is there twice", one.id)
	case one.typ() == "":
		s.report(one.key, finding.GapMalformed, "the resource %s has no Type", one.id)
	default:
		if strings.HasSuffix(one.typ(), "::MODULE") {
			s.report(one.key, finding.GapFailed, "%s is a module, which CloudFormation expands from its registry", one.typ())
			s.more = cmp.Or(s.more, macroMissing("the module "+one.typ()))
		}
		s.byID[one.id] = one
		s.entries = append(s.entries, one)
	}
}

// each walks a loop: [variable, collection, body]. What keeps it from being
// told is returned.
func (e evaluator) each(n *yaml.Node, do func(bound *binding, body *yaml.Node)) *resource.Missing {
	if e.depth > maxDepth || n.Kind != yaml.SequenceNode || len(n.Content) != 3 || target(n.Content[0]).Kind != yaml.ScalarNode {
		return malformed(e.at(n), "a loop takes a variable, a collection and what to repeat").Missing()
	}
	collection := e.value(n.Content[1])
	if unknown := collection.firstUnknown(); unknown != nil {
		return unknown.Missing()
	}
	if collection.kind != resource.List {
		return malformed(e.at(n), "a loop takes a list to go over").Missing()
	}
	for _, item := range collection.items {
		text, ok := item.Text()
		if !ok || !e.run.spend(1) {
			return malformed(e.at(n), "a loop goes over texts").Missing()
		}
		do(&binding{outer: e.loop, name: target(n.Content[0]).Value, text: text}, target(n.Content[2]))
	}
	return nil
}

// eachField unrolls a loop among the fields of a map.
func (e evaluator) eachField(key, n *yaml.Node, out map[string]Value, open *resource.Missing) *resource.Missing {
	missing := e.each(target(n), func(bound *binding, body *yaml.Node) {
		inner := e
		inner.loop = bound
		value := inner.value(body)
		for name, field := range value.fields {
			out[name] = field
		}
		if value.open != nil {
			open = value.open
		}
	})
	if missing != nil {
		return missing
	}
	return open
}
