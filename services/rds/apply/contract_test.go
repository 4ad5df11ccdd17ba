package apply_test

import (
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

const (
	modifyCluster         = "rds:ModifyDBCluster"
	modifyInstance        = "rds:ModifyDBInstance"
	shareSnapshot         = "rds:ModifyDBSnapshotAttribute"
	shareClusterSnapshot  = "rds:ModifyDBClusterSnapshotAttribute"
	recoveryPointOfOrders = "arn:aws:backup:eu-west-1:111122223333:recovery-point:continuous:db-orders"
)

// everything is all that a call on the control plane could change. How far back
// clusters can be restored follows from the clock.
type everything struct {
	Clusters    map[string]lab.Cluster
	Instances   map[string]lab.Instance
	Snapshots   map[string]lab.Snapshot
	OfInstances map[string]lab.DBSnapshot
}

// names are those of the resources in the tests of this package.
func names() []string {
	return []string{"orders", "sound", "shop", "ledger", "docs", "graph", "open", "closed"}
}

func state(b *applytest.Bench) any { return seen(b) }

func seen(b *applytest.Bench) everything {
	e := everything{
		Clusters: make(map[string]lab.Cluster), Instances: make(map[string]lab.Instance),
		Snapshots: make(map[string]lab.Snapshot), OfInstances: make(map[string]lab.DBSnapshot),
	}
	for _, c := range b.Region.Clusters() {
		c.RestorableSince = time.Time{}
		e.Clusters[c.ID] = c
		for _, member := range c.Members {
			e.Instances[member.ID], _ = b.Region.Instance(member.ID)
		}
	}
	for _, s := range b.Region.Snapshots() {
		e.Snapshots[s.ID] = s
	}
	for _, name := range names() {
		if i, ok := b.Region.Instance(name); ok {
			e.Instances[name] = i
		}
		if s, ok := b.Region.DBSnapshot(name); ok {
			e.OfInstances[name] = s
		}
	}
	return e
}

// after is what the given resources are with a change made to them. It is told
// by another bench on which nothing was done.
func after(given func(*applytest.Bench), change func(*everything)) func(*applytest.Bench) any {
	return func(b *applytest.Bench) any {
		other := applytest.New(b.TB)
		given(other)
		e := seen(other)
		change(&e)
		return e
	}
}

func ofCluster(id string, change func(*lab.Cluster)) func(*everything) {
	return func(e *everything) {
		c := e.Clusters[id]
		change(&c)
		e.Clusters[id] = c
	}
}

func ofInstance(id string, change func(*lab.Instance)) func(*everything) {
	return func(e *everything) {
		i := e.Instances[id]
		change(&i)
		e.Instances[id] = i
	}
}

// aurora gives a cluster that fails and one that passes.
func aurora(b *applytest.Bench) {
	b.Region.AddCluster(lab.Cluster{ID: "shop", Engine: "aurora-mysql", Zones: []string{"a", "b"}, Tags: lab.Tags{"team": "shop"}}).
		AddCluster(lab.Cluster{ID: "sound", Engine: "aurora-postgresql", Zones: []string{"a", "b"}, BackupRetentionPeriod: 14, DeletionProtection: true, CopyTagsToSnapshot: true})
}

// instance gives an instance that fails and one that passes.
func instance(b *applytest.Bench) {
	b.Region.AddInstance(lab.Instance{ID: "orders", Engine: "postgres", BackupRetentionPeriod: 1, Tags: lab.Tags{"team": "shop"}}).
		AddInstance(lab.Instance{ID: "sound", Engine: "mysql", BackupRetentionPeriod: 30, DeletionProtection: true, CopyTagsToSnapshot: true, MultiAZ: true})
}

func now(given func(*applytest.Bench)) func(*applytest.Bench) {
	return func(b *applytest.Bench) {
		b.Choices.Now = true
		given(b)
	}
}

func moveCluster(change func(*lab.Cluster)) func(*applytest.Bench) {
	return func(b *applytest.Bench) { b.Region.ChangeCluster("shop", change) }
}

func moveInstance(change func(*lab.Instance)) func(*applytest.Bench) {
	return func(b *applytest.Bench) { b.Region.ChangeInstance("orders", change) }
}

func TestEveryFixKeepsTheContract(t *testing.T) {
	t.Parallel()
	ledger := now(func(b *applytest.Bench) {
		b.Region.AddCluster(lab.Cluster{ID: "ledger", Engine: "postgres", Zones: []string{"a", "b", "c"}, DeletionProtection: true, CopyTagsToSnapshot: true})
	})
	standby := now(instance)
	snapshots := func(b *applytest.Bench) {
		b.Region.AddDBSnapshot(lab.DBSnapshot{ID: "open", InstanceID: "orders", SharedWith: []string{"444455556666", "all"}}).
			AddDBSnapshot(lab.DBSnapshot{ID: "closed", InstanceID: "orders", SharedWith: []string{"444455556666"}})
	}
	clusterSnapshots := func(b *applytest.Bench) {
		aurora(b)
		b.Region.AddSnapshot(lab.Snapshot{ID: "open", ClusterID: "shop", SharedWith: []string{"444455556666", "all"}}).
			AddSnapshot(lab.Snapshot{ID: "closed", ClusterID: "shop", SharedWith: []string{"444455556666"}})
	}
	once := func(action string) map[string]int { return map[string]int{action: 1} }
	for name, c := range map[string]applytest.Case{
		"deletion protection of a cluster": {
			Control: "RDS.7", Given: aurora, Calls: once(modifyCluster), UndoCalls: once(modifyCluster),
			Fixed: after(aurora, ofCluster("shop", func(c *lab.Cluster) { c.DeletionProtection = true })),
			Moved: moveCluster(func(c *lab.Cluster) { c.ResourceID = "cluster-ANOTHER" }),
		},
		"tags of a cluster": {
			Control: "RDS.16", Given: aurora, Calls: once(modifyCluster), UndoCalls: once(modifyCluster),
			Fixed: after(aurora, ofCluster("shop", func(c *lab.Cluster) { c.CopyTagsToSnapshot = true })),
			Moved: moveCluster(func(c *lab.Cluster) { c.ResourceID = "cluster-ANOTHER" }),
		},
		"retention of an Aurora cluster": {
			Control: "RDS.50", Given: aurora, Calls: once(modifyCluster), UndoCalls: once(modifyCluster),
			Fixed: after(aurora, ofCluster("shop", func(c *lab.Cluster) { c.BackupRetentionPeriod = 7 })),
			Moved: moveCluster(func(c *lab.Cluster) { c.BackupRetentionPeriod = 3 }),
		},
		"retention of a Multi-AZ DB cluster, at once": {
			Control: "RDS.50", Given: ledger, Calls: once(modifyCluster), UndoCalls: once(modifyCluster),
			Fixed: after(ledger, ofCluster("ledger", func(c *lab.Cluster) { c.BackupRetentionPeriod = 7 })),
			Moved: func(b *applytest.Bench) {
				b.Region.ChangeCluster("ledger", func(c *lab.Cluster) { c.Pending.EngineVersion = "17.2" })
			},
		},
		"retention of an instance": {
			Control: "RDS.11", Given: instance, Calls: once(modifyInstance), UndoCalls: once(modifyInstance),
			Fixed: after(instance, ofInstance("orders", func(i *lab.Instance) { i.BackupRetentionPeriod = 7 })),
			Moved: moveInstance(func(i *lab.Instance) { i.AWSBackupRecoveryPointARN = recoveryPointOfOrders }),
		},
		"deletion protection of an instance": {
			Control: "RDS.8", Given: instance, Calls: once(modifyInstance), UndoCalls: once(modifyInstance),
			Fixed: after(instance, ofInstance("orders", func(i *lab.Instance) { i.DeletionProtection = true })),
			Moved: moveInstance(func(i *lab.Instance) { i.ResourceID = "db-ANOTHER" }),
		},
		"tags of an instance": {
			Control: "RDS.17", Given: instance, Calls: once(modifyInstance), UndoCalls: once(modifyInstance),
			Fixed: after(instance, ofInstance("orders", func(i *lab.Instance) { i.CopyTagsToSnapshot = true })),
			Moved: moveInstance(func(i *lab.Instance) { i.ResourceID = "db-ANOTHER" }),
		},
		"standby, at once": {
			Control: "RDS.5", Given: standby, Calls: once(modifyInstance), UndoCalls: once(modifyInstance),
			Fixed: after(standby, ofInstance("orders", func(i *lab.Instance) { i.MultiAZ = true })),
			Moved: moveInstance(func(i *lab.Instance) { i.PendingClass = "db.r6g.xlarge" }),
		},
		"public snapshot of an instance": {
			Control: "RDS.1", Given: snapshots, Calls: once(shareSnapshot), UndoCalls: once(shareSnapshot),
			Fixed: after(snapshots, func(e *everything) {
				s := e.OfInstances["open"]
				s.SharedWith = []string{"444455556666"}
				e.OfInstances["open"] = s
			}),
			Moved: func(b *applytest.Bench) {
				b.Region.ChangeDBSnapshot("open", func(s *lab.DBSnapshot) { s.CreateTime = s.CreateTime.Add(time.Hour) })
			},
		},
		"public snapshot of a cluster": {
			Control: "RDS.1", Given: clusterSnapshots, Calls: once(shareClusterSnapshot), UndoCalls: once(shareClusterSnapshot),
			Fixed: after(clusterSnapshots, func(e *everything) {
				s := e.Snapshots["open"]
				s.SharedWith = []string{"444455556666"}
				e.Snapshots["open"] = s
			}),
			Moved: func(b *applytest.Bench) {
				b.Region.ChangeSnapshot("open", func(s *lab.Snapshot) { s.CreateTime = s.CreateTime.Add(time.Hour) })
			},
		},
	} {
		c.State = state
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			applytest.Contract(t, c)
		})
	}
}
