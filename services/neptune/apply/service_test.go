package apply_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
	"github.com/holdfast-aws/holdfast/services/neptune/apply"
)

func text(s string) resource.Value { return resource.OfString(s) }

func TestCallsThatMustNotBeMadeNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	engine := map[string]resource.Value{"Engine": text("aurora-mysql")}
	type parameters = map[string]resource.Value
	for _, test := range []struct {
		name, operation string
		parameters      parameters
		want            string
	}{
		{"another engine's cluster", "rds:ModifyDBCluster", parameters{"DBClusterIdentifier": text("orders"), "BackupRetentionPeriod": resource.OfInt(7)}, `its engine is "aurora-mysql"`},
		{"another engine's instance", "rds:RebootDBInstance", parameters{"DBInstanceIdentifier": text("orders-1")}, `its engine is "aurora-mysql"`},
		{"another engine's snapshot", "rds:ModifyDBClusterSnapshotAttribute", parameters{"DBClusterSnapshotIdentifier": text("orders-snap"), "AttributeName": text("restore")}, `its engine is "aurora-mysql"`},
		{"snapshot of another engine's cluster", "rds:CreateDBClusterSnapshot", parameters{"DBClusterIdentifier": text("orders"), "DBClusterSnapshotIdentifier": text("x")}, `its engine is "aurora-mysql"`},
		{"restore of another engine", "rds:RestoreDBClusterFromSnapshot", parameters{"SnapshotIdentifier": text("graph-snap"), "DBClusterIdentifier": text("x"), "Engine": engine["Engine"]}, `Engine is "aurora-mysql"`},
		{"restore of another engine's snapshot", "rds:RestoreDBClusterFromSnapshot", parameters{"SnapshotIdentifier": text("orders-snap"), "DBClusterIdentifier": text("x"), "Engine": text("neptune")}, `its engine is "aurora-mysql"`},
		{"instance of another engine", "rds:CreateDBInstance", parameters{"DBClusterIdentifier": text("graph"), "DBInstanceIdentifier": text("x"), "Engine": engine["Engine"]}, `Engine is "aurora-mysql"`},
		{"instance in another engine's cluster", "rds:CreateDBInstance", parameters{"DBClusterIdentifier": text("orders"), "DBInstanceIdentifier": text("x"), "Engine": text("neptune")}, `its engine is "aurora-mysql"`},
		{"another engine's parameter family", "rds:CreateDBClusterParameterGroup", parameters{"DBClusterParameterGroupName": text("x"), "DBParameterGroupFamily": text("aurora-mysql8.0")}, "is not Neptune's"},
		{"a default group", "rds:ModifyDBClusterParameterGroup", parameters{"DBClusterParameterGroupName": text("default.neptune1.3")}, "cannot be edited"},
		{"another engine's parameter group", "rds:ModifyDBClusterParameterGroup", parameters{"DBClusterParameterGroupName": text("mysql-own")}, "is no Neptune resource"},
		{"deleting somebody's cluster", "rds:DeleteDBCluster", parameters{"DBClusterIdentifier": text("graph"), "SkipFinalSnapshot": resource.OfBool(true)}, "deletes only what it made"},
		{"deleting somebody's instance", "rds:DeleteDBInstance", parameters{"DBInstanceIdentifier": text("graph-1")}, "deletes only what it made"},
		{"deleting somebody's snapshot", "rds:DeleteDBClusterSnapshot", parameters{"DBClusterSnapshotIdentifier": text("graph-snap")}, "deletes only what it made"},
		{"deleting somebody's parameter group", "rds:DeleteDBClusterParameterGroup", parameters{"DBClusterParameterGroupName": text("own")}, "deletes only what it made"},
		{"a parameter that does not exist", "rds:ModifyDBCluster", parameters{"DBClusterIdentifier": text("graph"), "BackupRetention": resource.OfInt(7)}, "BackupRetention"},
		{"a parameter of another type", "rds:ModifyDBCluster", parameters{"DBClusterIdentifier": text("graph"), "BackupRetentionPeriod": text("7")}, "BackupRetentionPeriod"},
		{"nothing named", "rds:ModifyDBCluster", parameters{"BackupRetentionPeriod": resource.OfInt(7)}, "DBClusterIdentifier is missing"},
		{"a call that no fix makes", "rds:DeleteGlobalCluster", parameters{"GlobalClusterIdentifier": text("world")}, "no service makes this call"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			b.region.AddCluster(cluster("graph")).AddCluster(lab.Cluster{ID: "orders", Engine: "aurora-mysql", Zones: []string{"a"}}).
				AddSnapshot(lab.Snapshot{ID: "graph-snap", ClusterID: "graph"}).AddSnapshot(lab.Snapshot{ID: "orders-snap", ClusterID: "orders"}).
				AddParameterGroup(lab.ParameterGroup{Name: "own", Family: "neptune1.3"}).
				AddParameterGroup(lab.ParameterGroup{Name: "mysql-own", Family: "aurora-mysql8.0"})
			err := b.applier.Call(t.Context(), &fix.Call{Operation: test.operation, Account: account, Region: region, Parameters: test.parameters})
			var refused *fix.CallError
			if !errors.As(err, &refused) || refused.Uncertain || !strings.Contains(refused.Message, test.want) || !strings.Contains(refused.Message, "nothing was sent") {
				t.Errorf("not refused for %q: %v", test.want, err)
			}
			b.wantWrites(map[string]int{})
		})
	}
}

func TestDeniedLookAtTheTagsOfAGroupKeepsItFromBeingDeleted(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddParameterGroup(lab.ParameterGroup{Name: "ours", Family: "neptune1.3", Tags: lab.Tags{apply.MadeTag: "x"}})
	b.lab.Inject(lab.Fault{Match: lab.Match{Operation: "ListTagsForResource"}, Effect: lab.Denied})
	err := b.applier.Call(t.Context(), &fix.Call{Operation: "rds:DeleteDBClusterParameterGroup", Account: account, Region: region,
		Parameters: map[string]resource.Value{"DBClusterParameterGroupName": text("ours")}})
	if err == nil || len(b.writes()) != 0 {
		t.Errorf("deleted unread: %v, %v", err, b.writes())
	}
}

func TestReadingTellsGoneFromForeignAndUnread(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(lab.Cluster{ID: "orders", Engine: "aurora-mysql", Zones: []string{"a"}}).AddCluster(cluster("graph"))
	for _, ref := range []resource.Ref{
		b.ref(neptune.ClusterType, "none"), b.ref(neptune.SnapshotType, "none"), b.ref(neptune.InstanceType, "none"),
		b.ref(neptune.ParameterGroupType, "none"), b.ref(neptune.ClusterType, "orders"), b.ref(neptune.InstanceType, "orders-1"),
	} {
		if _, err := b.applier.Read(t.Context(), ref, nil); !errors.Is(err, fix.ErrGone) {
			t.Errorf("%s %s: %v", ref.Type, ref.ID, err)
		}
	}
	b.lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusters"}, Effect: lab.Denied})
	_, err := b.applier.Read(t.Context(), b.ref(neptune.ClusterType, "graph"), nil)
	var refused *fix.CallError
	if !errors.As(err, &refused) || refused.Code != "AccessDenied" || refused.Operation != "rds:DescribeDBClusters" {
		t.Errorf("denied read: %v", err)
	}
}

func TestReadMakesNoMoreCallsThanTheProperties(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	c := cluster("graph")
	c.ParameterGroup = "own"
	b.region.AddParameterGroup(lab.ParameterGroup{Name: "own", Family: "neptune1.3"}).AddCluster(c)
	for _, test := range []struct {
		typ, id    string
		properties []string
		calls      int
	}{
		{neptune.ClusterType, "graph", []string{"Status", "RestartPending", "MadeBy"}, 1},
		{neptune.ClusterType, "graph", []string{"AuditLogParameter"}, 2},
		{neptune.ParameterGroupType, "own", []string{"Family"}, 1},
		{neptune.ParameterGroupType, "own", []string{"Family", "AuditLogParameter", "MadeBy", "UsedBy"}, 4},
		{neptune.InstanceType, "graph-1", []string{"AvailabilityZone", "SubnetZones"}, 1},
	} {
		b.lab.ResetCalls()
		r, err := b.applier.Read(t.Context(), b.ref(test.typ, test.id), test.properties)
		if err != nil {
			t.Fatal(err)
		}
		if got := b.lab.CallCount(lab.Match{}); got != test.calls {
			t.Errorf("%v of %s took %d calls, not %d", test.properties, test.id, got, test.calls)
		}
		for property := range r.Properties {
			if !slices.Contains(test.properties, property) {
				t.Errorf("%s was not asked for", property)
			}
		}
	}
}

// The declared lists must be what really happens: a policy printed from them
// has to be enough, and no more than what is needed.
func TestDeclaredCallsAreThoseThatAreMade(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		control string
		ref     func(*bench) resource.Ref
	}{
		{"Neptune.1", func(b *bench) resource.Ref { return clusterRef(b, "graph") }},
		{"Neptune.2", func(b *bench) resource.Ref { return clusterRef(b, "plain") }},
		{"Neptune.3", func(b *bench) resource.Ref { return b.ref(neptune.SnapshotType, "monday") }},
		{"Neptune.4", func(b *bench) resource.Ref { return clusterRef(b, "plain") }},
		{"Neptune.5", func(b *bench) resource.Ref { return clusterRef(b, "plain") }},
		{"Neptune.6", func(b *bench) resource.Ref { return b.ref(neptune.SnapshotType, "monday") }},
		{"Neptune.7", func(b *bench) resource.Ref { return clusterRef(b, "plain") }},
		{"Neptune.8", func(b *bench) resource.Ref { return clusterRef(b, "plain") }},
		{"Neptune.9", func(b *bench) resource.Ref { return clusterRef(b, "plain") }},
	} {
		t.Run(test.control, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			addFull(b)
			b.region.AddCluster(lab.Cluster{ID: "plain", Zones: []string{"a"}}).
				AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph", SharedWith: []string{"all"}})
			c := b.catalogue.Find(test.control)
			p := b.plan(test.control, test.ref(b))
			b.confirmAll(p)
			b.lab.ResetCalls()
			last := len(p.Changes[0].Steps) - 1
			if test.control == "Neptune.6" || test.control == "Neptune.1" {
				last-- // the last step is a person's, who has a policy of their own
			}
			run := b.upTo(p, last)
			if _, err := b.runner().Rollback(t.Context(), run); err != nil {
				t.Fatal(err)
			}
			made, declared := b.lab.Actions(), apply.Permissions(c, b.catalogue.Types[c.Resource])
			for action := range made {
				if !slices.Contains(declared, action) {
					t.Errorf("%s was called and is not declared", action)
				}
			}
			want := apply.Operations(c.Fix.Procedure)
			if c.Fix.Procedure == "" {
				want = []string{"rds:ModifyDBCluster"}
			}
			if got := slices.Sorted(maps.Keys(b.writes())); !slices.Equal(got, want) {
				t.Errorf("writes declared %v, made %v", want, got)
			}
		})
	}
}

func TestEveryOperationIsOneThatAProcedureNeeds(t *testing.T) {
	t.Parallel()
	needed := map[string]bool{"rds:ModifyDBCluster": true}
	for _, procedure := range []string{apply.EncryptCluster, apply.EncryptSnapshot, apply.EnableAuditLog, apply.UnshareSnapshot, apply.AddReader} {
		if len(apply.Operations(procedure)) == 0 {
			t.Errorf("%s declares no operations", procedure)
		}
		for _, operation := range apply.Operations(procedure) {
			needed[operation] = true
		}
	}
	if got := (apply.Service{}).Operations(); !slices.Equal(got, slices.Sorted(maps.Keys(needed))) {
		t.Errorf("operations %v, needed %v", got, slices.Sorted(maps.Keys(needed)))
	}
}

func TestEveryControlsProcedureHasAPlanner(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	planners := apply.Planners(apply.Options{})
	for _, c := range b.catalogue.Controls {
		if c.Service() == "Neptune" && planners.For(c, c.Resource) == nil {
			t.Errorf("nothing plans for %s", c.ID)
		}
	}
	for _, typ := range (apply.Service{}).Types() {
		if b.catalogue.Types[typ] == nil {
			t.Errorf("%s is no known resource type", typ)
		}
	}
	wants := planners.Wants(b.catalogue.Controls)
	for _, typ := range slices.Sorted(maps.Keys(wants)) {
		for _, property := range wants[typ] {
			if b.catalogue.Types[typ].Properties[property] == nil {
				t.Errorf("a scan cannot read %s of %s along", property, typ)
			}
		}
	}
}

func TestPlanningOfflineSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	addFull(b)
	b.region.AddCluster(lab.Cluster{ID: "plain", Zones: []string{"a"}}).AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph"})
	planners := apply.Planners(apply.Options{})
	for id, ref := range map[string]resource.Ref{
		"Neptune.1": clusterRef(b, "graph"), "Neptune.2": clusterRef(b, "plain"),
		"Neptune.6": b.ref(neptune.SnapshotType, "monday"), "Neptune.9": clusterRef(b, "plain"),
	} {
		found, r, e := b.judged(id, ref)
		builder := &fix.Builder{Catalogue: b.catalogue, Chosen: []*control.Control{b.catalogue.Find(id)}, Params: b.params(),
			Planners: &planners, Desired: e.Desired, Now: b.clock.Now()}
		if err := builder.Add(t.Context(), found, r); err != nil {
			t.Fatal(err)
		}
		p, err := builder.Plan()
		if err != nil {
			t.Fatal(err)
		}
		if got := b.skipped(p); got.Reason != fix.SkipUnread || !strings.Contains(got.Detail, "plan against it instead of saved data") {
			t.Errorf("%s is skipped for %s: %s", id, got.Reason, got.Detail)
		}
	}
}
