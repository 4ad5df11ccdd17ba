package lab_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

func TestSnapshotsOfInstancesAreListedByKindEngineAndInstance(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account).Region(region).
		AddInstance(lab.Instance{ID: "orders", Engine: "postgres", StorageEncrypted: true}).
		AddDBSnapshot(lab.DBSnapshot{ID: "kept", InstanceID: "orders"}).
		AddDBSnapshot(lab.DBSnapshot{ID: "rds:orders-2026-11-20-02-00", InstanceID: "orders", Type: "automated"}).
		AddDBSnapshot(lab.DBSnapshot{ID: "open", SharedWith: []string{other, "all"}})
	b := start(t, lab.Options{World: w}, c)
	for name, test := range map[string]struct {
		in   rds.DescribeDBSnapshotsInput
		want []string
	}{
		"all":         {rds.DescribeDBSnapshotsInput{}, []string{"kept", "open", "rds:orders-2026-11-20-02-00"}},
		"manual":      {rds.DescribeDBSnapshotsInput{SnapshotType: aws.String("manual")}, []string{"kept", "open"}},
		"by engine":   {rds.DescribeDBSnapshotsInput{Filters: []types.Filter{{Name: aws.String("engine"), Values: []string{"mysql"}}}}, []string{"open"}},
		"of one":      {rds.DescribeDBSnapshotsInput{DBInstanceIdentifier: aws.String("orders")}, []string{"kept", "rds:orders-2026-11-20-02-00"}},
		"one by name": {rds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: aws.String("open")}, []string{"open"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := b.rds().DescribeDBSnapshots(t.Context(), &test.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range out.DBSnapshots {
				got = append(got, aws.ToString(s.DBSnapshotIdentifier))
				if encrypted := aws.ToString(s.DBInstanceIdentifier) == "orders"; aws.ToBool(s.Encrypted) != encrypted {
					t.Errorf("%s: encrypted %v", aws.ToString(s.DBSnapshotIdentifier), aws.ToBool(s.Encrypted))
				}
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	var missing *types.DBSnapshotNotFoundFault
	if _, err := b.rds().DescribeDBSnapshotAttributes(t.Context(), &rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: aws.String("gone")}); !errors.As(err, &missing) {
		t.Errorf("attributes of a snapshot that is not there: %v", err)
	}
	out, err := b.rds().DescribeDBSnapshotAttributes(t.Context(), &rds.DescribeDBSnapshotAttributesInput{DBSnapshotIdentifier: aws.String("open")})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.DBSnapshotAttributesResult.DBSnapshotAttributes[0].AttributeValues; !slices.Equal(got, []string{other, "all"}) {
		t.Errorf("shared with %v", got)
	}
}

func TestSnapshotsOfInstancesComeInPages(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region)
	for i := range 130 {
		r.AddDBSnapshot(lab.DBSnapshot{ID: fmt.Sprintf("kept-%03d", i)})
	}
	b := start(t, lab.Options{World: w}, c)
	seen := make(map[string]bool)
	pages := rds.NewDescribeDBSnapshotsPaginator(b.rds(), &rds.DescribeDBSnapshotsInput{MaxRecords: aws.Int32(20)})
	turned := 0
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		turned++
		for _, s := range page.DBSnapshots {
			seen[aws.ToString(s.DBSnapshotIdentifier)] = true
		}
	}
	if len(seen) != 130 || turned != 7 {
		t.Errorf("%d snapshots in %d pages", len(seen), turned)
	}
}

func TestAnInstanceShowsItsReplicasAndWhatWaits(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	seven, yes := 7, true
	w.Account(account).Region(region).
		AddInstance(lab.Instance{ID: "orders", Engine: "mysql", Pending: &seven, PendingMultiAZ: &yes, PendingClass: "db.r6g.xlarge"}).
		AddInstance(lab.Instance{ID: "orders-replica", Engine: "mysql", ReplicaOf: "orders", BackupRetentionPeriod: 1})
	b := start(t, lab.Options{World: w}, c)
	out, err := b.rds().DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{})
	if err != nil {
		t.Fatal(err)
	}
	source, replica := out.DBInstances[0], out.DBInstances[1]
	if !slices.Equal(source.ReadReplicaDBInstanceIdentifiers, []string{"orders-replica"}) || aws.ToString(replica.ReadReplicaSourceDBInstanceIdentifier) != "orders" {
		t.Errorf("replicas %v of %v", source.ReadReplicaDBInstanceIdentifiers, aws.ToString(replica.ReadReplicaSourceDBInstanceIdentifier))
	}
	p := source.PendingModifiedValues
	if p == nil || aws.ToInt32(p.BackupRetentionPeriod) != 7 || !aws.ToBool(p.MultiAZ) || aws.ToString(p.DBInstanceClass) != "db.r6g.xlarge" {
		t.Errorf("pending %+v", p)
	}
	if source.LatestRestorableTime != nil || replica.LatestRestorableTime == nil {
		t.Errorf("restorable to %v without backups, and to %v with them", source.LatestRestorableTime, replica.LatestRestorableTime)
	}
}
