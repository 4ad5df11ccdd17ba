package fix

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// PropertyPlanner plans the fixes that only set properties: one step for each,
// by the write operation of the resource type, and nothing but that attribute
// in the call. Its parts serve the planners of procedures as well.
type PropertyPlanner struct {
	// Status names the property that says what the resource is doing, and
	// Ready the value with which it takes changes. Both are empty for a type
	// that has no such state.
	Status, Ready string
	// Identified is true for a type whose resources have an id that survives a
	// rename.
	Identified bool
	// Restart names the property that says when a stopped resource starts by
	// itself, if there is one.
	Restart string
	// Pending maps a property to the one that holds an accepted value which
	// does not count yet.
	Pending map[string]string
	// Protections are the properties that are never lowered or turned off,
	// whatever a control wants.
	Protections []string
	// Shapes holds the properties whose parameter is more than the value.
	Shapes map[string]Shape
	// Owned maps a property to what, where it is there, says that somebody else
	// owns the setting. The resource is then left alone.
	Owned map[string][]OwnedBy
	// Refine, where it is set, completes a step. It is told only what a step
	// itself says: the resource's reference, and the values before and after.
	Refine func(step *Step, task *Task, property string, from, to resource.Value)
	// Timeout bounds the wait for one property; 0 means 15 minutes.
	Timeout time.Duration
}

var _ Planner = (*PropertyPlanner)(nil)

// OwnedBy is a property that names the owner of another one.
type OwnedBy struct {
	Property string
	// Says tells, after the owner's name, what the owner does and where the
	// setting is changed.
	Says string
}

// Shape makes the parameters that turn one property value into another. The
// resource's identifier is added to them.
type Shape func(from, to resource.Value) map[string]resource.Value

// Wants implements Planner.
func (p *PropertyPlanner) Wants(c *control.Control) []string {
	wants := merge(nil, []string{p.Status, p.Restart, globalCluster}, slices.Collect(maps.Keys(c.Fix.Set)))
	for property := range c.Fix.Set {
		wants = merge(wants, []string{p.Pending[property]})
		for _, owner := range p.Owned[property] {
			wants = merge(wants, []string{owner.Property})
		}
	}
	return wants
}

// Plan implements Planner.
func (p *PropertyPlanner) Plan(_ context.Context, task *Task) (*Change, *Skipped, error) {
	if skipped := p.Skip(task); skipped != nil {
		return nil, skipped, nil
	}
	change := task.Change()
	for _, property := range slices.Sorted(maps.Keys(task.Desired)) {
		to := task.Desired[property]
		change.Sets = append(change.Sets, p.Setting(task, property, to))
		change.Steps = append(change.Steps, p.Step(task, strconv.Itoa(len(change.Steps)+1), property, to))
	}
	return change, nil, nil
}

// Skip decides whether the resource takes the change now: nil when it does.
// Nothing is planned on unread data, on a resource in another state than
// ready, over a change that is already queued, or to weaken a protection.
func (p *PropertyPlanner) Skip(task *Task) *Skipped {
	if skipped := p.skipState(task); skipped != nil {
		return skipped
	}
	for _, property := range slices.Sorted(maps.Keys(task.Desired)) {
		if skipped := p.skipProperty(task, property); skipped != nil {
			return skipped
		}
	}
	return nil
}

func (p *PropertyPlanner) skipState(task *Task) *Skipped {
	if p.Status == "" {
		return nil
	}
	status := task.Resource.Get(p.Status)
	text, ok := status.Text()
	switch {
	case !ok:
		return task.Skip(SkipUnread, "%s could not be read%s", p.Status, because(status))
	case text == p.Ready:
		return nil
	}
	if at, ok := task.Resource.Get(p.Restart).Text(); ok && p.Restart != "" {
		return task.Skip(SkipState, "it is %s and takes no changes; it starts by itself at %s", text, at)
	}
	return task.Skip(SkipState, "it is %s and takes changes only when it is %s", text, p.Ready)
}

func (p *PropertyPlanner) skipProperty(task *Task, property string) *Skipped {
	from, to := p.from(task, property), task.Desired[property]
	if from.Kind() == resource.Unknown {
		return task.Skip(SkipUnread, "%s could not be read%s", property, because(from))
	}
	if slices.Contains(p.Protections, property) && weakens(from, to) {
		return task.Skip(SkipWeakens, "the fix would turn %s from %s to %s", property, from, to)
	}
	if skipped := p.skipOwned(task, property); skipped != nil {
		return skipped
	}
	return p.skipQueued(task, property, to)
}

// skipOwned leaves alone what somebody else owns.
func (p *PropertyPlanner) skipOwned(task *Task, property string) *Skipped {
	for _, by := range p.Owned[property] {
		switch owner := task.Resource.Get(by.Property); owner.Kind() {
		case resource.Absent:
		case resource.Unknown:
			return task.Skip(SkipUnread, "%s could not be read%s", by.Property, because(owner))
		default:
			return task.Skip(SkipOwned, "%s %s", owner, by.Says)
		}
	}
	return nil
}

// skipQueued leaves alone what waits to become something else, or what is wanted.
func (p *PropertyPlanner) skipQueued(task *Task, property string, to resource.Value) *Skipped {
	pending := p.Pending[property]
	if pending == "" {
		return nil
	}
	switch queued := task.Resource.Get(pending); {
	case queued.Kind() == resource.Unknown:
		return task.Skip(SkipUnread, "%s could not be read%s", pending, because(queued))
	case queued.Kind() == resource.Absent:
		return nil
	case weakens(to, queued):
		return task.Skip(SkipConflict, "somebody already queued a change of %s to %s, which would undo the fix", property, queued)
	default:
		return task.Skip(SkipPending, "a change of %s to %s was already accepted and does not count yet", property, queued)
	}
}

// from is the value that counts now: what was read, or the service's default
// where nothing is there.
func (p *PropertyPlanner) from(task *Task, property string) resource.Value {
	value := task.Resource.Get(property)
	if value.Kind() == resource.Absent {
		return task.Type.Properties[property].Default
	}
	return value
}

// Setting shows one property before and after.
func (p *PropertyPlanner) Setting(task *Task, property string, to resource.Value) Setting {
	return Setting{Property: property, Before: p.from(task, property), After: to, Unit: task.Type.Properties[property].Unit}
}

// Step sets one property: it demands that the resource is the same one, ready,
// and still has the value that was planned upon, and it is done when the new
// value is there with nothing pending.
func (p *PropertyPlanner) Step(task *Task, id, property string, to resource.Value) Step {
	from := p.from(task, property)
	step := Step{
		ID:      id,
		Title:   "set " + property + " to " + to.String(),
		Call:    task.Call(task.Type.Write.Operation, p.parameters(task, property, from, to)),
		Before:  slices.Concat(p.ready(task), p.nothingPending(task, property, task.Equal(property, task.Resource.Get(property))), p.unowned(task, property)),
		Done:    append(p.ready(task), p.nothingPending(task, property, task.Equal(property, to))...),
		Timeout: int(p.Timeout.Seconds()),
	}
	if pending := p.Pending[property]; pending != "" {
		step.Pending = []Condition{task.Here(), task.Equal(pending, to)}
	}
	if !from.Known() {
		step.Final = "what " + property + " was before has no value that could be set"
	} else {
		step.Undo = task.Call(task.Type.Write.Operation, p.parameters(task, property, to, from))
		step.UndoDone = append(p.ready(task), p.nothingPending(task, property, task.Equal(property, from))...)
	}
	if p.Refine != nil {
		p.Refine(&step, task, property, from, to)
	}
	return step
}

// unowned is the condition that nobody has come to own the setting.
func (p *PropertyPlanner) unowned(task *Task, property string) []Condition {
	var conditions []Condition
	for _, by := range p.Owned[property] {
		conditions = append(conditions, task.Equal(by.Property, resource.Value{}))
	}
	return conditions
}

func (p *PropertyPlanner) parameters(task *Task, property string, from, to resource.Value) map[string]resource.Value {
	parameters := map[string]resource.Value{task.Type.Properties[property].Write: to}
	if shape := p.Shapes[property]; shape != nil {
		parameters = maps.Clone(shape(from, to))
	}
	parameters[task.Type.Write.Identifier] = resource.OfString(task.Resource.ID)
	return parameters
}

// ready is the condition that the resource is there, the same, and takes changes.
func (p *PropertyPlanner) ready(task *Task) []Condition {
	conditions := []Condition{task.Here()}
	if p.Status != "" {
		status := task.Equal(p.Status, resource.OfString(p.Ready))
		status.Settles = true
		conditions = append(conditions, status)
	}
	return conditions
}

// nothingPending adds to a condition that no other value is queued.
func (p *PropertyPlanner) nothingPending(task *Task, property string, c Condition) []Condition {
	if pending := p.Pending[property]; pending != "" {
		return []Condition{c, task.Equal(pending, resource.Value{})}
	}
	return []Condition{c}
}

// weakens reports whether a value is less than another: a smaller number, a
// flag turned off, a list that lacks an item.
func weakens(from, to resource.Value) bool {
	switch from.Kind() {
	case resource.Bool:
		was, _ := from.Bool()
		is, ok := to.Bool()
		return ok && was && !is
	case resource.List:
		for _, item := range from.List() {
			if !to.Contains(item) {
				return true
			}
		}
		return false
	default:
		order, ok := compareNumbers(from, to)
		return ok && order > 0
	}
}

// because explains an unknown value, as the end of a sentence.
func because(v resource.Value) string {
	m := v.Missing()
	switch {
	case m == nil:
		return ": the service did not say"
	case m.Detail != "":
		return ": " + m.Detail
	case m.Permission != "":
		return ": the permission " + m.Permission + " is missing"
	default:
		return ": " + m.Reason
	}
}

// merge joins lists of names into one that is sorted and without repetition.
func merge(lists ...[]string) []string {
	merged := slices.Concat(lists...)
	slices.Sort(merged)
	merged = slices.Compact(merged)
	return slices.DeleteFunc(merged, func(name string) bool { return name == "" })
}
