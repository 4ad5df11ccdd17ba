package fsx

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// TerraformJoiners complete file systems that were read from Terraform, which
// has a resource for each kind.
func TerraformJoiners() []terraform.Joiner {
	return []terraform.Joiner{
		kindJoiner{"aws_fsx_openzfs_file_system", "OPENZFS"}, kindJoiner{"aws_fsx_lustre_file_system", "LUSTRE"},
	}
}

type kindJoiner struct{ typ, kind string }

func (j kindJoiner) Owner() (string, []string) { return j.typ, nil }

func (kindJoiner) Satellites() map[string][]string { return nil }

func (j kindJoiner) Join(r *resource.Resource, _ *terraform.Object, _ *terraform.Objects) {
	r.Properties["FileSystemType"] = resource.OfString(j.kind)
}
