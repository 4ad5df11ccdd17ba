package lab

import "time"

// startCluster starts a stopped cluster and its instances.
func startCluster(c *call) *Error {
	cl, refused := c.cluster("DBClusterIdentifier")
	if refused != nil {
		return refused
	}
	if cl.Status != "stopped" {
		return clusterState("DbCluster %s is in %s state but expected it to be one of stopped,inaccessible-encryption-credentials-recoverable.", cl.ID, cl.Status)
	}
	c.turn(cl, "starting", "available", func(*Region) { cl.StoppedAt = time.Time{} })
	return nil
}

// stopCluster stops a running cluster and its instances.
func stopCluster(c *call) *Error {
	cl, refused := c.cluster("DBClusterIdentifier")
	if refused != nil {
		return refused
	}
	switch {
	case cl.Status != "available":
		return clusterState("DbCluster %s is in %s state but expected it to be one of available.", cl.ID, cl.Status)
	case c.region.account.globalMember(c.region, cl.ID) != "":
		return clusterState("DB cluster %s is a member of a global cluster and cannot be stopped.", cl.ID)
	}
	c.turn(cl, "stopping", "stopped", func(r *Region) { cl.StoppedAt = r.now() })
	return nil
}

// turn takes a cluster with its instances through one status into another.
func (c *call) turn(cl *cluster, through, to string, then func(*Region)) {
	c.region.allMembers(cl, through)
	cl.Status = through
	c.later(&cl.life, func(r *Region) {
		cl.Status = to
		r.allMembers(cl, to)
		then(r)
	})
	c.wrote("cluster", cl.ID)
	c.writeCluster("DBCluster", cl)
}

func (r *Region) allMembers(cl *cluster, status string) {
	for _, m := range cl.Members {
		if in, ok := r.instances.get(m.ID); ok {
			in.Status = status
		}
	}
}

func deleteCluster(c *call) *Error {
	cl, refused := c.cluster("DBClusterIdentifier")
	if refused != nil {
		return refused
	}
	skip, refused := c.flag("SkipFinalSnapshot")
	if refused != nil {
		return refused
	}
	final := c.params["FinalDBSnapshotIdentifier"]
	switch {
	case cl.DeletionProtection:
		return invalidCombination("Cannot delete protected Cluster, please disable deletion protection and try again.")
	case !skip && final == "":
		return invalidCombination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
	case skip && final != "":
		return invalidCombination("FinalDBSnapshotIdentifier cannot be specified when deleting a cluster and SkipFinalSnapshot is specified.")
	case c.region.account.globalMember(c.region, cl.ID) != "":
		return clusterState("This cluster is a part of a global cluster, please remove it from globalcluster first")
	case cl.Status != "available":
		return clusterState("DB cluster %s cannot be deleted while it is %s.", cl.ID, cl.Status)
	}
	for _, m := range cl.Members {
		if in, ok := c.region.instances.get(m.ID); ok && in.Status != "deleting" {
			return clusterState("Cluster cannot be deleted, it still contains DB instances in non-deleting state.")
		}
	}
	if final != "" {
		if refused := c.finalSnapshot(cl); refused != nil {
			return refused
		}
	}
	cl.Status = "deleting"
	c.later(&cl.life, func(r *Region) {
		r.clusters.remove(cl.ID)
		for id, s := range r.snapshots.all() {
			if s.ClusterID == cl.ID && s.Type == "automated" { // only manual ones outlive their cluster
				r.snapshots.remove(id)
			}
		}
	})
	c.wrote("cluster", cl.ID)
	c.writeCluster("DBCluster", cl)
	return nil
}

// finalSnapshot takes the snapshot that is left of a deleted cluster.
func (c *call) finalSnapshot(cl *cluster) *Error {
	id, refused := c.freeSnapshotID("FinalDBSnapshotIdentifier")
	if refused != nil {
		return refused
	}
	tags := Tags{}
	if cl.CopyTagsToSnapshot {
		tags = cl.Tags.clone()
	}
	s := c.region.snapshotOf(cl, id, tags)
	s.Type, s.Status, s.CreateTime = "manual", "available", c.now
	c.region.snapshots.put(id, &snapshot{Snapshot: s})
	return nil
}
