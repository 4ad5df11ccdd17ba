// Package guard writes controls as rules for AWS CloudFormation Guard 3, which
// stops a template before it is deployed.
//
// A rule is written from the control's own expression, parameters filled in, and
// takes the service's default where a template leaves a property out. Guard
// knows pass and fail alone: a value that only the deployment tells fails. A
// control whose expression, resource type or property has no form in a template
// is left out and named, with the reason.
package guard
