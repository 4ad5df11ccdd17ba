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
	"github.com/holdfast-aws/holdfast/services/rdsplane"
)

// WaitingChanges names everything of a cluster that waits for its maintenance
// window. It is read for fixes alone.
const WaitingChanges = "PendingChanges"

// EngineError says that an object of another engine bears the name. To those who
// look for one of the service's own it is fix.ErrGone.
type EngineError struct{ Kind, ID, Engine, Service string }

func (e *EngineError) Error() string {
	return fmt.Sprintf("%s %s is not %s's: its engine is %q", e.Kind, e.ID, e.Service, e.Engine)
}

// Is makes the error a fix.ErrGone.
func (e *EngineError) Is(target error) bool { return target == fix.ErrGone }

// reader reads single objects in one place.
type reader struct {
	*Service
	place  awsconn.Place
	client *rds.Client
}

func (s *Service) reader(place awsconn.Place) *reader {
	return &reader{Service: s, place: place, client: rds.NewFromConfig(place.Config)}
}

// own refuses an object that is another service's.
func (r *reader) own(kind, id string, engine *string) error {
	name := aws.ToString(engine)
	if len(r.Share.Engines) > 0 && slices.Contains(r.Share.Engines, name) ||
		len(r.Share.Except) > 0 && name != "" && !slices.Contains(r.Share.Except, name) {
		return nil
	}
	return &EngineError{Kind: kind, ID: id, Engine: name, Service: r.Name}
}

// pick finds the object of a name in an answer.
func pick[T any](r *reader, kind, id string, list []T, err error, tell func(*T) (name, engine *string)) (*T, error) {
	if err != nil {
		return nil, gone(kind, id, err)
	}
	for i := range list {
		name, engine := tell(&list[i])
		if strings.EqualFold(aws.ToString(name), id) {
			return &list[i], r.own(kind, id, engine)
		}
	}
	return nil, fmt.Errorf("%s %s: %w", kind, id, fix.ErrGone)
}

// gone makes the service's many names for "not found" a fix.ErrGone.
func gone(kind, id string, err error) error {
	var api smithy.APIError
	if errors.As(err, &api) && strings.Contains(api.ErrorCode(), "NotFound") {
		return fmt.Errorf("%s %s: %w: %w", kind, id, fix.ErrGone, err)
	}
	return err
}

func (r *reader) cluster(ctx context.Context, id string) (*types.DBCluster, error) {
	out, err := r.client.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String(id)})
	if err != nil {
		out = &rds.DescribeDBClustersOutput{}
	}
	return pick(r, "cluster", id, out.DBClusters, err, func(c *types.DBCluster) (name, engine *string) {
		return c.DBClusterIdentifier, c.Engine
	})
}

func (r *reader) instance(ctx context.Context, id string) (*types.DBInstance, error) {
	out, err := r.client.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: aws.String(id)})
	if err != nil {
		out = &rds.DescribeDBInstancesOutput{}
	}
	return pick(r, "instance", id, out.DBInstances, err, func(i *types.DBInstance) (name, engine *string) {
		return i.DBInstanceIdentifier, i.Engine
	})
}

func (r *reader) clusterSnapshot(ctx context.Context, id string) (*types.DBClusterSnapshot, error) {
	out, err := r.client.DescribeDBClusterSnapshots(ctx, &rds.DescribeDBClusterSnapshotsInput{DBClusterSnapshotIdentifier: aws.String(id)})
	if err != nil {
		out = &rds.DescribeDBClusterSnapshotsOutput{}
	}
	return pick(r, "snapshot", id, out.DBClusterSnapshots, err, func(s *types.DBClusterSnapshot) (name, engine *string) {
		return s.DBClusterSnapshotIdentifier, s.Engine
	})
}

func (r *reader) snapshot(ctx context.Context, id string) (*types.DBSnapshot, error) {
	out, err := r.client.DescribeDBSnapshots(ctx, &rds.DescribeDBSnapshotsInput{DBSnapshotIdentifier: aws.String(id)})
	if err != nil {
		out = &rds.DescribeDBSnapshotsOutput{}
	}
	return pick(r, "snapshot", id, out.DBSnapshots, err, func(s *types.DBSnapshot) (name, engine *string) {
		return s.DBSnapshotIdentifier, s.Engine
	})
}

func (r *reader) readCluster(ctx context.Context, ref resource.Ref, wanted rdsplane.Wanted) (*resource.Resource, error) {
	c, err := r.cluster(ctx, ref.ID)
	if err != nil {
		return nil, err
	}
	out := rdsplane.FromCluster(ref.Type, c, r.place, wanted)
	if waiting := waitingChanges(c.PendingModifiedValues); wanted(WaitingChanges) && len(waiting) > 0 {
		out.Properties[WaitingChanges] = resource.OfStrings(waiting)
	}
	return out, nil
}

// waitingChanges names what of a cluster was accepted and does not count yet.
func waitingChanges(p *types.ClusterPendingModifiedValues) []string {
	if p == nil {
		return nil
	}
	var names []string
	for name, set := range map[string]bool{
		"AllocatedStorage": p.AllocatedStorage != nil, "BackupRetentionPeriod": p.BackupRetentionPeriod != nil,
		"CertificateDetails": p.CertificateDetails != nil, "DBClusterIdentifier": p.DBClusterIdentifier != nil,
		"EngineVersion": p.EngineVersion != nil, "IAMDatabaseAuthenticationEnabled": p.IAMDatabaseAuthenticationEnabled != nil,
		"Iops": p.Iops != nil, "MasterUserPassword": p.MasterUserPassword != nil,
		"PendingCloudwatchLogsExports": p.PendingCloudwatchLogsExports != nil, "StorageType": p.StorageType != nil,
	} {
		if set {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (r *reader) readInstance(ctx context.Context, ref resource.Ref, wanted rdsplane.Wanted) (*resource.Resource, error) {
	i, err := r.instance(ctx, ref.ID)
	if err != nil {
		return nil, err
	}
	return rdsplane.FromInstance(ref.Type, i, r.place, wanted), nil
}

func (r *reader) readClusterSnapshot(ctx context.Context, ref resource.Ref, wanted rdsplane.Wanted) (*resource.Resource, error) {
	s, err := r.clusterSnapshot(ctx, ref.ID)
	if err != nil {
		return nil, err
	}
	out := rdsplane.FromClusterSnapshot(ref.Type, s, r.place, wanted)
	if wanted(rdsplane.SharesProperty) {
		out.Properties[rdsplane.SharesProperty] = r.shares(ctx, rdsplane.ClusterSnapshotAttributes, rdsplane.ReadClusterSnapshotShares, ref.ID,
			rdsplane.CanBePublic(s.SnapshotType, s.StorageEncrypted))
	}
	return out, nil
}

func (r *reader) readSnapshot(ctx context.Context, ref resource.Ref, wanted rdsplane.Wanted) (*resource.Resource, error) {
	s, err := r.snapshot(ctx, ref.ID)
	if err != nil {
		return nil, err
	}
	out := rdsplane.FromSnapshot(ref.Type, s, r.place, wanted)
	if wanted(rdsplane.SharesProperty) {
		out.Properties[rdsplane.SharesProperty] = r.shares(ctx, rdsplane.SnapshotAttributes, rdsplane.ReadSnapshotShares, ref.ID,
			rdsplane.CanBePublic(s.SnapshotType, s.Encrypted))
	}
	return out, nil
}

// shares reads with whom a snapshot is shared. One that cannot be public costs
// no call, as in a scan.
func (r *reader) shares(
	ctx context.Context, operation string, read func(context.Context, *rds.Client, string) (resource.Value, error), id string, canBePublic bool,
) resource.Value {
	if !canBePublic {
		return resource.OfStrings(nil)
	}
	value, err := read(ctx, r.client, id)
	if err != nil {
		return unread(operation, err)
	}
	return value
}

// unread is the value of a property whose read failed.
func unread(operation string, err error) resource.Value {
	fault := awsconn.Classify(err)
	missing := resource.Missing{Reason: resource.ReasonFailed, Detail: fault.Detail, Operation: operation}
	if fault.Reason == finding.GapDenied || fault.Reason == finding.GapPolicy {
		missing.Reason, missing.Permission = resource.ReasonDenied, operation
	}
	return resource.OfUnknown(missing)
}
