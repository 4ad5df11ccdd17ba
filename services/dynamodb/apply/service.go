package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/services/dynamodb"
)

// The calls that change a table.
const (
	updateTable   = "dynamodb:UpdateTable"
	updateBackups = "dynamodb:UpdateContinuousBackups"
)

// The parameters of those calls.
const (
	tableName     = "TableName"
	specification = "PointInTimeRecoverySpecification"
	switchedOn    = "PointInTimeRecoveryEnabled"
	periodInDays  = "RecoveryPeriodInDays"
)

// Service reads single tables and makes the calls of their fixes.
func Service() action.Service {
	return action.Service{
		Set: action.Set{
			updateTable:   action.Of(sdk.NewFromConfig, (*sdk.Client).UpdateTable, protects),
			updateBackups: action.Of(sdk.NewFromConfig, (*sdk.Client).UpdateContinuousBackups, recovers),
		},
		Kinds: []string{dynamodb.TableType},
		Calls: dynamodb.OneReads(),
		One:   dynamodb.Reader{}.One,
	}
}

// named refuses a call that is not about a table of the place by its name: AWS
// takes ARNs too, and those may lead elsewhere.
func named(params action.Parameters) error {
	name, err := action.Named(params, tableName)
	if err == nil && strings.Contains(name, ":") {
		err = fmt.Errorf("%q is no name of a table", name)
	}
	return err
}

// protects refuses every change of a table but that of its deletion protection.
func protects(_ context.Context, _ awsconn.Place, params action.Parameters) error {
	err := errors.Join(named(params), action.Only(params, tableName, protection))
	if _, ok := params[protection].Bool(); !ok && err == nil {
		err = fmt.Errorf("the parameter %s is missing", protection)
	}
	return err
}

// recovers refuses to turn recovery on without saying for how many days.
func recovers(_ context.Context, _ awsconn.Place, params action.Parameters) error {
	if err := errors.Join(named(params), action.Only(params, tableName, specification)); err != nil {
		return err
	}
	fields := params[specification].Fields()
	on, ok := fields[switchedOn].Bool()
	_, told := fields[periodInDays].Int()
	switch {
	case !ok:
		return fmt.Errorf("the parameter %s.%s is missing", specification, switchedOn)
	case on && !told:
		return fmt.Errorf("the parameter %s.%s is missing: AWS would take it for 35", specification, periodInDays)
	default:
		return nil
	}
}

// Permissions lists the IAM actions that applying and undoing a control's fix
// takes, in alphabetical order; nil without a fix.
func Permissions(c *control.Control, typ *control.Type) []string {
	planners := Planners()
	planner := planners.For(c, typ.Name)
	if planner == nil {
		return nil
	}
	call := updateTable
	if c.Fix.Procedure == EnableRecovery {
		call = updateBackups
	}
	return action.Permissions(c, typ, planner, []string{call}, "dynamodb:DescribeTable")
}
