package fix

import "github.com/holdfast-aws/holdfast/internal/fix/code"

// Source is what a plan changes in source code, and how that code was read, so
// that it can be read again in the same way.
type Source struct {
	// Paths are as they were given, relative to the working directory.
	Paths []string `json:"paths"`
	// As is the kind of the paths, where it was forced.
	As string `json:"as,omitempty"`
	// Variables and Parameters are name=value.
	Variables      []string `json:"variables,omitempty"`
	VariableFiles  []string `json:"variableFiles,omitempty"`
	Parameters     []string `json:"parameters,omitempty"`
	ParameterFiles []string `json:"parameterFiles,omitempty"`
	// Accept lists the controls whose edits were accepted by name.
	Accept []string `json:"accept,omitempty"`
	code.Plan
}
