package pipeline_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// action is action.yml as far as its steps are run here.
type action struct {
	Inputs map[string]struct {
		Description, Default string
		Required             bool
	}
	Outputs map[string]struct{ Description, Value string }
	Runs    struct {
		Using string
		Steps []step
	}
}

type step struct {
	Name, ID, Uses, Shell, Run, If string
	Env, With                      map[string]string
}

// fromRoot names a file of the repository.
func fromRoot(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func readAction(t *testing.T) *action {
	t.Helper()
	data, err := os.ReadFile(fromRoot(t, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var a action
	if err := yaml.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	return &a
}

// validate holds YAML to a schema.
func validate(t *testing.T, schema string, text []byte) {
	t.Helper()
	compiled, err := jsonschema.NewCompiler().Compile(filepath.Join("testdata/schemas", schema))
	if err != nil {
		t.Fatal(err)
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		t.Fatal(err)
	}
	if err := compiled.Validate(document); err != nil {
		t.Error(err)
	}
}

func TestActionFitsThePublishedSchema(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(fromRoot(t, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	validate(t, "github-action.json", data)
}

// What stands in ${{ }} is pasted into a script before bash sees it: an input
// would be code. And a tag of somebody else's action can be moved.
func TestActionRunsNothingThatSomebodyElseWrites(t *testing.T) {
	t.Parallel()
	pinned := regexp.MustCompile(`^[\w-]+/[\w/-]+@[0-9a-f]{40}$`)
	for _, s := range readAction(t).Runs.Steps {
		if strings.Contains(s.Run, "${{") {
			t.Errorf("%s: an expression stands in the script", s.Name)
		}
		if s.Uses != "" && !pinned.MatchString(s.Uses) {
			t.Errorf("%s: %s is not pinned by a full commit", s.Name, s.Uses)
		}
		if (s.Run != "") != (s.Shell == "bash") {
			t.Errorf("%s: shell %q", s.Name, s.Shell)
		}
	}
}

func TestActionScriptsAreClean(t *testing.T) {
	t.Parallel()
	for _, s := range readAction(t).Runs.Steps {
		if s.Run == "" {
			continue
		}
		command := exec.CommandContext(t.Context(), inVenv(t, "shellcheck"), "--shell=bash", "--severity=style", "-")
		command.Stdin = strings.NewReader(s.Run)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", s.Name, err, out)
		}
	}
}

// inVenv finds a program of the test environment.
func inVenv(t *testing.T, name string) string {
	t.Helper()
	path := fromRoot(t, ".cache/venv/bin/"+name)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%s is missing. Try: make venv", name)
	}
	return path
}

// runner is a machine of GitHub's, as far as a step sees it.
type runner struct {
	t         *testing.T
	dir, temp string
	values    map[string]string // of the expressions that the action uses
	path      string
}

func newRunner(t *testing.T, inputs map[string]string) *runner {
	t.Helper()
	r := &runner{t: t, dir: t.TempDir(), temp: t.TempDir(), values: make(map[string]string)}
	for name, input := range readAction(t).Inputs {
		r.values["inputs."+name] = input.Default
		if value, ok := inputs[name]; ok {
			r.values["inputs."+name] = value
		}
	}
	r.values["runner.temp"] = r.temp
	r.values["github.action_path"] = fromRoot(t, ".")
	r.values["github.token"], r.values["github.repository"] = "secret", "acme/infra"
	r.values["github.event.pull_request.number"] = "12"
	r.path = os.Getenv("PATH")
	return r
}

// fake puts a program in front of the machine's own. It writes its arguments,
// one to a line, to a file, and then runs the script.
func (r *runner) fake(name, script string) string {
	r.t.Helper()
	bin := filepath.Join(r.temp, "fake")
	log := filepath.Join(r.temp, name+".log")
	text := "#!/bin/bash\nprintf '%s\\n' \"$@\" >>" + log + "\n" + script + "\n"
	if err := os.MkdirAll(bin, 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o755); err != nil {
		r.t.Fatal(err)
	}
	if !strings.HasPrefix(r.path, bin) {
		r.path = bin + ":" + r.path
	}
	return log
}

var expression = regexp.MustCompile(`\$\{\{ *([^} ]+) *\}\}`)

// fill puts values into the expressions of a text.
func (r *runner) fill(text string) string {
	return expression.ReplaceAllStringFunc(text, func(found string) string {
		name := expression.FindStringSubmatch(found)[1]
		value, ok := r.values[name]
		if !ok {
			r.t.Errorf("nothing is known of ${{ %s }}", name)
		}
		return value
	})
}

// run runs a step as GitHub does and returns what it printed, its exit code and
// its outputs.
func (r *runner) run(name string) (text string, code int, outputs map[string]string) {
	r.t.Helper()
	steps := readAction(r.t).Runs.Steps
	i := slices.IndexFunc(steps, func(s step) bool { return s.Name == name })
	if i < 0 {
		r.t.Fatalf("there is no step %q", name)
	}
	script := filepath.Join(r.temp, "step.sh")
	output, summary := filepath.Join(r.temp, "output"), filepath.Join(r.temp, "summary")
	for file, text := range map[string]string{script: steps[i].Run, output: "", summary: ""} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
	command := exec.CommandContext(r.t.Context(), "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script)
	command.Dir = r.dir
	command.Env = []string{"PATH=" + r.path, "HOME=" + r.temp, "GITHUB_OUTPUT=" + output, "GITHUB_STEP_SUMMARY=" + summary}
	for _, name := range slices.Sorted(maps.Keys(steps[i].Env)) {
		command.Env = append(command.Env, name+"="+r.fill(steps[i].Env[name]))
	}
	var out bytes.Buffer
	command.Stdout, command.Stderr = &out, &out
	if err := command.Run(); err != nil && command.ProcessState == nil {
		r.t.Fatal(err)
	}
	outputs = make(map[string]string)
	for line := range strings.Lines(r.read(output)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		outputs[name] = value
	}
	return out.String(), command.ProcessState.ExitCode(), outputs
}

func (r *runner) read(file string) string {
	r.t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		r.t.Fatal(err)
	}
	return string(data)
}

// install puts a program where the install step does.
func (r *runner) install(binary string) {
	r.t.Helper()
	bin := filepath.Join(r.temp, "holdfast-bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		r.t.Fatal(err)
	}
	if err := os.Symlink(binary, filepath.Join(bin, "holdfast")); err != nil {
		r.t.Fatal(err)
	}
}

// code puts files into the repository that is judged.
func (r *runner) code(files map[string]string) {
	r.t.Helper()
	for name, text := range files {
		file := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			r.t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			r.t.Fatal(err)
		}
	}
}

const (
	short = "resource \"aws_neptune_cluster\" \"main\" {\n  backup_retention_period = 3\n}\n"
	kept  = "resource \"aws_neptune_cluster\" \"main\" {\n  backup_retention_period = 9\n}\n"
	open  = "variable \"days\" {}\nresource \"aws_neptune_cluster\" \"main\" {\n  backup_retention_period = var.days\n}\n"
)

func TestScanStepTellsTheExitCodeAndWritesItsReports(t *testing.T) {
	t.Parallel()
	binary := build(t)
	for name, test := range map[string]struct {
		code   string
		inputs map[string]string
		want   int
	}{
		"something failed":         {short, map[string]string{"controls": "Neptune.5"}, 1},
		"nothing failed":           {kept, map[string]string{"controls": "Neptune.5", "standard": "FSBP", "severity": "MEDIUM"}, 0},
		"something is open":        {open, map[string]string{"controls": "Neptune.5"}, 3},
		"failures that may be":     {short, map[string]string{"controls": "Neptune.5", "fail-on": "HIGH"}, 0},
		"several paths":            {kept, map[string]string{"controls": "Neptune.5", "path": "main.tf\na folder\n"}, 1},
		"a control that is not":    {kept, map[string]string{"controls": "Neptun.5"}, 2},
		"a path that is a flag":    {kept, map[string]string{"path": "--help"}, 2},
		"a path that is not there": {kept, map[string]string{"path": "nowhere"}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, test.inputs)
			r.install(binary)
			r.code(map[string]string{"main.tf": test.code, "a folder/main.tf": short})
			if test.inputs["path"] == "" {
				r.values["inputs.path"] = "main.tf"
			}
			text, code, outputs := r.run("Scan")
			if code != 0 || outputs["exit-code"] != fmt.Sprint(test.want) {
				t.Fatalf("the step ends with %d and tells %q:\n%s", code, outputs["exit-code"], text)
			}
			r.values["steps.scan.outputs.exit-code"] = outputs["exit-code"]
			if _, code, _ := r.run("Exit as Holdfast did"); code != test.want {
				t.Errorf("the action ends with %d, not %d", code, test.want)
			}
			if test.want == 2 {
				return
			}
			if sarif := r.read(outputs["sarif"]); !strings.Contains(sarif, `"version":"2.1.0"`) {
				t.Errorf("no SARIF: %s", sarif)
			}
			if upload := r.read(filepath.Join(r.temp, "holdfast-out", "upload.sarif")); !strings.Contains(upload, "2.1.0") {
				t.Errorf("nothing to upload: %s", upload)
			}
			if summary := r.read(outputs["markdown"]); !strings.HasPrefix(summary, "<!-- holdfast -->\n") {
				t.Errorf("no summary: %s", summary)
			}
		})
	}
}

func TestScanStepLeavesOutOfTheUploadWhatWasAccepted(t *testing.T) {
	t.Parallel()
	r := newRunner(t, map[string]string{"controls": "Neptune.5"})
	r.install(build(t))
	r.code(map[string]string{"main.tf": short, "holdfast.yaml": "version: 1\nexceptions:\n  - control: Neptune.5\n    path: main.tf\n    reason: known\n    until: 2999-01-01\n"})
	text, _, outputs := r.run("Scan")
	if outputs["exit-code"] != "0" {
		t.Fatalf("ends with %s:\n%s", outputs["exit-code"], text)
	}
	all, upload := r.read(outputs["sarif"]), r.read(filepath.Join(r.temp, "holdfast-out", "upload.sarif"))
	if !strings.Contains(all, `"suppressions"`) || strings.Contains(upload, `"suppressions"`) {
		t.Errorf("accepted in the report: %t, in the upload: %t", strings.Contains(all, "suppressions"), strings.Contains(upload, "suppressions"))
	}
}

// Inputs are words and never code, whatever stands in them.
func TestInputsAreWords(t *testing.T) {
	t.Parallel()
	const evil = "x'\"; touch pwned; $(touch pwned) `touch pwned` && touch pwned"
	inputs := make(map[string]string)
	for name := range readAction(t).Inputs {
		inputs[name] = evil
	}
	r := newRunner(t, inputs)
	program := r.fake("holdfast", "exit 2")
	r.install(filepath.Join(r.temp, "fake", "holdfast"))
	r.fake("go", "exit 0")
	if text, code, _ := r.run("Install Holdfast"); code != 2 || !strings.Contains(text, "version is neither") {
		t.Errorf("the install step ends with %d:\n%s", code, text)
	}
	if text, code, outputs := r.run("Scan"); code != 0 || outputs["exit-code"] != "2" {
		t.Errorf("the scan step ends with %d, %v:\n%s", code, outputs, text)
	}
	for _, want := range []string{"--control=" + evil, "--standard=" + evil, "--severity=" + evil, "--fail-on=" + evil, "--baseline=" + evil, "--\n" + evil} {
		if !strings.Contains(r.read(program), want+"\n") {
			t.Errorf("%q was not handed on as it is:\n%s", want, r.read(program))
		}
	}
	if found, _ := filepath.Glob(filepath.Join(r.dir, "*")); len(found) > 0 {
		t.Errorf("an input ran: %v", found)
	}
}

func TestInstallStepBuildsTheActionOrAVersion(t *testing.T) {
	t.Parallel()
	for version, want := range map[string]string{
		"":            "build\n-trimpath\n-buildvcs=false\n-o\n",
		"v0.2.0":      "install\ngithub.com/holdfast-aws/holdfast/cmd/holdfast@v0.2.0\n",
		"latest":      "install\ngithub.com/holdfast-aws/holdfast/cmd/holdfast@latest\n",
		"v1.0.0-rc.1": "install\ngithub.com/holdfast-aws/holdfast/cmd/holdfast@v1.0.0-rc.1\n",
	} {
		r := newRunner(t, map[string]string{"version": version})
		r.fake("holdfast", "echo holdfast 0.0.0")
		r.install(filepath.Join(r.temp, "fake", "holdfast"))
		log := r.fake("go", "exit 0")
		if text, code, _ := r.run("Install Holdfast"); code != 0 || !strings.Contains(text, "holdfast 0.0.0") {
			t.Fatalf("%q ends with %d:\n%s", version, code, text)
		}
		if got := r.read(log); !strings.HasPrefix(got, want) {
			t.Errorf("%q runs go %s", version, got)
		}
	}
}

func TestAnEmptyPathReadsNoAccount(t *testing.T) {
	t.Parallel()
	r := newRunner(t, map[string]string{"path": "\n"})
	r.values["inputs.path"] = "\n"
	r.fake("holdfast", "exit 0")
	r.install(filepath.Join(r.temp, "fake", "holdfast"))
	if text, code, _ := r.run("Scan"); code != 2 || !strings.Contains(text, "path is empty") {
		t.Errorf("ends with %d:\n%s", code, text)
	}
}

// The next run puts its comment in the place of the last one.
func TestCommentStepReplacesItsOwnComment(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ found, want string }{
		"a first comment":       {"", "POST\nrepos/acme/infra/issues/12/comments\n"},
		"one that is there yet": {"4711", "PATCH\nrepos/acme/infra/issues/comments/4711\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRunner(t, nil)
			log := r.fake("gh", `[[ $* != *--paginate* ]] || echo "`+test.found+`"`)
			if text, code, _ := r.run("Comment on the pull request"); code != 0 {
				t.Fatalf("ends with %d:\n%s", code, text)
			}
			if got := r.read(log); !strings.Contains(got, test.want) || !strings.Contains(got, "body=@"+r.temp+"/holdfast-out/holdfast.md\n") {
				t.Errorf("gh was called with\n%s", got)
			}
		})
	}
}

// Every expression in the action is one that the action or GitHub knows.
func TestExpressionsAreKnown(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(fromRoot(t, "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	r := newRunner(t, nil)
	for _, output := range []string{"exit-code", "sarif", "markdown"} {
		r.values["steps.scan.outputs."+output] = "x"
	}
	r.fill(string(data))
}
