// Package planfile reads what Terraform and OpenTofu write down as JSON: a plan
// or a state as `terraform show -json` prints it, and the raw state file of
// version 4.
//
// A document is one such file, a walker goes through its JSON without holding
// it, and an instance is one resource instance in it with the attributes that
// somebody wants. Of a plan the values after apply count: a deletion is not
// judged, a value that is known only after apply is unknown, and so is every
// value that Terraform marks as sensitive, which this package never keeps.
//
// A file is read several times from start to end, because its keys may stand in
// any order: what it is and what it refers to first, then what joins look for,
// then the resources. Only the second is held, so that memory does not grow
// with the file. Nothing is judged here.
package planfile
