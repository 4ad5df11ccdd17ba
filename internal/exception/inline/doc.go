// Package inline reads the exceptions that stand at resources themselves: in a
// comment of the code, in the metadata of a template, in a tag.
//
// A note is what one of them says. Holdfast's own form names controls and needs
// a reason; what Checkov, Trivy and tfsec were told is understood too, for the
// controls that say to judge the same. A Set is the notes of one run, bound to
// the resources at which they stand. One that cannot be understood is a fault
// and never an exception that silently does nothing; ids of other tools that
// mean nothing here are theirs alone.
//
// The package reads no files: sources hand on what is written as remarks.
package inline
