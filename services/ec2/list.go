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
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
	"github.com/holdfast-aws/holdfast/services/backup"
)

// The resource types of EC2.
const (
	VolumeType  = "AWS::EC2::Volume"
	BlockType   = "AWS::EC2::SnapshotBlockPublicAccess"
	SharingType = "AWS::EC2::SnapshotSharing"
)

// The operations that reading EC2 needs.
const (
	listVolumes       = "ec2:DescribeVolumes"
	blockState        = "ec2:GetSnapshotBlockPublicAccessState"
	listSnapshots     = "ec2:DescribeSnapshots"
	snapshotAttribute = "ec2:DescribeSnapshotAttribute"
)

// pageSize is the most that EC2 returns in one answer.
const pageSize = 1000

// Reader reads EC2's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{BlockType, SharingType, VolumeType} }

// Reads implements live.Service.
func (Reader) Reads() []string {
	return append(backup.ProtectionReads(), listVolumes, blockState, listSnapshots, snapshotAttribute)
}

// List implements live.Service.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: typ, Sink: sink, Wants: wants},
		client:  ec2.NewFromConfig(place.Config),
	}
	switch typ {
	case BlockType:
		return l.block(ctx)
	case SharingType:
		return l.sharing(ctx)
	default:
		return l.volumes(ctx)
	}
}

type lister struct {
	answer.Reading
	client *ec2.Client
}

// block reads the switch of the region. AWS has no ARN for it; the one made
// here is in its style.
func (l *lister) block(ctx context.Context) error {
	out, err := l.switched(ctx)
	if err != nil {
		return l.Sink.Gap(l.Place.Gap(BlockType, blockState, err))
	}
	r := &resource.Resource{Ref: l.Ref(l.Place.Region, l.ARN("ec2", "snapshot-block-public-access"))}
	r.Properties = answer.Properties(out, []answer.Field[ec2.GetSnapshotBlockPublicAccessStateOutput]{
		{Name: "State", Get: func(o *ec2.GetSnapshotBlockPublicAccessStateOutput) resource.Value { return answer.String(&o.State) }},
		{Name: "ManagedBy", Get: func(o *ec2.GetSnapshotBlockPublicAccessStateOutput) resource.Value {
			return answer.String(&o.ManagedBy)
		}},
	}, l.Wanted)
	return l.Sink.Resources([]*resource.Resource{r})
}

// switched asks for the switch, once for both who want to know.
func (l *lister) switched(ctx context.Context) (*ec2.GetSnapshotBlockPublicAccessStateOutput, error) {
	type told struct {
		out *ec2.GetSnapshotBlockPublicAccessStateOutput
		err error
	}
	one := awsconn.Recall(l.Place.Memo, blockOf{l.Place.Account, l.Place.Region}, func() (told, bool) {
		out, err := l.client.GetSnapshotBlockPublicAccessState(ctx, &ec2.GetSnapshotBlockPublicAccessStateInput{})
		return told{out, err}, true
	})
	return one.out, one.err
}

// blockOf is the key under which the switch of a region is remembered.
type blockOf struct{ account, region string }

// sharing finds the public snapshots of the region.
func (l *lister) sharing(ctx context.Context) error {
	r := &resource.Resource{
		Ref: l.Ref(l.Place.Region, l.ARN("ec2", "snapshot-sharing")), Properties: make(map[string]resource.Value, 2),
	}
	if l.Wanted("PublicSnapshots") {
		public, open, err := l.public(ctx)
		if err != nil {
			return err
		}
		r.Properties["PublicSnapshots"] = public
		if open != nil && len(public.List()) == 0 {
			r.Properties["PublicSnapshots"] = resource.OfUnknown(*open)
		}
	}
	if l.Wanted("BlockState") {
		out, err := l.switched(ctx)
		if err != nil {
			if err := l.Sink.Gap(l.Fault(r, blockState, err, "BlockState")); err != nil {
				return err
			}
		} else {
			r.Properties["BlockState"] = answer.String(&out.State)
		}
	}
	return l.Sink.Resources([]*resource.Resource{r})
}

// public lists the account's own snapshots that everybody may restore. AWS is
// asked for those alone; that each is one is looked up all the same, since a
// filter that is not obeyed would turn every snapshot into a public one. Open
// says why there may be others.
func (l *lister) public(ctx context.Context) (found resource.Value, open *resource.Missing, err error) {
	var ids []string
	broken, err := answer.Pages(func(next *string) (answer.Page[types.Snapshot], error) {
		out, err := l.client.DescribeSnapshots(ctx, &ec2.DescribeSnapshotsInput{
			OwnerIds: []string{"self"}, RestorableByUserIds: []string{"all"}, MaxResults: aws.Int32(pageSize), NextToken: next,
		})
		if err != nil {
			return answer.Page[types.Snapshot]{}, err
		}
		return answer.Page[types.Snapshot]{Items: out.Snapshots, Next: out.NextToken}, nil
	}, func(items []types.Snapshot) error {
		for i := range items {
			s := &items[i]
			id := aws.ToString(s.SnapshotId)
			if foreign := aws.ToString(s.OwnerId); aws.ToBool(s.Encrypted) || foreign != "" && foreign != l.Place.Account {
				continue // neither can be a public one of ours
			}
			public, missing, err := l.isPublic(ctx, id)
			if err != nil {
				return err
			}
			if missing != nil {
				open = missing
			}
			if public {
				ids = append(ids, id)
			}
		}
		return nil
	})
	if broken != nil && err == nil {
		gap := l.Place.Gap(SharingType, listSnapshots, broken)
		open, err = answer.Missing(gap), l.Sink.Gap(gap)
	}
	slices.Sort(ids)
	return resource.OfStrings(slices.Compact(ids)), open, err
}

// isPublic looks with whom a snapshot is shared. One that is gone is shared with
// nobody.
func (l *lister) isPublic(ctx context.Context, id string) (public bool, open *resource.Missing, err error) {
	out, err := l.client.DescribeSnapshotAttribute(ctx, &ec2.DescribeSnapshotAttributeInput{
		SnapshotId: aws.String(id), Attribute: types.SnapshotAttributeNameCreateVolumePermission,
	})
	var api smithy.APIError
	switch {
	case errors.As(err, &api) && api.ErrorCode() == "InvalidSnapshot.NotFound":
		return false, nil, nil
	case err == nil && out.CreateVolumePermissions == nil:
		err = awsconn.OddAnswerError("the answer does not tell with whom the snapshot is shared")
	}
	if err != nil {
		gap := l.Place.Gap(SharingType, snapshotAttribute, err)
		gap.Resource = "arn:" + l.Place.Partition + ":ec2:" + l.Place.Region + "::snapshot/" + id
		return false, answer.Missing(gap), l.Sink.Gap(gap)
	}
	return slices.ContainsFunc(out.CreateVolumePermissions, func(p types.CreateVolumePermission) bool {
		return p.Group == types.PermissionGroupAll
	}), nil, nil
}

// volumeFields are the properties that DescribeVolumes yields.
func volumeFields() []answer.Field[types.Volume] {
	return []answer.Field[types.Volume]{
		{Name: "State", Get: func(v *types.Volume) resource.Value { return answer.String(&v.State) }},
		{Name: "Encrypted", Get: func(v *types.Volume) resource.Value { return answer.Bool(v.Encrypted) }},
		{Name: resource.TagsProperty, Get: volumeTags},
	}
}

func volumeTags(v *types.Volume) resource.Value {
	return answer.Tags(v.Tags, func(t *types.Tag) (key, value *string) { return t.Key, t.Value })
}

func (l *lister) volumes(ctx context.Context) error {
	cover := backup.CoverOf(ctx, &l.Reading)
	var once answer.Once
	err := answer.Walk(&l.Reading, listVolumes, func(next *string) (answer.Page[types.Volume], error) {
		out, err := l.client.DescribeVolumes(ctx, &ec2.DescribeVolumesInput{MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return answer.Page[types.Volume]{}, err
		}
		return answer.Page[types.Volume]{Items: out.Volumes, Next: out.NextToken}, nil
	}, func(items []types.Volume) error {
		once.Turn()
		page := make([]*resource.Resource, 0, len(items))
		for i := range items {
			v := &items[i]
			id := aws.ToString(v.VolumeId)
			if id == "" {
				if err := l.Odd(listVolumes, "the service described a volume without saying its id"); err != nil {
					return err
				}
				continue
			}
			if once.Again(id) {
				continue
			}
			r := &resource.Resource{Ref: l.Ref(id, l.ARN("ec2", "volume/"+id)), Properties: answer.Properties(v, volumeFields(), l.Wanted)}
			cover.Apply(r, backup.Target{Service: "EBS", Tags: func() (map[string]string, *resource.Missing) { return answer.Texts(volumeTags(v)) }})
			page = append(page, r)
		}
		return l.Sink.Resources(page)
	})
	return errors.Join(err, cover.Report())
}
