package fix

import (
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Event is one line of a run's journal.
type Event struct {
	// Seq counts the events of a journal upwards; the journal sets it.
	Seq int64     `json:"seq"`
	At  time.Time `json:"at"` // UTC
	// Kind is one of the Event constants.
	Kind string `json:"kind"`
	// Change and Step are the ids that the event is about; empty for the run.
	Change string `json:"change,omitempty"`
	Step   string `json:"step,omitempty"`
	// Undo marks events of a rollback.
	Undo bool `json:"undo,omitempty"`

	// Session describes the work that begins, for EventBegan.
	Session *Session `json:"session,omitempty"`
	// State is what the run or the change came to, for EventEnded and EventChange.
	State State `json:"state,omitempty"`
	// Call is what is about to be called, for EventIntent.
	Call *Call `json:"call,omitempty"`
	// Problem is what went wrong, if something did.
	Problem *Problem `json:"problem,omitempty"`
	// Moves are the conditions that did not hold.
	Moves []Move `json:"moves,omitempty"`
	// Drift are properties that somebody else changed meanwhile.
	Drift []Move `json:"drift,omitempty"`
	// Values are properties as they were read before the first step.
	Values map[string]resource.Value `json:"values,omitempty"`
	// Compliance is the verdict of the control, for a change that was judged.
	Compliance finding.Status `json:"compliance,omitempty"`
	Restorable *Restorable    `json:"restorable,omitempty"`
	Note       string         `json:"note,omitempty"`
}

// The kinds of event.
const (
	EventBegan   = "began"   // somebody began to work on the run
	EventEnded   = "ended"   // and stopped
	EventChange  = "change"  // a change came to a state
	EventBefore  = "before"  // the properties before the first step
	EventAlready = "already" // what the step is for was there already
	EventIntent  = "intent"  // the call is about to be made
	EventOutcome = "outcome" // the call was answered, or found to have taken effect
	EventDone    = "done"    // what proves the step was read, or a person confirmed it
)

// Session is one command's work on a run.
type Session struct {
	// Mode is apply, resume, verify or rollback.
	Mode string `json:"mode"`
	// Version is that of the program.
	Version string `json:"version,omitempty"`
	// Accept holds the control ids that were accepted by name.
	Accept     []string `json:"accept,omitempty"`
	AcceptLoss bool     `json:"acceptLoss,omitempty"`
	Access     Access   `json:"access,omitzero"`
}

// Access is how the accounts were entered, so that a later command on the same
// run enters them alike. It names credentials and never holds any.
type Access struct {
	Profile string   `json:"profile,omitempty"`
	Roles   []string `json:"roles,omitempty"`
	// ExternalID goes with the roles. AWS does not count it as a secret.
	ExternalID string `json:"externalId,omitempty"`
}

// IsZero reports whether the process's own credentials were used.
func (a Access) IsZero() bool { return a.Profile == "" && len(a.Roles) == 0 }

// The modes of a session.
const (
	ModeApply    = "apply"
	ModeResume   = "resume"
	ModeVerify   = "verify"
	ModeRollback = "rollback"
)

// Move is a property that is not as it was or should be.
type Move struct {
	Resource resource.Ref `json:"resource"`
	// Property is empty when the resource itself is there or gone.
	Property string         `json:"property,omitempty"`
	Expected string         `json:"expected"`
	Planned  resource.Value `json:"planned,omitzero"`
	Now      resource.Value `json:"now,omitzero"`
	// Found says in words what is there now.
	Found string `json:"found"`
	// Unread is true when the property could not be read.
	Unread bool `json:"unread,omitempty"`
}

// Problem is something that went wrong, and what a person can do.
type Problem struct {
	// Class is one of the Class constants.
	Class   string `json:"class"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	Request string `json:"request,omitempty"`
	// Next says what to do.
	Next string `json:"next,omitempty"`
}
