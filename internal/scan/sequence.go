package scan

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

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

// spillAfter is how many results a unit may hold in memory while it waits for
// its turn; beyond that they go to a temporary file.
const spillAfter = 4096

// queue holds the results of one unit until the units before it are out. The
// producer never waits: a unit that is not yet due spills to disk instead, so
// that a slow region holds up the output and not the reading.
type queue struct {
	mu     sync.Mutex
	ready  *sync.Cond
	memory []result
	spill  *spillFile
	due    bool
	closed bool
	err    error
}

func newQueue() *queue {
	q := &queue{}
	q.ready = sync.NewCond(&q.mu)
	return q
}

// put adds a page of results.
func (q *queue) put(results []result) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.memory = append(q.memory, results...)
	if !q.due && len(q.memory) >= spillAfter {
		if err := q.spillMemory(); err != nil {
			return err
		}
	}
	q.ready.Signal()
	return nil
}

func (q *queue) spillMemory() error {
	if q.spill == nil {
		file, err := newSpillFile()
		if err != nil {
			return err
		}
		q.spill = file
	}
	for i := range q.memory {
		if err := q.spill.encoder.Encode(&q.memory[i]); err != nil {
			return fmt.Errorf("keep waiting results on disk: %w", err)
		}
	}
	q.memory = q.memory[:0]
	return nil
}

// close says that the unit is read to its end, or why it is not.
func (q *queue) close(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed, q.err = true, err
	q.ready.Signal()
}

// drain hands out every result in order, as they come, until the unit is read.
func (q *queue) drain(handle func(result) error) error {
	q.mu.Lock()
	q.due = true
	spill := q.spill
	q.mu.Unlock()
	if spill != nil {
		if err := spill.read(handle); err != nil {
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
		q.ready.Wait()
	}
	page, q.memory = q.memory, nil
	return page, q.closed, q.err
}

// discard frees what the unit holds on disk.
func (q *queue) discard() {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.spill != nil {
		q.spill.remove()
		q.spill = nil
	}
}

// spillFile keeps results as lines of JSON in a file that only this user can
// read and that is gone when the program ends, however it ends.
type spillFile struct {
	file    *os.File
	buffer  *bufio.Writer
	encoder *json.Encoder
}

func newSpillFile() (*spillFile, error) {
	file, err := os.CreateTemp("", "holdfast-results-*")
	if err != nil {
		return nil, fmt.Errorf("keep waiting results on disk: %w", err)
	}
	// Unlinked at once where the system allows it: a kill leaves nothing behind.
	_ = os.Remove(file.Name())
	buffer := bufio.NewWriterSize(file, 1<<16)
	return &spillFile{file: file, buffer: buffer, encoder: json.NewEncoder(buffer)}, nil
}

func (s *spillFile) read(handle func(result) error) error {
	if err := s.buffer.Flush(); err != nil {
		return fmt.Errorf("keep waiting results on disk: %w", err)
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	decoder := json.NewDecoder(bufio.NewReaderSize(s.file, 1<<16))
	for {
		var next result
		err := decoder.Decode(&next)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read waiting results from disk: %w", err)
		}
		if err := handle(next); err != nil {
			return err
		}
	}
}

func (s *spillFile) remove() {
	_ = s.file.Close()
	_ = os.Remove(s.file.Name())
}
