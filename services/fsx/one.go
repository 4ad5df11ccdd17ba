package fsx

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/fsx"
	"github.com/aws/aws-sdk-go-v2/service/fsx/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// OneReads lists the operations that One may call.
func OneReads() []string { return []string{listFileSystems} }

// One reads a single file system with the wanted properties; nil where there is
// none of the id.
func (Reader) One(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	r := &answer.Reading{Place: place, Type: FileSystemType, Wants: resource.Wants{FileSystemType: properties}}
	out, err := fsx.NewFromConfig(place.Config).DescribeFileSystems(ctx, &fsx.DescribeFileSystemsInput{FileSystemIds: []string{ref.ID}})
	var none *types.FileSystemNotFound
	switch {
	case errors.As(err, &none):
		return nil, nil
	case err != nil:
		return nil, err
	}
	for i := range out.FileSystems {
		if f := &out.FileSystems[i]; aws.ToString(f.FileSystemId) == ref.ID {
			return &resource.Resource{Ref: r.Ref(ref.ID, aws.ToString(f.ResourceARN)), Properties: answer.Properties(f, fields(), r.Wanted)}, nil
		}
	}
	return nil, nil
}
