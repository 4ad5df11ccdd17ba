package fsx

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/fsx"
	"github.com/aws/aws-sdk-go-v2/service/fsx/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// FileSystemType is the resource type of a file system.
const FileSystemType = "AWS::FSx::FileSystem"

const (
	listFileSystems = "fsx:DescribeFileSystems"
	// pageSize is what is asked for at a time. A page may hold fewer and lead on
	// all the same.
	pageSize = 100
)

// Reader reads FSx's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{FileSystemType} }

// Reads implements live.Service.
func (Reader) Reads() []string { return []string{listFileSystems} }

// List implements live.Service.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	r := &answer.Reading{Place: place, Type: typ, Sink: sink, Wants: wants}
	client := fsx.NewFromConfig(place.Config)
	var once answer.Once
	return answer.Walk(r, listFileSystems, func(next *string) (answer.Page[types.FileSystem], error) {
		out, err := client.DescribeFileSystems(ctx, &fsx.DescribeFileSystemsInput{MaxResults: aws.Int32(pageSize), NextToken: next})
		if err != nil {
			return answer.Page[types.FileSystem]{}, err
		}
		return answer.Page[types.FileSystem]{Items: out.FileSystems, Next: out.NextToken}, nil
	}, func(items []types.FileSystem) error {
		once.Turn()
		page := make([]*resource.Resource, 0, len(items))
		for i := range items {
			f := &items[i]
			id := aws.ToString(f.FileSystemId)
			switch {
			case id == "":
				if err := r.Odd(listFileSystems, "the service described a file system without saying its id"); err != nil {
					return err
				}
			case !once.Again(id):
				one := &resource.Resource{Ref: r.Ref(id, aws.ToString(f.ResourceARN)), Properties: answer.Properties(f, fields(), r.Wanted)}
				if one.ARN == "" {
					one.ARN = r.ARN("fsx", "file-system/"+id)
				}
				page = append(page, one)
			}
		}
		return sink.Resources(page)
	})
}

// fields are the properties that DescribeFileSystems yields. Those of another
// kind of file system are absent.
func fields() []answer.Field[types.FileSystem] {
	return []answer.Field[types.FileSystem]{
		{Name: "FileSystemType", Get: func(f *types.FileSystem) resource.Value { return answer.String(&f.FileSystemType) }},
		{Name: "Status", Get: func(f *types.FileSystem) resource.Value { return answer.String(&f.Lifecycle) }},
		{Name: "OpenZFSCopyTagsToBackups", Get: func(f *types.FileSystem) resource.Value {
			return ofZFS(f, func(z *types.OpenZFSFileSystemConfiguration) *bool { return z.CopyTagsToBackups })
		}},
		{Name: "OpenZFSCopyTagsToVolumes", Get: func(f *types.FileSystem) resource.Value {
			return ofZFS(f, func(z *types.OpenZFSFileSystemConfiguration) *bool { return z.CopyTagsToVolumes })
		}},
		{Name: "LustreCopyTagsToBackups", Get: lustreTags},
		{Name: "LustreDeploymentType", Get: func(f *types.FileSystem) resource.Value {
			if f.LustreConfiguration == nil {
				return resource.Value{}
			}
			return answer.String(&f.LustreConfiguration.DeploymentType)
		}},
		{Name: resource.TagsProperty, Get: func(f *types.FileSystem) resource.Value {
			return answer.Tags(f.Tags, func(t *types.Tag) (key, value *string) { return t.Key, t.Value })
		}},
	}
}

// ofZFS reads a setting of an OpenZFS file system.
func ofZFS(f *types.FileSystem, get func(*types.OpenZFSFileSystemConfiguration) *bool) resource.Value {
	switch {
	case f.FileSystemType != types.FileSystemTypeOpenzfs:
		return resource.Value{}
	case f.OpenZFSConfiguration == nil:
		return answer.Omitted()
	default:
		return answer.Bool(get(f.OpenZFSConfiguration))
	}
}

func lustreTags(f *types.FileSystem) resource.Value {
	switch {
	case f.FileSystemType != types.FileSystemTypeLustre:
		return resource.Value{}
	case f.LustreConfiguration == nil:
		return answer.Omitted()
	default:
		return answer.Bool(f.LustreConfiguration.CopyTagsToBackups)
	}
}
