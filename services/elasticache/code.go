package elasticache

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// TerraformJoiners complete clusters that were read from Terraform.
func TerraformJoiners() []terraform.Joiner {
	return []terraform.Joiner{memberJoiner{}, groupJoiner{}}
}

// memberJoiner tells a cluster that belongs to a replication group: that it
// refers to one is enough, whatever the group will be called.
type memberJoiner struct{}

const groupAttribute = "replication_group_id"

func (memberJoiner) Owner() (string, []string) {
	return "aws_elasticache_cluster", []string{groupAttribute}
}

func (memberJoiner) Satellites() map[string][]string { return nil }

// Omits implements terraform.Omitter.
func (memberJoiner) Omits() map[string][]string {
	return map[string][]string{"aws_elasticache_cluster": {groupAttribute}}
}

func (memberJoiner) Join(r *resource.Resource, own *terraform.Object, _ *terraform.Objects) {
	if refs := own.Refs[groupAttribute]; len(refs) > 0 {
		terraform.SetFrom(r, "MemberOf", resource.OfString(refs[0]), own, groupAttribute)
	}
}

// groupJoiner tells that a replication group belongs to none, which a state
// does not say.
type groupJoiner struct{}

func (groupJoiner) Owner() (string, []string) { return "aws_elasticache_replication_group", nil }

func (groupJoiner) Satellites() map[string][]string { return nil }

func (groupJoiner) Join(r *resource.Resource, _ *terraform.Object, _ *terraform.Objects) {
	delete(r.Properties, "MemberOf")
}
