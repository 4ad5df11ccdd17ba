package apply_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
	"github.com/holdfast-aws/holdfast/services/neptune/apply"
)

// fromFile writes a plan and reads it, as everything that is applied was.
func (b *bench) fromFile(p *fix.Plan) *fix.Plan {
	b.Helper()
	path := filepath.Join(b.TempDir(), "plan.json")
	if err := fix.WritePlan(path, p); err != nil {
		b.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	read, err := fix.ReadPlan(file, path)
	if err != nil {
		b.Fatal(err)
	}
	return read
}

func (b *bench) vet(p *fix.Plan) error {
	planners := apply.Planners(apply.Options{})
	return fix.Vet(p, b.catalogue, &planners)
}

// everyPlan has a plan for each control, and one for a group of the user's own.
func everyPlan(b *bench) map[string]*fix.Plan {
	addFull(b)
	own := cluster("own-group")
	own.ParameterGroup = "own"
	b.region.AddCluster(lab.Cluster{ID: "plain", Zones: []string{"a"}}).AddCluster(own).
		AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph", SharedWith: []string{"all", "444455556666"}})
	plans := map[string]*fix.Plan{"own group": b.plan("Neptune.2", clusterRef(b, "own-group"))}
	for id, ref := range map[string]resource.Ref{
		"Neptune.1": clusterRef(b, "graph"), "Neptune.2": clusterRef(b, "plain"), "Neptune.3": b.ref(neptune.SnapshotType, "monday"),
		"Neptune.4": clusterRef(b, "plain"), "Neptune.5": clusterRef(b, "plain"), "Neptune.6": b.ref(neptune.SnapshotType, "monday"),
		"Neptune.7": clusterRef(b, "plain"), "Neptune.8": clusterRef(b, "plain"), "Neptune.9": clusterRef(b, "plain"),
	} {
		plans[id] = b.plan(id, ref)
	}
	return plans
}

func TestEveryPlanThatWasMadeIsRecognised(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	for name, p := range everyPlan(b) {
		if err := b.vet(b.fromFile(p)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whoever edits a plan can seal it anew. What no fix would do is refused.
func TestAnAlteredPlanIsRefusedThoughItsDigestFits(t *testing.T) {
	t.Parallel()
	set := func(c *fix.Change, step int, name string, value resource.Value) {
		c.Steps[step].Call.Parameters[name] = value
	}
	last := func(c *fix.Change) *fix.Step { return &c.Steps[len(c.Steps)-1] }
	for _, test := range []struct {
		name, plan string
		alter      func(*fix.Change)
		want       string
	}{
		{"another attribute along", "Neptune.5", func(c *fix.Change) { set(c, 0, "MasterUserPassword", text("x")) }, "not how BackupRetentionPeriod is set"},
		{"pulls pending changes forward", "Neptune.5", func(c *fix.Change) { set(c, 0, "ApplyImmediately", resource.OfBool(true)) }, "not how BackupRetentionPeriod is set"},
		{"another cluster", "Neptune.5", func(c *fix.Change) { set(c, 0, "DBClusterIdentifier", text("graph")) }, "not how BackupRetentionPeriod is set"},
		{"undo of another cluster", "Neptune.5", func(c *fix.Change) { c.Steps[0].Undo.Parameters["DBClusterIdentifier"] = text("graph") }, "not how BackupRetentionPeriod is set"},
		{"undo to less than before", "Neptune.8", func(c *fix.Change) { c.Steps[0].Undo.Parameters["BackupRetentionPeriod"] = resource.OfInt(1) }, "not how CopyTagsToSnapshot is set"},
		{"lowers the retention", "Neptune.5", func(c *fix.Change) {
			for i := range c.Steps[0].Before {
				if c.Steps[0].Before[i].Property == "BackupRetentionPeriod" {
					c.Steps[0].Before[i].Value = resource.OfInt(30)
				}
			}
		}, "from 30 to 7"},
		{"leaves the checks out", "Neptune.4", func(c *fix.Change) { c.Steps[0].Before = c.Steps[0].Before[:1] }, "does not say what DeletionProtection is before"},
		{"leaves the identity out", "Neptune.4", func(c *fix.Change) { c.Steps[0].Before = c.Steps[0].Before[1:] }, "not how DeletionProtection is set"},
		{"another call", "Neptune.4", func(c *fix.Change) { c.Steps[0].Call.Operation = "rds:DeleteDBCluster" }, "not how DeletionProtection is set"},
		{"another account", "Neptune.4", func(c *fix.Change) { c.Steps[0].Call.Account = "444455556666" }, `account "444455556666"`},
		{"reads another region", "Neptune.4", func(c *fix.Change) { c.Steps[0].Done[0].Resource.Region = "us-east-1" }, `"us-east-1"`},
		{"waits for ever", "Neptune.4", func(c *fix.Change) { c.Steps[0].Timeout = 1 << 30 }, "waits longer"},
		{"acceptance taken out", "Neptune.7", func(c *fix.Change) { c.Accept = "" }, "accepted by name"},
		{"loss taken out", "Neptune.5", func(c *fix.Change) { c.Undo.Loses = "" }, "leaves out what undoing it costs"},
		{"exposure taken out", "Neptune.3", func(c *fix.Change) { c.Undo.Exposes = "" }, "leaves out what undoing it costs"},
		{"reboot unasked", "Neptune.2", func(c *fix.Change) { c.Accept = "" }, "without asking to be accepted"},
		{"reboot of another's instance", "Neptune.2", func(c *fix.Change) { last(c).Call.Parameters["DBInstanceIdentifier"] = text("graph-1") }, "without seeing that the cluster"},
		{"another parameter", "own group", func(c *fix.Change) {
			for i := range c.Steps {
				if s := &c.Steps[i]; s.Call != nil && s.Call.Operation == "rds:ModifyDBClusterParameterGroup" {
					s.Call.Parameters["Parameters"] = resource.OfList(resource.OfMap(map[string]resource.Value{
						"ParameterName": text("neptune_query_timeout"), "ParameterValue": text("1"), "ApplyMethod": text("immediate")}))
				}
			}
		}, "neptune_query_timeout"},
		{"makes the snapshot public", "Neptune.3", func(c *fix.Change) { c.Steps[0].Call.Parameters = c.Steps[0].Undo.Parameters }, "everybody off the list"},
		{"undo shares with a stranger", "Neptune.3", func(c *fix.Change) {
			c.Steps[0].Undo.Parameters["ValuesToAdd"] = resource.OfStrings([]string{"999988887777"})
		}, "everybody off the list"},
		{"deletes somebody's instance", "Neptune.9", func(c *fix.Change) { c.Steps[0].Undo.Parameters["DBInstanceIdentifier"] = text("plain-1") }, "does not make"},
		{"adds to another cluster", "Neptune.9", func(c *fix.Change) { set(c, 0, "DBClusterIdentifier", text("graph")) }, "not about"},
		{"deletes a cluster of another run", "Neptune.6", func(c *fix.Change) { c.Steps[2].Call.Parameters["DBClusterIdentifier"] = text("graph-encrypted") }, "does not make"},
		{"restores another snapshot", "Neptune.6", func(c *fix.Change) { set(c, 0, "SnapshotIdentifier", text("tuesday")) }, "not about"},
		{"modifies the old cluster", "Neptune.1", func(c *fix.Change) {
			for i := range c.Steps {
				if s := &c.Steps[i]; s.Call != nil && s.Call.Operation == "rds:ModifyDBCluster" {
					s.Call.Parameters["DBClusterIdentifier"] = text("graph")
				}
			}
		}, "which the fix does not"},
		{"another control's fix", "Neptune.4", func(c *fix.Change) { c.Control = "Neptune.2" }, "which the fix does not"},
		{"any cluster of that name", "Neptune.4", func(c *fix.Change) {
			c.Resource.UID = ""
			for _, s := range c.Steps {
				for _, list := range [][]fix.Condition{s.Before, s.Done, s.UndoDone} {
					for i := range list {
						list[i].Resource.UID = ""
					}
				}
			}
		}, "which survives a rename"},
		{"another type", "Neptune.5", func(c *fix.Change) { c.Control = "Neptune.3" }, "not AWS::Neptune::DBCluster"},
		{"a control that is not", "Neptune.5", func(c *fix.Change) { c.Control = "Neptune.55" }, "not in the catalogue"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			p := b.fromFile(everyPlan(b)[test.plan])
			test.alter(&p.Changes[0])
			if err := fix.Seal(p); err != nil {
				t.Fatalf("it cannot even be sealed: %v", err)
			}
			err := b.vet(b.fromFile(p))
			var hint interface{ Hint() string }
			if err == nil || !strings.Contains(err.Error(), test.want) || !errors.As(err, &hint) || hint.Hint() == "" {
				t.Errorf("not refused for %q: %v", test.want, err)
			}
		})
	}
}
