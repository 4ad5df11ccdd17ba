package lab

import "slices"

func rebootInstance(c *call) *Error {
	in, refused := c.instance("DBInstanceIdentifier")
	if refused != nil {
		return refused
	}
	if in.Status != "available" {
		return instanceState("DB instance %s is not in available state: it is %s.", in.ID, in.Status)
	}
	failover, refused := c.params.boolean("ForceFailover")
	if refused != nil {
		return refused
	}
	if isTrue(failover) && !in.MultiAZ {
		return invalidCombination("A failover cannot be forced on an instance that is not configured for Multi-AZ.")
	}
	in.Status = "rebooting"
	c.later(&in.life, func(r *Region) { r.rebooted(in) })
	c.wrote("db", in.ID)
	c.writeInstance(in)
	return nil
}

// rebooted is an instance that has started again: it has read the parameters of its cluster's group.
func (r *Region) rebooted(in *instance) {
	in.Status = "available"
	cl, ok := r.clusters.get(in.ClusterID)
	if !ok {
		return
	}
	in.AuditLog = r.auditParameter(cl)
	for i := range cl.Members {
		if cl.Members[i].ID == in.ID {
			cl.Members[i].ParameterStatus = "in-sync"
		}
	}
}

func deleteInstance(c *call) *Error {
	in, refused := c.instance("DBInstanceIdentifier")
	if refused != nil {
		return refused
	}
	skip, refused := c.params.boolean("SkipFinalSnapshot")
	if refused != nil {
		return refused
	}
	switch {
	case in.Status == "deleting":
		return instanceState("Instance %s is already being deleted.", in.ID)
	case in.ClusterID == "" && in.DeletionProtection:
		return invalidCombination("Cannot delete protected DB Instance, please disable deletion protection and try again.")
	case in.ClusterID == "" && !isTrue(skip) && c.params["FinalDBSnapshotIdentifier"] == "":
		return invalidCombination("FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
	}
	in.Status = "deleting"
	if cl, ok := c.region.clusters.get(in.ClusterID); ok {
		c.region.spread(cl)
	}
	c.later(&in.life, func(r *Region) {
		r.leave(in)
		r.instances.remove(in.ID)
	})
	c.wrote("db", in.ID)
	c.writeInstance(in)
	return nil
}

func modifyInstance(c *call) *Error {
	retention, refused := c.params.between("BackupRetentionPeriod", 0, 35)
	if refused != nil {
		return refused
	}
	tier, refused := c.params.between("PromotionTier", 0, 15)
	if refused != nil {
		return refused
	}
	flags := map[string]*bool{"DeletionProtection": nil, "CopyTagsToSnapshot": nil, "ApplyImmediately": nil, "MultiAZ": nil}
	for name := range flags {
		if flags[name], refused = c.params.boolean(name); refused != nil {
			return refused
		}
	}
	in, refused := c.instance("DBInstanceIdentifier")
	if refused != nil {
		return refused
	}
	if refused := c.judgeInstance(in, retention, flags["DeletionProtection"], flags["MultiAZ"]); refused != nil {
		return refused
	}
	in.PreferredBackupWindow = or(c.params["PreferredBackupWindow"], in.PreferredBackupWindow)
	in.PreferredMaintenanceWindow = or(c.params["PreferredMaintenanceWindow"], in.PreferredMaintenanceWindow)
	if flags["DeletionProtection"] != nil {
		in.DeletionProtection = *flags["DeletionProtection"]
	}
	if flags["CopyTagsToSnapshot"] != nil {
		in.CopyTagsToSnapshot = *flags["CopyTagsToSnapshot"]
	}
	if tier != nil {
		c.region.promote(in, *tier)
	}
	c.changeLater(in, retention, flags["MultiAZ"], isTrue(flags["ApplyImmediately"]))
	c.wrote("db", in.ID)
	c.writeInstance(in)
	return nil
}

func (c *call) judgeInstance(in *instance, retention *int, protect, standby *bool) *Error {
	if in.ClusterID != "" {
		switch {
		case retention != nil:
			return invalidCombination("The specified DB Instance is a member of a cluster. Modify backup retention for the DB Cluster using the ModifyDbCluster API")
		case c.params.has("PreferredBackupWindow"):
			return invalidCombination("The specified DB Instance is a member of a cluster. Modify the backup window for the DB Cluster using the ModifyDbCluster API")
		case protect != nil:
			return invalidCombination("The specified DB Instance is a member of a cluster. Modify deletion protection for the DB Cluster using the ModifyDbCluster API")
		case standby != nil:
			return invalidCombination("The specified DB Instance is a member of a cluster, and cannot have a standby of its own.")
		}
	}
	if retention != nil && in.AWSBackupRecoveryPointARN != "" && *retention != in.BackupRetentionPeriod {
		return invalidValue("The DB instance %s is associated with the following AwsBackupRecoveryPointArn: %s. The BackupRetentionPeriod can be blank, or you can use the current value,%d.",
			in.ID, in.AWSBackupRecoveryPointARN, in.BackupRetentionPeriod)
	}
	if in.Status != "available" {
		return instanceState("Database instance is not in available state.")
	}
	return judgeWindows(or(c.params["PreferredBackupWindow"], in.PreferredBackupWindow),
		or(c.params["PreferredMaintenanceWindow"], in.PreferredMaintenanceWindow),
		c.params.has("PreferredBackupWindow") || c.params.has("PreferredMaintenanceWindow"))
}

// changeLater does what takes time. Between two retentions above zero this happens online and soon. From or to zero it
// restarts the instance, and that waits for the maintenance window, as a standby does, unless asked to be immediate, which
// brings everything forward that waits. A value that is there already takes back what waits.
func (c *call) changeLater(in *instance, retention *int, standby *bool, immediately bool) {
	soon := immediately
	if retention != nil {
		in.Pending = nil
		if *retention != in.BackupRetentionPeriod {
			in.Pending = retention
			soon = soon || *retention > 0 && in.BackupRetentionPeriod > 0
		}
	}
	if standby != nil {
		in.PendingMultiAZ = nil
		if *standby != in.MultiAZ {
			in.PendingMultiAZ = standby
		}
	}
	if !soon || in.Pending == nil && in.PendingMultiAZ == nil && in.PendingClass == "" {
		return
	}
	in.Status = "modifying"
	c.later(&in.life, func(r *Region) { r.changed(in, immediately) })
}

// changed makes effective what waits: all of it, or the retention alone where it did not wait for the window.
func (r *Region) changed(in *instance, everything bool) {
	in.Status = "available"
	if n := in.Pending; n != nil {
		if in.BackupRetentionPeriod == 0 || *n == 0 {
			in.Restarts++
		}
		in.BackupRetentionPeriod, in.Pending = *n, nil
	}
	if !everything {
		return
	}
	if in.PendingMultiAZ != nil {
		in.MultiAZ, in.PendingMultiAZ = *in.PendingMultiAZ, nil
	}
	if in.PendingClass != "" {
		in.Class, in.PendingClass = in.PendingClass, ""
		in.Restarts++
	}
}

// RunInstanceMaintenance makes the values effective that wait for the maintenance window of an instance.
func (r *Region) RunInstanceMaintenance(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if in, ok := r.instanceByID(id); ok {
		r.changed(in, true)
	}
}

// ChangeInstance changes an instance behind the back of every client. It reports whether the instance exists.
func (r *Region) ChangeInstance(id string, change func(*Instance)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	in, ok := r.instanceByID(id)
	if ok {
		change(&in.Instance)
	}
	return ok
}

// promote gives an instance and its cluster's view of it another promotion tier.
func (r *Region) promote(in *instance, tier int) {
	in.PromotionTier = tier
	if cl, ok := r.clusters.get(in.ClusterID); ok {
		if at := slices.IndexFunc(cl.Members, func(m Member) bool { return m.ID == in.ID }); at >= 0 {
			cl.Members[at].PromotionTier = tier
		}
	}
}
