package moto

import (
	"encoding/json"
	"path/filepath"
	"testing"
)

// Databases are what boto3 reads of one region: instances of RDS, clusters of RDS and Neptune, and the snapshots of
// both.
type Databases struct {
	Instances []Database
	Clusters  []Database
	Snapshots []DatabaseSnapshot
}

// Database is an instance or a cluster. Settings carry the names of the AWS API.
type Database struct {
	DBInstanceIdentifier, DBClusterIdentifier string
	Engine                                    string
	BackupRetentionPeriod                     int // days
	DeletionProtection, CopyTagsToSnapshot    bool
	StorageEncrypted, MultiAZ                 bool
	ReadReplicaSourceDBInstanceIdentifier     string
}

// DatabaseSnapshot is a snapshot of an instance or of a cluster.
type DatabaseSnapshot struct {
	ID, Engine        string
	Encrypted, Manual bool
	SharedWith        []string // accounts that may restore it, "all" for everybody
}

// SeedDatabases fills the home region with databases of several engines, and returns what boto3 reads of them.
func (s *Server) SeedDatabases(tb testing.TB) Databases {
	tb.Helper()
	return s.databases(tb)
}

// ReadDatabases returns what boto3 reads of the databases now.
func (s *Server) ReadDatabases(tb testing.TB) Databases {
	tb.Helper()
	return s.databases(tb, "--read")
}

func (s *Server) databases(tb testing.TB, args ...string) Databases {
	tb.Helper()
	out := s.run(tb, s.python, append([]string{filepath.Join(s.home, "databases.py")}, args...)...)
	var d Databases
	if err := json.Unmarshal(out, &d); err != nil {
		tb.Fatalf("decode the output of databases.py: %v", err)
	}
	return d
}
