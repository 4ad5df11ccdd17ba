// Package apply is how Neptune is changed: the calls that Holdfast may make,
// what they are checked for before, and the procedures that the controls name
// for fixes that are more than setting a property.
//
// Every write goes to the rds endpoint, which serves other engines too. The
// engine of the very object is therefore read again before each call, and only
// what Holdfast itself made, told by its tag, is ever deleted.
//
// Planners decide nothing on data that could not be read. The order of the
// steps, the waiting and the undoing are package fix's.
package apply
