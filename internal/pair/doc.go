// Package pair finds, for a resource of an account, the resource in code that it
// was made from, and tells where the two disagree.
//
// A Claim is what a Terraform state says: that an address owns something in AWS.
// A Stack is a CloudFormation stack whose template is known; what belongs to it
// shows by the tags that CloudFormation puts on everything it makes. A Match is
// what follows for one live resource: its owner and its code, or why they cannot
// be told. A Difference is a property that a control reads and of which code and
// account say different things.
//
// Nothing is guessed. Account and region are part of a match, and where two
// places in the code could be meant, both are named and neither is taken. The
// package reads no files, makes no calls and judges nothing itself.
package pair
