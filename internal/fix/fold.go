package fix

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// load reads a run with its events; an empty id means the newest run.
func load(ctx context.Context, journal Journal, id string) (*Run, []Event, error) {
	if id == "" {
		runs, err := journal.Runs(ctx)
		if err != nil {
			return nil, nil, err
		}
		if len(runs) > 0 {
			id = runs[0].ID
		}
	}
	run, err := journal.Run(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	if digest, err := run.Plan.digest(); err != nil {
		return nil, nil, err
	} else if digest != run.Plan.Digest {
		return nil, nil, fmt.Errorf("run %s: the plan in the journal does not match its digest", run.ID)
	}
	events, err := journal.Events(ctx, run.ID)
	return run, events, err
}

// worked reports whether a live process works on the run.
func worked(ctx context.Context, journal Journal, id string) (bool, error) {
	release, err := journal.Lock(ctx, id)
	var locked *LockedError
	switch {
	case errors.As(err, &locked):
		return true, nil
	case err != nil:
		return false, err
	default:
		return false, release()
	}
}

// fold is the state of a run as its events tell it. Every fact about a run is
// derived here and nowhere else, so that a process that picks up a run knows
// exactly what the one before it knew.
type fold struct {
	run      *Run
	sessions []SessionStatus
	changes  []ChangeStatus
	index    map[string]int
}

func foldRun(run *Run, events []Event) *fold {
	f := &fold{run: run, index: make(map[string]int, len(run.Plan.Changes))}
	for i := range run.Plan.Changes {
		c := &run.Plan.Changes[i]
		f.index[c.ID] = i
		f.changes = append(f.changes, newChangeStatus(c))
	}
	for i := range events {
		f.apply(&events[i])
	}
	return f
}

func newChangeStatus(c *Change) ChangeStatus {
	status := ChangeStatus{
		ID: c.ID, Control: c.Control, Severity: c.Severity, Resource: c.Resource,
		Summary: c.Summary, Sets: c.Sets, State: StateNotStarted, UndoImpact: c.Undo.Impact,
	}
	for i := range c.Steps {
		s := &c.Steps[i]
		status.Steps = append(status.Steps, StepStatus{
			ID: s.ID, Title: s.Title, Manual: s.Manual, Back: s.Call == nil && s.Manual == "", Progress: Progress{State: StateNotStarted},
		})
	}
	return status
}

// change returns the status of a change by id.
func (f *fold) change(id string) *ChangeStatus { return &f.changes[f.index[id]] }

// step returns the status of a step of a change.
func (c *ChangeStatus) step(id string) *StepStatus {
	i := slices.IndexFunc(c.Steps, func(s StepStatus) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &c.Steps[i]
}

// apply takes in one event. Events about changes or steps that the plan does
// not have are passed over: a journal only ever holds those of its plan.
func (f *fold) apply(e *Event) {
	switch e.Kind {
	case EventBegan:
		f.sessions = append(f.sessions, SessionStatus{Session: *e.Session, Began: e.At})
		return
	case EventEnded:
		if n := len(f.sessions); n > 0 {
			last := &f.sessions[n-1]
			last.Ended, last.Interrupted, last.Note = e.At, e.State == StateInterrupted, e.Note
		}
		return
	}
	i, ok := f.index[e.Change]
	if !ok {
		return
	}
	change := &f.changes[i]
	if change.Began.IsZero() {
		change.Began = e.At
	}
	if e.Kind == EventChange || e.Kind == EventBefore {
		change.apply(e)
		return
	}
	if step := change.step(e.Step); step != nil {
		change.run(e)
		step.apply(e)
	}
}

// run marks the change as being worked on.
func (c *ChangeStatus) run(e *Event) {
	if e.Undo {
		c.Undo = StateRunning
		return
	}
	c.State = StateRunning
}

func (c *ChangeStatus) apply(e *Event) {
	if e.Kind == EventBefore {
		c.State, c.values = StateRunning, e.Values
		if c.values == nil {
			c.values = map[string]resource.Value{}
		}
		return
	}
	if e.Undo {
		c.Undo = e.State
	} else {
		c.State = e.State
	}
	c.Changed, c.Note, c.Problem, c.Moves = e.At, e.Note, e.Problem, e.Moves
	if !e.Undo {
		c.Drift, c.Compliance, c.Restorable = e.Drift, e.Compliance, e.Restorable
	}
}

func (s *StepStatus) apply(e *Event) {
	p := &s.Progress
	if e.Undo {
		p = &s.Undo
	}
	switch e.Kind {
	case EventIntent:
		p.State, p.Intent, p.Problem = StateCalling, e.At, nil
		p.Intents++
		if p.seq == 0 {
			p.seq = e.Seq
		}
	case EventOutcome:
		p.Outcome, p.Problem = e.At, e.Problem
		switch {
		case e.Problem == nil:
			p.State = StateCalled
		case e.Problem.Class == ClassUncertain:
			p.State = StateCalling
		default:
			p.State = StateFailed
		}
	case EventAlready:
		p.State = StateAlready
		p.Outcome = e.At
	case EventDone:
		p.Done = e.At
		if p.State != StateAlready {
			p.State = StateDone
		}
	}
}

// status builds what people and programs see.
func (f *fold) status() *RunStatus {
	s := &RunStatus{
		Run: f.run.ID, Created: f.run.Created, Digest: f.run.Digest, Sessions: f.sessions,
		Changes: f.changes, Counts: make(map[State]int),
	}
	for i := range f.changes {
		c := &f.changes[i]
		s.Counts[c.State]++
		if c.Undo != "" {
			if s.Undos == nil {
				s.Undos = make(map[State]int)
			}
			s.Undos[c.Undo]++
		}
	}
	if source := f.run.Plan.Source; source != nil {
		for i := range source.Patches {
			s.Source = append(s.Source, source.Patches[i].File)
		}
	}
	s.State = f.state()
	s.Next = f.next(s.State)
	return s
}

// rollingBack reports whether a rollback was ever begun.
func (f *fold) rollingBack() bool {
	return slices.ContainsFunc(f.sessions, func(s SessionStatus) bool { return s.Mode == ModeRollback })
}

func (f *fold) state() string {
	if n := len(f.sessions); n == 0 || f.sessions[n-1].Ended.IsZero() {
		return RunStopped
	}
	worst := classGood
	for i := range f.changes {
		worst = max(worst, f.changes[i].outcome(f.rollingBack()).class())
	}
	switch {
	case worst == classBad:
		return RunFailed
	case worst == classOpen:
		return RunIncomplete
	case f.rollingBack():
		return RunRolledBack
	default:
		return RunComplete
	}
}

// outcome is the state that counts: in a run that is rolled back that of the
// undoing, where a change that did nothing is as good as undone.
func (c *ChangeStatus) outcome(rollingBack bool) State {
	switch {
	case !rollingBack:
		return c.State
	case c.Undo != "":
		return c.Undo
	case c.madeAny():
		return StateNotStarted
	default:
		return StateUndone
	}
}

// next lists the commands that lead on, the likeliest first.
func (f *fold) next(state string) []string {
	id := f.run.ID
	if f.rollingBack() {
		if state == RunRolledBack {
			return nil
		}
		return []string{"holdfast fix rollback " + id + f.consents()}
	}
	var unconfirmed, made bool
	var accept []string
	confirm := f.confirmations()
	open := -len(confirm) // those go on only with a person's word
	for i := range f.changes {
		c := &f.changes[i]
		made = made || c.madeAny()
		state := c.State
		if f.held(i) {
			state = StateSkipped
		}
		switch state {
		case StatePending, StateUnconfirmed, StateNotVerified:
			unconfirmed = true
		case StateNotStarted, StateRunning, StateWaiting, StateInterrupted, StateFailed, StateUnclear:
			open++
		case StateSkipped:
			if f.run.Plan.Changes[i].Accept != "" && !slices.Contains(accept, c.Control) {
				accept = append(accept, c.Control)
			}
		}
	}
	var next []string
	if open > 0 {
		next = append(next, "holdfast fix resume "+id)
	}
	for _, step := range confirm {
		next = append(next, "holdfast fix resume "+id+" --confirm "+step)
	}
	if unconfirmed {
		next = append(next, "holdfast fix verify "+id)
	}
	for _, control := range accept {
		next = append(next, "holdfast fix resume "+id+" --accept "+control)
	}
	if made {
		next = append(next, "holdfast fix rollback "+id)
	}
	return next
}

// held reports whether a change that is not begun goes on only when it is
// accepted by name.
func (f *fold) held(i int) bool {
	c := &f.changes[i]
	return (c.State == StateNotStarted || c.State == StateInterrupted) && f.run.Plan.Changes[i].Accept != "" && !c.touched()
}

// consents are the flags without which the rest of a rollback is left alone.
func (f *fold) consents() string {
	loss := ""
	var exposed []string
	for i := range f.changes {
		undo := &f.run.Plan.Changes[i].Undo
		switch {
		case f.changes[i].Undo != StateSkipped:
		case undo.Exposes != "" && !slices.Contains(exposed, f.changes[i].Control):
			exposed = append(exposed, f.changes[i].Control)
		case undo.Loses != "":
			loss = " --accept-loss"
		}
	}
	for _, control := range exposed {
		loss += " --accept " + control
	}
	return loss
}

// confirmations lists the manual steps that wait for a person's word, as
// change/step.
func (f *fold) confirmations() []string {
	var list []string
	for i := range f.changes {
		c := &f.changes[i]
		if c.State != StateWaiting {
			continue
		}
		for j := range c.Steps {
			if c.Steps[j].Done.IsZero() {
				if len(f.run.Plan.Changes[i].Steps[j].Done) == 0 {
					list = append(list, c.ID+"/"+c.Steps[j].ID)
				}
				break
			}
		}
	}
	return list
}
