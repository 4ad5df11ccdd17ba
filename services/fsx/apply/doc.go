// Package apply is how file systems of FSx for OpenZFS are changed: the one call
// that Holdfast may make, what it is checked for before, and the plan of the
// fix. Lustre's setting cannot be changed after creation.
//
// The id of a file system is never used again, so that it is identity enough.
package apply
