// Package directory evaluates Terraform and OpenTofu code as it lies in a
// directory, without running either of them.
//
// A module is the static content of one folder. A scope is one instance of a
// module under evaluation: the root, or a module call with its key. Names are
// resolved when an expression asks for them and not before, so that only what
// the wanted resources read is ever evaluated.
//
// A value that cannot be told, such as a variable without a value or what a
// data source will answer, is unknown and carries the reason as a mark, which
// every function and operator passes on. It is never guessed.
//
// Nothing here runs a program, opens the network, reads outside the tree
// through a link, or knows a control.
package directory
