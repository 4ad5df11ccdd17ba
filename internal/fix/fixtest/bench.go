package fixtest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strings"
	"sync"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Bench is a cloud with a journal, rules and a runner over them.
type Bench struct {
	Clock     *Clock
	Cloud     *Cloud
	Journal   *Memory
	Catalogue *control.Catalogue
	Runner    *fix.Runner

	random   counter
	compiled *compiled
}

// compiled keeps what was compiled, for all benches of one origin: compiling
// takes longer than most tests.
type compiled struct {
	mu      sync.Mutex
	engines map[string]*engine.Engine
	judges  map[string]fix.Judge
}

// NewBench makes an empty bench.
func NewBench(t testing.TB) *Bench {
	t.Helper()
	catalogue, err := Catalogue()
	if err != nil {
		t.Fatal(err)
	}
	origin := &Bench{Catalogue: catalogue, compiled: &compiled{
		engines: make(map[string]*engine.Engine), judges: make(map[string]fix.Judge),
	}}
	return origin.Anew()
}

// Anew makes another empty bench, which shares nothing with this one but what
// never changes.
func (b *Bench) Anew() *Bench {
	clock := NewClock()
	fresh := &Bench{Clock: clock, Cloud: NewCloud(clock), Journal: NewMemory(), Catalogue: b.Catalogue, compiled: b.compiled}
	fresh.Runner = fresh.NewRunner()
	return fresh
}

// NewRunner makes another runner over the same cloud and journal, as another
// process would.
func (b *Bench) NewRunner() *fix.Runner {
	return &fix.Runner{
		Applier: b.Cloud, Journal: b.Journal, Clock: b.Clock, Random: &b.random, Version: "test",
		Judge: b.judge,
	}
}

func (b *Bench) judge(p *fix.Plan) (fix.Judge, error) {
	b.compiled.mu.Lock()
	defer b.compiled.mu.Unlock()
	if judge := b.compiled.judges[p.Digest]; judge != nil {
		return judge, nil
	}
	judge, err := fix.NewRules(b.Catalogue, p)
	if err == nil {
		b.compiled.judges[p.Digest] = judge
	}
	return judge, err
}

// engine compiles the chosen controls.
func (b *Bench) engine(chosen []*control.Control, params control.Params) (*engine.Engine, error) {
	var names strings.Builder
	for _, c := range chosen {
		names.WriteString(c.ID + " ")
	}
	b.compiled.mu.Lock()
	defer b.compiled.mu.Unlock()
	if e := b.compiled.engines[names.String()]; e != nil {
		return e, nil
	}
	e, err := engine.New(b.Catalogue, chosen, params)
	if err == nil {
		b.compiled.engines[names.String()] = e
	}
	return e, err
}

// counter is a source of randomness that is none.
type counter struct{ n uint64 }

func (c *counter) Read(p []byte) (int, error) {
	c.n++
	sum := sha256.Sum256(binary.BigEndian.AppendUint64(nil, c.n))
	return copy(p, sum[:]), nil
}

// Plan scans the things of the cloud with the given controls and plans.
func (b *Bench) Plan(t testing.TB, controls ...string) *fix.Plan {
	t.Helper()
	return b.PlanExcepting(t, nil, controls...)
}

// PlanExcepting is Plan with a finding.Exception on what the function names.
func (b *Bench) PlanExcepting(t testing.TB, except func(control, id string) *finding.Exception, controls ...string) *fix.Plan {
	t.Helper()
	chosen, err := b.Catalogue.Select(control.Selection{IDs: controls})
	if err != nil {
		t.Fatal(err)
	}
	params, err := b.Catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := b.engine(chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	builder := &fix.Builder{
		Catalogue: b.Catalogue, Chosen: chosen, Params: params, Planners: Planners(), Desired: e.Desired,
		Reader: b.Cloud, Tool: "holdfast", Version: "test", Now: b.Clock.Now(),
	}
	for _, r := range b.Cloud.Scan() {
		err := e.Evaluate(r, func(f *finding.Finding) error {
			if except != nil {
				f.Exception = except(f.Control, r.ID)
			}
			return builder.Add(context.Background(), f, r)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	plan, err := builder.Plan()
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// Scan returns every thing of the cloud as it is now.
func (c *Cloud) Scan() []*resource.Resource {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.load()
	var all []*resource.Resource
	for _, t := range c.state.Things {
		if t.Ref.Type == ThingType {
			c.catchUp(t)
			all = append(all, c.show(t))
		}
	}
	return all
}
