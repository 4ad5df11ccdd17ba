package redshift

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/aws/aws-sdk-go-v2/service/redshift/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// ClusterType is the resource type of a cluster.
const ClusterType = "AWS::Redshift::Cluster"

const (
	listClusters = "redshift:DescribeClusters"
	// pageSize is the most that Redshift returns in one answer.
	pageSize = 100
)

// Reader reads Redshift's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{ClusterType} }

// Reads implements live.Service.
func (Reader) Reads() []string { return []string{listClusters} }

// List implements live.Service.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	r := &answer.Reading{Place: place, Type: typ, Sink: sink, Wants: wants}
	client := redshift.NewFromConfig(place.Config)
	var once answer.Once
	return answer.Walk(r, listClusters, func(next *string) (answer.Page[types.Cluster], error) {
		out, err := client.DescribeClusters(ctx, &redshift.DescribeClustersInput{MaxRecords: aws.Int32(pageSize), Marker: next})
		if err != nil {
			return answer.Page[types.Cluster]{}, err
		}
		return answer.Page[types.Cluster]{Items: out.Clusters, Next: out.Marker}, nil
	}, func(items []types.Cluster) error {
		once.Turn()
		page := make([]*resource.Resource, 0, len(items))
		for i := range items {
			id := aws.ToString(items[i].ClusterIdentifier)
			switch {
			case id == "":
				if err := r.Odd(listClusters, "the service described a cluster without saying its name"); err != nil {
					return err
				}
			case !once.Again(id):
				page = append(page, fromCluster(r, &items[i]))
			}
		}
		return sink.Resources(page)
	})
}

func fromCluster(r *answer.Reading, c *types.Cluster) *resource.Resource {
	id := aws.ToString(c.ClusterIdentifier)
	ref := r.Ref(id, r.ARN("redshift", "cluster:"+id))
	// The namespace outlives a rename, and a cluster made anew has another.
	ref.UID = aws.ToString(c.ClusterNamespaceArn)
	return &resource.Resource{Ref: ref, Properties: answer.Properties(c, fields(), r.Wanted)}
}

// fields are the properties that DescribeClusters yields.
func fields() []answer.Field[types.Cluster] {
	return []answer.Field[types.Cluster]{
		{Name: "AutomatedSnapshotRetentionPeriod", Get: func(c *types.Cluster) resource.Value { return answer.Int(c.AutomatedSnapshotRetentionPeriod) }},
		{Name: "PendingAutomatedSnapshotRetentionPeriod", Get: pending},
		{Name: "Status", Get: func(c *types.Cluster) resource.Value { return answer.Text(c.ClusterStatus) }},
		{Name: "NodeType", Get: func(c *types.Cluster) resource.Value { return answer.Text(c.NodeType) }},
		{Name: resource.TagsProperty, Get: func(c *types.Cluster) resource.Value {
			return answer.Tags(c.Tags, func(t *types.Tag) (key, value *string) { return t.Key, t.Value })
		}},
	}
}

func pending(c *types.Cluster) resource.Value {
	if c.PendingModifiedValues == nil || c.PendingModifiedValues.AutomatedSnapshotRetentionPeriod == nil {
		return resource.Value{}
	}
	return answer.Int(c.PendingModifiedValues.AutomatedSnapshotRetentionPeriod)
}
