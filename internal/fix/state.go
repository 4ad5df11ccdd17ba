package fix

// State is what a change, a step or the undoing of either came to.
type State string

// The states of a change.
const (
	StateNotStarted  State = "not-started"
	StateRunning     State = "running"
	StateVerified    State = "verified"     // read again, and the control passes
	StatePending     State = "pending"      // accepted by the service, does not count yet
	StateWaiting     State = "waiting"      // for a person
	StateSkipped     State = "skipped"      // left alone on purpose
	StateInterrupted State = "interrupted"  // stopped between steps; resume goes on
	StateRefused     State = "refused"      // not as it was planned upon, or unread: nothing was done
	StateFailed      State = "failed"       // the service refused a call
	StateNotVerified State = "not-verified" // every step is done, yet the control does not pass
	StateUnconfirmed State = "unconfirmed"  // a call was accepted, but its effect could not be seen
	StateUnclear     State = "unclear"      // neither before nor after: a person must look
)

// The states that only the undoing of a change comes to.
const (
	StateUndone State = "undone" // what was there before is there again
	StateFinal  State = "final"  // it cannot be undone
)

// The states of a step, beside Waiting, Failed and NotStarted.
const (
	StateCalling State = "calling" // the call is journaled, its answer is not
	StateCalled  State = "called"  // accepted; its effect is waited for
	StateDone    State = "done"
	StateAlready State = "already" // what the step is for was there already
)

// class sorts the states for an exit code.
type class uint8

const (
	classGood class = iota
	classOpen       // something is still to come
	classBad
)

func (s State) class() class {
	switch s {
	case StateVerified, StateUndone:
		return classGood
	case StateRefused, StateFailed, StateNotVerified, StateUnconfirmed, StateUnclear, StateFinal:
		return classBad
	default:
		return classOpen
	}
}

// Bad reports whether the state says that something went wrong.
func (s State) Bad() bool { return s.class() == classBad }
