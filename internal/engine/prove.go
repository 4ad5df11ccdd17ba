package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Prove runs the cases in a control's own file: each gives its verdict and its
// note, and where the fix sets properties, a failed case passes once they are
// set and fails again, on the same values, once they are set back. It reports
// every fault.
func Prove(catalogue *control.Catalogue, c *control.Control) error {
	p := prover{catalogue: catalogue, control: c}
	if _, err := p.engine(&control.Case{}); err != nil {
		return err // rather than once for every case
	}
	var faults []error
	seen := make(map[string]bool)
	for i := range c.Cases {
		item := &c.Cases[i]
		seen[item.Want] = true
		if err := p.prove(item); err != nil {
			faults = append(faults, fmt.Errorf("%s: case %q: %w", c.Place("cases["+item.Name+"]"), item.Name, err))
		}
	}
	for _, status := range []finding.Status{finding.Passed, finding.Failed, finding.NotAvailable} {
		if !seen[string(status)] {
			faults = append(faults, fmt.Errorf("%s: no case is %s", c.File, status))
		}
	}
	return errors.Join(faults...)
}

type prover struct {
	catalogue *control.Catalogue
	control   *control.Control
}

func (p *prover) prove(item *control.Case) error {
	e, err := p.engine(item)
	if err != nil {
		return err
	}
	r := &resource.Resource{Ref: resource.Ref{Type: item.Type, ID: item.Name}, Properties: item.Properties}
	f, err := judgeOne(e, r)
	if err != nil {
		return err
	}
	if got := statusOf(f); got != item.Want {
		return fmt.Errorf("is %s, not %s", got, item.Want)
	}
	if err := proveNote(f, item.Note); err != nil {
		return err
	}
	return p.proveFix(e, r, item)
}

func proveNote(f *finding.Finding, want string) error {
	var notes []string
	if f != nil {
		notes = f.Notes
	}
	switch {
	case want == control.NoNote && len(notes) > 0:
		return fmt.Errorf("a note is shown: %q", notes)
	case want != "" && want != control.NoNote && !strings.Contains(strings.Join(notes, "\n"), want):
		return fmt.Errorf("the note %q is not shown, but %q", want, notes)
	}
	return nil
}

func (p *prover) engine(item *control.Case) (*Engine, error) {
	var overrides []string
	for _, name := range slices.Sorted(maps.Keys(item.Params)) {
		overrides = append(overrides, fmt.Sprintf("%s.%s=%s", p.control.ID, name, item.Params[name]))
	}
	params, err := p.catalogue.ParseParams(overrides)
	if err != nil {
		return nil, err
	}
	return New(p.catalogue, []*control.Control{p.control}, params)
}

// proveFix sets the desired properties on a failed case and judges again.
func (p *prover) proveFix(e *Engine, r *resource.Resource, item *control.Case) error {
	if item.Want != string(finding.Failed) || p.control.Fix == nil || len(p.control.Fix.Set) == 0 {
		if len(item.Fixed) > 0 {
			return errors.New("only a FAILED case of a control that sets properties can say what is fixed")
		}
		return nil
	}
	desired, err := e.Desired(p.control.ID, r)
	if unread := new(UnreadError); errors.As(err, &unread) && len(item.Fixed) == 0 {
		return nil // nothing is changed on unread data
	}
	if err != nil {
		return err
	}
	if !maps.EqualFunc(desired, item.FixedTo, resource.Value.Equal) {
		return fmt.Errorf("the fix sets %v, the case says %v", desired, item.FixedTo)
	}
	fixed := &resource.Resource{Ref: r.Ref, Properties: maps.Clone(r.Properties)}
	maps.Copy(fixed.Properties, desired)
	f, err := judgeOne(e, fixed)
	if err != nil {
		return err
	}
	if f == nil || f.Status != finding.Passed {
		return fmt.Errorf("with the fix it is %s, not PASSED", statusOf(f))
	}
	return p.proveUndo(e, r, fixed, slices.Sorted(maps.Keys(desired)))
}

// proveUndo writes back what the fix replaced. An absent property cannot be
// written, so its documented default is; where there is none, the fix could
// not be undone.
func (p *prover) proveUndo(e *Engine, before, fixed *resource.Resource, names []string) error {
	c := e.byID[p.control.ID]
	undone := &resource.Resource{Ref: before.Ref, Properties: maps.Clone(fixed.Properties)}
	for _, name := range names {
		former, _ := c.effective(before, name)
		if !former.Known() {
			return fmt.Errorf("the fix cannot be undone: %s was %s and has no default", name, former)
		}
		undone.Properties[name] = former
	}
	f, err := judgeOne(e, undone)
	if err != nil {
		return err
	}
	if f == nil || f.Status != finding.Failed {
		return fmt.Errorf("with the fix undone it is %s, not FAILED", statusOf(f))
	}
	for i, was := range c.evidence(before) {
		if now := f.Evidence[i].Actual; was.Actual.Known() && !now.Equal(was.Actual) {
			return fmt.Errorf("with the fix undone %s is %s, not %s", was.Property, now, was.Actual)
		}
	}
	return nil
}

func judgeOne(e *Engine, r *resource.Resource) (found *finding.Finding, err error) {
	err = e.Evaluate(r, func(f *finding.Finding) error { found = f; return nil })
	return found, err
}

func statusOf(f *finding.Finding) string {
	if f == nil {
		return control.NoFinding
	}
	return string(f.Status)
}
