// Package hcl finds and writes values in the code of Terraform and OpenTofu:
// .tf, .tofu, .tfvars and the JSON form of each.
//
// A spot is the literal that decides a property, wherever it stands, or the
// block that it is missing from. Everything else in a file keeps its bytes; a
// file that was formatted stays formatted.
//
// It follows no references and evaluates nothing: the origin of a value says
// where it is defined. Where that is an expression with no single literal in
// it, the value is left to a person.
package hcl
