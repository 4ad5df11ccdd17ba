package cloudformation

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// decision is what a condition comes to; missing says why nobody can tell.
type decision struct {
	is      Answer
	missing *resource.Missing
}

func unsure(v Value) decision { return decision{missing: v.Missing()} }

// decide evaluates a named condition. The place is where it is named.
func (s *stack) decide(name string, at resource.Origin) decision {
	if is, ok := s.supposed[name]; ok {
		return decision{is: answer(is)}
	}
	if d, ok := s.decided[name]; ok {
		return d
	}
	one, ok := s.conditions[name]
	switch {
	case !ok && s.conditionsOpen != nil:
		return decision{missing: s.conditionsOpen}
	case !ok:
		return unsure(malformed(at, "there is no condition %s", name))
	}
	// A condition that is asked for while it is evaluated refers to itself.
	s.decided[name] = unsure(malformed(s.at(one.body, name), "the condition %s refers to itself", name))
	e := s.evaluator(name)
	e.loop = one.loop
	s.decided[name] = e.condition(one.body)
	return s.decided[name]
}

// condition evaluates a condition function.
func (e evaluator) condition(n *yaml.Node) decision {
	n = target(n)
	if e.depth++; e.depth > maxDepth || !e.run.spend(1) {
		return unsure(malformed(e.at(&yaml.Node{Line: n.Line}), "the template expands to too much"))
	}
	name, arg := function(n)
	switch {
	case arg == nil:
	case name == "Condition":
		return e.decide(e.loop.fill(arg.Value), e.at(n))
	case arg.Kind != yaml.SequenceNode:
	case name == "Fn::And":
		return e.all(arg.Content, Yes)
	case name == "Fn::Or":
		return e.all(arg.Content, No)
	case name == "Fn::Not" && len(arg.Content) == 1:
		return not(e.condition(arg.Content[0]))
	case name == "Fn::Equals" && len(arg.Content) == 2:
		return e.equal(arg.Content[0], arg.Content[1])
	}
	return unsure(malformed(e.at(n), "this is no condition"))
}

// all tells whether every item is as wanted; of Or, whether every one is false,
// turned round. One that is not settles it, even beside unknown ones.
func (e evaluator) all(items []*yaml.Node, want Answer) decision {
	result := decision{is: want}
	for _, item := range items {
		switch d := e.condition(item); {
		case d.is == Unsure && result.is == want:
			result = d
		case d.is != Unsure && d.is != want:
			return d
		}
	}
	return result
}

func not(d decision) decision {
	switch d.is {
	case Yes:
		d.is = No
	case No:
		d.is = Yes
	}
	return d
}

func (e evaluator) equal(left, right *yaml.Node) decision {
	a, b := e.value(left), e.value(right)
	is := a.Same(b)
	if is != Unsure {
		return decision{is: is}
	}
	for _, v := range []Value{a, b} {
		if unknown := v.firstUnknown(); unknown != nil {
			return unsure(*unknown)
		}
	}
	return unsure(malformed(e.at(left), "two values cannot be compared"))
}
