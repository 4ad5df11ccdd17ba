package applytest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services"
)

// Case is one fix to be held to the contract.
type Case struct {
	Control string
	// Given puts one resource that fails into the lab, and others that pass or
	// that the control is not about.
	Given func(*Bench)
	// State returns everything that calls could change.
	State func(*Bench) any
	// Fixed is the state after the fix, and Undone the one after its rollback;
	// nil where that is the state before.
	Fixed, Undone func(*Bench) any
	// Calls are the writes of one application, and UndoCalls those of its
	// rollback, by action.
	Calls, UndoCalls map[string]int
	// Other are writes that the fix takes on other resources, or back to another
	// state, than those of the case.
	Other []string
	// Beside are reads without which the fix is made all the same: they only
	// tell more of it.
	Beside []string
	// Moved is what somebody else does between plan and apply, so that the
	// change is no longer the one that was planned.
	Moved func(*Bench)
}

// Contract holds a fix to what every fix keeps.
func Contract(t *testing.T, c Case) {
	for name, test := range map[string]func(*testing.T, Case){
		"sets, proves and puts back":                  restores,
		"applied twice it acts once":                  actsOnce,
		"leaves alone what moved since the plan":      leavesMoved,
		"leaves alone what it cannot read":            leavesUnread,
		"survives being killed at any entry":          survivesKills,
		"survives any call that breaks once":          survivesFaults,
		"declares every call that it makes":           declares,
		"recognises its own plans and no altered one": vets,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, c)
		})
	}
}

// ContractAndExport holds a fix to the contract, and what it is exported as to
// what it does.
func ContractAndExport(t *testing.T, c Case) {
	Contract(t, c)
	Exported(t, c)
}

func begin(t *testing.T, c Case) (*Bench, *fix.Plan) {
	t.Helper()
	b := New(t)
	c.Given(b)
	p := b.Plan(c.Control)
	b.Change(p)
	b.Lab.ResetCalls()
	return b, p
}

func same(t *testing.T, what string, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

func restores(t *testing.T, c Case) {
	b, p := begin(t, c)
	before := c.State(b)
	change := b.Change(p)
	if len(change.Sets) == 0 || len(change.Steps) == 0 {
		t.Error("the plan does not show what it sets")
	}
	run := b.Applied(p)
	same(t, "state after the fix", c.Fixed(b), c.State(b))
	same(t, "calls of the fix", c.Calls, b.Writes())
	if again := b.Plan(c.Control); len(again.Changes)+len(again.Skipped) != 0 {
		t.Errorf("planned again, there are %d changes and %d skipped", len(again.Changes), len(again.Skipped))
	}
	b.Lab.ResetCalls()
	b.Undone(run)
	if c.Undone != nil {
		before = c.Undone(b)
	}
	same(t, "state after the rollback", before, c.State(b))
	same(t, "calls of the rollback", c.UndoCalls, b.Writes())
}

func actsOnce(t *testing.T, c Case) {
	b, p := begin(t, c)
	b.Applied(p)
	_, status := b.Apply(p)
	if status.State != fix.StateVerified {
		t.Errorf("the second time it is %s", status.State)
	}
	same(t, "calls", c.Calls, b.Writes())
}

func leavesMoved(t *testing.T, c Case) {
	b, p := begin(t, c)
	c.Moved(b)
	moved := c.State(b)
	if _, status := b.Apply(p); status.State != fix.StateRefused {
		t.Errorf("it is %s: %s", status.State, status.Note)
	}
	same(t, "calls", map[string]int{}, b.Writes())
	same(t, "state", moved, c.State(b))
}

func leavesUnread(t *testing.T, c Case) {
	sound, p := begin(t, c)
	sound.Applied(p)
	for action := range sound.Lab.Actions() {
		service, operation, _ := strings.Cut(action, ":")
		if sound.Writes()[action] > 0 || slices.Contains(c.Beside, action) {
			continue
		}
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			b, p := begin(t, c)
			b.Lab.Inject(lab.Fault{Match: lab.Match{Service: service, Operation: operation}, Effect: lab.Denied})
			if _, status := b.Apply(p); status.State == fix.StateVerified {
				t.Error("it is verified unread")
			}
			same(t, "calls", map[string]int{}, b.Writes())
		})
	}
}

// killer is a journal whose process dies at an entry: before it is kept, or
// right after.
type killer struct {
	fix.Journal
	at    int
	after bool
	n     int
}

var errKilled = errors.New("killed")

func (k *killer) Append(ctx context.Context, run string, e *fix.Event) error {
	k.n++
	switch {
	case k.at == 0 || k.n < k.at:
		return k.Journal.Append(ctx, run, e)
	case k.n == k.at && k.after:
		return errors.Join(k.Journal.Append(ctx, run, e), errKilled)
	default:
		return errKilled
	}
}

func survivesKills(t *testing.T, c Case) {
	sound, p := begin(t, c)
	counting := &killer{Journal: sound.Journal}
	sound.Journal = counting
	run := sound.Applied(p)
	applied := counting.n
	sound.Undone(run)
	total := counting.n
	if applied < 4 || total < applied+4 {
		t.Fatalf("%d entries, then %d", applied, total)
	}
	for at := 1; at <= total; at++ {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("entry %d of %d, kept %t", at, total, after), func(t *testing.T) {
				t.Parallel()
				kill(t, c, at, applied, after)
			})
		}
	}
}

func kill(t *testing.T, c Case, at, applied int, after bool) {
	b, p := begin(t, c)
	before := c.State(b)
	kept := b.Journal
	runner := b.Runner()
	rolling := at > applied
	if !rolling {
		runner.Journal = &killer{Journal: kept, at: at, after: after}
		if _, err := runner.Apply(t.Context(), p); !errors.Is(err, errKilled) {
			t.Fatalf("not killed: %v", err)
		}
	} else {
		b.Applied(p)
	}
	runs, err := kept.Runs(t.Context())
	if err != nil || len(runs) != 1 {
		t.Fatalf("%d runs, %v", len(runs), err)
	}
	id := runs[0].ID
	if !rolling {
		status, err := b.Runner().Resume(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		b.WantState(&status.Changes[0], status.Changes[0].State, fix.StateVerified)
		same(t, "state", c.Fixed(b), c.State(b))
		same(t, "calls", c.Calls, b.Writes())
		return
	}
	fixed := b.Writes()
	runner.Journal = &killer{Journal: kept, at: at - applied, after: after}
	if _, err := runner.Rollback(t.Context(), id); !errors.Is(err, errKilled) {
		t.Fatalf("not killed: %v", err)
	}
	b.Undone(id)
	for action, n := range c.UndoCalls {
		fixed[action] += n
	}
	same(t, "calls", fixed, b.Writes())
	if c.Undone != nil {
		before = c.Undone(b)
	}
	same(t, "state", before, c.State(b))
}

// survivesFaults breaks each write once, before and after it takes effect.
func survivesFaults(t *testing.T, c Case) {
	for action := range c.Calls {
		service, operation, _ := strings.Cut(action, ":")
		for effect, extra := range map[lab.Effect]int{lab.CutBefore: 1, lab.CutAfter: 0, lab.ServerError: 1, lab.Garbage: 0, lab.Throttle: 1} {
			t.Run(fmt.Sprintf("%s %s", action, effect), func(t *testing.T) {
				t.Parallel()
				b, p := begin(t, c)
				b.Lab.Inject(lab.Fault{Match: lab.Match{Service: service, Operation: operation}, First: 1, Effect: effect})
				run, status := b.Apply(p)
				for range 3 {
					if status.State == fix.StateVerified {
						break
					}
					all, err := b.Runner().Resume(t.Context(), run)
					if err != nil {
						t.Fatal(err)
					}
					status = &all.Changes[0]
				}
				b.WantState(status, status.State, fix.StateVerified)
				want := maps.Clone(c.Calls)
				want[action] += extra
				same(t, "calls", want, b.Writes())
				same(t, "state", c.Fixed(b), c.State(b))
			})
		}
	}
}

func declares(t *testing.T, c Case) {
	b, p := begin(t, c)
	b.Undone(b.Applied(p))
	known := b.Catalogue.Find(c.Control)
	typ := b.Catalogue.Types[p.Changes[0].Resource.Type]
	declared := services.FixActions(known, typ)
	for action := range b.Lab.Actions() {
		if !slices.Contains(declared, action) {
			t.Errorf("%s is called and not declared among %v", action, declared)
		}
	}
	made := b.Writes()
	for _, action := range declared {
		_, name, _ := strings.Cut(action, ":")
		write := !slices.ContainsFunc([]string{"Describe", "List", "Get"}, func(verb string) bool { return strings.HasPrefix(name, verb) })
		if write && made[action] == 0 && !slices.Contains(c.Other, action) {
			t.Errorf("%s is declared and never called", action)
		}
	}
	var allowed []string
	for _, operation := range live.Allowed(services.Writers()) {
		allowed = append(allowed, awsconn.Action(operation))
	}
	for action := range b.Lab.Actions() {
		if !slices.Contains(allowed, action) {
			t.Errorf("%s would be refused by the session", action)
		}
	}
}

// vets alters each part of a plan and expects it refused.
func vets(t *testing.T, c Case) {
	b, p := begin(t, c)
	if err := b.Vet(p); err != nil {
		t.Fatal(err)
	}
	for name, alter := range map[string]func(*fix.Change){
		"another operation":      func(c *fix.Change) { c.Steps[0].Call.Operation = "rds:DeleteDBCluster" },
		"one more parameter":     func(c *fix.Change) { c.Steps[0].Call.Parameters["Surprise"] = resource.OfBool(true) },
		"another target":         func(c *fix.Change) { retarget(c.Steps[0].Call.Parameters) },
		"nothing is proven":      func(c *fix.Change) { c.Steps[0].Done = nil },
		"nothing is demanded":    func(c *fix.Change) { c.Steps[0].Before = nil },
		"the way back elsewhere": func(c *fix.Change) { c.Steps[0].Undo.Operation = "rds:DeleteDBCluster" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			altered := clone(t, p)
			if name == "the way back elsewhere" && altered.Changes[0].Steps[0].Undo == nil {
				return // there is no call on the way back
			}
			alter(&altered.Changes[0])
			if err := b.Vet(altered); err == nil {
				t.Error("it passes")
			}
		})
	}
}

// retarget changes every text of the parameters.
func retarget(params map[string]resource.Value) {
	for name, value := range params {
		if text, ok := value.Text(); ok {
			params[name] = resource.OfString(text + "-other")
		}
	}
}

func clone(t *testing.T, p *fix.Plan) *fix.Plan {
	t.Helper()
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	out := new(fix.Plan)
	if err := json.Unmarshal(data, out); err != nil {
		t.Fatal(err)
	}
	return out
}
