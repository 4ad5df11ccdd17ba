// Package engine compiles the expressions of controls and judges resources
// with them. It is the only package that knows CEL.
//
// Expressions see two variables, resource and params, both typed: a property
// that the resource type does not have, or a comparison that cannot be, is an
// error when the control is loaded. Evaluation has three outcomes. A property
// that is unknown stays unknown through every operator unless the rest of the
// expression decides without it, and an unknown check is never a pass or a
// failure.
//
// The engine reads no files, calls no service and keeps no state between
// resources.
package engine
