package apply_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/services/applytest"
	"github.com/holdfast-aws/holdfast/services/docdb"
)

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// estate fills a region by chance: every engine, members, replicas, what is
// busy, stopped, pending or owned.
func estate(b *applytest.Bench, seed uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	yes := func() bool { return r.IntN(2) == 0 }
	for n := range 12 {
		kind, point := pick(r, "aurora-mysql", "aurora-postgresql", "mysql", "postgres", "docdb", "neptune"), pick(r, "", "", "", recoveryPointOfOrders)
		if kind == "docdb" || kind == "neptune" {
			point = "" // AWS Backup makes no continuous backups of them
		}
		b.Region.AddCluster(lab.Cluster{
			ID: fmt.Sprintf("cluster-%02d", n), Engine: kind,
			BackupRetentionPeriod: pick(r, 1, 3, 7, 14, 35), DeletionProtection: yes(), CopyTagsToSnapshot: yes(),
			Status: pick(r, "", "", "", "", "stopped", "modifying"), AWSBackupRecoveryPointARN: point, Zones: []string{"a"},
		})
	}
	for n := range 24 {
		i := lab.Instance{
			ID: fmt.Sprintf("instance-%02d", n), Engine: pick(r, "mysql", "postgres", "sqlserver-se", "oracle-ee", "mariadb"),
			BackupRetentionPeriod: pick(r, 0, 1, 7, 14, 35), DeletionProtection: yes(), CopyTagsToSnapshot: yes(), MultiAZ: yes(),
			Status: pick(r, "", "", "", "", "stopped", "storage-full"), AWSBackupRecoveryPointARN: pick(r, "", "", "", "", recoveryPointOfOrders),
			ReplicaOf: pick(r, "", "", "", "somewhere"), PendingClass: pick(r, "", "", "db.r6g.4xlarge"),
		}
		if r.IntN(5) == 0 {
			i.Pending = days(pick(r, 0, 7, 30))
		}
		b.Region.AddInstance(i)
	}
}

type estateOf struct {
	Clusters  []lab.Cluster
	Instances []lab.Instance
}

func whole(b *applytest.Bench) estateOf {
	var e estateOf
	for n := range 12 {
		c, _ := b.Region.Cluster(fmt.Sprintf("cluster-%02d", n))
		c.RestorableSince = c.CreateTime
		e.Clusters = append(e.Clusters, c)
	}
	for n := range 24 {
		i, _ := b.Region.Instance(fmt.Sprintf("instance-%02d", n))
		e.Instances = append(e.Instances, i)
	}
	return e
}

// weaker lists what protects less than before.
func weaker(before, now estateOf) []string {
	var found []string
	for n, c := range now.Clusters {
		was := before.Clusters[n]
		if c.BackupRetentionPeriod < was.BackupRetentionPeriod || was.DeletionProtection && !c.DeletionProtection || was.CopyTagsToSnapshot && !c.CopyTagsToSnapshot {
			found = append(found, c.ID)
		}
	}
	for n, i := range now.Instances {
		was := before.Instances[n]
		if i.BackupRetentionPeriod < was.BackupRetentionPeriod || was.DeletionProtection && !i.DeletionProtection ||
			was.CopyTagsToSnapshot && !i.CopyTagsToSnapshot || was.MultiAZ && !i.MultiAZ {
			found = append(found, i.ID)
		}
	}
	return found
}

func TestNoPlanEverWeakensAndEveryRollbackRestores(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		for _, id := range []string{"RDS.5", "RDS.7", "RDS.8", "RDS.11", "RDS.16", "RDS.17", "RDS.47", "RDS.50", "DocumentDB.2", "DocumentDB.5"} {
			t.Run(fmt.Sprintf("%s, estate %d", id, seed), func(t *testing.T) {
				t.Parallel()
				b := applytest.New(t)
				b.Choices.Now = seed%2 == 1
				b.Options.MaxFailures = 0
				estate(b, seed)
				before := whole(b)
				p := b.Plan(id)
				if len(p.Changes) == 0 {
					return
				}
				if err := b.Vet(p); err != nil {
					t.Fatal(err)
				}
				status, err := b.Runner().Apply(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				if found := weaker(before, whole(b)); len(found) > 0 {
					t.Errorf("less protected than before: %v", found)
				}
				for i := range status.Changes {
					c := &status.Changes[i]
					if c.State != fix.StateVerified && c.State != fix.StatePending {
						t.Errorf("%s is %s: %s %v", c.Resource.ID, c.State, c.Note, c.Problem)
					}
				}
				fixed, writes := whole(b), b.Writes()
				if again := b.Plan(id); len(again.Changes) > 0 {
					t.Errorf("planned again, there are %d changes", len(again.Changes))
				}
				if _, err := b.Runner().Apply(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(fixed, whole(b)) + cmp.Diff(writes, b.Writes()); diff != "" {
					t.Errorf("applied twice it does more: %s", diff)
				}
				if _, err := b.Runner().Rollback(t.Context(), status.Run); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(kept(before, fixed), whole(b)); diff != "" {
					t.Errorf("not as before: %s", diff)
				}
			})
		}
	}
}

// kept is the estate before, with the first backups that stay on, or queued.
func kept(before, fixed estateOf) estateOf {
	for n := range before.Instances {
		was, is := &before.Instances[n], &fixed.Instances[n]
		if was.BackupRetentionPeriod == 0 {
			was.BackupRetentionPeriod, was.Pending, was.Restarts = is.BackupRetentionPeriod, is.Pending, is.Restarts
		}
	}
	return before
}

func TestOneSettingUnderTwoControlsIsPlannedOnce(t *testing.T) {
	t.Parallel()
	b := applytest.New(t)
	b.Region.AddCluster(lab.Cluster{ID: "docs", Engine: "docdb", Zones: []string{"a"}})
	chosen := []*control.Control{b.Catalogue.Find("DocumentDB.5"), b.Catalogue.Find("RDS.7")}
	params, err := b.Catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := engine.New(b.Catalogue, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	r, err := b.Applier.Read(t.Context(), b.Ref(docdb.ClusterType, "docs"), slices.Concat(judge.Wants()[docdb.ClusterType], b.Planners().Wants(chosen)[docdb.ClusterType]))
	if err != nil {
		t.Fatal(err)
	}
	builder := &fix.Builder{Catalogue: b.Catalogue, Chosen: chosen, Params: params, Planners: b.Planners(), Desired: judge.Desired, Now: b.Clock.Now()}
	if err := judge.Evaluate(r, func(f *finding.Finding) error { return builder.Add(t.Context(), f, r) }); err != nil {
		t.Fatal(err)
	}
	p, err := builder.Plan()
	if err != nil || len(p.Changes) != 1 || p.Changes[0].Control != "DocumentDB.5" || len(p.Skipped) != 1 || p.Skipped[0].Reason != fix.SkipSame {
		t.Errorf("%+v, skipped %+v, %v", p.Changes, p.Skipped, err)
	}
}
