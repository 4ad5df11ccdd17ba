// Package backup is everything that Holdfast knows of AWS Backup: its controls
// and resource types as YAML, how they are read, and which resources of other
// services are in a backup plan.
//
// Its nouns: a Cover is what AWS Backup protects in one region of one account,
// read once for all services that ask; a Target is a resource that may be
// protected; a selection decides which resources a plan takes. The package
// decides as AWS Backup does, and where something could not be read it says
// so instead of guessing.
package backup
