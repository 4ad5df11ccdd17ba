package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/terminal"
)

// result is what one call of the program gave.
type result struct {
	stdout, stderr string
	code           int
}

// holdfast runs the real command line at a width.
func holdfast(t *testing.T, width int, args ...string) result {
	t.Helper()
	app := newTestApp(t, nil)
	app.Width = width
	code, stdout := run(t, app, args...)
	return result{stdout, app.Stderr.(*bytes.Buffer).String(), code}
}

func TestWhatControlsCommandsPrint(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		width int
		args  string
	}{
		"list-80":             {80, "controls list"},
		"list-160":            {160, "controls list"},
		"list-40":             {40, "controls list --severity critical"},
		"list-filtered":       {80, "controls list --standard PCI-DSS-4.0.1"},
		"list-json":           {80, "controls list --control Neptune.5 --format json"},
		"show-neptune2-80":    {80, "controls show Neptune.2"},
		"show-neptune5-160":   {160, "controls show Neptune.5"},
		"show-json":           {80, "controls show Neptune.8 --format json"},
		"test-80":             {80, "controls test"},
		"explain-neptune1-80": {80, "explain Neptune.1"},
		"explain-neptune3-80": {80, "explain neptune.3"},
		"explain-neptune5-80": {80, "explain Neptune.5"},
		"explain-neptune5-160": {160,
			"explain Neptune.5 --param Neptune.5.minimumBackupRetentionPeriod=14"},
		"explain-neptune7-40": {40, "explain Neptune.7"},
		"explain-several-80":  {80, "explain Neptune.[48]"},
		"explain-json":        {80, "explain Neptune.9 --format json"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := holdfast(t, test.width, strings.Fields(test.args)...)
			if got.code != ExitClean || got.stderr != "" {
				t.Errorf("exit code %d, %s", got.code, got.stderr)
			}
			golden(t, name+".txt", got.stdout)
			if strings.HasSuffix(name, "json") {
				if !json.Valid([]byte(got.stdout)) {
					t.Error("this is no JSON")
				}
				return
			}
			fits(t, test.width, got.stdout)
		})
	}
}

// fits reports lines wider than the terminal, links and commands left out:
// those stay whole, so that they can be copied.
func fits(t *testing.T, width int, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		whole := strings.TrimSpace(line)
		if strings.HasPrefix(whole, "https://") || strings.HasPrefix(whole, "holdfast ") {
			continue
		}
		if page.Width(line) > width {
			t.Errorf("%d columns: %q", page.Width(line), line)
		}
		if strings.HasSuffix(line, " ") || !utf8.ValidString(line) {
			t.Errorf("the line ends in space or holds invalid bytes: %q", line)
		}
	}
}

func TestExplainColoursTheSeverityAndTheCommands(t *testing.T) {
	t.Parallel()
	v := controlView{ID: "Test.1", Severity: "CRITICAL", Title: "Things", Fix: &fixView{Summary: "Turn it on", Live: true}}
	var out strings.Builder
	p := terminal.NewPage(&out, 80, true)
	explain(p, &v)
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\x1b[1;31mCRITICAL\x1b[0m", "\x1b[1mWhy it matters\x1b[0m", "\x1b[36mholdfast fix plan --control Test.1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in\n%q", want, out.String())
		}
	}
}

func TestMistakesInTheCallAreNamedWithACommandToTry(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ args, want string }{
		"explain nothing":        {"explain", "Error: explain needs the id of a control\nTry:   holdfast explain Neptune.5\n"},
		"explain what is not":    {"explain Neptun.5", "Error: no control matches \"Neptun.5\"; the nearest: Neptune.5, Neptune.1, Neptune.2\nTry:   holdfast controls list\n"},
		"a glob of nothing":      {"explain SQS.*", "Error: no control matches \"SQS.*\"\nTry:   holdfast controls list\n"},
		"one good, one bad":      {"explain Neptune.5 Neptune.55", "Error: no control matches \"Neptune.55\"; the nearest: Neptune.5, Neptune.1, Neptune.2\nTry:   holdfast controls list\n"},
		"another format":         {"explain Neptune.5 --format xml", "Error: --format: \"xml\" is neither text nor json\nTry:   holdfast explain --format json\n"},
		"parameter out of range": {"explain Neptune.5 --param Neptune.5.minimumBackupRetentionPeriod=3", "Error: Neptune.5.minimumBackupRetentionPeriod: 3 is outside 7 to 35 days\n"},
		"show nothing":           {"controls show", "Error: show needs the id of a control\nTry:   holdfast controls show Neptune.5\n"},
		"a standard that is not": {"controls list --standard FSPB", "Error: no standard matches \"FSPB\"; the nearest: FSBP\nTry:   holdfast controls list\n"},
		"a severity that is not": {"controls list --severity URGENT", "Error: severity \"URGENT\" is none of [INFORMATIONAL LOW MEDIUM HIGH CRITICAL]\nTry:   --severity HIGH,CRITICAL\n"},
		"filters without match":  {"controls list --control Neptune.9 --standard FSBP", "Error: no control matches all of --control, --standard and --severity\nTry:   holdfast controls list\n"},
		"a command that is not":  {"controls lst", "Error: \"lst\" is no command of holdfast controls\nTry:   holdfast controls --help\n"},
		"a directory that isn't": {"controls test nowhere", "Error: nowhere is no directory that can be read\nTry:   holdfast controls test ./controls\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := holdfast(t, 80, strings.Fields(test.args)...)
			if got.code != ExitUsage || got.stdout != "" {
				t.Errorf("exit code %d, %q", got.code, got.stdout)
			}
			if got.stderr != test.want {
				t.Errorf("got\n%s\nwant\n%s", got.stderr, test.want)
			}
		})
	}
}

const ownControl = `id: Acme.1
title: Clusters should keep backups for two weeks
resource: AWS::Neptune::DBCluster
severity: HIGH
category: Recover
checks: Backups are kept for two weeks.
why: We close the books after ten days.
check: resource.BackupRetentionPeriod >= 14
cases:
  - {name: two weeks, given: {BackupRetentionPeriod: 14}, want: PASSED}
  - {name: one day, given: {BackupRetentionPeriod: 1}, want: FAILED}
  - {name: unread, given: {BackupRetentionPeriod: !unknown denied}, want: NOT_AVAILABLE}
`

// ownDir writes a control of the user's own, with one change.
func ownDir(t *testing.T, old, replacement string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "Acme.1.yaml"), []byte(strings.Replace(ownControl, old, replacement, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestControlsOfOnesOwnAreProven(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		old, replacement string
		code             int
		want             string
	}{
		"a sound one": {"", "", ExitClean, "ok    Acme.1  3 cases\n\nAll proven: 1 control, 3 cases.\n"},
		"a wrong case": {"{BackupRetentionPeriod: 14}, want: PASSED", "{BackupRetentionPeriod: 13}, want: PASSED", ExitFailed,
			"FAIL  Acme.1\n      Acme.1.yaml:10: case \"two weeks\": is FAILED, not PASSED\n\n1 of 1 control failed.\n"},
		"a misspelt property": {"check: resource.Backup", "check: resource.Backpu", ExitFailed,
			"FAIL  Acme.1\n      Acme.1.yaml:8: check: \"resource.BackpuRetentionPeriod >= 14\": column 9:\n      undefined field 'BackpuRetentionPeriod'\n\n1 of 1 control failed.\n"},
		"a misspelt field": {"severity: HIGH", "severety: HIGH", ExitFailed,
			"FAIL  the files could not be loaded\n      Acme.1.yaml:4: severety: there is no such field here\n\n1 of 1 control failed.\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := holdfast(t, 80, "controls", "test", ownDir(t, test.old, test.replacement))
			if got.code != test.code || got.stdout != test.want || got.stderr != "" {
				t.Errorf("exit code %d, %s, got\n%s\nwant\n%s", got.code, got.stderr, got.stdout, test.want)
			}
		})
	}
}

func TestFaultsOfControlsAreAlsoToldInJSON(t *testing.T) {
	t.Parallel()
	got := holdfast(t, 80, "controls", "test", ownDir(t, "BackupRetentionPeriod: 1}", "BackupRetentionPeriod: 20}"), "--format", "json")
	var document struct {
		Controls []proof `json:"controls"`
	}
	if err := json.Unmarshal([]byte(got.stdout), &document); err != nil {
		t.Fatal(err)
	}
	if got.code != ExitFailed || len(document.Controls) != 1 || len(document.Controls[0].Faults) != 1 {
		t.Errorf("exit code %d, %+v", got.code, document)
	}
}

func TestControlsOfOnesOwnStandBesideTheBuiltIn(t *testing.T) {
	t.Parallel()
	dir := ownDir(t, "", "")
	list := holdfast(t, 80, "controls", "list", "--controls", dir)
	if list.code != ExitClean || !strings.Contains(list.stdout, "Acme.1") || !strings.Contains(list.stdout, "Neptune.5") {
		t.Errorf("exit code %d\n%s", list.code, list.stdout)
	}
	told := holdfast(t, 80, "explain", "Acme.1", "--controls", dir)
	for _, want := range []string{"We close the books after ten days.", "this control has no fix", "Acme.1.yaml"} {
		if !strings.Contains(told.stdout, want) {
			t.Errorf("%q is not in\n%s", want, told.stdout)
		}
	}
	if strings.Contains(told.stdout, "https://") {
		t.Error("AWS is said to describe a control that it does not know")
	}
	tested := holdfast(t, 80, "controls", "test", "--controls", dir, "--control", "Acme.*")
	if tested.stdout != "ok    Acme.1  3 cases\n\nAll proven: 1 control, 3 cases.\n" {
		t.Errorf("got\n%s", tested.stdout)
	}
	empty := holdfast(t, 80, "controls", "test", t.TempDir())
	if empty.code != ExitUsage || !strings.Contains(empty.stderr, "there is no control in ") {
		t.Errorf("exit code %d, %s", empty.code, empty.stderr)
	}
	other := holdfast(t, 80, "controls", "test", dir, "--control", "Neptune.5")
	if other.code != ExitUsage || !strings.Contains(other.stderr, "--control chooses none of the controls in") {
		t.Errorf("exit code %d, %s", other.code, other.stderr)
	}
}

func TestTheShellIsOfferedControlIds(t *testing.T) {
	t.Parallel()
	got := holdfast(t, 80, "__complete", "explain", "")
	if !strings.Contains(got.stdout, "Neptune.5\tNeptune DB clusters should have automated backups enabled\n") {
		t.Errorf("got\n%s", got.stdout)
	}
}

// A pipe that closes early, as with head, is told and not swallowed.
func TestAFailingWriterIsReported(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"explain Neptune.*", "controls list", "controls show Neptune.*", "controls test", "explain Neptune.5 --format json"} {
		app := newTestApp(t, nil)
		app.Stdout = brokenPipe{}
		if code := Main(t.Context(), app, strings.Fields(args)); code == ExitClean || !strings.Contains(app.Stderr.(*bytes.Buffer).String(), "pipe is closed") {
			t.Errorf("holdfast %s: exit code %d, %s", args, code, app.Stderr)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) {
	return 0, fmt.Errorf("pipe is closed: %w", io.ErrClosedPipe)
}
