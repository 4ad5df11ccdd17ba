// Package fsx is everything that Holdfast knows of Amazon FSx: its controls and
// resource types as YAML, and how file systems of all four kinds are read from
// AWS and from code.
package fsx
