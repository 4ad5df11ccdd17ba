package apply

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/s3"
)

// EnableVersioning is the procedure that keeps old versions of objects.
const EnableVersioning = "enable-versioning"

const (
	putVersioning = "s3:PutBucketVersioning"
	getVersioning = "s3:GetBucketVersioning"

	identifier    = "Bucket"
	owner         = "ExpectedBucketOwner"
	configuration = "VersioningConfiguration"
	property      = "Versioning"

	on        = "Enabled"
	suspended = "Suspended"
	never     = "Off"
)

// Service reads single buckets and makes the call of their fix.
func Service() action.Service {
	return action.Service{
		Set:   action.Set{putVersioning: action.Of(sdk.NewFromConfig, (*sdk.Client).PutBucketVersioning, versions)},
		Kinds: []string{s3.BucketType},
		Calls: s3.OneReads(),
		One:   s3.Reader{}.One,
	}
}

// versions refuses a call that does not name the bucket's owner, or that
// changes more than whether versions are kept.
func versions(_ context.Context, place awsconn.Place, params action.Parameters) error {
	_, err := action.Named(params, identifier)
	if id, _ := params[owner].Text(); id != place.Account {
		err = errors.Join(err, fmt.Errorf("the parameter %s is %q, not the account %s", owner, id, place.Account))
	}
	fields := params[configuration].Fields()
	if to, _ := fields["Status"].Text(); len(fields) != 1 || to != on && to != suspended {
		err = errors.Join(err, fmt.Errorf("the parameter %s is %s", configuration, params[configuration]))
	}
	return errors.Join(err, action.Only(params, identifier, owner, configuration))
}

// Planners returns the planners of S3's fixes.
func Planners() fix.Planners {
	return fix.Planners{Procedures: map[string]fix.Planner{EnableVersioning: versioned{properties()}}}
}

func properties() *fix.PropertyPlanner {
	return &fix.PropertyPlanner{
		Shapes: map[string]fix.Shape{property: func(_, to resource.Value) map[string]resource.Value { return status(to) }},
		Refine: refine,
	}
}

func status(to resource.Value) map[string]resource.Value {
	return map[string]resource.Value{configuration: resource.OfMap(map[string]resource.Value{"Status": to})}
}

// refine names the owner in the calls, and makes the way back what AWS has: a
// bucket whose versioning was once on can be suspended, and never again be one
// that keeps no versions.
func refine(step *fix.Step, task *fix.Task, _ string, _, _ resource.Value) {
	to := resource.OfString(suspended)
	undo := status(to)
	undo[identifier] = resource.OfString(task.Resource.ID)
	step.Undo = task.Call(putVersioning, undo)
	step.UndoDone = []fix.Condition{task.Here(), task.Equal(property, to)}
	for _, call := range []*fix.Call{step.Call, step.Undo} {
		call.Parameters[owner] = resource.OfString(task.Resource.Account)
	}
}

// versioned plans for buckets that keep no versions.
type versioned struct{ *fix.PropertyPlanner }

// Plan implements fix.Planner.
func (v versioned) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	change, skipped, err := v.PropertyPlanner.Plan(ctx, task)
	if change == nil {
		return nil, skipped, err
	}
	change.Warnings = append(change.Warnings, "from now on every overwritten or deleted object is kept and paid for, until a lifecycle rule deletes old versions")
	if was := task.Resource.Get(property); was.Kind() == resource.Absent || was.Equal(resource.OfString(never)) {
		change.Warnings = append(change.Warnings,
			"versioning can be suspended afterwards, but never be turned off again: a rollback suspends it",
			"AWS may take up to 15 minutes until the first versions are kept")
	}
	return change, nil, nil
}

// Vet implements fix.Vetter: no step suspends.
func (v versioned) Vet(c *fix.Change, typ *control.Type) error {
	if err := action.Comes(c, property, resource.OfString(on)); err != nil {
		return err
	}
	return v.PropertyPlanner.Vet(c, typ)
}

// Permissions lists the IAM actions that applying and undoing a control's fix
// takes, in alphabetical order; nil without a fix.
func Permissions(c *control.Control, typ *control.Type) []string {
	planners := Planners()
	planner := planners.For(c, typ.Name)
	if planner == nil {
		return nil
	}
	return action.Permissions(c, typ, planner, []string{putVersioning}, getVersioning)
}

// Sources tell how the properties that plans ask for are read without
// Holdfast: for the scripts and documents that plans are exported as.
func Sources() []render.Source {
	return []render.Source{{
		Type:       s3.BucketType,
		Read:       render.Read{Operation: getVersioning, Identifier: identifier, Root: "@"},
		Properties: map[string]render.Property{property: {Path: "(not_null(Status, '" + never + "'))"}},
	}}
}
