package apply_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// finish goes on with a run, doing the person's part, until it is verified.
func (b *bench) finish(ctx context.Context, p *fix.Plan) *fix.ChangeStatus {
	b.Helper()
	status, err := b.runner().Apply(ctx, p)
	c := b.must(status, err)
	for range 12 {
		switch c.State {
		case fix.StateVerified:
			return c
		case fix.StateWaiting:
			b.person(c.Note)
		}
		c = b.must(b.runner().Resume(ctx, status.Run))
	}
	b.wantState(c, fix.StateVerified)
	return nil
}

func faulty(b *bench) {
	addFull(b)
	b.region.AddCluster(lab.Cluster{ID: "plain", Zones: []string{"a"}}).
		AddSnapshot(lab.Snapshot{ID: "monday", ClusterID: "graph", SharedWith: []string{"all"}})
}

// A call whose answer is lost may or may not have taken effect. Each call of
// each plan is broken once, before and after it takes effect: the run ends as
// one in which nothing broke, and nothing is done twice.
func TestEveryCallMayBreakOnce(t *testing.T) {
	t.Parallel()
	for id, ref := range map[string]func(*bench) resource.Ref{
		"Neptune.1": func(b *bench) resource.Ref { return clusterRef(b, "graph") },
		"Neptune.2": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
		"Neptune.3": func(b *bench) resource.Ref { return b.ref(neptune.SnapshotType, "monday") },
		"Neptune.5": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
		"Neptune.6": func(b *bench) resource.Ref { return b.ref(neptune.SnapshotType, "monday") },
		"Neptune.9": func(b *bench) resource.Ref { return clusterRef(b, "plain") },
	} {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			sound := newBench(t, lab.Settle{})
			faulty(sound)
			p := sound.plan(id, ref(sound))
			sound.confirmAll(p)
			sound.finish(t.Context(), p)
			calls, want := sound.writes(), sound.state("plain-audit")
			// The lab derives resource ids from the time.
			ids := cmp.Options{
				cmpopts.IgnoreFields(lab.Cluster{}, "ResourceID"), cmpopts.IgnoreFields(lab.Instance{}, "ResourceID"),
				cmpopts.IgnoreFields(lab.Snapshot{}, "ClusterResourceID"),
			}
			seen := make(map[string]int)
			for _, step := range p.Changes[0].Steps {
				if step.Call == nil {
					continue
				}
				_, operation, _ := strings.Cut(step.Call.Operation, ":")
				skip := seen[operation]
				seen[operation]++
				for effect, extra := range map[lab.Effect]int{lab.CutBefore: 1, lab.CutAfter: 0, lab.ServerError: 1, lab.Garbage: 0, lab.Throttle: 1} {
					t.Run(fmt.Sprintf("step %s %s %s", step.ID, operation, effect), func(t *testing.T) {
						t.Parallel()
						b := newBench(t, lab.Settle{})
						faulty(b)
						p := b.plan(id, ref(b))
						b.confirmAll(p)
						b.lab.Inject(lab.Fault{Match: lab.Match{Operation: operation}, Skip: skip, First: 1, Effect: effect})
						b.finish(t.Context(), p)
						expected := make(map[string]int)
						for action, n := range calls {
							expected[action] = n
						}
						expected["rds:"+operation] += extra
						b.wantWrites(expected)
						if diff := cmp.Diff(want, b.state("plain-audit"), ids, cmpopts.IgnoreTypes(time.Time{})); diff != "" {
							t.Errorf("it ends otherwise (-sound +broken):\n%s", diff)
						}
					})
				}
			}
		})
	}
}
