package apply_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

const (
	modifyCluster    = "rds:ModifyDBCluster"
	shareSnapshot    = "rds:ModifyDBClusterSnapshotAttribute"
	readParameters   = "rds:DescribeDBClusterParameters"
	describeClusters = "rds:DescribeDBClusters"
)

// account is all that a fix of DocumentDB could change. How far back clusters
// can be restored follows from the clock.
type account struct {
	Clusters  map[string]lab.Cluster
	Snapshots map[string]lab.Snapshot
}

func state(b *applytest.Bench) any { return seen(b) }

func seen(b *applytest.Bench) account {
	a := account{make(map[string]lab.Cluster), make(map[string]lab.Snapshot)}
	for _, c := range b.Region.Clusters() {
		c.RestorableSince = time.Time{}
		a.Clusters[c.ID] = c
	}
	for _, s := range b.Region.Snapshots() {
		a.Snapshots[s.ID] = s
	}
	return a
}

// given holds a cluster that fails everything, one that passes, and clusters of
// other engines that fail as well and are not to be touched.
func given(b *applytest.Bench) {
	b.Region.AddParameterGroup(lab.ParameterGroup{Name: "written", Family: "docdb5.0", Values: map[string]string{"audit_logs": "enabled"}}).
		AddCluster(lab.Cluster{ID: "docs", Engine: "docdb", Zones: []string{"a", "b"}, LogExports: []string{"profiler"}, Tags: lab.Tags{"team": "shop"}}).
		AddCluster(lab.Cluster{ID: "sound", Engine: "docdb", Zones: []string{"a"}, BackupRetentionPeriod: 14, DeletionProtection: true, LogExports: []string{"audit"}, ParameterGroup: "written"}).
		AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}}).AddCluster(lab.Cluster{ID: "shop", Engine: "aurora-mysql", Zones: []string{"a"}}).
		AddSnapshot(lab.Snapshot{ID: "open", ClusterID: "docs", SharedWith: []string{"444455556666", "all"}}).
		AddSnapshot(lab.Snapshot{ID: "closed", ClusterID: "docs", SharedWith: []string{"444455556666"}}).
		AddSnapshot(lab.Snapshot{ID: "graph-open", ClusterID: "graph", SharedWith: []string{"all"}})
}

func after(change func(*lab.Cluster)) func(*applytest.Bench) any {
	return func(b *applytest.Bench) any {
		other := applytest.New(b.TB)
		given(other)
		a := seen(other)
		c := a.Clusters["docs"]
		change(&c)
		a.Clusters["docs"] = c
		return a
	}
}

func move(change func(*lab.Cluster)) func(*applytest.Bench) {
	return func(b *applytest.Bench) { b.Region.ChangeCluster("docs", change) }
}

func TestEveryFixKeepsTheContract(t *testing.T) {
	t.Parallel()
	modify, share := map[string]int{modifyCluster: 1}, map[string]int{shareSnapshot: 1}
	for _, c := range []applytest.Case{
		{
			Control: "DocumentDB.2", Calls: modify, UndoCalls: modify,
			Fixed: after(func(c *lab.Cluster) { c.BackupRetentionPeriod = 7 }),
			Moved: move(func(c *lab.Cluster) { c.BackupRetentionPeriod = 30 }),
		},
		{
			Control: "DocumentDB.3", Calls: share, UndoCalls: share,
			Fixed: func(b *applytest.Bench) any {
				a := after(func(*lab.Cluster) {})(b).(account)
				s := a.Snapshots["open"]
				s.SharedWith = []string{"444455556666"}
				a.Snapshots["open"] = s
				return a
			},
			Moved: func(b *applytest.Bench) {
				b.Region.ChangeSnapshot("open", func(s *lab.Snapshot) { s.CreateTime = s.CreateTime.Add(time.Hour) })
			},
		},
		{
			Control: "DocumentDB.4", Calls: modify, UndoCalls: modify,
			Fixed:  after(func(c *lab.Cluster) { c.LogExports = []string{"audit", "profiler"} }),
			Moved:  move(func(c *lab.Cluster) { c.LogExports = nil }),
			Beside: []string{readParameters},
		},
		{
			Control: "DocumentDB.5", Calls: modify, UndoCalls: modify,
			Fixed: after(func(c *lab.Cluster) { c.DeletionProtection = true }),
			Moved: move(func(c *lab.Cluster) { c.ResourceID = "cluster-ANOTHER" }),
		},
	} {
		c.Given, c.State = given, state
		t.Run(c.Control, func(t *testing.T) {
			t.Parallel()
			applytest.Contract(t, c)
		})
	}
}

func TestThePlanSaysWhetherAuditLinesAreWritten(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		values map[string]string
		deny   bool
		want   string
	}{
		"off in a group of its own":   {map[string]string{"audit_logs": "none"}, false, "no audit line is written until"},
		"nobody ever set it":          {nil, false, "no audit line is written until"},
		"on":                          {map[string]string{"audit_logs": "enabled"}, false, ""},
		"some kinds of event":         {map[string]string{"audit_logs": "ddl,dml_write"}, false, ""},
		"the group could not be read": {nil, true, "is not known"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			b.Region.AddParameterGroup(lab.ParameterGroup{Name: "own", Family: "docdb5.0", Values: test.values}).
				AddCluster(lab.Cluster{ID: "docs", Engine: "docdb", Zones: []string{"a"}, ParameterGroup: "own"})
			if test.deny {
				b.Lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusterParameters"}, Effect: lab.Denied})
			}
			c := b.Change(b.Plan("DocumentDB.4"))
			said := strings.Join(c.Warnings, "\n")
			if test.want == "" && said != "" || !strings.Contains(said, test.want) {
				t.Errorf("it warns %q", said)
			}
			if c.Accept != "" || c.Impact.Downtime != "none" || c.Undo.Impact != "" {
				t.Errorf("it reboots nothing, and says %q, %q, %q", c.Accept, c.Impact.Downtime, c.Undo.Impact)
			}
		})
	}
}

func TestAPlanOfDocumentDBNeverTouchesAnotherEngine(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	p := b.Plan("DocumentDB.5")
	if c := b.Change(p); c.Resource.ID != "docs" {
		t.Fatalf("it is about %s", c.Resource.ID)
	}
	call := *p.Changes[0].Steps[0].Call
	call.Type = p.Changes[0].Resource.Type
	for id, engine := range map[string]string{"graph": "neptune", "shop": "aurora-mysql"} {
		call.Parameters = map[string]resource.Value{"DBClusterIdentifier": resource.OfString(id), "DeletionProtection": resource.OfBool(true)}
		err := b.Applier.Call(t.Context(), &call)
		if err == nil || !strings.Contains(err.Error(), engine) || !strings.Contains(err.Error(), "nothing was sent") {
			t.Errorf("%s: %v", id, err)
		}
	}
	if n := b.Writes()[modifyCluster]; n != 0 {
		t.Errorf("%d writes", n)
	}
	if got := b.Lab.Actions()[describeClusters]; got == 0 {
		t.Error("the engine was not read")
	}
}
