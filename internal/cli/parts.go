package cli

import (
	"io/fs"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	fixlive "github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// Parts is what the services bring: handed in by main, so that this package
// names no service.
type Parts struct {
	// Controls holds the control and resource type files.
	Controls fs.FS
	// Prevention holds the policies that keep faults from being made.
	Prevention fs.FS
	Readers    []live.Service
	// The joiners complete what code says of one resource in several places.
	TerraformJoiners      []terraform.Joiner
	CloudFormationJoiners []cloudformation.Joiner
	Writers               []fixlive.Service
	Planners              func(fix.Choices) fix.Planners
	// Sources tell exported plans how properties are read without Holdfast.
	Sources render.Sources
	// FixActions lists the IAM actions that a control's fix takes.
	FixActions func(*control.Control, *control.Type) []string
}
