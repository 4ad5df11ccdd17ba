// Package rds is everything that Holdfast knows of RDS: DB instances, Aurora and
// Multi-AZ DB clusters, and the snapshots of both. The controls and resource
// types stand beside this file; here are the words that AWS, Terraform and
// CloudFormation have for them.
//
// Its nouns are those of AWS: cluster, instance, member, read replica, snapshot.
// Neptune and DocumentDB, which stand in the same lists, are services of their
// own. It reads and must not write.
package rds
