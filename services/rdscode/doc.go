// Package rdscode knows how Terraform and CloudFormation spread over several
// resources what RDS, Aurora, Neptune and DocumentDB keep in one: the zones of
// a cluster stand at its instances, audit lines in its parameter group, the
// encryption of members and snapshots at the cluster.
//
// Its noun: Names are what one service calls these resources. Everything else
// is the same for all of them, so that the services hand in their names and get
// joiners.
//
// It must not read files, judge, or know a control; services do not import one
// another, but all of them may import this.
package rdscode
