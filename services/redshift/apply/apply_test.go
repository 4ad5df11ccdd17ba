package apply_test

import (
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

const modify = "redshift:ModifyCluster"

func given(b *applytest.Bench) {
	b.Region.AddWarehouse(lab.Warehouse{ID: "sales", Retention: 3}).AddWarehouse(lab.Warehouse{ID: "sound", Retention: 30})
}

// days are the retentions of both clusters: everything that a call could change.
func days(b *applytest.Bench) any {
	sales, _ := b.Region.Warehouse("sales")
	sound, _ := b.Region.Warehouse("sound")
	return []lab.Warehouse{sales, sound}
}

func TestRetentionKeepsTheContract(t *testing.T) {
	t.Parallel()
	applytest.ContractAndExport(t, applytest.Case{
		Control: "Redshift.3", Given: given, State: days,
		Calls: map[string]int{modify: 1}, UndoCalls: map[string]int{modify: 1},
		Fixed: func(*applytest.Bench) any {
			return []lab.Warehouse{
				{ID: "sales", Retention: 7, NodeType: "ra3.xlplus", Status: "available"},
				{ID: "sound", Retention: 30, NodeType: "ra3.xlplus", Status: "available"},
			}
		},
		Moved: func(b *applytest.Bench) {
			b.Region.ChangeWarehouse("sales", func(h *lab.Warehouse) { h.Retention = 5 })
		},
	})
}

func TestClustersThatTakeNoChangeAreLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		cluster lab.Warehouse
		reason  string
	}{
		"paused":                            {lab.Warehouse{ID: "sales", Status: "paused"}, fix.SkipState},
		"resizing":                          {lab.Warehouse{ID: "sales", Status: "resizing"}, fix.SkipState},
		"the change was accepted already":   {lab.Warehouse{ID: "sales", Retention: 3, Pending: 10}, fix.SkipPending},
		"somebody queued a lower retention": {lab.Warehouse{ID: "sales", Retention: 3, Pending: 2}, fix.SkipConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			b.Region.AddWarehouse(test.cluster)
			if got := b.Skipped(b.Plan("Redshift.3")); got.Reason != test.reason {
				t.Errorf("%s: %s", got.Reason, got.Detail)
			}
		})
	}
}

func TestNoSnapshotsAtAllIsRaisedToo(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	b.Region.AddWarehouse(lab.Warehouse{ID: "old", NodeType: "dc2.large", NoBackups: true})
	run := b.Applied(b.Plan("Redshift.3"))
	b.Options.AcceptLoss = false
	status, err := b.Runner().Rollback(t.Context(), run)
	if err != nil || status.Changes[0].Undo != fix.StateSkipped {
		t.Errorf("what the undo deletes was not asked for: %s, %v", status.Changes[0].Undo, err)
	}
	b.Options.AcceptLoss = true
	b.Undone(run)
	if h, _ := b.Region.Warehouse("old"); h.Retention != 0 || !h.NoBackups {
		t.Errorf("after the rollback it is %+v", h)
	}
}

func TestAPlanThatLowersIsRefused(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	given(b)
	p := b.Plan("Redshift.3")
	change := &p.Changes[0]
	one := resource.OfInt(1)
	change.Sets[0].After, change.Steps[0].Call.Parameters["AutomatedSnapshotRetentionPeriod"] = one, one
	for i := range change.Steps[0].Done {
		if change.Steps[0].Done[i].Property == "AutomatedSnapshotRetentionPeriod" {
			change.Steps[0].Done[i].Value = one
		}
	}
	if err := b.Vet(p); err == nil || !strings.Contains(err.Error(), "from 3 to 1") {
		t.Errorf("a plan that lowers passes: %v", err)
	}
}

func TestCallsThatNoFixMakesNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	type parameters = map[string]resource.Value
	name, week := resource.OfString("sales"), resource.OfInt(7)
	for want, params := range map[string]parameters{
		"ClusterIdentifier is missing": {"AutomatedSnapshotRetentionPeriod": week},
		"not between 0 and 35":         {"ClusterIdentifier": name, "AutomatedSnapshotRetentionPeriod": resource.OfInt(36)},
		"PubliclyAccessible":           {"ClusterIdentifier": name, "AutomatedSnapshotRetentionPeriod": week, "PubliclyAccessible": resource.OfBool(true)},
	} {
		b := applytest.New(t)
		given(b)
		err := b.Applier.Call(t.Context(), &fix.Call{Operation: modify, Account: applytest.Account, Region: applytest.Region, Parameters: params})
		if err == nil || !strings.Contains(err.Error(), want) || len(b.Writes()) != 0 {
			t.Errorf("not refused for %q: %v, %v", want, err, b.Writes())
		}
	}
}
