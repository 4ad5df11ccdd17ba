package redshift

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

// CloudFormationJoiners complete clusters that were read from templates.
// Terraform needs none: it always sends a retention.
func CloudFormationJoiners() []cloudformation.Joiner {
	return []cloudformation.Joiner{restoredJoiner{}}
}

// restoredJoiner knows that a cluster restored from a snapshot takes over the
// retention of the cluster that the snapshot was made of, unless its template
// says one.
type restoredJoiner struct{}

func (restoredJoiner) Owners() []string { return []string{ClusterType} }

func (restoredJoiner) Satellites() []string { return nil }

func (restoredJoiner) Join(r *resource.Resource, own *cloudformation.Object, _ *cloudformation.Objects) {
	const retention, snapshot = "AutomatedSnapshotRetentionPeriod", "SnapshotIdentifier"
	if own.Property(retention).Kind() != resource.Absent || own.Property(snapshot).Kind() == resource.Absent {
		return
	}
	cloudformation.SetFrom(r, retention, resource.OfUnknown(resource.Missing{
		Reason: resource.ReasonUnresolved, Settle: snapshot + " of " + own.Address,
		Detail: "it is restored from a snapshot and takes over the retention of that cluster",
	}), own, snapshot)
}
