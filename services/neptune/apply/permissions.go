package apply

import (
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// Operations lists the calls that a procedure's steps and their undoing may
// make, in alphabetical order; nil for a procedure that Neptune does not have.
func Operations(procedure string) []string {
	return map[string][]string{
		EnableAuditLog: {
			"rds:CreateDBClusterParameterGroup", "rds:DeleteDBClusterParameterGroup", "rds:ModifyDBCluster",
			"rds:ModifyDBClusterParameterGroup", "rds:RebootDBInstance",
		},
		UnshareSnapshot: {"rds:ModifyDBClusterSnapshotAttribute"},
		AddReader:       {"rds:CreateDBInstance", "rds:DeleteDBInstance"},
		EncryptCluster: {
			"rds:CreateDBClusterSnapshot", "rds:CreateDBInstance", "rds:DeleteDBCluster", "rds:DeleteDBClusterSnapshot",
			"rds:DeleteDBInstance", "rds:ModifyDBCluster", "rds:RestoreDBClusterFromSnapshot",
		},
		EncryptSnapshot: {
			"rds:CreateDBClusterSnapshot", "rds:DeleteDBCluster", "rds:DeleteDBClusterSnapshot", "rds:RestoreDBClusterFromSnapshot",
		},
	}[procedure]
}

// along are the IAM actions that AWS asks for beside the one a call is named
// after: for tags given at creation, and for the key of an encrypted restore.
func along() map[string][]string {
	return map[string][]string{
		"rds:CreateDBClusterParameterGroup": {"rds:AddTagsToResource"},
		"rds:CreateDBClusterSnapshot":       {"rds:AddTagsToResource"},
		"rds:CreateDBInstance":              {"rds:AddTagsToResource"},
		"rds:RestoreDBClusterFromSnapshot":  {"kms:CreateGrant", "kms:DescribeKey", "rds:AddTagsToResource"},
	}
}

// Permissions lists the IAM actions that applying and undoing a control's fix
// takes, reads included, in alphabetical order; nil without a fix, and for a
// type that is not Neptune's. A fix that is no procedure of Neptune's own makes
// the call that changes the type.
func Permissions(c *control.Control, typ *control.Type) []string {
	if c.Fix == nil || !slices.Contains(Service{}.Types(), typ.Name) {
		return nil
	}
	calls := Operations(c.Fix.Procedure)
	if calls == nil {
		calls = []string{typ.Write.Operation}
	}
	actions := make(map[string]bool)
	for _, call := range calls {
		actions[call] = true
		for _, action := range along()[call] {
			actions[action] = true
		}
	}
	for _, read := range readsFor(c, typ) {
		actions[read] = true
	}
	return slices.Sorted(maps.Keys(actions))
}

// readsFor lists the reads of planning, checking and proving a fix.
func readsFor(c *control.Control, typ *control.Type) []string {
	switch {
	case c.Fix.Procedure == EnableAuditLog:
		return []string{describeClusters, describeGroups, describeInstances, describeParameters, listTags}
	case c.Fix.Procedure == AddReader:
		return []string{describeClusters, describeInstances}
	case c.Fix.Procedure == EncryptCluster:
		return []string{describeClusters, describeInstances, describeSnapshots}
	case typ.Name == neptune.SnapshotType && c.Fix.Procedure != EncryptSnapshot:
		return []string{describeSnapshots, describeAttributes}
	case c.Fix.Procedure == EncryptSnapshot:
		return []string{describeClusters, describeSnapshots, describeAttributes}
	default:
		return []string{describeClusters}
	}
}
