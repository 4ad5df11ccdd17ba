package services

import (
	"slices"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	fixlive "github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	docdb "github.com/holdfast-aws/holdfast/services/docdb/apply"
	dynamodb "github.com/holdfast-aws/holdfast/services/dynamodb/apply"
	ec2 "github.com/holdfast-aws/holdfast/services/ec2/apply"
	efs "github.com/holdfast-aws/holdfast/services/efs/apply"
	elasticache "github.com/holdfast-aws/holdfast/services/elasticache/apply"
	fsx "github.com/holdfast-aws/holdfast/services/fsx/apply"
	neptune "github.com/holdfast-aws/holdfast/services/neptune/apply"
	rds "github.com/holdfast-aws/holdfast/services/rds/apply"
	redshift "github.com/holdfast-aws/holdfast/services/redshift/apply"
	s3 "github.com/holdfast-aws/holdfast/services/s3/apply"
)

// fixes is how one service is changed.
type fixes struct {
	writer fixlive.Service
	// planners turn failed findings into changes.
	planners fix.Planners
	// sources tell exported plans how properties are read without Holdfast.
	sources []render.Source
	// permissions lists the IAM actions of a control's fix.
	permissions func(*control.Control, *control.Type) []string
}

// all lists the services that can be changed.
func all(choices fix.Choices) []fixes {
	return []fixes{
		{
			neptune.Service{}, neptune.Planners(neptune.Options{Key: choices.Key, NoRestart: choices.NoRestart}),
			neptune.Sources(), neptune.Permissions,
		},
		{dynamodb.Service(), dynamodb.Planners(), dynamodb.Sources(), dynamodb.Permissions},
		{ec2.Service(), ec2.Planners(), ec2.Sources(), ec2.Permissions},
		{efs.Service(), efs.Planners(), efs.Sources(), efs.Permissions},
		{elasticache.Service(), elasticache.Planners(), elasticache.Sources(), elasticache.Permissions},
		{fsx.Service(), fsx.Planners(), fsx.Sources(), fsx.Permissions},
		{redshift.Service(), redshift.Planners(), redshift.Sources(), redshift.Permissions},
		{s3.Service(), s3.Planners(), s3.Sources(), s3.Permissions},
		{docdb.Service(), docdb.Planners(), docdb.Service().Sources(), docdb.Service().Permissions},
		{rds.Service(), rds.Planners(rds.Options{Now: choices.Now}), rds.Service().Sources(), rds.Service().Permissions},
	}
}

// Writers are what reads and changes single resources of each service.
func Writers() []fixlive.Service {
	var writers []fixlive.Service
	for _, f := range all(fix.Choices{}) {
		writers = append(writers, f.writer)
	}
	return writers
}

// Planners turn failed findings into changes.
func Planners(choices fix.Choices) fix.Planners {
	var planners []fix.Planners
	for _, f := range all(choices) {
		planners = append(planners, f.planners)
	}
	return fix.Join(planners...)
}

// Sources tell exported plans how properties are read without Holdfast.
func Sources() render.Sources {
	var sources [][]render.Source
	for _, f := range all(fix.Choices{}) {
		sources = append(sources, f.sources)
	}
	return render.Of(sources...)
}

// FixActions lists the IAM actions that applying and undoing the fix of a
// control takes on a resource type; nil where no fix of it is applied.
func FixActions(c *control.Control, t *control.Type) []string {
	planners := Planners(fix.Choices{})
	if planners.For(c, t.Name) == nil {
		return nil
	}
	for _, f := range all(fix.Choices{}) {
		if slices.Contains(f.writer.Types(), t.Name) {
			return f.permissions(c, t)
		}
	}
	return nil
}
