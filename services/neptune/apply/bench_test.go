package apply_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/store/journal"
	"github.com/holdfast-aws/holdfast/services"
	"github.com/holdfast-aws/holdfast/services/neptune"
	"github.com/holdfast-aws/holdfast/services/neptune/apply"
)

const (
	account = "111122223333"
	region  = "eu-west-1"
)

// clock is a clock that only sleeping moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	return ctx.Err()
}

// bench is a lab with everything that plans and applies against it, by the
// real SDK over real HTTP.
type bench struct {
	*testing.T
	clock     *clock
	lab       *lab.Lab
	region    *lab.Region
	applier   *live.Applier
	catalogue *control.Catalogue
	journal   fix.Journal
	options   apply.Options
	confirm   []string
}

// Place implements live.Places.
func (b *bench) Place(account, region string) (awsconn.Place, error) {
	return awsconn.Place{Account: account, Region: region, Partition: "aws", Config: aws.Config{
		HTTPClient: awsconn.PlainBodies(nil),
		Region:     region, BaseEndpoint: aws.String(b.lab.URL),
		Credentials: credentials.NewStaticCredentialsProvider(lab.AccessKey(account), "secret", ""),
	}}, nil
}

func newBench(t *testing.T, settle lab.Settle) *bench {
	t.Helper()
	b := &bench{T: t, clock: &clock{now: time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)}}
	world := lab.NewWorld(b.clock.Now)
	b.region = world.Account(account).Region(region)
	served, err := lab.Start(t.Context(), lab.Options{World: world, Settle: settle})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := served.Close(); err != nil {
			t.Error(err)
		}
	})
	b.lab = served
	if b.applier, err = live.New(b, []live.Service{apply.Service{}}); err != nil {
		t.Fatal(err)
	}
	if b.catalogue, err = control.Load(services.Controls()); err != nil {
		t.Fatal(err)
	}
	kept, err := journal.Open(t.Context(), filepath.Join(t.TempDir(), "journal.db"), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	b.journal = kept
	return b
}

func (b *bench) ref(typ, id string) resource.Ref {
	return resource.Ref{Type: typ, ID: id, Account: account, Region: region, Partition: "aws"}
}

// judged reads a resource with all that the control and its fix need.
func (b *bench) judged(id string, ref resource.Ref) (*finding.Finding, *resource.Resource, *engine.Engine) {
	b.Helper()
	c := b.catalogue.Find(id)
	e, err := engine.New(b.catalogue, []*control.Control{c}, b.params())
	if err != nil {
		b.Fatal(err)
	}
	planners := apply.Planners(b.options)
	wants := slices.Concat(e.Wants()[ref.Type], planners.Wants([]*control.Control{c})[ref.Type])
	r, err := b.applier.Read(b.Context(), ref, wants)
	if err != nil {
		b.Fatal(err)
	}
	var found *finding.Finding
	if err := e.Evaluate(r, func(f *finding.Finding) error { found = f; return nil }); err != nil {
		b.Fatal(err)
	}
	return found, r, e
}

func (b *bench) params() control.Params {
	params, err := b.catalogue.ParseParams(nil)
	if err != nil {
		b.Fatal(err)
	}
	return params
}

// plan plans for one control on some resources.
func (b *bench) plan(id string, refs ...resource.Ref) *fix.Plan {
	b.Helper()
	planners := apply.Planners(b.options)
	builder := &fix.Builder{
		Catalogue: b.catalogue, Chosen: []*control.Control{b.catalogue.Find(id)}, Params: b.params(),
		Planners: &planners, Reader: b.applier, Tool: "holdfast", Version: "test", Now: b.clock.Now(),
	}
	for _, ref := range refs {
		found, r, e := b.judged(id, ref)
		builder.Desired = e.Desired
		if found.Status != finding.Failed {
			b.Fatalf("%s is %s on %s before the fix", id, found.Status, ref.ID)
		}
		if err := builder.Add(b.Context(), found, r); err != nil {
			b.Fatal(err)
		}
	}
	p, err := builder.Plan()
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// change is the only change of a plan.
func (b *bench) change(p *fix.Plan) *fix.Change {
	b.Helper()
	if len(p.Changes) != 1 || len(p.Skipped) != 0 {
		b.Fatalf("the plan has %d changes and skips %+v", len(p.Changes), p.Skipped)
	}
	return &p.Changes[0]
}

// skipped is the only thing that a plan leaves alone.
func (b *bench) skipped(p *fix.Plan) fix.Skipped {
	b.Helper()
	if len(p.Changes) != 0 || len(p.Skipped) != 1 {
		b.Fatalf("the plan has %d changes and skips %+v", len(p.Changes), p.Skipped)
	}
	return p.Skipped[0]
}

func (b *bench) runner() *fix.Runner {
	return &fix.Runner{
		Applier: b.applier, Journal: b.journal, Clock: b.clock, Random: rand.Reader,
		Judge: func(p *fix.Plan) (fix.Judge, error) { return fix.NewRules(b.catalogue, p) },
		Options: fix.Options{
			Accept:     []string{"Neptune.1", "Neptune.2", "Neptune.3", "Neptune.6", "Neptune.7", "Neptune.9"},
			AcceptLoss: true, Confirm: b.confirm,
		},
	}
}

func (b *bench) must(status *fix.RunStatus, err error) *fix.ChangeStatus {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	return &status.Changes[0]
}

// wantState fails unless the change came to a state.
func (b *bench) wantState(c *fix.ChangeStatus, want fix.State) {
	b.Helper()
	got := c.State
	if want == fix.StateUndone {
		got = c.Undo
	}
	if got != want {
		data, _ := json.MarshalIndent(c, "", "  ")
		b.Fatalf("the change is %s, not %s:\n%s", got, want, data)
	}
}

// applied applies a plan and expects it verified.
func (b *bench) applied(p *fix.Plan) string {
	b.Helper()
	status, err := b.runner().Apply(b.Context(), p)
	b.wantState(b.must(status, err), fix.StateVerified)
	return status.Run
}

// undone rolls a run back and expects it undone.
func (b *bench) undone(run string) {
	b.Helper()
	b.wantState(b.must(b.runner().Rollback(b.Context(), run)), fix.StateUndone)
}

// state is everything in the region, restorable times aside: those follow from
// the clock.
type state struct {
	Clusters  []lab.Cluster
	Instances []lab.Instance
	Snapshots []lab.Snapshot
	Groups    map[string]map[string]string
}

func (b *bench) state(groups ...string) state {
	s := state{Clusters: b.region.Clusters(), Snapshots: b.region.Snapshots(), Groups: make(map[string]map[string]string)}
	for i := range s.Clusters {
		for _, member := range s.Clusters[i].Members {
			if in, ok := b.region.Instance(member.ID); ok {
				s.Instances = append(s.Instances, in)
			}
		}
	}
	for _, name := range groups {
		if g, ok := b.region.ParameterGroup(name); ok {
			s.Groups[name] = g.Values
		}
	}
	return s
}

// wantSame fails unless everything is as it was.
func (b *bench) wantSame(before state, groups ...string) {
	b.Helper()
	if diff := cmp.Diff(before, b.state(groups...)); diff != "" {
		b.Errorf("not as before (-before +now):\n%s", diff)
	}
}

// writes counts the calls that change something, by action.
func (b *bench) writes() map[string]int {
	writes := make(map[string]int)
	for action, n := range b.lab.Actions() {
		if !strings.Contains(action, ":Describe") && !strings.Contains(action, ":List") {
			writes[action] = n
		}
	}
	return writes
}

func (b *bench) wantWrites(want map[string]int) {
	b.Helper()
	if diff := cmp.Diff(want, b.writes()); diff != "" {
		b.Errorf("writes (-want +made):\n%s", diff)
	}
}

func cluster(id string) lab.Cluster {
	return lab.Cluster{ID: id, Zones: []string{"a", "b"}, Tags: lab.Tags{"team": "graph"}}
}

func clusterRef(b *bench, id string) resource.Ref { return b.ref(neptune.ClusterType, id) }
