// Package elasticache is everything that Holdfast knows of Amazon ElastiCache:
// its controls and resource types as YAML, and how they are read from AWS and
// from code.
//
// Backups of a node that belongs to a replication group are the group's, so
// such a node is never judged by itself.
package elasticache
