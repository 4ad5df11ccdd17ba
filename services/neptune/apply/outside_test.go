package apply_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/store/journal"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// The tests below are about what others do between the steps of a run and
// before its rollback.

func TestAddedReaderThatBecameTheWriterIsNotDeleted(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
	run := b.applied(b.plan("Neptune.9", clusterRef(b, "graph")))
	b.region.ChangeCluster("graph", func(c *lab.Cluster) {
		for i := range c.Members {
			c.Members[i].Writer = c.Members[i].ID == "graph-reader-b"
		}
	})
	status := b.must(b.runner().Rollback(t.Context(), run))
	if status.Undo != fix.StateRefused || b.writes()["rds:DeleteDBInstance"] != 0 {
		t.Errorf("undo %s, writes %v", status.Undo, b.writes())
	}
	if len(status.Moves) != 1 || status.Moves[0].Property != "Readers" {
		t.Errorf("it does not say why: %+v", status.Moves)
	}
}

func TestSnapshotMadeAnewUnderTheSameNameIsNotShared(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(cluster("graph")).AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph", SharedWith: []string{"all"}})
	run := b.applied(b.plan("Neptune.3", b.ref(neptune.SnapshotType, "monday")))
	b.region.ChangeSnapshot("monday", func(s *lab.Snapshot) { s.CreateTime = s.CreateTime.AddDate(0, 0, 1) })
	status := b.must(b.runner().Rollback(t.Context(), run))
	s, _ := b.region.Snapshot("monday")
	if status.Undo != fix.StateRefused || len(s.SharedWith) != 0 {
		t.Errorf("undo %s, the other snapshot is shared with %v", status.Undo, s.SharedWith)
	}
}

// A person may do the last manual step, the deletion of the old snapshot, and
// never come back to the run: then the new one is all that is left of the data.
func TestEncryptedSnapshotIsKeptWhereTheOldOneIsGone(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(cluster("graph")).AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph"})
	status, err := b.runner().Apply(t.Context(), b.plan("Neptune.6", b.ref(neptune.SnapshotType, "monday")))
	b.wantState(b.must(status, err), fix.StateWaiting)
	b.person(b.must(status, err).Note)
	c := b.must(b.runner().Rollback(t.Context(), status.Run))
	if _, kept := b.region.Snapshot("monday-encrypted"); !kept || c.Undo != fix.StateFinal {
		t.Errorf("undo %s (%s), the encrypted snapshot is kept: %v", c.Undo, c.Note, kept)
	}
}

// The cut-over is a person's. One that the run was not told of must not lead to
// the deletion of what clients now use.
func TestRollbackAfterAnUntoldCutOverWaitsForThePerson(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		then func(*bench)
		want fix.State
	}{
		{"both clusters are there", func(*bench) {}, fix.StateWaiting},
		{"the old one was deleted since", func(b *bench) { b.region.RemoveCluster("graph-unencrypted") }, fix.StateRefused},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
			p := b.plan("Neptune.1", clusterRef(b, "graph"))
			b.confirmAll(p)
			status, err := b.runner().Apply(t.Context(), p)
			waiting := b.must(status, err)
			b.wantState(waiting, fix.StateWaiting)
			b.person(waiting.Note)
			test.then(b)
			made := b.writes()
			c := b.must(b.runner().Rollback(t.Context(), status.Run))
			if c.Undo != test.want {
				t.Errorf("undo %s: %s %+v", c.Undo, c.Note, c.Moves)
			}
			now, there := b.region.Cluster("graph")
			if !there || !now.StorageEncrypted || len(now.Members) != 1 {
				t.Errorf("the cluster that clients use is %+v", now)
			}
			for _, deletion := range []string{"rds:DeleteDBInstance", "rds:DeleteDBCluster", "rds:DeleteDBClusterSnapshot"} {
				if b.writes()[deletion] != made[deletion] {
					t.Errorf("called %s", deletion)
				}
			}
		})
	}
}

func TestClusterMadeAnewOrRenamedIsLeftAlone(t *testing.T) {
	t.Parallel()
	anew := func(b *bench) {
		b.region.RemoveCluster("graph")
		b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}, ResourceID: "cluster-ANOTHER"})
	}
	renamed := func(b *bench) {
		b.call("rds:ModifyDBCluster", map[string]resource.Value{
			"DBClusterIdentifier": text("graph"), "NewDBClusterIdentifier": text("graph-two"), "ApplyImmediately": resource.OfBool(true),
		})
		b.lab.ResetCalls()
	}
	for name, meddle := range map[string]func(*bench){"made anew": anew, "renamed": renamed} {
		for _, id := range []string{"Neptune.2", "Neptune.5", "Neptune.9"} {
			t.Run(id+" "+name+" before apply", func(t *testing.T) {
				t.Parallel()
				b := newBench(t, lab.Settle{})
				b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
				p := b.plan(id, clusterRef(b, "graph"))
				meddle(b)
				status, err := b.runner().Apply(t.Context(), p)
				b.wantState(b.must(status, err), fix.StateRefused)
				b.wantWrites(map[string]int{})
			})
			t.Run(id+" "+name+" before rollback", func(t *testing.T) {
				t.Parallel()
				b := newBench(t, lab.Settle{})
				b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
				run := b.applied(b.plan(id, clusterRef(b, "graph")))
				meddle(b)
				b.lab.ResetCalls()
				c := b.must(b.runner().Rollback(t.Context(), run))
				want := fix.StateRefused
				if id == "Neptune.9" && name == "made anew" {
					want = fix.StateUndone // its reader went with the cluster that it was added to
				}
				if c.Undo != want {
					t.Errorf("undo %s: %s", c.Undo, c.Note)
				}
				b.wantWrites(map[string]int{})
			})
		}
	}
}

func TestClusterMadeAnewIsNotTakenForTheProofOfARun(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
	run := b.applied(b.plan("Neptune.5", clusterRef(b, "graph")))
	b.region.RemoveCluster("graph")
	b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}, ResourceID: "cluster-ANOTHER", BackupRetentionPeriod: 30})
	c := b.must(b.runner().Verify(t.Context(), run))
	if c.State != fix.StateNotVerified || c.Problem == nil || !strings.Contains(c.Problem.Message, "cluster-ANOTHER") {
		t.Errorf("%s: %+v", c.State, c.Problem)
	}
}

// Two machines have two journals, so that no lock keeps them apart.
func TestTheSamePlanOnTwoMachinesAtOnceMakesEverythingOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{Describes: 1})
	b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
	p := b.plan("Neptune.9", clusterRef(b, "graph"))
	other := *b
	kept, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), "another machine")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	other.journal = kept
	var group sync.WaitGroup
	statuses := make([]*fix.RunStatus, 2)
	faults := make([]error, 2)
	for i, machine := range []*bench{b, &other} {
		group.Go(func() { statuses[i], faults[i] = machine.runner().Apply(t.Context(), p) })
	}
	group.Wait()
	for i := range statuses {
		b.wantState(b.must(statuses[i], faults[i]), fix.StateVerified)
	}
	if made := b.region.Writes(b.region.ARN("db", "graph-reader-b"))["CreateDBInstance"]; made != 1 {
		t.Errorf("the reader was made %d times", made)
	}
	if c, _ := b.region.Cluster("graph"); len(c.Members) != 2 {
		t.Errorf("members %+v", c.Members)
	}
	// Whichever machine came first made the reader, so its rollback alone has something to undo.
	var undone int
	for i, machine := range []*bench{b, &other} {
		switch c := b.must(machine.runner().Rollback(t.Context(), statuses[i].Run)); c.Undo {
		case fix.StateUndone:
			undone++
		case "":
		default:
			t.Errorf("rollback %d: %s", i+1, c.Undo)
		}
	}
	if undone == 0 {
		t.Error("no rollback undid anything")
	}
	if c, _ := b.region.Cluster("graph"); len(c.Members) != 1 {
		t.Errorf("members after both rollbacks %+v", c.Members)
	}
}
