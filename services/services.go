package services

import (
	"embed"
	"io/fs"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/backup"
	"github.com/holdfast-aws/holdfast/services/docdb"
	"github.com/holdfast-aws/holdfast/services/dynamodb"
	"github.com/holdfast-aws/holdfast/services/ec2"
	"github.com/holdfast-aws/holdfast/services/efs"
	"github.com/holdfast-aws/holdfast/services/elasticache"
	"github.com/holdfast-aws/holdfast/services/fsx"
	"github.com/holdfast-aws/holdfast/services/neptune"
	"github.com/holdfast-aws/holdfast/services/rds"
	"github.com/holdfast-aws/holdfast/services/rdsplane"
	"github.com/holdfast-aws/holdfast/services/redshift"
	"github.com/holdfast-aws/holdfast/services/s3"
)

//go:embed */*.yaml
var files embed.FS

//go:embed */prevent/*.yaml
var prevention embed.FS

// Controls holds the control and resource type files of every service.
func Controls() fs.FS { return files }

// Prevention holds the policies that keep faults from being made, in the folder
// prevent of each service that has some.
func Prevention() fs.FS { return prevention }

// Readers are what reads each service's resources from live accounts.
func Readers() []live.Service {
	return []live.Service{
		rdsplane.New(docdb.Share(), neptune.Share(), rds.Share()),
		backup.Reader{}, dynamodb.Reader{}, ec2.Reader{}, efs.Reader{}, elasticache.Reader{}, fsx.Reader{}, redshift.Reader{}, s3.Reader{},
	}
}

// TerraformJoiners complete what each service's Terraform code says in several
// resources.
func TerraformJoiners() []terraform.Joiner {
	return slices.Concat(
		docdb.TerraformJoiners(), neptune.TerraformJoiners(), rds.TerraformJoiners(),
		dynamodb.TerraformJoiners(), ec2.TerraformJoiners(), efs.TerraformJoiners(), elasticache.TerraformJoiners(),
		fsx.TerraformJoiners(), s3.TerraformJoiners(),
	)
}

// CloudFormationJoiners complete what each service's templates say in several
// resources.
func CloudFormationJoiners() []cloudformation.Joiner {
	return slices.Concat(
		docdb.CloudFormationJoiners(), neptune.CloudFormationJoiners(), rds.CloudFormationJoiners(),
		dynamodb.CloudFormationJoiners(), ec2.CloudFormationJoiners(), efs.CloudFormationJoiners(),
		redshift.CloudFormationJoiners(), s3.CloudFormationJoiners(),
	)
}
