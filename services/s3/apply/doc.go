// Package apply is how S3 buckets are changed: the one call that Holdfast may
// make, what it is checked for before, and the plan of the fix.
//
// A bucket has no id beside its name, which anybody may take once it is free.
// Every read and every call therefore names the account that must own it.
package apply
