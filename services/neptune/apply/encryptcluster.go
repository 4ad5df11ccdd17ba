package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// encryptCluster plans the encryption of a cluster. AWS encrypts no cluster in
// place, no copy of an unencrypted snapshot and no restore to a point in time:
// only a restore from a snapshot with a key makes an encrypted cluster. So a
// second cluster is made beside the old one, which is kept, and a person cuts
// over by renaming both.
type encryptCluster struct{ options Options }

// Wants implements fix.Planner.
func (*encryptCluster) Wants(*control.Control) []string {
	return []string{"StorageEncrypted", "Status", "AutomaticRestartTime", "GlobalClusterIdentifier", "Members", "Writer"}
}

// kept are the settings of a cluster that a restore takes along when it is told
// to, by the parameter of the restore. What is not told falls back to a
// default: the default security group and parameter group, no IAM
// authentication, no deletion protection.
func kept() map[string]string {
	return map[string]string{
		propSubnetGroup:      "DBSubnetGroupName",
		propSecurityGroups:   "VpcSecurityGroupIds",
		groupProperty:        "DBClusterParameterGroupName",
		"IamAuthEnabled":     "EnableIAMDatabaseAuthentication",
		logExports:           "EnableCloudwatchLogsExports",
		"CopyTagsToSnapshot": "CopyTagsToSnapshot",
		propPort:             "Port",
		propServerless:       "ServerlessV2ScalingConfiguration",
		"EngineVersion":      "EngineVersion",
		propZones:            "AvailabilityZones",
	}
}

// afterwards are the settings that a restore of Neptune cannot take, by the
// parameter of ModifyDBCluster.
func afterwards() []string {
	return []string{"BackupRetentionPeriod", "PreferredBackupWindow", "PreferredMaintenanceWindow"}
}

// Plan implements fix.Planner.
func (p *encryptCluster) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	if skipped := notReady(task); skipped != nil {
		return nil, skipped, nil
	}
	if task.Reader == nil {
		return nil, offline(task, "every setting of the cluster and its instances"), nil
	}
	d := &clusterDraft{draft: newDraft(task), key: p.options.Key}
	if skipped, err := d.survey(ctx); skipped != nil || err != nil {
		return nil, skipped, err
	}
	if skipped, err := d.names(ctx); skipped != nil || err != nil {
		return nil, skipped, err
	}
	list, err := loadPrices()
	if err != nil {
		return nil, nil, err
	}
	d.describe(list)
	d.copySteps()
	for _, in := range d.instances {
		d.instance(in)
	}
	d.besideAtLast()
	d.protect()
	d.roles()
	d.cutOver()
	return d.Change, nil, nil
}

// clusterDraft is the plan of one encryption in the making.
type clusterDraft struct {
	*draft
	key       string
	old       *resource.Resource
	instances []*resource.Resource // the writer first

	snapshot, twin resource.Ref
	// retired is the name that the old cluster gets at the cut-over.
	retired string
}

// survey reads the whole cluster and its instances.
func (d *clusterDraft) survey(ctx context.Context) (*fix.Skipped, error) {
	properties := append(afterwards(), "DeletionProtection", propRoles, propEndpoints, propSource, propStorageType,
		"GlobalClusterIdentifier", "Members", "Writer", "StorageEncrypted", resource.TagsProperty)
	for property := range kept() {
		properties = append(properties, property)
	}
	old, err := d.task.Reader.Read(ctx, d.Resource, properties)
	if err != nil {
		return readFailed(ctx, d.task, err)
	}
	d.old = old
	if skipped := unreadable(d.task, old, properties...); skipped != nil {
		return skipped, nil
	}
	if global, ok := old.Get("GlobalClusterIdentifier").Text(); ok {
		return d.task.Skip(fix.SkipState, "it belongs to the global database %s and must leave that first", global), nil
	}
	if source, ok := old.Get(propSource).Text(); ok {
		return d.task.Skip(fix.SkipState, "it is a replica of %s; encrypt that one", source), nil
	}
	members, writer := membersOf(old)
	auditDraft := &auditDraft{writer: writer}
	for _, id := range auditDraft.order(members) {
		in, err := d.task.Reader.Read(ctx, d.ref(neptune.InstanceType, id), instanceProperties())
		if err != nil {
			return readFailed(ctx, d.task, err)
		}
		if skipped := unreadable(d.task, in, instanceProperties()...); skipped != nil {
			return skipped, nil
		}
		if id == writer {
			d.instances = append([]*resource.Resource{in}, d.instances...)
			continue
		}
		d.instances = append(d.instances, in)
	}
	return nil, nil
}

// names finds names that are free. The snapshot's holds the time of the plan:
// one that an earlier plan left behind lacks what was written since.
func (d *clusterDraft) names(ctx context.Context) (*fix.Skipped, error) {
	twin, err := d.free(ctx, neptune.ClusterType, d.Resource.ID, "encrypted")
	if err != nil {
		return readFailed(ctx, d.task, err)
	}
	retired, err := d.free(ctx, neptune.ClusterType, d.Resource.ID, "unencrypted")
	if err != nil {
		return readFailed(ctx, d.task, err)
	}
	taken := strings.ToLower(d.task.Now.UTC().Format("20060102t150405"))
	d.twin, d.retired = d.ref(neptune.ClusterType, twin), retired
	d.snapshot = d.ref(neptune.SnapshotType, identifier(d.Resource.ID, "unencrypted-"+taken))
	_, err = d.task.Reader.Read(ctx, d.snapshot, nil)
	if !errors.Is(err, fix.ErrGone) && err != nil {
		return readFailed(ctx, d.task, err)
	}
	return nil, nil
}

// describe fills in what the change means.
func (d *clusterDraft) describe(list *prices) {
	result := d.ref(neptune.ClusterType, d.Resource.ID)
	d.Result = &result
	d.Sets = []fix.Setting{
		{Property: "StorageEncrypted", Before: d.old.Get("StorageEncrypted"), After: resource.OfBool(true)},
		{Property: "KmsKeyId", Before: d.old.Get("KmsKeyId"), After: resource.OfString(d.key)},
	}
	machines := make([]machine, len(d.instances))
	for i, in := range d.instances {
		class, _ := in.Get("DBInstanceClass").Text()
		machines[i] = machineOf(d.old, class)
	}
	d.Cost = list.cost(d.Resource.Region, machines)
	if d.Cost.Known {
		d.Cost.Basis += "; while both clusters exist, until the old one is deleted"
	}
	d.Warnings = append(d.Warnings,
		"AWS encrypts no cluster in place: a copy of its unencrypted snapshot with a key and a restore to a point in time with a key are both refused, so a second cluster is made",
		"what is written after the snapshot is not in the encrypted cluster",
		"the encrypted cluster has another resource id: IAM policies for neptune-db that name the old one must be changed, and positions in Neptune Streams do not carry over",
		"it copies the settings as they are now: where other changes touch this cluster, apply them first and plan this one anew",
		"the old cluster is kept as "+d.retired+" and goes on failing until you delete it",
	)
	if d.key == DefaultKey {
		d.Warnings = append(d.Warnings, "snapshots of a cluster encrypted with "+DefaultKey+" cannot be shared with other accounts; name a key of your own to be able to")
	}
}

// copySteps adds the steps from the old cluster to the encrypted one.
func (d *clusterDraft) copySteps() {
	d.add(fix.Step{
		Title:  "stop everything that writes to the cluster",
		Manual: fmt.Sprintf("Stop every writer of %s, loaders and scheduled jobs too, and keep them stopped until the cut-over. What is written after the snapshot is lost.", d.Resource.ID),
		Impact: "nothing can be written until the cut-over",
	})
	d.add(fix.Step{
		Title: "take the snapshot " + d.snapshot.ID,
		Call: d.task.Call("rds:CreateDBClusterSnapshot", map[string]resource.Value{
			"DBClusterSnapshotIdentifier": resource.OfString(d.snapshot.ID),
			"DBClusterIdentifier":         resource.OfString(d.Resource.ID),
			"Tags":                        d.tags(d.old.Get(resource.TagsProperty)),
		}),
		Before:   append([]fix.Condition{d.task.Here(), settled(d.Resource), isGone(d.snapshot)}, d.unchanged()...),
		Done:     d.ready(d.snapshot),
		Timeout:  4 * hour,
		Undo:     deleteSnapshot(d.task, d.snapshot.ID),
		UndoDone: []fix.Condition{isGone(d.snapshot)},
	})
	d.add(fix.Step{
		Title:    "restore it, encrypted, as " + d.twin.ID,
		Call:     d.task.Call("rds:RestoreDBClusterFromSnapshot", d.restore()),
		Before:   append(d.ready(d.snapshot), isGone(d.twin)),
		Done:     append(d.beside(), equal(d.twin, "StorageEncrypted", resource.OfBool(true))),
		Timeout:  12 * hour,
		Undo:     deleteCluster(d.task, d.twin.ID),
		UndoDone: []fix.Condition{isGone(d.twin)},
	})
	parameters := map[string]resource.Value{"DBClusterIdentifier": resource.OfString(d.twin.ID)}
	done := d.ready(d.twin)
	for _, property := range afterwards() {
		if value := d.old.Get(property); value.Known() {
			parameters[property] = value
			done = append(done, equal(d.twin, property, value))
		}
	}
	d.add(fix.Step{
		Title:   "give it the backup retention and the windows of the old one, which a restore cannot take",
		Call:    d.task.Call("rds:ModifyDBCluster", parameters),
		Before:  d.ready(d.twin),
		Done:    done,
		Timeout: hour,
	})
}

const hour = 60 * 60 // seconds

// beside is the condition that the encrypted cluster still stands beside the
// old one. On the way back nothing of it is deleted otherwise: once somebody has
// cut over, or the old cluster is gone, it is what clients use.
func (d *clusterDraft) beside() []fix.Condition {
	return append(d.ready(d.twin), d.task.Here())
}

// besideAtLast asks for the old cluster in the step that is undone before any
// other that deletes something: the last instance.
func (d *clusterDraft) besideAtLast() {
	last := &d.Steps[len(d.Steps)-1]
	last.Done = append(last.Done, d.task.Here())
}

// unchanged are the conditions that the old cluster still has the settings that
// the plan gives the new one.
func (d *clusterDraft) unchanged() []fix.Condition {
	var same []fix.Condition
	for _, property := range slices.Sorted(slices.Values(slices.Concat(afterwards(), slices.Collect(maps.Keys(kept())), []string{"DeletionProtection"}))) {
		same = append(same, d.task.Equal(property, d.old.Get(property)))
	}
	return same
}

// restore are the parameters of the restore: every setting of the old cluster
// that it can take, by name.
func (d *clusterDraft) restore() map[string]resource.Value {
	parameters := map[string]resource.Value{
		"DBClusterIdentifier": resource.OfString(d.twin.ID),
		"SnapshotIdentifier":  resource.OfString(d.snapshot.ID),
		"Engine":              resource.OfString(neptune.Engine),
		"KmsKeyId":            resource.OfString(d.key),
		// Protection comes last, so that an undo can delete the cluster.
		"DeletionProtection": resource.OfBool(false),
		"Tags":               d.tags(d.old.Get(resource.TagsProperty)),
	}
	for property, parameter := range kept() {
		value := d.old.Get(property)
		if items := value.List(); value.Known() && (value.Kind() != resource.List || len(items) > 0) {
			parameters[parameter] = value
		}
	}
	if storage, _ := d.old.Get(propStorageType).Text(); isIOOptimized(storage) {
		parameters["StorageType"] = resource.OfString("iopt1")
	}
	return parameters
}

// instance adds the step that creates the counterpart of an instance. The first
// one becomes the writer.
func (d *clusterDraft) instance(model *resource.Resource) {
	id := identifier(model.ID, "encrypted")
	instance := d.ref(neptune.InstanceType, id)
	parameters := map[string]resource.Value{
		"DBInstanceIdentifier": resource.OfString(id),
		"DBClusterIdentifier":  resource.OfString(d.twin.ID),
		"Engine":               resource.OfString(neptune.Engine),
		"Tags":                 d.tags(model.Get(resource.TagsProperty)),
	}
	for _, property := range []string{"DBInstanceClass", "AvailabilityZone", "PromotionTier", propMaintenance} {
		if value := model.Get(property); value.Known() {
			parameters[property] = value
		}
	}
	likeModel(parameters, model)
	d.add(fix.Step{
		Title:   fmt.Sprintf("create the instance %s, like %s", id, model.ID),
		Call:    d.task.Call("rds:CreateDBInstance", parameters),
		Before:  append(d.ready(d.twin), isGone(instance)),
		Done:    append(d.ready(instance), equal(instance, "DBClusterIdentifier", resource.OfString(d.twin.ID))),
		Timeout: 2 * hour,
		Undo: d.task.Call("rds:DeleteDBInstance", map[string]resource.Value{
			"DBInstanceIdentifier": resource.OfString(id), "SkipFinalSnapshot": resource.OfBool(true),
		}),
		UndoDone: []fix.Condition{isGone(instance)},
	})
}

// protect adds deletion protection where the old cluster has it.
func (d *clusterDraft) protect() {
	if on, _ := d.old.Get("DeletionProtection").Bool(); !on {
		return
	}
	set := func(on bool) *fix.Call {
		return d.task.Call("rds:ModifyDBCluster", map[string]resource.Value{
			"DBClusterIdentifier": resource.OfString(d.twin.ID), "DeletionProtection": resource.OfBool(on),
		})
	}
	d.add(fix.Step{
		Title:    "protect it from deletion, as the old one is",
		Call:     set(true),
		Before:   d.ready(d.twin),
		Done:     append(d.ready(d.twin), equal(d.twin, "DeletionProtection", resource.OfBool(true))),
		Undo:     set(false),
		UndoDone: []fix.Condition{equal(d.twin, "DeletionProtection", resource.OfBool(false))},
	})
}

// roles adds the manual step for IAM roles: passing a role to a cluster is a
// right that Holdfast does not ask for.
func (d *clusterDraft) roles() {
	arns := allOf(d.old.Get(propRoles))
	if len(arns) == 0 {
		return
	}
	var commands []string
	for _, arn := range arns {
		commands = append(commands, d.command("add-role-to-db-cluster", "--db-cluster-identifier", d.twin.ID, "--role-arn", arn))
	}
	d.add(fix.Step{
		Title:  "associate the IAM roles of the old cluster",
		Manual: "Run:\n" + strings.Join(commands, "\n"),
		Done:   []fix.Condition{superset(d.twin, propRoles, arns)},
	})
}

// cutOver adds the manual end: compare, rename both, keep the old one.
func (d *clusterDraft) cutOver() {
	id := d.Resource.ID
	d.add(fix.Step{
		Title:  "compare both clusters and make again what hangs on the old one",
		Manual: d.checklist(),
	})
	rename := func(from, to string) string {
		return d.command("modify-db-cluster", "--db-cluster-identifier", from, "--new-db-cluster-identifier", to, "--apply-immediately")
	}
	// Until a rename is through, the waiter finds no cluster and gives up.
	wait := func(id string) string {
		return "until " + d.command("wait", "db-cluster-available", "--db-cluster-identifier", id) + "; do sleep 10; done"
	}
	now, old := d.ref(neptune.ClusterType, id), d.ref(neptune.ClusterType, d.retired)
	d.add(fix.Step{
		Title: "cut over by renaming both clusters",
		Manual: strings.Join([]string{
			"Endpoint names follow the name of a cluster, so clients find the encrypted one without being changed. Run one after another:",
			rename(id, d.retired), wait(d.retired), rename(d.twin.ID, id), wait(id),
			"Then start the writers again.",
		}, "\n"),
		Done:   []fix.Condition{equal(now, "StorageEncrypted", resource.OfBool(true)), settled(now), there(old)},
		Impact: "the endpoints answer nobody for some minutes, and connections must be opened again",
		UndoManual: strings.Join([]string{
			"Stop the writers; what they wrote since the cut-over stays in the encrypted cluster only. Run one after another:",
			rename(id, d.twin.ID), wait(d.twin.ID), rename(d.retired, id), wait(id),
		}, "\n"),
		UndoDone: []fix.Condition{d.task.Here(), settled(d.Resource), there(d.twin)},
	})
	d.Undo.Loses = "the encrypted cluster with whatever was written to it since the cut-over"
}

func (d *clusterDraft) checklist() string {
	lines := []string{
		fmt.Sprintf("Compare counts of %s and %s with a query of your own. Then, for %s:", d.Resource.ID, d.twin.ID, d.twin.ID),
		"- CloudWatch alarms and dashboards go by the name of the cluster and its instances; the instances have new names.",
		"- Event subscriptions that name the old cluster or its instances.",
		"- IAM policies for neptune-db that name the old cluster's resource id " + d.Resource.UID + ".",
	}
	if endpoints := allOf(d.old.Get(propEndpoints)); len(endpoints) > 0 {
		lines = append(lines, "- Custom endpoints: "+strings.Join(endpoints, ", ")+".")
	}
	return strings.Join(append(lines,
		"Keep the old cluster until you have signed the new one off; nothing deletes it for you."), "\n")
}

// command is an AWS CLI command in the region of the change. Names of RDS
// resources and ARNs of roles hold nothing that a shell would take apart.
func (d *draft) command(words ...string) string {
	return "aws rds " + strings.Join(words, " ") + " --region " + d.Resource.Region
}

func deleteSnapshot(task *fix.Task, id string) *fix.Call {
	return task.Call("rds:DeleteDBClusterSnapshot", map[string]resource.Value{"DBClusterSnapshotIdentifier": resource.OfString(id)})
}

// deleteCluster deletes a cluster that the change itself made from a snapshot
// that is kept.
func deleteCluster(task *fix.Task, id string) *fix.Call {
	return task.Call("rds:DeleteDBCluster", map[string]resource.Value{
		"DBClusterIdentifier": resource.OfString(id), "SkipFinalSnapshot": resource.OfBool(true),
	})
}
