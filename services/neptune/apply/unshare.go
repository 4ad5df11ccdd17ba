package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const (
	restoreAccounts = "RestoreAccounts"
	// everybody is the entry of the share list that makes a snapshot public.
	everybody = "all"
)

// unshare plans for public snapshots: everybody is taken off the share list,
// the accounts on it stay.
type unshare struct{}

// Wants implements fix.Planner.
func (unshare) Wants(*control.Control) []string {
	return []string{restoreAccounts, "SnapshotType", "SnapshotCreateTime", "Status", "StorageEncrypted"}
}

// Plan implements fix.Planner.
func (unshare) Plan(_ context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	r := task.Resource
	if skipped := unreadable(task, r, restoreAccounts, "Status", "SnapshotCreateTime"); skipped != nil {
		return nil, skipped, nil
	}
	if skipped := notAvailable(task); skipped != nil {
		return nil, skipped, nil
	}
	before := r.Get(restoreAccounts)
	stay := without(before, resource.OfStrings([]string{everybody}))
	d := newDraft(task)
	d.Sets = []fix.Setting{{Property: restoreAccounts, Before: before, After: resource.OfStrings(stay)}}
	if len(stay) > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("the snapshot stays shared with %s, as it was", strings.Join(stay, ", ")))
	}
	if encrypted, ok := r.Get("StorageEncrypted").Bool(); ok && !encrypted {
		d.Warnings = append(d.Warnings, "whoever copied the snapshot while it was public keeps the copy")
	}
	same := sameSnapshot(task)
	d.add(fix.Step{
		Title:    "stop sharing the snapshot with everybody",
		Call:     shareCall(task, "ValuesToRemove"),
		Before:   []fix.Condition{task.Here(), same, settled(r.Ref), task.Equal(restoreAccounts, before)},
		Done:     []fix.Condition{task.Here(), same, disjoint(r.Ref, restoreAccounts, everybody), superset(r.Ref, restoreAccounts, stay)},
		Undo:     shareCall(task, "ValuesToAdd"),
		UndoDone: []fix.Condition{task.Here(), same, superset(r.Ref, restoreAccounts, allOf(before))},
	})
	return d.Change, nil, nil
}

// sameSnapshot is the condition that the snapshot is the one of the plan: a
// snapshot has no id of its own that would tell it from a later one of the same
// name, which must be neither encrypted nor shared in its place.
func sameSnapshot(task *fix.Task) fix.Condition {
	return task.Equal("SnapshotCreateTime", task.Resource.Get("SnapshotCreateTime"))
}

func shareCall(task *fix.Task, list string) *fix.Call {
	return task.Call("rds:ModifyDBClusterSnapshotAttribute", map[string]resource.Value{
		"DBClusterSnapshotIdentifier": resource.OfString(task.Resource.ID),
		"AttributeName":               resource.OfString("restore"),
		list:                          resource.OfStrings([]string{everybody}),
	})
}

// allOf returns the texts of a list, sorted.
func allOf(list resource.Value) []string {
	texts, _ := list.Strings()
	slices.Sort(texts)
	return texts
}

// notAvailable says that the resource takes no changes now, or nil.
func notAvailable(task *fix.Task) *fix.Skipped {
	if status, _ := task.Resource.Get("Status").Text(); status != available {
		return task.Skip(fix.SkipState, "it is %s and takes changes only when it is %s", task.Resource.Get("Status"), available)
	}
	return nil
}
