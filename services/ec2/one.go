package ec2

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// SnapshotType is a single EBS snapshot. No control judges it by itself; a fix
// looks with whom it is shared.
const SnapshotType = "AWS::EC2::Snapshot"

const (
	// SharedWith are the ids of the accounts that may restore a snapshot, with
	// Everybody where all may.
	SharedWith = "SharedWith"
	// Everybody stands for every AWS account.
	Everybody = "all"
)

// OneReads lists the operations that One may call.
func OneReads() []string { return []string{blockState, listSnapshots, snapshotAttribute} }

// One reads the switch or the public snapshots of the place, or a single
// snapshot; nil where there is no such snapshot.
func (Reader) One(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	place.Memo = nil // what is read here is about to change
	var found first
	l := &lister{
		Reading: answer.Reading{Place: place, Type: ref.Type, Sink: &found, Wants: resource.Wants{ref.Type: properties}},
		client:  ec2.NewFromConfig(place.Config),
	}
	switch ref.Type {
	case SnapshotType:
		return l.snapshot(ctx, ref.ID)
	case SharingType:
		err := l.sharing(ctx)
		return found.resource, err
	default:
		place.Memo = awsconn.NewMemo() // for the error, which block turns into a gap
		l.Place = place
		if _, err := l.switched(ctx); err != nil {
			return nil, err
		}
		err := l.block(ctx)
		return found.resource, err
	}
}

// first is a sink that keeps the one resource that comes. What could not be
// read shows in its properties.
type first struct{ resource *resource.Resource }

func (f *first) Resources(page []*resource.Resource) error {
	for _, r := range page {
		f.resource = r
	}
	return nil
}

func (*first) Gap(finding.Gap) error { return nil }

// snapshot reads with whom a snapshot is shared.
func (l *lister) snapshot(ctx context.Context, id string) (*resource.Resource, error) {
	out, err := l.client.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: aws.String(id), Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	var api smithy.APIError
	switch {
	case errors.As(err, &api) && api.ErrorCode() == "InvalidSnapshot.NotFound":
		return nil, nil
	case err != nil:
		return nil, err
	}
	var shared []string
	for _, permission := range out.CreateVolumePermissions {
		if permission.Group == types.PermissionGroupAll {
			shared = append(shared, Everybody)
		} else {
			shared = append(shared, aws.ToString(permission.UserId))
		}
	}
	slices.Sort(shared)
	// The ARN of a snapshot names no account.
	ref := l.Ref(id, "arn:"+l.Place.Partition+":ec2:"+l.Place.Region+"::snapshot/"+id)
	return &resource.Resource{Ref: ref, Properties: map[string]resource.Value{SharedWith: resource.OfStrings(shared)}}, nil
}
