package lab

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

func createCluster(c *call) *Error {
	cl, refused := c.wantedCluster()
	if refused != nil {
		return refused
	}
	name, refused := c.params.required("Engine")
	if refused != nil {
		return refused
	}
	facts, ok := engine(name)
	if !ok {
		return invalidValue("Invalid DB engine")
	}
	cl.Engine, cl.EngineVersion = name, or(c.params["EngineVersion"], facts.version)
	cl.MasterUsername, cl.DatabaseName = c.params["MasterUsername"], c.params["DatabaseName"]
	if facts.master && cl.MasterUsername == "" {
		return invalidValue("The parameter MasterUsername must be provided and must not be blank.")
	}
	if cl.StorageEncrypted, refused = c.flag("StorageEncrypted"); refused != nil {
		return refused
	}
	if key := c.params["KmsKeyId"]; key != "" {
		if !cl.StorageEncrypted {
			return invalidCombination("KmsKeyId can be specified only when StorageEncrypted is true.")
		}
		if cl.KMSKeyID, ok = c.region.usableKey(key); !ok {
			return keyNotAccessible(key)
		}
	}
	cl.RestorableSince = c.now
	return c.makeCluster(cl, nil)
}

// flag reads a boolean that is false unless sent.
func (c *call) flag(name string) (bool, *Error) {
	b, refused := c.params.boolean(name)
	return isTrue(b), refused
}

// wantedCluster reads what the requests that make a cluster have in common. What is not sent falls back to the default
// of a new cluster, whatever the source of a restore has: default security group and parameter group, no IAM
// authentication, no deletion protection, no log exports.
func (c *call) wantedCluster() (cl Cluster, refused *Error) {
	p := c.params
	if cl.ID, refused = c.newID("DBClusterIdentifier"); refused != nil {
		return cl, refused
	}
	n, refused := p.between("BackupRetentionPeriod", 1, 35)
	if refused != nil {
		return cl, refused
	}
	if n != nil {
		cl.BackupRetentionPeriod = *n
	}
	for name, to := range map[string]*bool{"DeletionProtection": &cl.DeletionProtection,
		"CopyTagsToSnapshot": &cl.CopyTagsToSnapshot, "EnableIAMDatabaseAuthentication": &cl.IAMAuth} {
		if *to, refused = c.flag(name); refused != nil {
			return cl, refused
		}
	}
	if n, refused = p.between("Port", 1150, 65535); refused != nil {
		return cl, refused
	}
	if n != nil {
		cl.Port = *n
	}
	if cl.Tags, refused = p.tags(); refused != nil {
		return cl, refused
	}
	cl.LogExports = slices.Sorted(slices.Values(p.list("EnableCloudwatchLogsExports", "member")))
	cl.SecurityGroups = p.list("VpcSecurityGroupIds", "VpcSecurityGroupId")
	cl.AvailabilityZones = p.list("AvailabilityZones", "AvailabilityZone")
	cl.ParameterGroup, cl.SubnetGroup = strings.ToLower(p["DBClusterParameterGroupName"]), p["DBSubnetGroupName"]
	cl.PreferredBackupWindow, cl.PreferredMaintenanceWindow = p["PreferredBackupWindow"], p["PreferredMaintenanceWindow"]
	cl.StorageType = p["StorageType"]
	cl.ServerlessMin, cl.ServerlessMax, refused = p.serverless()
	return cl, refused
}

// makeCluster judges a wanted cluster and puts it into the region, as it is while it is created. The source is the
// cluster or snapshot that a restore starts from, nil for none.
func (c *call) makeCluster(cl Cluster, source *Cluster) *Error {
	r := c.region
	if _, taken := r.clusterByID(cl.ID); taken {
		return alreadyExists("DBClusterAlreadyExistsFault", "DB Cluster", cl.ID)
	}
	if _, ok := r.subnets.get(or(cl.SubnetGroup, "default")); !ok {
		return refuse(http.StatusNotFound, "DBSubnetGroupNotFoundFault", "DB subnet group '%s' does not exist.", cl.SubnetGroup)
	}
	made := &cluster{Cluster: cl}
	if refused := judgeLogs(made, cl.LogExports, nil); refused != nil {
		return refused
	}
	if cl.ParameterGroup != "" {
		if refused := c.judgeGroup(made, cl.ParameterGroup); refused != nil {
			return refused
		}
	}
	facts, _ := engine(cl.Engine)
	if source != nil && made.BackupRetentionPeriod == 0 && facts.inherits {
		made.BackupRetentionPeriod = source.BackupRetentionPeriod
	}
	made.Status, made.CreateTime, made.RestorableSince = "creating", c.now, c.now
	made.ResourceID = "cluster-" + strings.ToUpper(letters(r.account.ID+r.Name+cl.ID+c.now.Format(time.RFC3339Nano)+c.id, 26))
	r.completeCluster(&made.Cluster)
	if refused := judgeWindows(made.PreferredBackupWindow, made.PreferredMaintenanceWindow,
		cl.PreferredBackupWindow != "" || cl.PreferredMaintenanceWindow != ""); refused != nil {
		return refused
	}
	r.clusters.put(made.ID, made)
	c.later(&made.life, func(r *Region) { made.Status, made.RestorableSince = "available", r.now() })
	c.wrote("cluster", made.ID)
	c.writeCluster("DBCluster", made)
	return nil
}

// restoreFromSnapshot makes a cluster without instances from a snapshot of the account or one that is shared. This is
// the one way to encrypt what was not: a KMS key is welcome here.
func restoreFromSnapshot(c *call) *Error {
	from, refused := c.params.required("SnapshotIdentifier")
	if refused != nil {
		return refused
	}
	snapshot, ok := c.sourceSnapshot(from)
	if !ok {
		return snapshotNotFound(from)
	}
	r := c.region
	r.mu.Lock()
	defer r.mu.Unlock()
	cl, refused := c.wantedCluster()
	if refused != nil {
		return refused
	}
	name, refused := c.params.required("Engine")
	switch {
	case refused != nil:
		return refused
	case name != snapshot.Engine:
		return invalidCombination("The engine %s does not match the engine %s of the snapshot.", name, snapshot.Engine)
	case snapshot.Status != "available":
		return snapshotState("The specified cluster snapshot %s is not in the available state.", from)
	}
	cl.Engine, cl.EngineVersion = name, or(c.params["EngineVersion"], snapshot.EngineVersion)
	cl.MasterUsername = snapshot.MasterUsername
	cl.StorageEncrypted, cl.KMSKeyID = snapshot.StorageEncrypted, snapshot.KMSKeyID
	if key := c.params["KmsKeyId"]; key != "" {
		if cl.KMSKeyID, ok = r.usableKey(key); !ok {
			return keyNotAccessible(key)
		}
		cl.StorageEncrypted = true
	}
	if cl.Port == 0 {
		cl.Port = snapshot.Port
	}
	return c.makeCluster(cl, &Cluster{BackupRetentionPeriod: snapshot.BackupRetentionPeriod})
}

// restoreToPointInTime makes a cluster without instances from the backups of another. It cannot encrypt.
func restoreToPointInTime(c *call) *Error {
	source, refused := c.cluster("SourceDBClusterIdentifier")
	if refused != nil {
		return refused
	}
	cl, refused := c.wantedCluster()
	if refused != nil {
		return refused
	}
	if refused := c.judgePointInTime(source); refused != nil {
		return refused
	}
	if key := c.params["KmsKeyId"]; key != "" {
		if !source.StorageEncrypted {
			return invalidCombination("A KMS key cannot be specified when the source DB cluster is not encrypted.")
		}
		var ok bool
		if cl.KMSKeyID, ok = c.region.usableKey(key); !ok {
			return keyNotAccessible(key)
		}
	}
	cl.Engine, cl.EngineVersion, cl.MasterUsername = source.Engine, source.EngineVersion, source.MasterUsername
	cl.StorageEncrypted, cl.KMSKeyID = source.StorageEncrypted, or(cl.KMSKeyID, source.KMSKeyID)
	if cl.Port == 0 {
		cl.Port = source.Port
	}
	return c.makeCluster(cl, &source.Cluster)
}

// judgePointInTime refuses a moment outside the restorable window, and requests that name none or two.
func (c *call) judgePointInTime(source *cluster) *Error {
	latest, refused := c.flag("UseLatestRestorableTime")
	if refused != nil {
		return refused
	}
	at := c.params["RestoreToTime"]
	earliest, last := source.restorable(c.now)
	switch {
	case latest && at != "":
		return invalidCombination("Only one of RestoreToTime and UseLatestRestorableTime can be specified.")
	case !latest && at == "" && c.params["RestoreType"] != "copy-on-write":
		return invalidCombination("Either RestoreToTime or UseLatestRestorableTime must be specified.")
	case earliest.IsZero():
		return clusterState("DB cluster %s cannot be restored while it is %s.", source.ID, source.Status)
	case at == "":
		return nil
	}
	moment, err := time.Parse(time.RFC3339, at)
	if err != nil {
		return invalidValue("RestoreToTime is not a time: %s", at)
	}
	if moment.Before(earliest) || moment.After(last) {
		return refuse(http.StatusBadRequest, "InvalidRestoreFault",
			"The specified time %s lies outside the restorable window of %s to %s.", at, earliest.UTC().Format(time.RFC3339), last.UTC().Format(time.RFC3339))
	}
	return nil
}
