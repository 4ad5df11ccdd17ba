// Package render holds what the renderings of a plan share: how a condition of
// a plan is asked with the names of the AWS API alone, so that the AWS CLI or
// an Automation document can ask it without Holdfast.
//
// A Source tells how the properties of a resource type are read. A Question is
// one call and a JMESPath expression over its answer that is true or false.
// The renderings themselves are packages below this one. Nothing here makes a
// call.
package render
