package apply_test

import (
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/services/applytest"
)

// decision is one line of the table: what is there, what happens to it between
// plan and apply, and what becomes of the fix.
type decision struct {
	name    string
	control string
	given   func(*applytest.Bench)
	now     bool
	// reject applies the plan without accepting anything by name.
	reject  bool
	between func(*applytest.Bench)
	// want is "nothing" where there is no failed finding, "left:" and the reason
	// where no change is planned, or the state of the change.
	want string
	// says is part of what the plan or the run says of it.
	says string
	// calls is how many writes are made.
	calls int
}

func cluster(c lab.Cluster) func(*applytest.Bench) {
	return func(b *applytest.Bench) {
		c.ID = "shop"
		if c.Engine == "" {
			c.Engine = "aurora-mysql"
		}
		c.Zones = []string{"a", "b"}
		b.Region.AddCluster(c)
	}
}

func database(i lab.Instance) func(*applytest.Bench) {
	return func(b *applytest.Bench) {
		i.ID = "orders"
		if i.Engine == "" {
			i.Engine = "mysql"
		}
		b.Region.AddInstance(i)
	}
}

func changeCluster(change func(*lab.Cluster)) func(*applytest.Bench) {
	return func(b *applytest.Bench) { b.Region.ChangeCluster("shop", change) }
}

func days(n int) *int { return &n }

func identity() []decision {
	anew := func(engine string) func(*applytest.Bench) {
		return func(b *applytest.Bench) {
			b.Region.RemoveCluster("shop")
			b.Region.AddCluster(lab.Cluster{ID: "shop", Engine: engine, ResourceID: "cluster-ANOTHER", Zones: []string{"a"}})
		}
	}
	return []decision{
		{name: "another engine has the name now", control: "RDS.50", given: cluster(lab.Cluster{}), between: anew("neptune"), want: "refused", says: "gone"},
		{name: "another engine has DocumentDB's name now", control: "DocumentDB.2", given: cluster(lab.Cluster{Engine: "docdb"}), between: anew("aurora-mysql"), want: "refused", says: "gone"},
		{name: "a cluster made anew under the name", control: "RDS.50", given: cluster(lab.Cluster{}), between: anew("aurora-mysql"), want: "refused", says: "cluster-ANOTHER"},
		{name: "an instance made anew under the name", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1}),
			between: moveInstance(func(i *lab.Instance) { i.ResourceID = "db-ANOTHER" }), want: "refused", says: "db-ANOTHER"},
	}
}

func neverLower() []decision {
	return []decision{
		{name: "as much as is asked for", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 7}), want: "nothing"},
		{name: "more than is asked for", control: "RDS.50", given: cluster(lab.Cluster{BackupRetentionPeriod: 35}), want: "nothing"},
		{name: "an instance that was raised further since the plan", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1}),
			between: moveInstance(func(i *lab.Instance) { i.BackupRetentionPeriod = 30 }), want: "refused", says: "BackupRetentionPeriod is 30"},
		{name: "a cluster that was raised further since the plan", control: "RDS.50", given: cluster(lab.Cluster{}),
			between: changeCluster(func(c *lab.Cluster) { c.BackupRetentionPeriod = 14 }), want: "refused", says: "BackupRetentionPeriod is 14"},
		{name: "somebody did the very same since the plan", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1}),
			between: moveInstance(func(i *lab.Instance) { i.BackupRetentionPeriod = 7 }), want: "verified"},
	}
}

func pendingValues() []decision {
	return []decision{
		{name: "what is asked for waits already", control: "RDS.11", given: database(lab.Instance{Pending: days(7)}), want: "left: pending", says: "already accepted"},
		{name: "more than is asked for waits already", control: "RDS.50", given: cluster(lab.Cluster{Engine: "postgres", Pending: lab.Pending{BackupRetentionPeriod: days(14)}}), want: "left: pending"},
		{name: "backups are to be turned off", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 3, Pending: days(0)}), want: "left: conflict", says: "BackupRetentionPeriod to 0"},
		{name: "less than is asked for waits", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 3, Pending: days(2)}), want: "left: conflict"},
		{name: "a lowering was queued since the plan", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 3}),
			between: moveInstance(func(i *lab.Instance) { i.Pending = days(0) }), want: "refused", says: "PendingBackupRetentionPeriod"},
		{name: "a standby waits already", control: "RDS.5", given: database(lab.Instance{PendingMultiAZ: new(true)}), want: "left: pending"},
		{name: "another change waits, and is not brought forward", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1, PendingClass: "db.r6g.4xlarge"}), want: "verified", calls: 1},
	}
}

func states() []decision {
	rows := []decision{
		{name: "a stopped instance", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1, Status: "stopped"}), want: "left: state", says: "starts by itself at"},
		{name: "a stopped cluster", control: "RDS.50", given: cluster(lab.Cluster{Status: "stopped"}), want: "left: state", says: "starts by itself at"},
		{name: "a stopped DocumentDB cluster", control: "DocumentDB.2", given: cluster(lab.Cluster{Engine: "docdb", Status: "stopped"}), want: "left: state", says: "starts by itself at"},
		{name: "an instance that was stopped since the plan", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1}),
			between: moveInstance(func(i *lab.Instance) { i.Status = "stopped" }), want: "refused", says: "Status is stopped for more than 5m"},
		{name: "a cluster that is busy since the plan, for ever", control: "RDS.7", given: cluster(lab.Cluster{}),
			between: changeCluster(func(c *lab.Cluster) { c.Status = "backing-up" }), want: "refused", says: "Status is backing-up for more than 5m"},
	}
	for _, status := range []string{"creating", "deleting", "modifying", "backing-up", "storage-full", "storage-optimization", "incompatible-parameters", "a-status-yet-to-come"} {
		rows = append(rows, decision{name: "an instance that is " + status, control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1, Status: status}), want: "left: state", says: status})
	}
	return rows
}

func owners() []decision {
	const point = recoveryPointOfOrders
	return []decision{
		{name: "an instance with continuous backups of AWS Backup", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 3, AWSBackupRecoveryPointARN: point}), want: "left: owned", says: "AWS Backup, which owns the retention"},
		{name: "a cluster with continuous backups of AWS Backup", control: "RDS.50", given: cluster(lab.Cluster{AWSBackupRecoveryPointARN: point}), want: "left: owned", says: point},
		{name: "AWS Backup came since the plan", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 3}),
			between: moveInstance(func(i *lab.Instance) { i.AWSBackupRecoveryPointARN = point }), want: "refused", says: "AwsBackupRecoveryPointArn"},
		{name: "AWS Backup owns no deletion protection", control: "RDS.8", given: database(lab.Instance{AWSBackupRecoveryPointARN: point}), want: "verified", calls: 1},
		{name: "the retention of a member is its cluster's", control: "RDS.11", given: cluster(lab.Cluster{}), want: "nothing"},
		{name: "the deletion protection of a member is its cluster's", control: "RDS.8", given: func(b *applytest.Bench) {
			b.Region.AddCluster(lab.Cluster{ID: "shop", Engine: "mysql", Zones: []string{"a"}})
		}, want: "left: owned", says: "shop is its cluster"},
		{name: "a stack owns it", control: "RDS.50", given: cluster(lab.Cluster{Tags: lab.Tags{"aws:cloudformation:stack-name": "network"}}), want: "verified", says: "change the template of the stack too", calls: 1},
		{name: "Terraform owns it", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1, Tags: lab.Tags{"ManagedBy": "terraform"}}), want: "verified", says: "change the Terraform code too", calls: 1},
		{name: "a member of a global database", control: "RDS.50", given: func(b *applytest.Bench) {
			cluster(lab.Cluster{})(b)
			b.World.Account(applytest.Account).AddGlobalCluster(lab.GlobalCluster{ID: "world", Members: []string{b.Region.ARN("cluster", "shop")}})
		}, want: "verified", says: "its other members are clusters of their own", calls: 1},
	}
}

func firstBackups() []decision {
	off := database(lab.Instance{})
	waiting := database(lab.Instance{PendingClass: "db.r6g.4xlarge"})
	return []decision{
		{name: "first backups, not accepted", control: "RDS.11", given: off, reject: true, want: "skipped", says: "restarts the instance"},
		{name: "first backups, in the window", control: "RDS.11", given: off, want: "pending", says: "in the maintenance window, sun:05:00-sun:05:30 UTC", calls: 1},
		{name: "first backups, at once", control: "RDS.11", given: off, now: true, want: "verified", says: "the instance restarts once, when the plan is applied", calls: 1},
		{name: "first backups at once, beside another change", control: "RDS.11", given: waiting, now: true, want: "left: conflict", says: "[DBInstanceClass]"},
		{name: "first backups in the window, beside another change", control: "RDS.11", given: waiting, want: "pending", calls: 1},
		{name: "first backups at once, and another change was queued since the plan", control: "RDS.11", given: off, now: true,
			between: moveInstance(func(i *lab.Instance) { i.PendingClass = "db.r6g.4xlarge" }), want: "refused", says: "PendingChanges"},
		{name: "a standby, not accepted", control: "RDS.5", given: off, reject: true, want: "skipped", says: "billed"},
		{name: "a standby, in the window", control: "RDS.5", given: off, want: "pending", says: "the standby is made in the maintenance window", calls: 1},
		{name: "a standby at once, beside another change", control: "RDS.5", given: waiting, now: true, want: "left: conflict"},
		{name: "a standby of SQL Server without backups", control: "RDS.5", given: database(lab.Instance{Engine: "sqlserver-se"}), want: "left: state", says: "RDS.11"},
	}
}

func replicas() []decision {
	rows := []decision{
		{name: "the source of replicas", control: "RDS.11", given: func(b *applytest.Bench) {
			database(lab.Instance{BackupRetentionPeriod: 1})(b)
			b.Region.AddInstance(lab.Instance{ID: "copy", Engine: "mysql", ReplicaOf: "orders"})
		}, want: "verified", calls: 1},
	}
	for _, engine := range []string{"sqlserver-ee", "postgres", "mysql", "mariadb", "oracle-ee", "db2-se"} {
		rows = append(rows, decision{name: "a replica of " + engine, control: "RDS.11", given: database(lab.Instance{Engine: engine, ReplicaOf: "source"}), want: "nothing"})
	}
	return rows
}

func clustersTake() []decision {
	return []decision{
		{name: "Aurora", control: "RDS.50", given: cluster(lab.Cluster{}), want: "verified", calls: 1},
		{name: "the first kind of Aurora Serverless", control: "RDS.50", given: cluster(lab.Cluster{EngineMode: "serverless"}), want: "verified", calls: 1},
		{name: "Neptune, asked by the control of RDS", control: "RDS.50", given: cluster(lab.Cluster{Engine: "neptune"}), want: "verified", calls: 1},
		{name: "DocumentDB, asked by the control of RDS", control: "RDS.7", given: cluster(lab.Cluster{Engine: "docdb"}), want: "verified", calls: 1},
		{name: "DocumentDB", control: "DocumentDB.2", given: cluster(lab.Cluster{Engine: "docdb"}), want: "verified", calls: 1},
		{name: "a Multi-AZ DB cluster, in its window", control: "RDS.50", given: cluster(lab.Cluster{Engine: "mysql"}), want: "pending", says: "in the maintenance window", calls: 1},
		{name: "a Multi-AZ DB cluster, at once", control: "RDS.50", given: cluster(lab.Cluster{Engine: "mysql"}), now: true, want: "verified", calls: 1},
		{name: "a Multi-AZ DB cluster at once, beside another change", control: "RDS.50", given: cluster(lab.Cluster{Engine: "mysql", Pending: lab.Pending{EngineVersion: "8.4.3"}}), now: true, want: "left: conflict", says: "[EngineVersion]"},
		{name: "Aurora, with an upgrade that waits and is not brought forward", control: "RDS.50", given: cluster(lab.Cluster{Pending: lab.Pending{EngineVersion: "8.0.mysql_aurora.3.09.0"}}), want: "verified", calls: 1},
	}
}

func unread() []decision {
	deny := func(operation string, effect lab.Effect) func(*applytest.Bench) {
		return func(b *applytest.Bench) {
			b.Lab.Inject(lab.Fault{Match: lab.Match{Operation: operation}, Effect: effect})
		}
	}
	return []decision{
		{name: "denied", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1}), between: deny("DescribeDBInstances", lab.Denied), want: "refused", says: "could not be read"},
		{name: "throttled out", control: "RDS.50", given: cluster(lab.Cluster{}), between: deny("DescribeDBClusters", lab.Throttle), want: "refused", says: "could not be read"},
		{name: "the region was disabled", control: "RDS.50", given: cluster(lab.Cluster{}), between: deny("DescribeDBClusters", lab.DisabledRegion), want: "refused", says: "could not be read"},
		{name: "the write is denied", control: "RDS.11", given: database(lab.Instance{BackupRetentionPeriod: 1}), between: deny("ModifyDBInstance", lab.Denied), want: "failed", says: "iam-policy --fix", calls: 1},
		{name: "a field that the fix needs was left out", control: "RDS.11",
			given: database(lab.Instance{BackupRetentionPeriod: 1, Odd: &lab.Odd{Omit: []string{"DBInstanceStatus"}}}), want: "left: unread", says: "Status"},
	}
}

// Each row of the table says what is decided for a resource as it is found.
func TestDecisions(t *testing.T) {
	t.Parallel()
	for group, rows := range map[string][]decision{
		"identity": identity(), "never lower": neverLower(), "pending": pendingValues(), "state": states(), "owner": owners(),
		"first backups and standbys": firstBackups(), "replicas": replicas(), "clusters": clustersTake(), "unread": unread(),
	} {
		for _, row := range rows {
			t.Run(group+": "+row.name, func(t *testing.T) {
				t.Parallel()
				row.check(t)
			})
		}
	}
}

func (d *decision) check(t *testing.T) {
	b := applytest.New(t)
	b.Choices.Now = d.now
	d.given(b)
	p := b.Plan(d.control)
	got, said := d.decide(b, p)
	if got != d.want {
		t.Fatalf("it is %q, not %q: %s", got, d.want, said)
	}
	if !strings.Contains(said, d.says) {
		t.Errorf("it does not say %q:\n%s", d.says, said)
	}
	calls := 0
	for _, n := range b.Writes() {
		calls += n
	}
	if calls != d.calls {
		t.Errorf("%d writes, not %d: %v", calls, d.calls, b.Writes())
	}
	d.sendsOneThing(t, b)
}

// decide plans and applies, and returns what became of it and all that was said.
func (d *decision) decide(b *applytest.Bench, p *fix.Plan) (got, said string) {
	switch {
	case len(p.Changes) == 0 && len(p.Skipped) == 0:
		return "nothing", ""
	case len(p.Changes) == 0:
		skipped := b.Skipped(p)
		return "left: " + skipped.Reason, skipped.Detail
	}
	c := b.Change(p)
	words := append([]string{c.Accept, c.Impact.Downtime}, c.Warnings...)
	for _, owner := range c.Owners {
		words = append(words, owner.Advice)
	}
	if d.between != nil {
		d.between(b)
	}
	if d.reject {
		b.Options.Accept = nil
	}
	_, status := b.Apply(p)
	words = append(words, status.Note)
	if status.Problem != nil {
		words = append(words, status.Problem.Message, status.Problem.Next)
	}
	for _, move := range status.Moves {
		words = append(words, move.Expected, move.Found)
	}
	return string(status.State), strings.Join(words, "\n")
}

// sendsOneThing holds the writes to one attribute, and to no window at all.
func (*decision) sendsOneThing(t *testing.T, b *applytest.Bench) {
	for _, call := range b.Lab.Calls() {
		if !strings.HasPrefix(call.Operation, "ModifyDBCluster") && !strings.HasPrefix(call.Operation, "ModifyDBInstance") {
			continue
		}
		for name := range call.Params {
			switch name {
			case "Action", "Version", "DBClusterIdentifier", "DBInstanceIdentifier", "BackupRetentionPeriod", "DeletionProtection", "MultiAZ":
			case "ApplyImmediately":
				if !b.Choices.Now {
					t.Error("something is applied at once that nobody asked for")
				}
			default:
				t.Errorf("%s sends %s", call.Operation, name)
			}
		}
	}
}
