// Package efs is everything that Holdfast knows of Amazon Elastic File System:
// its controls and resource types as YAML, and how file systems are read from
// AWS and from code.
package efs
