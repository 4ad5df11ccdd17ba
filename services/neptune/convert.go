package neptune

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// The resource types of Neptune.
const (
	ClusterType        = "AWS::Neptune::DBCluster"
	SnapshotType       = "AWS::Neptune::DBClusterSnapshot"
	InstanceType       = "AWS::Neptune::DBInstance"
	ParameterGroupType = "AWS::Neptune::DBClusterParameterGroup"
)

// Engine is what AWS calls Neptune in the engine field.
const Engine = "neptune"

// AuditParameter is the cluster parameter that makes Neptune write audit lines.
const AuditParameter = "neptune_enable_audit_log"

// Wanted reports whether somebody needs a property. All makes FromCluster and
// its neighbours convert everything.
type Wanted func(property string) bool

// All wants every property.
func All(string) bool { return true }

// field yields one property of an SDK object.
type field[T any] struct {
	name string
	get  func(*T) resource.Value
}

func properties[T any](object *T, fields []field[T], wanted Wanted) map[string]resource.Value {
	out := make(map[string]resource.Value, 4)
	for i := range fields {
		if wanted(fields[i].name) {
			if value := fields[i].get(object); value.Kind() != resource.Absent {
				out[fields[i].name] = value
			}
		}
	}
	return out
}

// clusterFields are the properties that DescribeDBClusters yields. A field that
// AWS always sends and did not send is unknown, never a default.
var clusterFields = []field[types.DBCluster]{
	{"BackupRetentionPeriod", func(c *types.DBCluster) resource.Value { return number(c.BackupRetentionPeriod) }},
	{"CopyTagsToSnapshot", func(c *types.DBCluster) resource.Value { return flag(c.CopyTagsToSnapshot) }},
	{"DeletionProtection", func(c *types.DBCluster) resource.Value { return flag(c.DeletionProtection) }},
	{"EnableCloudwatchLogsExports", func(c *types.DBCluster) resource.Value { return resource.OfStrings(c.EnabledCloudwatchLogsExports) }},
	{"IamAuthEnabled", func(c *types.DBCluster) resource.Value { return flag(c.IAMDatabaseAuthenticationEnabled) }},
	{"StorageEncrypted", func(c *types.DBCluster) resource.Value { return flag(c.StorageEncrypted) }},
	{"KmsKeyId", func(c *types.DBCluster) resource.Value { return text(c.KmsKeyId) }},
	{"MultiAZ", func(c *types.DBCluster) resource.Value { return flag(c.MultiAZ) }},
	{"DBClusterParameterGroupName", func(c *types.DBCluster) resource.Value { return text(c.DBClusterParameterGroup) }},
	{"Status", func(c *types.DBCluster) resource.Value { return text(c.Status) }},
	{"EngineVersion", func(c *types.DBCluster) resource.Value { return text(c.EngineVersion) }},
	{"PreferredBackupWindow", func(c *types.DBCluster) resource.Value { return text(c.PreferredBackupWindow) }},
	{"PreferredMaintenanceWindow", func(c *types.DBCluster) resource.Value { return text(c.PreferredMaintenanceWindow) }},
	{"EarliestRestorableTime", func(c *types.DBCluster) resource.Value { return moment(c.EarliestRestorableTime) }},
	{"LatestRestorableTime", func(c *types.DBCluster) resource.Value { return moment(c.LatestRestorableTime) }},
	{"PendingBackupRetentionPeriod", pendingRetention},
	{"PendingIamAuthEnabled", pendingIAM},
	{"PendingLogExports", pendingLogs},
	{"GlobalClusterIdentifier", func(c *types.DBCluster) resource.Value { return text(c.GlobalClusterIdentifier) }},
	{"AutomaticRestartTime", func(c *types.DBCluster) resource.Value { return moment(c.AutomaticRestartTime) }},
	{"Writer", writer},
	{"Members", members},
	{resource.TagsProperty, func(c *types.DBCluster) resource.Value { return tags(c.TagList) }},
}

// FromCluster turns a Neptune cluster into a resource. AuditLogParameter is not
// part of it: that is another call.
func FromCluster(c *types.DBCluster, place awsconn.Place, wanted Wanted) *resource.Resource {
	ref := refOf(place, ClusterType, "cluster", c.DBClusterIdentifier, c.DBClusterArn)
	ref.UID = aws.ToString(c.DbClusterResourceId)
	return &resource.Resource{Ref: ref, Properties: properties(c, clusterFields, wanted)}
}

// snapshotFields are the properties that DescribeDBClusterSnapshots yields.
var snapshotFields = []field[types.DBClusterSnapshot]{
	{"DBClusterIdentifier", func(s *types.DBClusterSnapshot) resource.Value { return text(s.DBClusterIdentifier) }},
	{"SnapshotType", func(s *types.DBClusterSnapshot) resource.Value { return text(s.SnapshotType) }},
	{"StorageEncrypted", func(s *types.DBClusterSnapshot) resource.Value { return flag(s.StorageEncrypted) }},
	{"KmsKeyId", func(s *types.DBClusterSnapshot) resource.Value { return text(s.KmsKeyId) }},
	{"Status", func(s *types.DBClusterSnapshot) resource.Value { return text(s.Status) }},
	{"SnapshotCreateTime", func(s *types.DBClusterSnapshot) resource.Value { return moment(s.SnapshotCreateTime) }},
	{resource.TagsProperty, func(s *types.DBClusterSnapshot) resource.Value { return tags(s.TagList) }},
}

// FromSnapshot turns a Neptune cluster snapshot into a resource.
// RestoreAccounts is not part of it: that is another call.
func FromSnapshot(s *types.DBClusterSnapshot, place awsconn.Place, wanted Wanted) *resource.Resource {
	ref := refOf(place, SnapshotType, "cluster-snapshot", s.DBClusterSnapshotIdentifier, s.DBClusterSnapshotArn)
	return &resource.Resource{Ref: ref, Properties: properties(s, snapshotFields, wanted)}
}

// instanceFields are the properties that DescribeDBInstances yields.
var instanceFields = []field[types.DBInstance]{
	{"DBClusterIdentifier", func(i *types.DBInstance) resource.Value { return text(i.DBClusterIdentifier) }},
	{"DBInstanceClass", func(i *types.DBInstance) resource.Value { return text(i.DBInstanceClass) }},
	{"AvailabilityZone", func(i *types.DBInstance) resource.Value { return text(i.AvailabilityZone) }},
	{"Status", func(i *types.DBInstance) resource.Value { return text(i.DBInstanceStatus) }},
	{"PromotionTier", func(i *types.DBInstance) resource.Value { return number(i.PromotionTier) }},
	{resource.TagsProperty, func(i *types.DBInstance) resource.Value { return tags(i.TagList) }},
}

// FromInstance turns a Neptune instance into a resource.
func FromInstance(i *types.DBInstance, place awsconn.Place, wanted Wanted) *resource.Resource {
	ref := refOf(place, InstanceType, "db", i.DBInstanceIdentifier, i.DBInstanceArn)
	ref.UID = aws.ToString(i.DbiResourceId)
	return &resource.Resource{Ref: ref, Properties: properties(i, instanceFields, wanted)}
}

// refOf names an object. Its ARN is built when AWS left it out: ARNs of Neptune
// are those of RDS.
func refOf(place awsconn.Place, typ, kind string, id, arn *string) resource.Ref {
	ref := resource.Ref{
		Type: typ, ID: aws.ToString(id), ARN: aws.ToString(arn),
		Account: place.Account, Region: place.Region, Partition: place.Partition,
	}
	if ref.ARN == "" {
		ref.ARN = fmt.Sprintf("arn:%s:rds:%s:%s:%s:%s", place.Partition, place.Region, place.Account, kind, ref.ID)
	}
	return ref
}

// omitted is the value of a field that AWS always sends and did not send.
var omitted = resource.OfUnknown(resource.Missing{
	Reason: resource.ReasonOmitted, Detail: "the service answered without this field",
})

func number(n *int32) resource.Value {
	if n == nil {
		return omitted
	}
	return resource.OfInt(int64(*n))
}

func flag(b *bool) resource.Value {
	if b == nil {
		return omitted
	}
	return resource.OfBool(*b)
}

// text and moment are for fields that may well be absent.
func text(s *string) resource.Value {
	if s == nil {
		return resource.Value{}
	}
	return resource.OfString(*s)
}

func moment(t *time.Time) resource.Value {
	if t == nil {
		return resource.Value{}
	}
	return resource.OfTime(*t)
}

func tags(list []types.Tag) resource.Value {
	fields := make(map[string]resource.Value, len(list))
	for _, tag := range list {
		fields[aws.ToString(tag.Key)] = resource.OfString(aws.ToString(tag.Value))
	}
	return resource.OfMap(fields)
}

func pendingRetention(c *types.DBCluster) resource.Value {
	if c.PendingModifiedValues == nil || c.PendingModifiedValues.BackupRetentionPeriod == nil {
		return resource.Value{}
	}
	return number(c.PendingModifiedValues.BackupRetentionPeriod)
}

func pendingIAM(c *types.DBCluster) resource.Value {
	if c.PendingModifiedValues == nil || c.PendingModifiedValues.IAMDatabaseAuthenticationEnabled == nil {
		return resource.Value{}
	}
	return flag(c.PendingModifiedValues.IAMDatabaseAuthenticationEnabled)
}

func pendingLogs(c *types.DBCluster) resource.Value {
	if c.PendingModifiedValues == nil || c.PendingModifiedValues.PendingCloudwatchLogsExports == nil {
		return resource.Value{}
	}
	return resource.OfStrings(c.PendingModifiedValues.PendingCloudwatchLogsExports.LogTypesToEnable)
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
