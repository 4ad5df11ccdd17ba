package apply_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/services/neptune/apply"
)

// titles are the titles of a change's steps.
func titles(c *fix.Change) []string {
	list := make([]string, len(c.Steps))
	for i := range c.Steps {
		list[i] = c.Steps[i].Title
	}
	return list
}

func TestAuditLinesAreWrittenAfterANewGroupAndReboots(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{Lag: 1, Describes: 1})
	b.region.AddCluster(cluster("graph"))
	before := b.state()
	p := b.plan("Neptune.2", clusterRef(b, "graph"))
	c := b.change(p)
	if diff := cmp.Diff([]string{
		"set EnableCloudwatchLogsExports to [audit]",
		"create the cluster parameter group graph-audit for neptune1.3: the default group cannot be edited",
		"on the way back: reboot the writer graph-1",
		"on the way back: reboot the reader graph-2",
		"use the parameter group graph-audit instead of default.neptune1.3",
		"set neptune_enable_audit_log to 1 in the parameter group graph-audit",
		"reboot the reader graph-2",
		"reboot the writer graph-1",
	}, titles(c)); diff != "" {
		t.Errorf("steps (-want +planned):\n%s", diff)
	}
	if !strings.Contains(c.Accept, "it reboots graph-2, graph-1") {
		t.Errorf("the change is accepted without a word on reboots: %q", c.Accept)
	}
	begun := b.clock.Now()
	run := b.applied(p)
	if waited := b.clock.Now().Sub(begun); waited < 5*time.Minute {
		t.Errorf("the new group was used after %s", waited)
	}
	if !b.region.WritesAudit("graph") {
		t.Error("the control passes, yet no audit line would be written")
	}
	b.wantWrites(map[string]int{
		"rds:ModifyDBCluster": 2, "rds:CreateDBClusterParameterGroup": 1, "rds:ModifyDBClusterParameterGroup": 1, "rds:RebootDBInstance": 2,
	})
	b.undone(run)
	b.wantWrites(map[string]int{
		"rds:ModifyDBCluster": 4, "rds:CreateDBClusterParameterGroup": 1, "rds:ModifyDBClusterParameterGroup": 1, "rds:RebootDBInstance": 4,
		"rds:DeleteDBClusterParameterGroup": 1,
	})
	b.wantSame(before, "graph-audit")
}

func TestOwnParameterGroupIsEditedAndItsOtherUsersAreNamed(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddParameterGroup(lab.ParameterGroup{Name: "shared", Family: "neptune1.3", Values: map[string]string{
		"neptune_query_timeout": "60000", "neptune_enable_audit_log": "0",
	}})
	for _, id := range []string{"graph", "ledger", "orders"} {
		c := cluster(id)
		if id != "orders" {
			c.ParameterGroup = "shared"
		}
		b.region.AddCluster(c)
	}
	before := b.state("shared")
	p := b.plan("Neptune.2", clusterRef(b, "graph"))
	warnings := strings.Join(b.change(p).Warnings, "\n")
	if !strings.Contains(warnings, "shared with ledger:") || strings.Contains(warnings, "orders") {
		t.Errorf("the other users of the group are not named: %q", warnings)
	}
	run := b.applied(p)
	if !b.region.WritesAudit("graph") {
		t.Error("no audit line would be written")
	}
	b.wantWrites(map[string]int{"rds:ModifyDBCluster": 1, "rds:ModifyDBClusterParameterGroup": 1, "rds:RebootDBInstance": 2})
	if ledger, _ := b.region.Cluster("ledger"); len(ledger.LogExports) != 0 {
		t.Error("the other cluster's export was touched")
	}
	b.undone(run)
	// The instances of the other cluster wait for a restart that changes nothing.
	b.region.ChangeCluster("ledger", func(c *lab.Cluster) {
		for i := range c.Members {
			c.Members[i].ParameterStatus = "in-sync"
		}
	})
	b.wantSame(before, "shared")
}

func TestExportAloneIsPlannedWhereTheParameterIsOn(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddParameterGroup(lab.ParameterGroup{Name: "audited", Family: "neptune1.3", Values: map[string]string{"neptune_enable_audit_log": "1"}})
	c := cluster("graph")
	c.ParameterGroup, c.LogExports = "audited", []string{"slowquery"}
	b.region.AddCluster(c)
	p := b.plan("Neptune.2", clusterRef(b, "graph"))
	change := b.change(p)
	if change.Accept != "" || change.Impact.Downtime != "none" {
		t.Errorf("without a reboot there is nothing to accept: %q, %q", change.Accept, change.Impact.Downtime)
	}
	b.applied(p)
	b.wantWrites(map[string]int{"rds:ModifyDBCluster": 1})
	if after, _ := b.region.Cluster("graph"); !slices.Equal(after.LogExports, []string{"audit", "slowquery"}) {
		t.Errorf("the exports are %v", after.LogExports)
	}
}

func TestInstancesThatStillWaitAreRebooted(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddParameterGroup(lab.ParameterGroup{Name: "audited", Family: "neptune1.3", Values: map[string]string{"neptune_enable_audit_log": "1"}})
	c := cluster("graph")
	c.ParameterGroup = "audited"
	b.region.AddCluster(c)
	b.region.ChangeCluster("graph", func(c *lab.Cluster) { c.Members[1].ParameterStatus = "pending-reboot" })
	p := b.plan("Neptune.2", clusterRef(b, "graph"))
	b.applied(p)
	b.wantWrites(map[string]int{"rds:ModifyDBCluster": 1, "rds:RebootDBInstance": 1})
}

func TestRebootsCanBeLeftOut(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.options.NoRestart = true
	b.region.AddCluster(cluster("graph"))
	before := b.state()
	p := b.plan("Neptune.2", clusterRef(b, "graph"))
	c := b.change(p)
	if c.Accept != "" || !strings.Contains(strings.Join(c.Warnings, "\n"), "no audit line is written until each of these has been rebooted: graph-1, graph-2") {
		t.Errorf("accept %q, warnings %q", c.Accept, c.Warnings)
	}
	run := b.applied(p)
	if b.region.WritesAudit("graph") {
		t.Error("audit lines are written without a reboot")
	}
	b.undone(run)
	b.region.ChangeCluster("graph", func(c *lab.Cluster) {
		for i := range c.Members { // nothing restarted them, so they still wait
			c.Members[i].ParameterStatus = "in-sync"
		}
	})
	b.wantSame(before, "graph-audit")
}

func TestARunThatStoppedBeforeTheRebootsIsUndoneInFull(t *testing.T) {
	t.Parallel()
	for _, group := range []string{"", "own"} {
		t.Run(fmt.Sprintf("group %q", group), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			b.region.AddParameterGroup(lab.ParameterGroup{Name: "own", Family: "neptune1.3", Values: map[string]string{"neptune_enable_audit_log": "0"}})
			c := cluster("graph")
			c.ParameterGroup = group
			b.region.AddCluster(c)
			before := b.state("own")
			remove := b.lab.Inject(lab.Fault{Match: lab.Match{Operation: "RebootDBInstance"}, Effect: lab.Denied})
			status, err := b.runner().Apply(b.Context(), b.plan("Neptune.2", clusterRef(b, "graph")))
			b.wantState(b.must(status, err), fix.StateFailed)
			remove()
			b.undone(status.Run)
			b.wantSame(before, "own", "graph-audit")
		})
	}
}

func TestNamesOfGroupsThatExistAreNotTaken(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(cluster("graph")).AddParameterGroup(lab.ParameterGroup{Name: "graph-audit", Family: "neptune1.3"})
	b.applied(b.plan("Neptune.2", clusterRef(b, "graph")))
	if g, ok := b.region.ParameterGroup("graph-audit-2"); !ok || g.Tags[apply.MadeTag] == "" {
		t.Errorf("no marked group graph-audit-2: %+v", g)
	}
	if g, _ := b.region.ParameterGroup("graph-audit"); len(g.Values) != 0 {
		t.Error("somebody else's group was changed")
	}
}

func TestNothingIsPlannedOnParametersThatCannotBeRead(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	c := cluster("graph")
	c.ParameterGroup = "own"
	b.region.AddParameterGroup(lab.ParameterGroup{Name: "own", Family: "neptune1.3"}).AddCluster(c)
	b.lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusterParameters"}, Effect: lab.Denied})
	got := b.skipped(b.plan("Neptune.2", clusterRef(b, "graph")))
	if got.Reason != fix.SkipUnread || !strings.Contains(got.Detail, "rds:DescribeDBClusterParameters") {
		t.Errorf("skipped for %s: %s", got.Reason, got.Detail)
	}
}
