package atomicfile

import (
	"bufio"
	"errors"
	"os"
	"path/filepath"
)

// File is a file that is being written. Nothing is at its path until Commit.
type File struct {
	path   string
	temp   *os.File
	buffer *bufio.Writer
}

// Create starts a file that only its owner may read.
func Create(path string) (*File, error) {
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return nil, err
	}
	return &File{path: path, temp: temp, buffer: bufio.NewWriterSize(temp, 1<<16)}, nil
}

// Write implements io.Writer.
func (f *File) Write(data []byte) (int, error) { return f.buffer.Write(data) }

// Commit puts the file in its place, after it has reached the disk. Whatever
// stood there before is replaced.
func (f *File) Commit() error {
	err := errors.Join(f.buffer.Flush(), f.temp.Sync(), f.temp.Close())
	if err == nil {
		err = os.Rename(f.temp.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(f.temp.Name())
	}
	return err
}

// Abort throws the file away. What stood at its path is untouched. It may be
// called after Commit and then does nothing.
func (f *File) Abort() {
	if f.temp.Close() == nil {
		_ = os.Remove(f.temp.Name())
	}
}
