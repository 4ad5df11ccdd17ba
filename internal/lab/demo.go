package lab

import "time"

// Accounts of the demo: production, staging and a third one that belongs to partners.
const (
	DemoProduction = "111122223333"
	DemoStaging    = "444455556666"
	DemoPartners   = "777788889999"
)

// Demo is a small organisation to show the work on: three accounts, four regions, a dozen Neptune clusters among which
// every one of the controls Neptune.1 to Neptune.9 fails somewhere, and neighbours of other engines that no Neptune
// control may touch. In production a role HoldfastAudit can be assumed from everywhere; in the other accounts any role.
func Demo(clock func() time.Time) *World {
	w := NewWorld(clock)
	w.Account(DemoProduction).AddRole(Role{Name: "HoldfastAudit"}).AddRole(Role{Name: "HoldfastFix", ExternalID: "holdfast-demo"})
	demoDublin(w.Account(DemoProduction).Region("eu-west-1"))
	demoFrankfurt(w.Account(DemoProduction).Region("eu-central-1"))
	demoVirginia(w)
	demoStaging(w.Account(DemoStaging).Region("eu-west-1"))
	demoSandbox(w.Account(DemoStaging).Region("us-east-1"))
	demoPartners(w.Account(DemoPartners).Region("ap-southeast-2"))
	return w
}

// sound is a Neptune cluster that passes every control.
func sound(id string) Cluster {
	return Cluster{ID: id, BackupRetentionPeriod: 14, DeletionProtection: true, CopyTagsToSnapshot: true, IAMAuth: true,
		StorageEncrypted: true, LogExports: []string{"audit"}, ParameterGroup: "audited", SubnetGroup: "data",
		Zones: []string{"a", "b"}, Tags: Tags{"env": "prod", "team": "graph"}}
}

// with changes a cluster that is sound otherwise.
func with(c Cluster, change func(*Cluster)) Cluster {
	change(&c)
	return c
}

// furnish gives a region what its clusters lean on.
func furnish(r *Region) *Region {
	r.AddKey(Key{Alias: "alias/graph"})
	return r.AddSubnetGroup(SubnetGroup{Name: "data", Zones: zonesOf(r.Name)}).
		AddParameterGroup(ParameterGroup{Name: "audited", Family: "neptune1.3", Description: "Neptune with audit log",
			Values: map[string]string{"neptune_enable_audit_log": "1"}})
}

func demoDublin(r *Region) {
	furnish(r).
		AddCluster(sound("catalog-graph")).
		AddCluster(with(sound("orders-graph"), func(c *Cluster) { c.BackupRetentionPeriod = 1 })).
		AddCluster(with(sound("fraud-graph"), func(c *Cluster) { c.DeletionProtection, c.CopyTagsToSnapshot = false, false })).
		AddCluster(with(sound("identity-graph"), func(c *Cluster) { c.IAMAuth = false })).
		AddCluster(with(sound("search-graph"), func(c *Cluster) {
			c.LogExports, c.ParameterGroup, c.Zones = nil, "", []string{"a"}
		})).
		AddCluster(Cluster{ID: "shop-sql", Engine: "aurora-mysql", StorageEncrypted: true, Zones: []string{"a", "b"},
			Tags: Tags{"env": "prod", "team": "shop"}}).
		AddCluster(Cluster{ID: "sessions-docdb", Engine: "docdb", StorageEncrypted: true, Zones: []string{"c"},
			Tags: Tags{"env": "prod", "team": "web"}}).
		AddInstance(Instance{ID: "billing-mysql", Engine: "mysql", Class: "db.t4g.medium", BackupRetentionPeriod: 7, AllocatedStorage: 100}).
		AddSnapshot(Snapshot{ID: "orders-graph-monthly", ClusterID: "orders-graph", Tags: Tags{"env": "prod"}}).
		AddSnapshot(Snapshot{ID: "rds:orders-graph-2026-11-20-02-03", ClusterID: "orders-graph", Type: "automated"}).
		AddSnapshot(Snapshot{ID: "shop-sql-open", Engine: "aurora-mysql", SharedWith: []string{"all"}})
}

func demoFrankfurt(r *Region) {
	furnish(r).
		AddCluster(with(sound("legacy-graph"), func(c *Cluster) { c.StorageEncrypted = false })).
		AddCluster(with(sound("reports-graph"), func(c *Cluster) { c.BackupRetentionPeriod, c.Status = 1, "stopped" })).
		AddCluster(Cluster{ID: "warehouse-pg", Engine: "aurora-postgresql", BackupRetentionPeriod: 1, Zones: []string{"a"},
			Tags: Tags{"env": "prod", "team": "data"}}).
		AddSnapshot(Snapshot{ID: "legacy-graph-before-upgrade", ClusterID: "legacy-graph"}).
		AddSnapshot(Snapshot{ID: "legacy-graph-handover", ClusterID: "legacy-graph", SharedWith: []string{DemoPartners}}).
		AddSnapshot(Snapshot{ID: "open-data", ClusterID: "legacy-graph", SharedWith: []string{DemoPartners, "all"},
			Tags: Tags{"team": "graph"}}).
		AddSnapshot(Snapshot{ID: "rds:legacy-graph-2026-11-20-02-07", ClusterID: "legacy-graph", Type: "automated"})
}

// demoVirginia holds the second half of a global database.
func demoVirginia(w *World) {
	a := w.Account(DemoProduction)
	r := furnish(a.Region("us-east-1"))
	r.AddCluster(with(sound("orders-graph-us"), func(c *Cluster) { c.BackupRetentionPeriod = 3 }))
	a.AddGlobalCluster(GlobalCluster{ID: "orders-world", StorageEncrypted: true,
		Members: []string{a.Region("eu-west-1").ARN("cluster", "orders-graph"), r.ARN("cluster", "orders-graph-us")}})
}

func demoStaging(r *Region) {
	furnish(r).
		AddCluster(Cluster{ID: "orders-graph-staging", Zones: []string{"a"}, Tags: Tags{"env": "staging", "team": "graph"}}).
		AddCluster(with(sound("catalog-graph-staging"), func(c *Cluster) {
			c.ParameterGroup, c.BackupRetentionPeriod = "", 7 // exports an audit log that nothing is written to
			c.Tags = Tags{"env": "staging", "team": "graph"}
		})).
		AddCluster(with(sound("import-graph-staging"), func(c *Cluster) { // somebody's change never ends here
			c.Status, c.BackupRetentionPeriod = "modifying", 2
			c.Tags = Tags{"env": "staging", "aws:cloudformation:stack-name": "import"}
		})).
		AddCluster(Cluster{ID: "shop-sql-staging", Engine: "aurora-mysql", Zones: []string{"a"}, Tags: Tags{"env": "staging"}})
}

// demoSandbox holds what somebody would accept an exception for.
func demoSandbox(r *Region) {
	furnish(r).
		AddCluster(with(sound("playground-graph"), func(c *Cluster) {
			c.BackupRetentionPeriod, c.DeletionProtection, c.Zones = 1, false, []string{"a"}
			c.Tags = Tags{"env": "sandbox", "owner": "graph-guild"}
		})).
		AddSnapshot(Snapshot{ID: "playground-start", ClusterID: "playground-graph", Tags: Tags{"env": "sandbox"}})
}

func demoPartners(r *Region) {
	furnish(r).
		AddCluster(with(sound("partner-graph"), func(c *Cluster) {
			c.BackupRetentionPeriod, c.CopyTagsToSnapshot, c.Zones = 5, false, []string{"a", "a"}
		})).
		AddCluster(Cluster{ID: "partner-docdb", Engine: "docdb", BackupRetentionPeriod: 2, Zones: []string{"b"}}).
		AddSnapshot(Snapshot{ID: "public-sample", Engine: "aurora-postgresql", SharedWith: []string{"all"}})
}
