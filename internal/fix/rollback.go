package fix

import (
	"context"
	"slices"
)

// undo takes back what a change did, the last step first.
func (s *session) undo(ctx context.Context, c *Change) error {
	status := s.status(c)
	begun := status.Undo != "" // an undo that was begun is brought to its end
	if status.Undo == StateUndone || !begun && !status.madeAny() || s.full() {
		return nil
	}
	if end := s.unwilling(c); end != nil {
		if status.Undo == end.state && status.Note == end.note {
			return nil
		}
		return s.settle(ctx, c, true, end)
	}
	if !s.turn(ctx) {
		return nil
	}
	if end, err := s.byHand(ctx, c); end != nil || err != nil {
		if err != nil {
			return err
		}
		return s.settle(ctx, c, true, end)
	}
	status = s.status(c)
	for _, step := range slices.Backward(c.Steps) {
		// A step that only has a way back goes with the others of its change.
		if done := status.step(step.ID); !done.made() && !(done.Back && !done.Done.IsZero()) {
			continue
		}
		end, err := s.takeBack(ctx, c, &step)
		if err != nil {
			return err
		}
		if end != nil {
			return s.settle(ctx, c, true, end)
		}
	}
	return s.settle(ctx, c, true, &stop{state: StateUndone})
}

// byHand finds the manual steps that a person did without telling the run: what
// was cut over by hand must be taken back by hand before anything under it is.
func (s *session) byHand(ctx context.Context, c *Change) (*stop, error) {
	for i := range c.Steps {
		step := &c.Steps[i]
		status := s.status(c)
		progress := status.step(step.ID)
		if step.Manual == "" || len(step.Done) == 0 || step.UndoManual == "" && step.Final == "" || !progress.Done.IsZero() || progress.Undo.State != "" {
			continue
		}
		a := forward(c, step)
		v, end := s.lookAt(ctx, a)
		if end != nil {
			end.state = StateUnconfirmed
			if ctx.Err() != nil {
				end.state = StateInterrupted
			}
			return end, nil
		}
		if !v.lasting(step.Done) {
			continue
		}
		done := s.event(EventDone, a)
		done.Note = "a person did it without telling the run"
		if err := s.record(ctx, done); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// unwilling is the stop of an undo that throws something away or opens
// something again, until a person says so.
func (s *session) unwilling(c *Change) *stop {
	switch {
	case c.Undo.Exposes != "" && !accepts(s.Options.Accept, c.Control):
		return &stop{state: StateSkipped, note: "undoing it exposes " + c.Undo.Exposes + ": needs --accept " + c.Control}
	case c.Undo.Loses != "" && !s.Options.AcceptLoss:
		return &stop{state: StateSkipped, note: "undoing it loses " + c.Undo.Loses + ": needs --accept-loss"}
	default:
		return nil
	}
}

// takeBack undoes one step, if there is anything to undo.
func (s *session) takeBack(ctx context.Context, c *Change, step *Step) (*stop, error) {
	if step.Undo == nil && step.UndoManual == "" {
		if step.Final != "" {
			return &stop{state: StateFinal, note: step.Title + ": " + step.Final}, nil
		}
		return nil, nil
	}
	made, end, err := s.made(ctx, forward(c, step))
	if !made || end != nil || err != nil {
		return end, err
	}
	return s.perform(ctx, backward(c, step))
}

// made settles whether a step took effect, where nobody knows its answer or
// its effect has not shown yet: undoing what was never done could undo
// somebody else's work, and undoing it too early would be overtaken.
func (s *session) made(ctx context.Context, a *act) (made bool, end *stop, err error) {
	status := s.status(a.change)
	if status.step(a.step.ID).Undo.State != "" {
		return true, nil, nil // settled when the undo was begun
	}
	if a.call != nil && s.progress(a).State == StateCalling {
		if end, err := s.recover(ctx, a); end != nil || err != nil {
			return false, end, err
		}
	}
	progress := s.progress(a)
	switch {
	case progress.State == StateFailed:
		return false, nil, nil
	case !progress.Done.IsZero():
		return true, nil, nil
	}
	v, end := s.lookAt(ctx, a)
	if end != nil {
		return false, end, nil
	}
	if a.accepted(v) || v.lasting(a.done) {
		return true, nil, nil
	}
	end, err = s.await(ctx, a)
	return true, end, err
}
