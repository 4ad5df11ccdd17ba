package apply

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// The operations that reading single resources takes.
const (
	describeClusters   = "rds:DescribeDBClusters"
	describeSnapshots  = "rds:DescribeDBClusterSnapshots"
	describeAttributes = "rds:DescribeDBClusterSnapshotAttributes"
	describeInstances  = "rds:DescribeDBInstances"
	describeGroups     = "rds:DescribeDBClusterParameterGroups"
	describeParameters = "rds:DescribeDBClusterParameters"
	listTags           = "rds:ListTagsForResource"
)

// Types lists the resource types that Read knows.
func (Service) Types() []string {
	return []string{neptune.ClusterType, neptune.SnapshotType, neptune.InstanceType, neptune.ParameterGroupType}
}

// Reads lists every operation that Read and Check may call.
func (Service) Reads() []string {
	return []string{describeClusters, describeSnapshots, describeAttributes, describeInstances, describeGroups, describeParameters, listTags}
}

// Read returns one resource with the named properties. It makes one call, and
// a further one for each property that needs its own. A resource of another
// engine under the name is fix.ErrGone.
func (Service) Read(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	r := newReader(place)
	wanted := func(property string) bool { return slices.Contains(properties, property) }
	switch ref.Type {
	case neptune.ClusterType:
		return r.readCluster(ctx, ref.ID, wanted)
	case neptune.SnapshotType:
		return r.readSnapshot(ctx, ref.ID, wanted)
	case neptune.InstanceType:
		return r.readInstance(ctx, ref.ID, wanted)
	case neptune.ParameterGroupType:
		return r.readGroup(ctx, ref.ID, wanted)
	default:
		return nil, fmt.Errorf("resource type %s is none of Neptune's", ref.Type)
	}
}

// EngineError says that a resource of another engine bears the name. To those
// who look for a Neptune resource it is fix.ErrGone.
type EngineError struct{ Kind, ID, Engine string }

func (e *EngineError) Error() string {
	return fmt.Sprintf("%s %s is no Neptune resource: its engine is %q", e.Kind, e.ID, e.Engine)
}

// Is makes the error a fix.ErrGone.
func (e *EngineError) Is(target error) bool { return target == fix.ErrGone }

// reader reads single objects in one place.
type reader struct {
	place  awsconn.Place
	client *rds.Client
}

func newReader(place awsconn.Place) *reader {
	return &reader{place: place, client: rds.NewFromConfig(place.Config)}
}

func (r *reader) cluster(ctx context.Context, id string) (*types.DBCluster, error) {
	out, err := r.client.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String(id)})
	if err != nil {
		return nil, gone("cluster", id, err)
	}
	for i := range out.DBClusters {
		if c := &out.DBClusters[i]; strings.EqualFold(aws.ToString(c.DBClusterIdentifier), id) {
			return c, isNeptune("cluster", id, c.Engine)
		}
	}
	return nil, fmt.Errorf("cluster %s: %w", id, fix.ErrGone)
}

func (r *reader) snapshot(ctx context.Context, id string) (*types.DBClusterSnapshot, error) {
	out, err := r.client.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: aws.String(id)})
	if err != nil {
		return nil, gone("snapshot", id, err)
	}
	for i := range out.DBClusterSnapshots {
		if s := &out.DBClusterSnapshots[i]; strings.EqualFold(aws.ToString(s.DBClusterSnapshotIdentifier), id) {
			return s, isNeptune("snapshot", id, s.Engine)
		}
	}
	return nil, fmt.Errorf("snapshot %s: %w", id, fix.ErrGone)
}

func (r *reader) instance(ctx context.Context, id string) (*types.DBInstance, error) {
	out, err := r.client.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String(id)})
	if err != nil {
		return nil, gone("instance", id, err)
	}
	for i := range out.DBInstances {
		if in := &out.DBInstances[i]; strings.EqualFold(aws.ToString(in.DBInstanceIdentifier), id) {
			return in, isNeptune("instance", id, in.Engine)
		}
	}
	return nil, fmt.Errorf("instance %s: %w", id, fix.ErrGone)
}

func (r *reader) group(ctx context.Context, name string) (*types.DBClusterParameterGroup, error) {
	out, err := r.client.DescribeDBClusterParameterGroups(ctx, &rds.DescribeDBClusterParameterGroupsInput{DBClusterParameterGroupName: aws.String(name)})
	if err != nil {
		return nil, gone("parameter group", name, err)
	}
	for i := range out.DBClusterParameterGroups {
		g := &out.DBClusterParameterGroups[i]
		if !strings.EqualFold(aws.ToString(g.DBClusterParameterGroupName), name) {
			continue
		}
		if family := aws.ToString(g.DBParameterGroupFamily); !isFamily(family) {
			return nil, &EngineError{Kind: "parameter group", ID: name, Engine: family}
		}
		return g, nil
	}
	return nil, fmt.Errorf("parameter group %s: %w", name, fix.ErrGone)
}

// isFamily reports whether a parameter group family, such as neptune1.3, is
// Neptune's.
func isFamily(family string) bool { return strings.HasPrefix(family, neptune.Engine) }

func isNeptune(kind, id string, engine *string) error {
	if aws.ToString(engine) == neptune.Engine {
		return nil
	}
	return &EngineError{Kind: kind, ID: id, Engine: aws.ToString(engine)}
}

// gone makes the service's many names for "not found" a fix.ErrGone.
func gone(kind, id string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && strings.Contains(api.ErrorCode(), "NotFound") {
		return fmt.Errorf("%s %s: %w: %w", kind, id, fix.ErrGone, err)
	}
	return err
}

// unread is the value of a property whose read failed.
func (r *reader) unread(operation string, err error) resource.Value {
	fault := awsconn.Classify(err)
	missing := resource.Missing{Reason: resource.ReasonFailed, Detail: fault.Detail, Operation: operation}
	if fault.Reason == finding.GapDenied || fault.Reason == finding.GapPolicy {
		missing.Reason, missing.Permission = resource.ReasonDenied, operation
	}
	return resource.OfUnknown(missing)
}
