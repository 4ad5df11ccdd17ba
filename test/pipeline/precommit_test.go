package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// hooked is a user's repository with the hooks installed.
type hooked struct {
	t       *testing.T
	dir     string
	program string
	env     []string
}

// repository makes a git repository of files with one commit, and returns it.
func repository(t *testing.T, env []string, files map[string]string) (dir, commit string) {
	t.Helper()
	dir = t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{
		{"init", "--quiet"}, {"add", "--all"},
		{"-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "One"},
	} {
		run(t, dir, env, "git", args...)
	}
	return dir, strings.TrimSpace(run(t, dir, env, "git", "rev-parse", "HEAD"))
}

func run(t *testing.T, dir string, env []string, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env = dir, env
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// standIn is a program that pre-commit builds in no time, and that runs the one
// under test.
const standIn = `package main

import (
	"os"
	"syscall"
)

func main() {
	program := os.Getenv("HOLDFAST_UNDER_TEST")
	if err := syscall.Exec(program, append([]string{"holdfast"}, os.Args[1:]...), os.Environ()); err != nil {
		panic(err)
	}
}
`

// hook makes a user's repository in which pre-commit has installed one of our
// hooks, from a repository with our own list of them.
func hook(t *testing.T, id string, files map[string]string) *hooked {
	t.Helper()
	manifest, err := os.ReadFile(fromRoot(t, ".pre-commit-hooks.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	goEnv := run(t, ".", os.Environ(), "go", "env", "GOCACHE")
	env := []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "PRE_COMMIT_HOME=" + filepath.Join(home, "pre-commit"),
		"GOCACHE=" + strings.TrimSpace(goEnv), "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local", "GOPROXY=off",
		"GIT_CONFIG_NOSYSTEM=1", "HOLDFAST_UNDER_TEST=" + build(t),
	}
	hooks, commit := repository(t, env, map[string]string{
		".pre-commit-hooks.yaml": string(manifest), "go.mod": "module example.com/holdfast\n\ngo 1.26\n",
		"cmd/holdfast/main.go": standIn,
	})
	config, err := yaml.Marshal(map[string]any{"repos": []any{map[string]any{
		"repo": hooks, "rev": commit, "hooks": []any{map[string]any{"id": id}},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	files[".pre-commit-config.yaml"] = string(config)
	dir, _ := repository(t, env, files)
	return &hooked{t: t, dir: dir, program: inVenv(t, "pre-commit"), env: env}
}

// run runs the hook on files, as a commit that changes them does.
func (h *hooked) run(files ...string) (text string, passed bool) {
	h.t.Helper()
	command := exec.CommandContext(h.t.Context(), h.program, append([]string{"run", "--files"}, files...)...)
	command.Dir, command.Env = h.dir, h.env
	out, err := command.CombinedOutput()
	return string(out), err == nil
}

func TestManifestIsOneThatPreCommitTakes(t *testing.T) {
	t.Parallel()
	command := exec.CommandContext(t.Context(), inVenv(t, "pre-commit"), "validate-manifest", fromRoot(t, ".pre-commit-hooks.yaml"))
	command.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

func userFiles() map[string]string {
	return map[string]string{
		"live/main.tf": "resource \"aws_neptune_cluster\" \"main\" {\n  backup_retention_period = var.days\n}\n" +
			"module \"graph\" {\n  source = \"../graph\"\n  days   = 9\n}\n",
		"live/variables.tf":     "variable \"days\" {\n  default = 3\n}\n",
		"graph/main.tf":         open,
		"stacks/template.yaml":  "Resources:\n  Graph:\n    Type: AWS::Neptune::DBCluster\n    Properties: {BackupRetentionPeriod: 2}\n",
		"deploy/k8s-stack.yaml": "kind: Service\n",
		"README.md":             "none of ours\n",
		"holdfast.yaml":         "version: 1\ncontrols: [Neptune.5]\n",
	}
}

func TestHookJudgesChangedFilesWithTheirModules(t *testing.T) {
	t.Parallel()
	h := hook(t, "holdfast", userFiles())
	for _, test := range []struct {
		name   string
		files  []string
		passes bool
		shown  []string
	}{
		{"a file whose variable stands in another", []string{"live/main.tf"}, false, []string{"aws_neptune_cluster.main", "live/variables.tf:2"}},
		{"the file of the variable alone", []string{"live/variables.tf"}, false, []string{"aws_neptune_cluster.main"}},
		{"a module that its callers complete", []string{"graph/main.tf"}, true, nil},
		{"a module with its caller", []string{"graph/main.tf", "live/main.tf"}, false, []string{"1 failed", "1 passed"}},
		{"a template", []string{"stacks/template.yaml"}, false, []string{"stacks/template.yaml:2"}},
		{"nothing that is judged", []string{"README.md", "deploy/k8s-stack.yaml"}, true, []string{"Skipped"}},
	} {
		text, passed := h.run(test.files...)
		if passed != test.passes {
			t.Errorf("%s: passed is %t:\n%s", test.name, passed, text)
		}
		for _, shown := range test.shown {
			if !strings.Contains(text, shown) {
				t.Errorf("%s: no %q in\n%s", test.name, shown, text)
			}
		}
	}
}

func TestHookForEverythingJudgesTheWholeRepository(t *testing.T) {
	t.Parallel()
	h := hook(t, "holdfast-all", userFiles())
	text, passed := h.run("graph/main.tf")
	for _, shown := range []string{"aws_neptune_cluster.main", "stacks/template.yaml:2", "2 failed", "1 passed"} {
		if passed || !strings.Contains(text, shown) {
			t.Errorf("passed is %t, no %q in\n%s", passed, shown, text)
		}
	}
}
