package scan

import (
	"sync"
	"sync/atomic"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// result is one thing that a unit says: a finding or a resource, or both, or a
// gap. An empty one stands for a resource whose properties nobody needs.
type result struct {
	Finding  *finding.Finding   `json:"finding,omitempty"`
	Resource *resource.Resource `json:"resource,omitempty"`
	Gap      *finding.Gap       `json:"gap,omitempty"`
}

const (
	// waitingInMemory is how many results of all units together may wait for
	// their turn in memory; those beyond it go to a temporary file.
	waitingInMemory = 16_384
	// ahead is how many results the unit whose turn it is may be ahead of what
	// takes them.
	ahead = 4096
)

// waiting is what the queues of one scan share.
type waiting struct {
	held  atomic.Int64 // results in memory
	spill spill
}

// queue holds the results of one unit until the units before it are out. A unit
// that is not yet due goes on reading: a slow region holds up the output and
// not the others. Memory does not grow with what waits, which goes to disk, nor
// with a slow output, for which the unit then waits.
type queue struct {
	waiting *waiting
	mu      sync.Mutex
	changed *sync.Cond
	memory  []result
	spilled []segment // older than what is in memory

	due, closed, abandoned bool
	err                    error
}

func newQueue(shared *waiting) *queue {
	q := &queue{waiting: shared}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// put adds a page of results. It returns when there is room for another.
func (q *queue) put(results []result) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.abandoned {
		return
	}
	q.memory = append(q.memory, results...)
	over := q.waiting.held.Add(int64(len(results))) > waitingInMemory
	q.changed.Signal()
	if !q.due && over && !q.spillMemory() {
		// The disk takes no more: the unit waits for its turn instead.
		for !q.due && !q.abandoned {
			q.changed.Wait()
		}
	}
	for q.due && len(q.memory) >= ahead && !q.abandoned {
		q.changed.Wait()
	}
}

// spillMemory moves what waits in memory to disk and reports whether it could.
func (q *queue) spillMemory() bool {
	written, err := q.waiting.spill.write(q.memory)
	if err != nil {
		return false
	}
	q.spilled = append(q.spilled, written)
	q.waiting.held.Add(-int64(len(q.memory)))
	q.memory = nil
	return true
}

// close says that the unit is read to its end, or why it is not.
func (q *queue) close(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.err = true, err
	q.changed.Signal()
}

// abandon says that nobody takes the results any more.
func (q *queue) abandon() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.abandoned, q.memory = true, nil
	q.changed.Signal()
}

// drain hands out every result in order, as they come, until the unit is read.
func (q *queue) drain(handle func(result) error) error {
	q.mu.Lock()
	q.due = true
	spilled := q.spilled
	q.changed.Signal()
	q.mu.Unlock()
	for _, one := range spilled {
		if err := q.waiting.spill.read(one, handle); err != nil {
			return err
		}
	}
	for {
		page, done, err := q.next()
		for i := range page {
			if err := handle(page[i]); err != nil {
				return err
			}
		}
		if done {
			return err
		}
	}
}

func (q *queue) next() (page []result, done bool, err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.memory) == 0 && !q.closed {
		q.changed.Wait()
	}
	page, q.memory = q.memory, nil
	q.waiting.held.Add(-int64(len(page)))
	q.changed.Signal()
	return page, q.closed, q.err
}
