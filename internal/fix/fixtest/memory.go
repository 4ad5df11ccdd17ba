package fixtest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/holdfast-aws/holdfast/internal/fix"
)

// Memory is a fix.Journal in memory. Like a real one it keeps copies, so that
// a test sees only what was handed over.
type Memory struct {
	mu     sync.Mutex
	runs   []fix.Run
	events map[string][]fix.Event
	locked map[string]bool
	seq    int64
}

var _ fix.Journal = (*Memory)(nil)

// NewMemory makes an empty journal.
func NewMemory() *Memory {
	return &Memory{events: make(map[string][]fix.Event), locked: make(map[string]bool)}
}

// Create implements fix.Journal.
func (m *Memory) Create(_ context.Context, run *fix.Run) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if slices.ContainsFunc(m.runs, func(r fix.Run) bool { return r.ID == run.ID }) {
		return fmt.Errorf("run %s is there already", run.ID)
	}
	var copied fix.Run
	if err := copyJSON(run, &copied); err != nil {
		return err
	}
	m.runs = append(m.runs, copied)
	return nil
}

// Run implements fix.Journal.
func (m *Memory) Run(_ context.Context, id string) (*fix.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for i := range m.runs {
		if m.runs[i].ID == id {
			var copied fix.Run
			return &copied, copyJSON(&m.runs[i], &copied)
		}
	}
	return nil, &fix.NoRunError{ID: id, Journal: "in memory"}
}

// Runs implements fix.Journal.
func (m *Memory) Runs(context.Context) ([]fix.Run, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	runs := slices.Clone(m.runs)
	slices.Reverse(runs)
	for i := range runs {
		runs[i].Plan = nil
	}
	return runs, nil
}

// Append implements fix.Journal.
func (m *Memory) Append(_ context.Context, run string, e *fix.Event) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !slices.ContainsFunc(m.runs, func(r fix.Run) bool { return r.ID == run }) {
		return &fix.NoRunError{ID: run, Journal: "in memory"}
	}
	m.seq++
	e.Seq = m.seq
	var copied fix.Event
	if err := copyJSON(e, &copied); err != nil {
		return err
	}
	m.events[run] = append(m.events[run], copied)
	return nil
}

// Events implements fix.Journal.
func (m *Memory) Events(_ context.Context, run string) ([]fix.Event, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.events[run]), nil
}

// Lock implements fix.Journal.
func (m *Memory) Lock(_ context.Context, run string) (func() error, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.locked[run] {
		return nil, &fix.LockedError{Run: run}
	}
	m.locked[run] = true
	return func() error {
		m.mu.Lock()
		defer m.mu.Unlock()
		delete(m.locked, run)
		return nil
	}, nil
}

// UnlockAll frees every run, as the operating system does when a process dies.
func (m *Memory) UnlockAll() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.locked)
}

func copyJSON(from, to any) error {
	data, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, to)
}
