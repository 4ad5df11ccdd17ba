package ec2

import (
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/backup"
)

// named is how code names a volume. AWS makes up the name.
func named() backup.Named {
	return backup.Named{Service: "EBS", ARN: "ec2", Kind: "volume/", Type: VolumeType, Terraform: "aws_ebs_volume"}
}

// TerraformJoiners complete volumes that were read from Terraform.
func TerraformJoiners() []terraform.Joiner {
	return []terraform.Joiner{backup.TerraformJoiner(named())}
}

// CloudFormationJoiners complete volumes that were read from templates.
func CloudFormationJoiners() []cloudformation.Joiner {
	return []cloudformation.Joiner{backup.CloudFormationJoiner(named())}
}
