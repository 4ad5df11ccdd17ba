package lab

import (
	"slices"
	"strings"
	"time"
)

// Instance is a DB instance: a member of a cluster, or one on its own.
type Instance struct {
	ID             string
	ClusterID      string // empty for an instance on its own
	Class          string
	Engine         string // that of the cluster unless set
	EngineVersion  string
	Status         string // available unless set
	ResourceID     string // db-…
	Zone           string // for instance eu-west-1b; zone a of the region unless set
	ParameterGroup string
	PromotionTier  int // 1 unless set
	CreateTime     time.Time

	BackupRetentionPeriod      int // days; of a cluster member, the cluster's value is shown
	PreferredBackupWindow      string
	PreferredMaintenanceWindow string
	DeletionProtection         bool
	CopyTagsToSnapshot         bool
	IAMAuth                    bool
	StorageEncrypted           bool
	KMSKeyID                   string
	AllocatedStorage           int // GiB
	MultiAZ                    bool
	StorageEncryptionType      string // none, sse-rds or sse-kms; left out unless set
	BackupTarget               string // region unless set
	AWSBackupRecoveryPointARN  string // set: AWS Backup owns the retention
	ReplicaOf                  string // the instance that a read replica replicates
	ReplicaOfCluster           string // the cluster that a read replica replicates
	ReplicaMode                string
	Tags                       Tags

	// AuditLog is the parameter that turns audit lines on (neptune_enable_audit_log, audit_logs,
	// server_audit_logging) as the instance read it when it last started.
	AuditLog bool
	// Pending is the backup retention that waits to become effective, nil for none.
	Pending *int
	// PendingMultiAZ and PendingClass wait for the maintenance window; nil and empty for none.
	PendingMultiAZ *bool
	PendingClass   string
	// Restarts counts how often a modification took the instance offline.
	Restarts int
	// Odd makes the instance malformed in every answer, nil for a sound one.
	Odd *Odd
}

type instance struct {
	Instance
	life life
}

// AddInstance puts an instance into the region. A member joins its cluster, the first one as its writer.
func (r *Region) AddInstance(i Instance) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.addInstance(i)
	return r
}

func (r *Region) addInstance(i Instance) *instance {
	i.ID = strings.ToLower(i.ID)
	i.ClusterID = strings.ToLower(i.ClusterID)
	i.Tags = i.Tags.clone()
	c, member := r.clusters.get(i.ClusterID)
	if member {
		setDefault(&i.Engine, c.Engine)
		setDefault(&i.EngineVersion, c.EngineVersion)
		setDefault(&i.PreferredBackupWindow, c.PreferredBackupWindow)
		i.StorageEncrypted, i.KMSKeyID, i.AuditLog = c.StorageEncrypted, c.KMSKeyID, r.auditParameter(c)
	}
	setDefault(&i.Engine, "mysql")
	facts, _ := engine(i.Engine)
	setDefault(&i.EngineVersion, facts.version)
	setDefault(&i.Class, facts.class)
	setDefault(&i.Status, "available")
	setDefault(&i.Zone, r.Name+"a")
	setDefault(&i.ParameterGroup, "default."+family(i.Engine, i.EngineVersion))
	setDefault(&i.BackupTarget, "region")
	setDefault(&i.PreferredBackupWindow, "02:00-02:30")
	setDefault(&i.PreferredMaintenanceWindow, "sun:05:00-sun:05:30")
	setDefault(&i.ResourceID, "db-"+strings.ToUpper(letters(r.account.ID+r.Name+i.ID, 26)))
	if i.PromotionTier == 0 {
		i.PromotionTier = 1
	}
	if i.AllocatedStorage == 0 {
		i.AllocatedStorage = 1
	}
	if i.CreateTime.IsZero() {
		i.CreateTime = r.now().Add(-90 * 24 * time.Hour)
	}
	in := &instance{Instance: i}
	r.instances.put(i.ID, in)
	if member {
		writer := !slices.ContainsFunc(c.Members, func(m Member) bool { return m.Writer })
		c.Members = append(c.Members, Member{ID: i.ID, Writer: writer, PromotionTier: i.PromotionTier, ParameterStatus: "in-sync"})
		r.spread(c)
	}
	return in
}

// spread settles whether a cluster is Multi-AZ: its running instances lie in more than one zone.
func (r *Region) spread(c *cluster) {
	zones := map[string]bool{}
	for _, m := range c.Members {
		if in, ok := r.instances.get(m.ID); ok && in.Status != "creating" && in.Status != "deleting" {
			zones[in.Zone] = true
		}
	}
	c.MultiAZ = len(zones) > 1
}

// leave takes an instance out of its cluster; the next member becomes the writer if it was.
func (r *Region) leave(in *instance) {
	c, ok := r.clusters.get(in.ClusterID)
	if !ok {
		return
	}
	at := slices.IndexFunc(c.Members, func(m Member) bool { return m.ID == in.ID })
	if at < 0 {
		return
	}
	wrote := c.Members[at].Writer
	c.Members = slices.Delete(c.Members, at, at+1)
	if wrote && len(c.Members) > 0 {
		c.Members[0].Writer = true
	}
	r.spread(c)
}

// Instance returns a copy of an instance as it is now. It counts as no describe.
func (r *Region) Instance(id string) (Instance, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	in, ok := r.instanceByID(id)
	if !ok {
		return Instance{}, false
	}
	out := in.Instance
	out.Tags = out.Tags.clone()
	return out, true
}

func (r *Region) instanceByID(id string) (*instance, bool) {
	if in, ok := r.instances.get(id); ok {
		in.life.tick(r.now(), false)
	} else if r.scale != nil {
		r.scale.adoptInstance(r, id)
	}
	return r.instances.get(id)
}

// tickMembers lets time pass for the instances of a cluster.
func (r *Region) tickMembers(c *cluster, now time.Time, seen bool) {
	for _, m := range slices.Clone(c.Members) {
		if in, ok := r.instances.get(m.ID); ok {
			in.life.tick(now, seen)
		}
	}
}
