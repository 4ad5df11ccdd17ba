package lab_test

import (
	"slices"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

// TestDemoHasEveryFault judges the demo by hand: each control must have something to fail and something to pass.
func TestDemoHasEveryFault(t *testing.T) {
	t.Parallel()
	_, c := newWorld()
	w := lab.Demo(c.now)
	checks := map[string]func(lab.Cluster) bool{
		"Neptune.1": func(c lab.Cluster) bool { return c.StorageEncrypted },
		"Neptune.2": func(c lab.Cluster) bool { return slices.Contains(c.LogExports, "audit") },
		"Neptune.4": func(c lab.Cluster) bool { return c.DeletionProtection },
		"Neptune.5": func(c lab.Cluster) bool { return c.BackupRetentionPeriod >= 7 },
		"Neptune.7": func(c lab.Cluster) bool { return c.IAMAuth },
		"Neptune.8": func(c lab.Cluster) bool { return c.CopyTagsToSnapshot },
		"Neptune.9": func(c lab.Cluster) bool { return c.MultiAZ },
	}
	snapshots := map[string]func(lab.Snapshot) bool{
		"Neptune.3": func(s lab.Snapshot) bool { return !slices.Contains(s.SharedWith, "all") },
		"Neptune.6": func(s lab.Snapshot) bool { return s.StorageEncrypted },
	}
	passed, failed, engines := map[string]int{}, map[string]int{}, map[string]int{}
	count := func(control string, ok bool) {
		if ok {
			passed[control]++
		} else {
			failed[control]++
		}
	}
	for _, account := range w.Accounts() {
		for _, name := range []string{"eu-west-1", "eu-central-1", "us-east-1", "ap-southeast-2"} {
			r := w.Account(account).Region(name)
			for _, cl := range r.Clusters() {
				engines[cl.Engine]++
				for control, check := range checks {
					if cl.Engine == "neptune" {
						count(control, check(cl))
					}
				}
			}
			for _, s := range r.Snapshots() {
				for control, check := range snapshots {
					if s.Engine == "neptune" && s.Type == "manual" {
						count(control, check(s))
					}
				}
			}
		}
	}
	for _, control := range []string{"Neptune.1", "Neptune.2", "Neptune.3", "Neptune.4", "Neptune.5", "Neptune.6", "Neptune.7", "Neptune.8", "Neptune.9"} {
		if passed[control] == 0 || failed[control] == 0 {
			t.Errorf("%s: %d pass, %d fail", control, passed[control], failed[control])
		}
	}
	if engines["neptune"] != 13 || engines["docdb"] != 2 || engines["aurora-mysql"] != 2 || engines["aurora-postgresql"] != 1 {
		t.Errorf("clusters by engine: %v", engines)
	}
	if w.Account(lab.DemoStaging).Region("eu-west-1").WritesAudit("catalog-graph-staging") {
		t.Error("catalog-graph-staging writes its audit log; it should only export it")
	}
	if !w.Account(lab.DemoProduction).Region("eu-west-1").WritesAudit("catalog-graph") {
		t.Error("catalog-graph writes no audit log")
	}
}
