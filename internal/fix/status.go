package fix

import (
	"context"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// RunStatus is everything that the journal knows of a run.
type RunStatus struct {
	Run     string    `json:"run"`
	Created time.Time `json:"created"`
	Digest  string    `json:"digest"`
	// State is one of the Run constants.
	State string `json:"state"`
	// Sessions are the commands that worked on the run, oldest first.
	Sessions []SessionStatus `json:"sessions"`
	// Counts counts the changes by state, and Undos those that a rollback
	// touched by the state of their undoing.
	Counts  map[State]int  `json:"counts"`
	Undos   map[State]int  `json:"undos,omitempty"`
	Changes []ChangeStatus `json:"changes"`
	// Source names the files of code that the plan changed too. No rollback
	// takes that back.
	Source []string `json:"source,omitempty"`
	// Next are the commands that lead on from here.
	Next []string `json:"next,omitempty"`
}

// The states of a run.
const (
	RunWorking    = "working"     // a process works on it now
	RunComplete   = "complete"    // every change is verified
	RunIncomplete = "incomplete"  // nothing failed, but something is still to come
	RunFailed     = "failed"      // something failed or could not be verified
	RunStopped    = "stopped"     // the process ended in the middle of the work
	RunRolledBack = "rolled-back" // whatever was done is undone
)

// SessionStatus is one command's work on a run.
type SessionStatus struct {
	Session
	Began time.Time `json:"began"`
	// Ended is zero when the process was killed, or still works.
	Ended       time.Time `json:"ended,omitzero"`
	Interrupted bool      `json:"interrupted,omitempty"`
	Note        string    `json:"note,omitempty"`
}

// ChangeStatus is how far one change is.
type ChangeStatus struct {
	ID       string           `json:"id"`
	Control  string           `json:"control"`
	Severity finding.Severity `json:"severity"`
	Resource resource.Ref     `json:"resource"`
	Summary  string           `json:"summary"`
	// Sets holds the values before, which a rollback restores, and after.
	Sets  []Setting `json:"sets,omitempty"`
	State State     `json:"state"`
	// Undo is empty until a rollback touches the change.
	Undo State `json:"undo,omitempty"`
	// UndoImpact is what those who use the resource notice while the change is
	// taken back; empty for nothing.
	UndoImpact string `json:"undoImpact,omitempty"`
	// Note says in a sentence why the change is in its state.
	Note       string         `json:"note,omitempty"`
	Problem    *Problem       `json:"problem,omitempty"`
	Moves      []Move         `json:"moves,omitempty"`
	Drift      []Move         `json:"drift,omitempty"`
	Compliance finding.Status `json:"compliance,omitempty"`
	Restorable *Restorable    `json:"restorable,omitempty"`
	Began      time.Time      `json:"began,omitzero"`
	Changed    time.Time      `json:"changed,omitzero"` // when it came to its state
	Steps      []StepStatus   `json:"steps"`

	// values are the properties before the first step.
	values map[string]resource.Value
}

// StepStatus is how far one step is.
type StepStatus struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Manual string `json:"manual,omitempty"`
	// Back marks a step that only has a way back: nothing is done going forward.
	Back bool `json:"back,omitempty"`
	// Progress is that of the step, and Undo that of taking it back.
	Progress
	Undo Progress `json:"undo,omitzero"`
}

// Progress is what the journal says of one call, or of one act of a person.
type Progress struct {
	State State `json:"state,omitempty"`
	// Intents counts how often the call was about to be made.
	Intents int       `json:"intents,omitempty"`
	Intent  time.Time `json:"intent,omitzero"`
	Outcome time.Time `json:"outcome,omitzero"`
	Done    time.Time `json:"done,omitzero"`
	Problem *Problem  `json:"problem,omitempty"`

	// seq is that of the first intent, for "newest first".
	seq int64
}

// made reports whether the step may have changed something: its call was
// accepted, or nobody knows whether it was, or a person did it.
func (s *StepStatus) made() bool {
	if s.Back {
		return false
	}
	switch s.State {
	case StateCalling, StateCalled, StateDone:
		return true
	default:
		return false
	}
}

// touched reports whether a call was ever about to be made for the change.
func (c *ChangeStatus) touched() bool {
	for i := range c.Steps {
		if c.Steps[i].Intents > 0 {
			return true
		}
	}
	return false
}

// madeAny reports whether anything of the change may stand to be taken back.
func (c *ChangeStatus) madeAny() bool {
	for i := range c.Steps {
		if c.Steps[i].made() {
			return true
		}
	}
	return false
}

// Status tells how far a run is, from the journal alone. An empty id means the
// newest run.
func Status(ctx context.Context, journal Journal, id string) (*RunStatus, error) {
	run, events, err := load(ctx, journal, id)
	if err != nil {
		return nil, err
	}
	status := foldRun(run, events).status()
	if status.State == RunStopped || status.State == RunWorking {
		status.State = RunStopped
		if working, err := worked(ctx, journal, run.ID); err != nil {
			return nil, err
		} else if working {
			status.State = RunWorking
			status.Next = []string{"holdfast fix status " + run.ID}
		}
	}
	return status, nil
}

// RunSummary is one line of the list of runs.
type RunSummary struct {
	Run
	State  string        `json:"state"`
	Counts map[State]int `json:"counts"`
	Undos  map[State]int `json:"undos,omitempty"`
}

// Runs lists all runs of the journal, newest first, with their states.
func Runs(ctx context.Context, journal Journal) ([]RunSummary, error) {
	runs, err := journal.Runs(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]RunSummary, 0, len(runs))
	for _, run := range runs {
		status, err := Status(ctx, journal, run.ID)
		if err != nil {
			return nil, err
		}
		out = append(out, RunSummary{Run: run, State: status.State, Counts: status.Counts, Undos: status.Undos})
	}
	return out, nil
}
