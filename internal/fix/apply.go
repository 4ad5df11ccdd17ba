package fix

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// apply brings one change as far as it goes and records what it came to.
func (s *session) apply(ctx context.Context, c *Change) error {
	status := s.status(c)
	if status.State == StateVerified || s.full() {
		return nil
	}
	// What was begun is brought to its end; anything else needs its acceptance in
	// this very command, however long ago the run was begun and by whom.
	if c.Accept != "" && !status.touched() && !accepts(s.Options.Accept, c.Control) {
		return s.settleOnce(ctx, c, &stop{state: StateSkipped, note: "needs --accept " + c.Control + ": " + c.Accept})
	}
	if !s.turn(ctx) || s.full() {
		return nil
	}
	if !status.touched() {
		end, err := s.begin(ctx, c)
		if err != nil {
			return err
		}
		if end != nil {
			return s.settleOnce(ctx, c, end)
		}
	}
	for i := range c.Steps {
		end, err := s.perform(ctx, forward(c, &c.Steps[i]))
		if err != nil {
			return err
		}
		if end == nil && i+1 < len(c.Steps) && !s.rest(ctx, c, &c.Steps[i]) {
			end = interrupted()
		}
		if end != nil {
			return s.settle(ctx, c, false, end)
		}
	}
	return s.verify(ctx, c)
}

// rest lets a step settle before the next one, counted from when it was read
// to be done; false when interrupted.
func (s *session) rest(ctx context.Context, c *Change, step *Step) bool {
	status := s.status(c)
	next := status.step(step.ID).Done.Add(time.Duration(step.Settle) * time.Second)
	// Never longer than the plan says, should the clock have been set back.
	wait := min(next.Sub(s.Clock.Now()), time.Duration(step.Settle)*time.Second)
	if step.Settle == 0 || wait <= 0 {
		return true
	}
	s.observe(Notice{Run: s.fold.run.ID, Change: c, Step: step, Wait: "letting it settle before the next step", Limit: wait})
	return s.Clock.Sleep(ctx, wait) == nil
}

// settleOnce records an end unless the change is in that state already.
func (s *session) settleOnce(ctx context.Context, c *Change, end *stop) error {
	if status := s.status(c); status.State == end.state && status.Note == end.note {
		return nil
	}
	return s.settle(ctx, c, false, end)
}

// begin reads the resource before anything is done to it: whether it could be
// read at all, whether somebody accepted the finding meanwhile, and what its
// properties were.
func (s *session) begin(ctx context.Context, c *Change) (*stop, error) {
	watched := s.judge.Watches(c.Resource.Type)
	r, err := s.read(ctx, c.Resource, merge(watched, s.judge.Reads(c.Control)))
	switch {
	case ctx.Err() != nil:
		return interrupted(), nil
	case err != nil:
		return &stop{state: StateRefused, problem: NewProblem(err), note: "the resource could not be read, so nothing was done"}, nil
	case r == nil:
		return &stop{state: StateRefused, problem: NewProblem(ErrGone), note: "the resource is gone, so nothing was done"}, nil
	case !sameUID(c.Resource.UID, r.UID):
		return &stop{state: StateRefused, moves: []Move{another(&c.Resource, r)}, note: "another resource has its name now, so nothing was done: make a new plan"}, nil
	}
	if s.Excepted != nil {
		if e := s.Excepted(c.Control, r); e != nil {
			return &stop{state: StateSkipped, note: fmt.Sprintf("excepted in %s: %s", e.Source, e.Reason)}, nil
		}
	}
	values := make(map[string]resource.Value, len(watched))
	for _, name := range watched {
		if value := r.Get(name); value.Kind() != resource.Absent {
			values[name] = value
		}
	}
	return nil, s.record(ctx, &Event{Kind: EventBefore, Change: c.ID, Values: values})
}

// verify reads the resource again and lets the control judge it. Only a pass
// is a success; a value that is still pending is reported as that.
func (s *session) verify(ctx context.Context, c *Change) error {
	e, err := s.verdict(ctx, c)
	if err != nil {
		return s.settle(ctx, c, false, s.unjudged(ctx, err))
	}
	if e.State.Bad() {
		s.mu.Lock()
		s.failures++
		s.mu.Unlock()
	}
	return s.record(ctx, e)
}

func (s *session) unjudged(ctx context.Context, err error) *stop {
	if ctx.Err() != nil {
		return interrupted()
	}
	return &stop{state: StateUnconfirmed, problem: NewProblem(err), note: "every step is done, but the resource could not be read again"}
}

// verdict judges a change whose steps are done.
func (s *session) verdict(ctx context.Context, c *Change) (*Event, error) {
	target := c.Resource
	if c.Result != nil {
		target = *c.Result
	}
	r, err := s.read(ctx, target, merge(s.judge.Watches(target.Type), s.judge.Reads(c.Control)))
	if err != nil {
		return nil, err
	}
	e := &Event{Kind: EventChange, Change: c.ID, State: StateNotVerified}
	switch {
	case r == nil:
		e.Problem = NewProblem(ErrGone)
		return e, nil
	case !sameUID(target.UID, r.UID):
		move := another(&target, r)
		e.Moves, e.Problem = []Move{move}, &Problem{Class: ClassGone, Message: move.Found, Next: "the resource is no longer there: make a new plan"}
		return e, nil
	}
	f, err := s.judge.Judge(c.Control, r)
	switch {
	case err != nil:
		return nil, err
	case f == nil:
		e.Problem = &Problem{Class: ClassVerdict, Message: errNoVerdict.Error()}
		return e, nil
	}
	e.Compliance = f.Status
	if f.Status == finding.Passed {
		e.State = StateVerified
		e.Restorable = restorable(c, r, s.now())
		e.Drift = s.drift(c, r)
		return e, nil
	}
	return e, s.explain(ctx, c, f, e)
}

// explain says why a change that is done does not pass.
func (s *session) explain(ctx context.Context, c *Change, f *finding.Finding, e *Event) error {
	last := &c.Steps[len(c.Steps)-1]
	v, err := s.look(ctx, last.Pending, last.Done)
	if err != nil {
		return err
	}
	e.Moves = v.moves(last.Done, true)
	if len(last.Pending) > 0 && v.all(last.Pending) {
		e.State, e.Note = StatePending, "accepted, but it does not count yet"
		return nil
	}
	e.Problem = &Problem{Class: ClassVerdict, Message: fmt.Sprintf("%s is %s, not %s", f.Control, f.Status, finding.Passed),
		Next: "look at what the control reads now, then verify the run or make a new plan"}
	return nil
}

// drift lists properties that changed during the run although no change of the
// plan sets them: somebody else was at work.
func (s *session) drift(c *Change, r *resource.Resource) []Move {
	before := s.status(c).values
	if c.Result != nil || before == nil {
		return nil
	}
	ours := make(map[string]bool)
	plan := s.fold.run.Plan
	for i := range plan.Changes {
		if other := &plan.Changes[i]; other.Resource.Key() == c.Resource.Key() {
			for _, set := range other.Sets {
				ours[set.Property] = true
			}
		}
	}
	var drift []Move
	for _, name := range merge(s.judge.Watches(r.Type), slices.Collect(maps.Keys(before))) {
		was, is := before[name], r.Get(name)
		if ours[name] || is.Kind() == resource.Unknown || was.Kind() == resource.Unknown || equal(was, is) {
			continue
		}
		drift = append(drift, Move{
			Resource: c.Resource, Property: name, Planned: was, Now: is,
			Expected: fmt.Sprintf("%s was %s", name, was), Found: fmt.Sprintf("%s is %s", name, is),
		})
	}
	return drift
}
