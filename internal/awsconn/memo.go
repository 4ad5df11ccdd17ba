package awsconn

import "sync"

// Memo remembers what was read once and is needed by several readers of one
// scan, such as the backup plans of a region. It is safe for use by many
// goroutines at once.
type Memo struct {
	mu   sync.Mutex
	held map[any]any
}

// NewMemo makes an empty memo.
func NewMemo() *Memo { return &Memo{held: make(map[any]any)} }

// Recall returns what is remembered under a key, or else reads it. Of several
// that ask at the same time one reads, and the others wait for it. What read
// says not to keep is read again by the next one. A nil memo always reads.
func Recall[T any](m *Memo, key any, read func() (value T, keep bool)) T {
	if m == nil {
		value, _ := read()
		return value
	}
	m.mu.Lock()
	entry, ok := m.held[key].(*recalled[T])
	if !ok {
		entry = &recalled[T]{}
		m.held[key] = entry
	}
	m.mu.Unlock()
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if entry.kept {
		return entry.value
	}
	value, keep := read()
	if keep {
		entry.value, entry.kept = value, true
	}
	return value
}

type recalled[T any] struct {
	mu    sync.Mutex
	value T
	kept  bool
}
