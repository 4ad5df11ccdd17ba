// Package live reads resources from AWS accounts. It lists the accounts and
// regions, and hands each resource type in each region to the service that
// knows how to read it.
//
// It must not judge, and has no way to write: it is given a connection whose
// allowed operations are reads.
package live
