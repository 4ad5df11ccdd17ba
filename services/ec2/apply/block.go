package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/ec2"
)

// The procedures that controls name.
const (
	BlockSharing     = "block-snapshot-sharing"
	UnshareSnapshots = "unshare-ebs-snapshots"
)

const (
	state     = "State"
	managedBy = "ManagedBy"
	public    = "PublicSnapshots"

	byPolicy  = "declarative-policy"
	blocksAll = "block-all-sharing"
	unblocked = "unblocked"
)

// Planners returns the planners of the fixes of EBS snapshots.
func Planners() fix.Planners {
	return fix.Planners{Procedures: map[string]fix.Planner{BlockSharing: block{}, UnshareSnapshots: unshare{}}}
}

// block plans for Regions that do not block public sharing.
type block struct{}

// Wants implements fix.Planner.
func (block) Wants(*control.Control) []string { return []string{state, managedBy} }

// Plan implements fix.Planner.
func (block) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	before, owner := task.Resource.Get(state), task.Resource.Get(managedBy)
	for name, value := range map[string]resource.Value{state: before, managedBy: owner} {
		if value.Kind() == resource.Unknown {
			return nil, task.Skip(fix.SkipUnread, "%s could not be read: %s", name, action.Because(value)), nil
		}
	}
	if text, _ := owner.Text(); text == byPolicy {
		return nil, task.Skip(fix.SkipOwned, "a declarative policy of the organisation sets it; change it there"), nil
	}
	ids, skipped, err := shared(ctx, task)
	if skipped != nil || err != nil {
		return nil, skipped, err
	}
	change := task.Change()
	change.Sets = []fix.Setting{{Property: state, Before: before, After: resource.OfString(blocksAll)}}
	change.Steps = []fix.Step{raise(task, before, owner)}
	change.Warnings = told(ids)
	if len(ids) > 0 {
		change.Accept = fmt.Sprintf("%s can be restored by everybody today and by nobody else any more", count(ids))
	}
	return change, nil, nil
}

// shared lists what is public in the Region today.
func shared(ctx context.Context, task *fix.Task) ([]string, *fix.Skipped, error) {
	if task.Reader == nil {
		return nil, task.Skip(fix.SkipUnread, "planning this needs the snapshots that are public, which only the account can tell; plan against it instead of saved data"), nil
	}
	ref := task.Resource.Ref
	ref.Type, ref.ARN = ec2.SharingType, ""
	found, err := task.Reader.Read(ctx, ref, []string{public})
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		return nil, task.Skip(fix.SkipUnread, "%v", err), nil
	}
	list := found.Get(public)
	ids, ok := list.Strings()
	if !ok {
		return nil, task.Skip(fix.SkipUnread, "which snapshots are public could not be read: %s", action.Because(list)), nil
	}
	return ids, nil, nil
}

// told says what is public today.
func told(ids []string) []string {
	if len(ids) == 0 {
		return []string{"no snapshot of the Region is public today"}
	}
	return []string{
		"public today, and out of reach of others afterwards: " + strings.Join(ids, ", "),
		"the block hides them and leaves their permission as it is: whoever lowers it, a rollback too, makes them public again; EC2.1 takes the permission away",
	}
}

func count(ids []string) string {
	if len(ids) == 1 {
		return "one snapshot"
	}
	return fmt.Sprintf("%d snapshots", len(ids))
}

// raise blocks all sharing. The way back is the state before, whatever it was.
func raise(task *fix.Task, before, owner resource.Value) fix.Step {
	ours := task.Equal(managedBy, owner)
	step := fix.Step{
		ID: "1", Title: "block all public sharing of snapshots",
		Call:     stateCall(task, blocksAll),
		Before:   []fix.Condition{task.Here(), ours, task.Equal(state, before)},
		Done:     []fix.Condition{task.Here(), task.Equal(state, resource.OfString(blocksAll))},
		UndoDone: []fix.Condition{task.Here(), task.Equal(state, before)},
	}
	former, _ := before.Text()
	step.Undo = stateCall(task, former)
	return step
}

// stateCall sets the switch. Turning it off is an operation of its own.
func stateCall(task *fix.Task, to string) *fix.Call {
	if to == unblocked {
		return task.Call(disableBlock, map[string]resource.Value{})
	}
	return task.Call(enableBlock, map[string]resource.Value{state: resource.OfString(to)})
}

// Vet implements fix.Vetter.
func (block) Vet(c *fix.Change, _ *control.Type) error {
	if len(c.Steps) != 1 {
		return errors.New("blocking takes one step")
	}
	before, _ := action.Asked(c.Steps[0].Before, c.Resource, state)
	owner, _ := action.Asked(c.Steps[0].Before, c.Resource, managedBy)
	if text, _ := owner.Text(); text == byPolicy {
		return errors.New("it moves a switch that the organisation holds")
	}
	if text, ok := before.Text(); !ok || text == blocksAll {
		return errors.New("it does not say what the switch was before")
	}
	return action.Same(c.Steps, []fix.Step{raise(&fix.Task{Resource: &resource.Resource{Ref: c.Resource}}, before, owner)})
}
