package lab

import (
	"slices"
	"strings"
	"time"
)

// Keys of the two parts of a listing of clusters: those that were added, then those that are generated.
const (
	addedKey     = "a:"
	generatedKey = "g:"
)

func describeClusters(c *call) *Error {
	filters, refused := c.params.filters("clone-group-id", "db-cluster-id", "db-cluster-resource-id", "domain", "engine")
	if refused != nil {
		return refused
	}
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	c.out.raw("<DBClusters>")
	if id := c.params["DBClusterIdentifier"]; id != "" {
		if !c.describeOneCluster(c.local(id, "cluster"), filters) {
			return clusterNotFound(id)
		}
	} else {
		if !strings.HasPrefix(page.from, generatedKey) {
			c.listAdded(page, filters)
		}
		if c.region.scale != nil && !page.more {
			c.listGenerated(page, filters)
		}
	}
	c.out.raw("</DBClusters>")
	page.marker(&c.out)
	return nil
}

func (c *call) wantsCluster(cl *Cluster, filters map[string][]string) bool {
	return len(filters) == 0 || oneOf(filters, "engine", cl.Engine) && oneOf(filters, "db-cluster-resource-id", cl.ResourceID) &&
		c.named(filters, "db-cluster-id", "cluster", cl.ID) && filters["clone-group-id"] == nil && filters["domain"] == nil
}

func (c *call) describeOneCluster(id string, filters map[string][]string) bool {
	c.region.tickRename(id, c.now, true)
	cl, ok := c.region.clusters.get(id)
	if !ok && c.region.scale != nil {
		if g, ok := c.region.scale.byID(c.region, id); ok {
			c.writeCluster("DBCluster", &cluster{Cluster: g})
			return true
		}
	}
	if !ok || !c.see(cl) {
		return false
	}
	if c.wantsCluster(&cl.Cluster, filters) {
		c.writeCluster("DBCluster", cl)
	}
	return true
}

// see lets time pass for a cluster that is described; it tells whether the cluster is still there.
func (c *call) see(cl *cluster) bool {
	id := cl.ID
	c.region.tickMembers(cl, c.now, true)
	cl.life.tick(c.now, true)
	still, ok := c.region.clusters.get(id)
	return ok && still == cl
}

func (c *call) listAdded(page *listing, filters map[string][]string) {
	for key, cl := range c.region.clusters.after(strings.TrimPrefix(page.from, addedKey)) {
		if s := c.region.scale; s != nil {
			if i, generated := s.index(key); generated && s.adopted[i] {
				continue
			}
		}
		if !c.wantsCluster(&cl.Cluster, filters) {
			continue
		}
		if !page.take(addedKey + key) {
			return
		}
		if c.see(cl) {
			c.writeCluster("DBCluster", cl)
		}
	}
}

func (c *call) listGenerated(page *listing, filters map[string][]string) {
	s := c.region.scale
	from := 0
	if rest, ok := strings.CutPrefix(page.from, generatedKey); ok {
		if i, ok := s.index(rest); ok {
			from = i + 1
		}
	}
	var scratch cluster
	for i := from; i < s.Clusters; i++ {
		cl := &scratch
		if s.adopted[i] {
			own, ok := c.region.clusters.get(s.Prefix + string(appendIndex(nil, i)))
			if !ok {
				continue
			}
			cl = own
		} else {
			s.at(c.region, i, &scratch.Cluster)
		}
		if !c.wantsCluster(&cl.Cluster, filters) {
			continue
		}
		if !page.take(generatedKey + cl.ID) {
			return
		}
		if cl == &scratch || c.see(cl) {
			c.writeCluster("DBCluster", cl)
		}
	}
}

// writeCluster writes a cluster as the given element.
func (c *call) writeCluster(tag string, cl *cluster) {
	c.oddly(cl.ID, cl.Odd, func() { c.writeClusterMembers(tag, cl) })
}

func (c *call) writeClusterMembers(tag string, cl *cluster) {
	w, r := &c.out, c.region
	facts, _ := engine(cl.Engine)
	w.open(tag)
	w.int("AllocatedStorage", 1)
	w.list("AvailabilityZones", "AvailabilityZone", cl.AvailabilityZones)
	w.int("BackupRetentionPeriod", cl.BackupRetentionPeriod)
	w.text("DBClusterIdentifier", cl.ID)
	w.text("DBClusterParameterGroup", cl.ParameterGroup)
	w.text("DBSubnetGroup", cl.SubnetGroup)
	w.text("Status", cl.Status)
	w.text("Engine", cl.Engine)
	w.text("EngineVersion", cl.EngineVersion)
	w.str("EngineMode", cl.EngineMode)
	w.str("DatabaseName", cl.DatabaseName)
	w.str("MasterUsername", cl.MasterUsername)
	c.writeEndpoint("Endpoint", cl.ID, ".cluster-", facts.host)
	c.writeEndpoint("ReaderEndpoint", cl.ID, ".cluster-ro-", facts.host)
	w.bool("MultiAZ", cl.MultiAZ)
	w.int("Port", cl.Port)
	w.text("PreferredBackupWindow", cl.PreferredBackupWindow)
	w.text("PreferredMaintenanceWindow", cl.PreferredMaintenanceWindow)
	w.text("HostedZoneId", "Z1HOLDFAST")
	w.bool("StorageEncrypted", cl.StorageEncrypted)
	w.str("KmsKeyId", cl.KMSKeyID)
	w.text("DbClusterResourceId", cl.ResourceID)
	c.writeARN("DBClusterArn", "cluster:", cl.ID)
	w.bool("IAMDatabaseAuthenticationEnabled", cl.IAMAuth)
	w.time("ClusterCreateTime", cl.CreateTime)
	w.list("EnabledCloudwatchLogsExports", "member", cl.LogExports)
	w.bool("DeletionProtection", cl.DeletionProtection)
	w.bool("HttpEndpointEnabled", false)
	w.bool("CopyTagsToSnapshot", cl.CopyTagsToSnapshot)
	w.bool("CrossAccountClone", cl.CrossAccountClone)
	w.bool("AutoMinorVersionUpgrade", true)
	w.str("StorageType", cl.StorageType)
	w.text("NetworkType", "IPV4")
	w.str("ReplicationSourceIdentifier", cl.ReplicationSource)
	w.str("AwsBackupRecoveryPointArn", cl.AWSBackupRecoveryPointARN)
	w.str("StorageEncryptionType", cl.StorageEncryptionType)
	if cl.Engine == "aurora-mysql" {
		w.int("BacktrackWindow", cl.BacktrackWindow)
	}
	if global := r.account.globalMember(r, cl.ID); global != "" {
		w.text("GlobalClusterIdentifier", global)
	}
	c.writeClusterTimes(cl)
	c.writeMembers(cl)
	c.writeClusterLinks(cl)
	if !w.twisted("PendingModifiedValues") {
		c.writePending(cl)
	}
	w.tags("TagList", cl.Tags)
	w.close(tag)
}

func (c *call) writeEndpoint(tag, id, kind, host string) {
	w := &c.out
	if w.twisted(tag) {
		return
	}
	w.open(tag)
	for _, part := range [...]string{id, kind, c.region.marks.hash, c.region.marks.host, host, ".", suffixOf(c.region.Name)} {
		w.raw(part)
	}
	w.close(tag)
}

func (c *call) writeARN(tag, kind, id string) {
	w := &c.out
	if w.twisted(tag) {
		return
	}
	w.open(tag)
	w.raw(c.region.marks.arn)
	w.raw(kind)
	w.escape(id)
	w.close(tag)
}

func (c *call) writeClusterTimes(cl *cluster) {
	earliest, latest := cl.restorable(c.now)
	c.out.time("EarliestRestorableTime", earliest)
	c.out.time("LatestRestorableTime", latest)
	if cl.Status == "stopped" {
		c.out.time("AutomaticRestartTime", cl.StoppedAt.Add(7*24*time.Hour))
	}
}

func (c *call) writeMembers(cl *cluster) {
	w := &c.out
	if w.twisted("DBClusterMembers") {
		return
	}
	w.raw("<DBClusterMembers>")
	for i := range cl.Members {
		m := &cl.Members[i]
		w.raw("<DBClusterMember>")
		w.text("DBInstanceIdentifier", m.ID)
		w.bool("IsClusterWriter", m.Writer)
		w.text("DBClusterParameterGroupStatus", m.ParameterStatus)
		w.int("PromotionTier", m.PromotionTier)
		w.raw("</DBClusterMember>")
	}
	w.raw("</DBClusterMembers>")
}

// writeClusterLinks writes what else a cluster is joined to.
func (c *call) writeClusterLinks(cl *cluster) {
	w := &c.out
	w.raw("<VpcSecurityGroups>")
	for _, group := range cl.SecurityGroups {
		w.raw("<VpcSecurityGroupMembership>")
		w.text("VpcSecurityGroupId", group)
		w.raw("<Status>active</Status></VpcSecurityGroupMembership>")
	}
	w.raw("</VpcSecurityGroups><AssociatedRoles>")
	for _, role := range cl.Roles {
		w.raw("<DBClusterRole>")
		w.text("RoleArn", role)
		w.raw("<Status>ACTIVE</Status></DBClusterRole>")
	}
	w.raw("</AssociatedRoles>")
	if cl.ServerlessMax > 0 {
		w.raw("<ServerlessV2ScalingConfiguration>")
		w.float("MinCapacity", cl.ServerlessMin)
		w.float("MaxCapacity", cl.ServerlessMax)
		w.raw("</ServerlessV2ScalingConfiguration>")
	}
}

// writePending writes the accepted values that are not effective.
func (c *call) writePending(cl *cluster) {
	p := cl.scheduled
	if !cl.lagging {
		p = cl.Pending.over(p)
	}
	if p.empty() {
		return
	}
	w := &c.out
	w.raw("<PendingModifiedValues>")
	if p.BackupRetentionPeriod != nil {
		w.int("BackupRetentionPeriod", *p.BackupRetentionPeriod)
	}
	if p.IAMAuth != nil {
		w.bool("IAMDatabaseAuthenticationEnabled", *p.IAMAuth)
	}
	if p.EnableLogs != nil || p.DisableLogs != nil {
		w.raw("<PendingCloudwatchLogsExports>")
		w.list("LogTypesToEnable", "member", slices.Sorted(slices.Values(p.EnableLogs)))
		w.list("LogTypesToDisable", "member", slices.Sorted(slices.Values(p.DisableLogs)))
		w.raw("</PendingCloudwatchLogsExports>")
	}
	w.str("EngineVersion", p.EngineVersion)
	w.str("DBClusterIdentifier", p.ID)
	w.raw("</PendingModifiedValues>")
}
