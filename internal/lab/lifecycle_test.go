package lab_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/neptune"
	neptunetypes "github.com/aws/aws-sdk-go-v2/service/neptune/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

func TestClusterLivesAndDies(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region)
	b := start(t, lab.Options{World: w, Settle: lab.Settle{Describes: 1}}, c)
	k, ctx := b.rds(), t.Context()
	id := aws.String("graph")
	status := func(want ...string) {
		t.Helper()
		for _, s := range want {
			if got := aws.ToString(b.one("graph").Status); got != s {
				t.Errorf("status is %s, want %s", got, s)
			}
		}
	}
	ok := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(k.CreateDBCluster(ctx, &rds.CreateDBClusterInput{DBClusterIdentifier: aws.String("Graph"), Engine: aws.String("neptune"),
		CopyTagsToSnapshot: aws.Bool(true), Tags: []types.Tag{{Key: aws.String("env"), Value: aws.String("dev")}}}))
	status("creating", "available")
	first, _ := r.Cluster("graph")
	r.AddSnapshot(lab.Snapshot{ID: "rds:graph-2026-11-20", ClusterID: "graph", Type: "automated"})
	var exists *types.DBClusterAlreadyExistsFault
	if _, err := k.CreateDBCluster(ctx, &rds.CreateDBClusterInput{DBClusterIdentifier: id, Engine: aws.String("neptune")}); !errors.As(err, &exists) {
		t.Errorf("made twice: %v", err)
	}
	ok(k.CreateDBInstance(ctx, &rds.CreateDBInstanceInput{DBInstanceIdentifier: aws.String("graph-1"), DBClusterIdentifier: id,
		DBInstanceClass: aws.String("db.serverless"), Engine: aws.String("neptune")}))
	ok(k.StopDBCluster(ctx, &rds.StopDBClusterInput{DBClusterIdentifier: id}))
	status("stopping", "stopped")
	if got := b.one("graph"); !aws.ToTime(got.AutomaticRestartTime).Equal(c.now().Add(7 * 24 * time.Hour)) {
		t.Errorf("restarts at %v", got.AutomaticRestartTime)
	}
	frozen := aws.ToTime(b.one("graph").LatestRestorableTime)
	c.pass(time.Hour)
	if got := aws.ToTime(b.one("graph").LatestRestorableTime); !got.Equal(frozen) {
		t.Errorf("a stopped cluster can be restored to %s", got)
	}
	_, err := k.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: id, DeletionProtection: aws.Bool(true)})
	wantCode(t, err, "InvalidDBClusterStateFault")
	ok(k.StartDBCluster(ctx, &rds.StartDBClusterInput{DBClusterIdentifier: id}))
	status("starting", "available")
	ok(k.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: id, DeletionProtection: aws.Bool(true)}))
	status("available")
	end := &rds.DeleteDBClusterInput{DBClusterIdentifier: id, FinalDBSnapshotIdentifier: aws.String("graph-final")}
	_, err = k.DeleteDBCluster(ctx, end)
	wantCode(t, err, "InvalidParameterCombination")
	ok(k.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: id, DeletionProtection: aws.Bool(false)}))
	_, err = k.DeleteDBCluster(ctx, end)
	wantCode(t, err, "InvalidDBClusterStateFault")
	ok(k.DeleteDBInstance(ctx, &rds.DeleteDBInstanceInput{DBInstanceIdentifier: aws.String("graph-1")}))
	b.one("graph")
	b.one("graph")
	ok(k.DeleteDBCluster(ctx, end))
	status("deleting")
	var gone *types.DBClusterNotFoundFault
	if _, err := k.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: id}); !errors.As(err, &gone) {
		t.Errorf("deleted: %v", err)
	}
	if _, found := r.Snapshot("rds:graph-2026-11-20"); found {
		t.Error("the automated snapshot outlives its cluster")
	}
	if s, found := r.Snapshot("graph-final"); !found || s.Tags["env"] != "dev" {
		t.Errorf("final snapshot: %+v", s)
	}
	ok(k.CreateDBCluster(ctx, &rds.CreateDBClusterInput{DBClusterIdentifier: id, Engine: aws.String("neptune")}))
	if second, _ := r.Cluster("graph"); second.ResourceID == first.ResourceID {
		t.Error("a new cluster under an old name has the old resource id")
	}
}

func TestRenameKeepsTheResourceID(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
	b := start(t, lab.Options{World: w}, c)
	before := b.one("graph")
	rename := func(now bool) {
		t.Helper()
		if _, err := b.rds().ModifyDBCluster(t.Context(), &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("graph"),
			NewDBClusterIdentifier: aws.String("graph-old"), ApplyImmediately: aws.Bool(now)}); err != nil {
			t.Fatal(err)
		}
	}
	rename(false)
	if got := b.one("graph"); got.PendingModifiedValues == nil || aws.ToString(got.PendingModifiedValues.DBClusterIdentifier) != "graph-old" {
		t.Error("a rename that waits for the window is not pending")
	}
	rename(true)
	after := b.one("graph-old")
	if aws.ToString(after.DbClusterResourceId) != aws.ToString(before.DbClusterResourceId) || aws.ToString(after.Endpoint) == aws.ToString(before.Endpoint) {
		t.Errorf("renamed: %s at %s", aws.ToString(after.DbClusterResourceId), aws.ToString(after.Endpoint))
	}
	if in, _ := r.Instance("graph-1"); in.ClusterID != "graph-old" {
		t.Errorf("instance belongs to %s", in.ClusterID)
	}
	if _, still := r.Cluster("graph"); still {
		t.Error("the old name still answers")
	}
}

func TestChangesThatWaitForTheWindow(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).
		AddCluster(lab.Cluster{ID: "multi", Engine: "mysql"}).
		AddCluster(lab.Cluster{ID: "aurora", Engine: "aurora-postgresql"}).
		AddCluster(lab.Cluster{ID: "docs", Engine: "docdb"})
	b := start(t, lab.Options{World: w}, c)
	for _, tt := range []struct {
		id   string
		now  bool
		want int32 // days after the next read
	}{{"multi", false, 1}, {"aurora", false, 7}, {"docs", false, 7}} {
		if _, err := b.rds().ModifyDBCluster(t.Context(), &rds.ModifyDBClusterInput{DBClusterIdentifier: &tt.id,
			BackupRetentionPeriod: aws.Int32(7)}); err != nil {
			t.Fatal(err)
		}
		got := b.one(tt.id)
		if aws.ToInt32(got.BackupRetentionPeriod) != tt.want {
			t.Errorf("%s has %d days", tt.id, aws.ToInt32(got.BackupRetentionPeriod))
		}
		if waits := got.PendingModifiedValues != nil; waits != (tt.want == 1) {
			t.Errorf("%s: pending is %t", tt.id, waits)
		}
	}
	r.RunMaintenance("multi")
	if got := b.one("multi"); aws.ToInt32(got.BackupRetentionPeriod) != 7 || got.PendingModifiedValues != nil {
		t.Errorf("after the window: %d days", aws.ToInt32(got.BackupRetentionPeriod))
	}
}

func TestInstanceOnItsOwn(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddInstance(lab.Instance{ID: "sql"}).
		AddCluster(lab.Cluster{ID: "graph", BackupRetentionPeriod: 9, Zones: []string{"a"}})
	b := start(t, lab.Options{World: w}, c)
	k, ctx := b.rds(), t.Context()
	keep := func(id string, n int32, now bool) error {
		_, err := k.ModifyDBInstance(ctx, &rds.ModifyDBInstanceInput{DBInstanceIdentifier: &id, BackupRetentionPeriod: &n, ApplyImmediately: &now})
		return err
	}
	wantCode(t, keep("graph-1", 7, true), "InvalidParameterCombination")
	if err := keep("sql", 7, false); err != nil {
		t.Fatal(err)
	}
	show := func() (days, pending int32) {
		t.Helper()
		out, err := k.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String("sql")})
		if err != nil {
			t.Fatal(err)
		}
		pending = -1
		if p := out.DBInstances[0].PendingModifiedValues; p != nil {
			pending = aws.ToInt32(p.BackupRetentionPeriod)
		}
		return aws.ToInt32(out.DBInstances[0].BackupRetentionPeriod), pending
	}
	if days, pending := show(); days != 0 || pending != 7 {
		t.Errorf("from none, without haste: %d days, %d pending", days, pending)
	}
	if err := keep("sql", 7, true); err != nil {
		t.Fatal(err)
	}
	if days, pending := show(); days != 7 || pending != -1 {
		t.Errorf("at once: %d days, %d pending", days, pending)
	}
	if err := keep("sql", 14, false); err != nil {
		t.Fatal(err)
	}
	if days, _ := show(); days != 14 {
		t.Errorf("between two values above none: %d days", days)
	}
	out, err := k.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{Filters: []types.Filter{{Name: aws.String("db-cluster-id"), Values: []string{"graph"}}}})
	if err != nil || len(out.DBInstances) != 1 || aws.ToInt32(out.DBInstances[0].BackupRetentionPeriod) != 9 {
		t.Errorf("members echo the retention of their cluster: %+v, %v", out, err)
	}
	if in, _ := r.Instance("sql"); in.BackupRetentionPeriod != 14 {
		t.Errorf("kept for %d days", in.BackupRetentionPeriod)
	}
}

func TestPointInTimeKeepsToTheWindow(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "sql", Engine: "aurora-mysql", BackupRetentionPeriod: 3})
	b := start(t, lab.Options{World: w}, c)
	restore := func(id string, at time.Time) error {
		_, err := b.rds().RestoreDBClusterToPointInTime(t.Context(), &rds.RestoreDBClusterToPointInTimeInput{
			SourceDBClusterIdentifier: aws.String("sql"), DBClusterIdentifier: &id, RestoreToTime: &at})
		return err
	}
	var outside *types.InvalidRestoreFault
	if err := restore("a", c.now().Add(-4*24*time.Hour)); !errors.As(err, &outside) {
		t.Errorf("before the window: %v", err)
	}
	if err := restore("b", c.now()); !errors.As(err, &outside) {
		t.Errorf("after the window: %v", err)
	}
	if err := restore("c", c.now().Add(-24*time.Hour)); err != nil {
		t.Errorf("inside the window: %v", err)
	}
	if got := b.one("c"); aws.ToInt32(got.BackupRetentionPeriod) != 3 {
		t.Errorf("restored with %d days", aws.ToInt32(got.BackupRetentionPeriod))
	}
}

func TestTagsOfEveryResource(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}}).
		AddSnapshot(lab.Snapshot{ID: "s", ClusterID: "graph"}).AddParameterGroup(lab.ParameterGroup{Name: "p", Family: "neptune1.3"})
	w.Account(other).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	b := start(t, lab.Options{World: w}, c)
	k, ctx := b.rds(), t.Context()
	for _, arn := range []string{r.ARN("cluster", "graph"), r.ARN("db", "graph-1"), r.ARN("cluster-snapshot", "s"), r.ARN("cluster-pg", "p")} {
		if _, err := k.AddTagsToResource(ctx, &rds.AddTagsToResourceInput{ResourceName: &arn,
			Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("1")}, {Key: aws.String("b"), Value: aws.String("2")}}}); err != nil {
			t.Fatal(err)
		}
		if _, err := k.RemoveTagsFromResource(ctx, &rds.RemoveTagsFromResourceInput{ResourceName: &arn, TagKeys: []string{"a"}}); err != nil {
			t.Fatal(err)
		}
		out, err := k.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: &arn})
		if err != nil || len(out.TagList) != 1 || aws.ToString(out.TagList[0].Value) != "2" {
			t.Errorf("%s: %+v, %v", arn, out, err)
		}
	}
	theirs := "arn:aws:rds:eu-west-1:" + other + ":cluster:graph"
	_, err := k.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: &theirs})
	wantCode(t, err, "AccessDenied")
	_, err = k.AddTagsToResource(ctx, &rds.AddTagsToResourceInput{ResourceName: aws.String(r.ARN("cluster", "graph")),
		Tags: []types.Tag{{Key: aws.String("aws:x"), Value: aws.String("1")}}})
	wantCode(t, err, "InvalidParameterValue")
}

func TestCatalogue(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	a := w.Account(account)
	r := a.Region(region).AddSubnetGroup(lab.SubnetGroup{Name: "two", Zones: []string{"eu-west-1a", "eu-west-1b"}})
	a.AddGlobalCluster(lab.GlobalCluster{ID: "world", Members: []string{r.ARN("cluster", "x"), r.ARN("cluster", "y")}})
	b := start(t, lab.Options{World: w}, c)
	k, ctx := b.rds(), t.Context()
	options, err := k.DescribeOrderableDBInstanceOptions(ctx, &rds.DescribeOrderableDBInstanceOptionsInput{Engine: aws.String("neptune"), DBInstanceClass: aws.String("db.r6g.large")})
	if err != nil || len(options.OrderableDBInstanceOptions) != 1 || len(options.OrderableDBInstanceOptions[0].AvailabilityZones) != 3 {
		t.Errorf("options: %+v, %v", options, err)
	}
	groups, err := k.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: aws.String("two")})
	if err != nil || len(groups.DBSubnetGroups[0].Subnets) != 2 ||
		aws.ToString(groups.DBSubnetGroups[0].Subnets[1].SubnetAvailabilityZone.Name) != "eu-west-1b" {
		t.Errorf("subnet groups: %+v, %v", groups, err)
	}
	var missing *types.DBSubnetGroupNotFoundFault
	if _, err := k.DescribeDBSubnetGroups(ctx, &rds.DescribeDBSubnetGroupsInput{DBSubnetGroupName: aws.String("ghost")}); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	globals, err := k.DescribeGlobalClusters(ctx, &rds.DescribeGlobalClustersInput{})
	if err != nil || len(globals.GlobalClusters) != 1 || len(globals.GlobalClusters[0].GlobalClusterMembers) != 2 ||
		!aws.ToBool(globals.GlobalClusters[0].GlobalClusterMembers[0].IsWriter) {
		t.Errorf("global clusters: %+v, %v", globals, err)
	}
	own, err := k.DescribeDBClusterParameterGroups(ctx, &rds.DescribeDBClusterParameterGroupsInput{DBClusterParameterGroupName: aws.String("default.docdb5.0")})
	if err != nil || aws.ToString(own.DBClusterParameterGroups[0].DBParameterGroupFamily) != "docdb5.0" {
		t.Errorf("default group: %+v, %v", own, err)
	}
	var unknown *types.DBParameterGroupNotFoundFault
	if _, err := k.DescribeDBClusterParameters(ctx, &rds.DescribeDBClusterParametersInput{DBClusterParameterGroupName: aws.String("default.nonsense9")}); !errors.As(err, &unknown) {
		t.Errorf("got %v", err)
	}
}

func TestParameterGroupRules(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddParameterGroup(lab.ParameterGroup{Name: "own", Family: "neptune1.3",
		Values: map[string]string{"neptune_streams": "1"}})
	b := start(t, lab.Options{World: w}, c)
	k, ctx := b.rds(), t.Context()
	param := func(name, value string, m types.ApplyMethod) types.Parameter {
		return types.Parameter{ParameterName: &name, ParameterValue: &value, ApplyMethod: m}
	}
	many := make([]types.Parameter, 21)
	for i := range many {
		many[i] = param("neptune_query_timeout", "20000", types.ApplyMethodPendingReboot)
	}
	for name, tt := range map[string]struct {
		params []types.Parameter
		code   string
	}{
		"more than twenty":        {many, "InvalidParameterValue"},
		"unknown":                 {[]types.Parameter{param("nope", "1", types.ApplyMethodPendingReboot)}, "InvalidParameterValue"},
		"value not allowed":       {[]types.Parameter{param("neptune_enable_audit_log", "2", types.ApplyMethodPendingReboot)}, "InvalidParameterValue"},
		"static and immediate":    {[]types.Parameter{param("neptune_enable_audit_log", "1", types.ApplyMethodImmediate)}, "InvalidParameterCombination"},
		"number out of its range": {[]types.Parameter{param("neptune_query_timeout", "1", types.ApplyMethodPendingReboot)}, "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := k.ModifyDBClusterParameterGroup(ctx, &rds.ModifyDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("own"), Parameters: tt.params})
			wantCode(t, err, tt.code)
		})
	}
	if _, err := k.ResetDBClusterParameterGroup(ctx, &rds.ResetDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("own"), ResetAllParameters: aws.Bool(true)}); err != nil {
		t.Fatal(err)
	}
	if g, _ := r.ParameterGroup("own"); len(g.Values) != 0 {
		t.Errorf("after the reset: %v", g.Values)
	}
	if _, err := k.DeleteDBClusterParameterGroup(ctx, &rds.DeleteDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("own")}); err != nil {
		t.Fatal(err)
	}
	if _, still := r.ParameterGroup("own"); still {
		t.Error("deleted group is still there")
	}
}

// TestNeptuneClient shows that the client of the engine itself speaks to the same endpoint and sees all engines.
func TestNeptuneClient(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"}).AddCluster(lab.Cluster{ID: "sql", Engine: "aurora-mysql"})
	b := start(t, lab.Options{World: w}, c)
	k := neptune.NewFromConfig(b.config(account, region))
	out, err := k.DescribeDBClusters(t.Context(), &neptune.DescribeDBClustersInput{})
	if err != nil || len(out.DBClusters) != 2 {
		t.Fatalf("%+v, %v", out, err)
	}
	var missing *neptunetypes.DBClusterNotFoundFault
	if _, err := k.ModifyDBCluster(t.Context(), &neptune.ModifyDBClusterInput{DBClusterIdentifier: aws.String("ghost")}); !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
}
