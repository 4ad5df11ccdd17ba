package fix

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Runner applies plans and undoes what was applied.
type Runner struct {
	Applier Applier
	Journal Journal
	// Judge makes the judge for the controls and parameters of a plan.
	Judge func(*Plan) (Judge, error)
	// Excepted returns the exception that covers a control on a resource as it
	// is now, or nil. It may be nil itself.
	Excepted func(control string, r *resource.Resource) *finding.Exception
	Clock    Clock
	// Random serves for the ids of runs.
	Random  io.Reader
	Version string
	// Access is kept in the journal.
	Access  Access
	Options Options
	// Observe, if set, is told of every event and every wait, one at a time.
	Observe func(Notice)
}

// Options bound what a runner does.
type Options struct {
	// Accept holds the ids of controls whose changes are accepted by name.
	Accept []string
	// Confirm holds the manual steps, as change/step, that a person confirms
	// where nothing that can be read would prove them.
	Confirm []string
	// AcceptLoss allows a rollback to throw away what an undo throws away.
	AcceptLoss bool
	// MaxChanges refuses a plan with more changes than this; 0 for no limit.
	MaxChanges int
	// MaxFailures stops starting changes after so many went wrong; 0 for no limit.
	MaxFailures int
	// Concurrency is how many resources are worked on at once; 0 means 1. The
	// changes of one resource always follow one another.
	Concurrency int
	// Pace bounds how many changes are started per minute; 0 for no bound.
	Pace int
	// Timeout bounds the wait for the effect of a step in place of the step's
	// own bound.
	Timeout time.Duration
	// Poll is the first pause between two reads while waiting; it grows to
	// eight times that. 0 means 3 seconds.
	Poll time.Duration
	// Settle bounds the wait for a resource to take changes, and for a state
	// that is neither before nor after to become clear. 0 means 5 minutes.
	Settle time.Duration
}

// The bounds that hold where nothing else is said. Five minutes is how long
// Terraform's provider retries a cluster that is busy.
const (
	defaultTimeout = 15 * time.Minute
	defaultPoll    = 3 * time.Second
	defaultSettle  = 5 * time.Minute
	maxAttempts    = 10
	callTimeout    = 2 * time.Minute
)

// Notice is one sign of life of a runner.
type Notice struct {
	Run    string
	Change *Change // nil for the run as a whole
	Step   *Step   // nil for the change as a whole
	// Event is what was journaled; nil while waiting.
	Event *Event
	// Undo is true while undoing.
	Undo bool
	// Wait says what is waited for; empty unless waiting.
	Wait           string
	Elapsed, Limit time.Duration
}

// TooManyError refuses a plan with more changes than allowed, before anything
// is done.
type TooManyError struct{ Changes, Limit int }

func (e *TooManyError) Error() string {
	return fmt.Sprintf("the plan has %d changes, and at most %d are allowed: nothing was done", e.Changes, e.Limit)
}

// Hint names the flag that allows them.
func (e *TooManyError) Hint() string {
	return fmt.Sprintf("holdfast fix apply PLAN --max-changes %d", e.Changes)
}

// RolledBackError refuses to go on with a run whose rollback was begun.
type RolledBackError struct{ Run string }

func (e *RolledBackError) Error() string {
	return fmt.Sprintf("run %s is being rolled back or was: it cannot go on", e.Run)
}

// Hint names the command that makes a new plan.
func (e *RolledBackError) Hint() string { return "holdfast fix plan --out plan.json" }

// Apply applies a sealed plan as a new run, and nothing but the plan. The
// status tells what became of each change; the error is not nil only when the
// plan was refused as a whole or the journal could not be written. When ctx
// ends, no further step is begun and the call under way is awaited.
func (r *Runner) Apply(ctx context.Context, p *Plan) (*RunStatus, error) {
	digest, err := p.digest()
	if err != nil {
		return nil, err
	}
	if digest != p.Digest {
		return nil, errPlanEdited
	}
	if n := r.applicable(p); r.Options.MaxChanges > 0 && n > r.Options.MaxChanges {
		return nil, &TooManyError{Changes: n, Limit: r.Options.MaxChanges}
	}
	id, err := r.newID()
	if err != nil {
		return nil, err
	}
	run := &Run{ID: id, Created: r.now(), Digest: p.Digest, Changes: len(p.Changes), Plan: p}
	return r.locked(ctx, id, func() (*RunStatus, error) {
		if err := r.Journal.Create(context.WithoutCancel(ctx), run); err != nil {
			return nil, err
		}
		return r.work(ctx, foldRun(run, nil), ModeApply)
	})
}

// applicable counts the changes that are not held back for want of acceptance.
func (r *Runner) applicable(p *Plan) int {
	n := 0
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Accept == "" || accepts(r.Options.Accept, c.Control) {
			n++
		}
	}
	return n
}

// Resume goes on with a run that was killed or interrupted, that waits for a
// person or in which something failed. A step that was under way is read, not
// guessed: a call that took effect is not made again.
func (r *Runner) Resume(ctx context.Context, id string) (*RunStatus, error) {
	return r.reopen(ctx, id, ModeResume)
}

// Verify reads the resources of a run again and judges them. It changes nothing.
func (r *Runner) Verify(ctx context.Context, id string) (*RunStatus, error) {
	return r.reopen(ctx, id, ModeVerify)
}

// Rollback takes back, newest first, what a run changed, from the journal
// alone. It can be interrupted, killed and repeated.
func (r *Runner) Rollback(ctx context.Context, id string) (*RunStatus, error) {
	return r.reopen(ctx, id, ModeRollback)
}

func (r *Runner) reopen(ctx context.Context, id, mode string) (*RunStatus, error) {
	run, _, err := load(ctx, r.Journal, id)
	if err != nil {
		return nil, err
	}
	return r.locked(ctx, run.ID, func() (*RunStatus, error) {
		// Read once more: another process may have worked until the lock was free.
		run, events, err := load(ctx, r.Journal, run.ID)
		if err != nil {
			return nil, err
		}
		f := foldRun(run, events)
		if mode == ModeResume && f.rollingBack() {
			return nil, &RolledBackError{Run: run.ID}
		}
		return r.work(ctx, f, mode)
	})
}

func (r *Runner) locked(ctx context.Context, id string, work func() (*RunStatus, error)) (status *RunStatus, err error) {
	release, err := r.Journal.Lock(ctx, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, release()) }()
	return work()
}

// now is the time as the journal keeps it.
func (r *Runner) now() time.Time { return r.Clock.Now().UTC().Truncate(time.Millisecond) }

// newID makes an id that sorts by time and that people can tell apart.
func (r *Runner) newID() (string, error) {
	var random [3]byte
	if _, err := io.ReadFull(r.Random, random[:]); err != nil {
		return "", fmt.Errorf("id of the run: %w", err)
	}
	return r.now().Format("20060102-150405-") + hex.EncodeToString(random[:]), nil
}

func accepts(list []string, control string) bool {
	return slices.ContainsFunc(list, func(id string) bool { return strings.EqualFold(id, control) })
}

func (o *Options) poll() time.Duration {
	if o.Poll > 0 {
		return o.Poll
	}
	return defaultPoll
}

func (o *Options) settle() time.Duration {
	if o.Settle > 0 {
		return o.Settle
	}
	return defaultSettle
}

func (o *Options) timeout(s *Step) time.Duration {
	switch {
	case o.Timeout > 0:
		return o.Timeout
	case s.Timeout > 0:
		return time.Duration(s.Timeout) * time.Second
	default:
		return defaultTimeout
	}
}
