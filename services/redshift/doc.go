// Package redshift is everything that Holdfast knows of Amazon Redshift: its
// controls and resource types as YAML, and how clusters are read from AWS.
package redshift
