package cli

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
)

// planned makes an App on the demo's lab, with a saved plan of one change.
func planned(t *testing.T) (*App, *lab.Lab) {
	t.Helper()
	l := startDemoLab(t)
	app := newTestApp(t, l)
	runOK(t, app, "fix", "plan", "--control", "Neptune.5", "--region", "us-east-1", "--out", "plan.json")
	return app, l
}

// fresh is another process in the same directory with the same journal.
func fresh(app *App) *App {
	next := *app
	next.settings = settings{}
	next.Stdout, next.Stderr, next.Stdin = &bytes.Buffer{}, &bytes.Buffer{}, strings.NewReader("")
	return &next
}

func modifications(l *lab.Lab) int { return l.Actions()["rds:ModifyDBCluster"] }

func TestApplyAsksAndTakesOnlyYesForYes(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]int{"yes\n": ExitClean, "y\n": ExitIncomplete, "\n": ExitIncomplete, "": ExitIncomplete} {
		t.Run(strings.TrimSpace(answer)+" is answered", func(t *testing.T) {
			t.Parallel()
			app, l := planned(t)
			app = fresh(app)
			app.Interactive, app.Stdin = true, strings.NewReader(answer)
			code, _ := run(t, app, "fix", "apply", "plan.json")
			made := modifications(l)
			if code != want || (made == 1) != (want == ExitClean) {
				t.Errorf("exit code %d, %d changes\n%s", code, made, app.Stderr)
			}
			asked := app.Stderr.(*bytes.Buffer).String()
			if !strings.Contains(asked, "BackupRetentionPeriod 3 → 7 days") || !strings.Contains(asked, "Apply 1 change?") {
				t.Errorf("asked without showing the plan: %s", asked)
			}
		})
	}
}

func TestWithoutATerminalNothingIsChangedUnlessToldSo(t *testing.T) {
	t.Parallel()
	app, l := planned(t)
	app = fresh(app)
	if code, _ := run(t, app, "fix", "apply", "plan.json"); code != ExitUsage || modifications(l) != 0 {
		t.Errorf("exit code %d, %d changes", code, modifications(l))
	}
	if text := app.Stderr.(*bytes.Buffer).String(); !strings.Contains(text, "Try:   holdfast fix apply plan.json --yes") {
		t.Error(text)
	}
}

func TestApplyPrintsTheRunAsJSON(t *testing.T) {
	t.Parallel()
	app, _ := planned(t)
	out := runOK(t, fresh(app), "fix", "apply", "plan.json", "--yes", "--format", "json")
	var status fix.RunStatus
	if err := json.Unmarshal([]byte(out), &status); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if status.Run == "" || status.State != fix.RunComplete || status.Changes[0].State != fix.StateVerified {
		t.Errorf("%+v", status)
	}
	listed := runOK(t, fresh(app), "fix", "status", "--format", "json")
	if !strings.Contains(listed, status.Run) {
		t.Errorf("the run is not listed: %s", listed)
	}
	again := runOK(t, fresh(app), "fix", "status", status.Run, "--format", "json")
	if again != out {
		t.Errorf("apply and status tell different things:\n%s\n%s", out, again)
	}
}

func TestARolledBackRunIsDoneWithAndTellsSo(t *testing.T) {
	t.Parallel()
	app, l := planned(t)
	runOK(t, fresh(app), "fix", "apply", "plan.json", "--yes")
	if code, _ := run(t, fresh(app), "fix", "rollback", "last"); code != ExitUsage {
		t.Errorf("without a terminal and --yes: exit code %d", code)
	}
	asked := fresh(app)
	asked.Interactive, asked.Stdin = true, strings.NewReader("yes\n")
	if out := runOK(t, asked, "fix", "rollback", "last", "--accept-loss"); !strings.Contains(out, "rolled back") {
		t.Error(out)
	}
	if modifications(l) != 2 {
		t.Errorf("%d calls", modifications(l))
	}
	resumed := fresh(app)
	code, _ := run(t, resumed, "fix", "resume", "last")
	if text := resumed.Stderr.(*bytes.Buffer).String(); code != ExitUsage || !strings.Contains(text, "is being rolled back or was") {
		t.Errorf("exit code %d: %s", code, text)
	}
}

func TestLaterCommandsEnterTheAccountsAsTheRunDid(t *testing.T) {
	t.Parallel()
	l := startDemoLab(t)
	app := newTestApp(t, l)
	roles := "arn:aws:iam::" + lab.DemoPartners + ":role/HoldfastAudit"
	runOK(t, app, "fix", "plan", "--control", "Neptune.8", "--region", "ap-southeast-2", "--role-arn", roles, "--out", "plan.json")
	runOK(t, fresh(app), "fix", "apply", "plan.json", "--yes", "--role-arn", roles)
	runOK(t, fresh(app), "fix", "verify", "last")
	if out := runOK(t, fresh(app), "fix", "rollback", "last", "--yes"); !strings.Contains(out, "1 undone") {
		t.Error(out)
	}
}

func TestTheWrongAccountIsRefusedAndNothingIsDone(t *testing.T) {
	t.Parallel()
	l := startDemoLab(t)
	app := newTestApp(t, l)
	roles := "arn:aws:iam::" + lab.DemoPartners + ":role/HoldfastAudit"
	runOK(t, app, "fix", "plan", "--control", "Neptune.8", "--region", "ap-southeast-2", "--role-arn", roles, "--out", "plan.json")
	code, out := run(t, fresh(app), "fix", "apply", "plan.json", "--yes")
	if code != ExitFailed || !strings.Contains(out, "REFUSED") || modifications(l) != 0 {
		t.Errorf("exit code %d, %d changes\n%s", code, modifications(l), out)
	}
}

func TestOnATerminalTheWorkIsToldAsItGoes(t *testing.T) {
	t.Parallel()
	app, _ := planned(t)
	app = fresh(app)
	app.Terminal = true
	runOK(t, app, "fix", "apply", "plan.json", "--yes")
	if text := app.Stderr.(*bytes.Buffer).String(); !strings.Contains(text, "Neptune.5  set BackupRetentionPeriod to 7") || !strings.Contains(text, "verified") {
		t.Errorf("%q", text)
	}
}

func TestAPlanFromASnapshotNeedsNoAccount(t *testing.T) {
	t.Parallel()
	app := newTestApp(t, startDemoLab(t))
	runOK(t, app, "snapshot", "--region", "us-east-1", "--output", "account.ndjson")
	offline := fresh(app)
	offline.fixed = nil
	if out := runOK(t, offline, "fix", "plan", "account.ndjson", "--control", "Neptune.5"); !strings.Contains(out, "3 → 7 days") || !strings.Contains(out, "was not saved") {
		t.Error(out)
	}
}

func TestTheJournalLiesWhereItIsExpected(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		flag string
		env  map[string]string
		want string
	}{
		"by flag":                  {"/state", map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "/x"}, "/state/journal.db"},
		"by XDG":                   {"", map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "/x"}, "/x/holdfast/journal.db"},
		"a relative XDG is passed": {"", map[string]string{"HOME": "/home/a", "XDG_STATE_HOME": "x"}, "/home/a/.local/state/holdfast/journal.db"},
		"in the home":              {"", map[string]string{"HOME": "/home/a"}, "/home/a/.local/state/holdfast/journal.db"},
		"nowhere":                  {"", nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			app := &App{Env: func(name string) string { return test.env[name] }, settings: settings{stateDir: test.flag}}
			got, err := app.journalPath()
			if got != test.want || (err != nil) != (test.want == "") {
				t.Errorf("%s, %v", got, err)
			}
		})
	}
}

func TestFixCommandsRefuseWrongUse(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"fix appyl":                        `"appyl" is no command`,
		"fix apply":                        "exactly one plan file",
		"fix apply nowhere.json --yes":     "no such file",
		"fix apply bad.json --yes":         "ends in the middle of the plan",
		"fix resume":                       `needs the id of a run, or "last"`,
		"fix rollback 2020-nothing --yes":  "holds no run 2020-nothing",
		"fix status last":                  "holds no run",
		"fix verify last --format yaml":    "neither text nor json",
		"fix export bad.json --as ansible": "none of bash, ssm",
		"fix plan --control Neptune.55":    "no control matches",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			app := newTestApp(t, nil)
			if err := os.WriteFile(filepath.Join(app.Dir, "bad.json"), []byte(`{"format": 1, "changes": [`), 0o600); err != nil {
				t.Fatal(err)
			}
			code, _ := run(t, app, strings.Fields(line)...)
			text := app.Stderr.(*bytes.Buffer).String()
			if code != ExitUsage || !strings.Contains(text, want) || !strings.Contains(text, "Try:") {
				t.Errorf("exit code %d\n%s", code, text)
			}
		})
	}
}
