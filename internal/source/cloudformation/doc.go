// Package cloudformation reads CloudFormation templates, in YAML and in JSON,
// and the cloud assemblies that the CDK writes (cdk.out).
//
// A template is parsed into nodes that know their lines. A stack is a template
// with values for its parameters; nested stacks whose templates lie on disk are
// stacks below it. An Object is one resource of a stack, whose properties are
// evaluated when somebody asks; a Value is what an expression comes to. It is
// known, absent or unknown, and tells the place that defines it. A Joiner, one
// per service, completes a resource from what stands beside it, such as the
// instances of a cluster.
//
// What the file leaves open stays unknown, with the name of the parameter,
// attribute, export or macro that would settle it: a parameter without a
// default or a value, a pseudo parameter that nobody gave, whatever AWS decides
// at deployment. A resource whose condition is false is not there. One whose
// condition cannot be told is judged as it would be created: inside it, the
// condition counts as true, and with it whatever follows from that, such as the
// value of the parameter that the condition compares. If the stack leaves the
// resource out, there is nothing to judge, so neither answer is a guess.
//
// A macro may rewrite the whole template, so that under one every property is
// unknown and the file has a gap. The transforms of AWS that add only resources
// of their own leave the others alone. A nested stack or include that is not on
// disk is a gap.
//
// A Locator finds, for whoever changes templates, the node that decides a
// property: it follows the same evaluation to the field, the branch, the cell,
// the default or the line of a parameter file that states the value. Contents
// may stand in place of those of files, so that a change is judged before it is
// made.
//
// The package knows no controls and no AWS client, follows no link over the
// network and judges nothing.
package cloudformation
