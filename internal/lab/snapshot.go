package lab

import (
	"slices"
	"strings"
	"time"
)

// Snapshot is a snapshot of a DB cluster. When one is added, what is left zero is taken from its cluster, if that exists.
type Snapshot struct {
	ID                string
	ClusterID         string
	ClusterResourceID string
	Engine            string
	EngineVersion     string
	Type              string // manual unless set; automated ones have an ID that begins with "rds:"
	Status            string // available unless set
	CreateTime        time.Time
	ClusterCreateTime time.Time

	StorageEncrypted      bool
	KMSKeyID              string
	IAMAuth               bool
	Port                  int
	MasterUsername        string
	StorageType           string
	AvailabilityZones     []string
	BackupRetentionPeriod int // days, of the cluster when the snapshot was taken
	SourceARN             string
	// SharedWith are the accounts that may restore it; "all" makes it public.
	SharedWith []string
	Tags       Tags
	// Odd makes the snapshot malformed in every answer, nil for a sound one.
	Odd *Odd
}

type snapshot struct {
	Snapshot
	life life
}

// AddSnapshot puts a snapshot into the region.
func (r *Region) AddSnapshot(s Snapshot) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	s = s.clone()
	if c, ok := r.clusters.get(s.ClusterID); ok {
		setDefault(&s.Engine, c.Engine)
		if c.StorageEncrypted {
			s.StorageEncrypted = true
		}
		r.inherit(&s, &c.Cluster)
	}
	setDefault(&s.Engine, "neptune")
	facts, _ := engine(s.Engine)
	s.ID, s.ClusterID = strings.ToLower(s.ID), strings.ToLower(s.ClusterID)
	setDefault(&s.EngineVersion, facts.version)
	setDefault(&s.Type, "manual")
	setDefault(&s.Status, "available")
	setDefault(&s.ClusterID, "gone")
	setDefault(&s.StorageType, "aurora")
	setDefault(&s.ClusterResourceID, "cluster-"+strings.ToUpper(letters(r.account.ID+r.Name+s.ClusterID, 26)))
	if s.CreateTime.IsZero() {
		s.CreateTime = r.now().Add(-30 * 24 * time.Hour)
	}
	if s.ClusterCreateTime.IsZero() {
		s.ClusterCreateTime = s.CreateTime.Add(-60 * 24 * time.Hour)
	}
	if s.Port == 0 {
		s.Port = facts.port
	}
	if s.AvailabilityZones == nil {
		s.AvailabilityZones = zonesOf(r.Name)
	}
	if s.BackupRetentionPeriod == 0 {
		s.BackupRetentionPeriod = 1
	}
	if s.StorageEncrypted && s.KMSKeyID == "" {
		s.KMSKeyID = r.keyARN(r.keys[0])
	}
	r.snapshots.put(s.ID, &snapshot{Snapshot: s})
	return r
}

// inherit fills what a snapshot takes over from its cluster.
func (r *Region) inherit(s *Snapshot, c *Cluster) {
	setDefault(&s.EngineVersion, c.EngineVersion)
	setDefault(&s.ClusterResourceID, c.ResourceID)
	setDefault(&s.MasterUsername, c.MasterUsername)
	setDefault(&s.StorageType, c.StorageType)
	if s.StorageEncrypted {
		setDefault(&s.KMSKeyID, c.KMSKeyID)
	}
	if s.Port == 0 {
		s.Port = c.Port
	}
	if s.ClusterCreateTime.IsZero() {
		s.ClusterCreateTime = c.CreateTime
	}
	if s.AvailabilityZones == nil {
		s.AvailabilityZones = slices.Clone(c.AvailabilityZones)
	}
	if s.BackupRetentionPeriod == 0 {
		s.BackupRetentionPeriod = c.BackupRetentionPeriod
	}
	s.IAMAuth = s.IAMAuth || c.IAMAuth
}

func (s Snapshot) clone() Snapshot {
	s.AvailabilityZones = slices.Clone(s.AvailabilityZones)
	s.SharedWith = slices.Clone(s.SharedWith)
	s.Tags = s.Tags.clone()
	return s
}

// Snapshot returns a copy of a snapshot as it is now. It counts as no describe.
func (r *Region) Snapshot(id string) (Snapshot, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.snapshotByID(id)
	if !ok {
		return Snapshot{}, false
	}
	return s.clone(), true
}

// Snapshots returns copies of the region's snapshots in the order of their identifiers.
func (r *Region) Snapshots() []Snapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []Snapshot
	for _, s := range r.snapshots.all() {
		s.life.tick(r.now(), false)
		out = append(out, s.clone())
	}
	return out
}

// ChangeSnapshot changes a snapshot behind the back of every client. It reports whether the snapshot exists.
func (r *Region) ChangeSnapshot(id string, change func(*Snapshot)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, ok := r.snapshotByID(id)
	if ok {
		change(&s.Snapshot)
	}
	return ok
}

func (r *Region) snapshotByID(id string) (*snapshot, bool) {
	if s, ok := r.snapshots.get(id); ok {
		s.life.tick(r.now(), false)
	}
	return r.snapshots.get(id)
}

// sharedSnapshot finds a snapshot of another account of this region, by ARN, that the account may restore.
func (r *Region) sharedSnapshot(arn string) (Snapshot, bool) {
	parts := strings.SplitN(arn, ":cluster-snapshot:", 2)
	if len(parts) != 2 {
		return Snapshot{}, false
	}
	for _, other := range r.account.world.regionsNamed(r.Name, r.account.ID) {
		if other.marks.arn != parts[0]+":" {
			continue
		}
		if s, ok := other.Snapshot(parts[1]); ok && s.sharedWith(r.account.ID) {
			return s, true
		}
	}
	return Snapshot{}, false
}

func (s *Snapshot) public() bool { return slices.Contains(s.SharedWith, "all") }

func (s *Snapshot) sharedWith(account string) bool {
	return s.public() || slices.Contains(s.SharedWith, account)
}
