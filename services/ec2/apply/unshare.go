package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/ec2"
)

const permission = "CreateVolumePermission"

// group is the permission of everybody, as the API writes it.
func group() resource.Value {
	return resource.OfList(resource.OfMap(map[string]resource.Value{"Group": resource.OfString(ec2.Everybody)}))
}

// unshare plans for public snapshots: everybody is taken off the list of each,
// the accounts on it stay.
type unshare struct{}

// Wants implements fix.Planner.
func (unshare) Wants(*control.Control) []string { return []string{public, "BlockState"} }

// Plan implements fix.Planner.
func (unshare) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	list := task.Resource.Get(public)
	ids, ok := list.Strings()
	switch {
	case !ok:
		return nil, task.Skip(fix.SkipUnread, "which snapshots are public could not be read: %s", action.Because(list)), nil
	case task.Reader == nil:
		return nil, task.Skip(fix.SkipUnread, "planning this needs to know with whom each snapshot is shared, which only the account can tell; plan against it instead of saved data"), nil
	}
	change := task.Change()
	change.Sets = []fix.Setting{{Property: public, Before: list, After: resource.OfStrings([]string{})}}
	change.Warnings = []string{"whoever copied a snapshot while it was public keeps the copy"}
	for _, id := range ids {
		ref := snapshotRef(task.Resource.Ref, id)
		found, err := task.Reader.Read(ctx, ref, []string{ec2.SharedWith})
		switch {
		case ctx.Err() != nil:
			return nil, nil, ctx.Err()
		case errors.Is(err, fix.ErrGone):
			continue
		case err != nil:
			return nil, task.Skip(fix.SkipUnread, "with whom %s is shared could not be read: %v", id, err), nil
		}
		step, stay := takeBack(task, id, len(change.Steps)+1, found.Get(ec2.SharedWith))
		change.Steps = append(change.Steps, step)
		if len(stay) > 0 {
			change.Warnings = append(change.Warnings, fmt.Sprintf("%s stays shared with %s, as it was", id, strings.Join(stay, ", ")))
		}
	}
	if len(change.Steps) == 0 {
		return nil, task.Skip(fix.SkipState, "the public snapshots are gone already"), nil
	}
	if blocked, _ := task.Resource.Get("BlockState").Text(); blocked != "" && blocked != unblocked {
		change.Warnings = append(change.Warnings, "taking this back is refused by AWS for as long as the Region blocks public sharing")
	}
	return change, nil, nil
}

// snapshotRef names a snapshot. Its id is never used again.
func snapshotRef(of resource.Ref, id string) resource.Ref {
	return resource.Ref{
		Type: ec2.SnapshotType, ID: id, ARN: "arn:" + of.Partition + ":ec2:" + of.Region + "::snapshot/" + id,
		Account: of.Account, Region: of.Region, Partition: of.Partition,
	}
}

// takeBack takes everybody off the list of a snapshot; stay are the accounts
// that stay on it.
func takeBack(task *fix.Task, id string, number int, before resource.Value) (step fix.Step, stay []string) {
	ref := snapshotRef(task.Resource.Ref, id)
	all, _ := before.Strings()
	stay = slices.DeleteFunc(slices.Clone(all), func(with string) bool { return with == ec2.Everybody })
	of := func(is string, items []string) fix.Condition {
		return fix.Condition{Resource: ref, Property: ec2.SharedWith, Is: is, Value: resource.OfStrings(items)}
	}
	there := fix.Condition{Resource: ref, Is: fix.IsThere}
	return fix.Step{
		ID: strconv.Itoa(number), Title: "stop sharing " + id + " with everybody",
		Call:     shareCall(task, id, "Remove"),
		Before:   []fix.Condition{there, of(fix.IsEqual, all)},
		Done:     []fix.Condition{there, of(fix.IsDisjoint, []string{ec2.Everybody}), of(fix.IsSuperset, stay)},
		Undo:     shareCall(task, id, "Add"),
		UndoDone: []fix.Condition{there, of(fix.IsSuperset, all)},
	}, stay
}

func shareCall(task *fix.Task, id, change string) *fix.Call {
	return task.Call(modifyShare, map[string]resource.Value{
		"SnapshotId": resource.OfString(id), "Attribute": resource.OfString("createVolumePermission"),
		permission: resource.OfMap(map[string]resource.Value{change: group()}),
	})
}

// Vet implements fix.Vetter.
func (unshare) Vet(c *fix.Change, _ *control.Type) error {
	task := &fix.Task{Resource: &resource.Resource{Ref: c.Resource}}
	var want []fix.Step
	for i := range c.Steps {
		id, before, err := shareOf(&c.Steps[i], c.Resource)
		if err != nil {
			return err
		}
		step, _ := takeBack(task, id, i+1, before)
		want = append(want, step)
	}
	return action.Same(c.Steps, want)
}

// shareOf is the snapshot that a step is about, and with whom it was shared.
func shareOf(step *fix.Step, of resource.Ref) (id string, before resource.Value, err error) {
	if len(step.Before) == 0 {
		return "", before, fmt.Errorf("step %q does not say which snapshot it is about", step.ID)
	}
	id = step.Before[0].Resource.ID
	before, ok := action.Asked(step.Before, snapshotRef(of, id), ec2.SharedWith)
	if !ok || !before.Contains(resource.OfString(ec2.Everybody)) {
		return "", before, fmt.Errorf("step %q does not say with whom %q was shared", step.ID, id)
	}
	return id, before, nil
}
