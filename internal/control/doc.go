// Package control loads, validates and selects controls and the resource types
// that they judge. Both are YAML files: one per control, one per resource type.
//
// It knows the shape of a control and nothing of its logic: expressions are
// text here, and only package engine compiles them.
package control
