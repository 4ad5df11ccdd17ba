package efs

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// OneReads lists the operations that One may call.
func OneReads() []string { return []string{listFileSystems, backupPolicy} }

// One reads a single file system with the wanted properties; nil where there is
// none of the id.
func (Reader) One(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: FileSystemType, Wants: resource.Wants{FileSystemType: properties}},
		client:  efs.NewFromConfig(place.Config),
	}
	out, err := l.client.DescribeFileSystems(ctx, &efs.DescribeFileSystemsInput{FileSystemId: aws.String(ref.ID)})
	var none *types.FileSystemNotFound
	switch {
	case errors.As(err, &none):
		return nil, nil
	case err != nil:
		return nil, err
	}
	for i := range out.FileSystems {
		f := &out.FileSystems[i]
		if aws.ToString(f.FileSystemId) != ref.ID {
			continue
		}
		r := &resource.Resource{Ref: l.Ref(ref.ID, aws.ToString(f.FileSystemArn)), Properties: answer.Properties(f, fields(), l.Wanted)}
		if l.Wanted(policyProperty) {
			if gone, _ := l.policy(ctx, r); gone {
				return nil, nil
			}
		}
		return r, nil
	}
	return nil, nil
}
