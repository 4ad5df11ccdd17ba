// Package apply is how the sharing of EBS snapshots is changed: the switch that
// keeps a Region from sharing with everybody, and the permission of single
// snapshots. The calls, what they are checked for before, and the plans.
//
// The switch hides public snapshots and changes nothing about them, so that a
// plan says which there are, and what comes back when it is lowered again.
package apply
