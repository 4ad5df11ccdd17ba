package rdscode

import (
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// Names are what one service calls a cluster and what belongs to it.
type Names struct {
	// Cluster, Instance, Group and Snapshot are Terraform's names; empty for
	// what the service has not.
	Cluster, Instance, Group, Snapshot string
	// GroupAttribute names the parameter group of a cluster, and KeyAttribute
	// its key.
	GroupAttribute, KeyAttribute string
	// Sources are the attributes and nested blocks that make a cluster from a
	// snapshot or from another cluster.
	Sources []string
	// Zoned is true where the service has a property MultiAZ.
	Zoned bool
	// Inherits is true where a restored cluster keeps the retention of its
	// source. A replica of another cluster is made anew, and keeps the default.
	Inherits bool
	// Unprotected is true where Terraform's instances have no argument for
	// deletion protection.
	Unprotected bool

	// ClusterType, InstanceType and GroupType are CloudFormation's names, and
	// TemplateSources its properties that make a cluster from something else.
	ClusterType, InstanceType, GroupType string
	TemplateSources                      []string

	// AuditParameter is the cluster parameter that makes the engine write audit
	// lines; empty where no property tells of it.
	AuditParameter string
}

// Properties that follow from other resources.
const (
	auditProperty     = "AuditLogParameter"
	encryptedProperty = "StorageEncrypted"
	keyProperty       = "KmsKeyId"
	retentionProperty = "BackupRetentionPeriod"
	sharesProperty    = "RestoreAccounts"
	engineProperty    = "Engine"
	clusterProperty   = "DBClusterIdentifier"
	protectedProperty = "DeletionProtection"
)

// TerraformJoiners complete what Terraform says of clusters, their instances,
// parameter groups and snapshots.
func (n *Names) TerraformJoiners() []terraform.Joiner {
	joiners := []terraform.Joiner{clusterJoiner{n}, memberJoiner{n}, snapshotJoiner{n}}
	if n.AuditParameter != "" {
		joiners = append(joiners, groupJoiner{n})
	}
	return joiners
}

// CloudFormationJoiners complete what templates say of clusters, their
// instances and parameter groups.
func (n *Names) CloudFormationJoiners() []cloudformation.Joiner {
	joiners := []cloudformation.Joiner{templateCluster{n}, templateMember{n}}
	if n.AuditParameter != "" {
		joiners = append(joiners, templateGroup{n})
	}
	return joiners
}

// Together reports whether an engine is one of a Multi-AZ DB cluster, which
// always stands in three zones and has no instances to be made.
func Together(engine string) bool {
	return strings.EqualFold(engine, "mysql") || strings.EqualFold(engine, "postgres")
}

// SpellEngine spells the engine of a resource as AWS answers it, in small
// letters: code may write MySQL or Aurora-PostgreSQL, and AWS takes it.
func SpellEngine(r *resource.Resource) {
	if name, known := r.Properties[engineProperty].Text(); known {
		r.Properties[engineProperty] = resource.OfString(strings.ToLower(name))
	}
}
