package code

import (
	"fmt"
	"io"
	"os"
	"sync"
)

// maxFile bounds a file that is edited, in bytes. Code that people write by
// hand is far below it.
const maxFile = 16 << 20

// Files reads each file once, so that every spot of a plan refers to the same
// content. It is safe for use by many goroutines.
type Files struct {
	mu   sync.Mutex
	read map[string]*file
}

type file struct {
	content []byte
	err     error

	parsed   any
	parseErr error
	once     sync.Once
}

// NewFiles returns an empty cache.
func NewFiles() *Files { return &Files{read: make(map[string]*file)} }

// Content returns what the file holds; the caller must not change it.
func (f *Files) Content(path string) ([]byte, error) {
	one := f.file(path)
	return one.content, one.err
}

// Parsed returns what a language makes of a file's content, which it is asked
// for once.
func (f *Files) Parsed(path string, parse func(content []byte) (any, error)) (any, error) {
	one := f.file(path)
	if one.err != nil {
		return nil, one.err
	}
	one.once.Do(func() { one.parsed, one.parseErr = parse(one.content) })
	return one.parsed, one.parseErr
}

func (f *Files) file(path string) *file {
	f.mu.Lock()
	defer f.mu.Unlock()
	one := f.read[path]
	if one == nil {
		one = &file{}
		one.content, one.err = readBounded(path)
		f.read[path] = one
	}
	return one
}

func readBounded(path string) ([]byte, error) {
	in, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	content, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err == nil && len(content) > maxFile {
		err = fmt.Errorf("%s is larger than %d MB", path, maxFile>>20)
	}
	return content, err
}
