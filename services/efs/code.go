package efs

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/backup"
)

const (
	terraformPolicy = "aws_efs_backup_policy"
	policyStatus    = "backup_policy.status"
	oneZone         = "availability_zone_name"
	// automatic is the plan that the backup policy puts a file system into.
	automatic = "aws/efs/automatic-backup-plan"
)

// named is how code names a file system. AWS makes up the name.
func named() backup.Named {
	return backup.Named{
		Service: "EFS", ARN: "elasticfilesystem", Kind: "file-system/", Type: FileSystemType, Terraform: "aws_efs_file_system",
	}
}

// TerraformJoiners complete file systems that were read from Terraform.
func TerraformJoiners() []terraform.Joiner {
	return []terraform.Joiner{backup.TerraformJoiner(named()), policyJoiner{}}
}

// policyJoiner finds the backup policy, which Terraform keeps apart.
type policyJoiner struct{}

func (policyJoiner) Owner() (string, []string) {
	return "aws_efs_file_system", []string{oneZone, "id"}
}

func (policyJoiner) Satellites() map[string][]string {
	return map[string][]string{terraformPolicy: {"backup_policy", "file_system_id"}}
}

func (policyJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	policy, open := others.Only(terraformPolicy, "file_system_id", own, "id")
	switch {
	case open != nil:
		r.Properties[policyProperty] = resource.OfUnknown(*open)
	case policy != nil:
		terraform.SetFrom(r, policyProperty, terraform.Convert(policy.Get(policyStatus), "string"), policy, policyStatus)
	default:
		// EFS turns the backup on for One Zone file systems, unless it is told
		// otherwise when they are made, which Terraform does not.
		if zone, _ := own.Get(oneZone).Text(); zone != "" {
			terraform.SetFrom(r, policyProperty, resource.OfString("ENABLED"), own, oneZone)
		}
	}
	inAutomaticPlan(r)
}

// inAutomaticPlan adds the plan that comes with the backup policy.
func inAutomaticPlan(r *resource.Resource) {
	if status, _ := r.Get(policyProperty).Text(); status != "ENABLED" {
		return
	}
	names, _ := r.Get(backup.PlansProperty).Strings()
	r.Properties[backup.PlansProperty] = resource.OfStrings(append([]string{automatic}, names...))
	if at, ok := r.Where[policyProperty]; ok && len(names) == 0 {
		r.Where[backup.PlansProperty] = at
	}
}

// CloudFormationJoiners complete file systems that were read from templates.
func CloudFormationJoiners() []cloudformation.Joiner {
	return []cloudformation.Joiner{backup.CloudFormationJoiner(named()), templatePolicy{}}
}

// templatePolicy tells of the plan that comes with the backup policy.
type templatePolicy struct{}

func (templatePolicy) Owners() []string { return []string{FileSystemType} }

func (templatePolicy) Satellites() []string { return nil }

func (templatePolicy) Join(r *resource.Resource, own *cloudformation.Object, _ *cloudformation.Objects) {
	const path, zone = "BackupPolicy.Status", "AvailabilityZoneName"
	if value := cloudformation.Convert(own.Property(path), "string"); value.Kind() != resource.Absent {
		cloudformation.SetFrom(r, policyProperty, value, own, path)
	} else if own.Property(zone).Kind() != resource.Absent {
		cloudformation.SetFrom(r, policyProperty, resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "BackupPolicy of " + own.Address,
			Detail: "it is a One Zone file system, for which EFS turns the backup on unless it is told otherwise",
		}), own, zone)
	}
	inAutomaticPlan(r)
}
