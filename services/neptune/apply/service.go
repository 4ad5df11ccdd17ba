package apply

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Service reads single Neptune resources and makes the calls of Neptune's
// fixes. The zero Service is ready for use.
type Service struct{}

// parameters are those of a call, by the names of the API.
type parameters = action.Parameters

// actions is every call that may change Neptune.
func actions() action.Set {
	return action.Set{
		"rds:ModifyDBCluster":                  does((*rds.Client).ModifyDBCluster, ofCluster),
		"rds:ModifyDBClusterSnapshotAttribute": does((*rds.Client).ModifyDBClusterSnapshotAttribute, ofSnapshot),
		"rds:CreateDBClusterParameterGroup":    does((*rds.Client).CreateDBClusterParameterGroup, newGroup),
		"rds:ModifyDBClusterParameterGroup":    does((*rds.Client).ModifyDBClusterParameterGroup, customGroup),
		"rds:DeleteDBClusterParameterGroup":    does((*rds.Client).DeleteDBClusterParameterGroup, madeGroup),
		"rds:RebootDBInstance":                 does((*rds.Client).RebootDBInstance, ofInstance),
		"rds:CreateDBInstance":                 does((*rds.Client).CreateDBInstance, newInstance),
		"rds:DeleteDBInstance":                 does((*rds.Client).DeleteDBInstance, madeInstance),
		"rds:CreateDBClusterSnapshot":          does((*rds.Client).CreateDBClusterSnapshot, ofCluster),
		"rds:DeleteDBClusterSnapshot":          does((*rds.Client).DeleteDBClusterSnapshot, madeSnapshot),
		"rds:RestoreDBClusterFromSnapshot":     does((*rds.Client).RestoreDBClusterFromSnapshot, restored),
		"rds:DeleteDBCluster":                  does((*rds.Client).DeleteDBCluster, madeCluster),
	}
}

// does makes an action of an operation of the rds client.
func does[In, Out any](
	call func(*rds.Client, context.Context, *In, ...func(*rds.Options)) (*Out, error),
	check func(context.Context, *reader, parameters) error,
) action.Action {
	return action.Of(rds.NewFromConfig, call, func(ctx context.Context, place awsconn.Place, params parameters) error {
		return check(ctx, newReader(place), params)
	})
}

// Operations lists the operations that Call knows, in alphabetical order.
func (Service) Operations() []string { return actions().Operations() }

// Check refuses a call on anything that is not Neptune, the deletion of
// anything that Holdfast did not make, and parameters that the operation does
// not have. Nothing is changed.
func (Service) Check(ctx context.Context, place awsconn.Place, operation string, params map[string]resource.Value) error {
	return actions().Check(ctx, place, operation, params)
}

// Call makes one call, unchecked but for its name.
func (Service) Call(ctx context.Context, place awsconn.Place, operation string, params map[string]resource.Value) error {
	return actions().Call(ctx, place, operation, params)
}
