package rdsplane

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Wanted reports whether somebody needs a property.
type Wanted func(property string) bool

// field yields one property of an SDK object. A field that AWS always sends and
// did not send is unknown, never a default.
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

// FromCluster turns a DB cluster into a resource of a type, with what
// DescribeDBClusters tells of it.
func FromCluster(typ string, c *types.DBCluster, place awsconn.Place, wanted Wanted) *resource.Resource {
	ref := refOf(place, typ, "cluster", c.DBClusterIdentifier, c.DBClusterArn)
	ref.UID = aws.ToString(c.DbClusterResourceId)
	return &resource.Resource{Ref: ref, Properties: properties(c, clusterFields, wanted)}
}

// FromClusterSnapshot turns a snapshot of a DB cluster into a resource, with
// what DescribeDBClusterSnapshots tells of it.
func FromClusterSnapshot(typ string, s *types.DBClusterSnapshot, place awsconn.Place, wanted Wanted) *resource.Resource {
	ref := refOf(place, typ, "cluster-snapshot", s.DBClusterSnapshotIdentifier, s.DBClusterSnapshotArn)
	return &resource.Resource{Ref: ref, Properties: properties(s, clusterSnapshotFields, wanted)}
}

// FromInstance turns a DB instance into a resource, with what
// DescribeDBInstances tells of it.
func FromInstance(typ string, i *types.DBInstance, place awsconn.Place, wanted Wanted) *resource.Resource {
	ref := refOf(place, typ, "db", i.DBInstanceIdentifier, i.DBInstanceArn)
	ref.UID = aws.ToString(i.DbiResourceId)
	return &resource.Resource{Ref: ref, Properties: properties(i, instanceFields, wanted)}
}

// FromSnapshot turns a snapshot of a DB instance into a resource, with what
// DescribeDBSnapshots tells of it.
func FromSnapshot(typ string, s *types.DBSnapshot, place awsconn.Place, wanted Wanted) *resource.Resource {
	ref := refOf(place, typ, "snapshot", s.DBSnapshotIdentifier, s.DBSnapshotArn)
	return &resource.Resource{Ref: ref, Properties: properties(s, snapshotFields, wanted)}
}

// refOf names an object. Its ARN is built when AWS left it out: the ARNs of all
// engines are those of RDS.
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
