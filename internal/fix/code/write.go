package code

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/atomicfile"
)

// StaleError names files whose content is no longer the one that was planned
// for. Nothing was written.
type StaleError struct{ Files []string }

func (e *StaleError) Error() string {
	return strings.Join(e.Files, ", ") + " changed while the plan was made; nothing was written"
}

// Hint says to plan again.
func (e *StaleError) Hint() string {
	return "holdfast fix plan PATH --write, once nothing else writes there"
}

// WriteError is a file that could not be written after others were.
type WriteError struct {
	Written []string // in the order in which they were written
	File    string
	Err     error
}

func (e *WriteError) Error() string {
	written := "no file was changed"
	if len(e.Written) > 0 {
		written = "changed already: " + strings.Join(e.Written, ", ")
	}
	return fmt.Sprintf("write %s: %s; %s", e.File, e.Err, written)
}

// Unwrap returns the cause.
func (e *WriteError) Unwrap() error { return e.Err }

// Write puts the patches in the place of the files. It writes nothing when one
// of the files is no longer what it was, and prepares all before it puts the
// first into its place. The error is a *StaleError or a *WriteError.
func (p *Plan) Write(ctx context.Context) error {
	stale := &StaleError{}
	for i := range p.Patches {
		if now, err := readBounded(p.Patches[i].File); err != nil || !bytes.Equal(now, p.Patches[i].Before) {
			stale.Files = append(stale.Files, p.Patches[i].File)
		}
	}
	if len(stale.Files) > 0 {
		return stale
	}
	files := make([]*atomicfile.File, 0, len(p.Patches))
	defer func() {
		for _, f := range files {
			f.Abort() // which does nothing to those in their place
		}
	}()
	for i := range p.Patches {
		f, err := prepare(&p.Patches[i])
		if err != nil {
			return &WriteError{File: p.Patches[i].File, Err: err}
		}
		files = append(files, f)
	}
	fault := &WriteError{}
	for i, f := range files {
		err := ctx.Err()
		if err == nil {
			err = f.Commit()
		}
		if err != nil {
			fault.File, fault.Err = p.Patches[i].File, err
			return fault
		}
		fault.Written = append(fault.Written, p.Patches[i].File)
	}
	return nil
}

// prepare writes a patch beside its file, with the same permissions.
func prepare(patch *Patch) (*atomicfile.File, error) {
	info, err := os.Stat(patch.File)
	if err != nil {
		return nil, err
	}
	f, err := atomicfile.Create(patch.File)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(patch.After)
	if err == nil {
		err = f.Chmod(info.Mode().Perm())
	}
	if err != nil {
		f.Abort()
		return nil, err
	}
	return f, nil
}
