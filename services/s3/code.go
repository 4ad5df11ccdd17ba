package s3

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

const (
	terraformBucket     = "aws_s3_bucket"
	terraformVersioning = "aws_s3_bucket_versioning"
	terraformLock       = "aws_s3_bucket_object_lock_configuration"
)

// TerraformJoiners complete buckets that were read from Terraform, which keeps
// their settings in resources of their own.
func TerraformJoiners() []terraform.Joiner {
	return []terraform.Joiner{versioningJoiner{}, lockJoiner{}}
}

// versioningJoiner finds whether a bucket keeps versions. The block inside the
// bucket is an older way to say the same.
type versioningJoiner struct{}

func (versioningJoiner) Owner() (string, []string) {
	return terraformBucket, []string{"bucket", "id", "object_lock_configuration", "object_lock_enabled", "versioning"}
}

func (versioningJoiner) Satellites() map[string][]string {
	return map[string][]string{terraformVersioning: {"bucket", "versioning_configuration"}}
}

// Omits implements terraform.Omitter.
func (versioningJoiner) Omits() map[string][]string {
	return map[string][]string{terraformBucket: {"object_lock_configuration", "versioning"}}
}

func (versioningJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	const property, status, inside = "Versioning", "versioning_configuration.status", "versioning.enabled"
	one, open := others.Only(terraformVersioning, "bucket", own, "bucket")
	old := terraform.Convert(own.Get(inside), "bool")
	on, _ := old.Bool()
	locked := lockedIn(own)
	switch {
	case one != nil && open == nil:
		terraform.SetFrom(r, property, versioningOf(one.Get(status)), one, status)
	case locked != "": // S3 turns versioning on for a bucket that is made with Object Lock
		terraform.SetFrom(r, property, resource.OfString("Enabled"), own, locked)
	case on:
		terraform.SetFrom(r, property, resource.OfString("Enabled"), own, inside)
	case old.Missing() != nil:
		terraform.SetFrom(r, property, resource.OfUnknown(*old.Missing()), own, inside)
	case old.Known(): // suspended, or never turned on
		terraform.SetFrom(r, property, resource.OfString("Off"), own, inside)
	case open != nil:
		r.Properties[property] = resource.OfUnknown(*open)
	}
}

// lockedIn is the attribute with which a bucket itself turns Object Lock on.
func lockedIn(own *terraform.Object) string {
	if on, _ := terraform.Convert(own.Get("object_lock_enabled"), "bool").Bool(); on {
		return "object_lock_enabled"
	}
	if old := own.Get("object_lock_configuration"); old.Kind() == resource.List && len(old.List()) > 0 {
		return "object_lock_configuration"
	}
	return ""
}

// versioningOf is what Terraform calls Disabled: it was never turned on.
func versioningOf(v resource.Value) resource.Value {
	v = terraform.Convert(v, "string")
	if text, _ := v.Text(); text == "Disabled" {
		return resource.OfString("Off")
	}
	return v
}

// lockJoiner finds how new objects are locked.
type lockJoiner struct{}

func (lockJoiner) Owner() (string, []string) {
	return terraformBucket, []string{"bucket", "id", "object_lock_configuration", "object_lock_enabled"}
}

func (lockJoiner) Satellites() map[string][]string {
	return map[string][]string{terraformLock: {"bucket", "object_lock_enabled", "rule"}}
}

func (lockJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	const mode, inside = "rule.default_retention.mode", "object_lock_configuration.rule.default_retention.mode"
	if old := own.Get("object_lock_configuration"); old.Kind() == resource.List && len(old.List()) > 0 {
		terraform.SetFrom(r, "ObjectLockEnabled", resource.OfBool(true), own, "object_lock_configuration")
		terraform.SetFrom(r, "ObjectLockMode", terraform.Convert(own.Get(inside), "string"), own, inside)
	}
	one, open := others.Only(terraformLock, "bucket", own, "bucket")
	on, _ := terraform.Convert(own.Get("object_lock_enabled"), "bool").Bool()
	switch {
	case one != nil && open == nil:
		terraform.SetFrom(r, "ObjectLockEnabled", resource.OfBool(true), one, "object_lock_enabled")
		terraform.SetFrom(r, "ObjectLockMode", terraform.Convert(one.Get(mode), "string"), one, mode)
	case open != nil && !own.Existing:
		r.Properties["ObjectLockMode"] = resource.OfUnknown(*open)
		if !on {
			r.Properties["ObjectLockEnabled"] = resource.OfUnknown(*open)
		}
	}
}

// CloudFormationJoiners complete buckets that were read from templates.
func CloudFormationJoiners() []cloudformation.Joiner { return []cloudformation.Joiner{templateLock{}} }

// templateLock finds what a template says of Object Lock in two places, and
// what follows from it.
type templateLock struct{}

func (templateLock) Owners() []string { return []string{BucketType} }

func (templateLock) Satellites() []string { return nil }

func (templateLock) Join(r *resource.Resource, own *cloudformation.Object, _ *cloudformation.Objects) {
	const flag, status = "ObjectLockEnabled", "ObjectLockConfiguration.ObjectLockEnabled"
	from, locked := flag, cloudformation.Convert(own.Property(flag), "bool")
	if text, _ := own.Property(status).Text(); text == "Enabled" && locked.Kind() == resource.Absent {
		from, locked = status, resource.OfBool(true)
		cloudformation.SetFrom(r, "ObjectLockEnabled", locked, own, status)
	}
	// S3 turns versioning on for a bucket that is made with Object Lock.
	if own.Property("VersioningConfiguration").Kind() != resource.Absent {
		return
	}
	if on, _ := locked.Bool(); on {
		cloudformation.SetFrom(r, "Versioning", resource.OfString("Enabled"), own, from)
	} else if why := locked.Missing(); why != nil {
		cloudformation.SetFrom(r, "Versioning", resource.OfUnknown(*why), own, from)
	}
}
