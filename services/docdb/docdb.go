package docdb

import (
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/rdscode"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
)

// The resource types of DocumentDB.
const (
	ClusterType  = "AWS::DocDB::DBCluster"
	SnapshotType = "AWS::DocDB::DBClusterSnapshot"
	InstanceType = "AWS::DocDB::DBInstance"
)

// Engine is what AWS calls DocumentDB in the engine field.
const Engine = "docdb"

// AuditParameter is the cluster parameter that makes DocumentDB write audit
// lines. Its values beside disabled and none name what is written.
const AuditParameter = "audit_logs"

// Share is what DocumentDB takes of the control plane that it shares with RDS.
func Share() rdsplane.Share {
	return rdsplane.Share{
		Engines: []string{Engine},
		Types: map[rdsplane.Kind]string{
			rdsplane.Clusters: ClusterType, rdsplane.ClusterSnapshots: SnapshotType, rdsplane.Instances: InstanceType,
		},
		Audit: &rdsplane.Parameter{Name: AuditParameter, Default: "disabled"},
	}
}

// names are what code calls DocumentDB's clusters and what belongs to them.
func names() *rdscode.Names {
	return &rdscode.Names{
		Cluster: "aws_docdb_cluster", Instance: "aws_docdb_cluster_instance",
		Group: "aws_docdb_cluster_parameter_group", Snapshot: "aws_docdb_cluster_snapshot",
		GroupAttribute: "db_cluster_parameter_group_name", KeyAttribute: "kms_key_id",
		Sources:     []string{"snapshot_identifier", "restore_to_point_in_time"},
		ClusterType: ClusterType, InstanceType: InstanceType, GroupType: "AWS::DocDB::DBClusterParameterGroup",
		TemplateSources: []string{"SnapshotIdentifier", "SourceDBClusterIdentifier"},
		AuditParameter:  AuditParameter,
	}
}

// TerraformJoiners complete DocumentDB resources that were read from Terraform.
func TerraformJoiners() []terraform.Joiner { return names().TerraformJoiners() }

// CloudFormationJoiners complete DocumentDB resources that were read from
// CloudFormation templates.
func CloudFormationJoiners() []cloudformation.Joiner { return names().CloudFormationJoiners() }
