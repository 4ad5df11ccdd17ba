package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/test/moto"
)

// TestDatabasesAreJudgedAsBoto3ReadsThem scans a region that nobody here filled
// by hand, and compares every verdict with what boto3 reads of the same region.
//
// moto knows neither DocumentDB nor MariaDB without a version, backtracking, pending values or AWS Backup
// selections, and makes Multi-AZ DB clusters only with more than Aurora needs:
// those are proven on the lab.
func TestDatabasesAreJudgedAsBoto3ReadsThem(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	databases := server.SeedDatabases(t)
	h := &motoLoop{t: t, server: server, folder: t.TempDir()}
	out := h.holdfast(1, "scan", "--region", moto.HomeRegion, "--format", "json", "--control",
		"RDS.1,RDS.3,RDS.4,RDS.5,RDS.7,RDS.8,RDS.11,RDS.15,RDS.16,RDS.17,RDS.27,RDS.50,Neptune.4,Neptune.5")
	var result struct {
		Findings []struct {
			Control, Status string
			Resource        struct{ ID string }
		}
		Gaps []any
	}
	if err := json.Unmarshal(out, &result); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range result.Findings {
		got = append(got, f.Control+" "+f.Resource.ID+" "+f.Status)
	}
	slices.Sort(got)
	want := databaseVerdicts(databases)
	if len(want) < 500 || len(result.Gaps) > 0 {
		t.Errorf("%d verdicts are wanted, gaps %v", len(want), result.Gaps)
	}
	if !slices.Equal(got, want) {
		t.Errorf("the scan and boto3 disagree: %s", firstDifference(got, want))
	}
}

// databaseVerdicts judges what boto3 read, by Security Hub's words and without
// Holdfast.
func databaseVerdicts(d moto.Databases) []string {
	var out []string
	say := func(control, id string, passed bool) {
		out = append(out, control+" "+id+" "+map[bool]string{true: "PASSED", false: "FAILED"}[passed])
	}
	listed := []string{"mysql", "postgres", "oracle-ee", "oracle-se2", "sqlserver-se"}
	for _, i := range d.Instances {
		id := i.DBInstanceIdentifier
		say("RDS.3", id, i.StorageEncrypted)
		if slices.Contains(listed, i.Engine) {
			say("RDS.8", id, i.DeletionProtection)
		}
		if i.DBClusterIdentifier != "" || i.Engine == "neptune" {
			continue
		}
		say("RDS.5", id, i.MultiAZ)
		say("RDS.17", id, i.CopyTagsToSnapshot)
		if i.ReadReplicaSourceDBInstanceIdentifier == "" {
			say("RDS.11", id, i.BackupRetentionPeriod >= 7)
		}
	}
	for _, c := range d.Clusters {
		id := c.DBClusterIdentifier
		say("RDS.7", id, c.DeletionProtection)
		say("RDS.50", id, c.BackupRetentionPeriod >= 7)
		if c.Engine == "neptune" {
			say("Neptune.4", id, c.DeletionProtection)
			say("Neptune.5", id, c.BackupRetentionPeriod >= 7)
			continue
		}
		say("RDS.15", id, c.MultiAZ)
		say("RDS.27", id, c.StorageEncrypted)
		if strings.HasPrefix(c.Engine, "aurora") {
			say("RDS.16", id, c.CopyTagsToSnapshot)
		}
	}
	for _, s := range d.Snapshots {
		say("RDS.4", s.ID, s.Encrypted)
		say("RDS.1", s.ID, !slices.Contains(s.SharedWith, "all"))
	}
	slices.Sort(out)
	return out
}
