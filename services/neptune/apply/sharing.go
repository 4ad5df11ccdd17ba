package apply

import (
	"slices"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const (
	restoreAccounts = "RestoreAccounts"
	// everybody is the entry of the share list that makes a snapshot public.
	everybody = "all"
)

// sameSnapshot is the condition that the snapshot is the one of the plan: a
// snapshot has no id of its own that would tell it from a later one of the same
// name, which must be neither encrypted nor shared in its place.
func sameSnapshot(task *fix.Task) fix.Condition {
	return task.Equal("SnapshotCreateTime", task.Resource.Get("SnapshotCreateTime"))
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
