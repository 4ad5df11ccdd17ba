// Package apply is how DynamoDB tables are changed: the two calls that Holdfast
// may make, what they are checked for before, and the plans of the fixes.
//
// A call sets one thing. The recovery period is sent along with the switch that
// it belongs to, since AWS takes a missing one for 35 days.
package apply
