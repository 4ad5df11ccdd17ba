package cli

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

// stores is a world with something of every service beside the databases, so
// that every call that a control may need is really made.
func stores() *lab.World {
	world := lab.NewWorld(nil)
	a := world.Account(lab.DemoProduction)
	a.Region("eu-west-1").AddTable(lab.Table{Name: "orders", Recovery: true, Tags: lab.Tags{"backup": "daily"}}).
		AddVolume(lab.Volume{ID: "vol-data"}).
		AddEBSSnapshot(lab.EBSSnapshot{ID: "snap-public", SharedWith: []string{"all"}}).
		AddReplicationGroup(lab.ReplicationGroup{ID: "sessions"}).
		AddWarehouse(lab.Warehouse{ID: "reports"}).
		AddFileSystem(lab.FileSystem{ID: "fs-home", BackupPolicy: "ENABLED"}).
		AddFSx(lab.FSxFileSystem{ID: "fs-zfs", Type: "OPENZFS"}).
		AddBackupPlan(lab.BackupPlan{Name: "daily", Selections: []lab.BackupSelection{{Name: "tagged", Tags: lab.Tags{"backup": "daily"}}}}).
		AddBackupVault(lab.BackupVault{Name: "Default", Points: []lab.RecoveryPoint{{ARN: "arn:aws:backup:eu-west-1::recovery-point:one", Created: time.Unix(1_700_000_000, 0)}}})
	a.AddBucket(lab.Bucket{Name: "archive", Region: "eu-west-1"})
	return world
}

func TestTheScanPolicyOfStoresIsWhatAScanReallyCalls(t *testing.T) {
	t.Parallel()
	for _, control := range []string{
		"Backup.1", "DynamoDB.2", "DynamoDB.4", "DynamoDB.6", "EC2.1", "EC2.28", "EC2.182", "EFS.2", "EFS.7", "ElastiCache.1",
		"FSx.1", "FSx.2", "Redshift.3", "S3.14", "S3.15",
	} {
		t.Run(control, func(t *testing.T) {
			t.Parallel()
			l, err := lab.Start(t.Context(), lab.Options{World: stores()})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = l.Close() })
			selection := []string{"--control", control, "--region", "eu-west-1"}
			run(t, newTestApp(t, l), append([]string{"scan"}, selection...)...)
			if got, want := called(l), actionsOf(t, selection...); !slices.Equal(got, want) {
				t.Errorf("called %s\nallowed %s", strings.Join(got, " "), strings.Join(want, " "))
			}
		})
	}
}
