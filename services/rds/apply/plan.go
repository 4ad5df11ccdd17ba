package apply

import (
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/rds"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
	plane "github.com/holdfast-aws/holdfast/services/rdsplane/apply"
)

// UnshareSnapshot is the procedure that makes snapshots private: those of RDS's
// instances, and those of the clusters of every engine.
const UnshareSnapshot = "unshare-db-snapshot"

const (
	retention   = "BackupRetentionPeriod"
	protection  = "DeletionProtection"
	copyTags    = "CopyTagsToSnapshot"
	multiAZ     = "MultiAZ"
	immediately = "ApplyImmediately"

	recoveryPoint = "AwsBackupRecoveryPointArn"
	memberOf      = "DBClusterIdentifier"
	replicaOf     = "ReplicaOf"
)

// Service reads and changes RDS's clusters, instances and snapshots.
func Service() *plane.Service {
	return &plane.Service{
		Name: "RDS", Share: rds.Share(),
		Sets: map[rdsplane.Kind][]string{
			rdsplane.Clusters:         {retention, protection, copyTags, immediately},
			rdsplane.Instances:        {retention, protection, copyTags, multiAZ, immediately},
			rdsplane.ClusterSnapshots: plane.ShareParameters(),
			rdsplane.Snapshots:        plane.ShareParameters(),
		},
	}
}

// Options are what a person may choose for the plans of RDS's fixes.
type Options struct {
	// Now makes what would wait for the maintenance window happen when the plan
	// is applied.
	Now bool
}

// Planners returns the planners of RDS's fixes.
func Planners(options Options) fix.Planners {
	return fix.Planners{
		Procedures: map[string]fix.Planner{UnshareSnapshot: plane.Unshare{}},
		Types: map[string]fix.Planner{
			rds.ClusterType:  &clusters{now: options.Now},
			rds.InstanceType: &instances{now: options.Now},
		},
	}
}

// ownedByBackup says who owns a retention under continuous backups: RDS refuses
// any other value than the one that is there.
func ownedByBackup() fix.OwnedBy {
	return fix.OwnedBy{Property: recoveryPoint,
		Says: "is a continuous backup of AWS Backup, which owns the retention: change how long its plan keeps continuous backups, or disassociate the recovery point"}
}

// atOnce makes a step apply now what would wait for the maintenance window. That
// brings forward whatever else waits there, so nothing else may.
func atOnce(step *fix.Step, task *fix.Task) {
	nothing := task.Equal(plane.WaitingChanges, resource.Value{})
	step.Call.Parameters[immediately] = resource.OfBool(true)
	step.Before = append(step.Before, nothing)
	step.Done = append(step.Done, nothing)
	if step.Undo != nil {
		step.Undo.Parameters[immediately] = resource.OfBool(true)
	}
}

// queued is how long a change that waits for the maintenance window is looked
// at, in seconds: long enough to be seen waiting, and no longer.
const queued = 120

// slow is how long a change may take that copies the storage of an instance, in
// seconds.
const slow = 4 * 60 * 60

// notBeside says that a change cannot be made at once, since other changes would
// be made with it; nil when nothing waits.
func notBeside(task *fix.Task, waiting resource.Value) *fix.Skipped {
	switch waiting.Kind() {
	case resource.Absent:
		return nil
	case resource.Unknown:
		return task.Skip(fix.SkipUnread, "what waits for the maintenance window could not be read")
	}
	if len(waiting.List()) == 0 {
		return nil
	}
	return task.Skip(fix.SkipConflict,
		"applied at once it would bring forward what else waits for the maintenance window: %s; plan it without --now, or let that be applied first", waiting)
}

// window names when a change is made that waits.
func window(task *fix.Task) string {
	if text, ok := task.Resource.Get("PreferredMaintenanceWindow").Text(); ok {
		return "in the maintenance window, " + text + " UTC"
	}
	return "in the maintenance window"
}
