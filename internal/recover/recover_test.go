package recover_test

import (
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/recover"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

func TestWhetherThereIsACleanPoint(t *testing.T) {
	t.Parallel()
	denied := finding.Gap{
		Account: account, Region: dublin, Type: neptuneSnapshot, Operation: "rds:DescribeDBClusterSnapshots",
		Reason: finding.GapDenied, Permission: "rds:DescribeDBClusterSnapshots",
	}
	lately := values{"EarliestRestorableTime": ago(2)}
	both := []scan.Place{{Account: account, Region: dublin}, {Account: account, Region: frankfurt}}
	copied := values{"SourceDBClusterSnapshotArn": "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:weekly"}
	for name, test := range map[string]struct {
		world  world
		moment time.Time
		// verdict and what of the answer matters
		verdict recover.Verdict
		how     recover.How
		lost    time.Duration
		bound   string
		doubt   string
		next    time.Time
		// elsewhere tells that a copy may lie in another place
		elsewhere bool
	}{
		"snapshots of another region that could not be listed may hold a copy": {
			world: world{places: both, resources: []*resource.Resource{graph(lately)}, gaps: []finding.Gap{{
				Account: account, Region: frankfurt, Type: neptuneSnapshot, Reason: finding.GapDenied,
			}}},
			moment: ago(6), verdict: recover.None, next: ago(2), elsewhere: true,
		},
		"clusters of another region that could not be listed hold no copy": {
			world: world{places: both, resources: []*resource.Resource{graph(lately)}, gaps: []finding.Gap{{
				Account: account, Region: frankfurt, Type: neptune, Reason: finding.GapDenied,
			}}},
			moment: ago(6), verdict: recover.None, next: ago(2),
		},
		"the window holds the moment": {
			world: world{resources: []*resource.Resource{graph(nil)}}, moment: ago(6),
			verdict: recover.Clean, how: recover.Continuous,
		},
		"the window begins exactly at the moment": {
			world: world{resources: []*resource.Resource{graph(nil)}}, moment: ago(7),
			verdict: recover.Clean, how: recover.Continuous,
		},
		"the window begins a second after the moment": {
			world: world{resources: []*resource.Resource{graph(nil)}}, moment: ago(7).Add(-time.Second),
			verdict: recover.None, next: ago(7),
		},
		"the window ends before the moment": {
			world: world{resources: []*resource.Resource{graph(values{"Status": "stopped", "LatestRestorableTime": ago(3)})}}, moment: ago(2),
			verdict: recover.Clean, how: recover.Continuous, lost: 24 * time.Hour,
		},
		"retention was raised yesterday": {
			world: world{resources: []*resource.Resource{graph(lately)}}, moment: ago(6),
			verdict: recover.None, next: ago(2),
		},
		"a snapshot older than the window saves it": {
			world:  world{resources: []*resource.Resource{graph(lately), snapshotOf("cluster-GRAPH", "monthly", ago(20), nil)}},
			moment: ago(6), verdict: recover.Clean, how: recover.Manual, lost: 14 * 24 * time.Hour,
		},
		"a snapshot exactly at the moment saves it": {
			world:  world{resources: []*resource.Resource{graph(lately), snapshotOf("cluster-GRAPH", "then", ago(6), nil)}},
			moment: ago(6), verdict: recover.Clean, how: recover.Manual,
		},
		"the newest of several snapshots counts": {
			world: world{resources: []*resource.Resource{
				graph(lately), snapshotOf("cluster-GRAPH", "old", ago(20), nil),
				snapshotOf("cluster-GRAPH", "rds:new", ago(8), values{"SnapshotType": "automated"}), snapshotOf("cluster-GRAPH", "late", ago(1), nil),
			}},
			moment: ago(6), verdict: recover.Clean, how: recover.Automated, lost: 2 * 24 * time.Hour,
		},
		"a snapshot that is not there yet saves nothing": {
			world:  world{resources: []*resource.Resource{graph(lately), snapshotOf("cluster-GRAPH", "half", ago(8), values{"Status": "creating"})}},
			moment: ago(6), verdict: recover.None, next: ago(2),
		},
		"a snapshot whose time was denied may save it": {
			world: world{resources: []*resource.Resource{
				graph(lately), snapshotOf("cluster-GRAPH", "odd", ago(8), values{"SnapshotCreateTime": unread{}}),
			}},
			moment: ago(6), verdict: recover.NotTold, doubt: "odd: its time is not known", next: ago(2),
		},
		"a copy of unknown state made after the moment may save it": {
			world: world{places: both, resources: []*resource.Resource{
				graph(lately), in(account, frankfurt, snapshotOf("cluster-GRAPH", "copy", ago(4), values{
					"SourceDBClusterSnapshotArn": copied["SourceDBClusterSnapshotArn"], "Status": unread{},
				})),
			}},
			moment: ago(6), verdict: recover.NotTold, doubt: "copy: its status is not known", next: ago(2),
		},
		"a snapshot of unknown state taken after the moment saves nothing": {
			world:  world{resources: []*resource.Resource{graph(lately), snapshotOf("cluster-GRAPH", "late", ago(4), values{"Status": unread{}})}},
			moment: ago(6), verdict: recover.None, next: ago(2),
		},
		"what was denied of one other resource does not matter": {
			world: world{resources: []*resource.Resource{graph(lately)}, gaps: []finding.Gap{{
				Account: account, Region: dublin, Type: neptuneSnapshot, Resource: "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:other", Reason: finding.GapDenied,
			}}},
			moment: ago(6), verdict: recover.None, next: ago(2),
		},
		"snapshots that could not be listed may save it": {
			world: world{resources: []*resource.Resource{graph(lately)}, gaps: []finding.Gap{denied}}, moment: ago(6),
			verdict: recover.NotTold, doubt: "grant rds:DescribeDBClusterSnapshots", next: ago(2),
		},
		"snapshots that could not be listed do not matter inside the window": {
			world: world{resources: []*resource.Resource{graph(nil)}, gaps: []finding.Gap{denied}}, moment: ago(6),
			verdict: recover.Clean, how: recover.Continuous,
		},
		"snapshots that could not be listed may be nearer than one that was": {
			world: world{
				resources: []*resource.Resource{graph(lately), thing(recoveryPoint, "job-1", "", values{
					"ResourceArn": arn("rds:%:cluster:", dublin, "graph"), "ResourceType": "Neptune", "Status": "COMPLETED", "CreationDate": ago(9),
				})},
				gaps: []finding.Gap{denied},
			},
			moment: ago(6), verdict: recover.Clean, how: recover.AWSBackup, lost: 3 * 24 * time.Hour, bound: "at most", doubt: "were not all read",
		},
		"a window that was denied may reach back": {
			world: world{resources: []*resource.Resource{graph(values{"EarliestRestorableTime": unread{}})}}, moment: ago(6),
			verdict: recover.NotTold, doubt: "how far back it can be restored is not known: rds:DescribeDBClusters was denied",
		},
		"a window that ends before it begins says nothing": {
			world: world{resources: []*resource.Resource{graph(values{"LatestRestorableTime": ago(9)})}}, moment: ago(6),
			verdict: recover.NotTold, doubt: "an end before the beginning",
		},
		"a cluster that is being made has no window": {
			world:  world{resources: []*resource.Resource{graph(values{"Status": "creating", "EarliestRestorableTime": nil, "LatestRestorableTime": nil})}},
			moment: ago(6), verdict: recover.None,
		},
		"a copy in another region saves it, with older data than its time": {
			world: world{places: both, resources: []*resource.Resource{
				graph(lately), in(account, frankfurt, snapshotOf("cluster-GRAPH", "copy", ago(8), copied)),
			}},
			moment: ago(6), verdict: recover.Clean, how: recover.Manual, lost: 2 * 24 * time.Hour, bound: "at least",
		},
		"a copy is found by the source that it names, without the cluster's own id": {
			world: world{places: both, resources: []*resource.Resource{
				graph(lately), in(account, frankfurt, snapshotOf("", "copy", ago(8), copied)),
			}},
			moment: ago(6), verdict: recover.Clean, how: recover.Manual, lost: 2 * 24 * time.Hour, bound: "at least",
		},
		"a copy made after the moment may be of older data": {
			world: world{places: both, resources: []*resource.Resource{
				graph(lately), in(account, frankfurt, snapshotOf("cluster-GRAPH", "copy", ago(4), copied)),
			}},
			moment: ago(6), verdict: recover.NotTold, doubt: "copy: a copy made after the moment", next: ago(4),
		},
		"an older snapshot counts before a nearer copy, whose data may be of any time": {
			world: world{places: both, resources: []*resource.Resource{
				graph(lately), snapshotOf("cluster-GRAPH", "sure", ago(9), nil), in(account, frankfurt, snapshotOf("cluster-GRAPH", "copy", ago(7), copied)),
			}},
			moment: ago(6), verdict: recover.Clean, how: recover.Manual, lost: 3 * 24 * time.Hour,
		},
		"a snapshot of an earlier cluster of that name is not its own": {
			world: world{resources: []*resource.Resource{
				graph(lately), snapshotOf("cluster-FORMER", "former", ago(8), nil),
			}},
			moment: ago(6), verdict: recover.None, next: ago(2),
		},
		"a backup from before it was made is of an earlier one": {
			world: world{resources: []*resource.Resource{
				graph(values{"ClusterCreateTime": ago(2), "EarliestRestorableTime": ago(2)}), thing(recoveryPoint, "job-1", "", values{
					"ResourceArn": arn("rds:%:cluster:", dublin, "graph"), "ResourceType": "Neptune", "Status": "COMPLETED", "CreationDate": ago(9),
				}),
			}},
			moment: ago(6), verdict: recover.None, next: ago(2),
		},
		"a backup in another account's vault saves it": {
			world: world{
				places: []scan.Place{{Account: account, Region: dublin}, {Account: vaultHolder, Region: dublin}},
				resources: []*resource.Resource{graph(lately), in(vaultHolder, dublin, thing(recoveryPoint, "copy-1", "", values{
					"ResourceArn": arn("rds:%:cluster:", dublin, "graph"), "ResourceType": "Neptune", "Status": "COMPLETED", "CreationDate": ago(9),
				}))},
			},
			moment: ago(6), verdict: recover.Clean, how: recover.AWSBackup, lost: 3 * 24 * time.Hour, bound: "at least",
		},
		"a continuous recovery point adds nothing to the window": {
			world: world{resources: []*resource.Resource{graph(lately), thing(recoveryPoint, "continuous:cluster-GRAPH", "", values{
				"ResourceArn": arn("rds:%:cluster:", dublin, "graph"), "ResourceType": "Neptune", "Status": "AVAILABLE", "CreationDate": ago(30),
			})}},
			moment: ago(6), verdict: recover.None, next: ago(2),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := read(t, &test.world, recover.Filter{Types: []string{neptune}}, test.moment)
			if len(found.Items) != 1 || found.Items[0].Answer == nil {
				t.Fatalf("%d items", len(found.Items))
			}
			a := found.Items[0].Answer
			if a.Verdict != test.verdict || a.How != test.how || !a.Next.Equal(test.next) {
				t.Errorf("%s from %q, next %v; want %s from %q, next %v", a.Verdict, a.How, a.Next, test.verdict, test.how, test.next)
			}
			if a.Elsewhere != test.elsewhere {
				t.Errorf("elsewhere %t, want %t", a.Elsewhere, test.elsewhere)
			}
			if (a.Lost != nil) != (test.verdict == recover.Clean) || a.Lost != nil && time.Duration(*a.Lost)*time.Second != test.lost {
				t.Errorf("lost %v, want %s", a.Lost, test.lost)
			}
			if a.AtMost != (test.bound == "at most") || a.AtLeast != (test.bound == "at least") {
				t.Errorf("at most %t, at least %t; want %q", a.AtMost, a.AtLeast, test.bound)
			}
			if doubts := strings.Join(a.Doubts, "\n"); test.doubt == "" && doubts != "" || !strings.Contains(doubts, test.doubt) {
				t.Errorf("doubts %q, want %q", doubts, test.doubt)
			}
		})
	}
}

func TestTypesThatAreNotReadInFull(t *testing.T) {
	t.Parallel()
	days := values{"BackupRetentionPeriod": 7, "Status": "available", "LatestRestorableTime": now.Add(-5 * time.Minute)}
	taken := func(at time.Time) *resource.Resource {
		return thing(dbSnapshot, "rds:orders", "", values{
			"SnapshotType": "automated", "DBInstanceIdentifier": "orders", "Status": "available", "SnapshotCreateTime": at, "StorageEncrypted": true,
		})
	}
	on := values{
		"PointInTimeRecovery": true, "RecoveryPeriodInDays": 35, "EarliestRestorableTime": ago(35), "LatestRestorableTime": now.Add(-5 * time.Minute),
	}
	point := func(id, of string, at time.Time) *resource.Resource {
		return thing(recoveryPoint, id, "", values{"ResourceArn": of, "Status": "COMPLETED", "CreationDate": at})
	}
	for name, test := range map[string]struct {
		resources []*resource.Resource
		verdict   recover.Verdict
		doubt     string
		leftOut   string
	}{
		"an instance without a snapshot from before": {
			resources: []*resource.Resource{thing(instance, "orders", "db-1", days)}, verdict: recover.NotTold, doubt: "how far back it can be restored is not known",
		},
		"an instance whose snapshot is from before": {
			resources: []*resource.Resource{thing(instance, "orders", "db-1", days), taken(ago(6.5))}, verdict: recover.Clean,
			doubt: "how far back it can be restored is not known",
		},
		"an instance that keeps nothing": {
			resources: []*resource.Resource{thing(instance, "orders", "db-1", values{"BackupRetentionPeriod": 0, "Status": "available"})}, verdict: recover.None,
		},
		"a member of a cluster": {
			resources: []*resource.Resource{thing(instance, "orders", "db-1", values{"DBClusterIdentifier": "aurora"})}, leftOut: "members of clusters, restored with them",
		},
		"a read replica without backups": {
			resources: []*resource.Resource{thing(instance, "orders", "db-1", values{"BackupRetentionPeriod": 0, "ReplicaOf": "main"})},
			leftOut:   "read replicas without backups, made anew from their source",
		},
		"a read replica with a snapshot of its own": {
			resources: []*resource.Resource{thing(instance, "orders", "db-1", values{"BackupRetentionPeriod": 0, "ReplicaOf": "main"}), taken(ago(6.5))},
			verdict:   recover.Clean,
		},
		"a table with recovery on": {resources: []*resource.Resource{thing(table, "orders", "", on)}, verdict: recover.Clean},
		"a table with recovery off": {
			resources: []*resource.Resource{thing(table, "orders", "", values{"PointInTimeRecovery": false})}, verdict: recover.NotTold,
			doubt: "on-demand backups (dynamodb:ListBackups) are read by nothing here",
		},
		"a table with recovery off that AWS Backup holds": {
			resources: []*resource.Resource{
				thing(table, "orders", "", values{"PointInTimeRecovery": false}), point("job-1", arn("dynamodb:%:table/", dublin, "orders"), ago(7)),
			},
			verdict: recover.Clean, doubt: "on-demand backups",
		},
		"a file system that AWS Backup holds": {
			resources: []*resource.Resource{
				thing(fileSystem, "fs-1", "", values{"Status": "available"}), point("job-1", arn("elasticfilesystem:%:file-system/", dublin, "fs-1"), ago(7)),
			},
			verdict: recover.Clean,
		},
		"a file system that nothing holds": {
			resources: []*resource.Resource{thing(fileSystem, "fs-1", "", values{"Status": "available"})}, verdict: recover.None,
		},
		"a cache whose snapshots nothing reads": {
			resources: []*resource.Resource{thing(cache, "sessions", "", values{"Engine": "redis", "SnapshotRetentionLimit": 5})}, verdict: recover.NotTold,
			doubt: "elasticache:DescribeSnapshots",
		},
		"memcached": {
			resources: []*resource.Resource{thing(cache, "sessions", "", values{"Engine": "memcached"})}, leftOut: "memcached, which has no backups",
		},
		"a parent of recovery points has no data": {
			resources: []*resource.Resource{
				thing(fileSystem, "fs-1", "", values{"Status": "available"}),
				thing(recoveryPoint, "job-1", "", values{
					"ResourceArn": arn("elasticfilesystem:%:file-system/", dublin, "fs-1"), "Status": "COMPLETED", "CreationDate": ago(7), "IsParent": true,
				}),
			},
			verdict: recover.None,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := read(t, &world{resources: test.resources}, recover.Filter{}, ago(6))
			if test.leftOut != "" {
				if found.LeftOut[test.leftOut] != 1 || len(found.Items) != 0 {
					t.Errorf("left out %v, with %d items", found.LeftOut, len(found.Items))
				}
				return
			}
			if len(found.Items) != 1 {
				t.Fatalf("%d items", len(found.Items))
			}
			a := found.Items[0].Answer
			if doubts := strings.Join(a.Doubts, "\n"); a.Verdict != test.verdict || test.doubt == "" && doubts != "" || !strings.Contains(doubts, test.doubt) {
				t.Errorf("%s with doubts %q; want %s with %q", a.Verdict, doubts, test.verdict, test.doubt)
			}
		})
	}
}

func TestWhatIsLeftOfOthers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		world world
		gone  string
	}{
		"of a deleted cluster": {world{resources: []*resource.Resource{snapshotOf("cluster-GONE", "last", ago(8), nil)}}, "it was deleted or renamed"},
		"of one whose name another has": {
			world{resources: []*resource.Resource{graph(nil), snapshotOf("cluster-GONE", "last", ago(8), nil)}}, "another has its name",
		},
		"of one that may be unread": {
			world{
				resources: []*resource.Resource{snapshotOf("cluster-GONE", "last", ago(8), nil)},
				gaps:      []finding.Gap{{Account: account, Region: dublin, Type: neptune, Reason: finding.GapDenied}},
			}, "not everything there could be read",
		},
		"of one that lies elsewhere": {
			world{resources: []*resource.Resource{snapshotOf("cluster-GONE", "copy", ago(8), values{
				"SourceDBClusterSnapshotArn": "arn:aws:rds:us-east-1:111122223333:cluster-snapshot:weekly",
			})}}, "a place that was not looked at",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := read(t, &test.world, recover.Filter{Types: []string{neptune}}, ago(6))
			if len(found.Left) != 1 || !strings.Contains(found.Left[0].Gone, test.gone) {
				t.Fatalf("left %+v, want %q", found.Left, test.gone)
			}
			if left := found.Left[0]; left.Resource.ID != "graph" || left.Answer.Verdict != recover.Clean {
				t.Errorf("%s of %s", left.Answer.Verdict, left.Resource.ID)
			}
			if s := found.Summary(); s.Left != 1 || s.Clean+s.None+s.Unknown != s.Resources {
				t.Errorf("what is left counts as a resource: %+v", s)
			}
		})
	}
}

func TestASnapshotThatAWSBackupMadeIsOnePoint(t *testing.T) {
	t.Parallel()
	made := snapshotOf("cluster-GRAPH", "awsbackup:job-1", ago(8), values{"SnapshotType": "awsbackup"})
	same := thing(recoveryPoint, "awsbackup:job-1", "", values{
		"ResourceArn": arn("rds:%:cluster:", dublin, "graph"), "Status": "COMPLETED", "CreationDate": ago(8), "BackupVaultName": "main",
	})
	same.ARN = made.ARN
	found := read(t, &world{resources: []*resource.Resource{graph(nil), made, same}}, recover.Filter{}, time.Time{})
	points := found.Items[0].Points
	if len(points) != 1 || points[0].Vault != "main" || points[0].How != recover.AWSBackup {
		t.Errorf("points %+v", points)
	}
}

func TestWhyAWindowIsShort(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		one    *resource.Resource
		reason recover.Reason
		text   string
	}{
		"it is not":                      {graph(nil), "", ""},
		"it lacks a few hours":           {graph(values{"EarliestRestorableTime": ago(6.6)}), "", ""},
		"it was made two days ago":       {graph(values{"ClusterCreateTime": ago(2.1), "EarliestRestorableTime": ago(2)}), recover.Created, "it was made 2 days ago"},
		"it was raised yesterday":        {graph(values{"EarliestRestorableTime": ago(2)}), recover.Raised, "it was raised at most 25 hours ago, or"},
		"it was raised a minute ago":     {graph(values{"EarliestRestorableTime": ago(1)}), recover.Raised, "it was raised at most 1 hour ago, or"},
		"less than the least retention":  {graph(values{"EarliestRestorableTime": ago(0.2)}), recover.Unexplained, "nothing explains it"},
		"the time it was made is denied": {graph(values{"EarliestRestorableTime": ago(0.2), "ClusterCreateTime": unread{}}), recover.Raised, "it was made lately, or"},
		"recovery was turned on today": {
			thing(table, "orders", "", values{
				"PointInTimeRecovery": true, "RecoveryPeriodInDays": 35, "EarliestRestorableTime": ago(0.25), "LatestRestorableTime": now,
			}), recover.Raised, "turned on or raised at most 6 hours ago",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := read(t, &world{resources: []*resource.Resource{test.one}}, recover.Filter{}, time.Time{})
			got := found.Items[0].Retention
			if got == nil || got.Effective == nil {
				t.Fatalf("retention %+v", got)
			}
			if test.reason == "" {
				if got.Short != nil {
					t.Errorf("short: %+v", got.Short)
				}
				return
			}
			full := found.Items[0].Window.Earliest.AddDate(0, 0, int(got.Configured))
			if got.Short == nil || got.Short.Reason != test.reason || !strings.Contains(got.Short.Text, test.text) || !got.Short.FullOn.Equal(full) {
				t.Errorf("short: %+v, want %s: %s", got.Short, test.reason, test.text)
			}
		})
	}
}

func TestAPendingLoweringIsNoted(t *testing.T) {
	t.Parallel()
	found := read(t, &world{resources: []*resource.Resource{graph(values{"PendingBackupRetentionPeriod": 1})}}, recover.Filter{}, time.Time{})
	item := found.Items[0]
	if item.Retention.Pending == nil || *item.Retention.Pending != 1 || len(item.Notes) != 1 {
		t.Errorf("%+v, notes %q", item.Retention, item.Notes)
	}
}

func TestWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	wants := recover.Wants(types(t), recover.Filter{Types: []string{"aws::neptune::*"}})
	if len(wants) != 3 || wants[neptune] == nil || wants[neptuneSnapshot] == nil || wants[recoveryPoint] == nil {
		t.Errorf("wants %v", wants)
	}
	if wants.Has(neptuneSnapshot, "RestoreAccounts") || wants.Has(neptune, "AuditLogParameter") {
		t.Errorf("asks for what takes a call of its own: %v", wants)
	}
	if got := recover.Wants(types(t), recover.Filter{Types: []string{"AWS::S3::*"}}); len(got) != 0 {
		t.Errorf("wants %v of what it knows nothing", got)
	}
	all := recover.Wants(types(t), recover.Filter{})
	for _, typ := range recover.Types() {
		if all[typ] == nil {
			t.Errorf("asks for nothing of %s", typ)
		}
	}
	if all.Has(table, "Status") {
		t.Error("the status of a table takes a call for each")
	}
}

func TestFiltersKeepOwnersApart(t *testing.T) {
	t.Parallel()
	w := world{resources: []*resource.Resource{
		graph(nil), snapshotOf("cluster-GRAPH", "weekly", ago(8), nil), thing(fileSystem, "fs-1", "", values{"Status": "available"}),
	}}
	if found := read(t, &w, recover.Filter{IDs: []string{"FS-*"}}, ago(6)); len(found.Items) != 1 || len(found.Left) != 0 {
		t.Errorf("%d items and %d left", len(found.Items), len(found.Left))
	}
}

func TestACopyIsAsOldAsItsOriginalWhereThatIsTold(t *testing.T) {
	t.Parallel()
	w := world{resources: []*resource.Resource{
		thing(instance, "orders", "db-1", values{"BackupRetentionPeriod": 0}),
		thing(dbSnapshot, "copy", "", values{
			"SnapshotType": "manual", "DBInstanceIdentifier": "orders", "Status": "available", "SnapshotCreateTime": ago(2),
			"SourceDBSnapshotIdentifier": "arn:aws:rds:eu-west-1:111122223333:snapshot:weekly", "OriginalSnapshotCreateTime": ago(8),
		}),
	}}
	found, err := recover.Read(t.Context(), recover.Options{Source: &w, Concurrency: 1, AsOf: now, Moment: ago(6), Wants: resource.Wants{
		instance:   {"BackupRetentionPeriod"},
		dbSnapshot: {"DBInstanceIdentifier", "OriginalSnapshotCreateTime", "SnapshotCreateTime", "SnapshotType", "SourceDBSnapshotIdentifier", "Status"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	a := found.Items[0].Answer
	if a.Verdict != recover.Clean || !a.At.Equal(ago(8)) || a.AtLeast {
		t.Errorf("%+v", a)
	}
}
