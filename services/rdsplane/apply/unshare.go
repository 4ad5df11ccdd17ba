package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
)

// Everybody is the entry of a share list that makes a snapshot public.
const Everybody = "all"

const (
	available  = "available"
	createTime = "SnapshotCreateTime"
	status     = "Status"
)

// Unshare plans for public snapshots, of clusters and of instances: everybody is
// taken off the share list, the accounts on it stay.
type Unshare struct{}

var (
	_ fix.Planner = Unshare{}
	_ fix.Vetter  = Unshare{}
)

// Wants implements fix.Planner.
func (Unshare) Wants(*control.Control) []string {
	return []string{rdsplane.SharesProperty, createTime, "SnapshotType", status, "StorageEncrypted"}
}

// Plan implements fix.Planner.
func (Unshare) Plan(_ context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	r := task.Resource
	for _, property := range []string{rdsplane.SharesProperty, status, createTime} {
		if missing := r.Get(property).Missing(); missing != nil {
			return nil, task.Skip(fix.SkipUnread, "%s of %s could not be read: %s", property, r.ID, cause(missing)), nil
		}
	}
	if text, _ := r.Get(status).Text(); text != available {
		return nil, task.Skip(fix.SkipState, "it is %s and takes changes only when it is %s", r.Get(status), available), nil
	}
	before, stay := sharesOf(task)
	change := task.Change()
	change.Sets = []fix.Setting{{Property: rdsplane.SharesProperty, Before: r.Get(rdsplane.SharesProperty), After: resource.OfStrings(stay)}}
	if len(stay) > 0 {
		change.Warnings = append(change.Warnings, fmt.Sprintf("the snapshot stays shared with %s, as it was", strings.Join(stay, ", ")))
	}
	if encrypted, ok := r.Get("StorageEncrypted").Bool(); ok && !encrypted {
		change.Warnings = append(change.Warnings, "whoever copied the snapshot while it was public keeps the copy")
	}
	change.Steps = []fix.Step{unshareStep(task, before, stay)}
	return change, nil, nil
}

func unshareStep(task *fix.Task, before, stay []string) fix.Step {
	settled := task.Equal(status, resource.OfString(available))
	settled.Settles = true
	listed := func(is string, accounts []string) fix.Condition {
		return fix.Condition{Resource: task.Resource.Ref, Property: rdsplane.SharesProperty, Is: is, Value: resource.OfStrings(accounts)}
	}
	same := sameSnapshot(task)
	return fix.Step{
		ID:       "1",
		Title:    "stop sharing the snapshot with everybody",
		Call:     shareCall(task, remove),
		Before:   []fix.Condition{task.Here(), same, settled, task.Equal(rdsplane.SharesProperty, task.Resource.Get(rdsplane.SharesProperty))},
		Done:     []fix.Condition{task.Here(), same, listed(fix.IsDisjoint, []string{Everybody}), listed(fix.IsSuperset, stay)},
		Undo:     shareCall(task, add),
		UndoDone: []fix.Condition{task.Here(), same, listed(fix.IsSuperset, before)},
	}
}

// sameSnapshot is the condition that the snapshot is the one of the plan: a
// snapshot has no id of its own that would tell it from a later one of the same
// name, which must not be shared in its place.
func sameSnapshot(task *fix.Task) fix.Condition {
	return task.Equal(createTime, task.Resource.Get(createTime))
}

// shareCall changes who may restore the snapshot; the type says how its kind of
// snapshot is changed.
func shareCall(task *fix.Task, list string) *fix.Call {
	return task.Call(task.Type.Write.Operation, map[string]resource.Value{
		task.Type.Write.Identifier: resource.OfString(task.Resource.ID),
		attributeName:              resource.OfString(restore),
		list:                       resource.OfStrings([]string{Everybody}),
	})
}

// Vet implements fix.Vetter: the step is made once more from the shares that it
// demands before, and must come out the same.
func (Unshare) Vet(c *fix.Change, typ *control.Type) error {
	task := &fix.Task{Type: typ, Resource: &resource.Resource{Ref: c.Resource, Properties: make(map[string]resource.Value)}}
	for i := range c.Steps {
		step := &c.Steps[i]
		for list, call := range map[string]*fix.Call{remove: step.Call, add: step.Undo} {
			want := shareCall(task, list)
			if call == nil || call.Operation != want.Operation || !resource.OfMap(call.Parameters).Equal(resource.OfMap(want.Parameters)) {
				return fmt.Errorf("step %q: it does other than take everybody off the list of the snapshot", step.ID)
			}
		}
		if !tellsApart(step.Done, &c.Resource) || !tellsApart(step.Before, &c.Resource) {
			return errors.New("it does not see to it that the snapshot is still the same one")
		}
		for _, demanded := range step.Before {
			if demanded.Resource == c.Resource && demanded.Is == fix.IsEqual {
				task.Resource.Properties[demanded.Property] = demanded.Value
			}
		}
		before, stay := sharesOf(task)
		want := unshareStep(task, before, stay)
		if want.ID = step.ID; !sameStep(&want, step) {
			return fmt.Errorf("step %q is not how a snapshot is made private", step.ID)
		}
	}
	return nil
}

// sameStep compares what two steps are in a file.
func sameStep(a, b *fix.Step) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// sharesOf lists with whom the snapshot is shared, and with whom it stays so.
func sharesOf(task *fix.Task) (before, stay []string) {
	before, _ = task.Resource.Get(rdsplane.SharesProperty).Strings()
	slices.Sort(before)
	return before, slices.DeleteFunc(slices.Clone(before), func(account string) bool { return account == Everybody })
}

// tellsApart reports whether conditions tell the snapshot from a later one of
// its name.
func tellsApart(conditions []fix.Condition, ref *resource.Ref) bool {
	return slices.ContainsFunc(conditions, func(c fix.Condition) bool {
		return c.Resource == *ref && c.Property == createTime && c.Is == fix.IsEqual && c.Value.Known()
	})
}

func cause(m *resource.Missing) string {
	switch {
	case m.Permission != "":
		return "the permission " + m.Permission + " is missing"
	case m.Detail != "":
		return m.Detail
	default:
		return m.Reason
	}
}
