package apply

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
)

// Service reads and changes the objects that one service has on the control
// plane.
type Service struct {
	// Name is the service's, for messages.
	Name  string
	Share rdsplane.Share
	// Sets lists, for each kind of object, the parameters that fixes set. A kind
	// that is not here is only read.
	Sets map[rdsplane.Kind][]string
}

var _ live.Service = (*Service)(nil)

// kind is what the control plane does with one kind of object.
type kind struct {
	operation, identifier string
	// reads are the calls that reading one object takes.
	reads []string
	of    func(*Service, []string) action.Action
}

// Attribute is the parameter that names which attribute of a snapshot is meant,
// with the one that may be changed and the lists of what changes.
const (
	attributeName = "AttributeName"
	restore       = "restore"
	add           = "ValuesToAdd"
	remove        = "ValuesToRemove"
)

// ShareParameters are those with which a snapshot's shares are changed.
func ShareParameters() []string { return []string{attributeName, add, remove} }

func kinds() map[rdsplane.Kind]kind {
	return map[rdsplane.Kind]kind{
		rdsplane.Clusters: {
			"rds:ModifyDBCluster", "DBClusterIdentifier", []string{rdsplane.ListClusters},
			func(s *Service, sets []string) action.Action {
				return does((*rds.Client).ModifyDBCluster, s.only("DBClusterIdentifier", sets, found((*reader).cluster)))
			},
		},
		rdsplane.Instances: {
			"rds:ModifyDBInstance", "DBInstanceIdentifier", []string{rdsplane.ListInstances},
			func(s *Service, sets []string) action.Action {
				return does((*rds.Client).ModifyDBInstance, s.only("DBInstanceIdentifier", sets, found((*reader).instance)))
			},
		},
		rdsplane.ClusterSnapshots: {
			"rds:ModifyDBClusterSnapshotAttribute", "DBClusterSnapshotIdentifier", []string{rdsplane.ListClusterSnapshots, rdsplane.ClusterSnapshotAttributes},
			func(s *Service, sets []string) action.Action {
				return does((*rds.Client).ModifyDBClusterSnapshotAttribute, s.only("DBClusterSnapshotIdentifier", sets, found((*reader).clusterSnapshot)))
			},
		},
		rdsplane.Snapshots: {
			"rds:ModifyDBSnapshotAttribute", "DBSnapshotIdentifier", []string{rdsplane.ListSnapshots, rdsplane.SnapshotAttributes},
			func(s *Service, sets []string) action.Action {
				return does((*rds.Client).ModifyDBSnapshotAttribute, s.only("DBSnapshotIdentifier", sets, found((*reader).snapshot)))
			},
		},
	}
}

func does[In, Out any](
	call func(*rds.Client, context.Context, *In, ...func(*rds.Options)) (*Out, error), check action.Check,
) action.Action {
	return action.Of(rds.NewFromConfig, call, check)
}

// found looks whether an object is there, and the service's own.
func found[T any](read func(*reader, context.Context, string) (*T, error)) func(*reader, context.Context, string) error {
	return func(r *reader, ctx context.Context, id string) error {
		_, err := read(r, ctx, id)
		return err
	}
}

// only checks that a call sets what fixes set, on an object of the service.
func (s *Service) only(identifier string, sets []string, there func(*reader, context.Context, string) error) action.Check {
	return func(ctx context.Context, place awsconn.Place, params action.Parameters) error {
		if err := action.Only(params, append(slices.Clone(sets), identifier)...); err != nil {
			return err
		}
		id, err := action.Named(params, identifier)
		if err != nil {
			return err
		}
		return there(s.reader(place), ctx, id)
	}
}

// actions is every call that may change the service's objects.
func (s *Service) actions() action.Set {
	set := make(action.Set)
	for at, sets := range s.Sets {
		set[kinds()[at].operation] = kinds()[at].of(s, sets)
	}
	return set
}

// Types implements live.Service.
func (s *Service) Types() []string { return slices.Sorted(maps.Values(s.Share.Types)) }

// Operations implements live.Service.
func (s *Service) Operations() []string { return s.actions().Operations() }

// Reads implements live.Service.
func (s *Service) Reads() []string {
	var reads []string
	for at := range s.Share.Types {
		reads = append(reads, kinds()[at].reads...)
	}
	slices.Sort(reads)
	return reads
}

// ReadsOf lists the calls that reading one object of a type takes, in
// alphabetical order; nil for a type that is not the service's.
func (s *Service) ReadsOf(typ string) []string {
	at, ok := s.kindOf(typ)
	if !ok {
		return nil
	}
	return slices.Clone(kinds()[at].reads)
}

func (s *Service) kindOf(typ string) (rdsplane.Kind, bool) {
	for at, name := range s.Share.Types {
		if name == typ {
			return at, true
		}
	}
	return 0, false
}

// Check implements live.Service: it refuses a call on what is not the service's,
// and parameters that no fix sends.
func (s *Service) Check(ctx context.Context, place awsconn.Place, operation string, params map[string]resource.Value) error {
	return s.actions().Check(ctx, place, operation, params)
}

// Call implements live.Service.
func (s *Service) Call(ctx context.Context, place awsconn.Place, operation string, params map[string]resource.Value) error {
	return s.actions().Call(ctx, place, operation, params)
}

// Read implements live.Service. An object of another engine under the name is
// fix.ErrGone.
func (s *Service) Read(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	at, ok := s.kindOf(ref.Type)
	if !ok {
		return nil, fmt.Errorf("resource type %s is none of %s's", ref.Type, s.Name)
	}
	r := s.reader(place)
	wanted := func(property string) bool { return slices.Contains(properties, property) }
	switch at {
	case rdsplane.Clusters:
		return r.readCluster(ctx, ref, wanted)
	case rdsplane.Instances:
		return r.readInstance(ctx, ref, wanted)
	case rdsplane.ClusterSnapshots:
		return r.readClusterSnapshot(ctx, ref, wanted)
	default:
		return r.readSnapshot(ctx, ref, wanted)
	}
}
