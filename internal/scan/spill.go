package scan

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// spill keeps results as lines of JSON in one file for all units. Only this
// user can read it, and it is gone when the program ends, however it ends.
type spill struct {
	mu   sync.Mutex
	file *os.File // nil until something is written
	size int64
}

// segment is where results stand in the file.
type segment struct{ from, length int64 }

// write adds results. After an error the file holds what it held before.
func (s *spill) write(results []result) (segment, error) {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for i := range results {
		if err := encoder.Encode(&results[i]); err != nil {
			return segment{}, fmt.Errorf("keep waiting results on disk: %w", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file == nil {
		file, err := os.CreateTemp("", "holdfast-results-*")
		if err != nil {
			return segment{}, fmt.Errorf("keep waiting results on disk: %w", err)
		}
		// Unlinked at once where the system allows it: a kill leaves nothing behind.
		_ = os.Remove(file.Name())
		s.file = file
	}
	if _, err := s.file.WriteAt(lines.Bytes(), s.size); err != nil {
		return segment{}, fmt.Errorf("keep waiting results on disk: %w", err)
	}
	written := segment{from: s.size, length: int64(lines.Len())}
	s.size += written.length
	return written, nil
}

func (s *spill) read(where segment, handle func(result) error) error {
	lines := io.NewSectionReader(s.file, where.from, where.length)
	decoder := json.NewDecoder(bufio.NewReaderSize(lines, 1<<16))
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

// remove frees the disk.
func (s *spill) remove() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		_ = s.file.Close()
		_ = os.Remove(s.file.Name())
	}
}
