package services

import (
	"embed"
	"io/fs"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	fixlive "github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/neptune"
	"github.com/holdfast-aws/holdfast/services/neptune/apply"
)

//go:embed */*.yaml
var files embed.FS

// Controls holds the control and resource type files of every service.
func Controls() fs.FS { return files }

// Readers are what reads each service's resources from live accounts.
func Readers() []live.Service { return []live.Service{neptune.Reader{}} }

// TerraformJoiners complete what each service's Terraform code says in several
// resources.
func TerraformJoiners() []terraform.Joiner { return neptune.TerraformJoiners() }

// CloudFormationJoiners complete what each service's templates say in several
// resources.
func CloudFormationJoiners() []cloudformation.Joiner { return neptune.CloudFormationJoiners() }

// Writers are what reads and changes single resources of each service.
func Writers() []fixlive.Service { return []fixlive.Service{apply.Service{}} }

// Planners turn failed findings into changes.
func Planners(choices fix.Choices) fix.Planners {
	return apply.Planners(apply.Options{Key: choices.Key, NoRestart: choices.NoRestart})
}

// Sources tell exported plans how properties are read without Holdfast.
func Sources() render.Sources { return render.Of(apply.Sources()) }

// FixActions lists the IAM actions that applying and undoing the fix of a
// control takes.
func FixActions(c *control.Control, t *control.Type) []string { return apply.Permissions(c, t) }
