package fix

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// ErrGone is what a Reader returns for a resource that does not exist. A
// resource of another type under the same name is gone as well.
var ErrGone = errors.New("the resource does not exist")

// Reader reads single resources.
type Reader interface {
	// Read returns the resource with at least the named properties, and its
	// reference filled in as far as the service tells, UID above all. The
	// reference given may hold no more than type, id, account and region. A
	// property that could not be read is present as unknown; one that was read
	// and is not there is left out. An error means that nothing could be read:
	// ErrGone, a *CallError, or another.
	Read(ctx context.Context, ref resource.Ref, properties []string) (*resource.Resource, error)
}

// Applier reads resources and makes calls that change them.
type Applier interface {
	Reader
	// Call makes one call, retrying only what the service refused because it
	// came too fast. A refusal is a *CallError.
	Call(ctx context.Context, call *Call) error
}

// CallError is a call that the service refused, or that was not answered.
type CallError struct {
	Operation string `json:"operation"`
	// Code is the service's error code as it stands on the wire, for example
	// InvalidDBClusterStateFault; empty when there was no answer.
	Code    string `json:"code,omitempty"`
	Message string `json:"message"`
	// Request is the service's id of the request.
	Request string `json:"request,omitempty"`
	// Uncertain is true when no answer came, so that the call may have taken
	// effect: a cut connection, a timeout, a 5xx answer.
	Uncertain bool `json:"uncertain,omitempty"`
}

func (e *CallError) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("%s: %s", e.Operation, e.Message)
	}
	return fmt.Sprintf("%s: %s: %s", e.Operation, e.Code, e.Message)
}

// Judge tells whether a control passes.
type Judge interface {
	// Reads lists the properties that judging the control takes.
	Reads(control string) []string
	// Watches lists the properties of a resource type that people set and that
	// come with the same read; a change of theirs during a run is reported.
	Watches(typ string) []string
	// Judge returns the finding, or nil when the control does not apply.
	Judge(control string, r *resource.Resource) (*finding.Finding, error)
}

// Journal keeps runs. Every method is safe for use by many goroutines, and
// runs and events are never changed or removed.
type Journal interface {
	// Create stores a new run with its plan.
	Create(ctx context.Context, run *Run) error
	// Run returns a run with its plan, or a *NoRunError.
	Run(ctx context.Context, id string) (*Run, error)
	// Runs lists the runs without their plans, the one that was created last
	// first: by the order of Create, since a clock can be set back.
	Runs(ctx context.Context) ([]Run, error)
	// Append adds an event and sets its Seq. When it returns, the event has
	// reached the disk.
	Append(ctx context.Context, run string, event *Event) error
	// Events returns the events of a run in the order of Append.
	Events(ctx context.Context, run string) ([]Event, error)
	// Lock makes this process the only one that works on the run until release
	// is called or the process ends, however it ends. It waits no more than a moment: the run
	// of another is a *LockedError.
	Lock(ctx context.Context, run string) (release func() error, err error)
}

// Run is one application of a plan.
type Run struct {
	ID      string    `json:"run"`
	Created time.Time `json:"created"`
	// Digest is that of the plan, and Changes counts its changes.
	Digest  string `json:"digest"`
	Changes int    `json:"changes"`
	// Plan is nil in a list of runs.
	Plan *Plan `json:"plan,omitempty"`
}

// NoRunError says that the journal has no such run.
type NoRunError struct {
	ID string
	// Journal is where was looked.
	Journal string
}

func (e *NoRunError) Error() string {
	if e.ID == "" {
		return fmt.Sprintf("the journal %s holds no run", e.Journal)
	}
	return fmt.Sprintf("the journal %s holds no run %s", e.Journal, e.ID)
}

// Hint names a command that lists the runs.
func (e *NoRunError) Hint() string { return "holdfast fix status" }

// LockedError says that another live process works on the run.
type LockedError struct {
	Run string
	// Holder tells which process it is, as far as that is known.
	Holder string
}

func (e *LockedError) Error() string {
	if e.Holder == "" {
		return fmt.Sprintf("run %s is being worked on by another process", e.Run)
	}
	return fmt.Sprintf("run %s is being worked on by %s", e.Run, e.Holder)
}

// Hint names a command that tells how far the run is.
func (e *LockedError) Hint() string { return "holdfast fix status " + e.Run }

// Clock tells the time and waits.
type Clock interface {
	Now() time.Time
	// Sleep waits for the duration, or returns the context's error when it ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// WallClock is the Clock of the machine.
type WallClock struct{}

// Now implements Clock.
func (WallClock) Now() time.Time { return time.Now() }

// Sleep implements Clock.
func (WallClock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
