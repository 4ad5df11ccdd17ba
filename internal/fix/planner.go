package fix

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Planner makes the change for a failed finding. Services implement it, per
// procedure or per resource type.
type Planner interface {
	// Wants lists the properties that the planner needs to find on the
	// resource, so that the scan reads them along.
	Wants(c *control.Control) []string
	// Plan returns the change, or why there is none. Exactly one of change and
	// skipped is set unless there is an error, which stops the planning.
	Plan(ctx context.Context, task *Task) (*Change, *Skipped, error)
}

// Planners holds what the services know, by the name of a control's procedure
// and by resource type. A procedure goes before the type.
type Planners struct {
	Procedures map[string]Planner
	Types      map[string]Planner
}

// For returns the planner of a control's fix on a resource type, or nil.
func (p *Planners) For(c *control.Control, typ string) Planner {
	switch {
	case c.Fix == nil:
		return nil
	case c.Fix.Procedure != "":
		return p.Procedures[c.Fix.Procedure]
	default:
		return p.Types[typ]
	}
}

// Join makes one of the planners of several services. Of two that are named
// alike the later one stands, which is a fault of the program.
func Join(all ...Planners) Planners {
	joined := Planners{Procedures: make(map[string]Planner), Types: make(map[string]Planner)}
	for i := range all {
		maps.Copy(joined.Procedures, all[i].Procedures)
		maps.Copy(joined.Types, all[i].Types)
	}
	return joined
}

// Wants lists what the fixes of the controls need to be read, per resource type.
func (p *Planners) Wants(chosen []*control.Control) resource.Wants {
	wants := make(resource.Wants)
	for _, c := range chosen {
		for _, typ := range c.Types() {
			if planner := p.For(c, typ); planner != nil {
				wants[typ] = merge(wants[typ], planner.Wants(c), []string{resource.TagsProperty})
			}
		}
	}
	return wants
}

// Task is one failed finding to be planned for.
type Task struct {
	Finding  *finding.Finding
	Resource *resource.Resource
	Control  *control.Control
	Type     *control.Type
	// Params are the parameter values of the control.
	Params map[string]int64
	// Desired are the values of the properties that the control's fix sets.
	Desired map[string]resource.Value
	// Reader serves for reads beside the resource. It is nil when planning is
	// done offline, from a saved snapshot.
	Reader Reader
	Now    time.Time
}

// Change begins the change of the task: everything that follows from control
// and resource. Sets, Steps, Cost and Warnings remain for the planner.
func (t *Task) Change() *Change {
	f := t.Control.Fix
	return &Change{
		ID:       t.Finding.ID,
		Control:  t.Control.ID,
		Severity: t.Control.Severity,
		Resource: t.Resource.Ref,
		Summary:  t.fill(f.Summary),
		Impact:   f.Impact,
		Risk:     f.Risk,
		Accept:   f.Accept,
		Guided:   f.Guided,
		Undo:     f.Undo,
		Owners:   Owners(t.Resource),
	}
}

func (t *Task) fill(text string) string {
	for name, value := range t.Params {
		text = strings.ReplaceAll(text, "{"+name+"}", fmt.Sprint(value))
	}
	return text
}

// Skip says why the task gets no change; reason is one of the Skip constants.
func (t *Task) Skip(reason, format string, args ...any) *Skipped {
	return &Skipped{Control: t.Control.ID, Resource: t.Resource.Ref, Reason: reason, Detail: fmt.Sprintf(format, args...)}
}

// Here is the condition that the resource of the task is still the same one.
func (t *Task) Here() Condition { return Condition{Resource: t.Resource.Ref, Is: IsThere} }

// Equal is the condition that a property of the resource has a value.
func (t *Task) Equal(property string, value resource.Value) Condition {
	return Condition{Resource: t.Resource.Ref, Property: property, Is: IsEqual, Value: value}
}

// Call is a call in the account and region of the resource.
func (t *Task) Call(operation string, parameters map[string]resource.Value) *Call {
	return &Call{Operation: operation, Account: t.Resource.Account, Region: t.Resource.Region, Parameters: parameters}
}
