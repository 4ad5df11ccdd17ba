package cli

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

// actionsOf runs iam-policy and returns the actions that it allows.
func actionsOf(t *testing.T, args ...string) []string {
	t.Helper()
	out := runOK(t, newTestApp(t, nil), append([]string{"iam-policy"}, args...)...)
	var document policy
	if err := json.Unmarshal([]byte(out), &document); err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, s := range document.Statement {
		actions = append(actions, s.Action...)
	}
	slices.Sort(actions)
	return slices.Compact(actions)
}

// called lists the IAM actions that a lab was asked for. Nobody needs a
// permission to ask who he is.
func called(l *lab.Lab) []string {
	var actions []string
	for action := range l.Actions() {
		if action != "sts:GetCallerIdentity" {
			actions = append(actions, action)
		}
	}
	slices.Sort(actions)
	return actions
}

func TestTheScanPolicyIsWhatAScanReallyCalls(t *testing.T) {
	t.Parallel()
	for _, control := range []string{
		"Neptune.1", "Neptune.2", "Neptune.3", "Neptune.4", "Neptune.5", "Neptune.6", "Neptune.7", "Neptune.8", "Neptune.9", "Neptune.*",
	} {
		for name, region := range map[string][]string{"every region": nil, "named regions": {"--region", "eu-west-1,eu-central-1"}} {
			t.Run(control+" in "+name, func(t *testing.T) {
				t.Parallel()
				l := startDemoLab(t)
				selection := append([]string{"--control", control}, region...)
				run(t, newTestApp(t, l), append([]string{"scan"}, selection...)...)
				if got, want := called(l), actionsOf(t, selection...); !slices.Equal(got, want) {
					t.Errorf("called %s\nallowed %s", strings.Join(got, " "), strings.Join(want, " "))
				}
			})
		}
	}
}

// startDatabases starts a lab with a region in which every call that reading
// databases may take is needed: unencrypted manual snapshots of each kind and
// engine, a cluster with a parameter group of its own, an instance to protect.
func startDatabases(t *testing.T) *lab.Lab {
	t.Helper()
	world := lab.NewWorld(nil)
	world.Account(lab.DemoProduction).Region("eu-west-1").
		AddParameterGroup(lab.ParameterGroup{Name: "docs", Family: "docdb5.0"}).
		AddCluster(lab.Cluster{ID: "docs", Engine: "docdb", ParameterGroup: "docs", LogExports: []string{"audit"}}).
		AddCluster(lab.Cluster{ID: "shop", Engine: "aurora-mysql", Zones: []string{"a"}}).
		AddCluster(lab.Cluster{ID: "ledger", Engine: "postgres"}).
		AddInstance(lab.Instance{ID: "orders", Engine: "mysql", BackupRetentionPeriod: 1}).
		AddSnapshot(lab.Snapshot{ID: "docs-kept", ClusterID: "docs"}).
		AddSnapshot(lab.Snapshot{ID: "shop-kept", ClusterID: "shop"}).
		AddDBSnapshot(lab.DBSnapshot{ID: "orders-kept", InstanceID: "orders"}).
		AddBackupPlan(lab.BackupPlan{Name: "daily", Selections: []lab.BackupSelection{{Name: "databases", Resources: []string{"arn:aws:rds:*:*:db:*"}}}}).
		AddBackupVault(lab.BackupVault{Name: "Default"})
	l, err := lab.Start(t.Context(), lab.Options{World: world})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestTheScanPolicyOfDatabasesIsWhatAScanReallyCalls(t *testing.T) {
	t.Parallel()
	for _, control := range []string{
		"RDS.1", "RDS.3", "RDS.4", "RDS.5", "RDS.7", "RDS.8", "RDS.11", "RDS.14", "RDS.15", "RDS.16", "RDS.17", "RDS.26", "RDS.27",
		"RDS.47", "RDS.48", "RDS.50", "DocumentDB.1", "DocumentDB.2", "DocumentDB.3", "DocumentDB.4", "DocumentDB.5", "DocumentDB.*",
	} {
		t.Run(control, func(t *testing.T) {
			t.Parallel()
			l := startDatabases(t)
			selection := []string{"--control", control, "--region", "eu-west-1"}
			run(t, newTestApp(t, l), append([]string{"scan"}, selection...)...)
			if got, want := called(l), actionsOf(t, selection...); !slices.Equal(got, want) {
				t.Errorf("called %s\nallowed %s", strings.Join(got, " "), strings.Join(want, " "))
			}
		})
	}
}

func TestTheFixPolicyIsWhatAFixReallyCalls(t *testing.T) {
	t.Parallel()
	for _, control := range []string{"Neptune.3", "Neptune.4", "Neptune.5", "Neptune.7", "Neptune.8", "Neptune.9"} {
		t.Run(control, func(t *testing.T) {
			t.Parallel()
			l := startDemoLab(t)
			app := newTestApp(t, l)
			target := []string{"--control", control, "--region", "eu-west-1,eu-central-1"}
			step := func(args ...string) {
				t.Helper()
				again := newTestApp(t, l)
				again.Dir, again.stateDir = app.Dir, app.stateDir
				if code, out := run(t, again, args...); code != ExitClean {
					t.Fatalf("holdfast %s: exit code %d\n%s\n%s", strings.Join(args, " "), code, again.Stderr, out)
				}
			}
			step(append([]string{"fix", "plan", "--out", "plan.json"}, target...)...)
			step("fix", "apply", "plan.json", "--yes", "--accept", control)
			step("fix", "verify", "last")
			step("fix", "rollback", "last", "--yes", "--accept-loss", "--accept", control)
			got := called(l)
			if control == "Neptune.9" {
				// AWS asks for it when an instance is made with tags.
				got = append([]string{"rds:AddTagsToResource"}, got...)
			}
			if want := actionsOf(t, append(target, "--fix")...); !slices.Equal(got, want) {
				t.Errorf("called %s\nallowed %s", strings.Join(got, " "), strings.Join(want, " "))
			}
		})
	}
}
