package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/efs"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/efs"
)

// EnableBackupPolicy is the procedure that turns the automatic backup on.
const EnableBackupPolicy = "enable-backup-policy"

const (
	putPolicy           = "efs:PutBackupPolicy"
	describeFileSystems = "efs:DescribeFileSystems"

	identifier = "FileSystemId"
	policy     = "BackupPolicy"
	status     = "Status"

	enabled, enabling   = "ENABLED", "ENABLING"
	disabled, disabling = "DISABLED", "DISABLING"
)

// Service reads single file systems and makes the call of their fix.
func Service() action.Service {
	return action.Service{
		Set:   action.Set{putPolicy: action.Of(sdk.NewFromConfig, (*sdk.Client).PutBackupPolicy, switches)},
		Kinds: []string{efs.FileSystemType},
		Calls: efs.OneReads(),
		One:   efs.Reader{}.One,
	}
}

// switches refuses a call that is not about a file system by its id, or sets
// another status than on or off.
func switches(_ context.Context, _ awsconn.Place, params action.Parameters) error {
	id, err := action.Named(params, identifier)
	if err == nil && !strings.HasPrefix(id, "fs-") {
		err = fmt.Errorf("%q is no id of a file system", id)
	}
	if to, _ := params[policy].Fields()["Status"].Text(); to != enabled && to != disabled {
		err = errors.Join(err, fmt.Errorf("the parameter %s.Status is %q", policy, to))
	}
	return errors.Join(err, action.Only(params, identifier, policy))
}

// Planners returns the planners of EFS's fixes.
func Planners() fix.Planners {
	return fix.Planners{Procedures: map[string]fix.Planner{EnableBackupPolicy: backedUp{properties()}}}
}

func properties() *fix.PropertyPlanner {
	return &fix.PropertyPlanner{
		Status: status, Ready: "available",
		Shapes: map[string]fix.Shape{policy: func(_, to resource.Value) map[string]resource.Value {
			return map[string]resource.Value{policy: resource.OfMap(map[string]resource.Value{"Status": to})}
		}},
		Refine: func(step *fix.Step, task *fix.Task, _ string, _, _ resource.Value) {
			step.Pending = []fix.Condition{task.Here(), task.Equal(policy, resource.OfString(enabling))}
		},
	}
}

// backedUp plans for file systems whose automatic backup is off. One on the way
// to on or off is left alone.
type backedUp struct{ *fix.PropertyPlanner }

// Plan implements fix.Planner.
func (b backedUp) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	switch now, _ := task.Resource.Get(policy).Text(); now {
	case enabling:
		return nil, task.Skip(fix.SkipPending, "the automatic backup is being turned on and does not count yet"), nil
	case disabling:
		return nil, task.Skip(fix.SkipConflict, "somebody is turning the automatic backup off"), nil
	default:
		return b.PropertyPlanner.Plan(ctx, task)
	}
}

// Vet implements fix.Vetter: nothing but off is turned to on.
func (b backedUp) Vet(c *fix.Change, typ *control.Type) error {
	if err := action.Comes(c, policy, resource.OfString(enabled)); err != nil {
		return err
	}
	return b.PropertyPlanner.Vet(c, typ)
}

// Permissions lists the IAM actions that applying and undoing a control's fix
// takes, in alphabetical order; nil without a fix.
func Permissions(c *control.Control, typ *control.Type) []string {
	planners := Planners()
	planner := planners.For(c, typ.Name)
	if planner == nil {
		return nil
	}
	return action.Permissions(c, typ, planner, []string{putPolicy}, describeFileSystems)
}

// Sources tell how the properties that plans ask for are read without
// Holdfast: for the scripts and documents that plans are exported as. The
// backup policy is none of them: AWS answers with an error where there is none
// yet, which a script could not tell from one that may not be read.
func Sources() []render.Source {
	return []render.Source{{
		Type:       efs.FileSystemType,
		Read:       render.Read{Operation: describeFileSystems, Identifier: identifier, Root: "FileSystems[0]"},
		Properties: map[string]render.Property{status: {Path: "LifeCycleState"}},
	}}
}
