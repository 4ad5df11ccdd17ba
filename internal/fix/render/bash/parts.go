package bash

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
)

// step writes the parts of one step: what must hold before it, its call, what
// proves it, and the same for the way back. took is done without the states
// that pass by themselves: it tells whether the call took effect.
func (s *script) step(step *fix.Step) error {
	parts := []struct {
		name       string
		conditions []fix.Condition
		wanted     bool
	}{
		{"same", lasting(step.Before), step.Call != nil},
		{"ready", settling(step.Before), step.Call != nil},
		{"took", lastingOrAll(step.Done), step.Call != nil || step.Undo != nil},
		{"done", step.Done, step.Call != nil || step.Undo != nil || len(step.Done) > 0},
		{"undone", step.UndoDone, step.Undo != nil || step.UndoManual != ""},
	}
	for _, part := range parts {
		if !part.wanted {
			continue
		}
		if err := s.conditions(step.ID+"."+part.name, part.conditions); err != nil {
			return err
		}
	}
	return s.calls(step)
}

// calls writes the calls of a step.
func (s *script) calls(step *fix.Step) error {
	for _, part := range []struct {
		name string
		call *fix.Call
	}{{"call", step.Call}, {"undo", step.Undo}} {
		if part.call == nil {
			continue
		}
		text, err := call(part.call)
		if err != nil {
			return err
		}
		s.line("\t%s.%s)", step.ID, part.name)
		s.line("\t\t%s >/dev/null", text)
		s.line("\t\t;;")
	}
	return nil
}

// conditions writes a part that is true when every condition holds.
func (s *script) conditions(part string, conditions []fix.Condition) error {
	questions, err := s.sources.Questions(conditions)
	if err != nil {
		return err
	}
	var tests []string
	for i := range questions {
		test, err := test(&questions[i])
		if err != nil {
			return err
		}
		tests = append(tests, test)
	}
	if len(tests) == 0 {
		tests = []string{"true"}
	}
	s.line("\t%s)", part)
	s.line("\t\t%s", strings.Join(tests, " &&\n\t\t\t"))
	s.line("\t\t;;")
	return nil
}

// test is a question as a command that succeeds when the answer is yes.
func test(q *render.Question) (string, error) {
	words, err := reading(q)
	if err != nil {
		return "", err
	}
	if q.Gone {
		return fmt.Sprintf("is_gone %s %s", quote(q.Region), words), nil
	}
	return fmt.Sprintf("holds %s %s %s", quote(q.Region), quote(q.Query), words), nil
}

// reading is the AWS CLI command of a question, without the word aws.
func reading(q *render.Question) (string, error) {
	words, err := command(q.Operation)
	if err != nil {
		return "", err
	}
	parameters := q.Parameters()
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		flag, err := flag("--"+kebab(name), parameters[name])
		if err != nil {
			return "", err
		}
		words += " " + flag
	}
	return words, nil
}

func lasting(conditions []fix.Condition) []fix.Condition { return split(conditions, false) }

func settling(conditions []fix.Condition) []fix.Condition { return split(conditions, true) }

// lastingOrAll leaves out the states that pass by themselves, unless nothing
// else is asked for: then they are what counts.
func lastingOrAll(conditions []fix.Condition) []fix.Condition {
	if kept := lasting(conditions); len(kept) > 0 {
		return kept
	}
	return conditions
}

func split(conditions []fix.Condition, settles bool) []fix.Condition {
	var out []fix.Condition
	for _, c := range conditions {
		if c.Settles == settles {
			out = append(out, c)
		}
	}
	return out
}
