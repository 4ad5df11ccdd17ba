package main

import (
	"cmp"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/test/moto"
)

// TestDatabasesAreFixedAsBoto3ReadsThem plans, applies, proves and takes back
// the fixes of RDS on a region that nobody here filled by hand, and asks boto3
// what has changed.
//
// moto makes every change at once, keeps no maintenance window, restarts nothing
// and refuses nothing; windows, refusals and DocumentDB are proven on the lab.
func TestDatabasesAreFixedAsBoto3ReadsThem(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	before := server.SeedDatabases(t)
	h := &motoLoop{t: t, server: server, folder: t.TempDir()}
	plan := filepath.Join(h.folder, "plan.json")
	chosen := "RDS.1,RDS.5,RDS.7,RDS.8,RDS.11,RDS.16,RDS.17,RDS.50"
	h.holdfast(0, "fix", "plan", "--control", chosen, "--region", moto.HomeRegion, "--now", "--out", plan)
	if diff := gocmp.Diff(byName(before), byName(server.ReadDatabases(t))); diff != "" {
		t.Fatalf("planning changed the account: %s", diff)
	}
	var applied struct {
		Run string `json:"run"`
	}
	out := h.holdfast(0, "fix", "apply", plan, "--yes", "--accept", "RDS.5", "--accept", "RDS.11", "--format", "json")
	if err := json.Unmarshal(out, &applied); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(fixedDatabases(before, false), byName(server.ReadDatabases(t))); diff != "" {
		t.Errorf("the run did other than it should (-want +read): %s", diff)
	}
	// What restarted an instance to turn its backups on is not taken back.
	if out, code, problems := h.run("fix", "rollback", applied.Run, "--yes", "--accept-loss", "--accept", "RDS.1"); code != 1 || !strings.Contains(string(out), "restarted again: Holdfast does not do that") {
		t.Errorf("the rollback ended with %d: %s\n%s", code, problems, tail(out))
	}
	if diff := gocmp.Diff(fixedDatabases(before, true), byName(server.ReadDatabases(t))); diff != "" {
		t.Errorf("the rollback did other than it should (-want +read): %s", diff)
	}
}

// fixedDatabases is what the fixes must leave, by Security Hub's words and
// without Holdfast; or what must be left once they were taken back.
func fixedDatabases(d moto.Databases, back bool) moto.Databases {
	out := byName(d)
	for n := range out.Instances {
		i := &out.Instances[n]
		off := i.BackupRetentionPeriod == 0
		if i.ReadReplicaSourceDBInstanceIdentifier == "" && (off || !back) { // a member echoes its cluster
			i.BackupRetentionPeriod = max(i.BackupRetentionPeriod, 7)
		}
		if back || i.DBClusterIdentifier != "" {
			continue
		}
		i.DeletionProtection, i.CopyTagsToSnapshot = true, true
		i.MultiAZ = i.MultiAZ || !(strings.HasPrefix(i.Engine, "sqlserver") && off)
	}
	if back {
		return out
	}
	for n := range out.Clusters {
		c := &out.Clusters[n]
		c.DeletionProtection, c.BackupRetentionPeriod = true, max(c.BackupRetentionPeriod, 7)
		c.CopyTagsToSnapshot = c.CopyTagsToSnapshot || strings.HasPrefix(c.Engine, "aurora")
	}
	for n := range out.Snapshots {
		s := &out.Snapshots[n]
		s.SharedWith = slices.DeleteFunc(slices.Clone(s.SharedWith), func(account string) bool { return account == "all" })
	}
	return byName(out)
}

// byName sorts what moto lists in the order of its last changes.
func byName(d moto.Databases) moto.Databases {
	name := func(a, b moto.Database) int {
		return cmp.Or(cmp.Compare(a.DBInstanceIdentifier, b.DBInstanceIdentifier), cmp.Compare(a.DBClusterIdentifier, b.DBClusterIdentifier))
	}
	out := moto.Databases{
		Instances: slices.SortedFunc(slices.Values(d.Instances), name), Clusters: slices.SortedFunc(slices.Values(d.Clusters), name),
		Snapshots: slices.SortedFunc(slices.Values(d.Snapshots), func(a, b moto.DatabaseSnapshot) int { return cmp.Compare(a.ID, b.ID) }),
	}
	for n := range out.Snapshots {
		out.Snapshots[n].SharedWith = slices.Sorted(slices.Values(out.Snapshots[n].SharedWith)) // nil where there is none
	}
	return out
}
