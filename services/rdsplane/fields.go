package rdsplane

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// The lists below name every property that a resource type of some service may
// have; a type that lacks one never wants it.

var clusterFields = []field[types.DBCluster]{
	{"BackupRetentionPeriod", func(c *types.DBCluster) resource.Value { return number(c.BackupRetentionPeriod) }},
	{"CopyTagsToSnapshot", func(c *types.DBCluster) resource.Value { return flag(c.CopyTagsToSnapshot) }},
	{"DeletionProtection", func(c *types.DBCluster) resource.Value { return flag(c.DeletionProtection) }},
	{"EnableCloudwatchLogsExports", func(c *types.DBCluster) resource.Value { return resource.OfStrings(c.EnabledCloudwatchLogsExports) }},
	{"IamAuthEnabled", func(c *types.DBCluster) resource.Value { return flag(c.IAMDatabaseAuthenticationEnabled) }},
	{"StorageEncrypted", func(c *types.DBCluster) resource.Value { return flag(c.StorageEncrypted) }},
	{"StorageEncryptionType", func(c *types.DBCluster) resource.Value { return word(string(c.StorageEncryptionType)) }},
	{"KmsKeyId", func(c *types.DBCluster) resource.Value { return text(c.KmsKeyId) }},
	{"MultiAZ", func(c *types.DBCluster) resource.Value { return flag(c.MultiAZ) }},
	{"BacktrackWindow", func(c *types.DBCluster) resource.Value { return count(c.BacktrackWindow) }},
	{"Engine", func(c *types.DBCluster) resource.Value { return text(c.Engine) }},
	{"EngineMode", func(c *types.DBCluster) resource.Value { return text(c.EngineMode) }},
	{"EngineVersion", func(c *types.DBCluster) resource.Value { return text(c.EngineVersion) }},
	{"DBClusterParameterGroupName", func(c *types.DBCluster) resource.Value { return text(c.DBClusterParameterGroup) }},
	{"Status", func(c *types.DBCluster) resource.Value { return text(c.Status) }},
	{"PreferredBackupWindow", func(c *types.DBCluster) resource.Value { return text(c.PreferredBackupWindow) }},
	{"PreferredMaintenanceWindow", func(c *types.DBCluster) resource.Value { return text(c.PreferredMaintenanceWindow) }},
	{"ClusterCreateTime", func(c *types.DBCluster) resource.Value { return moment(c.ClusterCreateTime) }},
	{"EarliestRestorableTime", func(c *types.DBCluster) resource.Value { return moment(c.EarliestRestorableTime) }},
	{"LatestRestorableTime", func(c *types.DBCluster) resource.Value { return moment(c.LatestRestorableTime) }},
	{"PendingBackupRetentionPeriod", func(c *types.DBCluster) resource.Value { return maybe(pending(c).BackupRetentionPeriod) }},
	{"PendingIamAuthEnabled", func(c *types.DBCluster) resource.Value { return maybeFlag(pending(c).IAMDatabaseAuthenticationEnabled) }},
	{"PendingLogExports", pendingLogs},
	{"GlobalClusterIdentifier", func(c *types.DBCluster) resource.Value { return text(c.GlobalClusterIdentifier) }},
	{"ReplicationSourceIdentifier", func(c *types.DBCluster) resource.Value { return text(c.ReplicationSourceIdentifier) }},
	{"AwsBackupRecoveryPointArn", func(c *types.DBCluster) resource.Value { return text(c.AwsBackupRecoveryPointArn) }},
	{"AutomaticRestartTime", func(c *types.DBCluster) resource.Value { return moment(c.AutomaticRestartTime) }},
	{"Writer", writer},
	{"Members", members},
	{resource.TagsProperty, func(c *types.DBCluster) resource.Value { return tags(c.TagList) }},
}

func pending(c *types.DBCluster) types.ClusterPendingModifiedValues {
	if c.PendingModifiedValues == nil {
		return types.ClusterPendingModifiedValues{}
	}
	return *c.PendingModifiedValues
}

func pendingLogs(c *types.DBCluster) resource.Value {
	logs := pending(c).PendingCloudwatchLogsExports
	if logs == nil {
		return resource.Value{}
	}
	return resource.OfStrings(logs.LogTypesToEnable)
}

func writer(c *types.DBCluster) resource.Value {
	for _, member := range c.DBClusterMembers {
		if aws.ToBool(member.IsClusterWriter) {
			return text(member.DBInstanceIdentifier)
		}
	}
	return resource.Value{}
}

func members(c *types.DBCluster) resource.Value {
	fields := make(map[string]resource.Value, len(c.DBClusterMembers))
	for _, member := range c.DBClusterMembers {
		fields[aws.ToString(member.DBInstanceIdentifier)] = resource.OfString(aws.ToString(member.DBClusterParameterGroupStatus))
	}
	return resource.OfMap(fields)
}

var clusterSnapshotFields = []field[types.DBClusterSnapshot]{
	{"DBClusterIdentifier", func(s *types.DBClusterSnapshot) resource.Value { return text(s.DBClusterIdentifier) }},
	{"Engine", func(s *types.DBClusterSnapshot) resource.Value { return text(s.Engine) }},
	{"SnapshotType", func(s *types.DBClusterSnapshot) resource.Value { return text(s.SnapshotType) }},
	{"StorageEncrypted", func(s *types.DBClusterSnapshot) resource.Value { return flag(s.StorageEncrypted) }},
	{"StorageEncryptionType", func(s *types.DBClusterSnapshot) resource.Value { return word(string(s.StorageEncryptionType)) }},
	{"KmsKeyId", func(s *types.DBClusterSnapshot) resource.Value { return text(s.KmsKeyId) }},
	{"Status", func(s *types.DBClusterSnapshot) resource.Value { return text(s.Status) }},
	{"SnapshotCreateTime", func(s *types.DBClusterSnapshot) resource.Value { return moment(s.SnapshotCreateTime) }},
	{"DBClusterResourceId", func(s *types.DBClusterSnapshot) resource.Value { return text(s.DbClusterResourceId) }},
	{"SourceDBClusterSnapshotArn", func(s *types.DBClusterSnapshot) resource.Value { return text(s.SourceDBClusterSnapshotArn) }},
	{resource.TagsProperty, func(s *types.DBClusterSnapshot) resource.Value { return tags(s.TagList) }},
}

var snapshotFields = []field[types.DBSnapshot]{
	{"DBInstanceIdentifier", func(s *types.DBSnapshot) resource.Value { return text(s.DBInstanceIdentifier) }},
	{"Engine", func(s *types.DBSnapshot) resource.Value { return text(s.Engine) }},
	{"SnapshotType", func(s *types.DBSnapshot) resource.Value { return text(s.SnapshotType) }},
	{"StorageEncrypted", func(s *types.DBSnapshot) resource.Value { return flag(s.Encrypted) }},
	{"StorageEncryptionType", func(s *types.DBSnapshot) resource.Value { return word(string(s.StorageEncryptionType)) }},
	{"KmsKeyId", func(s *types.DBSnapshot) resource.Value { return text(s.KmsKeyId) }},
	{"Status", func(s *types.DBSnapshot) resource.Value { return text(s.Status) }},
	{"SnapshotCreateTime", func(s *types.DBSnapshot) resource.Value { return moment(s.SnapshotCreateTime) }},
	{resource.TagsProperty, func(s *types.DBSnapshot) resource.Value { return tags(s.TagList) }},
}

var instanceFields = []field[types.DBInstance]{
	{"BackupRetentionPeriod", func(i *types.DBInstance) resource.Value { return number(i.BackupRetentionPeriod) }},
	{"CopyTagsToSnapshot", func(i *types.DBInstance) resource.Value { return flag(i.CopyTagsToSnapshot) }},
	{"DeletionProtection", func(i *types.DBInstance) resource.Value { return flag(i.DeletionProtection) }},
	{"StorageEncrypted", func(i *types.DBInstance) resource.Value { return flag(i.StorageEncrypted) }},
	{"StorageEncryptionType", func(i *types.DBInstance) resource.Value { return word(string(i.StorageEncryptionType)) }},
	{"KmsKeyId", func(i *types.DBInstance) resource.Value { return text(i.KmsKeyId) }},
	{"MultiAZ", func(i *types.DBInstance) resource.Value { return flag(i.MultiAZ) }},
	{"DBClusterIdentifier", func(i *types.DBInstance) resource.Value { return text(i.DBClusterIdentifier) }},
	{"DBInstanceClass", func(i *types.DBInstance) resource.Value { return text(i.DBInstanceClass) }},
	{"AvailabilityZone", func(i *types.DBInstance) resource.Value { return text(i.AvailabilityZone) }},
	{"Engine", func(i *types.DBInstance) resource.Value { return text(i.Engine) }},
	{"EngineVersion", func(i *types.DBInstance) resource.Value { return text(i.EngineVersion) }},
	{"Status", func(i *types.DBInstance) resource.Value { return text(i.DBInstanceStatus) }},
	{"PromotionTier", func(i *types.DBInstance) resource.Value { return maybe(i.PromotionTier) }},
	{"ReplicaOf", replicaOf},
	{"ReplicaMode", func(i *types.DBInstance) resource.Value { return word(string(i.ReplicaMode)) }},
	{"Replicas", replicas},
	{"BackupTarget", func(i *types.DBInstance) resource.Value { return text(i.BackupTarget) }},
	{"AwsBackupRecoveryPointArn", func(i *types.DBInstance) resource.Value { return text(i.AwsBackupRecoveryPointArn) }},
	{"PreferredBackupWindow", func(i *types.DBInstance) resource.Value { return text(i.PreferredBackupWindow) }},
	{"PreferredMaintenanceWindow", func(i *types.DBInstance) resource.Value { return text(i.PreferredMaintenanceWindow) }},
	{"LatestRestorableTime", func(i *types.DBInstance) resource.Value { return moment(i.LatestRestorableTime) }},
	{"AutomaticRestartTime", func(i *types.DBInstance) resource.Value { return moment(i.AutomaticRestartTime) }},
	{"PendingBackupRetentionPeriod", func(i *types.DBInstance) resource.Value { return maybe(waiting(i).BackupRetentionPeriod) }},
	{"PendingMultiAZ", func(i *types.DBInstance) resource.Value { return maybeFlag(waiting(i).MultiAZ) }},
	{"PendingChanges", pendingChanges},
	{resource.TagsProperty, func(i *types.DBInstance) resource.Value { return tags(i.TagList) }},
}

// replicaOf is what a read replica replicates: an instance or a cluster.
func replicaOf(i *types.DBInstance) resource.Value {
	if i.ReadReplicaSourceDBInstanceIdentifier != nil {
		return text(i.ReadReplicaSourceDBInstanceIdentifier)
	}
	return text(i.ReadReplicaSourceDBClusterIdentifier)
}

func replicas(i *types.DBInstance) resource.Value {
	all := slices.Concat(i.ReadReplicaDBInstanceIdentifiers, i.ReadReplicaDBClusterIdentifiers)
	if len(all) == 0 {
		return resource.Value{}
	}
	slices.Sort(all)
	return resource.OfStrings(all)
}

func waiting(i *types.DBInstance) types.PendingModifiedValues {
	if i.PendingModifiedValues == nil {
		return types.PendingModifiedValues{}
	}
	return *i.PendingModifiedValues
}

// pendingChanges names what else waits for the maintenance window: a change that
// is applied at once brings all of it forward.
func pendingChanges(i *types.DBInstance) resource.Value {
	p := waiting(i)
	var names []string
	for _, one := range []struct {
		name string
		set  bool
	}{
		{"AllocatedStorage", p.AllocatedStorage != nil},
		{"BackupRetentionPeriod", p.BackupRetentionPeriod != nil},
		{"CACertificateIdentifier", p.CACertificateIdentifier != nil},
		{"DBInstanceClass", p.DBInstanceClass != nil},
		{"DBInstanceIdentifier", p.DBInstanceIdentifier != nil},
		{"DBSubnetGroupName", p.DBSubnetGroupName != nil},
		{"DedicatedLogVolume", p.DedicatedLogVolume != nil},
		{"Engine", p.Engine != nil},
		{"EngineVersion", p.EngineVersion != nil},
		{"IAMDatabaseAuthenticationEnabled", p.IAMDatabaseAuthenticationEnabled != nil},
		{"Iops", p.Iops != nil},
		{"LicenseModel", p.LicenseModel != nil},
		{"MasterUserPassword", p.MasterUserPassword != nil},
		{"MultiAZ", p.MultiAZ != nil},
		{"MultiTenant", p.MultiTenant != nil},
		{"PendingCloudwatchLogsExports", p.PendingCloudwatchLogsExports != nil},
		{"Port", p.Port != nil},
		{"ProcessorFeatures", len(p.ProcessorFeatures) > 0},
		{"StorageThroughput", p.StorageThroughput != nil},
		{"StorageType", p.StorageType != nil},
	} {
		if one.set {
			names = append(names, one.name)
		}
	}
	if names == nil {
		return resource.Value{}
	}
	return resource.OfStrings(names)
}
