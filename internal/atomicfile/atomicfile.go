package atomicfile

import (
	"bufio"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// File is a file that is being written. Nothing is at its path until Commit.
type File struct {
	path   string
	temp   *os.File
	buffer *bufio.Writer
	direct bool // temp is what stands at the path
}

// Create starts a file that only its owner may read. A symbolic link keeps
// pointing to the file it points to. What is no file, such as a pipe or a
// device, cannot be put in place of another: it is written to as it is.
func Create(path string) (*File, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil: // nothing is there yet, or the next step tells
	case info.IsDir():
		return nil, &fs.PathError{Op: "write", Path: path, Err: errors.New("it is a directory")}
	case !info.Mode().IsRegular():
		opened, err := os.OpenFile(path, os.O_WRONLY, 0)
		if err != nil {
			return nil, err
		}
		return newFile(path, opened, true), nil
	default:
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return nil, err
		}
	}
	temp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	var fault *fs.PathError
	if errors.As(err, &fault) {
		return nil, &fs.PathError{Op: "write", Path: path, Err: fault.Err}
	}
	if err != nil {
		return nil, err
	}
	return newFile(path, temp, false), nil
}

func newFile(path string, temp *os.File, direct bool) *File {
	return &File{path: path, temp: temp, buffer: bufio.NewWriterSize(temp, 1<<16), direct: direct}
}

// Write implements io.Writer.
func (f *File) Write(data []byte) (int, error) { return f.buffer.Write(data) }

// Chmod sets who else may read and write the file once it is in its place.
func (f *File) Chmod(mode fs.FileMode) error { return f.temp.Chmod(mode) }

// Commit puts the file in its place, after it has reached the disk. Whatever
// stood there before is replaced.
func (f *File) Commit() error {
	if f.direct {
		return errors.Join(f.buffer.Flush(), f.temp.Close())
	}
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
	if f.temp.Close() == nil && !f.direct {
		_ = os.Remove(f.temp.Name())
	}
}
