package applytest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/services"
)

// The account and region of every bench.
const (
	Account = "111122223333"
	Region  = "eu-west-1"
)

// Bench is a lab with everything that plans and applies against it.
type Bench struct {
	testing.TB
	Clock     *fixtest.Clock
	Lab       *lab.Lab
	World     *lab.World
	Region    *lab.Region
	Applier   *live.Applier
	Catalogue *control.Catalogue
	Journal   fix.Journal
	// Options are those of the runner. All that plans ask to have accepted is.
	Options fix.Options
	// Choices are those with which is planned.
	Choices fix.Choices
}

// New makes a bench over an empty lab.
func New(t testing.TB) *Bench {
	t.Helper()
	b := &Bench{TB: t, Clock: fixtest.NewClock(), Journal: fixtest.NewMemory(), Options: fix.Options{AcceptLoss: true}}
	b.World = lab.NewWorld(b.Clock.Now)
	b.Region = b.World.Account(Account).Region(Region)
	served, err := lab.Start(context.Background(), lab.Options{World: b.World})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := served.Close(); err != nil {
			t.Error(err)
		}
	})
	b.Lab = served
	if b.Applier, err = live.New(b, services.Writers()); err != nil {
		t.Fatal(err)
	}
	if b.Catalogue, err = control.Load(services.Controls()); err != nil {
		t.Fatal(err)
	}
	for _, c := range b.Catalogue.Controls {
		b.Options.Accept = append(b.Options.Accept, c.ID)
	}
	return b
}

// Place implements live.Places.
func (b *Bench) Place(account, region string) (awsconn.Place, error) {
	return awsconn.Place{Account: account, Region: region, Partition: "aws", Config: aws.Config{
		HTTPClient: awsconn.PlainBodies(nil), Region: region, BaseEndpoint: aws.String(b.Lab.URL),
		Credentials: credentials.NewStaticCredentialsProvider(lab.AccessKey(account), "secret", ""),
	}}, nil
}

// Ref names a resource of the bench's account and region.
func (b *Bench) Ref(typ, id string) resource.Ref {
	return resource.Ref{Type: typ, ID: id, Account: Account, Region: Region, Partition: "aws"}
}

func (b *Bench) params() control.Params {
	params, err := b.Catalogue.ParseParams(nil)
	if err != nil {
		b.Fatal(err)
	}
	return params
}

// Planners are those of the program.
func (b *Bench) Planners() *fix.Planners {
	planners := services.Planners(b.Choices)
	return &planners
}

// Plan plans for one control on what the program's own reader lists, as a scan
// does. With ids, everything else is left out.
func (b *Bench) Plan(id string, ids ...string) *fix.Plan {
	b.Helper()
	return b.plan(id, b.Applier, ids)
}

// PlanOffline is Plan without an account to ask.
func (b *Bench) PlanOffline(id string) *fix.Plan {
	b.Helper()
	return b.plan(id, nil, nil)
}

func (b *Bench) plan(id string, reader fix.Reader, ids []string) *fix.Plan {
	b.Helper()
	c := b.Catalogue.Find(id)
	e, err := engine.New(b.Catalogue, []*control.Control{c}, b.params())
	if err != nil {
		b.Fatal(err)
	}
	builder := &fix.Builder{
		Catalogue: b.Catalogue, Chosen: []*control.Control{c}, Params: b.params(), Planners: b.Planners(), Desired: e.Desired,
		Reader: reader, Tool: "holdfast", Version: "test", Now: b.Clock.Now(),
	}
	for _, r := range b.list(c, e) {
		if len(ids) > 0 && !slices.Contains(ids, r.ID) {
			continue
		}
		err := e.Evaluate(r, func(f *finding.Finding) error {
			f.Same = "" // the other control was not chosen
			return builder.Add(b.Context(), f, r)
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	p, err := builder.Plan()
	if err != nil {
		b.Fatal(err)
	}
	return p
}

// list reads what a scan of the control would, with what its fix needs.
func (b *Bench) list(c *control.Control, e *engine.Engine) []*resource.Resource {
	b.Helper()
	place, err := b.Place(Account, Region)
	if err != nil {
		b.Fatal(err)
	}
	wants := make(resource.Wants)
	for _, more := range []resource.Wants{e.Wants(), b.Planners().Wants([]*control.Control{c})} {
		for typ, properties := range more {
			wants[typ] = append(wants[typ], properties...)
		}
	}
	var found kept
	for _, typ := range c.Types() {
		for _, reader := range services.Readers() {
			if slices.Contains(reader.Types(), typ) {
				if err := reader.List(b.Context(), place, typ, wants, &found); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
	return found.resources
}

var _ scan.Sink = (*kept)(nil)

// kept is a sink that keeps resources; what could not be read shows in them.
type kept struct{ resources []*resource.Resource }

func (k *kept) Resources(page []*resource.Resource) error {
	k.resources = append(k.resources, page...)
	return nil
}

func (*kept) Gap(finding.Gap) error { return nil }

// Change is the only change of a plan.
func (b *Bench) Change(p *fix.Plan) *fix.Change {
	b.Helper()
	if len(p.Changes) != 1 || len(p.Skipped) != 0 {
		b.Fatalf("the plan has %d changes and skips %+v", len(p.Changes), p.Skipped)
	}
	return &p.Changes[0]
}

// Skipped is the only thing that a plan leaves alone.
func (b *Bench) Skipped(p *fix.Plan) fix.Skipped {
	b.Helper()
	if len(p.Changes) != 0 || len(p.Skipped) != 1 {
		b.Fatalf("the plan has %d changes and skips %+v", len(p.Changes), p.Skipped)
	}
	return p.Skipped[0]
}

// Runner makes a runner over the journal of the bench, as another process
// would.
func (b *Bench) Runner() *fix.Runner {
	return &fix.Runner{
		Applier: b.Applier, Journal: b.Journal, Clock: b.Clock, Random: rand.Reader, Options: b.Options,
		Judge: func(p *fix.Plan) (fix.Judge, error) { return fix.NewRules(b.Catalogue, p) },
	}
}

// Vet holds a plan against the fixes of the program, as apply does.
func (b *Bench) Vet(p *fix.Plan) error { return fix.Vet(p, b.Catalogue, b.Planners()) }

// Apply applies a plan of one change and returns the run and what it came to.
func (b *Bench) Apply(p *fix.Plan) (run string, status *fix.ChangeStatus) {
	b.Helper()
	if err := b.Vet(p); err != nil {
		b.Fatal(err)
	}
	all, err := b.Runner().Apply(b.Context(), p)
	if err != nil {
		b.Fatal(err)
	}
	return all.Run, &all.Changes[0]
}

// Applied applies a plan and expects it verified.
func (b *Bench) Applied(p *fix.Plan) (run string) {
	b.Helper()
	run, status := b.Apply(p)
	b.WantState(status, status.State, fix.StateVerified)
	return run
}

// Undone rolls a run back and expects it undone.
func (b *Bench) Undone(run string) {
	b.Helper()
	all, err := b.Runner().Rollback(b.Context(), run)
	if err != nil {
		b.Fatal(err)
	}
	b.WantState(&all.Changes[0], all.Changes[0].Undo, fix.StateUndone)
}

// WantState fails unless a change came to a state.
func (b *Bench) WantState(c *fix.ChangeStatus, got, want fix.State) {
	b.Helper()
	if got != want {
		data, _ := json.MarshalIndent(c, "", "  ")
		b.Fatalf("the change is %s, not %s:\n%s", got, want, data)
	}
}

// Writes counts the calls that change something, by action.
func (b *Bench) Writes() map[string]int {
	writes := make(map[string]int)
	for action, n := range b.Lab.Actions() {
		_, name, _ := strings.Cut(action, ":")
		if !strings.HasPrefix(name, "Describe") && !strings.HasPrefix(name, "List") && !strings.HasPrefix(name, "Get") {
			writes[action] = n
		}
	}
	return writes
}
