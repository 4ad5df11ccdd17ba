package lab

import "time"

// ReplicationGroup is an ElastiCache replication group.
type ReplicationGroup struct {
	ID             string
	Engine         string // redis unless set, or valkey
	RetentionLimit int    // days, 0 for no backups
	ClusterMode    bool
	NodeType       string   // cache.t4g.small unless set
	Nodes          []string // clusters of the group, the primary first
	Snapshotting   string   // the node that makes the backups
	Created        time.Time
	Status         string // available unless set
}

// CacheCluster is an ElastiCache cluster that belongs to no group, or a member of one.
type CacheCluster struct {
	ID             string
	Engine         string // redis unless set, valkey or memcached
	NodeType       string
	Group          string
	RetentionLimit int
	Created        time.Time
	Status         string
}

// AddReplicationGroup puts a replication group into the region.
func (r *Region) AddReplicationGroup(g ReplicationGroup) *Region {
	setDefault(&g.Engine, "redis")
	setDefault(&g.NodeType, "cache.t4g.small")
	setDefault(&g.Status, "available")
	return add(r, &r.stores.groups, g.ID, g)
}

// AddCacheCluster puts a cache cluster into the region.
func (r *Region) AddCacheCluster(k CacheCluster) *Region {
	setDefault(&k.Engine, "redis")
	setDefault(&k.Status, "available")
	setDefault(&k.NodeType, "cache.t4g.small")
	return add(r, &r.stores.caches, k.ID, k)
}

func elasticacheService() service {
	return service{
		protocol: queryProtocol{version: "2015-02-02", namespace: "http://elasticache.amazonaws.com/doc/2015-02-02/"},
		operations: map[string]operation{
			"DescribeCacheClusters":     inRegion(describeCacheClusters),
			"DescribeReplicationGroups": inRegion(describeReplicationGroups),
			"ModifyCacheCluster":        inRegion(modifyCacheCluster),
			"ModifyReplicationGroup":    inRegion(modifyReplicationGroup),
		},
	}
}

func describeReplicationGroups(c *call) *Error {
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	only, refused := sought(c, &c.region.stores.groups, "ReplicationGroupId", "ReplicationGroupNotFoundFault")
	if refused != nil {
		return refused
	}
	w := &c.out
	w.raw("<ReplicationGroups>")
	for key, g := range c.region.stores.groups.after(page.from) {
		if only != "" && key != only {
			continue
		}
		if !page.take(key) {
			break
		}
		c.oddly(key, nil, func() {
			w.raw("<ReplicationGroup>")
			w.text("ReplicationGroupId", g.ID)
			w.text("ARN", c.region.arnOf("elasticache", "replicationgroup:"+g.ID))
			w.text("Status", g.Status)
			w.text("Engine", g.Engine)
			w.bool("ClusterEnabled", g.ClusterMode)
			w.int("SnapshotRetentionLimit", g.RetentionLimit)
			w.text("CacheNodeType", g.NodeType)
			w.str("SnapshottingClusterId", g.Snapshotting)
			w.time("ReplicationGroupCreateTime", g.Created)
			w.nodes(g)
			w.raw("</ReplicationGroup>")
		})
	}
	w.raw("</ReplicationGroups>")
	page.marker(w)
	return nil
}

func describeCacheClusters(c *call) *Error {
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	alone, refused := c.flag("ShowCacheClustersNotInReplicationGroups")
	if refused != nil {
		return refused
	}
	only, refused := sought(c, &c.region.stores.caches, "CacheClusterId", "CacheClusterNotFound")
	if refused != nil {
		return refused
	}
	w := &c.out
	w.raw("<CacheClusters>")
	for key, k := range c.region.stores.caches.after(page.from) {
		if alone && k.Group != "" {
			continue
		}
		if only != "" && key != only {
			continue
		}
		if !page.take(key) {
			break
		}
		c.oddly(key, nil, func() {
			w.raw("<CacheCluster>")
			w.text("CacheClusterId", k.ID)
			w.text("ARN", c.region.arnOf("elasticache", "cluster:"+k.ID))
			w.text("CacheClusterStatus", k.Status)
			w.text("Engine", k.Engine)
			w.text("CacheNodeType", k.NodeType)
			w.str("ReplicationGroupId", k.Group)
			w.int("SnapshotRetentionLimit", k.RetentionLimit)
			w.time("CacheClusterCreateTime", k.Created)
			w.raw("</CacheCluster>")
		})
	}
	w.raw("</CacheClusters>")
	page.marker(w)
	return nil
}
