package s3

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// OneReads lists the operations that One may call.
func OneReads() []string { return []string{versioning, bucketTags} }

// One reads the versioning and the tags of a single bucket; nil where there is
// none of the name. A bucket of the name that belongs to another account is
// refused by AWS: it must not be taken for the one that was deleted.
func (Reader) One(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: BucketType, Wants: resource.Wants{BucketType: properties}},
		client:  s3.NewFromConfig(place.Config),
	}
	bucket := &resource.Resource{Ref: l.Ref(ref.ID, l.arn(ref.ID)), Properties: make(map[string]resource.Value, 2)}
	out, err := l.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{
		Bucket: aws.String(ref.ID), ExpectedBucketOwner: aws.String(place.Account),
	})
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	bucket.Properties["Versioning"] = versions(string(out.Status))
	if l.Wanted(resource.TagsProperty) {
		if err := l.tags(ctx, bucket, func(*s3.Options) {}); err != nil {
			l.Fault(bucket, bucketTags, err, resource.TagsProperty)
		}
	}
	return bucket, nil
}

// versions is the value of an answer's status: none means that versioning was
// never turned on.
func versions(status string) resource.Value {
	if status == "" {
		status = "Off"
	}
	return resource.OfString(status)
}
