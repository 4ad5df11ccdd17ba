package apply

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
)

// Properties that planning and proving a fix need beside those that controls
// judge. Where CloudFormation has the property, it is named as there.
const (
	// propMadeBy is the value of the tag that Holdfast puts on what it makes.
	propMadeBy = "MadeBy"
	// propRestartPending lists the members of a cluster that have not yet
	// started with its parameters.
	propRestartPending = "RestartPending"
	// propReaders lists the members of a cluster that are not its writer.
	propReaders        = "Readers"
	propZones          = "AvailabilityZones"
	propSubnetGroup    = "DBSubnetGroupName"
	propSecurityGroups = "VpcSecurityGroupIds"
	propPort           = "DBPort"
	propStorageType    = "StorageType"
	propServerless     = "ServerlessScalingConfiguration"
	propRoles          = "AssociatedRoles"
	propEndpoints      = "CustomEndpoints"
	propSource         = "ReplicationSourceIdentifier"

	propParameterGroup = "DBParameterGroupName"
	propMinorUpgrade   = "AutoMinorVersionUpgrade"
	propMaintenance    = "PreferredMaintenanceWindow"
	// propSubnetZones lists the zones in which the subnet group of an instance
	// has a subnet.
	propSubnetZones = "SubnetZones"

	propFamily = "Family"
	// propUsedBy lists the Neptune clusters that use a parameter group.
	propUsedBy = "UsedBy"
	propAudit  = "AuditLogParameter"
)

func (r *reader) readCluster(ctx context.Context, id string, wanted neptune.Wanted) (*resource.Resource, error) {
	c, err := r.cluster(ctx, id)
	if err != nil {
		return nil, err
	}
	out := neptune.FromCluster(c, r.place, wanted)
	put := putter{out, wanted}
	put.value(propMadeBy, func() resource.Value { return made(c.TagList) })
	put.value(propRestartPending, func() resource.Value { return restartPending(c) })
	put.value(propReaders, func() resource.Value { return readers(c) })
	put.value(propZones, func() resource.Value { return resource.OfStrings(c.AvailabilityZones) })
	put.text(propSubnetGroup, c.DBSubnetGroup)
	put.value(propSecurityGroups, func() resource.Value { return securityGroups(c) })
	put.number(propPort, c.Port)
	put.text(propStorageType, c.StorageType)
	put.value(propServerless, func() resource.Value { return serverless(c) })
	put.value(propRoles, func() resource.Value { return roles(c) })
	put.value(propEndpoints, func() resource.Value { return resource.OfStrings(c.CustomEndpoints) })
	put.text(propSource, c.ReplicationSourceIdentifier)
	if wanted(propAudit) {
		out.Properties[propAudit] = r.audit(ctx, aws.ToString(c.DBClusterParameterGroup))
	}
	return out, nil
}

func (r *reader) readSnapshot(ctx context.Context, id string, wanted neptune.Wanted) (*resource.Resource, error) {
	s, err := r.snapshot(ctx, id)
	if err != nil {
		return nil, err
	}
	out := neptune.FromSnapshot(s, r.place, wanted)
	put := putter{out, wanted}
	put.value(propMadeBy, func() resource.Value { return made(s.TagList) })
	put.number(propPort, s.Port)
	put.text("EngineVersion", s.EngineVersion)
	put.text(propStorageType, s.StorageType)
	if wanted("RestoreAccounts") {
		out.Properties["RestoreAccounts"] = r.accounts(ctx, s)
	}
	return out, nil
}

func (r *reader) readInstance(ctx context.Context, id string, wanted neptune.Wanted) (*resource.Resource, error) {
	in, err := r.instance(ctx, id)
	if err != nil {
		return nil, err
	}
	out := neptune.FromInstance(in, r.place, wanted)
	put := putter{out, wanted}
	put.value(propMadeBy, func() resource.Value { return made(in.TagList) })
	put.text(propMaintenance, in.PreferredMaintenanceWindow)
	put.value(propSubnetZones, func() resource.Value { return subnetZones(in) })
	if in.AutoMinorVersionUpgrade != nil {
		put.value(propMinorUpgrade, func() resource.Value { return resource.OfBool(*in.AutoMinorVersionUpgrade) })
	}
	if len(in.DBParameterGroups) > 0 {
		put.text(propParameterGroup, in.DBParameterGroups[0].DBParameterGroupName)
	}
	return out, nil
}

func (r *reader) readGroup(ctx context.Context, name string, wanted neptune.Wanted) (*resource.Resource, error) {
	g, err := r.group(ctx, name)
	if err != nil {
		return nil, err
	}
	out := &resource.Resource{
		Ref: resource.Ref{
			Type: neptune.ParameterGroupType, ID: aws.ToString(g.DBClusterParameterGroupName), ARN: aws.ToString(g.DBClusterParameterGroupArn),
			Account: r.place.Account, Region: r.place.Region, Partition: r.place.Partition,
		},
		Properties: make(map[string]resource.Value),
	}
	put := putter{out, wanted}
	put.text(propFamily, g.DBParameterGroupFamily)
	put.value(propAudit, func() resource.Value { return r.audit(ctx, name) })
	put.value(propUsedBy, func() resource.Value { return r.usedBy(ctx, name) })
	put.value(propMadeBy, func() resource.Value { return r.tagged(ctx, g.DBClusterParameterGroupArn) })
	return out, nil
}

// audit reads neptune_enable_audit_log. The default groups cannot be edited
// and have it off, so they cost no call.
func (r *reader) audit(ctx context.Context, group string) resource.Value {
	if isDefaultGroup(group) {
		return resource.OfString("0")
	}
	value, err := neptune.Audit().Read(ctx, r.client, group)
	if err != nil {
		return r.unread(describeParameters, err)
	}
	return value
}

func isDefaultGroup(name string) bool { return strings.HasPrefix(name, "default.") }

func (r *reader) accounts(ctx context.Context, s *types.DBClusterSnapshot) resource.Value {
	if !rdsplane.CanBePublic(s.SnapshotType, s.StorageEncrypted) {
		return resource.OfStrings(nil)
	}
	value, err := rdsplane.ReadClusterSnapshotShares(ctx, r.client, aws.ToString(s.DBClusterSnapshotIdentifier))
	if err != nil {
		return r.unread(describeAttributes, err)
	}
	return value
}

// usedBy lists the clusters that use a parameter group, in alphabetical order.
func (r *reader) usedBy(ctx context.Context, group string) resource.Value {
	pages := rds.NewDescribeDBClustersPaginator(r.client, &rds.DescribeDBClustersInput{
		Filters: []types.Filter{{Name: aws.String("engine"), Values: []string{neptune.Engine}}},
	})
	var users []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return r.unread(describeClusters, err)
		}
		for i := range page.DBClusters {
			if strings.EqualFold(aws.ToString(page.DBClusters[i].DBClusterParameterGroup), group) {
				users = append(users, aws.ToString(page.DBClusters[i].DBClusterIdentifier))
			}
		}
	}
	slices.Sort(users)
	return resource.OfStrings(users)
}

// tagged reads the mark of an object whose description holds no tags.
func (r *reader) tagged(ctx context.Context, arn *string) resource.Value {
	out, err := r.client.ListTagsForResource(ctx, &rds.ListTagsForResourceInput{ResourceName: arn})
	if err != nil {
		return r.unread(listTags, err)
	}
	return made(out.TagList)
}

// made is the mark of what Holdfast made, or absent.
func made(tags []types.Tag) resource.Value {
	for _, tag := range tags {
		if aws.ToString(tag.Key) == MadeTag {
			return resource.OfString(aws.ToString(tag.Value))
		}
	}
	return resource.Value{}
}

func restartPending(c *types.DBCluster) resource.Value {
	var waiting []string
	for _, member := range c.DBClusterMembers {
		if aws.ToString(member.DBClusterParameterGroupStatus) != "in-sync" {
			waiting = append(waiting, aws.ToString(member.DBInstanceIdentifier))
		}
	}
	slices.Sort(waiting)
	return resource.OfStrings(waiting)
}

func readers(c *types.DBCluster) resource.Value {
	var ids []string
	for _, member := range c.DBClusterMembers {
		if !aws.ToBool(member.IsClusterWriter) {
			ids = append(ids, aws.ToString(member.DBInstanceIdentifier))
		}
	}
	slices.Sort(ids)
	return resource.OfStrings(ids)
}

func securityGroups(c *types.DBCluster) resource.Value {
	var ids []string
	for _, group := range c.VpcSecurityGroups {
		ids = append(ids, aws.ToString(group.VpcSecurityGroupId))
	}
	slices.Sort(ids)
	return resource.OfStrings(ids)
}

func roles(c *types.DBCluster) resource.Value {
	var arns []string
	for _, role := range c.AssociatedRoles {
		arns = append(arns, aws.ToString(role.RoleArn))
	}
	slices.Sort(arns)
	return resource.OfStrings(arns)
}

// serverless is the range of capacity units of a serverless cluster, absent
// for one that is not.
func serverless(c *types.DBCluster) resource.Value {
	s := c.ServerlessV2ScalingConfiguration
	if s == nil || s.MinCapacity == nil || s.MaxCapacity == nil {
		return resource.Value{}
	}
	return resource.OfMap(map[string]resource.Value{
		"MinCapacity": resource.OfFloat(*s.MinCapacity), "MaxCapacity": resource.OfFloat(*s.MaxCapacity),
	})
}

func subnetZones(in *types.DBInstance) resource.Value {
	if in.DBSubnetGroup == nil {
		return resource.Value{}
	}
	var zones []string
	for _, subnet := range in.DBSubnetGroup.Subnets {
		if subnet.SubnetAvailabilityZone != nil {
			zones = append(zones, aws.ToString(subnet.SubnetAvailabilityZone.Name))
		}
	}
	if len(zones) == 0 {
		return resource.Value{}
	}
	slices.Sort(zones)
	return resource.OfStrings(slices.Compact(zones))
}

// putter puts wanted properties on a resource, absent ones left out.
type putter struct {
	to     *resource.Resource
	wanted neptune.Wanted
}

func (p putter) value(name string, get func() resource.Value) {
	if !p.wanted(name) {
		return
	}
	if value := get(); value.Kind() != resource.Absent {
		p.to.Properties[name] = value
	}
}

func (p putter) text(name string, s *string) {
	if s != nil {
		p.value(name, func() resource.Value { return resource.OfString(*s) })
	}
}

func (p putter) number(name string, n *int32) {
	if n != nil {
		p.value(name, func() resource.Value { return resource.OfInt(int64(*n)) })
	}
}
