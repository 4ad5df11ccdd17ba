package neptune

import (
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/rdscode"
)

// names are what code calls Neptune's clusters and what belongs to them.
func names() *rdscode.Names {
	return &rdscode.Names{
		Cluster: "aws_neptune_cluster", Instance: "aws_neptune_cluster_instance",
		Group: "aws_neptune_cluster_parameter_group", Snapshot: "aws_neptune_cluster_snapshot",
		GroupAttribute: "neptune_cluster_parameter_group_name", KeyAttribute: "kms_key_arn",
		Sources: []string{"snapshot_identifier", "replication_source_identifier", "global_cluster_identifier"}, Zoned: true,
		ClusterType: ClusterType, InstanceType: InstanceType, GroupType: ParameterGroupType,
		TemplateSources: []string{"SnapshotIdentifier", "SourceDBClusterIdentifier", "GlobalClusterIdentifier"},
		AuditParameter:  AuditParameter,
	}
}

// TerraformJoiners complete Neptune resources that were read from Terraform.
func TerraformJoiners() []terraform.Joiner { return names().TerraformJoiners() }

// CloudFormationJoiners complete Neptune resources that were read from
// CloudFormation templates.
func CloudFormationJoiners() []cloudformation.Joiner { return names().CloudFormationJoiners() }
