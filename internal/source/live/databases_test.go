package live_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/lab"
)

// databases fills a region with clusters, instances and snapshots of every
// engine that shares the control plane of RDS.
func databases(r *lab.Region) {
	r.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}}).
		AddCluster(lab.Cluster{ID: "docs", Engine: "docdb", BackupRetentionPeriod: 7, Zones: []string{"a"}}).
		AddCluster(lab.Cluster{ID: "shop", Engine: "aurora-mysql", Zones: []string{"a", "b"}, DeletionProtection: true}).
		AddCluster(lab.Cluster{ID: "ledger", Engine: "postgres", BackupRetentionPeriod: 14}).
		AddInstance(lab.Instance{ID: "orders", Engine: "mysql", BackupRetentionPeriod: 1}).
		AddInstance(lab.Instance{ID: "orders-replica", Engine: "mysql", ReplicaOf: "orders"}).
		AddSnapshot(lab.Snapshot{ID: "graph-open", ClusterID: "graph", SharedWith: []string{"all"}}).
		AddSnapshot(lab.Snapshot{ID: "docs-kept", ClusterID: "docs"}).
		AddSnapshot(lab.Snapshot{ID: "shop-kept", ClusterID: "shop"}).
		AddDBSnapshot(lab.DBSnapshot{ID: "orders-open", InstanceID: "orders", SharedWith: []string{"all", "444455556666"}}).
		AddDBSnapshot(lab.DBSnapshot{ID: "orders-kept", InstanceID: "orders", Encrypted: true})
}

func TestEachListIsAskedForOnceWhicheverControlsAndEnginesAreWanted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		controls []string
		want     map[string]int
	}{
		"clusters of three services": {
			[]string{"RDS.7", "RDS.50", "RDS.16", "RDS.15", "RDS.27", "Neptune.4", "Neptune.5", "DocumentDB.2", "DocumentDB.5"},
			map[string]int{"DescribeDBClusters": 1},
		},
		"instances":                    {[]string{"RDS.3", "RDS.5", "RDS.8", "RDS.11", "RDS.17"}, map[string]int{"DescribeDBInstances": 1}},
		"snapshots, by encryption":     {[]string{"RDS.4", "Neptune.6"}, map[string]int{"DescribeDBClusterSnapshots": 1, "DescribeDBSnapshots": 1}},
		"attributes of what is public": {[]string{"RDS.1", "Neptune.3", "DocumentDB.3"}, map[string]int{"DescribeDBClusterSnapshots": 1, "DescribeDBSnapshots": 1, "DescribeDBClusterSnapshotAttributes": 3, "DescribeDBSnapshotAttributes": 1}},
		"one service alone":            {[]string{"DocumentDB.2"}, map[string]int{"DescribeDBClusters": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := lab.NewWorld(nil)
			databases(world.Account(account).Region(region))
			l := start(t, world)
			if got := run(t.Context(), t, options(l, region), test.controls...); len(got.gaps) > 0 {
				t.Errorf("gaps %+v", got.gaps)
			}
			calls := make(map[string]int)
			for _, call := range l.Calls() {
				if call.Service == "rds" {
					calls[call.Operation]++
				}
			}
			if fmt.Sprint(calls) != fmt.Sprint(test.want) {
				t.Errorf("calls %v, want %v", calls, test.want)
			}
		})
	}
}

func TestOnlyTheEnginesThatAreWantedCrossTheWire(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		controls []string
		want     string // the values of the filter
	}{
		"one engine":             {[]string{"Neptune.5"}, "[neptune]"},
		"two services":           {[]string{"Neptune.5", "DocumentDB.2"}, "[docdb neptune]"},
		"whatever RDS may offer": {[]string{"RDS.16"}, "[]"},
		"all of them":            {[]string{"RDS.50", "Neptune.5"}, "[]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := lab.NewWorld(nil)
			databases(world.Account(account).Region(region))
			l := start(t, world)
			run(t.Context(), t, options(l, region), test.controls...)
			for _, call := range l.Calls() {
				if call.Operation != "DescribeDBClusters" {
					continue
				}
				var values []string
				for key, value := range call.Params {
					if strings.HasPrefix(key, "Filters.Filter.1.Values.") {
						values = append(values, value)
					}
				}
				slices.Sort(values)
				if got := fmt.Sprint(values); got != test.want {
					t.Errorf("filter %s, want %s", got, test.want)
				}
			}
		})
	}
}

func TestEveryDatabaseIsJudgedUnderOneTypeAndBySecurityHubsScope(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	databases(world.Account(account).Region(region))
	got := run(t.Context(), t, options(start(t, world), region),
		"RDS.1", "RDS.3", "RDS.5", "RDS.7", "RDS.8", "RDS.11", "RDS.15", "RDS.16", "RDS.17", "RDS.27", "RDS.47", "RDS.50", "DocumentDB.2", "Neptune.5")
	want := []string{
		"DocumentDB.2 docs PASSED",
		"Neptune.5 graph FAILED",
		"RDS.1 docs-kept PASSED", "RDS.1 graph-open FAILED", "RDS.1 orders-kept PASSED", "RDS.1 orders-open FAILED", "RDS.1 shop-kept PASSED",
		"RDS.11 orders FAILED",
		"RDS.15 ledger PASSED", "RDS.15 shop PASSED",
		"RDS.16 shop FAILED",
		"RDS.17 orders FAILED", "RDS.17 orders-replica FAILED",
		"RDS.27 ledger FAILED", "RDS.27 shop FAILED",
		"RDS.3 docs-1 FAILED", "RDS.3 graph-1 FAILED", "RDS.3 orders FAILED", "RDS.3 orders-replica FAILED", "RDS.3 shop-1 FAILED", "RDS.3 shop-2 FAILED",
		"RDS.47 ledger FAILED",
		"RDS.5 orders FAILED", "RDS.5 orders-replica FAILED",
		"RDS.50 docs PASSED", "RDS.50 graph FAILED", "RDS.50 ledger PASSED", "RDS.50 shop FAILED",
		"RDS.7 docs FAILED", "RDS.7 graph FAILED", "RDS.7 ledger FAILED", "RDS.7 shop PASSED",
		"RDS.8 orders FAILED", "RDS.8 orders-replica FAILED",
	}
	verdicts := got.verdicts()
	slices.Sort(verdicts)
	if !slices.Equal(verdicts, want) {
		t.Errorf("verdicts\n%s", strings.Join(verdicts, "\n"))
	}
}

func TestOneSettingUnderTwoControlsIsCountedOnceUnderTheMoreSevere(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"}).AddCluster(lab.Cluster{ID: "docs", Engine: "docdb"})
	got := run(t.Context(), t, options(start(t, world), region), "RDS.7", "RDS.50", "Neptune.4", "Neptune.5", "DocumentDB.2", "DocumentDB.5")
	same := make(map[string]string)
	for i := range got.findings {
		if f := &got.findings[i]; f.Same != "" {
			same[f.Control+" "+f.Resource.ID] = f.Same
		}
	}
	// Neptune.4 is LOW and RDS.7 MEDIUM: nothing is played down.
	want := map[string]string{"Neptune.4 graph": "RDS.7", "RDS.50 graph": "Neptune.5", "RDS.50 docs": "DocumentDB.2", "RDS.7 docs": "DocumentDB.5"}
	if fmt.Sprint(same) != fmt.Sprint(want) {
		t.Errorf("the same settings %v", same)
	}
	if tally := got.footer.Tally; tally.Failed != 4 || tally.Same != 4 || tally.FailedBySeverity[finding.Medium] != 4 {
		t.Errorf("tally %+v", tally)
	}
}

func TestAnUnreadSnapshotOfAnInstanceIsNeverCalledPrivate(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	r := world.Account(account).Region(region)
	for _, id := range []string{"a-public", "b-public", "c-private"} {
		r.AddDBSnapshot(lab.DBSnapshot{ID: id})
	}
	r.ChangeDBSnapshot("a-public", func(s *lab.DBSnapshot) { s.SharedWith = []string{"all"} })
	r.ChangeDBSnapshot("b-public", func(s *lab.DBSnapshot) { s.SharedWith = []string{"all", "444455556666"} })
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBSnapshotAttributes"}, Resource: "a-public", Effect: lab.Denied})
	got := run(t.Context(), t, options(l, region), "RDS.1")
	want := []string{"RDS.1 a-public NOT_AVAILABLE", "RDS.1 b-public FAILED", "RDS.1 c-private PASSED"}
	if !slices.Equal(got.verdicts(), want) {
		t.Errorf("verdicts %v", got.verdicts())
	}
	if len(got.gaps) != 1 || got.gaps[0].Permission != "rds:DescribeDBSnapshotAttributes" || !strings.HasSuffix(got.gaps[0].Resource, ":snapshot:a-public") {
		t.Errorf("gaps %+v", got.gaps)
	}
}

func TestOneOddInstanceHidesNoNeighbour(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	r := world.Account(account).Region(region)
	for i := range 130 { // more than one page
		r.AddInstance(lab.Instance{ID: fmt.Sprintf("db-%03d", i), Engine: "postgres", BackupRetentionPeriod: 7})
	}
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBInstances"}, Resource: "db-003", Effect: lab.OddResource, Odd: &lab.Odd{Omit: []string{"BackupRetentionPeriod"}}})
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBInstances"}, Resource: "db-007", Effect: lab.OddResource, Odd: &lab.Odd{Omit: []string{"Engine"}}})
	got := run(t.Context(), t, options(l, region), "RDS.11")
	count := make(map[finding.Status]int)
	for i := range got.findings {
		count[got.findings[i].Status]++
	}
	if count[finding.NotAvailable] > 1 || count[finding.Passed] < 128 || len(got.findings)+len(got.gaps) != 130 {
		t.Errorf("%v, gaps %+v", count, got.gaps)
	}
}

func TestADeniedListIsToldForEachTypeThatStandsInIt(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	databases(world.Account(account).Region(region))
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusters"}, Effect: lab.Denied})
	got := run(t.Context(), t, options(l, region), "RDS.16", "Neptune.5", "RDS.11")
	if want := []string{"RDS.11 orders FAILED"}; !slices.Equal(got.verdicts(), want) {
		t.Errorf("verdicts %v", got.verdicts())
	}
	var told []string
	for _, gap := range got.gaps {
		told = append(told, gap.Type+" "+strings.Join(gap.Controls, ","))
	}
	if want := []string{"AWS::Neptune::DBCluster Neptune.5", "AWS::RDS::DBCluster RDS.16"}; !slices.Equal(told, want) {
		t.Errorf("gaps %v", told)
	}
	if calls := l.CallCount(lab.Match{Operation: "DescribeDBClusters"}); calls != 1 {
		t.Errorf("%d calls for one list", calls)
	}
}

func TestAnInstanceIsProtectedByThePlanThatTakesItUnderTheNameThatItHas(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	r := world.Account(account).Region(region)
	databases(r)
	r.AddInstance(lab.Instance{ID: "by-tag", Engine: "mysql", Tags: lab.Tags{"backup": "daily"}}).
		AddInstance(lab.Instance{ID: "left-out", Engine: "mysql", Tags: lab.Tags{"backup": "daily", "env": "dev"}}).
		AddBackupPlan(lab.BackupPlan{Name: "all-orders", Selections: []lab.BackupSelection{{Name: "arns", Resources: []string{"arn:aws:rds:*:*:db:orders*"}}}}).
		AddBackupPlan(lab.BackupPlan{Name: "tagged", Selections: []lab.BackupSelection{{
			Name: "tags", Tags: lab.Tags{"backup": "daily"}, NotResources: []string{r.ARN("db", "left-out")},
		}}}).
		AddBackupVault(lab.BackupVault{Name: "Default"})
	l := start(t, world)
	got := run(t.Context(), t, options(l, region), "RDS.26")
	want := []string{"RDS.26 by-tag PASSED", "RDS.26 left-out FAILED", "RDS.26 orders PASSED", "RDS.26 orders-replica PASSED"}
	if !slices.Equal(got.verdicts(), want) || len(got.gaps) != 0 {
		t.Errorf("verdicts %v, gaps %+v", got.verdicts(), got.gaps)
	}
	if calls := l.CallCount(lab.Match{Operation: "DescribeDBInstances"}); calls != 1 {
		t.Errorf("%d calls for one list", calls)
	}
}

func TestPlansThatMayNotBeReadProtectNobodyAndAccuseNobody(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	databases(world.Account(account).Region(region))
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "ListBackupPlans"}, Effect: lab.Denied})
	got := run(t.Context(), t, options(l, region), "RDS.26")
	want := []string{"RDS.26 orders NOT_AVAILABLE", "RDS.26 orders-replica NOT_AVAILABLE"}
	if !slices.Equal(got.verdicts(), want) || len(got.gaps) == 0 || got.gaps[0].Permission != "backup:ListBackupPlans" {
		t.Errorf("verdicts %v, gaps %+v", got.verdicts(), got.gaps)
	}
}

func TestAMixedRegionTakesNoMoreCallsThanItsListsHavePages(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	r := world.Account(account).Region(region).Generate(lab.Scale{Clusters: 250, Members: 1})
	for i := range 180 {
		r.AddCluster(lab.Cluster{ID: fmt.Sprintf("shop-%03d", i), Engine: []string{"aurora-mysql", "docdb", "postgres"}[i%3]})
		r.AddInstance(lab.Instance{ID: fmt.Sprintf("orders-%03d", i), Engine: "mysql"})
		r.AddDBSnapshot(lab.DBSnapshot{ID: fmt.Sprintf("kept-%03d", i), Encrypted: true})
		r.AddSnapshot(lab.Snapshot{ID: fmt.Sprintf("kept-%03d", i), Engine: []string{"aurora-mysql", "docdb", "neptune"}[i%3], StorageEncrypted: true})
	}
	l := start(t, world)
	got := run(t.Context(), t, options(l, region), "Neptune.[13-9]", "DocumentDB.[1235]", "RDS.[1-9]", "RDS.1[0-9]", "RDS.27", "RDS.4[78]", "RDS.50")
	if len(got.gaps) > 0 || got.footer.Coverage.Resources != 430+430+180+180 {
		t.Errorf("%d resources, gaps %+v", got.footer.Coverage.Resources, got.gaps)
	}
	const needed = 5 + 5 + 2 + 2 // 430 clusters, 430 instances, 180 and 180 snapshots, none of which can be public
	if calls := l.CallCount(lab.Match{Service: "rds"}); calls != needed {
		t.Errorf("%d calls where %d are needed", calls, needed)
	}
}

func TestASnapshotThatDoesNotSayItsKindIsAskedWithWhomItIsShared(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).AddDBSnapshot(lab.DBSnapshot{ID: "a-public", SharedWith: []string{"all"}})
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBSnapshots"}, Resource: "a-public", Effect: lab.OddResource, Odd: &lab.Odd{Omit: []string{"SnapshotType"}}})
	got := run(t.Context(), t, options(l, region), "RDS.1")
	if want := []string{"RDS.1 a-public FAILED"}; !slices.Equal(got.verdicts(), want) || len(got.gaps) != 0 {
		t.Errorf("verdicts %v, gaps %+v", got.verdicts(), got.gaps)
	}
}
