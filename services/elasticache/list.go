package elasticache

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// The resource types of ElastiCache.
const (
	GroupType   = "AWS::ElastiCache::ReplicationGroup"
	ClusterType = "AWS::ElastiCache::CacheCluster"
)

// The operations that reading ElastiCache needs.
const (
	listGroups   = "elasticache:DescribeReplicationGroups"
	listClusters = "elasticache:DescribeCacheClusters"
	listTags     = "elasticache:ListTagsForResource"
)

// pageSize is the most that ElastiCache returns in one answer.
const pageSize = 100

// Reader reads ElastiCache's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{ClusterType, GroupType} }

// Reads implements live.Service.
func (Reader) Reads() []string { return []string{listClusters, listGroups, listTags} }

// List implements live.Service.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: typ, Sink: sink, Wants: wants},
		client:  elasticache.NewFromConfig(place.Config),
	}
	if typ == GroupType {
		return l.groups(ctx)
	}
	return l.clusters(ctx)
}

type lister struct {
	answer.Reading
	client *elasticache.Client
	once   answer.Once
}

func (l *lister) groups(ctx context.Context) error {
	return answer.Walk(&l.Reading, listGroups, func(next *string) (answer.Page[types.ReplicationGroup], error) {
		out, err := l.client.DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{MaxRecords: aws.Int32(pageSize), Marker: next})
		if err != nil {
			return answer.Page[types.ReplicationGroup]{}, err
		}
		return answer.Page[types.ReplicationGroup]{Items: out.ReplicationGroups, Next: out.Marker}, nil
	}, func(items []types.ReplicationGroup) error {
		return send(ctx, l, listGroups, items, groupFields(), func(g *types.ReplicationGroup) (id, arn *string) {
			return g.ReplicationGroupId, g.ARN
		}, "replicationgroup:")
	})
}

func (l *lister) clusters(ctx context.Context) error {
	return answer.Walk(&l.Reading, listClusters, func(next *string) (answer.Page[types.CacheCluster], error) {
		out, err := l.client.DescribeCacheClusters(ctx, &elasticache.DescribeCacheClustersInput{
			MaxRecords: aws.Int32(pageSize), Marker: next, ShowCacheClustersNotInReplicationGroups: aws.Bool(true),
		})
		if err != nil {
			return answer.Page[types.CacheCluster]{}, err
		}
		return answer.Page[types.CacheCluster]{Items: out.CacheClusters, Next: out.Marker}, nil
	}, func(items []types.CacheCluster) error {
		alone := make([]types.CacheCluster, 0, len(items))
		for i := range items {
			if aws.ToString(items[i].ReplicationGroupId) == "" {
				alone = append(alone, items[i])
			}
		}
		return send(ctx, l, listClusters, alone, clusterFields(), func(c *types.CacheCluster) (id, arn *string) {
			return c.CacheClusterId, c.ARN
		}, "cluster:")
	})
}

// send turns a page into resources, reads their tags where they are wanted, and
// hands them over.
func send[T any](ctx context.Context, l *lister, operation string, items []T, fields []answer.Field[T], name func(*T) (id, arn *string), kind string) error {
	l.once.Turn()
	page := make([]*resource.Resource, 0, len(items))
	for i := range items {
		id, arn := name(&items[i])
		if aws.ToString(id) == "" {
			if err := l.Odd(operation, "the service described something without saying its name"); err != nil {
				return err
			}
			continue
		}
		if l.once.Again(*id) {
			continue
		}
		r := &resource.Resource{Ref: l.Ref(*id, aws.ToString(arn)), Properties: answer.Properties(&items[i], fields, l.Wanted)}
		if r.ARN == "" {
			r.ARN = l.ARN("elasticache", kind+*id)
		}
		page = append(page, r)
	}
	if l.Wanted(resource.TagsProperty) {
		var err error
		if page, err = l.Each(ctx, page, l.tags); err != nil {
			return err
		}
	}
	return l.Sink.Resources(page)
}

// tags reads the tags of one resource: the list does not hold them.
func (l *lister) tags(ctx context.Context, r *resource.Resource) (gone bool, gaps []finding.Gap) {
	out, err := l.client.ListTagsForResource(ctx, &elasticache.ListTagsForResourceInput{ResourceName: aws.String(r.ARN)})
	if err != nil {
		return false, []finding.Gap{l.Fault(r, listTags, err, resource.TagsProperty)}
	}
	r.Properties[resource.TagsProperty] = answer.Tags(out.TagList, func(t *types.Tag) (key, value *string) { return t.Key, t.Value })
	return false, nil
}

// groupFields are the properties that DescribeReplicationGroups yields.
func groupFields() []answer.Field[types.ReplicationGroup] {
	return []answer.Field[types.ReplicationGroup]{
		{Name: "SnapshotRetentionLimit", Get: func(g *types.ReplicationGroup) resource.Value { return answer.Int(g.SnapshotRetentionLimit) }},
		{Name: "Engine", Get: func(g *types.ReplicationGroup) resource.Value { return answer.Text(g.Engine) }},
		{Name: "Status", Get: func(g *types.ReplicationGroup) resource.Value { return answer.Text(g.Status) }},
		{Name: "ClusterMode", Get: func(g *types.ReplicationGroup) resource.Value { return answer.Bool(g.ClusterEnabled) }},
		{Name: "NodeType", Get: func(g *types.ReplicationGroup) resource.Value { return answer.Text(g.CacheNodeType) }},
	}
}

// clusterFields are the properties that DescribeCacheClusters yields.
func clusterFields() []answer.Field[types.CacheCluster] {
	return []answer.Field[types.CacheCluster]{
		{Name: "SnapshotRetentionLimit", Get: func(c *types.CacheCluster) resource.Value { return answer.Int(c.SnapshotRetentionLimit) }},
		{Name: "Engine", Get: func(c *types.CacheCluster) resource.Value { return answer.String(c.Engine) }},
		{Name: "Status", Get: func(c *types.CacheCluster) resource.Value { return answer.Text(c.CacheClusterStatus) }},
		{Name: "NodeType", Get: func(c *types.CacheCluster) resource.Value { return answer.Text(c.CacheNodeType) }},
	}
}
