package lab_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

func TestSnapshotsAreListedByOwnerAndShare(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account).Region(region).
		AddCluster(lab.Cluster{ID: "graph"}).
		AddSnapshot(lab.Snapshot{ID: "mine", ClusterID: "graph"}).
		AddSnapshot(lab.Snapshot{ID: "mine-public", ClusterID: "graph", SharedWith: []string{other, "all"}}).
		AddSnapshot(lab.Snapshot{ID: "rds:graph-2026-11-20-02-00", ClusterID: "graph", Type: "automated"})
	theirs := w.Account(other).Region(region)
	theirs.AddSnapshot(lab.Snapshot{ID: "open", SharedWith: []string{"all"}}).
		AddSnapshot(lab.Snapshot{ID: "lent", SharedWith: []string{account}, Engine: "docdb"}).
		AddSnapshot(lab.Snapshot{ID: "closed"})
	b := start(t, lab.Options{World: w}, c)
	open, lent := theirs.ARN("cluster-snapshot", "open"), theirs.ARN("cluster-snapshot", "lent")
	for _, tt := range []struct {
		name string
		in   rds.DescribeDBClusterSnapshotsInput
		want []string
	}{
		{"own unless asked", rds.DescribeDBClusterSnapshotsInput{}, []string{"mine", "mine-public", "rds:graph-2026-11-20-02-00"}},
		{"manual", rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("manual")}, []string{"mine", "mine-public"}},
		{"automated", rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("automated")}, []string{"rds:graph-2026-11-20-02-00"}},
		{"public is everybody's", rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("public")}, []string{"mine-public", open}},
		{"shared", rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("shared")}, []string{lent}},
		{"own and shared", rds.DescribeDBClusterSnapshotsInput{SnapshotType: aws.String("manual"), IncludeShared: aws.Bool(true)}, []string{lent, "mine", "mine-public"}},
		{"by engine", rds.DescribeDBClusterSnapshotsInput{IncludeShared: aws.Bool(true), Filters: []types.Filter{{Name: aws.String("engine"), Values: []string{"docdb"}}}}, []string{lent}},
		{"by cluster", rds.DescribeDBClusterSnapshotsInput{DBClusterIdentifier: aws.String("graph"), SnapshotType: aws.String("manual")}, []string{"mine", "mine-public"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			out, err := b.rds().DescribeDBClusterSnapshots(t.Context(), &tt.in)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, s := range out.DBClusterSnapshots {
				got = append(got, aws.ToString(s.DBClusterSnapshotIdentifier))
			}
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestSharingKeepsListedAccounts(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddSnapshot(lab.Snapshot{ID: "s", SharedWith: []string{"all", other}})
	b := start(t, lab.Options{World: w}, c)
	out, err := b.rds().ModifyDBClusterSnapshotAttribute(t.Context(), &rds.ModifyDBClusterSnapshotAttributeInput{
		DBClusterSnapshotIdentifier: aws.String("s"), AttributeName: aws.String("restore"), ValuesToRemove: []string{"all"}})
	if err != nil {
		t.Fatal(err)
	}
	if got := out.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes[0].AttributeValues; !slices.Equal(got, []string{other}) {
		t.Errorf("answer shows %v", got)
	}
	if s, _ := r.Snapshot("s"); !slices.Equal(s.SharedWith, []string{other}) {
		t.Errorf("shared with %v", s.SharedWith)
	}
	if n := b.Writes(r.ARN("cluster-snapshot", "s"))["ModifyDBClusterSnapshotAttribute"]; n != 1 {
		t.Errorf("%d writes took effect, want 1", n)
	}
}

func TestEncryptingNeedsRestore(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).
		AddCluster(lab.Cluster{ID: "graph", BackupRetentionPeriod: 14, IAMAuth: true, DeletionProtection: true,
			CopyTagsToSnapshot: true, LogExports: []string{"audit"}, SecurityGroups: []string{"sg-own"}, Zones: []string{"a", "b"}, Tags: lab.Tags{"env": "prod"}}).
		AddCluster(lab.Cluster{ID: "sql", Engine: "aurora-mysql", BackupRetentionPeriod: 14}).
		AddSnapshot(lab.Snapshot{ID: "sql-before", ClusterID: "sql"})
	key := r.AddKey(lab.Key{Alias: "alias/graph"})
	r.AddKey(lab.Key{Alias: "alias/off", Disabled: true})
	b := start(t, lab.Options{World: w, Settle: lab.Settle{Describes: 1}}, c)
	k, ctx := b.rds(), t.Context()
	made, err := k.CreateDBClusterSnapshot(ctx, &rds.CreateDBClusterSnapshotInput{DBClusterIdentifier: aws.String("graph"), DBClusterSnapshotIdentifier: aws.String("before")})
	if err != nil {
		t.Fatal(err)
	}
	if s := made.DBClusterSnapshot; aws.ToString(s.Status) != "creating" || aws.ToBool(s.StorageEncrypted) || len(s.TagList) != 1 {
		t.Errorf("new snapshot: %s, tags %v", aws.ToString(s.Status), s.TagList)
	}
	restore := func(id, snapshot, engine, key string) (*types.DBCluster, error) {
		out, err := k.RestoreDBClusterFromSnapshot(ctx, &rds.RestoreDBClusterFromSnapshotInput{DBClusterIdentifier: &id,
			SnapshotIdentifier: &snapshot, Engine: &engine, KmsKeyId: aws.String(key)})
		if err != nil {
			return nil, err
		}
		return out.DBCluster, nil
	}
	_, err = restore("graph-new", "before", "neptune", "alias/graph")
	wantCode(t, err, "InvalidDBClusterSnapshotStateFault")
	for range 2 {
		if _, err := k.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: aws.String("before")}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = k.CopyDBClusterSnapshot(ctx, &rds.CopyDBClusterSnapshotInput{SourceDBClusterSnapshotIdentifier: aws.String("before"),
		TargetDBClusterSnapshotIdentifier: aws.String("copy"), KmsKeyId: aws.String("alias/graph")})
	wantCode(t, err, "InvalidParameterCombination")
	_, err = k.RestoreDBClusterToPointInTime(ctx, &rds.RestoreDBClusterToPointInTimeInput{SourceDBClusterIdentifier: aws.String("graph"),
		DBClusterIdentifier: aws.String("x"), UseLatestRestorableTime: aws.Bool(true), KmsKeyId: aws.String("alias/graph")})
	wantCode(t, err, "InvalidParameterCombination")
	var unusable *types.KMSKeyNotAccessibleFault
	if _, err = restore("graph-new", "before", "neptune", "alias/off"); !errors.As(err, &unusable) {
		t.Errorf("disabled key: %v", err)
	}
	got, err := restore("graph-new", "before", "neptune", "alias/graph")
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(got.Status) != "creating" || got.EarliestRestorableTime != nil || !aws.ToBool(got.StorageEncrypted) || aws.ToString(got.KmsKeyId) != key {
		t.Errorf("restored: %s, encrypted %t with %s", aws.ToString(got.Status), aws.ToBool(got.StorageEncrypted), aws.ToString(got.KmsKeyId))
	}
	if len(got.DBClusterMembers) != 0 || aws.ToInt32(got.BackupRetentionPeriod) != 1 || aws.ToBool(got.IAMDatabaseAuthenticationEnabled) ||
		aws.ToBool(got.DeletionProtection) || aws.ToBool(got.CopyTagsToSnapshot) || len(got.EnabledCloudwatchLogsExports) != 0 ||
		aws.ToString(got.VpcSecurityGroups[0].VpcSecurityGroupId) == "sg-own" {
		t.Errorf("what was not passed did not fall back: %+v", got)
	}
	sql, err := restore("sql-new", "sql-before", "aurora-mysql", "alias/graph")
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToInt32(sql.BackupRetentionPeriod) != 14 {
		t.Errorf("Aurora keeps the retention of its source, got %d", aws.ToInt32(sql.BackupRetentionPeriod))
	}
}

func TestReaderInAnotherZoneMakesMultiAZ(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).
		AddSubnetGroup(lab.SubnetGroup{Name: "two", Zones: []string{"eu-west-1a", "eu-west-1b"}}).
		AddCluster(lab.Cluster{ID: "graph", SubnetGroup: "two", Zones: []string{"a"}})
	b := start(t, lab.Options{World: w, Settle: lab.Settle{Describes: 1}}, c)
	add := func(id, zone string) error {
		_, err := b.rds().CreateDBInstance(t.Context(), &rds.CreateDBInstanceInput{DBInstanceIdentifier: &id, DBClusterIdentifier: aws.String("graph"),
			DBInstanceClass: aws.String("db.r6g.large"), Engine: aws.String("neptune"), AvailabilityZone: &zone, PromotionTier: aws.Int32(0)})
		return err
	}
	var network *types.InvalidVPCNetworkStateFault
	if err := add("far", "eu-west-1c"); !errors.As(err, &network) {
		t.Errorf("zone without subnet: %v", err)
	}
	for _, step := range []struct {
		id, zone string
		multi    bool
	}{{"same", "eu-west-1a", false}, {"second", "eu-west-1b", true}} {
		if err := add(step.id, step.zone); err != nil {
			t.Fatal(err)
		}
		if got := b.one("graph"); aws.ToBool(got.MultiAZ) {
			t.Errorf("%s counts while it is created", step.id)
		}
		if got := b.one("graph"); aws.ToBool(got.MultiAZ) != step.multi {
			t.Errorf("after %s in %s Multi-AZ is %t", step.id, step.zone, aws.ToBool(got.MultiAZ))
		}
	}
	wantCode(t, add("same", "eu-west-1a"), "DBInstanceAlreadyExists")
	if _, err := b.rds().DeleteDBInstance(t.Context(), &rds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("second")}); err != nil {
		t.Fatal(err)
	}
	b.one("graph")
	if got := b.one("graph"); aws.ToBool(got.MultiAZ) || len(got.DBClusterMembers) != 2 {
		t.Errorf("after deleting: %d members, Multi-AZ %t", len(got.DBClusterMembers), aws.ToBool(got.MultiAZ))
	}
	if in, ok := r.Instance("same"); !ok || in.PromotionTier != 0 {
		t.Errorf("instance same: %+v", in)
	}
}

func TestRestoringWhatOthersShare(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	theirs := w.Account(other).Region(region).
		AddSnapshot(lab.Snapshot{ID: "lent", SharedWith: []string{account}}).
		AddSnapshot(lab.Snapshot{ID: "closed"})
	own := w.Account(account)
	own.Region("us-east-1").AddSnapshot(lab.Snapshot{ID: "away", Tags: lab.Tags{"env": "prod"}})
	b := start(t, lab.Options{World: w}, c)
	k, ctx := b.rds(), t.Context()
	restore := func(id, from string) error {
		_, err := k.RestoreDBClusterFromSnapshot(ctx, &rds.RestoreDBClusterFromSnapshotInput{DBClusterIdentifier: &id,
			SnapshotIdentifier: &from, Engine: aws.String("neptune")})
		return err
	}
	if err := restore("mine", theirs.ARN("cluster-snapshot", "lent")); err != nil {
		t.Errorf("shared: %v", err)
	}
	var missing *types.DBClusterSnapshotNotFoundFault
	if err := restore("never", theirs.ARN("cluster-snapshot", "closed")); !errors.As(err, &missing) {
		t.Errorf("not shared: %v", err)
	}
	away := own.Region("us-east-1").ARN("cluster-snapshot", "away")
	if _, err := k.CopyDBClusterSnapshot(ctx, &rds.CopyDBClusterSnapshotInput{SourceDBClusterSnapshotIdentifier: &away,
		TargetDBClusterSnapshotIdentifier: aws.String("here"), CopyTags: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if s, ok := own.Region(region).Snapshot("here"); !ok || s.SourceARN != away || s.Tags["env"] != "prod" || s.Status != "available" {
		t.Errorf("copied from another region: %+v", s)
	}
}
