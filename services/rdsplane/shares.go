package rdsplane

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"golang.org/x/sync/errgroup"
)

// SharesProperty holds the accounts that may restore a snapshot.
const SharesProperty = "RestoreAccounts"

// CanBePublic reports whether a snapshot can be shared with everybody. AWS
// shares only manual snapshots, and none that is encrypted with all. What AWS
// left out of its answer rules nothing out.
func CanBePublic(kind *string, encrypted *bool) bool {
	return (kind == nil || *kind == "" || *kind == "manual") && !aws.ToBool(encrypted)
}

// shares reads with whom the snapshots of a page are shared.
type shares struct {
	*pass
	operation string
	read      func(context.Context, *rds.Client, string) (resource.Value, error)
	asked     []*resource.Resource // of the page at hand
}

// ask notes a snapshot whose shares are wanted. One that cannot be public costs
// no call.
func (s *shares) ask(r *resource.Resource, t *taker, canBePublic bool) {
	if !t.wanted(SharesProperty) {
		return
	}
	r.Properties[SharesProperty] = resource.OfStrings(nil)
	if canBePublic {
		s.asked = append(s.asked, r)
	}
}

// finish reads the shares that were asked for. A snapshot that cannot be read
// is unknown by itself and hides no other; one that was deleted since it was
// listed is gone and nothing is to be said of it.
func (s *shares) finish(ctx context.Context, found []*resource.Resource) ([]*resource.Resource, error) {
	snapshots := s.asked
	s.asked = nil
	values, causes := make([]resource.Value, len(snapshots)), make([]error, len(snapshots))
	group := new(errgroup.Group)
	group.SetLimit(perResource)
	for i, r := range snapshots {
		group.Go(func() error {
			values[i], causes[i] = s.read(ctx, s.client, r.ID)
			return nil
		})
	}
	_ = group.Wait() // every error is kept with its snapshot
	gone := make(map[*resource.Resource]bool)
	for i, r := range snapshots {
		switch {
		case isGone(causes[i]):
			gone[r] = true
		case causes[i] != nil:
			gap := s.place.Gap(r.Type, s.operation, causes[i])
			gap.Resource = r.ARN
			r.Properties[SharesProperty] = unread(gap)
			if err := s.sink.Gap(gap); err != nil {
				return nil, err
			}
		default:
			r.Properties[SharesProperty] = values[i]
		}
	}
	return slices.DeleteFunc(found, func(r *resource.Resource) bool { return gone[r] }), nil
}

func isGone(err error) bool {
	var cluster *types.DBClusterSnapshotNotFoundFault
	var instance *types.DBSnapshotNotFoundFault
	return errors.As(err, &cluster) || errors.As(err, &instance)
}

// ReadClusterSnapshotShares returns the account ids, and "all", that may restore
// a snapshot of a cluster, in alphabetical order.
func ReadClusterSnapshotShares(ctx context.Context, client *rds.Client, snapshot string) (resource.Value, error) {
	out, err := client.DescribeDBClusterSnapshotAttributes(ctx, &rds.DescribeDBClusterSnapshotAttributesInput{
		DBClusterSnapshotIdentifier: aws.String(snapshot),
	})
	if err != nil {
		return resource.Value{}, err
	}
	if out.DBClusterSnapshotAttributesResult == nil || out.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes == nil {
		return omitted, nil // an empty list is there, and empty
	}
	var accounts []string
	for _, attribute := range out.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes {
		if aws.ToString(attribute.AttributeName) == "restore" {
			accounts = append(accounts, attribute.AttributeValues...)
		}
	}
	slices.Sort(accounts)
	return resource.OfStrings(accounts), nil
}

// ReadSnapshotShares returns the account ids, and "all", that may restore a
// snapshot of an instance, in alphabetical order.
func ReadSnapshotShares(ctx context.Context, client *rds.Client, snapshot string) (resource.Value, error) {
	out, err := client.DescribeDBSnapshotAttributes(ctx, &rds.DescribeDBSnapshotAttributesInput{
		DBSnapshotIdentifier: aws.String(snapshot),
	})
	if err != nil {
		return resource.Value{}, err
	}
	if out.DBSnapshotAttributesResult == nil || out.DBSnapshotAttributesResult.DBSnapshotAttributes == nil {
		return omitted, nil // an empty list is there, and empty
	}
	var accounts []string
	for _, attribute := range out.DBSnapshotAttributesResult.DBSnapshotAttributes {
		if aws.ToString(attribute.AttributeName) == "restore" {
			accounts = append(accounts, attribute.AttributeValues...)
		}
	}
	slices.Sort(accounts)
	return resource.OfStrings(accounts), nil
}
