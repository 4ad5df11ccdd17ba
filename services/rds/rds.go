package rds

import (
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/backup"
	"github.com/holdfast-aws/holdfast/services/rdscode"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
)

// The resource types of RDS.
const (
	ClusterType         = "AWS::RDS::DBCluster"
	ClusterSnapshotType = "AWS::RDS::DBClusterSnapshot"
	InstanceType        = "AWS::RDS::DBInstance"
	SnapshotType        = "AWS::RDS::DBSnapshot"
)

// Share is what RDS takes of the control plane: every engine that is not a
// service of its own, those that are yet to come among them.
func Share() rdsplane.Share {
	return rdsplane.Share{
		Except: []string{"neptune", "docdb"},
		Types: map[rdsplane.Kind]string{
			rdsplane.Clusters: ClusterType, rdsplane.ClusterSnapshots: ClusterSnapshotType,
			rdsplane.Instances: InstanceType, rdsplane.Snapshots: SnapshotType,
		},
		Backup: "RDS",
	}
}

// names are what code calls RDS's clusters and what belongs to them.
func names() *rdscode.Names {
	return &rdscode.Names{
		Cluster: "aws_rds_cluster", Instance: "aws_rds_cluster_instance", Snapshot: "aws_db_cluster_snapshot",
		KeyAttribute: "kms_key_id", Zoned: true, Inherits: true, Unprotected: true,
		Sources:     []string{"snapshot_identifier", "restore_to_point_in_time", "replication_source_identifier"},
		ClusterType: ClusterType, InstanceType: InstanceType,
		TemplateSources: []string{"SnapshotIdentifier", "SourceDBClusterIdentifier", "ReplicationSourceIdentifier"},
	}
}

// TerraformJoiners complete RDS resources that were read from Terraform.
func TerraformJoiners() []terraform.Joiner {
	return append(names().TerraformJoiners(), instanceJoiner{}, backup.TerraformJoiner(planned()), snapshotJoiner{}, copyJoiner{"aws_db_snapshot_copy"}, copyJoiner{"aws_rds_cluster_snapshot_copy"})
}

// CloudFormationJoiners complete RDS resources that were read from CloudFormation
// templates.
func CloudFormationJoiners() []cloudformation.Joiner {
	return append(names().CloudFormationJoiners(), templateInstance{}, backup.CloudFormationJoiner(planned()))
}

// planned is how code names an instance of its own to AWS Backup.
func planned() backup.Named {
	return backup.Named{
		Service: "RDS", ARN: "rds", Kind: "db:",
		Type: InstanceType, Name: "DBInstanceIdentifier", Terraform: terraformInstance, TerraformName: "identifier",
	}
}
