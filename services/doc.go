// Package services holds what Holdfast knows of single AWS services, one
// folder per service: controls and resource types as YAML beside the code that
// reads and, in a package apart, changes them.
//
// A control is one file, named after its id. A resource type is one file,
// named after the last part of its CloudFormation name. Adding either touches
// nothing else: the files are found by walking the folders. RDS, Neptune and
// DocumentDB share one control plane: what they have in common stands in
// rdsplane, for accounts, and in rdscode, for code.
package services
