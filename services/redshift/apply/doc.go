// Package apply is how Redshift clusters are changed: the one call that Holdfast
// may make, what it is checked for before, and the plan of the fix.
//
// A retention is never lowered but by a rollback: Redshift deletes what lies
// outside the new one at once.
package apply
