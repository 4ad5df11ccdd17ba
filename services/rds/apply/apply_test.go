package apply_test

import (
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/applytest"
	"github.com/holdfast-aws/holdfast/services/docdb"
	"github.com/holdfast-aws/holdfast/services/rds"
	"github.com/holdfast-aws/holdfast/services/rds/apply"
)

// first gives an instance without any automated backups.
func first(b *applytest.Bench) {
	b.Region.AddInstance(lab.Instance{ID: "orders", Engine: "mysql", PendingClass: "db.r6g.4xlarge"})
}

func verified(b *applytest.Bench, run string) fix.State {
	b.Helper()
	status, err := b.Runner().Verify(b.Context(), run)
	if err != nil {
		b.Fatal(err)
	}
	return status.Changes[0].State
}

func rolledBack(b *applytest.Bench, run string) *fix.ChangeStatus {
	b.Helper()
	status, err := b.Runner().Rollback(b.Context(), run)
	if err != nil {
		b.Fatal(err)
	}
	return &status.Changes[0]
}

func TestFirstBackupsWaitForTheWindowAndAreProvenThen(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	first(b)
	begun := b.Clock.Now()
	run, status := b.Apply(b.Plan("RDS.11"))
	b.WantState(status, status.State, fix.StatePending)
	if waited := b.Clock.Now().Sub(begun).Minutes(); waited > 5 {
		t.Errorf("it waits %.0f minutes for what comes in the window", waited)
	}
	if i, _ := b.Region.Instance("orders"); i.Restarts != 0 || i.BackupRetentionPeriod != 0 || i.PendingClass == "" {
		t.Errorf("something was brought forward: %+v", i)
	}
	if got := verified(b, run); got != fix.StatePending {
		t.Errorf("before the window it is %s", got)
	}
	b.Region.RunInstanceMaintenance("orders")
	if got := verified(b, run); got != fix.StateVerified {
		t.Errorf("after the window it is %s", got)
	}
	if again := b.Plan("RDS.11"); len(again.Changes)+len(again.Skipped) != 0 {
		t.Error("there is still something to do")
	}
}

func TestFirstBackupsAreNotTakenBack(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	b.Choices.Now = true
	b.Region.AddInstance(lab.Instance{ID: "orders", Engine: "mysql"})
	p := b.Plan("RDS.11")
	if step := b.Change(p).Steps[0]; step.Undo != nil || !strings.Contains(step.Final, "every automated backup would be deleted") {
		t.Errorf("the plan does not say that it is final: %+v", step)
	}
	run := b.Applied(p)
	if i, _ := b.Region.Instance("orders"); i.Restarts != 1 || i.BackupRetentionPeriod != 7 {
		t.Errorf("%+v", i)
	}
	if status := rolledBack(b, run); status.Undo != fix.StateFinal {
		t.Errorf("undo %s: %s", status.Undo, status.Note)
	}
	if n := b.Writes()[modifyInstance]; n != 1 {
		t.Errorf("%d writes", n)
	}
}

func TestStandbyThatWaitsCanBeTakenBack(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	first(b)
	run, status := b.Apply(b.Plan("RDS.5"))
	b.WantState(status, status.State, fix.StatePending)
	if status := rolledBack(b, run); status.Undo != fix.StateUndone {
		t.Errorf("undo %s: %s", status.Undo, status.Note)
	}
	if i, _ := b.Region.Instance("orders"); i.PendingMultiAZ != nil || i.MultiAZ || i.PendingClass == "" {
		t.Errorf("%+v", i)
	}
}

func TestMultiAZClusterIsProvenAfterItsWindow(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	b.Region.AddCluster(lab.Cluster{ID: "ledger", Engine: "postgres", Zones: []string{"a", "b", "c"}})
	run, status := b.Apply(b.Plan("RDS.50"))
	b.WantState(status, status.State, fix.StatePending)
	b.Region.RunMaintenance("ledger")
	if got := verified(b, run); got != fix.StateVerified {
		t.Errorf("it is %s", got)
	}
}

func TestLoweringOnTheWayBackAsksFirst(t *testing.T) {
	t.Parallel()
	for control, given := range map[string]func(*applytest.Bench){"RDS.11": instance, "RDS.50": aurora} {
		t.Run(control, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			given(b)
			run := b.Applied(b.Plan(control))
			b.Options.AcceptLoss = false
			if status := rolledBack(b, run); status.Undo != fix.StateSkipped {
				t.Errorf("undo %s", status.Undo)
			}
			b.Options.AcceptLoss = true
			b.Undone(run)
		})
	}
}

func TestRollbackLeavesAloneWhatWasRaisedFurther(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	instance(b)
	run := b.Applied(b.Plan("RDS.11"))
	b.Region.ChangeInstance("orders", func(i *lab.Instance) { i.BackupRetentionPeriod = 30 })
	if status := rolledBack(b, run); status.Undo != fix.StateRefused {
		t.Errorf("undo %s", status.Undo)
	}
	if i, _ := b.Region.Instance("orders"); i.BackupRetentionPeriod != 30 {
		t.Errorf("it keeps %d days", i.BackupRetentionPeriod)
	}
}

// A control of the user's own may ask for what RDS.11 does not ask of replicas
// and members.
func TestReplicasAndMembersAreLeftAloneWhateverAsks(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	typ := b.Catalogue.Types[rds.InstanceType]
	planner := apply.Planners(apply.Options{}).Types[rds.InstanceType]
	for name, test := range map[string]struct {
		properties map[string]resource.Value
		reason     string
		says       string
	}{
		"SQL Server":      {map[string]resource.Value{"Engine": text("sqlserver-ee"), "ReplicaOf": text("source")}, fix.SkipNoFix, "no automated backups of replicas"},
		"PostgreSQL 13":   {map[string]resource.Value{"Engine": text("postgres"), "EngineVersion": text("13.18"), "ReplicaOf": text("source")}, fix.SkipNoFix, "from version 14.1 on"},
		"PostgreSQL 14.0": {map[string]resource.Value{"Engine": text("postgres"), "EngineVersion": text("14.0"), "ReplicaOf": text("source")}, fix.SkipNoFix, "from version 14.1 on"},
		"PostgreSQL 14.1": {map[string]resource.Value{"Engine": text("postgres"), "EngineVersion": text("14.1"), "ReplicaOf": text("source")}, fix.SkipNoFix, "for its owners to decide"},
		"MySQL":           {map[string]resource.Value{"Engine": text("mysql"), "ReplicaOf": text("source")}, fix.SkipNoFix, "for its owners to decide"},
		"of a cluster":    {map[string]resource.Value{"Engine": text("mysql"), "DBClusterIdentifier": text("shop")}, fix.SkipOwned, "shop is its cluster"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &resource.Resource{Ref: b.Ref(rds.InstanceType, "copy"), Properties: test.properties}
			r.Properties["Status"] = text("available")
			r.Properties["BackupRetentionPeriod"] = resource.OfInt(0)
			task := &fix.Task{Resource: r, Type: typ, Control: &control.Control{ID: "Own.1"}, Desired: map[string]resource.Value{"BackupRetentionPeriod": resource.OfInt(7)}}
			change, skipped, err := planner.Plan(t.Context(), task)
			if err != nil || change != nil || skipped.Reason != test.reason || !strings.Contains(skipped.Detail, test.says) {
				t.Errorf("%v, %+v, %v", change, skipped, err)
			}
		})
	}
}

func text(s string) resource.Value { return resource.OfString(s) }

func TestAPlanThatHidesTheRestartIsRefused(t *testing.T) {
	t.Parallel()
	for _, now := range []bool{false, true} {
		b := applytest.New(t)
		b.Choices.Now = now
		b.Region.AddInstance(lab.Instance{ID: "orders", Engine: "mysql"})
		p := b.Plan("RDS.11")
		b.Choices.Now = false // apply does not know how it was planned
		if err := b.Vet(p); err != nil {
			t.Fatal(err)
		}
		kept := p.Changes[0].Accept
		p.Changes[0].Accept = ""
		if err := b.Vet(p); err == nil {
			t.Error("it passes without asking to be accepted")
		}
		p.Changes[0].Accept = kept
		p.Changes[0].Steps[0].Call.Parameters["ApplyImmediately"] = resource.OfBool(!now)
		if err := b.Vet(p); err == nil {
			t.Error("it passes with the other moment")
		}
	}
}

func TestCallsThatMustNotBeMadeNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	type parameters = map[string]resource.Value
	for name, test := range map[string]struct {
		operation, typ string
		parameters     parameters
		want           string
	}{
		"Neptune's cluster":        {modifyCluster, rds.ClusterType, parameters{"DBClusterIdentifier": text("graph"), "BackupRetentionPeriod": resource.OfInt(7)}, `its engine is "neptune"`},
		"DocumentDB's cluster":     {modifyCluster, rds.ClusterType, parameters{"DBClusterIdentifier": text("docs"), "BackupRetentionPeriod": resource.OfInt(7)}, `its engine is "docdb"`},
		"Neptune's instance":       {modifyInstance, rds.InstanceType, parameters{"DBInstanceIdentifier": text("graph-1"), "MultiAZ": resource.OfBool(true)}, `its engine is "neptune"`},
		"Neptune's snapshot":       {shareClusterSnapshot, rds.ClusterSnapshotType, parameters{"DBClusterSnapshotIdentifier": text("graph-open"), "AttributeName": text("restore")}, `its engine is "neptune"`},
		"a password":               {modifyCluster, rds.ClusterType, parameters{"DBClusterIdentifier": text("shop"), "MasterUserPassword": text("x")}, "none that a fix sends"},
		"a window":                 {modifyInstance, rds.InstanceType, parameters{"DBInstanceIdentifier": text("orders"), "PreferredBackupWindow": text("x")}, "none that a fix sends"},
		"nothing named":            {modifyInstance, rds.InstanceType, parameters{"MultiAZ": resource.OfBool(true)}, "DBInstanceIdentifier is missing"},
		"for which of the engines": {modifyCluster, "", parameters{"DBClusterIdentifier": text("shop"), "DeletionProtection": resource.OfBool(true)}, "does not say for which resource type"},
		"a type that has no such":  {"rds:RebootDBInstance", rds.InstanceType, parameters{"DBInstanceIdentifier": text("orders")}, "no service makes this call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			instance(b)
			aurora(b)
			b.Region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}}).AddCluster(lab.Cluster{ID: "docs", Engine: "docdb", Zones: []string{"a"}}).
				AddSnapshot(lab.Snapshot{ID: "graph-open", ClusterID: "graph", SharedWith: []string{"all"}})
			err := b.Applier.Call(t.Context(), &fix.Call{Operation: test.operation, Type: test.typ, Account: applytest.Account, Region: applytest.Region, Parameters: test.parameters})
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "nothing was sent") {
				t.Errorf("not refused for %q: %v", test.want, err)
			}
			if len(b.Writes()) != 0 {
				t.Errorf("writes %v", b.Writes())
			}
		})
	}
}

func TestEveryFixIsPlannedAndEveryOtherSaysSo(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	planners := b.Planners()
	var left []string
	for _, c := range b.Catalogue.Controls {
		if c.Service() == "RDS" && planners.For(c, c.Resource) == nil {
			left = append(left, c.ID)
		}
	}
	if got := strings.Join(left, " "); got != "RDS.3 RDS.4 RDS.14 RDS.15 RDS.26 RDS.27" {
		t.Errorf("no plan is made for %s", got)
	}
	wants := planners.Wants(b.Catalogue.Controls)
	for _, typ := range append(apply.Service().Types(), docdb.ClusterType, docdb.SnapshotType) {
		for _, property := range wants[typ] {
			if b.Catalogue.Types[typ].Properties[property] == nil {
				t.Errorf("a scan cannot read %s of %s along", property, typ)
			}
		}
	}
}
