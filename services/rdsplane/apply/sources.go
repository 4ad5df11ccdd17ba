package apply

import (
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
)

// Sources tell how the properties that plans ask for are read without Holdfast,
// for the scripts and documents that plans are exported as.
func (s *Service) Sources() []render.Source {
	var sources []render.Source
	for _, typ := range s.Types() {
		at, _ := s.kindOf(typ)
		source := render.Source{Type: typ, Is: s.ours(), Read: render.Read{Identifier: kinds()[at].identifier}}
		switch at {
		case rdsplane.Clusters:
			source.UID, source.Read.Operation, source.Read.Root = "DbClusterResourceId", rdsplane.ListClusters, "DBClusters[0]"
			source.Properties = clusterPaths()
		case rdsplane.Instances:
			source.UID, source.Read.Operation, source.Read.Root = "DbiResourceId", rdsplane.ListInstances, "DBInstances[0]"
			source.Properties = instancePaths()
		case rdsplane.ClusterSnapshots:
			source.Read.Operation, source.Read.Root = rdsplane.ListClusterSnapshots, "DBClusterSnapshots[0]"
			source.Properties = snapshotPaths(&render.Read{
				Operation: rdsplane.ClusterSnapshotAttributes, Identifier: source.Read.Identifier, Root: "DBClusterSnapshotAttributesResult",
			}, "DBClusterSnapshotAttributes")
		default:
			source.Read.Operation, source.Read.Root = rdsplane.ListSnapshots, "DBSnapshots[0]"
			source.Properties = snapshotPaths(&render.Read{
				Operation: rdsplane.SnapshotAttributes, Identifier: source.Read.Identifier, Root: "DBSnapshotAttributesResult",
			}, "DBSnapshotAttributes")
		}
		sources = append(sources, source)
	}
	return sources
}

// ours is true of an object whose engine is the service's.
func (s *Service) ours() string {
	var parts []string
	for _, engine := range s.Share.Except {
		parts = append(parts, "Engine != '"+engine+"'")
	}
	if len(parts) > 0 {
		return strings.Join(parts, " && ")
	}
	for _, engine := range s.Share.Engines {
		parts = append(parts, "Engine == '"+engine+"'")
	}
	return "(" + strings.Join(parts, " || ") + ")"
}

func paths(names map[string]string) map[string]render.Property {
	properties := make(map[string]render.Property, len(names))
	for name, path := range names {
		properties[name] = render.Property{Path: path}
	}
	return properties
}

// waits is null where no change waits, as the property is absent then.
const waits = "(keys(not_null(PendingModifiedValues, `{}`))[0])"

func clusterPaths() map[string]render.Property {
	return paths(map[string]string{
		status: "Status", "BackupRetentionPeriod": "BackupRetentionPeriod", "CopyTagsToSnapshot": "CopyTagsToSnapshot",
		"DeletionProtection": "DeletionProtection", "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
		"AwsBackupRecoveryPointArn": "AwsBackupRecoveryPointArn", WaitingChanges: waits,
		"PendingBackupRetentionPeriod": "PendingModifiedValues.BackupRetentionPeriod",
		"PendingLogExports":            "PendingModifiedValues.PendingCloudwatchLogsExports.LogTypesToEnable",
	})
}

func instancePaths() map[string]render.Property {
	return paths(map[string]string{
		status: "DBInstanceStatus", "BackupRetentionPeriod": "BackupRetentionPeriod", "CopyTagsToSnapshot": "CopyTagsToSnapshot",
		"DeletionProtection": "DeletionProtection", "MultiAZ": "MultiAZ", "DBClusterIdentifier": "DBClusterIdentifier",
		"AwsBackupRecoveryPointArn": "AwsBackupRecoveryPointArn", WaitingChanges: waits,
		"ReplicaOf":                    "not_null(ReadReplicaSourceDBInstanceIdentifier, ReadReplicaSourceDBClusterIdentifier)",
		"PendingBackupRetentionPeriod": "PendingModifiedValues.BackupRetentionPeriod",
		"PendingMultiAZ":               "PendingModifiedValues.MultiAZ",
	})
}

func snapshotPaths(attributes *render.Read, list string) map[string]render.Property {
	return map[string]render.Property{
		status:     {Path: "Status"},
		createTime: {Path: "SnapshotCreateTime", Moment: true},
		rdsplane.SharesProperty: {
			Path: "(" + list + "[?AttributeName == 'restore'].AttributeValues[])", Read: attributes,
		},
	}
}
