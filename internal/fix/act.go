package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// act is one call, or one act of a person, with what must hold before it and
// what proves it: a step going forward, or a step being taken back.
type act struct {
	change *Change
	step   *Step
	undo   bool

	call   *Call
	manual string
	before []Condition
	// instead may hold in place of before: a call that was accepted and does
	// not count yet can be taken back all the same.
	instead []Condition
	done    []Condition
	pending []Condition
}

func forward(c *Change, s *Step) *act {
	return &act{change: c, step: s, call: s.Call, manual: s.Manual, before: s.Before, done: s.Done, pending: s.Pending}
}

func backward(c *Change, s *Step) *act {
	return &act{change: c, step: s, undo: true, call: s.Undo, manual: s.UndoManual, before: s.Done, instead: s.Pending, done: s.UndoDone}
}

// may reports whether the call may be made, states that settle aside.
func (a *act) may(v *view) bool {
	return v.steady(a.before) || len(a.instead) > 0 && v.all(a.instead)
}

// accepted reports whether the call was accepted and does not count yet.
func (a *act) accepted(v *view) bool { return len(a.pending) > 0 && v.all(a.pending) }

func (s *session) progress(a *act) Progress {
	status := s.status(a.change)
	step := status.step(a.step.ID)
	if a.undo {
		return step.Undo
	}
	return step.Progress
}

func (s *session) event(kind string, a *act) *Event {
	return &Event{Kind: kind, Change: a.change.ID, Step: a.step.ID, Undo: a.undo}
}

// perform brings one act to its end: nil when it is done, else why it stopped.
// What the journal says of earlier attempts decides where it begins.
func (s *session) perform(ctx context.Context, a *act) (*stop, error) {
	progress := s.progress(a)
	switch {
	case !progress.Done.IsZero():
		return nil, nil
	case a.call == nil && a.manual == "":
		// A step that only has a way back.
		return nil, s.record(ctx, s.event(EventDone, a))
	case a.call == nil:
		return s.person(ctx, a)
	case progress.State == StateCalled || progress.State == StateAlready:
		return s.await(ctx, a)
	case progress.State == StateCalling:
		return s.pickUp(ctx, a)
	default:
		return s.attempt(ctx, a)
	}
}

// pickUp goes on with a call whose answer nobody knows.
func (s *session) pickUp(ctx context.Context, a *act) (*stop, error) {
	end, err := s.recover(ctx, a)
	switch {
	case end != nil || err != nil:
		return end, err
	case s.progress(a).State == StateCalled:
		return s.await(ctx, a)
	default:
		return s.attempt(ctx, a)
	}
}

// person handles an act that only a person can do. It is read whether it was
// done, or the person says so where nothing shows it.
func (s *session) person(ctx context.Context, a *act) (*stop, error) {
	id := a.change.ID + "/" + a.step.ID
	if len(a.done) == 0 {
		if !slices.Contains(s.Options.Confirm, id) {
			return &stop{state: StateWaiting, note: a.manual + " Then confirm it with --confirm " + id + "."}, nil
		}
		done := s.event(EventDone, a)
		done.Note = "confirmed by a person"
		return nil, s.record(ctx, done)
	}
	v, err := s.look(ctx, a.done)
	switch {
	case ctx.Err() != nil:
		return interrupted(), nil
	case err != nil:
		return &stop{state: StateUnconfirmed, note: "it could not be read whether the manual step was done", problem: NewProblem(err)}, nil
	case v.all(a.done):
		return nil, s.record(ctx, s.event(EventDone, a))
	default:
		return &stop{state: StateWaiting, note: a.manual, moves: v.moves(a.done, true)}, nil
	}
}

// attempt makes the call, unless its effect is there already, and awaits the
// effect. A resource that is busy is waited for, within a bound.
func (s *session) attempt(ctx context.Context, a *act) (*stop, error) {
	wait := s.waiter(a, "it takes changes", s.Options.settle())
	for calls := 0; ; {
		v, end := s.lookAt(ctx, a)
		switch {
		case end != nil:
			return end, nil
		case v.lasting(a.done) || a.accepted(v):
			if err := s.record(ctx, s.event(EventAlready, a)); err != nil {
				return nil, err
			}
			return s.await(ctx, a)
		case !a.may(v):
			return s.moved(a, v), nil
		case !v.all(a.before) && !(len(a.instead) > 0 && v.all(a.instead)):
			if wait.pause(ctx) {
				continue
			}
			return wait.over(ctx, s.busy(a, v)), nil
		}
		again, end, err := s.make(ctx, a)
		if !again {
			return end, err
		}
		if calls++; calls >= maxAttempts || !wait.pause(ctx) {
			return wait.over(ctx, end), nil
		}
	}
}

// make journals the intent, makes the call and journals the answer. again is
// true when the resource was busy, or the call turned out not to have been
// made; end then says what the change comes to if there is no other attempt.
func (s *session) make(ctx context.Context, a *act) (again bool, end *stop, err error) {
	if ctx.Err() != nil {
		return false, interrupted(), nil
	}
	intent := s.event(EventIntent, a)
	intent.Call = a.call
	if err := s.record(ctx, intent); err != nil {
		return false, nil, err
	}
	outcome := s.event(EventOutcome, a)
	if err := s.callOnce(ctx, a); err != nil {
		outcome.Problem = NewProblem(err)
	}
	if err := s.record(ctx, outcome); err != nil {
		return false, nil, err
	}
	failed := &stop{state: StateFailed, problem: outcome.Problem}
	switch {
	case outcome.Problem == nil:
		end, err = s.await(ctx, a)
		return false, end, err
	case outcome.Problem.Class == ClassState || outcome.Problem.Class == ClassThrottled:
		// Nothing was done, and by the next attempt somebody else may have done
		// something: the resource is read again before each.
		return true, failed, nil
	case outcome.Problem.Class == ClassUncertain || outcome.Problem.Class == ClassExists:
		return s.afterDoubt(ctx, a, failed)
	default:
		return false, failed, nil
	}
}

// callOnce makes a call that an interrupt does not cut off: its answer must be
// known and journaled.
func (s *session) callOnce(ctx context.Context, a *act) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	call := *a.call
	call.Type = a.change.Resource.Type
	return s.Applier.Call(ctx, &call)
}

// afterDoubt reads whether a call without a clear answer took effect.
func (s *session) afterDoubt(ctx context.Context, a *act, failed *stop) (again bool, end *stop, err error) {
	if failed.problem.Class == ClassExists {
		v, end := s.lookAt(ctx, a)
		switch {
		case end != nil:
			return false, end, nil
		case !v.lasting(a.done):
			return false, failed, nil
		}
	}
	end, err = s.recover(ctx, a)
	if end != nil || err != nil {
		return false, end, err
	}
	if state := s.progress(a).State; state == StateCalled {
		end, err = s.await(ctx, a)
		return false, end, err
	}
	return true, failed, nil
}

// recover decides what became of a call whose answer nobody knows. Its effect
// is there: that is journaled. All is as before: that is journaled too, and
// the call may be made again. Neither, and it stays so: a person must look.
func (s *session) recover(ctx context.Context, a *act) (*stop, error) {
	wait := s.waiter(a, "it becomes clear whether the call took effect", s.Options.settle())
	asBefore := 0
	for {
		v, end := s.lookAt(ctx, a)
		if end != nil {
			return end, nil
		}
		outcome := s.event(EventOutcome, a)
		switch {
		case v.lasting(a.done) || a.accepted(v):
			outcome.Note = "read afterwards: the call took effect"
			return nil, s.record(ctx, outcome)
		case a.may(v) && v.all(a.before):
			// The effect may be about to show: only a later look counts.
			if asBefore++; asBefore >= 2 && s.longAgo(a, wait) {
				outcome.Problem = &Problem{Class: ClassNotMade, Message: "read afterwards: the call took no effect"}
				return nil, s.record(ctx, outcome)
			}
		default:
			asBefore = 0
		}
		if !wait.pause(ctx) {
			return wait.over(ctx, unclear(a, v)), nil
		}
	}
}

// doubt is how many first pauses pass before a call that shows no effect counts
// as not made: what is read may lag behind what was written.
const doubt = 10

// longAgo reports whether the call was made so long ago, or has been looked for
// so long, that its effect would have shown.
func (s *session) longAgo(a *act, w *waiter) bool {
	now := s.Clock.Now()
	return max(now.Sub(s.progress(a).Intent), now.Sub(w.begun)) >= doubt*s.Options.poll()
}

// await waits until the effect of an accepted call can be read.
func (s *session) await(ctx context.Context, a *act) (*stop, error) {
	wait := s.waiter(a, "the change takes effect", s.Options.timeout(a.step))
	for {
		v, end := s.lookAt(ctx, a)
		if end != nil && (end.problem == nil || !passing(end.problem)) {
			return end, nil
		}
		if end == nil && v.all(a.done) {
			return nil, s.record(ctx, s.event(EventDone, a))
		}
		if wait.pause(ctx) {
			continue
		}
		return wait.over(ctx, s.late(a, v, end)), nil
	}
}

// late is what a change comes to whose effect did not show in time.
func (s *session) late(a *act, v *view, end *stop) *stop {
	limit := s.Options.timeout(a.step)
	switch {
	case end != nil:
		return end
	case a.accepted(v):
		return &stop{state: StatePending, note: "accepted, but it does not count yet", moves: v.moves(a.done, true)}
	default:
		return &stop{
			state: StateUnconfirmed, moves: v.moves(a.done, true),
			problem: &Problem{Class: ClassTimeout, Message: fmt.Sprintf("the effect did not show within %s", limit),
				Next: "look at the resource, then verify or resume the run"},
		}
	}
}

// lookAt reads all that an act depends on, or says why it stops there. Nothing
// is ever done on what could not be read.
func (s *session) lookAt(ctx context.Context, a *act) (*view, *stop) {
	v, err := s.look(ctx, a.done, a.before, a.instead, a.pending)
	switch {
	case err == nil && ctx.Err() == nil:
		return v, nil
	case ctx.Err() != nil:
		return nil, interrupted()
	}
	return nil, s.unread(a, NewProblem(err))
}

// unread is what a change comes to whose resource could not be read.
func (s *session) unread(a *act, p *Problem) *stop {
	status := s.status(a.change)
	if a.undo || status.touched() {
		return &stop{state: StateUnconfirmed, problem: p, note: "the resource could not be read"}
	}
	return &stop{state: StateRefused, problem: p, note: "the resource could not be read, so nothing was done"}
}

// moved is what a change comes to when what must hold before a call does not.
func (s *session) moved(a *act, v *view) *stop {
	moves := v.moves(a.before, false)
	status := s.status(a.change)
	switch {
	case a.undo:
		return &stop{state: StateRefused, moves: moves, note: "it is not what the run set any more, so it was left alone"}
	case status.touched():
		return &stop{state: StateUnclear, moves: moves, note: "something changed between two steps: look at it, then resume or roll back"}
	case !slices.ContainsFunc(moves, func(m Move) bool { return !m.Unread }):
		return &stop{state: StateRefused, moves: moves, note: "something of the resource could not be read, so nothing was done"}
	default:
		return &stop{state: StateRefused, moves: moves, note: "it moved since the plan, so nothing was done: make a new plan"}
	}
}

// busy is what a change comes to when the resource takes no changes for long.
func (s *session) busy(a *act, v *view) *stop {
	moves := v.moves(a.before, true)
	var found []string
	for _, m := range moves {
		found = append(found, m.Found)
	}
	state := StateRefused
	if status := s.status(a.change); a.undo || status.touched() {
		state = StateFailed
	}
	return &stop{
		state: state, moves: moves,
		problem: &Problem{Class: ClassState, Message: strings.Join(found, "; ") + fmt.Sprintf(" for more than %s", s.Options.settle()),
			Next: "wait until the resource is available, then resume the run"},
	}
}

// unclear is what a change comes to that is neither before nor after.
func unclear(a *act, v *view) *stop {
	return &stop{
		state: StateUnclear, moves: append(v.moves(a.done, false), v.moves(a.before, false)...),
		note: "the process ended or the connection broke during " + a.call.Operation +
			", and the resource is now neither as before nor as planned: a person must look at it",
	}
}

// passing reports whether a failed read is worth repeating.
func passing(p *Problem) bool {
	switch p.Class {
	case ClassDenied, ClassExpired, ClassInvalid:
		return false
	default:
		return true
	}
}

// waiter paces repeated reads: the pause grows from poll to eight times that,
// and the whole is bounded.
type waiter struct {
	*session
	act   *act
	what  string
	begun time.Time
	limit time.Duration
	next  time.Duration
}

func (s *session) waiter(a *act, what string, limit time.Duration) *waiter {
	return &waiter{session: s, act: a, what: what, begun: s.Clock.Now(), limit: limit, next: s.Options.poll()}
}

// pause waits once; false when the time is over or the work was interrupted.
func (w *waiter) pause(ctx context.Context) bool {
	elapsed := w.Clock.Now().Sub(w.begun)
	if elapsed >= w.limit {
		return false
	}
	w.observe(Notice{Run: w.fold.run.ID, Change: w.act.change, Step: w.act.step, Undo: w.act.undo,
		Wait: "waiting until " + w.what, Elapsed: elapsed, Limit: w.limit})
	err := w.Clock.Sleep(ctx, min(w.next, w.limit-elapsed))
	w.next = min(w.next*3/2, 8*w.Options.poll())
	return err == nil
}

// over is the stop after a pause that was the last: an interrupt goes before
// whatever else it would come to.
func (w *waiter) over(ctx context.Context, end *stop) *stop {
	if ctx.Err() != nil {
		return interrupted()
	}
	return end
}

func (s *session) observe(n Notice) {
	if s.Observe == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Observe(n)
}

// errNoVerdict is why a change whose control says nothing is not verified.
var errNoVerdict = errors.New("the control no longer applies to the resource, so that nothing proves the change")
