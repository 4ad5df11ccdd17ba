package rdsplane

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// AuditProperty holds the value of a share's Audit parameter in the cluster
// parameter group of a cluster.
const AuditProperty = "AuditLogParameter"

// groupParameters reads audit parameters, once per parameter group.
type groupParameters struct {
	*pass
	known map[groupKey]resource.Value
	gaps  []finding.Gap
}

type groupKey struct{ group, parameter string }

// get returns the value of the taker's parameter in a group. The default groups
// cannot be edited, so they cost no call.
func (g *groupParameters) get(ctx context.Context, t *taker, group string) resource.Value {
	if strings.HasPrefix(group, "default.") {
		return resource.OfString(t.share.Audit.Default)
	}
	key := groupKey{group, t.share.Audit.Name}
	value, ok := g.known[key]
	if !ok {
		value = g.read(ctx, t, group)
		g.known[key] = value
	}
	return value
}

func (g *groupParameters) read(ctx context.Context, t *taker, group string) resource.Value {
	value, err := t.share.Audit.Read(ctx, g.client, group)
	if err == nil {
		return value
	}
	gap := g.place.Gap(t.typ, GroupParameters, err)
	gap.Detail = fmt.Sprintf("parameter group %s: %s", group, gap.Detail)
	g.gaps = append(g.gaps, gap)
	return unread(gap)
}

// report tells which groups could not be read. The verdict of no control rests
// on them, but a note does.
func (g *groupParameters) report() error {
	for _, gap := range g.gaps {
		if err := g.sink.Gap(gap); err != nil {
			return err
		}
	}
	return nil
}

// Read returns the value of the parameter in a cluster parameter group, its
// default where the group leaves it alone.
func (p *Parameter) Read(ctx context.Context, client *rds.Client, group string) (resource.Value, error) {
	pages := rds.NewDescribeDBClusterParametersPaginator(client, &rds.DescribeDBClusterParametersInput{
		DBClusterParameterGroupName: aws.String(group),
		// Only what somebody set: the whole list is several pages long.
		Source: aws.String("user"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return resource.Value{}, err
		}
		if page.Parameters == nil {
			return omitted, nil
		}
		for _, parameter := range page.Parameters {
			if aws.ToString(parameter.ParameterName) == p.Name && parameter.ParameterValue != nil {
				return resource.OfString(*parameter.ParameterValue), nil
			}
		}
	}
	return resource.OfString(p.Default), nil
}
