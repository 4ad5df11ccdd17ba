package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/fsx"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/fsx"
)

// CopyTags is the procedure that gives the tags of an OpenZFS file system to
// its backups and volumes.
const CopyTags = "copy-tags-of-openzfs"

const (
	update   = "fsx:UpdateFileSystem"
	describe = "fsx:DescribeFileSystems"

	identifier    = "FileSystemId"
	configuration = "OpenZFSConfiguration"
	status        = "Status"
	available     = "AVAILABLE"
)

// settings are the properties that the fix sets, with their parameters.
func settings() []struct{ property, parameter string } {
	return []struct{ property, parameter string }{
		{"OpenZFSCopyTagsToBackups", "CopyTagsToBackups"}, {"OpenZFSCopyTagsToVolumes", "CopyTagsToVolumes"},
	}
}

// Service reads single file systems and makes the call of their fix.
func Service() action.Service {
	return action.Service{
		Set:   action.Set{update: action.Of(sdk.NewFromConfig, (*sdk.Client).UpdateFileSystem, copies)},
		Kinds: []string{fsx.FileSystemType},
		Calls: fsx.OneReads(),
		One:   fsx.Reader{}.One,
	}
}

// copies refuses every change of a file system but whether its tags are copied.
func copies(_ context.Context, _ awsconn.Place, params action.Parameters) error {
	id, err := action.Named(params, identifier)
	if err == nil && !strings.HasPrefix(id, "fs-") {
		err = fmt.Errorf("%q is no id of a file system", id)
	}
	fields := params[configuration].Fields()
	if len(fields) == 0 {
		err = errors.Join(err, fmt.Errorf("the parameter %s is missing", configuration))
	}
	return errors.Join(err, action.Only(params, identifier, configuration), action.Only(fields, settings()[0].parameter, settings()[1].parameter))
}

// Planners returns the planners of FSx's fixes.
func Planners() fix.Planners {
	return fix.Planners{Procedures: map[string]fix.Planner{CopyTags: copying{}}}
}

// copying plans for OpenZFS file systems that keep their tags to themselves.
type copying struct{}

// Wants implements fix.Planner.
func (copying) Wants(*control.Control) []string {
	return []string{settings()[0].property, settings()[1].property, status}
}

// Plan implements fix.Planner.
func (copying) Plan(_ context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	states := &fix.PropertyPlanner{Status: status, Ready: available}
	if skipped := states.Skip(task); skipped != nil {
		return nil, skipped, nil
	}
	change := task.Change()
	was := make(map[string]resource.Value)
	for _, s := range settings() {
		value := task.Resource.Get(s.property)
		if value.Kind() == resource.Unknown {
			return nil, task.Skip(fix.SkipUnread, "%s could not be read: %s", s.property, action.Because(value)), nil
		}
		was[s.property] = value
		if on, _ := value.Bool(); !on {
			change.Sets = append(change.Sets, fix.Setting{Property: s.property, Before: value, After: resource.OfBool(true)})
		}
	}
	change.Warnings = []string{"backups and volumes that exist keep the tags they have"}
	change.Steps = []fix.Step{turnOn(task, was)}
	return change, nil, nil
}

// turnOn turns on what is off, in one call, and the way back turns that off
// again.
func turnOn(task *fix.Task, was map[string]resource.Value) fix.Step {
	same := []fix.Condition{task.Here(), action.Settled(task.Resource.Ref, status, available)}
	before, done := same[:2:2], same[:2:2]
	on, off := make(map[string]resource.Value), make(map[string]resource.Value)
	for _, s := range settings() {
		before = append(before, task.Equal(s.property, was[s.property]))
		done = append(done, task.Equal(s.property, resource.OfBool(true)))
		if set, _ := was[s.property].Bool(); !set {
			on[s.parameter], off[s.parameter] = resource.OfBool(true), resource.OfBool(false)
		}
	}
	return fix.Step{
		ID: "1", Title: "copy tags to backups and volumes",
		Call: updateCall(task, on), Before: before, Done: done,
		Undo: updateCall(task, off), UndoDone: before,
	}
}

func updateCall(task *fix.Task, fields map[string]resource.Value) *fix.Call {
	return task.Call(update, map[string]resource.Value{identifier: resource.OfString(task.Resource.ID), configuration: resource.OfMap(fields)})
}

// Vet implements fix.Vetter.
func (copying) Vet(c *fix.Change, _ *control.Type) error {
	if len(c.Steps) != 1 {
		return errors.New("copying tags takes one step")
	}
	was := make(map[string]resource.Value)
	for _, s := range settings() {
		was[s.property], _ = action.Asked(c.Steps[0].Before, c.Resource, s.property)
	}
	return action.Same(c.Steps, []fix.Step{turnOn(&fix.Task{Resource: &resource.Resource{Ref: c.Resource}}, was)})
}

// Permissions lists the IAM actions that applying and undoing a control's fix
// takes, in alphabetical order; nil without a fix.
func Permissions(c *control.Control, typ *control.Type) []string {
	planners := Planners()
	planner := planners.For(c, typ.Name)
	if planner == nil {
		return nil
	}
	return action.Permissions(c, typ, planner, []string{update}, describe)
}

// Sources tell how the properties that plans ask for are read without
// Holdfast: for the scripts and documents that plans are exported as. FSx takes
// a list of ids, which no source can give; plans of it are not exported.
func Sources() []render.Source { return nil }
