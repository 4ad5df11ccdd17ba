// Package apply is how ElastiCache's backups are turned on: the two calls that
// Holdfast may make, what they are checked for before, and the plan of the fix.
//
// The backups of a node in a replication group are the group's. A cache has no
// id beside its name, so that the time of its creation tells it from another.
package apply
