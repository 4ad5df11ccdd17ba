package apply

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/elasticache"
)

const (
	modifyGroup      = "elasticache:ModifyReplicationGroup"
	modifyCluster    = "elasticache:ModifyCacheCluster"
	describeGroups   = "elasticache:DescribeReplicationGroups"
	describeClusters = "elasticache:DescribeCacheClusters"

	groupID   = "ReplicationGroupId"
	clusterID = "CacheClusterId"
)

// Service reads single groups and clusters and makes the calls of their fix.
func Service() action.Service {
	return action.Service{
		Set: action.Set{
			modifyGroup:   action.Of(sdk.NewFromConfig, (*sdk.Client).ModifyReplicationGroup, ofGroup),
			modifyCluster: action.Of(sdk.NewFromConfig, (*sdk.Client).ModifyCacheCluster, ofCluster),
		},
		Kinds: []string{elasticache.ClusterType, elasticache.GroupType},
		Calls: elasticache.OneReads(),
		One:   elasticache.Reader{}.One,
	}
}

func days(params action.Parameters) error {
	if n, ok := params[retention].Int(); !ok || n < 0 || n > 35 {
		return fmt.Errorf("the parameter %s is not between 0 and 35", retention)
	}
	return nil
}

// ofGroup refuses every change of a group but that of its backups.
func ofGroup(_ context.Context, _ awsconn.Place, params action.Parameters) error {
	_, err := action.Named(params, groupID)
	return errors.Join(err, days(params), action.Only(params, groupID, retention, elasticache.BackupNode))
}

// ofCluster refuses every change of a cluster but that of its backups, and that
// too where they are not its own.
func ofCluster(ctx context.Context, place awsconn.Place, params action.Parameters) error {
	id, err := action.Named(params, clusterID)
	if err := errors.Join(err, days(params), action.Only(params, clusterID, retention)); err != nil {
		return err
	}
	found, err := elasticache.Reader{}.One(ctx, place, resource.Ref{Type: elasticache.ClusterType, ID: id}, []string{memberOf, engine})
	if err != nil || found == nil {
		return errors.Join(err, fmt.Errorf("cluster %s was not found", id))
	}
	if group, ok := found.Get(memberOf).Text(); ok && group != "" {
		return fmt.Errorf("cluster %s is a node of the replication group %s, which makes its backups", id, group)
	}
	if kind, _ := found.Get(engine).Text(); kind == "memcached" {
		return fmt.Errorf("cluster %s is memcached, which has no backups", id)
	}
	return nil
}

// Permissions lists the IAM actions that applying and undoing a control's fix
// takes, in alphabetical order; nil without a fix.
func Permissions(c *control.Control, typ *control.Type) []string {
	planners := Planners()
	planner := planners.For(c, typ.Name)
	if planner == nil {
		return nil
	}
	return action.Permissions(c, typ, planner, []string{modifyGroup, modifyCluster}, describeGroups, describeClusters)
}

// Sources tell how the properties that plans ask for are read without
// Holdfast: for the scripts and documents that plans are exported as.
func Sources() []render.Source {
	return []render.Source{
		{
			Type: elasticache.GroupType,
			Read: render.Read{Operation: describeGroups, Identifier: groupID, Root: "ReplicationGroups[0]"},
			Properties: map[string]render.Property{
				status: {Path: "Status"}, retention: {Path: retention}, elasticache.BackupNode: {Path: elasticache.BackupNode},
				elasticache.CreateTime: {Path: "ReplicationGroupCreateTime", Moment: true},
			},
		},
		{
			Type: elasticache.ClusterType,
			Read: render.Read{Operation: describeClusters, Identifier: clusterID, Root: "CacheClusters[0]"},
			Properties: map[string]render.Property{
				status: {Path: "CacheClusterStatus"}, retention: {Path: retention}, memberOf: {Path: groupID},
				elasticache.CreateTime: {Path: "CacheClusterCreateTime", Moment: true},
			},
		},
	}
}
