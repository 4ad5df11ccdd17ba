package recover_test

import (
	"context"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/recover"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/services"
)

const (
	account     = "111122223333"
	vaultHolder = "444455556666"
	dublin      = "eu-west-1"
	frankfurt   = "eu-central-1"

	neptune         = "AWS::Neptune::DBCluster"
	neptuneSnapshot = "AWS::Neptune::DBClusterSnapshot"
	instance        = "AWS::RDS::DBInstance"
	dbSnapshot      = "AWS::RDS::DBSnapshot"
	table           = "AWS::DynamoDB::Table"
	cache           = "AWS::ElastiCache::CacheCluster"
	fileSystem      = "AWS::EFS::FileSystem"
	recoveryPoint   = "AWS::Backup::RecoveryPoint"
)

// now is when every test looks.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func ago(days float64) time.Time { return now.Add(-time.Duration(days * float64(24*time.Hour))) }

type values map[string]any

// value makes a property of a Go value.
func value(v any) resource.Value {
	switch v := v.(type) {
	case int:
		return resource.OfInt(int64(v))
	case bool:
		return resource.OfBool(v)
	case string:
		return resource.OfString(v)
	case time.Time:
		return resource.OfTime(v)
	default:
		return resource.OfUnknown(resource.Missing{Reason: resource.ReasonDenied, Operation: "rds:DescribeDBClusters", Permission: "rds:DescribeDBClusters"})
	}
}

// unread is a property that was denied.
type unread struct{}

func thing(typ, id, uid string, properties values) *resource.Resource {
	kinds := map[string]string{
		neptune: "rds:%:cluster:", neptuneSnapshot: "rds:%:cluster-snapshot:", instance: "rds:%:db:", dbSnapshot: "rds:%:snapshot:",
		table: "dynamodb:%:table/", cache: "elasticache:%:cluster:", fileSystem: "elasticfilesystem:%:file-system/", recoveryPoint: "backup:%:recovery-point:",
	}
	r := &resource.Resource{
		Ref:        resource.Ref{Type: typ, ID: id, UID: uid, Account: account, Region: dublin, Partition: "aws"},
		Properties: make(map[string]resource.Value),
	}
	r.ARN = arn(kinds[typ], r.Region, id)
	for name, v := range properties {
		r.Properties[name] = value(v)
	}
	return r
}

func arn(kind, region, id string) string {
	out := "arn:aws:"
	for _, c := range kind {
		if c == '%' {
			out += region + ":" + account
		} else {
			out += string(c)
		}
	}
	return out + id
}

func in(acct, region string, r *resource.Resource) *resource.Resource {
	r.Account, r.Region = acct, region
	return r
}

// graph is a Neptune cluster of ninety days that keeps seven.
func graph(changes values) *resource.Resource {
	all := values{
		"BackupRetentionPeriod": 7, "Status": "available", "ClusterCreateTime": ago(90),
		"EarliestRestorableTime": ago(7), "LatestRestorableTime": now.Add(-5 * time.Minute),
	}
	for name, v := range changes {
		all[name] = v
		if v == nil {
			delete(all, name)
		}
	}
	return thing(neptune, "graph", "cluster-GRAPH", all)
}

func snapshotOf(uid, id string, at time.Time, changes values) *resource.Resource {
	all := values{
		"SnapshotType": "manual", "DBClusterIdentifier": "graph", "DBClusterResourceId": uid, "Status": "available",
		"SnapshotCreateTime": at, "StorageEncrypted": true, "KmsKeyId": "arn:aws:kms:eu-west-1:111122223333:key/1",
	}
	for name, v := range changes {
		all[name] = v
	}
	return thing(neptuneSnapshot, id, "", all)
}

// world is what a test reads.
type world struct {
	resources []*resource.Resource
	gaps      []finding.Gap
	places    []scan.Place
}

func (w *world) List(context.Context, resource.Wants) (*scan.Listing, error) {
	places := w.places
	if places == nil {
		places = []scan.Place{{Account: account, Region: dublin}}
	}
	return &scan.Listing{
		PlaceName: "account-regions", Places: places, Gaps: w.gaps,
		Units: []scan.Unit{{Place: places[0], Read: func(_ context.Context, sink scan.Sink) error { return sink.Resources(w.resources) }}},
	}, nil
}

// types are the resource types as the program has them.
func types(t testing.TB) map[string]*control.Type {
	t.Helper()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	return catalogue.Types
}

func read(t *testing.T, w *world, filter recover.Filter, moment time.Time) *recover.Inventory {
	t.Helper()
	found, err := recover.Read(context.Background(), recover.Options{
		Source: w, Wants: recover.Wants(types(t), filter), Filter: filter, Concurrency: 1,
		Tool: "holdfast", Version: "test", AsOf: now, Moment: moment,
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
