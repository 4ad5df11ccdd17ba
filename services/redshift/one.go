package redshift

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/redshift/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// OneReads lists the operations that One may call.
func OneReads() []string { return []string{listClusters} }

// One reads a single cluster with the wanted properties; nil where there is
// none of the name.
func (Reader) One(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	r := &answer.Reading{Place: place, Type: ClusterType, Wants: resource.Wants{ClusterType: properties}}
	out, err := redshift.NewFromConfig(place.Config).DescribeClusters(ctx, &redshift.DescribeClustersInput{ClusterIdentifier: aws.String(ref.ID)})
	var none *types.ClusterNotFoundFault
	switch {
	case errors.As(err, &none):
		return nil, nil
	case err != nil:
		return nil, err
	}
	for i := range out.Clusters {
		if aws.ToString(out.Clusters[i].ClusterIdentifier) == ref.ID {
			return fromCluster(r, &out.Clusters[i]), nil
		}
	}
	return nil, nil
}
