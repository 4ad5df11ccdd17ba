package apply

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/service/redshift"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/services/redshift"
)

const (
	modifyCluster    = "redshift:ModifyCluster"
	describeClusters = "redshift:DescribeClusters"

	identifier = "ClusterIdentifier"
	retention  = "AutomatedSnapshotRetentionPeriod"
	pending    = "PendingAutomatedSnapshotRetentionPeriod"
	status     = "Status"
)

// Service reads single clusters and makes the call of their fix.
func Service() action.Service {
	return action.Service{
		Set:   action.Set{modifyCluster: action.Of(sdk.NewFromConfig, (*sdk.Client).ModifyCluster, retains)},
		Kinds: []string{redshift.ClusterType},
		Calls: redshift.OneReads(),
		One:   redshift.Reader{}.One,
	}
}

// retains refuses every change of a cluster but that of its retention.
func retains(_ context.Context, _ awsconn.Place, params action.Parameters) error {
	_, err := action.Named(params, identifier)
	if days, ok := params[retention].Int(); !ok || days < 0 || days > 35 {
		err = errors.Join(err, fmt.Errorf("the parameter %s is not between 0 and 35", retention))
	}
	return errors.Join(err, action.Only(params, identifier, retention))
}

// Planners returns the planners of Redshift's fixes.
func Planners() fix.Planners {
	return fix.Planners{Types: map[string]fix.Planner{redshift.ClusterType: action.Identified{PropertyPlanner: &fix.PropertyPlanner{
		Status: status, Ready: "available", Identified: true,
		Pending: map[string]string{retention: pending}, Protections: []string{retention},
	}}}}
}

// Permissions lists the IAM actions that applying and undoing a control's fix
// takes, in alphabetical order; nil without a fix.
func Permissions(c *control.Control, typ *control.Type) []string {
	planners := Planners()
	planner := planners.For(c, typ.Name)
	if planner == nil {
		return nil
	}
	return action.Permissions(c, typ, planner, []string{modifyCluster}, describeClusters)
}

// Sources tell how the properties that plans ask for are read without
// Holdfast: for the scripts and documents that plans are exported as.
func Sources() []render.Source {
	return []render.Source{{
		Type: redshift.ClusterType, UID: "ClusterNamespaceArn",
		Read: render.Read{Operation: describeClusters, Identifier: identifier, Root: "Clusters[0]"},
		Properties: map[string]render.Property{
			status: {Path: "ClusterStatus"}, retention: {Path: retention}, pending: {Path: "PendingModifiedValues." + retention},
		},
	}}
}
