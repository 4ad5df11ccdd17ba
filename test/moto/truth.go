package moto

// Truth is what an account holds, read by boto3, sorted by region and then by id. Settings carry the names of
// the AWS API; times and endpoints are not part of it.
type Truth struct {
	Account         string
	Regions         []string
	Clusters        []Cluster
	Snapshots       []Snapshot
	ParameterGroups []ParameterGroup
}

// Cluster is a cluster of any engine: "neptune", "aurora-mysql" or "aurora-postgresql".
type Cluster struct {
	Region, ID, ARN                  string
	Engine, EngineVersion, Status    string
	DbClusterResourceId              string
	StorageEncrypted                 bool
	BackupRetentionPeriod            int // days
	PreferredBackupWindow            string
	PreferredMaintenanceWindow       string
	DeletionProtection               bool
	CopyTagsToSnapshot               bool
	MultiAZ                          bool
	IAMDatabaseAuthenticationEnabled bool
	DBClusterParameterGroup          string
	EnabledCloudwatchLogsExports     []string
	Members                          []Member
	Tags                             map[string]string
}

// Member is an instance of a cluster.
type Member struct {
	ID     string
	Writer bool
	Class  string
	Zone   string
}

// Snapshot is a cluster snapshot. Type is "manual" or "automated"; the id of an automated one ends in the
// minute it was made.
type Snapshot struct {
	Region, ID, ARN, Engine, Cluster, Type string
	StorageEncrypted                       bool
	SharedWith                             []string // accounts that may restore it, "all" for everybody
	Tags                                   map[string]string
}

// ParameterGroup is a custom cluster parameter group with the parameters that were set in it.
type ParameterGroup struct {
	Region, ID, ARN, Family string
	Parameters              map[string]string
}

// ClustersOf returns the clusters of an engine.
func (t Truth) ClustersOf(engine string) []Cluster {
	return keep(t.Clusters, func(c Cluster) bool { return c.Engine == engine })
}

// SnapshotsOf returns the snapshots of an engine, automated ones among them.
func (t Truth) SnapshotsOf(engine string) []Snapshot {
	return keep(t.Snapshots, func(s Snapshot) bool { return s.Engine == engine })
}

func keep[T any](all []T, wanted func(T) bool) []T {
	var kept []T
	for _, x := range all {
		if wanted(x) {
			kept = append(kept, x)
		}
	}
	return kept
}
