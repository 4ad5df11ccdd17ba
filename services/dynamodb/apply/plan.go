package apply

import (
	"context"
	"errors"
	"fmt"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/dynamodb"
)

// EnableRecovery is the procedure that turns on point-in-time recovery.
const EnableRecovery = "enable-point-in-time-recovery"

const (
	protection = "DeletionProtectionEnabled"
	recovery   = "PointInTimeRecovery"
	status     = "Status"
	active     = "ACTIVE"
	// longestPeriod is the recovery period that AWS gives a table for which none
	// was chosen, in days. The price does not depend on it.
	longestPeriod = 35
)

// Planners returns the planners of DynamoDB's fixes.
func Planners() fix.Planners {
	return fix.Planners{
		Procedures: map[string]fix.Planner{EnableRecovery: recoverable{}},
		Types:      map[string]fix.Planner{dynamodb.TableType: action.Identified{PropertyPlanner: properties()}},
	}
}

// properties plans the fixes that only set properties of a table.
func properties() *fix.PropertyPlanner {
	return &fix.PropertyPlanner{
		Status: status, Ready: active, Identified: true,
		Protections: []string{protection, recovery},
	}
}

// recoverable plans for tables without point-in-time recovery.
type recoverable struct{}

// Wants implements fix.Planner.
func (recoverable) Wants(*control.Control) []string { return []string{recovery, periodInDays, status} }

// Plan implements fix.Planner.
func (recoverable) Plan(_ context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	if skipped := properties().Skip(task); skipped != nil {
		return nil, skipped, nil
	}
	if skipped := action.Nameless(task); skipped != nil {
		return nil, skipped, nil
	}
	before := task.Resource.Get(periodInDays)
	if before.Kind() == resource.Unknown {
		return nil, task.Skip(fix.SkipUnread, "%s could not be read: %s", periodInDays, action.Because(before)), nil
	}
	change := task.Change()
	change.Sets = []fix.Setting{
		{Property: recovery, Before: resource.OfBool(false), After: resource.OfBool(true)},
		{Property: periodInDays, Before: before, After: period(before), Unit: "days"},
	}
	change.Steps = []fix.Step{turnOn(task, before)}
	change.Warnings = []string{fmt.Sprintf("nothing can be restored from before this is on; the window grows by one day each day, up to %s days", period(before))}
	return change, nil, nil
}

// period is the recovery period to ask for: what was chosen once is kept.
func period(before resource.Value) resource.Value {
	if days, ok := before.Int(); ok && days >= 1 && days <= longestPeriod {
		return before
	}
	return resource.OfInt(longestPeriod)
}

// turnOn turns recovery on. On the way back it is turned off, whatever the
// period: AWS keeps none for a table that is not recorded.
func turnOn(task *fix.Task, before resource.Value) fix.Step {
	ref := task.Resource.Ref
	days := period(before)
	ready := []fix.Condition{task.Here(), action.Settled(ref, status, active)}
	with := func(conditions ...fix.Condition) []fix.Condition {
		return append(ready[:len(ready):len(ready)], conditions...)
	}
	off := task.Equal(recovery, resource.OfBool(false))
	return fix.Step{
		ID: "1", Title: "turn on point-in-time recovery over " + days.String() + " days",
		Call:     updateCall(task, map[string]resource.Value{switchedOn: resource.OfBool(true), periodInDays: days}),
		Before:   with(off, task.Equal(periodInDays, before)),
		Done:     with(task.Equal(recovery, resource.OfBool(true)), task.Equal(periodInDays, days)),
		Undo:     updateCall(task, map[string]resource.Value{switchedOn: resource.OfBool(false)}),
		UndoDone: with(off),
	}
}

func updateCall(task *fix.Task, fields map[string]resource.Value) *fix.Call {
	return task.Call(updateBackups, map[string]resource.Value{
		tableName: resource.OfString(task.Resource.ID), specification: resource.OfMap(fields),
	})
}

// Vet implements fix.Vetter.
func (recoverable) Vet(c *fix.Change, _ *control.Type) error {
	if c.Resource.UID == "" {
		return fix.ErrUnidentified
	}
	if len(c.Steps) != 1 {
		return errors.New("turning recovery on takes one step")
	}
	before, _ := action.Asked(c.Steps[0].Before, c.Resource, periodInDays)
	task := &fix.Task{Resource: &resource.Resource{Ref: c.Resource}}
	return action.Same(c.Steps, []fix.Step{turnOn(task, before)})
}
