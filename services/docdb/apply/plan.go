package apply

import (
	"context"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/docdb"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
	plane "github.com/holdfast-aws/holdfast/services/rdsplane/apply"
)

// The procedures that controls name.
const (
	UnshareSnapshot = "unshare-documents"
	ExportAudit     = "export-documents-audit"
)

const (
	retention  = "BackupRetentionPeriod"
	protection = "DeletionProtection"
	logExports = "EnableCloudwatchLogsExports"
)

// Service reads and changes DocumentDB's clusters and their snapshots.
func Service() *plane.Service {
	return &plane.Service{
		Name: "DocumentDB", Share: docdb.Share(),
		Sets: map[rdsplane.Kind][]string{
			rdsplane.Clusters:         {retention, protection, plane.LogExports},
			rdsplane.ClusterSnapshots: plane.ShareParameters(),
		},
	}
}

// Planners returns the planners of DocumentDB's fixes.
func Planners() fix.Planners {
	return fix.Planners{
		Procedures: map[string]fix.Planner{UnshareSnapshot: plane.Unshare{}, ExportAudit: exportAudit{}},
		Types:      map[string]fix.Planner{docdb.ClusterType: clusterProperties()},
	}
}

// clusterProperties plans the fixes that only set properties of a cluster.
// DocumentDB applies all of them at once, whatever waits for the maintenance
// window, so that nothing else is pulled forward.
func clusterProperties() *fix.PropertyPlanner {
	return &fix.PropertyPlanner{
		Status: "Status", Ready: "available", Identified: true, Restart: "AutomaticRestartTime",
		Pending:     map[string]string{retention: "PendingBackupRetentionPeriod", logExports: "PendingLogExports"},
		Protections: []string{retention, protection, logExports},
		Shapes:      map[string]fix.Shape{logExports: plane.ExportChange},
	}
}

// exportAudit plans the export of the audit log. Whether anything is written
// into it is a parameter, which the control does not look at: the plan says when
// it is off.
type exportAudit struct{}

// Wants implements fix.Planner.
func (exportAudit) Wants(c *control.Control) []string {
	return append(clusterProperties().Wants(c), rdsplane.AuditProperty, "DBClusterParameterGroupName")
}

// Plan implements fix.Planner.
func (exportAudit) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	change, skipped, err := clusterProperties().Plan(ctx, task)
	if change == nil {
		return nil, skipped, err
	}
	group, _ := task.Resource.Get("DBClusterParameterGroupName").Text()
	switch value := task.Resource.Get(rdsplane.AuditProperty); {
	case value.Kind() == resource.Unknown:
		change.Warnings = append(change.Warnings, "whether audit lines are written is not known: the cluster parameter "+docdb.AuditParameter+" of "+group+" could not be read")
	case silent(value):
		change.Warnings = append(change.Warnings, "no audit line is written until somebody sets the cluster parameter "+docdb.AuditParameter+
			", which is off in "+group+", and reboots the instances; a default group cannot be edited")
	}
	return change, nil, nil
}

// silent reports whether a value of the audit parameter writes nothing.
func silent(value resource.Value) bool {
	text, ok := value.Text()
	return !ok || slices.Contains([]string{"disabled", "none", ""}, text)
}

// Vet implements fix.Vetter.
func (exportAudit) Vet(c *fix.Change, typ *control.Type) error {
	return clusterProperties().Vet(c, typ)
}
