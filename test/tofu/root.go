package tofu

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// A Root is a root module on disk that OpenTofu works on.
type Root struct {
	// Program is the path of OpenTofu.
	Program string
	// Dir is the folder of the code.
	Dir string
	// Environment are further variables as name=value.
	Environment []string
	// Workspace is made and selected when it is not empty.
	Workspace string
}

// RefusedError is what OpenTofu says against the code.
type RefusedError struct {
	Arguments []string
	Output    string
}

func (e *RefusedError) Error() string {
	return fmt.Sprintf("tofu %s: %s", strings.Join(e.Arguments, " "), e.Output)
}

func (r *Root) run(ctx context.Context, input string, arguments ...string) ([]byte, error) {
	command := exec.CommandContext(ctx, r.Program, arguments...)
	command.Dir = r.Dir
	command.Env = append([]string{
		"HOME=" + r.Dir, "PATH=" + os.Getenv("PATH"), "TF_IN_AUTOMATION=1", "TF_CLI_CONFIG_FILE=" + os.DevNull,
		"CHECKPOINT_DISABLE=1", "TF_INPUT=0",
	}, r.Environment...)
	command.Stdin = strings.NewReader(input)
	var out, problems bytes.Buffer
	command.Stdout, command.Stderr = &out, &problems
	if err := command.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return out.Bytes(), &RefusedError{Arguments: arguments, Output: out.String() + problems.String()}
	}
	return out.Bytes(), nil
}

// Init makes the folder ready: it looks up modules, and the workspace.
func (r *Root) Init(ctx context.Context) error {
	if _, err := r.run(ctx, "", "init", "-no-color"); err != nil {
		return err
	}
	if r.Workspace == "" {
		return nil
	}
	_, err := r.run(ctx, "", "workspace", "new", r.Workspace)
	return err
}

// Plan returns the plan as JSON, after Init. Arguments are passed on, such as
// -var and -var-file.
func (r *Root) Plan(ctx context.Context, arguments ...string) ([]byte, error) {
	if _, err := r.run(ctx, "", append([]string{"plan", "-no-color", "-out=tfplan"}, arguments...)...); err != nil {
		return nil, err
	}
	return r.run(ctx, "", "show", "-json", "tfplan")
}

// Apply applies the plan that Plan made last and returns the state as JSON. The
// raw state lies beside the code, or in terraform.tfstate.d for a workspace.
func (r *Root) Apply(ctx context.Context) ([]byte, error) {
	if _, err := r.run(ctx, "", "apply", "-no-color", "tfplan"); err != nil {
		return nil, err
	}
	return r.run(ctx, "", "show", "-json")
}

// State is the path of the raw state that Apply wrote.
func (r *Root) State() string {
	if r.Workspace != "" {
		return filepath.Join(r.Dir, "terraform.tfstate.d", r.Workspace, "terraform.tfstate")
	}
	return filepath.Join(r.Dir, "terraform.tfstate")
}

// Refused is what Console gives for an expression that OpenTofu refuses.
const Refused = "error"

// Console returns the value of each expression as JSON text, after Init.
func (r *Root) Console(ctx context.Context, expressions []string) ([]string, error) {
	values := make([]string, 0, len(expressions))
	for len(values) < len(expressions) {
		var input strings.Builder
		for _, expression := range expressions[len(values):] {
			fmt.Fprintf(&input, "jsonencode(%s)\n", expression)
		}
		out, err := r.run(ctx, input.String(), "console")
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for line := range strings.Lines(string(out)) {
			value, err := strconv.Unquote(strings.TrimSpace(line))
			if err != nil {
				return nil, fmt.Errorf("console: %s for %s: %w", line, expressions[len(values)], err)
			}
			values = append(values, value)
		}
		// It stops at the first expression that it refuses.
		if err != nil && len(values) < len(expressions) {
			values = append(values, Refused)
		}
	}
	return values, nil
}
