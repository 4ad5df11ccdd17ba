package action

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Permissions lists the IAM actions that a fix takes which makes the given
// calls and reads the properties that its planner wants, in alphabetical order.
// always are the reads that find the resource. Tags and restore times are read
// along with every fix.
func Permissions(c *control.Control, typ *control.Type, planner fix.Planner, calls []string, always ...string) []string {
	operations := slices.Concat(calls, always)
	for _, property := range append(planner.Wants(c), resource.TagsProperty, "EarliestRestorableTime", "LatestRestorableTime") {
		if typ.Properties[property] != nil {
			operations = append(operations, typ.ReadsOf(property)...)
		}
	}
	actions := make([]string, len(operations))
	for i, operation := range operations {
		actions[i] = awsconn.Action(operation)
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// Asked is the value that conditions ask of a property; absent where they ask
// that it be absent, and false where they do not ask.
func Asked(conditions []fix.Condition, ref resource.Ref, property string) (resource.Value, bool) {
	i := slices.IndexFunc(conditions, func(c fix.Condition) bool {
		return c.Resource == ref && c.Property == property && c.Is == fix.IsEqual
	})
	if i < 0 {
		return resource.Value{}, false
	}
	return conditions[i].Value, true
}

// errOther says that a step is not the one that a fix makes.
var errOther = errors.New("it is not the step with which the fix does that")

// Same refuses steps that are not those that a planner makes anew.
func Same(have, want []fix.Step) error {
	a, errA := json.Marshal(have)
	b, errB := json.Marshal(want)
	if errA != nil || errB != nil || !bytes.Equal(a, b) {
		return errOther
	}
	return nil
}

// Equal is the condition that a property has a value.
func Equal(ref resource.Ref, property string, value resource.Value) fix.Condition {
	return fix.Condition{Resource: ref, Property: property, Is: fix.IsEqual, Value: value}
}

// Settled is the condition that a property has a value to which it comes by
// itself; it is waited for.
func Settled(ref resource.Ref, property, value string) fix.Condition {
	c := Equal(ref, property, resource.OfString(value))
	c.Settles = true
	return c
}

// Because explains an unknown value, as the end of a sentence.
func Because(v resource.Value) string {
	m := v.Missing()
	switch {
	case m == nil:
		return "the service did not say"
	case m.Permission != "":
		return "the permission " + m.Permission + " is missing"
	case m.Detail != "":
		return m.Detail
	default:
		return m.Reason
	}
}

// Comes refuses a change with a step that does not bring a property to a value.
func Comes(c *fix.Change, property string, to resource.Value) error {
	for i := range c.Steps {
		if value, _ := Asked(c.Steps[i].Done, c.Resource, property); !value.Equal(to) {
			return fmt.Errorf("step %q does not bring %s to %s", c.Steps[i].ID, property, to)
		}
	}
	return nil
}

// Identified is a property planner that leaves alone what has no id: another
// one of the name would be taken for it.
type Identified struct{ *fix.PropertyPlanner }

// Plan implements fix.Planner.
func (p Identified) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	if skipped := Nameless(task); skipped != nil {
		return nil, skipped, nil
	}
	return p.PropertyPlanner.Plan(ctx, task)
}

// Nameless says that the service did not tell the id of a resource; nil where it
// did.
func Nameless(task *fix.Task) *fix.Skipped {
	if task.Resource.UID != "" {
		return nil
	}
	return task.Skip(fix.SkipUnread, "the service did not tell its id, without which another one of the name would be taken for it")
}
