package fix

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Vetter is a Planner that recognises its own changes. Vet refuses one that it
// would never have made: another call, another target, other parameters, a
// check left out. It reads nothing.
type Vetter interface {
	Vet(c *Change, typ *control.Type) error
}

// VetError says that a plan holds what no control's fix would do.
type VetError struct {
	// Change and Step are ids; Step is empty for the change as a whole.
	Change, Step      string
	Control, Resource string
	Cause             error
}

func (e *VetError) Error() string {
	place := fmt.Sprintf("change %q (%q on %q)", e.Change, e.Control, e.Resource)
	if e.Step != "" {
		place += fmt.Sprintf(", step %q", e.Step)
	}
	return fmt.Sprintf("the plan was altered, or another version made it: %s: %v; nothing was changed", place, e.Cause)
}

// Unwrap returns the cause.
func (e *VetError) Unwrap() error { return e.Cause }

// Hint names the command that makes a new plan.
func (e *VetError) Hint() string { return "holdfast fix plan --out plan.json" }

// The longest waits that a plan may ask for.
const (
	longestTimeout = 48 * time.Hour
	longestSettle  = time.Hour
)

// Vet holds a plan against the fixes that the controls have. A digest is no
// signature: whoever edits a plan can make it anew, by mistake or not. So
// nothing in a plan is believed that its control's fix would not do.
func Vet(p *Plan, catalogue *control.Catalogue, planners *Planners) error {
	for i := range p.Changes {
		c := &p.Changes[i]
		if err := vetChange(c, catalogue, planners); err != nil {
			return err
		}
	}
	return nil
}

func vetChange(c *Change, catalogue *control.Catalogue, planners *Planners) error {
	refused := func(step, format string, args ...any) error {
		return &VetError{Change: c.ID, Step: step, Control: c.Control, Resource: c.Resource.ID, Cause: fmt.Errorf(format, args...)}
	}
	known := catalogue.Find(c.Control)
	switch {
	case known == nil:
		return &UnknownControlError{ID: c.Control}
	case known.Fix == nil:
		return refused("", "the control has no fix")
	case !slices.Contains(known.Types(), c.Resource.Type):
		return refused("", "the control is about %s, not %s", strings.Join(known.Types(), ", "), c.Resource.Type)
	case known.Fix.Accept != "" && c.Accept == "":
		return refused("", "it needs to be accepted by name, and the plan does not say so")
	case known.Fix.Undo.Loses != "" && c.Undo.Loses == "", known.Fix.Undo.Exposes != "" && c.Undo.Exposes == "":
		return refused("", "the plan leaves out what undoing it costs")
	}
	for i := range c.Steps {
		if err := vetStep(c, &c.Steps[i]); err != nil {
			return refused(c.Steps[i].ID, "%w", err)
		}
	}
	vetter, ok := planners.For(known, c.Resource.Type).(Vetter)
	if !ok {
		return refused("", "nothing here plans that fix")
	}
	if err := vetter.Vet(c, catalogue.Types[c.Resource.Type]); err != nil {
		return refused("", "%w", err)
	}
	return nil
}

// vetStep checks what holds for the steps of every fix.
func vetStep(c *Change, s *Step) error {
	home := func(account, region string) error {
		if account != c.Resource.Account || region != c.Resource.Region {
			return fmt.Errorf("it is about account %q in %q, and the change is about %q in %q", account, region, c.Resource.Account, c.Resource.Region)
		}
		return nil
	}
	for _, call := range []*Call{s.Call, s.Undo} {
		if call == nil {
			continue
		}
		if err := home(call.Account, call.Region); err != nil {
			return err
		}
	}
	for _, condition := range slices.Concat(s.Before, s.Done, s.Pending, s.UndoDone) {
		if err := home(condition.Resource.Account, condition.Resource.Region); err != nil {
			return err
		}
	}
	if time.Duration(s.Timeout)*time.Second > longestTimeout || time.Duration(s.Settle)*time.Second > longestSettle {
		return fmt.Errorf("it waits longer than any fix does")
	}
	return nil
}

// ErrUnidentified is what a Vetter returns for a change that any resource of the
// name would do for.
var ErrUnidentified = errors.New("it does not name the id of the resource, which survives a rename")

var _ Vetter = (*PropertyPlanner)(nil)

// Vet implements Vetter: each step is made once more from the value that it
// demands before and the one that it sets, and must come out the same.
func (p *PropertyPlanner) Vet(c *Change, typ *control.Type) error {
	if p.Identified && c.Resource.UID == "" {
		return ErrUnidentified
	}
	for i := range c.Steps {
		step := &c.Steps[i]
		set := slices.IndexFunc(c.Sets, func(s Setting) bool { return sets(step, &c.Resource, &s) })
		if set < 0 {
			return fmt.Errorf("step %q sets none of the properties that the plan shows", step.ID)
		}
		if err := p.VetStep(step, c.Resource, typ, c.Sets[set].Property); err != nil {
			return err
		}
	}
	return nil
}

// sets reports whether a step is proven by the value of a setting.
func sets(step *Step, ref *resource.Ref, set *Setting) bool {
	return slices.ContainsFunc(step.Done, func(d Condition) bool {
		return d.Resource == *ref && d.Property == set.Property && d.Is == IsEqual && equal(d.Value, set.After)
	})
}

// VetStep refuses a step that is not the one with which the planner sets the
// property. It serves the planners of procedures as well.
func (p *PropertyPlanner) VetStep(step *Step, ref resource.Ref, typ *control.Type, property string) error {
	known := typ.Properties[property]
	if known == nil || known.Write == "" && p.Shapes[property] == nil {
		return fmt.Errorf("step %q sets %q, which cannot be set", step.ID, property)
	}
	was, demanded := valueOf(step.Before, &ref, property)
	to, proven := valueOf(step.Done, &ref, property)
	if !demanded || !proven {
		return fmt.Errorf("step %q does not say what %s is before and after", step.ID, property)
	}
	task := &Task{Type: typ, Resource: &resource.Resource{Ref: ref, Properties: map[string]resource.Value{property: was}}}
	if slices.Contains(p.Protections, property) && weakens(p.from(task, property), to) {
		return fmt.Errorf("step %q would turn %s from %s to %s", step.ID, property, p.from(task, property), to)
	}
	want := p.Step(task, step.ID, property, to)
	if !sameJSON(&want, step) {
		return fmt.Errorf("step %q is not how %s is set", step.ID, property)
	}
	return nil
}

// valueOf is the value that conditions ask of a property.
func valueOf(conditions []Condition, ref *resource.Ref, property string) (resource.Value, bool) {
	i := slices.IndexFunc(conditions, func(c Condition) bool {
		return c.Resource == *ref && c.Property == property && c.Is == IsEqual
	})
	if i < 0 {
		return resource.Value{}, false
	}
	return conditions[i].Value, true
}

// sameJSON compares what two steps are in a file.
func sameJSON(a, b *Step) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}
