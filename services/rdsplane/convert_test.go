package rdsplane

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

var dublin = awsconn.Place{Account: "111122223333", Region: "eu-west-1", Partition: "aws"}

func everything(string) bool { return true }

// shown lists what properties of a resource say, absent ones left out.
func shown(r *resource.Resource, names ...string) map[string]string {
	out := make(map[string]string)
	for _, name := range names {
		if value := r.Get(name); value.Kind() != resource.Absent {
			out[name] = value.String()
		}
	}
	return out
}

func TestAnInstanceTellsWhatItReplicatesAndWhatWaits(t *testing.T) {
	t.Parallel()
	names := []string{"ReplicaOf", "Replicas", "BackupTarget", "PendingBackupRetentionPeriod", "PendingMultiAZ", "PendingChanges", "DBClusterIdentifier", "LatestRestorableTime"}
	for name, test := range map[string]struct {
		instance types.DBInstance
		want     map[string]string
	}{
		"of its own": {types.DBInstance{BackupTarget: aws.String("region")}, map[string]string{"BackupTarget": "region"}},
		"a replica of an instance": {
			types.DBInstance{ReadReplicaSourceDBInstanceIdentifier: aws.String("orders")}, map[string]string{"ReplicaOf": "orders"},
		},
		"a replica of a cluster": {
			types.DBInstance{ReadReplicaSourceDBClusterIdentifier: aws.String("ledger")}, map[string]string{"ReplicaOf": "ledger"},
		},
		"a source of replicas": {
			types.DBInstance{ReadReplicaDBInstanceIdentifiers: []string{"b", "a"}}, map[string]string{"Replicas": "[a, b]"},
		},
		"with changes that wait": {
			types.DBInstance{PendingModifiedValues: &types.PendingModifiedValues{
				BackupRetentionPeriod: aws.Int32(0), MultiAZ: aws.Bool(true), DBInstanceClass: aws.String("db.r6g.large"),
			}},
			map[string]string{
				"PendingBackupRetentionPeriod": "0", "PendingMultiAZ": "true",
				"PendingChanges": "[BackupRetentionPeriod, DBInstanceClass, MultiAZ]",
			},
		},
		"with an empty queue": {types.DBInstance{PendingModifiedValues: &types.PendingModifiedValues{}}, map[string]string{}},
		"a member": {
			types.DBInstance{DBClusterIdentifier: aws.String("shop"), LatestRestorableTime: aws.Time(time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC))},
			map[string]string{"DBClusterIdentifier": "shop", "LatestRestorableTime": "2026-11-22T09:00:00Z"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := FromInstance("AWS::RDS::DBInstance", &test.instance, dublin, everything)
			if diff := cmp.Diff(test.want, shown(r, names...)); diff != "" {
				t.Errorf("want (-), got (+)\n%s", diff)
			}
		})
	}
}

func TestWhatAWSLeavesOutOfAnInstanceIsUnknownAndNoDefault(t *testing.T) {
	t.Parallel()
	r := FromInstance("AWS::RDS::DBInstance", &types.DBInstance{DBInstanceIdentifier: aws.String("orders")}, dublin, everything)
	for _, property := range []string{"BackupRetentionPeriod", "CopyTagsToSnapshot", "DeletionProtection", "StorageEncrypted", "MultiAZ"} {
		if missing := r.Get(property).Missing(); missing == nil || missing.Reason != resource.ReasonOmitted {
			t.Errorf("%s is %s", property, r.Get(property))
		}
	}
	if want := "arn:aws:rds:eu-west-1:111122223333:db:orders"; r.ARN != want {
		t.Errorf("ARN %s", r.ARN)
	}
}

func TestASnapshotOfAnInstanceHasTheNamesOfOneOfACluster(t *testing.T) {
	t.Parallel()
	one := FromSnapshot("AWS::RDS::DBSnapshot", &types.DBSnapshot{
		DBSnapshotIdentifier: aws.String("kept"), SnapshotType: aws.String("manual"), Encrypted: aws.Bool(true), KmsKeyId: aws.String("key"),
	}, dublin, everything)
	other := FromClusterSnapshot("AWS::RDS::DBClusterSnapshot", &types.DBClusterSnapshot{
		DBClusterSnapshotIdentifier: aws.String("kept"), SnapshotType: aws.String("manual"), StorageEncrypted: aws.Bool(true), KmsKeyId: aws.String("key"),
	}, dublin, everything)
	if diff := cmp.Diff(shown(one, "SnapshotType", "StorageEncrypted", "KmsKeyId"), shown(other, "SnapshotType", "StorageEncrypted", "KmsKeyId")); diff != "" {
		t.Errorf("they differ\n%s", diff)
	}
	if one.ARN != "arn:aws:rds:eu-west-1:111122223333:snapshot:kept" || other.ARN != "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:kept" {
		t.Errorf("ARNs %s and %s", one.ARN, other.ARN)
	}
}

func TestEveryEngineBelongsToExactlyOneShare(t *testing.T) {
	t.Parallel()
	r := New(Share{Engines: []string{"docdb"}}, Share{Engines: []string{"neptune"}}, Share{Except: []string{"docdb", "neptune"}})
	for _, engine := range []string{"neptune", "docdb", "aurora-mysql", "postgres", "sqlserver-ee", "custom-oracle-ee", "one-that-is-yet-to-come"} {
		owners := 0
		for i := range r.shares {
			if r.shares[i].owns(engine) {
				owners++
			}
		}
		if owners != 1 {
			t.Errorf("%s has %d owners", engine, owners)
		}
	}
}
