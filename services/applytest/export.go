package applytest

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix/render/bash"
	"github.com/holdfast-aws/holdfast/internal/fix/render/ssm"
	"github.com/holdfast-aws/holdfast/services"
)

// Exported holds the script and the runbook of a fix to what fix apply does:
// the same end, by the same writes, and for the script the same way back.
func Exported(t *testing.T, c Case) {
	t.Run("as a script with the AWS CLI", func(t *testing.T) {
		t.Parallel()
		scripted(t, c)
	})
	t.Run("as a runbook", func(t *testing.T) {
		t.Parallel()
		automated(t, c)
	})
}

func scripted(t *testing.T, c Case) {
	b, p := begin(t, c)
	before := c.State(b)
	var text bytes.Buffer
	if err := bash.Render(&text, p, services.Sources()); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "fix.sh")
	if err := os.WriteFile(path, text.Bytes(), 0o700); err != nil {
		t.Fatal(err)
	}
	run := func(args ...string) {
		t.Helper()
		b.command("bash", append([]string{path}, args...), "POLL=0.1", "SETTLE=0", "PATH="+cliPath(t)+":/usr/bin:/bin")
	}
	run()
	same(t, "state after the dry run", before, c.State(b))
	run("--apply", "--accept", c.Control)
	same(t, "state after the script", c.Fixed(b), c.State(b))
	run("--apply", "--accept", c.Control)
	same(t, "writes of the script, run twice", c.Calls, b.scriptWrites())
	b.Lab.ResetCalls()
	run("--undo", "--accept", c.Control, "--accept-loss")
	if c.Undone != nil {
		before = c.Undone(b)
	}
	same(t, "state after the way back", before, c.State(b))
	same(t, "writes of the way back", c.UndoCalls, b.scriptWrites())
}

// scriptWrites are the writes without the look at who is calling.
func (b *Bench) scriptWrites() map[string]int {
	writes := maps.Clone(b.Writes())
	delete(writes, "sts:GetCallerIdentity")
	return writes
}

func automated(t *testing.T, c Case) {
	b, p := begin(t, c)
	books, err := ssm.Runbooks(p, services.Sources())
	if err != nil || len(books) != 1 {
		t.Fatalf("%d runbooks, %v", len(books), err)
	}
	path := filepath.Join(t.TempDir(), books[0].Name())
	if err := os.WriteFile(path, books[0].Body, 0o600); err != nil {
		t.Fatal(err)
	}
	b.command(filepath.Join(cliPath(t), "python"), []string{filepath.Join(root(t), "services/neptune/apply/testdata/automation.py"), path})
	same(t, "state after the runbook", c.Fixed(b), c.State(b))
	same(t, "writes of the runbook", c.Calls, b.scriptWrites())
}

// command runs a program against the lab and expects it to end well.
func (b *Bench) command(name string, args []string, env ...string) {
	b.Helper()
	cmd := exec.CommandContext(b.Context(), name, args...)
	cmd.Dir = b.TempDir()
	if name == "bash" {
		cmd.Dir = filepath.Dir(args[0])
	}
	cmd.Env = append(append(b.Lab.Env(Account, Region), "HOME="+cmd.Dir), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%s %v: %v\n%s", name, args, err, out)
	}
}

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// cliPath is the directory of the pinned AWS CLI.
func cliPath(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(root(t), ".cache", "venv", "bin")
	if _, err := os.Stat(filepath.Join(dir, "aws")); err != nil {
		t.Fatalf("the AWS CLI is missing. Try: make venv (%v)", err)
	}
	return dir
}
