package efs

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/aws/aws-sdk-go-v2/service/efs/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
	"github.com/holdfast-aws/holdfast/services/backup"
)

// FileSystemType is the resource type of a file system.
const FileSystemType = "AWS::EFS::FileSystem"

// policyProperty is the status of the file system's backup policy.
const policyProperty = "BackupPolicy"

const (
	listFileSystems = "efs:DescribeFileSystems"
	backupPolicy    = "efs:DescribeBackupPolicy"
	// pageSize is the most that EFS returns in one answer.
	pageSize = 100
)

// Reader reads EFS's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{FileSystemType} }

// Reads implements live.Service.
func (Reader) Reads() []string {
	return append(backup.ProtectionReads(), listFileSystems, backupPolicy)
}

// List implements live.Service.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: typ, Sink: sink, Wants: wants},
		client:  efs.NewFromConfig(place.Config),
	}
	l.cover = backup.CoverOf(ctx, &l.Reading)
	err := answer.Walk(&l.Reading, listFileSystems, func(next *string) (answer.Page[types.FileSystemDescription], error) {
		out, err := l.client.DescribeFileSystems(ctx, &efs.DescribeFileSystemsInput{MaxItems: aws.Int32(pageSize), Marker: next})
		if err != nil {
			return answer.Page[types.FileSystemDescription]{}, err
		}
		return answer.Page[types.FileSystemDescription]{Items: out.FileSystems, Next: out.NextMarker}, nil
	}, func(items []types.FileSystemDescription) error { return l.page(ctx, items) })
	return errors.Join(err, l.cover.Report())
}

type lister struct {
	answer.Reading
	client *efs.Client
	cover  *backup.Cover
	once   answer.Once
}

func (l *lister) page(ctx context.Context, items []types.FileSystemDescription) error {
	l.once.Turn()
	page := make([]*resource.Resource, 0, len(items))
	for i := range items {
		f := &items[i]
		id := aws.ToString(f.FileSystemId)
		if id == "" {
			if err := l.Odd(listFileSystems, "the service described a file system without saying its id"); err != nil {
				return err
			}
			continue
		}
		if l.once.Again(id) {
			continue
		}
		r := &resource.Resource{Ref: l.Ref(id, aws.ToString(f.FileSystemArn)), Properties: answer.Properties(f, fields(), l.Wanted)}
		if r.ARN == "" {
			r.ARN = l.ARN("elasticfilesystem", "file-system/"+id)
		}
		l.cover.Apply(r, backup.Target{Service: "EFS", Tags: func() (map[string]string, *resource.Missing) { return answer.Texts(tags(f)) }})
		page = append(page, r)
	}
	if l.Wanted(policyProperty) {
		var err error
		if page, err = l.Each(ctx, page, l.policy); err != nil {
			return err
		}
	}
	return l.Sink.Resources(page)
}

// policy reads the backup policy of one file system. None at all, as One Zone
// file systems have it, is off.
func (l *lister) policy(ctx context.Context, r *resource.Resource) (gone bool, gaps []finding.Gap) {
	out, err := l.client.DescribeBackupPolicy(ctx, &efs.DescribeBackupPolicyInput{FileSystemId: aws.String(r.ID)})
	var none *types.PolicyNotFound
	var deleted *types.FileSystemNotFound
	switch {
	case errors.As(err, &deleted):
		return true, nil
	case errors.As(err, &none):
		r.Properties[policyProperty] = resource.OfString(string(types.StatusDisabled))
	case err != nil:
		return false, []finding.Gap{l.Fault(r, backupPolicy, err, policyProperty)}
	case out.BackupPolicy == nil:
		r.Properties[policyProperty] = answer.Omitted()
	default:
		r.Properties[policyProperty] = answer.String(&out.BackupPolicy.Status)
	}
	return false, nil
}

// fields are the properties that DescribeFileSystems yields.
func fields() []answer.Field[types.FileSystemDescription] {
	return []answer.Field[types.FileSystemDescription]{
		{Name: "Status", Get: func(f *types.FileSystemDescription) resource.Value { return answer.String(&f.LifeCycleState) }},
		{Name: "Encrypted", Get: func(f *types.FileSystemDescription) resource.Value { return answer.Bool(f.Encrypted) }},
		{Name: resource.TagsProperty, Get: tags},
	}
}

func tags(f *types.FileSystemDescription) resource.Value {
	return answer.Tags(f.Tags, func(t *types.Tag) (key, value *string) { return t.Key, t.Value })
}
