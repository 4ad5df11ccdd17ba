// Package apply is how EFS file systems are changed: the one call that Holdfast
// may make, what it is checked for before, and the plan of the fix.
//
// The id of a file system is never used again, so that it is identity enough.
package apply
