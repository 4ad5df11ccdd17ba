package lab

import (
	"slices"
	"strings"
	"time"
)

// Cluster is a DB cluster of any engine. When one is added, what is left zero gets the value that AWS gives a new
// cluster; only ID is required.
type Cluster struct {
	ID            string
	Engine        string // neptune unless set
	EngineVersion string
	EngineMode    string // provisioned unless set
	Status        string // available unless set; a passing status such as modifying that is set here does not pass
	ResourceID    string // cluster-…: survives a rename
	CreateTime    time.Time

	BackupRetentionPeriod      int // days, 1 unless set
	PreferredBackupWindow      string
	PreferredMaintenanceWindow string
	DeletionProtection         bool
	CopyTagsToSnapshot         bool
	IAMAuth                    bool
	StorageEncrypted           bool
	KMSKeyID                   string // ARN
	LogExports                 []string
	ParameterGroup             string
	SubnetGroup                string
	SecurityGroups             []string
	Roles                      []string // ARNs
	Port                       int
	StorageType                string
	DatabaseName               string
	MasterUsername             string
	AvailabilityZones          []string
	MultiAZ                    bool // kept by the lab from the zones of the members
	Members                    []Member
	CrossAccountClone          bool
	ReplicationSource          string
	AWSBackupRecoveryPointARN  string // set: AWS Backup owns the retention
	StorageEncryptionType      string // none, sse-rds or sse-kms; left out unless set
	BacktrackWindow            int    // seconds; Aurora MySQL only
	ServerlessMin              float64
	ServerlessMax              float64
	Tags                       Tags

	// RestorableSince is the moment from which an unbroken backup history is kept; the earliest restorable time is
	// this or now minus the retention, whichever is later. CreateTime unless set.
	RestorableSince time.Time
	// StoppedAt is when a stopped cluster was stopped: its restorable times and its automatic restart follow from it.
	StoppedAt time.Time
	// Pending are modifications that are accepted and not effective.
	Pending Pending

	// Zones is for adding only: one member instance per entry, the first the writer. "b" is short for the zone b of
	// the region.
	Zones []string
	// InstanceClass is for adding only: the class of the instances made from Zones.
	InstanceClass string
	// Odd makes the cluster malformed in every answer, nil for a sound one.
	Odd *Odd
}

// Member is an instance as its cluster sees it.
type Member struct {
	ID              string
	Writer          bool
	PromotionTier   int
	ParameterStatus string // in-sync or pending-reboot
}

// Pending are modifications that are accepted and not effective. Nil and empty fields are not pending.
type Pending struct {
	BackupRetentionPeriod *int
	IAMAuth               *bool
	EnableLogs            []string
	DisableLogs           []string
	EngineVersion         string
	ID                    string
}

func (p Pending) empty() bool {
	return p.BackupRetentionPeriod == nil && p.IAMAuth == nil && p.EnableLogs == nil && p.DisableLogs == nil &&
		p.EngineVersion == "" && p.ID == ""
}

// over lays p over an older set of pending values.
func (p Pending) over(older Pending) Pending {
	if p.BackupRetentionPeriod != nil {
		older.BackupRetentionPeriod = p.BackupRetentionPeriod
	}
	if p.IAMAuth != nil {
		older.IAMAuth = p.IAMAuth
	}
	if p.EnableLogs != nil {
		older.EnableLogs = p.EnableLogs
	}
	if p.DisableLogs != nil {
		older.DisableLogs = p.DisableLogs
	}
	if p.EngineVersion != "" {
		older.EngineVersion = p.EngineVersion
	}
	if p.ID != "" {
		older.ID = p.ID
	}
	return older
}

// Odd describes a malformed resource.
type Odd struct {
	Omit []string          // XML members left out, such as BackupRetentionPeriod or Engine
	Raw  map[string]string // XML members written with this text, whatever the value is
}

// cluster is a Cluster as the lab runs it.
type cluster struct {
	Cluster
	life      life
	lagging   bool    // reads do not show the accepted modification yet
	scheduled Pending // waits for the maintenance window
}

// AddCluster puts a cluster into the region, together with the instances that Zones asks for.
func (r *Region) AddCluster(c Cluster) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	c = c.clone()
	zones := c.Zones
	c.Zones = nil
	r.completeCluster(&c)
	cl := &cluster{Cluster: c, scheduled: c.Pending}
	cl.Pending = Pending{}
	r.clusters.put(c.ID, cl)
	for i, z := range zones {
		if len(z) == 1 {
			z = r.Name + z
		}
		r.addInstance(Instance{ID: c.ID + "-" + string(rune('1'+i)), ClusterID: c.ID, Zone: z, Class: c.InstanceClass})
	}
	return r
}

// completeCluster gives a cluster the values that AWS gives where nothing was asked for.
func (r *Region) completeCluster(c *Cluster) {
	c.ID = strings.ToLower(c.ID)
	setDefault(&c.Engine, "neptune")
	facts, _ := engine(c.Engine)
	setDefault(&c.EngineVersion, facts.version)
	setDefault(&c.EngineMode, "provisioned")
	setDefault(&c.Status, "available")
	setDefault(&c.ResourceID, "cluster-"+strings.ToUpper(letters(r.account.ID+r.Name+c.ID, 26)))
	if c.CreateTime.IsZero() {
		c.CreateTime = r.now().Add(-90 * 24 * time.Hour)
	}
	if c.RestorableSince.IsZero() {
		c.RestorableSince = c.CreateTime
	}
	if c.BackupRetentionPeriod == 0 {
		c.BackupRetentionPeriod = 1
	}
	setDefault(&c.PreferredBackupWindow, "02:00-02:30")
	setDefault(&c.PreferredMaintenanceWindow, "sun:05:00-sun:05:30")
	setDefault(&c.ParameterGroup, "default."+family(c.Engine, c.EngineVersion))
	setDefault(&c.SubnetGroup, "default")
	setDefault(&c.StorageType, "standard")
	if c.Engine == "neptune" || strings.HasPrefix(c.Engine, "aurora") {
		c.StorageType = strings.Replace(c.StorageType, "standard", "aurora", 1)
	}
	if facts.windowed { // its three instances stand in three zones
		c.MultiAZ = true
	}
	if c.Port == 0 {
		c.Port = facts.port
	}
	if facts.master || c.Engine == "neptune" {
		setDefault(&c.MasterUsername, "admin")
	}
	if c.SecurityGroups == nil {
		c.SecurityGroups = []string{"sg-default0"}
	}
	if c.AvailabilityZones == nil {
		c.AvailabilityZones = zonesOf(r.Name)
	}
	if c.StorageEncrypted && c.KMSKeyID == "" {
		c.KMSKeyID = r.keyARN(r.keys[0])
	}
	if c.Status == "stopped" && c.StoppedAt.IsZero() {
		c.StoppedAt = r.now().Add(-24 * time.Hour)
	}
	r.defaultGroup(c.ParameterGroup)
}

func setDefault(s *string, value string) {
	if *s == "" {
		*s = value
	}
}

func (c Cluster) clone() Cluster {
	c.LogExports = slices.Clone(c.LogExports)
	c.SecurityGroups = slices.Clone(c.SecurityGroups)
	c.Roles = slices.Clone(c.Roles)
	c.AvailabilityZones = slices.Clone(c.AvailabilityZones)
	c.Members = slices.Clone(c.Members)
	c.Tags = c.Tags.clone()
	return c
}

// view is the cluster as a reader outside may keep it.
func (c *cluster) view() Cluster {
	out := c.clone()
	out.Pending = c.Pending.over(c.scheduled)
	return out
}

// Cluster returns a copy of a cluster as it is now, whatever reads show of it. It counts as no describe.
func (r *Region) Cluster(id string) (Cluster, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tickRename(id, r.now(), false)
	if c, ok := r.clusters.get(id); ok {
		c.life.tick(r.now(), false)
	}
	if c, ok := r.clusters.get(id); ok {
		return c.view(), true
	}
	if r.scale != nil {
		return r.scale.byID(r, id)
	}
	return Cluster{}, false
}

// Clusters returns copies of the region's clusters in the order of their identifiers, generated ones left out.
func (r *Region) Clusters() []Cluster {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Cluster
	for _, c := range r.clusters.all() {
		c.life.tick(r.now(), false)
		if c.Status != "" {
			out = append(out, c.view())
		}
	}
	return out
}

// ChangeCluster changes a cluster behind the back of every client, as another person with the console would. It
// reports whether the cluster exists.
func (r *Region) ChangeCluster(id string, change func(*Cluster)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	c, ok := r.clusterByID(id)
	if !ok {
		return false
	}
	view := c.view()
	change(&view)
	c.scheduled = view.Pending
	view.Pending = Pending{}
	c.Cluster = view
	return true
}

// RunMaintenance makes the values effective that wait for the maintenance window of a cluster.
func (r *Region) RunMaintenance(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.clusterByID(id); ok {
		c.Pending, c.scheduled = c.scheduled, Pending{}
		r.settlePending(c)
	}
}

// RemoveCluster makes a cluster and its instances vanish.
func (r *Region) RemoveCluster(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c, ok := r.clusters.get(id); ok {
		for _, m := range c.Members {
			r.instances.remove(m.ID)
		}
		r.clusters.remove(id)
	}
}

// clusterByID finds a cluster, after everything has happened to it that was due. A generated cluster is taken out of
// its generator, so that it can be changed.
func (r *Region) clusterByID(id string) (*cluster, bool) {
	r.tickRename(id, r.now(), false)
	if c, ok := r.clusters.get(id); ok {
		c.life.tick(r.now(), false)
	} else if r.scale != nil {
		r.scale.adopt(r, id)
	}
	return r.clusters.get(id)
}

// restorable tells the earliest and latest time to which a cluster can be restored; both zero while there is none.
func (c *Cluster) restorable(now time.Time) (earliest, latest time.Time) {
	switch c.Status {
	case "creating", "deleting":
		return time.Time{}, time.Time{}
	}
	end := now
	if !c.StoppedAt.IsZero() {
		end = c.StoppedAt
	}
	latest = end.Add(-5 * time.Minute).Truncate(time.Second)
	if latest.Before(c.RestorableSince) {
		latest = c.RestorableSince
	}
	earliest = end.Add(-days(c.BackupRetentionPeriod)).Truncate(time.Second)
	if earliest.Before(c.RestorableSince) {
		earliest = c.RestorableSince
	}
	return earliest, latest
}

// setRetention changes the retention. What is older than the old window is gone and does not come back by raising it:
// the earliest restorable time moves back only as time passes.
func (c *Cluster) setRetention(now time.Time, n int) {
	c.RestorableSince, _ = c.restorable(now)
	c.BackupRetentionPeriod = n
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }
