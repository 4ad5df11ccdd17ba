package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// encryptSnapshot plans the encryption of a manual snapshot. AWS refuses to
// copy an unencrypted cluster snapshot with a key; only a restore takes one. So
// an encrypted cluster without instances is made for a while, a snapshot of it
// is taken, and a person deletes the old snapshot.
type encryptSnapshot struct{ options Options }

// Wants implements fix.Planner.
func (*encryptSnapshot) Wants(*control.Control) []string {
	return []string{"DBClusterIdentifier", "SnapshotType", "StorageEncrypted", "Status", "SnapshotCreateTime", restoreAccounts}
}

// Plan implements fix.Planner.
func (p *encryptSnapshot) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	if skipped := unreadable(task, task.Resource, "SnapshotType", "Status", "StorageEncrypted"); skipped != nil {
		return nil, skipped, nil
	}
	switch kind, _ := task.Resource.Get("SnapshotType").Text(); kind {
	case "manual":
	case "automated":
		return nil, task.Skip(fix.SkipNoFix, "an automated snapshot is as encrypted as its cluster: fix Neptune.1 for %s, and the unencrypted ones age out", task.Resource.Get("DBClusterIdentifier")), nil
	default:
		return nil, task.Skip(fix.SkipNoFix, "the snapshot is %s: whoever made it owns it", task.Resource.Get("SnapshotType")), nil
	}
	if skipped := notAvailable(task); skipped != nil {
		return nil, skipped, nil
	}
	if task.Reader == nil {
		return nil, offline(task, "the network of the cluster that the snapshot came from"), nil
	}
	d := &snapshotDraft{draft: newDraft(task), key: p.options.Key}
	if skipped, err := d.survey(ctx); skipped != nil || err != nil {
		return nil, skipped, err
	}
	d.describe()
	d.steps()
	return d.Change, nil, nil
}

type snapshotDraft struct {
	*draft
	key string
	// network is the old cluster, as far as it still exists; it lends subnet
	// group and security groups to the temporary one.
	network       *resource.Resource
	helper, fresh resource.Ref
}

func (d *snapshotDraft) survey(ctx context.Context) (*fix.Skipped, error) {
	source, _ := d.task.Resource.Get("DBClusterIdentifier").Text()
	d.network = &resource.Resource{}
	if source != "" {
		found, err := d.task.Reader.Read(ctx, d.ref(neptune.ClusterType, source), []string{propSubnetGroup, propSecurityGroups})
		if err != nil && !errors.Is(err, fix.ErrGone) {
			return readFailed(ctx, d.task, err)
		}
		if err == nil {
			d.network = found
		}
	}
	helper, err := d.free(ctx, neptune.ClusterType, d.Resource.ID, "encrypting")
	if err != nil {
		return readFailed(ctx, d.task, err)
	}
	fresh, err := d.free(ctx, neptune.SnapshotType, d.Resource.ID, "encrypted")
	if err != nil {
		return readFailed(ctx, d.task, err)
	}
	d.helper, d.fresh = d.ref(neptune.ClusterType, helper), d.ref(neptune.SnapshotType, fresh)
	return nil, nil
}

func (d *snapshotDraft) describe() {
	result := d.fresh
	d.Result = &result
	d.Sets = []fix.Setting{
		{Property: "StorageEncrypted", Before: d.task.Resource.Get("StorageEncrypted"), After: resource.OfBool(true)},
		{Property: "KmsKeyId", Before: d.task.Resource.Get("KmsKeyId"), After: resource.OfString(d.key)},
	}
	d.Cost = &fix.Cost{Basis: "the temporary cluster has no instances; its storage counts by the hour until it is deleted, and the new snapshot is billed like the old one until you delete that"}
	d.Warnings = append(d.Warnings,
		"AWS refuses to copy an unencrypted cluster snapshot with a key: it is restored to a temporary encrypted cluster, and a snapshot of that is taken",
		fmt.Sprintf("%s goes on failing until you delete it; the encrypted snapshot is %s", d.Resource.ID, d.fresh.ID),
		"the new snapshot bears today's date, not that of the data in it; the tag "+MadeTag+" and its name tell where it came from",
	)
	if accounts := without(d.task.Resource.Get(restoreAccounts), resource.OfStrings(nil)); len(accounts) > 0 {
		d.Warnings = append(d.Warnings, fmt.Sprintf("the old snapshot is shared with %s; the new one is shared with nobody; an encrypted one can never be shared with %s", strings.Join(accounts, ", "), everybody))
	}
	if d.key == DefaultKey {
		d.Warnings = append(d.Warnings, "a snapshot encrypted with "+DefaultKey+" cannot be shared with other accounts; name a key of your own to be able to")
	}
	if d.network.ID == "" {
		d.Warnings = append(d.Warnings, "the cluster it came from is gone: the temporary one stands in the default subnet group, without instances")
	}
}

func (d *snapshotDraft) steps() {
	restore := map[string]resource.Value{
		"DBClusterIdentifier": resource.OfString(d.helper.ID),
		"SnapshotIdentifier":  resource.OfString(d.Resource.ID),
		"Engine":              resource.OfString(neptune.Engine),
		"KmsKeyId":            resource.OfString(d.key),
		"DeletionProtection":  resource.OfBool(false),
		"Tags":                d.tags(resource.Value{}),
	}
	for property, parameter := range map[string]string{propSubnetGroup: "DBSubnetGroupName", propSecurityGroups: "VpcSecurityGroupIds"} {
		if value := d.network.Get(property); value.Known() {
			restore[parameter] = value
		}
	}
	d.add(fix.Step{
		Title:    "restore the snapshot, encrypted, as the temporary cluster " + d.helper.ID,
		Call:     d.task.Call("rds:RestoreDBClusterFromSnapshot", restore),
		Before:   []fix.Condition{d.task.Here(), sameSnapshot(d.task), settled(d.Resource), isGone(d.helper)},
		Done:     append(d.ready(d.helper), equal(d.helper, "StorageEncrypted", resource.OfBool(true))),
		Timeout:  12 * hour,
		Undo:     deleteCluster(d.task, d.helper.ID),
		UndoDone: []fix.Condition{isGone(d.helper)},
	})
	d.add(fix.Step{
		Title: "take the encrypted snapshot " + d.fresh.ID,
		Call: d.task.Call("rds:CreateDBClusterSnapshot", map[string]resource.Value{
			"DBClusterSnapshotIdentifier": resource.OfString(d.fresh.ID),
			"DBClusterIdentifier":         resource.OfString(d.helper.ID),
			"Tags":                        d.tags(d.task.Resource.Get(resource.TagsProperty)),
		}),
		Before: append(d.ready(d.helper), isGone(d.fresh)),
		// The old one too: without it the new one is all there is of the data,
		// and is not deleted on the way back.
		Done:     append(d.ready(d.fresh), equal(d.fresh, "StorageEncrypted", resource.OfBool(true)), d.task.Here(), sameSnapshot(d.task)),
		Timeout:  4 * hour,
		Undo:     deleteSnapshot(d.task, d.fresh.ID),
		UndoDone: []fix.Condition{isGone(d.fresh)},
	})
	d.add(fix.Step{
		Title:   "delete the temporary cluster",
		Call:    deleteCluster(d.task, d.helper.ID),
		Before:  append(d.ready(d.fresh), d.ready(d.helper)...),
		Done:    []fix.Condition{isGone(d.helper)},
		Timeout: 2 * hour,
	})
	d.add(fix.Step{
		Title: "delete the unencrypted snapshot, once nobody needs it",
		Manual: fmt.Sprintf("Restore %s where you would need it, to see that it can be. Then delete the old one; that cannot be taken back:\n%s",
			d.fresh.ID, d.command("delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier", d.Resource.ID)),
		Done:  []fix.Condition{isGone(d.Resource)},
		Final: "a snapshot that was deleted does not come back",
	})
}
