package apply_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

func TestPropertiesAreSetProvenAndPutBack(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"Neptune.4", "Neptune.5", "Neptune.7", "Neptune.8"} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{Lag: 1, Describes: 2})
			b.region.AddCluster(cluster("graph")).AddCluster(cluster("other"))
			before := b.state()
			p := b.plan(id, clusterRef(b, "graph"))
			if n := len(b.change(p).Steps); n != 1 {
				t.Fatalf("%d steps for one property", n)
			}
			run := b.applied(p)
			b.wantWrites(map[string]int{"rds:ModifyDBCluster": 1})
			if other, _ := b.region.Cluster("other"); !cmp.Equal(other, before.Clusters[1]) {
				t.Errorf("another cluster was touched: %+v", other)
			}
			b.undone(run)
			b.wantWrites(map[string]int{"rds:ModifyDBCluster": 2})
			// Restore points that were given up by lowering the retention do not come back.
			b.region.ChangeCluster("graph", func(c *lab.Cluster) { c.RestorableSince = before.Clusters[0].RestorableSince })
			b.wantSame(before)
		})
	}
}

func TestPublicSnapshotIsUnsharedAndTheNamedAccountsStay(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(cluster("graph")).
		AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph", SharedWith: []string{"444455556666", "all"}}).
		AddSnapshot(lab.Snapshot{ID: "tuesday", ClusterID: "graph", SharedWith: []string{"all"}})
	before := b.state()
	p := b.plan("Neptune.3", b.ref(neptune.SnapshotType, "monday"))
	change := b.change(p)
	if got := change.Sets[0].Before.String(); got != "[444455556666, all]" {
		t.Errorf("the plan keeps %s of the prior list", got)
	}
	if change.Undo.Exposes == "" {
		t.Error("nothing says what the undo exposes")
	}
	if !strings.Contains(strings.Join(change.Warnings, "\n"), "stays shared with 444455556666") {
		t.Errorf("nothing says who keeps access: %q", change.Warnings)
	}
	run := b.applied(p)
	b.wantWrites(map[string]int{"rds:ModifyDBClusterSnapshotAttribute": 1})
	if s, _ := b.region.Snapshot("monday"); !slices.Equal(s.SharedWith, []string{"444455556666"}) {
		t.Errorf("monday is shared with %v", s.SharedWith)
	}
	if s, _ := b.region.Snapshot("tuesday"); !slices.Equal(s.SharedWith, []string{"all"}) {
		t.Errorf("tuesday was touched: %v", s.SharedWith)
	}
	b.undone(run)
	b.wantSame(before)
}

func TestUndoOfUnsharingNeedsItsOwnAcceptance(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddSnapshot(lab.Snapshot{ID: "monday", SharedWith: []string{"all"}})
	run := b.applied(b.plan("Neptune.3", b.ref(neptune.SnapshotType, "monday")))
	runner := b.runner()
	runner.Options.Accept = nil
	c := b.must(runner.Rollback(b.Context(), run))
	if c.Undo != fix.StateSkipped {
		t.Errorf("the undo is %s", c.Undo)
	}
	b.wantWrites(map[string]int{"rds:ModifyDBClusterSnapshotAttribute": 1})
}
