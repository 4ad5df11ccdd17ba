package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"golang.org/x/sync/errgroup"
)

// session is one command's work on a run. The fold is kept in step with the
// journal: an event counts once it is on the disk, and not before.
type session struct {
	*Runner
	mode  string
	judge Judge // nil while rolling back

	mu       sync.Mutex
	fold     *fold
	failures int
	nextTurn time.Time // when the pace allows the next change
}

// stop is what a change came to, where it does not simply go on.
type stop struct {
	state   State
	note    string
	problem *Problem
	moves   []Move
}

// work does what the mode says, from the state that the journal tells.
func (r *Runner) work(ctx context.Context, f *fold, mode string) (*RunStatus, error) {
	s := &session{Runner: r, mode: mode, fold: f}
	if mode != ModeRollback {
		judge, err := r.Judge(f.run.Plan)
		if err != nil {
			return nil, err
		}
		s.judge = judge
	}
	began := &Event{Kind: EventBegan, Session: &Session{
		Mode: mode, Version: r.Version, Accept: r.Options.Accept, AcceptLoss: r.Options.AcceptLoss, Access: r.Access,
	}}
	if err := s.record(ctx, began); err != nil {
		return nil, err
	}
	if err := s.all(ctx); err != nil {
		return nil, err
	}
	ended := &Event{Kind: EventEnded}
	switch {
	case ctx.Err() != nil:
		ended.State, ended.Note = StateInterrupted, "interrupted"
	case s.full():
		ended.Note = fmt.Sprintf("stopped after %d failures; the rest was not started", r.Options.MaxFailures)
	}
	if err := s.record(ctx, ended); err != nil {
		return nil, err
	}
	return f.status(), nil
}

// all works on every change: resources side by side, the changes of one
// resource after one another. The error is one of the journal, and ends
// everything.
func (s *session) all(ctx context.Context) error {
	group, groupCtx := errgroup.WithContext(ctx)
	group.SetLimit(max(s.Options.Concurrency, 1))
	for _, changes := range s.queues() {
		group.Go(func() error {
			for _, c := range changes {
				if err := s.one(groupCtx, c); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// queues sorts the changes by resource, in the order of the plan; for a
// rollback, the newest first in both respects.
func (s *session) queues() [][]*Change {
	plan := s.fold.run.Plan
	ordered := make([]*Change, len(plan.Changes))
	for i := range plan.Changes {
		ordered[i] = &plan.Changes[i]
	}
	if s.mode == ModeRollback {
		slices.SortStableFunc(ordered, func(a, b *Change) int {
			return int(s.fold.change(b.ID).newest() - s.fold.change(a.ID).newest())
		})
	}
	var queues [][]*Change
	index := make(map[string]int)
	for _, c := range ordered {
		key := c.Resource.Key()
		i, ok := index[key]
		if !ok {
			i = len(queues)
			index[key] = i
			queues = append(queues, nil)
		}
		queues[i] = append(queues[i], c)
	}
	return queues
}

// newest is the sequence number of the change's last step that was begun.
func (c *ChangeStatus) newest() int64 {
	var newest int64
	for i := range c.Steps {
		newest = max(newest, c.Steps[i].seq)
	}
	return newest
}

func (s *session) one(ctx context.Context, c *Change) error {
	switch s.mode {
	case ModeVerify:
		return s.reverify(ctx, c)
	case ModeRollback:
		return s.undo(ctx, c)
	default:
		return s.apply(ctx, c)
	}
}

// record puts an event on the disk and then counts it. It is not stopped by an
// interrupt: what happened must be known.
func (s *session) record(ctx context.Context, e *Event) error {
	e.At = s.now()
	if err := s.Journal.Append(context.WithoutCancel(ctx), s.fold.run.ID, e); err != nil {
		return &JournalError{Run: s.fold.run.ID, Cause: err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fold.apply(e)
	if s.Observe != nil {
		s.Observe(s.notice(e))
	}
	return nil
}

func (s *session) notice(e *Event) Notice {
	n := Notice{Run: s.fold.run.ID, Event: e, Undo: e.Undo}
	if i, ok := s.fold.index[e.Change]; ok {
		n.Change = &s.fold.run.Plan.Changes[i]
		n.Step = n.Change.step(e.Step)
	}
	return n
}

func (c *Change) step(id string) *Step {
	i := slices.IndexFunc(c.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Steps[i]
}

// JournalError says that the journal could not be written, so that nothing
// more is done: a call is only made once its intent is on the disk.
type JournalError struct {
	Run   string
	Cause error
}

func (e *JournalError) Error() string {
	return fmt.Sprintf("run %s: the journal could not be written, so nothing more was done: %v", e.Run, e.Cause)
}

// Unwrap returns the cause.
func (e *JournalError) Unwrap() error { return e.Cause }

// Hint names the command that goes on once the journal can be written.
func (e *JournalError) Hint() string { return "holdfast fix resume " + e.Run }

// settle records what a change came to.
func (s *session) settle(ctx context.Context, c *Change, undo bool, end *stop) error {
	// What can never be taken back was never tried: that is no reason to leave
	// the rest as it is.
	if end.state.Bad() && end.state != StateFinal {
		s.mu.Lock()
		s.failures++
		s.mu.Unlock()
	}
	return s.record(ctx, &Event{
		Kind: EventChange, Change: c.ID, Undo: undo,
		State: end.state, Note: end.note, Problem: end.problem, Moves: end.moves,
	})
}

// full reports whether so much went wrong that nothing more is started.
func (s *session) full() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.Options.MaxFailures > 0 && s.failures >= s.Options.MaxFailures
}

// status returns a copy of what is known of a change.
func (s *session) status(c *Change) ChangeStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := *s.fold.change(c.ID)
	status.Steps = slices.Clone(status.Steps)
	return status
}

// turn waits until the pace allows another change; false when interrupted.
func (s *session) turn(ctx context.Context) bool {
	if s.Options.Pace <= 0 {
		return ctx.Err() == nil
	}
	s.mu.Lock()
	now := s.Clock.Now()
	start := s.nextTurn
	if start.Before(now) {
		start = now
	}
	s.nextTurn = start.Add(time.Minute / time.Duration(s.Options.Pace))
	s.mu.Unlock()
	if wait := start.Sub(now); wait > 0 {
		return s.Clock.Sleep(ctx, wait) == nil
	}
	return ctx.Err() == nil
}

// interrupted is the stop of a change when ctx has ended.
func interrupted() *stop {
	return &stop{state: StateInterrupted, note: "interrupted between two steps"}
}

// read reads one resource; nil without an error means that it is gone.
func (s *session) read(ctx context.Context, ref resource.Ref, properties []string) (*resource.Resource, error) {
	r, err := s.Applier.Read(ctx, ref, properties)
	if errors.Is(err, ErrGone) {
		return nil, nil
	}
	return r, err
}
