package lab

import (
	"net/http"
	"slices"
)

// ReplicationGroup returns an ElastiCache replication group as it is now.
func (r *Region) ReplicationGroup(id string) (ReplicationGroup, bool) {
	return held(r, &r.stores.groups, id)
}

// ChangeReplicationGroup changes a replication group behind the client's back.
func (r *Region) ChangeReplicationGroup(id string, change func(*ReplicationGroup)) bool {
	return changed(r, &r.stores.groups, id, change)
}

// CacheCluster returns an ElastiCache cluster as it is now.
func (r *Region) CacheCluster(id string) (CacheCluster, bool) { return held(r, &r.stores.caches, id) }

// ChangeCacheCluster changes a cache cluster behind the client's back.
func (r *Region) ChangeCacheCluster(id string, change func(*CacheCluster)) bool {
	return changed(r, &r.stores.caches, id, change)
}

// nodes writes the nodes of a group. Only without cluster mode AWS tells which of them is the primary.
func (w *xmlWriter) nodes(g *ReplicationGroup) {
	w.raw("<MemberClusters>")
	for _, node := range g.Nodes {
		w.text("ClusterId", node)
	}
	w.raw("</MemberClusters><NodeGroups><NodeGroup><NodeGroupId>0001</NodeGroupId><NodeGroupMembers>")
	for i, node := range g.Nodes {
		w.raw("<NodeGroupMember>")
		w.text("CacheClusterId", node)
		switch {
		case g.ClusterMode:
		case i == 0:
			w.text("CurrentRole", "primary")
		default:
			w.text("CurrentRole", "replica")
		}
		w.raw("</NodeGroupMember>")
	}
	w.raw("</NodeGroupMembers></NodeGroup></NodeGroups>")
}

func modifyReplicationGroup(c *call) *Error {
	id, refused := c.params.required("ReplicationGroupId")
	if refused != nil {
		return refused
	}
	g, ok := c.region.stores.groups.get(id)
	if !ok {
		return refuse(http.StatusNotFound, "ReplicationGroupNotFoundFault", "ReplicationGroup %s not found.", id)
	}
	days, refused := c.params.between("SnapshotRetentionLimit", 0, 35)
	if refused != nil {
		return refused
	}
	maker := c.params["SnapshottingClusterId"]
	switch {
	case g.Status != "available":
		return refuse(http.StatusBadRequest, "InvalidReplicationGroupState", "Replication group %s is %s.", g.ID, g.Status)
	case maker != "" && g.ClusterMode:
		return refuse(http.StatusBadRequest, "InvalidParameterCombination", "SnapshottingClusterId cannot be set with cluster mode.")
	case maker != "" && !slices.Contains(g.Nodes, maker):
		return refuse(http.StatusBadRequest, "InvalidParameterValue", "%s is no member of %s.", maker, g.ID)
	case days != nil && *days > 0 && !g.ClusterMode && g.NodeType == "cache.t1.micro":
		return refuse(http.StatusBadRequest, "InvalidParameterCombination", "Backups are not supported on cache.t1.micro.")
	case days != nil && *days > 0 && !g.ClusterMode && maker == "" && g.Snapshotting == "":
		return refuse(http.StatusBadRequest, "InvalidParameterCombination", "SnapshottingClusterId must be set to turn backups on.")
	}
	if days != nil {
		g.RetentionLimit = *days
	}
	setDefault(&g.Snapshotting, maker)
	c.out.raw("<ReplicationGroup>")
	c.out.text("ReplicationGroupId", g.ID)
	c.out.raw("</ReplicationGroup>")
	return nil
}

func modifyCacheCluster(c *call) *Error {
	id, refused := c.params.required("CacheClusterId")
	if refused != nil {
		return refused
	}
	k, ok := c.region.stores.caches.get(id)
	if !ok {
		return refuse(http.StatusNotFound, "CacheClusterNotFound", "CacheCluster not found: %s", id)
	}
	days, refused := c.params.between("SnapshotRetentionLimit", 0, 35)
	if refused != nil {
		return refused
	}
	switch {
	case k.Status != "available":
		return refuse(http.StatusBadRequest, "InvalidCacheClusterState", "Cache cluster %s is %s.", k.ID, k.Status)
	case days != nil && (k.Group != "" || k.Engine == "memcached" || k.NodeType == "cache.t1.micro"):
		return refuse(http.StatusBadRequest, "InvalidParameterCombination", "Backups of %s are not its own to set.", k.ID)
	}
	if days != nil {
		k.RetentionLimit = *days
	}
	c.out.raw("<CacheCluster>")
	c.out.text("CacheClusterId", k.ID)
	c.out.raw("</CacheCluster>")
	return nil
}
