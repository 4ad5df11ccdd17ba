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
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func stderr(app *App) string { return app.Stderr.(*bytes.Buffer).String() }

func TestConsentToWhatDoesNotExistIsRefused(t *testing.T) {
	t.Parallel()
	app, l := planned(t)
	for flags, want := range map[string]string{
		"--accept Neptune.*":          `--accept: "Neptune.*" is not the id of a control`,
		"--accept Neptune.77":         `"Neptune.77" is not the id of a control`,
		"--accept Neptune.5,Neptun.7": `"Neptun.7" is not the id of a control`,
		"--confirm 923153d91bedb308/": "is not a manual step of it",
		"--confirm nothing/1":         "is not a manual step of it",
	} {
		next := fresh(app)
		code, _ := run(t, next, append(strings.Fields("fix apply plan.json --yes"), strings.Fields(flags)...)...)
		if text := stderr(next); code != ExitUsage || !strings.Contains(text, want) || !strings.Contains(text, "Try:") || modifications(l) != 0 {
			t.Errorf("%s: exit code %d, %d changes\n%s", flags, code, modifications(l), text)
		}
	}
	runOK(t, fresh(app), "fix", "apply", "plan.json", "--yes", "--accept", "neptune.7")
}

func TestAccountsThatAreNotEnteredAreNamedWithTheRolesToGive(t *testing.T) {
	t.Parallel()
	l := startDemoLab(t)
	app := newTestApp(t, l)
	staging := "arn:aws:iam::" + lab.DemoStaging + ":role/Fixer"
	app.settings = settings{}
	runOK(t, app, "fix", "plan", "--control", "Neptune.8", "--role-arn", staging, "--region", "all", "--out", "plan.json")
	next := fresh(app)
	code, _ := run(t, next, "fix", "apply", "plan.json", "--yes")
	text := stderr(next)
	want := "Try:  holdfast fix apply plan.json --role-arn arn:aws:iam::" + lab.DemoStaging + ":role/ROLE"
	if code != ExitFailed || !strings.Contains(text, "in account "+lab.DemoStaging+", which these credentials do not enter") || !strings.Contains(text, want) || modifications(l) != 0 {
		t.Errorf("exit code %d\n%s", code, text)
	}
}

func TestAnAlteredPlanIsNeitherAppliedNorExported(t *testing.T) {
	t.Parallel()
	app, l := planned(t)
	path := filepath.Join(app.Dir, "plan.json")
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := fix.ReadPlan(file, path)
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	plan.Changes[0].Steps[0].Call.Parameters["MasterUserPassword"] = resource.OfString("$(id)")
	if err := fix.Seal(plan); err != nil {
		t.Fatal(err)
	}
	if err := fix.WritePlan(path, plan); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"fix apply plan.json --yes", "fix export plan.json", "fix export plan.json --as ssm"} {
		next := fresh(app)
		code, out := run(t, next, strings.Fields(line)...)
		if code != ExitUsage || out != "" || !strings.Contains(stderr(next), "the plan was altered") || modifications(l) != 0 {
			t.Errorf("%s: exit code %d\n%s%s", line, code, out, stderr(next))
		}
	}
}

func TestEveryFormOfExportTreatsTheSamePlanAlike(t *testing.T) {
	t.Parallel()
	app, _ := planned(t)
	next := fresh(app)
	runOK(t, next, "fix", "export", "plan.json", "--as", "ssm", "--out", "runbooks")
	if entries, err := os.ReadDir(filepath.Join(app.Dir, "runbooks")); err != nil || len(entries) != 1 {
		t.Errorf("a single runbook is not in the directory: %v, %v", entries, err)
	}
	runOK(t, fresh(app), "fix", "apply", "plan.json", "--yes")
	runOK(t, fresh(app), "fix", "plan", "--control", "Neptune.5", "--region", "us-east-1", "--out", "empty.json")
	for _, form := range []string{"bash", "ssm"} {
		next := fresh(app)
		code, out := run(t, next, "fix", "export", "empty.json", "--as", form)
		if code != ExitUsage || out != "" || !strings.Contains(stderr(next), "nothing to export") {
			t.Errorf("%s: exit code %d\n%s%s", form, code, out, stderr(next))
		}
	}
}

func TestEveryFixCommandPrintsOneDocumentWithTheRun(t *testing.T) {
	t.Parallel()
	app, _ := planned(t)
	id := ""
	for _, line := range []string{
		"fix apply plan.json --yes", "fix status last", "fix verify last", "fix resume last", "fix rollback last --yes --accept-loss", "fix status last",
	} {
		for _, quiet := range []string{"", " --quiet"} {
			if strings.Contains(line, "apply") && quiet != "" {
				continue
			}
			_, out := run(t, fresh(app), strings.Fields(line+quiet+" --format json")...)
			decoder := json.NewDecoder(strings.NewReader(out))
			var document struct {
				Run string `json:"run"`
			}
			if err := decoder.Decode(&document); err != nil || decoder.More() || document.Run == "" || id != "" && document.Run != id {
				t.Errorf("%s%s: %v\n%s", line, quiet, err, out)
			}
			id = document.Run
		}
	}
}

func TestAPlanSaysWhatItsUndoIsNoticedBy(t *testing.T) {
	t.Parallel()
	app := newTestApp(t, startDemoLab(t))
	runOK(t, app, "fix", "plan", "--control", "Neptune.2", "--region", "eu-west-1", "--out", "plan.json")
	plan, err := os.ReadFile(filepath.Join(app.Dir, "plan.json"))
	if err != nil || !bytes.Contains(plan, []byte("once more: connections")) {
		t.Fatalf("the plan does not say what its undo is noticed by (%v)", err)
	}
	if out := app.Stdout.(*bytes.Buffer).String(); !strings.Contains(out, "possible, nothing is lost; ") || !strings.Contains(strings.Join(strings.Fields(out), " "), "once more: connections") {
		t.Errorf("the plan does not show it:\n%s", out)
	}
}

func TestARollbackSaysOnceWhatIsNoticedOfWhatWasDone(t *testing.T) {
	t.Parallel()
	status := &fix.RunStatus{Changes: []fix.ChangeStatus{
		{Resource: resource.Ref{ID: "b"}, State: fix.StateVerified, UndoImpact: "reboots"},
		{Resource: resource.Ref{ID: "a"}, State: fix.StateFailed, UndoImpact: "reboots"},
		{Resource: resource.Ref{ID: "a"}, State: fix.StateVerified, UndoImpact: "reboots"},
		{Resource: resource.Ref{ID: "c"}, State: fix.StateRefused, UndoImpact: "reboots"},
		{Resource: resource.Ref{ID: "d"}, State: fix.StateVerified, Undo: fix.StateUndone, UndoImpact: "reboots"},
		{Resource: resource.Ref{ID: "e"}, State: fix.StateVerified},
	}}
	if got := strings.Join(undoImpacts(status), ", "); got != "a: reboots, b: reboots" {
		t.Error(got)
	}
}
