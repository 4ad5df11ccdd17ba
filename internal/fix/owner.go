package fix

import (
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// The kinds of owner.
const (
	OwnerCloudFormation = "cloudformation"
	OwnerTerraform      = "terraform"
	OwnerGlobalCluster  = "global-cluster"
	OwnerBackup         = "aws-backup"
)

// globalCluster is the property under which clusters of every engine name the
// global database that they belong to.
const globalCluster = "GlobalClusterIdentifier"

// Owners tells who else sets the properties of a resource, as far as its tags
// and its membership in a global cluster show. CloudFormation tags what it
// creates; Terraform does not, so that its own habit of tags has to do.
func Owners(r *resource.Resource) []Owner {
	var owners []Owner
	if stack, ok := r.Tag("aws:cloudformation:stack-name"); ok {
		owners = append(owners, Owner{Kind: OwnerCloudFormation, Name: stack,
			Advice: "change the template of the stack too, or its next update may set the old value again"})
	}
	if name, ok := terraformTag(r); ok {
		owners = append(owners, Owner{Kind: OwnerTerraform, Name: name,
			Advice: "change the Terraform code too, or its next apply sets the old value again"})
	}
	if global, ok := r.Get(globalCluster).Text(); ok && global != "" {
		owners = append(owners, Owner{Kind: OwnerGlobalCluster, Name: global,
			Advice: "this changes one member of the global cluster; its other members are clusters of their own"})
	}
	return owners
}

// terraformTag finds a tag by which people mark what Terraform manages, and
// returns it as key=value.
func terraformTag(r *resource.Resource) (string, bool) {
	tags := r.Get(resource.TagsProperty).Fields()
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value, _ := tags[key].Text()
		name := strings.ToLower(strings.NewReplacer("-", "", "_", "", " ", "").Replace(key))
		marked := strings.HasPrefix(name, "terraform") && !slices.Contains([]string{"false", "no", "0"}, strings.ToLower(value))
		managed := slices.Contains([]string{"managedby", "createdby", "provisioner", "iac", "deployedby"}, name) &&
			slices.ContainsFunc([]string{"terraform", "opentofu", "terragrunt"}, func(tool string) bool {
				return strings.Contains(strings.ToLower(value), tool)
			})
		if marked || managed {
			return key + "=" + value, true
		}
	}
	return "", false
}
