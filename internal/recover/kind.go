package recover

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// The properties under which resource types tell what can be restored.
const (
	earliestProperty = "EarliestRestorableTime"
	latestProperty   = "LatestRestorableTime"
	statusProperty   = "Status"
)

// recoveryPointType is what AWS Backup holds, of every kind of resource.
const recoveryPointType = "AWS::Backup::RecoveryPoint"

// kind is what is known of one resource type that can be restored.
type kind struct {
	typ string
	// rank is its place in the order in which types are told.
	rank int
	// created is the property with the time it was made.
	created string
	// retention is the property with the days for which backups are kept.
	retention string
	// continuous types can be restored to any second of a window, and on, where
	// there is one, is the property that tells whether that is turned on.
	continuous bool
	on         string
	// earliest is the operation that would tell where the window begins, where
	// nothing here calls it.
	earliest string
	// canBeOff types may have no backups at all: their window may begin today.
	canBeOff bool
	// snapshots is the type of its snapshots, and own says what it has of its own
	// that nothing here reads.
	snapshots *snapshotKind
	own       string
	// backup types are those that AWS Backup takes.
	backup bool
	// cheap types tell their status in the list that finds them.
	cheap bool
	// also are the properties that skip reads. It says why a resource is left out,
	// "" to keep it, and whether it is also where it has backups of its own.
	also []string
	skip func(*resource.Resource) (why string, always bool)
}

// snapshotKind is a type of snapshots, with the properties that say of what they
// are.
type snapshotKind struct {
	typ string
	// of is the property with the id of the source, and uid with what identifies
	// it also after it was deleted.
	of, uid string
	// source is set on a copy: the ARN of the snapshot that was copied. original
	// is when that was taken.
	source, original string
}

func clusterSnapshots(typ string) *snapshotKind {
	return &snapshotKind{typ: typ, of: "DBClusterIdentifier", uid: "DBClusterResourceId", source: "SourceDBClusterSnapshotArn"}
}

func cluster(typ, snapshots string) kind {
	return kind{typ: typ, created: "ClusterCreateTime", retention: "BackupRetentionPeriod", continuous: true, snapshots: clusterSnapshots(snapshots), backup: true, cheap: true}
}

// kinds are the types that can be restored, in the order in which they are told.
func kinds() []kind {
	return []kind{
		cluster("AWS::Neptune::DBCluster", "AWS::Neptune::DBClusterSnapshot"),
		cluster("AWS::DocDB::DBCluster", "AWS::DocDB::DBClusterSnapshot"),
		cluster("AWS::RDS::DBCluster", "AWS::RDS::DBClusterSnapshot"),
		{
			typ: "AWS::RDS::DBInstance", created: "InstanceCreateTime", retention: "BackupRetentionPeriod", continuous: true, earliest: "rds:DescribeDBInstanceAutomatedBackups", canBeOff: true, backup: true, cheap: true,
			snapshots: &snapshotKind{
				typ: "AWS::RDS::DBSnapshot", of: "DBInstanceIdentifier", uid: "DbiResourceId",
				source: "SourceDBSnapshotIdentifier", original: "OriginalSnapshotCreateTime",
			},
			also: []string{"DBClusterIdentifier", "ReplicaOf"}, skip: partOfOther,
		},
		{
			typ: "AWS::DynamoDB::Table", retention: "RecoveryPeriodInDays", continuous: true, on: "PointInTimeRecovery", canBeOff: true,
			own: "on-demand backups (dynamodb:ListBackups)", backup: true,
		},
		{typ: "AWS::Redshift::Cluster", retention: "AutomatedSnapshotRetentionPeriod", own: "snapshots (redshift:DescribeClusterSnapshots)", backup: true, cheap: true},
		{
			typ: "AWS::ElastiCache::ReplicationGroup", retention: "SnapshotRetentionLimit",
			own: "snapshots (elasticache:DescribeSnapshots)", cheap: true,
		},
		{
			typ: "AWS::ElastiCache::CacheCluster", retention: "SnapshotRetentionLimit",
			own: "snapshots (elasticache:DescribeSnapshots)", cheap: true,
			also: []string{"Engine", "MemberOf"}, skip: cacheOnly,
		},
		{typ: "AWS::EFS::FileSystem", backup: true, cheap: true},
		{typ: "AWS::FSx::FileSystem", own: "backups (fsx:DescribeBackups)", backup: true, cheap: true},
	}
}

// partOfOther leaves out instances whose data is restored with something else.
func partOfOther(r *resource.Resource) (why string, always bool) {
	switch {
	case r.Get("DBClusterIdentifier").Known():
		return "members of clusters, restored with them", true
	case r.Get("ReplicaOf").Known():
		return "read replicas without backups, made anew from their source", false
	default:
		return "", false
	}
}

func cacheOnly(r *resource.Resource) (why string, always bool) {
	engine, _ := r.Get("Engine").Text()
	switch {
	case r.Get("MemberOf").Known():
		return "members of replication groups, restored with them", true
	case engine == "memcached":
		return "memcached, which has no backups", true
	default:
		return "", false
	}
}

// Filter chooses resources by glob patterns; one without patterns takes all.
type Filter struct{ Types, IDs []string }

func matches(patterns []string, text string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, err := path.Match(strings.ToLower(pattern), strings.ToLower(text))
		return err == nil && matched
	})
}

// Types lists the resource types of which something can be told.
func Types() []string {
	var types []string
	for _, k := range kinds() {
		types = append(types, k.typ)
	}
	return types
}

// Wants lists what must be read for the chosen types, as far as the resource
// types have it. It is empty when the patterns choose none.
func Wants(types map[string]*control.Type, filter Filter) resource.Wants {
	wants := make(resource.Wants)
	add := func(typ string, properties ...string) {
		known := types[typ]
		if known == nil {
			return
		}
		for _, property := range properties {
			if known.Properties[property] != nil && !wants.Has(typ, property) {
				wants[typ] = append(wants[typ], property)
			}
		}
		slices.Sort(wants[typ])
	}
	for _, k := range kinds() {
		if !matches(filter.Types, k.typ) {
			continue
		}
		add(k.typ, append([]string{k.retention, "Pending" + k.retention, k.on, k.created}, k.also...)...)
		if k.continuous {
			add(k.typ, earliestProperty, latestProperty)
		}
		if k.cheap {
			add(k.typ, statusProperty)
		}
		if s := k.snapshots; s != nil {
			add(s.typ, s.of, s.uid, s.source, s.original, "SnapshotType", "SnapshotCreateTime", "StorageEncrypted", "KmsKeyId", statusProperty)
		}
		if k.backup {
			add(recoveryPointType, "ResourceArn", "ResourceType", "CreationDate", "BackupVaultName", "IsEncrypted", "IsParent", statusProperty)
		}
	}
	return wants
}

// index finds kinds by their type, and by that of their snapshots.
type index struct{ byType, bySnapshot map[string]*kind }

func newIndex() index {
	all := kinds()
	out := index{make(map[string]*kind, len(all)), make(map[string]*kind)}
	for i := range all {
		k := &all[i]
		k.rank, out.byType[k.typ] = i, k
		if k.snapshots != nil {
			out.bySnapshot[k.snapshots.typ] = k
		}
	}
	return out
}

// byPlace is the order in which resources are told.
func byPlace(a, b *Item) int {
	return cmp.Or(
		cmp.Compare(a.Resource.Account, b.Resource.Account), cmp.Compare(a.Resource.Region, b.Resource.Region),
		cmp.Compare(a.kind.rank, b.kind.rank), cmp.Compare(a.Resource.ID, b.Resource.ID), cmp.Compare(a.Resource.UID, b.Resource.UID),
	)
}
