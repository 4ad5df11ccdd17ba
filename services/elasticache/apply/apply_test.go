package apply_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

const modifyGroup, modifyCluster = "elasticache:ModifyReplicationGroup", "elasticache:ModifyCacheCluster"

func created() time.Time { return time.Date(2025, 4, 1, 8, 30, 0, 0, time.UTC) }

// sessions is a group without backups, and a sound one beside it.
func sessions(b *applytest.Bench) {
	b.Region.AddReplicationGroup(lab.ReplicationGroup{ID: "sessions", Nodes: []string{"sessions-002", "sessions-003", "sessions-001"}, Created: created()}).
		AddReplicationGroup(lab.ReplicationGroup{ID: "sound", RetentionLimit: 5, Nodes: []string{"sound-001"}, Created: created()}).
		AddCacheCluster(lab.CacheCluster{ID: "sessions-002", Group: "sessions", Created: created()}).
		AddCacheCluster(lab.CacheCluster{ID: "pages", Engine: "memcached", Created: created()})
}

func groups(b *applytest.Bench) any {
	one, _ := b.Region.ReplicationGroup("sessions")
	other, _ := b.Region.ReplicationGroup("sound")
	return []lab.ReplicationGroup{one, other}
}

func after(days int) func(*applytest.Bench) any {
	return func(b *applytest.Bench) any {
		fresh := groups(b).([]lab.ReplicationGroup)
		fresh[0].RetentionLimit, fresh[0].Snapshotting = days, "sessions-001"
		return fresh
	}
}

func TestBackupsOfAGroupKeepTheContract(t *testing.T) {
	t.Parallel()
	applytest.ContractAndExport(t, applytest.Case{
		Control: "ElastiCache.1", Given: sessions, State: groups, Other: []string{modifyCluster}, Beside: []string{"elasticache:ListTagsForResource"},
		Calls: map[string]int{modifyGroup: 1}, UndoCalls: map[string]int{modifyGroup: 1},
		Fixed: after(1), Undone: after(0),
		Moved: func(b *applytest.Bench) {
			b.Region.ChangeReplicationGroup("sessions", func(g *lab.ReplicationGroup) { g.Created = created().Add(time.Hour) })
		},
	})
}

func TestBackupsOfAClusterAloneKeepTheContract(t *testing.T) {
	t.Parallel()
	state := func(b *applytest.Bench) any {
		one, _ := b.Region.CacheCluster("carts")
		return one.RetentionLimit
	}
	applytest.ContractAndExport(t, applytest.Case{
		Control: "ElastiCache.1", State: state, Other: []string{modifyGroup}, Beside: []string{"elasticache:ListTagsForResource"},
		Given: func(b *applytest.Bench) {
			b.Region.AddCacheCluster(lab.CacheCluster{ID: "carts", Created: created()}).
				AddCacheCluster(lab.CacheCluster{ID: "pages", Engine: "memcached", Created: created()})
		},
		Calls: map[string]int{modifyCluster: 1}, UndoCalls: map[string]int{modifyCluster: 1},
		Fixed: func(*applytest.Bench) any { return 1 },
		Moved: func(b *applytest.Bench) {
			b.Region.ChangeCacheCluster("carts", func(k *lab.CacheCluster) { k.RetentionLimit = 3 })
		},
	})
}

func TestTheNodeThatMakesTheBackup(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		group lab.ReplicationGroup
		want  string
	}{
		"a replica before the primary":   {lab.ReplicationGroup{Nodes: []string{"a-001", "a-003", "a-002"}}, "a-002"},
		"the primary where it is alone":  {lab.ReplicationGroup{Nodes: []string{"a-007"}}, "a-007"},
		"the one that was chosen before": {lab.ReplicationGroup{Nodes: []string{"a-001", "a-002"}, Snapshotting: "a-001"}, ""},
		"none with cluster mode":         {lab.ReplicationGroup{Nodes: []string{"a-001", "a-002"}, ClusterMode: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			test.group.ID, test.group.Created = "a", created()
			b.Region.AddReplicationGroup(test.group)
			p := b.Plan("ElastiCache.1")
			got, _ := b.Change(p).Steps[0].Call.Parameters["SnapshottingClusterId"].Text()
			if got != test.want {
				t.Errorf("the plan chooses %q, not %q", got, test.want)
			}
			b.Undone(b.Applied(p))
		})
	}
}

func TestCachesThatTakeNoBackupsAreLeftAlone(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		given  func(*lab.Region)
		reason string
	}{
		"a group that is being changed": {func(r *lab.Region) {
			r.AddReplicationGroup(lab.ReplicationGroup{ID: "a", Status: "modifying", Created: created()})
		}, fix.SkipState},
		"the smallest nodes without cluster mode": {func(r *lab.Region) {
			r.AddReplicationGroup(lab.ReplicationGroup{ID: "a", NodeType: "cache.t1.micro", Nodes: []string{"a-001"}, Created: created()})
		}, fix.SkipState},
		"a cluster of such nodes": {func(r *lab.Region) {
			r.AddCacheCluster(lab.CacheCluster{ID: "a", NodeType: "cache.t1.micro", Created: created()})
		}, fix.SkipState},
		"a group whose nodes are not told": {func(r *lab.Region) {
			r.AddReplicationGroup(lab.ReplicationGroup{ID: "a", Created: created()})
		}, fix.SkipUnread},
		"a group whose age is not told": {func(r *lab.Region) {
			r.AddReplicationGroup(lab.ReplicationGroup{ID: "a", Nodes: []string{"a-001"}})
		}, fix.SkipUnread},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			test.given(b.Region)
			if got := b.Skipped(b.Plan("ElastiCache.1")); got.Reason != test.reason {
				t.Errorf("%s: %s", got.Reason, got.Detail)
			}
		})
	}
}

func TestPlanningOfflineSaysWhatIsMissing(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	sessions(b)
	if got := b.Skipped(b.PlanOffline("ElastiCache.1")); got.Reason != fix.SkipUnread || !strings.Contains(got.Detail, "plan against it instead of saved data") {
		t.Errorf("%s: %s", got.Reason, got.Detail)
	}
}

func TestAPlanThatLowersIsRefused(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	sessions(b)
	p := b.Plan("ElastiCache.1")
	step := &p.Changes[0].Steps[0]
	for _, conditions := range [][]fix.Condition{step.Before, step.UndoDone} {
		for i := range conditions {
			if conditions[i].Property == "SnapshotRetentionLimit" {
				conditions[i].Value = resource.OfInt(9)
			}
		}
	}
	step.Undo.Parameters["SnapshotRetentionLimit"] = resource.OfInt(9)
	if err := b.Vet(p); err == nil || !strings.Contains(err.Error(), "from 9 to 1") {
		t.Errorf("a plan that lowers passes: %v", err)
	}
}

func TestCallsThatNoFixMakesNeverLeaveTheMachine(t *testing.T) {
	t.Parallel()
	type parameters = map[string]resource.Value
	text, one := resource.OfString, resource.OfInt(1)
	for name, test := range map[string]struct {
		operation  string
		parameters parameters
		want       string
	}{
		"a node of a group":       {modifyCluster, parameters{"CacheClusterId": text("sessions-002"), "SnapshotRetentionLimit": one}, "node of the replication group sessions"},
		"memcached":               {modifyCluster, parameters{"CacheClusterId": text("pages"), "SnapshotRetentionLimit": one}, "is memcached"},
		"a cluster that is gone":  {modifyCluster, parameters{"CacheClusterId": text("none"), "SnapshotRetentionLimit": one}, "was not found"},
		"pulling others forward":  {modifyGroup, parameters{"ReplicationGroupId": text("sessions"), "SnapshotRetentionLimit": one, "ApplyImmediately": resource.OfBool(true)}, "ApplyImmediately"},
		"the window":              {modifyGroup, parameters{"ReplicationGroupId": text("sessions"), "SnapshotRetentionLimit": one, "SnapshotWindow": text("03:00-04:00")}, "SnapshotWindow"},
		"longer than AWS takes":   {modifyGroup, parameters{"ReplicationGroupId": text("sessions"), "SnapshotRetentionLimit": resource.OfInt(36)}, "not between 0 and 35"},
		"nothing named":           {modifyGroup, parameters{"SnapshotRetentionLimit": one}, "ReplicationGroupId is missing"},
		"a call that is not made": {"elasticache:DeleteReplicationGroup", parameters{"ReplicationGroupId": text("sessions")}, "no service makes this call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := applytest.New(t)
			sessions(b)
			err := b.Applier.Call(t.Context(), &fix.Call{Operation: test.operation, Account: applytest.Account, Region: applytest.Region, Parameters: test.parameters})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("not refused for %q: %v", test.want, err)
			}
			if diff := cmp.Diff(map[string]int{}, b.Writes()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
