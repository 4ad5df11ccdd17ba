// Package terraform turns what Terraform and OpenTofu say into resources,
// whichever medium it was read from: a directory of code, a plan or a state.
//
// An Object is one resource instance in Terraform's own words. A Mapping knows
// which Terraform types and attributes stand for which resource types and
// properties, from the names in the catalogue. A Joiner, one per service,
// completes a resource with what Terraform keeps in satellites, which are
// resources of their own such as instances and parameter groups.
//
// The media live in the packages below and depend on this one. It reads no
// files, knows no syntax and judges nothing.
package terraform
