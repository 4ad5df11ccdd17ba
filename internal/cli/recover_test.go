package cli

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/recover"
)

// startMixedLab starts an estate of several services in two regions.
func startMixedLab(t *testing.T, now time.Time) *lab.Lab {
	t.Helper()
	ago := func(days int) time.Time { return now.Add(-time.Duration(days) * 24 * time.Hour) }
	world := lab.NewWorld(func() time.Time { return now })
	dublin, frankfurt := world.Account(lab.DemoProduction).Region("eu-west-1"), world.Account(lab.DemoProduction).Region("eu-central-1")
	point := func(resource, kind string, created time.Time) lab.RecoveryPoint {
		return lab.RecoveryPoint{
			ARN:         "arn:aws:backup:eu-west-1:111122223333:recovery-point:" + kind + "-" + created.Format(time.DateOnly),
			ResourceARN: resource, ResourceType: kind, Created: created,
		}
	}
	dublin.
		AddCluster(lab.Cluster{ID: "graph", BackupRetentionPeriod: 7}).
		AddCluster(lab.Cluster{ID: "raised", BackupRetentionPeriod: 7, RestorableSince: ago(2)}).
		AddCluster(lab.Cluster{ID: "kept", Engine: "docdb", BackupRetentionPeriod: 1}).
		AddCluster(lab.Cluster{ID: "copied", ResourceID: "cluster-COPIED", Engine: "aurora-mysql", BackupRetentionPeriod: 1}).
		AddInstance(lab.Instance{ID: "billing", Engine: "mysql", BackupRetentionPeriod: 7}).
		AddInstance(lab.Instance{ID: "bare", Engine: "mysql"}).
		AddDBSnapshot(lab.DBSnapshot{ID: "rds:billing-1", InstanceID: "billing", Type: "automated", CreateTime: ago(7)}).
		AddTable(lab.Table{Name: "carts", Recovery: true, RecoverySince: ago(20)}).
		AddTable(lab.Table{Name: "logs"}).
		AddSnapshot(lab.Snapshot{ID: "former-final", ClusterID: "former", CreateTime: ago(30)}).
		AddBackupVault(lab.BackupVault{Name: "main", Points: []lab.RecoveryPoint{
			point("arn:aws:rds:eu-west-1:111122223333:cluster:kept", "DocumentDB", ago(8)),
			point("arn:aws:dynamodb:eu-west-1:111122223333:table/old", "DynamoDB", ago(9)),
		}})
	frankfurt.AddSnapshot(lab.Snapshot{
		ID: "copied-copy", ClusterID: "copied", ClusterResourceID: "cluster-COPIED", Engine: "aurora-mysql", CreateTime: ago(10),
		SourceARN: "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:copied-weekly",
	})
	l, err := lab.Start(t.Context(), lab.Options{World: world})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// TestRecoverOnAMixedEstate reads an estate over the wire: how each resource comes
// out of damage that is found six days late, and which calls that takes.
func TestRecoverOnAMixedEstate(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	l := startMixedLab(t, now)
	app := newTestApp(t, l)
	app.Now = func() time.Time { return now }
	code, out := run(t, app, "recover", "--region", "eu-west-1,eu-central-1", "--found-after", "6d", "--format", "json")
	if code != ExitFailed {
		t.Errorf("exit code %d: %s", code, app.Stderr)
	}
	var document struct{ Resources, Left []*recover.Item }
	if err := json.Unmarshal([]byte(out), &document); err != nil {
		t.Fatalf("%v in\n%s", err, out)
	}
	got := make(map[string]string)
	for _, item := range document.Resources {
		got[item.Resource.ID] = string(item.Answer.Verdict)
		if item.Answer.Lost != nil {
			got[item.Resource.ID] += " from " + string(item.Answer.How) + ", lost " + recover.Span(time.Duration(*item.Answer.Lost)*time.Second)
		}
	}
	for _, item := range document.Left {
		got[item.Resource.ID] = "left: " + item.Gone
	}
	if diff := cmp.Diff(map[string]string{
		"graph":   "clean from continuous, lost 0 minutes",
		"raised":  "none",
		"kept":    "clean from aws-backup, lost 2 days",
		"copied":  "clean from manual-snapshot, lost 4 days",
		"billing": "clean from automated-snapshot, lost 24 hours",
		"bare":    "none",
		"carts":   "clean from continuous, lost 0 minutes",
		"logs":    "unknown",
		"former":  "left: it was deleted or renamed",
		"old":     "left: it was deleted or renamed",
	}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	for _, want := range []struct {
		service, operation string
		calls              int
	}{
		{"rds", "DescribeDBClusters", 2}, {"rds", "DescribeDBClusterSnapshots", 2}, {"rds", "DescribeDBInstances", 2}, {"rds", "DescribeDBSnapshots", 2},
		{"rds", "DescribeDBClusterSnapshotAttributes", 0}, {"rds", "DescribeDBClusterParameters", 0},
		{"dynamodb", "DescribeContinuousBackups", 2}, {"dynamodb", "DescribeTable", 0}, {"dynamodb", "ListTagsOfResource", 0},
		{"backup", "ListBackupVaults", 2}, {"backup", "ListRecoveryPointsByBackupVault", 1}, {"backup", "ListProtectedResources", 0},
	} {
		if calls := l.CallCount(lab.Match{Service: want.service, Operation: want.operation}); calls != want.calls {
			t.Errorf("%s:%s was called %d times, want %d", want.service, want.operation, calls, want.calls)
		}
	}
}

// TestRecoverFromASavedSnapshotSaysTheSame reads the estate, saves it, and reads
// what was saved without a connection.
func TestRecoverFromASavedSnapshotSaysTheSame(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	l := startMixedLab(t, now)
	type document struct {
		Resources, Left []*recover.Item
		Gaps            []json.RawMessage
	}
	told := func(app *App, args ...string) (all document) {
		app.Now = func() time.Time { return now }
		_, out := run(t, app, append([]string{"recover", "--found-after", "6d", "--format", "json"}, args...)...)
		if err := json.Unmarshal([]byte(out), &all); err != nil {
			t.Fatalf("%v in\n%s%s", err, out, app.Stderr)
		}
		for _, item := range all.Resources {
			item.Resource.UID = "" // a table's takes a call that recover does not make
		}
		return all
	}
	const regions = "eu-west-1,eu-central-1"
	live := told(newTestApp(t, l), "--region", regions)
	file := t.TempDir() + "/saved.ndjson"
	saving := newTestApp(t, l)
	saving.Now = func() time.Time { return now }
	runOK(t, saving, "snapshot", "--region", regions, "--output", file)
	if diff := cmp.Diff(live, told(newTestApp(t, nil), file), cmpopts.IgnoreUnexported(recover.Item{}, recover.Point{})); diff != "" {
		t.Errorf("-live +saved\n%s", diff)
	}
}
