package rdsplane

import "slices"

// Kind is one of the lists of the control plane.
type Kind int

// The lists.
const (
	Clusters Kind = iota
	ClusterSnapshots
	Instances
	Snapshots // of instances
)

// The operations that reading may take.
const (
	ListClusters              = "rds:DescribeDBClusters"
	ListClusterSnapshots      = "rds:DescribeDBClusterSnapshots"
	ListInstances             = "rds:DescribeDBInstances"
	ListSnapshots             = "rds:DescribeDBSnapshots"
	ClusterSnapshotAttributes = "rds:DescribeDBClusterSnapshotAttributes"
	SnapshotAttributes        = "rds:DescribeDBSnapshotAttributes"
	GroupParameters           = "rds:DescribeDBClusterParameters"
)

func (k Kind) operation() string {
	return [...]string{ListClusters, ListClusterSnapshots, ListInstances, ListSnapshots}[k]
}

// Share is what one service takes of the lists.
type Share struct {
	// Engines are the engines of the service, as the field Engine and the
	// filter of that name spell them.
	Engines []string
	// Except, set in place of Engines, are the engines that belong to others:
	// every other one is the service's own, known here or not.
	Except []string
	// Types are the resource types by list; a list that is not named holds
	// nothing for the service.
	Types map[Kind]string
	// Audit is the cluster parameter that makes the engine write audit lines;
	// nil where the service has none.
	Audit *Parameter
	// Backup is what AWS Backup calls the service's instances, where it backs up
	// instances of their own; empty where it does not.
	Backup string
}

// Parameter is a parameter of cluster parameter groups.
type Parameter struct {
	Name string
	// Default is the value in the groups that AWS provides, and wherever a group
	// leaves the parameter alone.
	Default string
}

// owns reports whether an engine is the service's.
func (s *Share) owns(engine string) bool {
	if len(s.Except) > 0 {
		return !slices.Contains(s.Except, engine)
	}
	return slices.Contains(s.Engines, engine)
}

// kindOf finds the list that yields a type.
func (s *Share) kindOf(typ string) (Kind, bool) {
	for kind, name := range s.Types {
		if name == typ {
			return kind, true
		}
	}
	return 0, false
}
