package apply_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
	"github.com/holdfast-aws/holdfast/services/neptune/apply"
)

// full is a cluster with every setting that a restore must carry over.
func full(id string) lab.Cluster {
	return lab.Cluster{
		ID: id, Zones: []string{"b", "a", "c"}, InstanceClass: "db.r5.large", EngineVersion: "1.3.2.1",
		BackupRetentionPeriod: 14, PreferredBackupWindow: "22:00-22:30", PreferredMaintenanceWindow: "mon:03:00-mon:03:30",
		DeletionProtection: true, CopyTagsToSnapshot: true, IAMAuth: true, LogExports: []string{"audit", "slowquery"},
		ParameterGroup: "own", SubnetGroup: "inner", SecurityGroups: []string{"sg-1", "sg-2"}, Port: 8999,
		Roles: []string{"arn:aws:iam::111122223333:role/load"}, Tags: lab.Tags{"team": "graph"},
	}
}

func addFull(b *bench) {
	b.region.AddParameterGroup(lab.ParameterGroup{Name: "own", Family: "neptune1.3"}).
		AddSubnetGroup(lab.SubnetGroup{Name: "inner", Zones: []string{region + "a", region + "b", region + "c"}}).
		AddCluster(full("graph"))
}

// confirmAll confirms every manual step of a plan that nothing would prove.
func (b *bench) confirmAll(p *fix.Plan) {
	for _, c := range p.Changes {
		for _, s := range c.Steps {
			if s.Manual != "" && len(s.Done) == 0 {
				b.confirm = append(b.confirm, c.ID+"/"+s.ID)
			}
		}
	}
}

// person does what the AWS CLI commands of a manual step say, one by one.
func (b *bench) person(manual string) {
	b.Helper()
	for line := range strings.Lines(manual) {
		line = strings.TrimPrefix(strings.ReplaceAll(line, ";", " ;"), "until ")
		words := strings.Fields(line)
		if len(words) < 4 || words[0] != "aws" {
			continue
		}
		flags := make(map[string]string)
		for i, word := range words {
			if strings.HasPrefix(word, "--") && i+1 < len(words) {
				flags[word] = words[i+1]
			}
		}
		if flags["--region"] != region {
			b.Fatalf("the command says no region: %s", line)
		}
		b.perform(words[2], flags)
	}
}

func (b *bench) perform(command string, flags map[string]string) {
	b.Helper()
	id := flags["--db-cluster-identifier"]
	switch command {
	case "add-role-to-db-cluster":
		b.region.ChangeCluster(id, func(c *lab.Cluster) { c.Roles = append(c.Roles, flags["--role-arn"]) })
	case "modify-db-cluster":
		b.call("rds:ModifyDBCluster", map[string]resource.Value{
			"DBClusterIdentifier": resource.OfString(id), "ApplyImmediately": resource.OfBool(true),
			"NewDBClusterIdentifier": resource.OfString(flags["--new-db-cluster-identifier"]),
		})
	case "wait":
		for range 20 {
			if r, err := b.applier.Read(b.Context(), clusterRef(b, id), []string{"Status"}); err == nil && r.Get("Status").String() == "available" {
				return
			}
		}
		b.Fatalf("cluster %s does not become available", id)
	case "delete-db-cluster-snapshot":
		if !b.region.ChangeSnapshot(flags["--db-cluster-snapshot-identifier"], func(s *lab.Snapshot) { s.Tags = lab.Tags{apply.MadeTag: "by hand"} }) {
			b.Fatalf("no snapshot %s", flags["--db-cluster-snapshot-identifier"])
		}
		b.call("rds:DeleteDBClusterSnapshot", map[string]resource.Value{"DBClusterSnapshotIdentifier": resource.OfString(flags["--db-cluster-snapshot-identifier"])})
	default:
		b.Fatalf("a person would not know %q", command)
	}
}

func (b *bench) call(operation string, parameters map[string]resource.Value) {
	b.Helper()
	if err := b.applier.Call(b.Context(), &fix.Call{Operation: operation, Account: account, Region: region, Parameters: parameters}); err != nil {
		b.Fatal(err)
	}
}

// guided goes on with a run until it waits for nobody, doing the person's part.
func (b *bench) guided(ctx context.Context, run string) *fix.ChangeStatus {
	b.Helper()
	for range 10 {
		c := b.must(b.runner().Resume(ctx, run))
		if c.State != fix.StateWaiting {
			return c
		}
		b.person(c.Note)
	}
	b.Fatal("the run waits for a person for ever")
	return nil
}

func TestClusterIsEncryptedBesideTheOldOneWithEverySetting(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{Describes: 1})
	addFull(b)
	key := b.region.AddKey(lab.Key{Alias: "alias/graph"})
	b.options.Key = "alias/graph"
	old, _ := b.region.Cluster("graph")
	p := b.plan("Neptune.1", clusterRef(b, "graph"))
	c := b.change(p)
	if !c.Guided || c.Result == nil || c.Result.UID != "" || c.Result.ID != "graph" {
		t.Errorf("guided %v, result %+v", c.Guided, c.Result)
	}
	if c.Cost == nil || c.Cost.Low != 762.12 {
		t.Errorf("three instances of 0.348 an hour beside the old ones cost %+v", c.Cost)
	}
	status, err := b.runner().Apply(t.Context(), p)
	b.wantState(b.must(status, err), fix.StateWaiting)
	if writes := b.writes(); len(writes) != 0 {
		t.Fatalf("written before the writers were stopped: %v", writes)
	}
	b.confirmAll(p)
	b.wantState(b.guided(t.Context(), status.Run), fix.StateVerified)

	now, _ := b.region.Cluster("graph")
	ignore := cmpopts.IgnoreFields(lab.Cluster{}, "ResourceID", "CreateTime", "RestorableSince", "StorageEncrypted", "KMSKeyID", "Members", "Tags", "InstanceClass")
	if diff := cmp.Diff(old, now, ignore); diff != "" {
		t.Errorf("settings were lost (-old +encrypted):\n%s", diff)
	}
	if !now.StorageEncrypted || now.KMSKeyID != key {
		t.Errorf("encrypted %v with %s, not %s", now.StorageEncrypted, now.KMSKeyID, key)
	}
	if len(now.Members) != 3 || !now.Members[0].Writer || now.Tags["team"] != "graph" {
		t.Errorf("members %+v, tags %v", now.Members, now.Tags)
	}
	for i, member := range now.Members {
		twin, _ := b.region.Instance(member.ID)
		model, _ := b.region.Instance(old.Members[i].ID)
		if twin.Zone != model.Zone || twin.Class != model.Class || twin.PromotionTier != model.PromotionTier {
			t.Errorf("%s is not like %s: %+v", twin.ID, model.ID, twin)
		}
	}
	kept, ok := b.region.Cluster("graph-unencrypted")
	if !ok || kept.ResourceID != old.ResourceID || len(kept.Members) != 3 || !kept.DeletionProtection {
		t.Errorf("the old cluster was not kept: %+v", kept)
	}
	for _, want := range []string{"no cluster in place", "written after the snapshot", "goes on failing until you delete it"} {
		if !strings.Contains(strings.Join(c.Warnings, "\n"), want) {
			t.Errorf("no warning says %q", want)
		}
	}
}

func TestEncryptionIsUndoneFromEveryStep(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	addFull(b)
	steps := len(b.change(b.plan("Neptune.1", clusterRef(b, "graph"))).Steps)
	for stop := range steps {
		t.Run(fmt.Sprintf("step %d", stop+1), func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			addFull(b)
			before := b.state("own")
			p := b.plan("Neptune.1", clusterRef(b, "graph"))
			b.confirmAll(p)
			done := p.Changes[0].Steps
			run := b.upTo(p, stop)
			for range 5 {
				c := b.must(b.runner().Rollback(t.Context(), run))
				if c.Undo == fix.StateWaiting {
					b.person(c.Note)
					continue
				}
				if stop > 0 && b.touched() {
					b.wantState(c, fix.StateUndone)
				}
				break
			}
			b.wantSame(before, "own")
			if t.Failed() {
				t.Logf("after %q", done[stop].Title)
			}
		})
	}
}

// touched reports whether anything was written at all.
func (b *bench) touched() bool { return len(b.writes()) > 0 }

// upTo applies a plan until the step with the index is done, then stops.
func (b *bench) upTo(p *fix.Plan, last int) string {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	runner := b.runner()
	runner.Observe = func(n fix.Notice) {
		if n.Event != nil && n.Event.Kind == fix.EventDone && n.Step != nil && n.Step.ID == p.Changes[0].Steps[last].ID {
			cancel()
		}
	}
	status, err := runner.Apply(ctx, p)
	c := b.must(status, err)
	for c.State == fix.StateWaiting && ctx.Err() == nil {
		b.person(c.Note)
		c = b.must(runner.Resume(ctx, status.Run))
	}
	return status.Run
}

func TestEncryptionIsNotPlannedWhereItCannotBeDone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		prepare        func(*bench)
		reason, detail string
	}{
		{"member of a global database", func(b *bench) {
			b.region.AddCluster(cluster("graph"))
			b.lab.World().Account(account).AddGlobalCluster(lab.GlobalCluster{ID: "world", Members: []string{b.region.ARN("cluster", "graph")}})
		}, fix.SkipState, "global database world"},
		{"replica", func(b *bench) {
			c := cluster("graph")
			c.ReplicationSource = "arn:aws:rds:eu-west-1:111122223333:cluster:first"
			b.region.AddCluster(c)
		}, fix.SkipState, "replica of"},
		{"stopped", func(b *bench) {
			c := cluster("graph")
			c.Status = "stopped"
			b.region.AddCluster(c)
		}, fix.SkipState, "starts by itself"},
		{"denied instances", func(b *bench) {
			b.region.AddCluster(cluster("graph"))
			b.lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBInstances"}, Effect: lab.Denied})
		}, fix.SkipUnread, "rds:DescribeDBInstances"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			test.prepare(b)
			got := b.skipped(b.plan("Neptune.1", clusterRef(b, "graph")))
			if got.Reason != test.reason || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("skipped for %s: %s", got.Reason, got.Detail)
			}
		})
	}
}

func TestClusterThatMovedSinceThePlanIsNotCopied(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(cluster("graph"))
	p := b.plan("Neptune.1", clusterRef(b, "graph"))
	b.confirmAll(p)
	b.region.ChangeCluster("graph", func(c *lab.Cluster) { c.SecurityGroups = []string{"sg-narrow"} })
	status, err := b.runner().Apply(t.Context(), p)
	b.wantState(b.must(status, err), fix.StateRefused)
	b.wantWrites(map[string]int{})
}

func TestSnapshotIsEncryptedAndOnlyAPersonDeletesTheOldOne(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{Describes: 1})
	addFull(b)
	b.region.AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph", SharedWith: []string{"444455556666"}, Tags: lab.Tags{"keep": "7y"}})
	p := b.plan("Neptune.6", b.ref(neptune.SnapshotType, "monday"))
	c := b.change(p)
	if c.Result == nil || c.Result.ID != "monday-encrypted" {
		t.Errorf("result %+v", c.Result)
	}
	status, err := b.runner().Apply(t.Context(), p)
	waiting := b.must(status, err)
	b.wantState(waiting, fix.StateWaiting)
	b.wantWrites(map[string]int{"rds:RestoreDBClusterFromSnapshot": 1, "rds:CreateDBClusterSnapshot": 1, "rds:DeleteDBCluster": 1})
	fresh, _ := b.region.Snapshot("monday-encrypted")
	if !fresh.StorageEncrypted || fresh.Tags["keep"] != "7y" {
		t.Errorf("the new snapshot is %+v", fresh)
	}
	if _, there := b.region.Snapshot("monday"); !there {
		t.Fatal("the old snapshot was deleted without a person")
	}
	if ids := clusterIDs(b); !slices.Equal(ids, []string{"graph"}) {
		t.Errorf("clusters left: %v", ids)
	}
	if f, _, _ := b.judged("Neptune.6", b.ref(neptune.SnapshotType, "monday")); f.Status != "FAILED" {
		t.Errorf("the old snapshot is %s while it is there", f.Status)
	}
	b.person(waiting.Note)
	b.wantState(b.must(b.runner().Resume(t.Context(), status.Run)), fix.StateVerified)
}

func clusterIDs(b *bench) []string {
	var ids []string
	for _, c := range b.region.Clusters() {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestSnapshotEncryptionIsUndone(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	addFull(b)
	b.region.AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph"})
	before := b.state()
	status, err := b.runner().Apply(t.Context(), b.plan("Neptune.6", b.ref(neptune.SnapshotType, "monday")))
	b.wantState(b.must(status, err), fix.StateWaiting)
	b.undone(status.Run)
	b.wantSame(before)
}

func TestSnapshotsOfOthersAreLeftToThem(t *testing.T) {
	t.Parallel()
	for kind, detail := range map[string]string{"automated": "fix Neptune.1 for graph", "awsbackup": "whoever made it owns it"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			b.region.AddCluster(cluster("graph")).AddSnapshot(lab.Snapshot{ID: "s", ClusterID: "graph", Type: kind})
			got := b.skipped(b.plan("Neptune.6", b.ref(neptune.SnapshotType, "s")))
			if got.Reason != fix.SkipNoFix || !strings.Contains(got.Detail, detail) {
				t.Errorf("skipped for %s: %s", got.Reason, got.Detail)
			}
		})
	}
}
