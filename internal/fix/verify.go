package fix

import "context"

// reverify reads and judges one change of a run again, without any call that
// changes something.
func (s *session) reverify(ctx context.Context, c *Change) error {
	if ctx.Err() != nil {
		return nil
	}
	status := s.status(c)
	if status.Undo != "" {
		return nil
	}
	switch status.State {
	case StateVerified, StatePending, StateNotVerified, StateUnconfirmed:
	default:
		return s.rejudge(ctx, c, &status)
	}
	for i := range c.Steps {
		end, err := s.confirm(ctx, forward(c, &c.Steps[i]))
		if err != nil {
			return err
		}
		if end != nil {
			return s.settle(ctx, c, false, end)
		}
	}
	return s.verify(ctx, c)
}

// confirm looks once whether a step took effect.
func (s *session) confirm(ctx context.Context, a *act) (*stop, error) {
	progress := s.progress(a)
	if !progress.Done.IsZero() {
		return nil, nil
	}
	v, end := s.lookAt(ctx, a)
	switch {
	case end != nil:
		return end, nil
	case v.all(a.done):
		return nil, s.record(ctx, s.event(EventDone, a))
	case progress.State == StateCalled || progress.State == StateAlready:
		return s.late(a, v, nil), nil
	default:
		return &stop{state: StateInterrupted, note: "not every step was made: resume the run"}, nil
	}
}

// rejudge judges a change that was not carried through: its state stays what
// it is, and the verdict of the control today is added.
func (s *session) rejudge(ctx context.Context, c *Change, status *ChangeStatus) error {
	e, err := s.verdict(ctx, c)
	if err != nil {
		return s.settle(ctx, c, false, &stop{state: status.State, note: status.Note, problem: NewProblem(err), moves: status.Moves})
	}
	return s.record(ctx, &Event{
		Kind: EventChange, Change: c.ID, State: status.State, Note: status.Note,
		Problem: status.Problem, Moves: status.Moves, Compliance: e.Compliance,
	})
}
