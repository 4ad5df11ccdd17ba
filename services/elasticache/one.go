package elasticache

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/elasticache/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// Properties that only a fix asks for.
const (
	// CreateTime tells a cache from a later one of the same name: there is no id
	// that would.
	CreateTime = "CreateTime"
	// BackupNode is the node that makes the backups, where one was chosen.
	BackupNode = "SnapshottingClusterId"
	// Nodes are the nodes of a group, replicas before the primary.
	Nodes = "Nodes"
)

// OneReads lists the operations that One may call.
func OneReads() []string { return []string{listClusters, listGroups, listTags} }

// One reads a single group or cluster with the wanted properties; nil where
// there is none of the name.
func (Reader) One(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: ref.Type, Wants: resource.Wants{ref.Type: properties}},
		client:  elasticache.NewFromConfig(place.Config),
	}
	read := l.cluster
	if ref.Type == GroupType {
		read = l.group
	}
	found, err := read(ctx, ref.ID)
	if found != nil && l.Wanted(resource.TagsProperty) {
		l.tags(ctx, found)
	}
	return found, err
}

func (l *lister) group(ctx context.Context, id string) (*resource.Resource, error) {
	out, err := l.client.DescribeReplicationGroups(ctx, &elasticache.DescribeReplicationGroupsInput{ReplicationGroupId: aws.String(id)})
	var none *types.ReplicationGroupNotFoundFault
	if errors.As(err, &none) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i := range out.ReplicationGroups {
		g := &out.ReplicationGroups[i]
		if aws.ToString(g.ReplicationGroupId) != id {
			continue
		}
		fields := slices.Concat(groupFields(), []answer.Field[types.ReplicationGroup]{
			{Name: CreateTime, Get: func(g *types.ReplicationGroup) resource.Value { return answer.Time(g.ReplicationGroupCreateTime) }},
			{Name: BackupNode, Get: func(g *types.ReplicationGroup) resource.Value { return answer.Text(g.SnapshottingClusterId) }},
			{Name: Nodes, Get: nodes},
		})
		return &resource.Resource{Ref: l.Ref(id, l.ARN("elasticache", "replicationgroup:"+id)), Properties: answer.Properties(g, fields, l.Wanted)}, nil
	}
	return nil, nil
}

// nodes lists the nodes of a group, those that are known to be replicas first.
func nodes(g *types.ReplicationGroup) resource.Value {
	var replicas, others []string
	for _, shard := range g.NodeGroups {
		for _, node := range shard.NodeGroupMembers {
			if aws.ToString(node.CurrentRole) == "replica" {
				replicas = append(replicas, aws.ToString(node.CacheClusterId))
			} else {
				others = append(others, aws.ToString(node.CacheClusterId))
			}
		}
	}
	slices.Sort(replicas)
	slices.Sort(others)
	return resource.OfStrings(slices.Concat(replicas, others))
}

func (l *lister) cluster(ctx context.Context, id string) (*resource.Resource, error) {
	out, err := l.client.DescribeCacheClusters(ctx, &elasticache.DescribeCacheClustersInput{CacheClusterId: aws.String(id)})
	var none *types.CacheClusterNotFoundFault
	if errors.As(err, &none) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	for i := range out.CacheClusters {
		c := &out.CacheClusters[i]
		if aws.ToString(c.CacheClusterId) != id {
			continue
		}
		fields := slices.Concat(clusterFields(), []answer.Field[types.CacheCluster]{
			{Name: CreateTime, Get: func(c *types.CacheCluster) resource.Value { return answer.Time(c.CacheClusterCreateTime) }},
			{Name: "MemberOf", Get: func(c *types.CacheCluster) resource.Value { return answer.Text(c.ReplicationGroupId) }},
		})
		return &resource.Resource{Ref: l.Ref(id, l.ARN("elasticache", "cluster:"+id)), Properties: answer.Properties(c, fields, l.Wanted)}, nil
	}
	return nil, nil
}
