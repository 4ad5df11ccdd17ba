package recover_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/recover"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

var update = flag.Bool("update", false, "write the golden files")

// estate has something of everything.
func estate() *world {
	named := func(id, uid string, r *resource.Resource) *resource.Resource {
		r.ID, r.UID, r.ARN = id, uid, arn("rds:%:cluster:", dublin, id)
		return r
	}
	return &world{
		places: []scan.Place{{Account: account, Region: dublin}, {Account: account, Region: frankfurt}},
		resources: []*resource.Resource{
			graph(nil),
			named("orders-graph", "cluster-ORDERS", graph(values{"EarliestRestorableTime": ago(1)})),
			named("young-graph", "cluster-YOUNG", graph(values{"EarliestRestorableTime": ago(2), "ClusterCreateTime": ago(2)})),
			named("saved-graph", "cluster-SAVED", graph(values{"EarliestRestorableTime": ago(2), "PendingBackupRetentionPeriod": 1})),
			named("broken-graph", "cluster-BROKEN", graph(values{"EarliestRestorableTime": ago(0.25)})),
			snapshotOf("cluster-SAVED", "saved-monthly", ago(20), values{"DBClusterIdentifier": "saved-graph", "StorageEncrypted": false}),
			snapshotOf("cluster-SAVED", "rds:saved-graph-1", ago(1), values{"DBClusterIdentifier": "saved-graph", "SnapshotType": "automated"}),
			snapshotOf("cluster-SAVED", "half", ago(0), values{"DBClusterIdentifier": "saved-graph", "Status": "creating"}),
			snapshotOf("cluster-GONE", "final", ago(40), values{"DBClusterIdentifier": "former-graph"}),
			in(account, frankfurt, snapshotOf("cluster-YOUNG", "young-copy", ago(1), values{
				"DBClusterIdentifier": "young-graph", "SourceDBClusterSnapshotArn": "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:young",
			})),
			thing(instance, "billing", "db-1", values{"BackupRetentionPeriod": 7, "Status": "available", "LatestRestorableTime": now.Add(-5 * time.Minute)}),
			thing(instance, "billing-reader", "db-2", values{"BackupRetentionPeriod": 0, "ReplicaOf": "billing"}),
			thing(table, "carts", "", values{"PointInTimeRecovery": false}),
			thing(fileSystem, "fs-1\x1b[31m", "", values{"Status": "available"}),
			thing(recoveryPoint, "job-1", "", values{
				"ResourceArn": arn("elasticfilesystem:%:file-system/", dublin, "fs-1\x1b[31m"), "Status": "COMPLETED", "CreationDate": ago(7.25), "BackupVaultName": "main",
			}),
		},
		gaps: []finding.Gap{{
			Account: account, Region: frankfurt, Type: recoveryPoint, Operation: "backup:ListBackupVaults", Reason: finding.GapDenied,
			Code: "AccessDenied", Permission: "backup:ListBackupVaults",
		}},
	}
}

func TestGoldenDocuments(t *testing.T) {
	t.Parallel()
	inventory, found := read(t, estate(), recover.Filter{}, time.Time{}), read(t, estate(), recover.Filter{}, ago(6))
	for name, write := range map[string]func(*bytes.Buffer) error{
		"inventory.txt":      func(b *bytes.Buffer) error { return inventory.WriteText(report.Options{Width: 100}, b) },
		"found.txt":          func(b *bytes.Buffer) error { return found.WriteText(report.Options{Width: 100}, b) },
		"found-narrow.txt":   func(b *bytes.Buffer) error { return found.WriteText(report.Options{Width: 50}, b) },
		"found-verbose.txt":  func(b *bytes.Buffer) error { return found.WriteText(report.Options{Width: 160, Verbose: true}, b) },
		"found-coloured.txt": func(b *bytes.Buffer) error { return found.WriteText(report.Options{Width: 100, Color: true}, b) },
		"inventory.json":     func(b *bytes.Buffer) error { return inventory.WriteJSON(b) },
		"found.json":         func(b *bytes.Buffer) error { return found.WriteJSON(b) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			if err := write(&got); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, ".json") && !json.Valid(got.Bytes()) {
				t.Error("this is no JSON")
			}
			file := filepath.Join("testdata", name)
			if *update {
				if err := errors.Join(os.MkdirAll("testdata", 0o755), os.WriteFile(file, got.Bytes(), 0o644)); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

func TestTextKeepsToItsWidthAndHidesNothing(t *testing.T) {
	t.Parallel()
	found := read(t, estate(), recover.Filter{}, ago(6))
	for _, width := range []int{40, 60, 80, 200} {
		var b bytes.Buffer
		if err := found.WriteText(report.Options{Width: width}, &b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if page.Width(line) > width || strings.HasSuffix(line, " ") || strings.Contains(line, "\x1b") {
				t.Errorf("width %d: %q", width, line)
			}
		}
		flat := strings.Join(strings.Fields(b.String()), " ")
		for _, item := range found.Items[:4] {
			if !strings.Contains(flat, item.Resource.ID) {
				t.Errorf("width %d: %s is not there", width, item.Resource.ID)
			}
		}
	}
}

func TestNothingToRestore(t *testing.T) {
	t.Parallel()
	found := read(t, &world{}, recover.Filter{}, time.Time{})
	var b bytes.Buffer
	if err := found.WriteText(report.Options{Width: 80}, &b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), "Nothing was found that could be restored") || found.Incomplete() {
		t.Errorf("%q, incomplete %t", b.String(), found.Incomplete())
	}
}
