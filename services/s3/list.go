package s3

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// BucketType is the resource type of a bucket.
const BucketType = "AWS::S3::Bucket"

// The operations that reading S3 needs.
const (
	listBuckets    = "s3:ListBuckets"
	bucketLocation = "s3:GetBucketLocation"
	versioning     = "s3:GetBucketVersioning"
	objectLock     = "s3:GetObjectLockConfiguration"
	bucketTags     = "s3:GetBucketTagging"
)

const (
	// pageSize is how many buckets are asked for at a time. Without it S3 does
	// not tell their regions.
	pageSize = 1000
	// pageOut is how many buckets are handed over at a time.
	pageOut = 100
)

// Reader reads S3's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{BucketType} }

// Reads implements live.Service.
func (Reader) Reads() []string {
	return []string{listBuckets, bucketLocation, versioning, objectLock, bucketTags}
}

// List implements live.Service: the buckets of the account that are in the
// region of the place.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: typ, Sink: sink, Wants: wants},
		client:  s3.NewFromConfig(place.Config),
	}
	all := awsconn.Recall(place.Memo, accountBuckets(place.Account), func() (*buckets, bool) {
		b := l.readAll(ctx)
		return b, b.gap == nil
	})
	if all.gap != nil {
		gap := *all.gap
		gap.Region = place.Region
		if err := sink.Gap(gap); err != nil {
			return err
		}
	}
	return l.region(ctx, all)
}

// accountBuckets is the key under which the buckets of an account are
// remembered for the other regions of the scan.
type accountBuckets string

// buckets are the buckets of an account, by region.
type buckets struct {
	byRegion map[string][]string
	gap      *finding.Gap // why there may be more
	lost     []finding.Gap
}

type lister struct {
	answer.Reading
	client *s3.Client
}

// readAll lists the buckets of the account with their regions.
func (l *lister) readAll(ctx context.Context) *buckets {
	all := &buckets{byRegion: make(map[string][]string)}
	broken, _ := answer.Pages(func(next *string) (answer.Page[types.Bucket], error) {
		out, err := l.client.ListBuckets(ctx, &s3.ListBucketsInput{MaxBuckets: aws.Int32(pageSize), ContinuationToken: next})
		if err != nil {
			return answer.Page[types.Bucket]{}, err
		}
		return answer.Page[types.Bucket]{Items: out.Buckets, Next: out.ContinuationToken}, nil
	}, func(items []types.Bucket) error {
		for _, bucket := range items {
			l.place(ctx, all, aws.ToString(bucket.Name), aws.ToString(bucket.BucketRegion))
		}
		return nil
	})
	if broken != nil {
		gap := l.Place.Gap(BucketType, listBuckets, broken)
		all.gap = &gap
	}
	return all
}

// place files a bucket under its region. Where the list did not tell it, the
// bucket is asked; one that does not answer either is told of once.
func (l *lister) place(ctx context.Context, all *buckets, name, region string) {
	if region == "" {
		out, err := l.client.GetBucketLocation(ctx, &s3.GetBucketLocationInput{Bucket: aws.String(name)})
		switch {
		case isGone(err):
			return
		case err != nil:
			gap := l.Place.Gap(BucketType, bucketLocation, err)
			gap.Resource = l.arn(name)
			all.lost = append(all.lost, gap)
			return
		}
		region = locationOf(out.LocationConstraint)
	}
	all.byRegion[region] = append(all.byRegion[region], name)
}

// locationOf is the region behind a location: S3's oldest two have other names
// here.
func locationOf(constraint types.BucketLocationConstraint) string {
	switch constraint {
	case "":
		return "us-east-1"
	case types.BucketLocationConstraintEu:
		return "eu-west-1"
	default:
		return string(constraint)
	}
}

func (l *lister) arn(bucket string) string { return "arn:" + l.Place.Partition + ":s3:::" + bucket }

// region reads the buckets of one region.
func (l *lister) region(ctx context.Context, all *buckets) error {
	for _, gap := range all.lost {
		if gap.Region == l.Place.Region { // told by the region that asked
			if err := l.Sink.Gap(gap); err != nil {
				return err
			}
		}
	}
	names := all.byRegion[l.Place.Region]
	for len(names) > 0 {
		n := min(pageOut, len(names))
		page := make([]*resource.Resource, n)
		for i, name := range names[:n] {
			page[i] = &resource.Resource{Ref: l.Ref(name, l.arn(name)), Properties: make(map[string]resource.Value, 2)}
		}
		names = names[n:]
		page, err := l.Each(ctx, page, l.read)
		if err != nil {
			return err
		}
		if err := l.Sink.Resources(page); err != nil {
			return err
		}
	}
	return nil
}

// read makes the calls that the wanted properties of one bucket need.
func (l *lister) read(ctx context.Context, bucket *resource.Resource) (gone bool, gaps []finding.Gap) {
	for _, step := range []struct {
		operation  string
		properties []string
		read       func(context.Context, *resource.Resource, func(*s3.Options)) error
	}{
		{versioning, []string{"Versioning"}, l.versioning},
		{objectLock, []string{"ObjectLockEnabled", "ObjectLockMode"}, l.lock},
		{bucketTags, []string{resource.TagsProperty}, l.tags},
	} {
		if !l.AnyWanted(step.properties...) {
			continue
		}
		err := step.read(ctx, bucket, func(o *s3.Options) { o.Region = bucket.Region })
		if region := movedTo(err); region != "" {
			bucket.Region = region
			err = step.read(ctx, bucket, func(o *s3.Options) { o.Region = region })
		}
		switch {
		case isGone(err):
			return true, nil
		case err != nil:
			gaps = append(gaps, l.Fault(bucket, step.operation, err, step.properties...))
		}
	}
	return false, gaps
}

// movedTo returns the region to which S3 sends a caller who asked in another;
// empty where it does not.
func movedTo(err error) string {
	var response *smithyhttp.ResponseError
	if !errors.As(err, &response) || response.Response == nil {
		return ""
	}
	switch response.HTTPStatusCode() {
	case http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusBadRequest:
		return response.Response.Header.Get("X-Amz-Bucket-Region")
	default:
		return ""
	}
}

// versioning reads whether old versions are kept. An answer without a status
// means that nobody ever turned it on.
func (l *lister) versioning(ctx context.Context, bucket *resource.Resource, at func(*s3.Options)) error {
	out, err := l.client.GetBucketVersioning(ctx, &s3.GetBucketVersioningInput{Bucket: aws.String(bucket.ID)}, at)
	if err != nil {
		return err
	}
	bucket.Properties["Versioning"] = versions(string(out.Status))
	return nil
}

// lock reads whether objects are locked, and how new ones are by default.
func (l *lister) lock(ctx context.Context, bucket *resource.Resource, at func(*s3.Options)) error {
	out, err := l.client.GetObjectLockConfiguration(ctx, &s3.GetObjectLockConfigurationInput{Bucket: aws.String(bucket.ID)}, at)
	if code(err) == "ObjectLockConfigurationNotFoundError" {
		bucket.Properties["ObjectLockEnabled"] = resource.OfBool(false)
		return nil
	}
	if err != nil {
		return err
	}
	if out.ObjectLockConfiguration == nil {
		return awsconn.OddAnswerError("the answer does not tell of Object Lock")
	}
	bucket.Properties["ObjectLockEnabled"] = resource.OfBool(out.ObjectLockConfiguration.ObjectLockEnabled == types.ObjectLockEnabledEnabled)
	if rule := out.ObjectLockConfiguration.Rule; rule != nil && rule.DefaultRetention != nil {
		bucket.Properties["ObjectLockMode"] = answer.String(&rule.DefaultRetention.Mode)
	}
	return nil
}

func (l *lister) tags(ctx context.Context, bucket *resource.Resource, at func(*s3.Options)) error {
	out, err := l.client.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: aws.String(bucket.ID)}, at)
	if code(err) == "NoSuchTagSet" {
		out, err = &s3.GetBucketTaggingOutput{}, nil
	}
	if err != nil {
		return err
	}
	bucket.Properties[resource.TagsProperty] = answer.Tags(out.TagSet, func(t *types.Tag) (key, value *string) { return t.Key, t.Value })
	return nil
}

func isGone(err error) bool { return code(err) == "NoSuchBucket" }

func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}
