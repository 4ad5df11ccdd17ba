package apply

import (
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// Sources tell how the properties that plans ask for are read without
// Holdfast: for the scripts and documents that plans are exported as.
func Sources() []render.Source {
	const ours = "Engine == 'neptune'"
	mark := render.Property{Path: "(TagList[?Key == '" + MadeTag + "'].Value | [0])"}
	return []render.Source{
		{
			Type: neptune.ClusterType, Is: ours, UID: "DbClusterResourceId",
			Read:       render.Read{Operation: describeClusters, Identifier: "DBClusterIdentifier", Root: "DBClusters[0]"},
			Properties: withMark(clusterPaths(), mark),
		},
		{
			Type: neptune.SnapshotType, Is: ours,
			Read: render.Read{Operation: describeSnapshots, Identifier: "DBClusterSnapshotIdentifier", Root: "DBClusterSnapshots[0]"},
			Properties: map[string]render.Property{
				"Status": {Path: "Status"}, "StorageEncrypted": {Path: "StorageEncrypted"}, "SnapshotType": {Path: "SnapshotType"},
				"SnapshotCreateTime": {Path: "SnapshotCreateTime", Moment: true},
				propMadeBy:           mark,
				restoreAccounts: {
					Path: "(DBClusterSnapshotAttributes[?AttributeName == 'restore'].AttributeValues[])",
					Read: &render.Read{Operation: describeAttributes, Identifier: "DBClusterSnapshotIdentifier", Root: "DBClusterSnapshotAttributesResult"},
				},
			},
		},
		{
			Type: neptune.InstanceType, Is: ours, UID: "DbiResourceId",
			Read: render.Read{Operation: describeInstances, Identifier: "DBInstanceIdentifier", Root: "DBInstances[0]"},
			Properties: map[string]render.Property{
				"Status": {Path: "DBInstanceStatus"}, "DBClusterIdentifier": {Path: "DBClusterIdentifier"}, propMadeBy: mark,
			},
		},
		{
			Type: neptune.ParameterGroupType, Is: "starts_with(DBParameterGroupFamily, 'neptune')",
			Read: render.Read{Operation: describeGroups, Identifier: "DBClusterParameterGroupName", Root: "DBClusterParameterGroups[0]"},
			Properties: map[string]render.Property{
				propFamily: {Path: "DBParameterGroupFamily"},
				propAudit: {
					Path: "not_null((Parameters[?ParameterName == '" + neptune.AuditParameter + "'].ParameterValue | [0]), '0')",
					Read: &render.Read{Operation: describeParameters, Identifier: "DBClusterParameterGroupName", Root: "@"},
				},
				propMadeBy: {Path: mark.Path, Read: &render.Read{Operation: listTags, Identifier: "ResourceName", ByARN: true, Root: "@"}},
			},
		},
	}
}

func withMark(properties map[string]render.Property, mark render.Property) map[string]render.Property {
	properties[propMadeBy] = mark
	return properties
}

// clusterPaths are the properties of a cluster that conditions ask for.
func clusterPaths() map[string]render.Property {
	paths := map[string]string{
		logExports:                     "EnabledCloudwatchLogsExports",
		"IamAuthEnabled":               "IAMDatabaseAuthenticationEnabled",
		groupProperty:                  "DBClusterParameterGroup",
		"PendingBackupRetentionPeriod": "PendingModifiedValues.BackupRetentionPeriod",
		"PendingIamAuthEnabled":        "PendingModifiedValues.IAMDatabaseAuthenticationEnabled",
		"PendingLogExports":            "PendingModifiedValues.PendingCloudwatchLogsExports.LogTypesToEnable",
		propRestartPending:             "(DBClusterMembers[?DBClusterParameterGroupStatus != 'in-sync'].DBInstanceIdentifier)",
		propReaders:                    "(DBClusterMembers[?!IsClusterWriter].DBInstanceIdentifier)",
		propSubnetGroup:                "DBSubnetGroup",
		propSecurityGroups:             "(VpcSecurityGroups[].VpcSecurityGroupId)",
		propPort:                       "Port",
		propRoles:                      "(AssociatedRoles[].RoleArn)",
		propServerless:                 "ServerlessV2ScalingConfiguration",
	}
	for _, same := range []string{
		"Status", "BackupRetentionPeriod", "CopyTagsToSnapshot", "DeletionProtection", "StorageEncrypted", "KmsKeyId", "MultiAZ",
		"EngineVersion", "PreferredBackupWindow", "PreferredMaintenanceWindow", "GlobalClusterIdentifier", propZones, propStorageType,
	} {
		paths[same] = same
	}
	properties := make(map[string]render.Property, len(paths))
	for name, path := range paths {
		properties[name] = render.Property{Path: path}
	}
	return properties
}
