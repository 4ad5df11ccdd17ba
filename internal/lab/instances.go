package lab

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func describeInstances(c *call) *Error {
	filters, refused := c.params.filters("db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine")
	if refused != nil {
		return refused
	}
	page, refused := newListing(c)
	if refused != nil {
		return refused
	}
	c.out.raw("<DBInstances>")
	if id := c.params["DBInstanceIdentifier"]; id != "" {
		in, ok := c.region.instanceByID(c.local(id, "db"))
		if !ok || !c.seeInstance(in) {
			return instanceNotFound(id)
		}
		if c.wantsInstance(in, filters) {
			c.writeInstance(in)
		}
	} else {
		if !strings.HasPrefix(page.from, generatedKey) {
			c.listInstances(page, filters)
		}
		if c.region.scale != nil && !page.more {
			c.listGeneratedInstances(page, filters)
		}
	}
	c.out.raw("</DBInstances>")
	page.marker(&c.out)
	return nil
}

func (c *call) wantsInstance(in *instance, filters map[string][]string) bool {
	return len(filters) == 0 || oneOf(filters, "engine", in.Engine) && oneOf(filters, "dbi-resource-id", in.ResourceID) &&
		c.named(filters, "db-cluster-id", "cluster", in.ClusterID) && c.named(filters, "db-instance-id", "db", in.ID) &&
		filters["domain"] == nil
}

func (c *call) seeInstance(in *instance) bool {
	in.life.tick(c.now, true)
	_, ok := c.region.instances.get(in.ID)
	return ok
}

func (c *call) listInstances(page *listing, filters map[string][]string) {
	for key, in := range c.region.instances.after(strings.TrimPrefix(page.from, addedKey)) {
		if !c.wantsInstance(in, filters) {
			continue
		}
		if !page.take(addedKey + key) {
			return
		}
		if c.seeInstance(in) {
			c.writeInstance(in)
		}
	}
}

// listGeneratedInstances lists the members of generated clusters; those of adopted ones are listed with the others.
func (c *call) listGeneratedInstances(page *listing, filters map[string][]string) {
	s := c.region.scale
	from := 0
	last, after := strings.CutPrefix(page.from, generatedKey)
	if at := strings.LastIndexByte(last, '-'); after && at > 0 {
		from, _ = s.index(last[:at])
	}
	var cl Cluster
	for i := from; i < s.Clusters; i++ {
		if s.adopted[i] {
			continue
		}
		s.at(c.region, i, &cl)
		for m := range cl.Members {
			in := c.region.shape(s.instance(c.region, &cl, m), &cl)
			if after && in.ID <= last || !c.wantsInstance(in, filters) {
				continue
			}
			if !page.take(generatedKey + in.ID) {
				return
			}
			c.writeInstance(in)
		}
	}
}

// shape completes a generated instance without putting it into the region.
func (r *Region) shape(i Instance, cl *Cluster) *instance {
	facts, _ := engine(i.Engine)
	i.Class, i.Status, i.PromotionTier, i.AllocatedStorage = facts.class, "available", 1, 1
	i.ResourceID = "db-G" + strings.ToUpper(letters(r.account.ID+i.ID, 25))
	i.ParameterGroup = "default." + family(i.Engine, i.EngineVersion)
	i.PreferredBackupWindow, i.PreferredMaintenanceWindow = cl.PreferredBackupWindow, cl.PreferredMaintenanceWindow
	i.StorageEncrypted, i.KMSKeyID = cl.StorageEncrypted, cl.KMSKeyID
	return &instance{Instance: i}
}

func (c *call) writeInstance(in *instance) {
	c.oddly(in.ID, in.Odd, func() {
		w := &c.out
		facts, _ := engine(in.Engine)
		retention, window, port := in.BackupRetentionPeriod, in.PreferredBackupWindow, facts.port
		if cl, ok := c.region.clusters.get(in.ClusterID); ok { // a member echoes these of its cluster
			retention, window, port = cl.BackupRetentionPeriod, cl.PreferredBackupWindow, cl.Port
		}
		w.open("DBInstance")
		w.text("DBInstanceIdentifier", in.ID)
		w.text("DBInstanceClass", in.Class)
		w.text("Engine", in.Engine)
		w.text("EngineVersion", in.EngineVersion)
		w.text("DBInstanceStatus", in.Status)
		w.str("DBClusterIdentifier", in.ClusterID)
		w.text("DbiResourceId", in.ResourceID)
		c.writeARN("DBInstanceArn", "db:", in.ID)
		w.str("AvailabilityZone", in.Zone)
		w.int("AllocatedStorage", in.AllocatedStorage)
		w.time("InstanceCreateTime", in.CreateTime)
		w.int("BackupRetentionPeriod", retention)
		w.text("PreferredBackupWindow", window)
		w.text("PreferredMaintenanceWindow", in.PreferredMaintenanceWindow)
		w.bool("MultiAZ", in.MultiAZ)
		w.bool("AutoMinorVersionUpgrade", true)
		w.bool("PubliclyAccessible", false)
		w.text("StorageType", storageOf(in))
		w.int("DbInstancePort", 0)
		w.bool("StorageEncrypted", in.StorageEncrypted)
		w.str("KmsKeyId", in.KMSKeyID)
		w.bool("IAMDatabaseAuthenticationEnabled", in.IAMAuth)
		w.bool("DeletionProtection", in.DeletionProtection)
		w.bool("CopyTagsToSnapshot", in.CopyTagsToSnapshot)
		w.text("LicenseModel", licenceOf(in.Engine))
		if in.ClusterID != "" {
			w.int("PromotionTier", in.PromotionTier)
		}
		if in.Status != "creating" {
			w.raw("<Endpoint>")
			c.writeEndpoint("Address", in.ID, ".", facts.host)
			w.int("Port", port)
			w.raw("<HostedZoneId>Z1HOLDFAST</HostedZoneId></Endpoint>")
		}
		w.raw("<DBParameterGroups><DBParameterGroup>")
		w.text("DBParameterGroupName", in.ParameterGroup)
		w.raw("<ParameterApplyStatus>in-sync</ParameterApplyStatus></DBParameterGroup></DBParameterGroups>")
		if g, ok := c.region.subnets.get("default"); ok {
			c.writeSubnetGroup(g)
		}
		c.writeReplication(in, retention)
		c.writePendingInstance(in)
		w.tags("TagList", in.Tags)
		w.close("DBInstance")
	})
}

// writeReplication writes where backups go, what an instance replicates and what replicates it, and how far it can be
// restored. An instance without automated backups has no restorable time.
func (c *call) writeReplication(in *instance, retention int) {
	w := &c.out
	w.str("BackupTarget", in.BackupTarget)
	w.str("AwsBackupRecoveryPointArn", in.AWSBackupRecoveryPointARN)
	w.str("StorageEncryptionType", in.StorageEncryptionType)
	w.str("ReadReplicaSourceDBInstanceIdentifier", in.ReplicaOf)
	w.str("ReadReplicaSourceDBClusterIdentifier", in.ReplicaOfCluster)
	w.str("ReplicaMode", in.ReplicaMode)
	var replicas []string
	for id, other := range c.region.instances.all() {
		if other.ReplicaOf != "" && strings.EqualFold(other.ReplicaOf, in.ID) {
			replicas = append(replicas, id)
		}
	}
	w.list("ReadReplicaDBInstanceIdentifiers", "ReadReplicaDBInstanceIdentifier", replicas)
	if in.ClusterID == "" && retention > 0 && in.Status == "available" {
		w.time("LatestRestorableTime", c.now.Add(-5*time.Minute))
	}
	if in.Status == "stopped" {
		w.time("AutomaticRestartTime", c.now.Add(6*24*time.Hour))
	}
}

func (c *call) writePendingInstance(in *instance) {
	if in.Pending == nil && in.PendingMultiAZ == nil && in.PendingClass == "" {
		return
	}
	w := &c.out
	w.raw("<PendingModifiedValues>")
	if in.Pending != nil {
		w.int("BackupRetentionPeriod", *in.Pending)
	}
	if in.PendingMultiAZ != nil {
		w.bool("MultiAZ", *in.PendingMultiAZ)
	}
	w.str("DBInstanceClass", in.PendingClass)
	w.raw("</PendingModifiedValues>")
}

func storageOf(in *instance) string {
	if in.ClusterID == "" {
		return "gp3"
	}
	return "aurora"
}

func createInstance(c *call) *Error {
	id, refused := c.newID("DBInstanceIdentifier")
	if refused != nil {
		return refused
	}
	in, refused := c.wantedInstance(id)
	if refused != nil {
		return refused
	}
	if _, taken := c.region.instanceByID(id); taken {
		return alreadyExists("DBInstanceAlreadyExists", "DB Instance", id)
	}
	in.Status, in.CreateTime = "creating", c.now
	made := c.region.addInstance(in)
	if c.params["PromotionTier"] == "0" { // an Instance takes zero for "not set"
		c.region.promote(made, 0)
	}
	c.later(&made.life, func(r *Region) {
		made.Status = "available"
		if cl, ok := r.clusters.get(made.ClusterID); ok {
			r.spread(cl)
		}
	})
	c.wrote("db", id)
	c.writeInstance(made)
	return nil
}

// wantedInstance reads and judges what a CreateDBInstance request asks for.
func (c *call) wantedInstance(id string) (in Instance, refused *Error) {
	in = Instance{ID: id, ClusterID: strings.ToLower(c.params["DBClusterIdentifier"]), Zone: c.params["AvailabilityZone"],
		EngineVersion: c.params["EngineVersion"], ParameterGroup: c.params["DBParameterGroupName"]}
	if in.Class, refused = c.params.required("DBInstanceClass"); refused != nil {
		return in, refused
	}
	if in.Engine, refused = c.params.required("Engine"); refused != nil {
		return in, refused
	}
	tier, refused := c.params.between("PromotionTier", 0, 15)
	if refused != nil {
		return in, refused
	}
	if tier != nil {
		in.PromotionTier = *tier
	}
	if in.Tags, refused = c.params.tags(); refused != nil {
		return in, refused
	}
	if !slices.Contains(classesOf(in.Engine), in.Class) {
		return in, invalidCombination("RDS does not support creating a DB instance with the following combination: DBInstanceClass=%s, Engine=%s.", in.Class, in.Engine)
	}
	if in.ClusterID == "" {
		return c.standalone(in)
	}
	return c.member(in)
}

// member judges an instance that is to join a cluster, and gives it a zone: that asked for, or the one with the fewest
// members.
func (c *call) member(in Instance) (Instance, *Error) {
	cl, ok := c.region.clusterByID(in.ClusterID)
	if !ok {
		return in, clusterNotFound(in.ClusterID)
	}
	if c.params.has("BackupRetentionPeriod") || c.params.has("PreferredBackupWindow") {
		return in, invalidCombination("The requested DB Instance will be a member of a DB Cluster. Set backup retention period and window for the DB Cluster.")
	}
	switch {
	case cl.Engine != in.Engine:
		return in, invalidCombination("The engine name requested for your DB instance (%s) doesn't match the engine name of your DB cluster (%s).", in.Engine, cl.Engine)
	case cl.Status != "available":
		return in, clusterState("DB cluster %s is in %s state but an instance can be added in available state only.", cl.ID, cl.Status)
	case len(cl.Members) > 15:
		return in, refuse(http.StatusBadRequest, "InstanceQuotaExceeded", "The DB cluster %s has the maximum of 16 instances.", cl.ID)
	}
	group, ok := c.region.subnets.get(cl.SubnetGroup)
	if !ok {
		return in, refuse(http.StatusNotFound, "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", cl.SubnetGroup)
	}
	if in.Zone == "" {
		in.Zone = c.emptiestZone(cl, group.Zones)
	}
	if !slices.Contains(group.Zones, in.Zone) {
		return in, refuse(http.StatusBadRequest, "InvalidVPCNetworkStateFault",
			"Cannot create a DB instance in %s: the DB subnet group %s has no subnet there.", in.Zone, group.Name)
	}
	return in, nil
}

func (c *call) emptiestZone(cl *cluster, zones []string) string {
	count := map[string]int{}
	for _, m := range cl.Members {
		if in, ok := c.region.instances.get(m.ID); ok {
			count[in.Zone]++
		}
	}
	return slices.MinFunc(zones, func(a, b string) int { return count[a] - count[b] })
}

// standalone reads what only an instance without a cluster has.
func (c *call) standalone(in Instance) (Instance, *Error) {
	if facts, _ := engine(in.Engine); facts.host != "rds" || strings.HasPrefix(in.Engine, "aurora") {
		return in, missingParameter("DBClusterIdentifier")
	}
	in.BackupRetentionPeriod = 1
	n, refused := c.params.between("BackupRetentionPeriod", 0, 35)
	if refused != nil {
		return in, refused
	}
	if n != nil {
		in.BackupRetentionPeriod = *n
	}
	return in, nil
}
