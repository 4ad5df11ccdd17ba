// Package ec2 is what Holdfast knows of Amazon EC2 as far as backups go: EBS
// volumes, the public sharing of EBS snapshots and the switch of a region that
// blocks it.
//
// The switch and the sharing belong to an account and a region, not to a
// resource that somebody made, so that there is one of each everywhere.
package ec2
