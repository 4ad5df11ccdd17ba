package tofu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// command is the package of the program.
const command = "github.com/opentofu/opentofu/cmd/tofu"

// BuildError says that OpenTofu could not be built.
type BuildError struct {
	Output string
	Cause  error
}

func (e *BuildError) Error() string {
	return fmt.Sprintf("build OpenTofu: %s\n%s", e.Cause, e.Output)
}

// Unwrap returns the cause.
func (e *BuildError) Unwrap() error { return e.Cause }

// Hint says how to build it by hand, which takes some minutes.
func (e *BuildError) Hint() string { return "make tofu" }

// Binary returns the path of the program, which it builds where it is not there
// yet or is another version than the one pinned. Repository is the folder that
// this module lies in.
func Binary(ctx context.Context, repository string) (string, error) {
	repository, err := filepath.Abs(repository)
	if err != nil {
		return "", err
	}
	tools, cache := filepath.Join(repository, "tools", "tofu"), filepath.Join(repository, ".cache", "tofu")
	pinned, err := os.ReadFile(filepath.Join(tools, "go.mod"))
	if err != nil {
		return "", err
	}
	program, stamp := filepath.Join(cache, "tofu"), filepath.Join(cache, "go.mod")
	switch built, err := os.ReadFile(stamp); {
	case err == nil && bytes.Equal(built, pinned):
		return program, nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return "", err
	}
	if err := os.MkdirAll(cache, 0o755); err != nil {
		return "", err
	}
	build := exec.CommandContext(ctx, "go", "build", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", program, command)
	build.Dir = tools
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if output, err := build.CombinedOutput(); err != nil {
		return "", &BuildError{Output: string(output), Cause: err}
	}
	return program, os.WriteFile(stamp, pinned, 0o644)
}
