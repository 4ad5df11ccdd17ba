package show_test

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/fix/show"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

var update = flag.Bool("update", false, "write the golden files anew")

type values = map[string]resource.Value

// golden compares text with a file, at 80 columns and at 40, where nothing but
// a command may be wider than the page.
func golden(t *testing.T, name string, write func(*bytes.Buffer, show.Options) error) {
	t.Helper()
	for width, suffix := range map[int]string{80: "", 40: "-narrow"} {
		var out bytes.Buffer
		if err := write(&out, show.Options{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimSuffix(line, "\n")
			if page.Width(line) > width && !strings.Contains(line, "holdfast ") && !strings.HasPrefix(line, "20260315") {
				t.Errorf("%s is wider than %d columns: %s", name, width, line)
			}
			if strings.TrimRight(line, " ") != line {
				t.Errorf("%s has blanks at the end of %q", name, line)
			}
		}
		path := filepath.Join("testdata", name+suffix+".txt")
		if *update {
			if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
}

// estate is a bench with a thing for every kind of change, and its plan.
func estate(t *testing.T) (*fixtest.Bench, *fix.Plan) {
	t.Helper()
	b := fixtest.NewBench(t)
	b.Cloud.Add("orders", values{
		"Days": resource.OfInt(1), "EarliestRestorableTime": resource.OfTime(b.Clock.Now().AddDate(0, 0, -1)),
		"Tags": resource.OfMap(values{"aws:cloudformation:stack-name": resource.OfString("orders-data")}),
	})
	b.Cloud.Add("users", values{"Days": resource.OfInt(14), "Public": resource.OfStrings([]string{"all", "111122223333"})})
	b.Cloud.Add("archive", values{"Status": resource.OfString("stopped")})
	plan := b.Plan(t, "Test.1", "Test.3", "Test.4", "Test.6")
	for i := range plan.Changes {
		if plan.Changes[i].Control == "Test.4" {
			plan.Changes[i].Cost = &fix.Cost{Low: 12, High: 40.5, Known: true, Basis: "log storage"}
			plan.Changes[i].Warnings = []string{"the thing restarts"}
		}
	}
	plan.Gaps = []finding.Gap{{Account: "111122223333", Region: "us-east-1", Operation: "test:ListThings", Reason: finding.GapDenied, Permission: "test:ListThings"}}
	if err := fix.Seal(plan); err != nil {
		t.Fatal(err)
	}
	return b, plan
}

func TestPlanShowsWhatChangesWhatItMeansAndWhatIsLeftAlone(t *testing.T) {
	t.Parallel()
	_, plan := estate(t)
	golden(t, "plan", func(out *bytes.Buffer, o show.Options) error { return show.Plan(out, plan, o) })
}

func TestPlanOfManyChangesTellsTheMeaningOnce(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	for _, id := range strings.Fields("a b c d e f g h i j k l m n o p q r s t u v w x y z") {
		b.Cloud.Add("thing-"+id, values{"Days": resource.OfInt(1)})
	}
	plan := b.Plan(t, "Test.1")
	golden(t, "many", func(out *bytes.Buffer, o show.Options) error { return show.Plan(out, plan, o) })
}

func TestEmptyPlanSaysSo(t *testing.T) {
	t.Parallel()
	plan := fixtest.NewBench(t).Plan(t, "Test.1")
	golden(t, "empty", func(out *bytes.Buffer, o show.Options) error { return show.Plan(out, plan, o) })
}

func TestRunShowsEveryOutcomeAndWhatToDoNext(t *testing.T) {
	t.Parallel()
	b, plan := estate(t)
	b.Cloud.Fault = func(call *fix.Call, _ int) fixtest.Fault {
		if _, ok := call.Parameters["Public"]; ok {
			return fixtest.Fault{Err: &fix.CallError{Operation: call.Operation, Code: "AccessDenied", Message: "not authorized to perform: test:ModifyThing"}}
		}
		return fixtest.Fault{}
	}
	b.Cloud.Set("users", "Group", resource.OfString("by-hand"))
	status, err := b.Runner.Apply(context.Background(), plan)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "run", func(out *bytes.Buffer, o show.Options) error { return show.Run(out, status, o) })
}

func TestRunThatWaitsSaysWhatAPersonMustDo(t *testing.T) {
	t.Parallel()
	b := fixtest.NewBench(t)
	b.Cloud.Add("orders", values{"Days": resource.OfInt(7)})
	status, err := b.Runner.Apply(context.Background(), b.Plan(t, "Test.5"))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "waiting", func(out *bytes.Buffer, o show.Options) error { return show.Run(out, status, o) })
}

func TestRolledBackRunShowsTheWayBack(t *testing.T) {
	t.Parallel()
	b, plan := estate(t)
	if _, err := b.Runner.Apply(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
	status, err := b.NewRunner().Rollback(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "rollback", func(out *bytes.Buffer, o show.Options) error { return show.Run(out, status, o) })
	runs, err := fix.Runs(context.Background(), b.Journal)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "runs", func(out *bytes.Buffer, o show.Options) error { return show.Runs(out, runs, o) })
}

func TestTextFromAccountsCannotSteerTheTerminal(t *testing.T) {
	t.Parallel()
	_, plan := estate(t)
	evil := "x\x1b[2J\u202e"
	for i := range plan.Changes {
		c := &plan.Changes[i]
		c.Resource.ID, c.Warnings, c.Summary = evil, []string{evil}, evil
		c.Sets[0].Before = resource.OfString(evil)
		c.Steps[0].Title = evil
		c.Owners = []fix.Owner{{Kind: evil, Name: evil, Advice: evil}}
	}
	plan.Skipped[0].Detail = evil
	var out bytes.Buffer
	if err := show.Plan(&out, plan, show.Options{Verbose: true}); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\u202e") {
		t.Errorf("%q", out.String())
	}
}

func TestNoticesTellWhatIsBeingDone(t *testing.T) {
	t.Parallel()
	b, plan := estate(t)
	var lines []string
	b.Runner.Observe = func(n fix.Notice) {
		if line := show.Notice(n, show.Options{}); line != "" {
			lines = append(lines, line)
		}
	}
	if _, err := b.Runner.Apply(context.Background(), plan); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(lines, "\n")
	for _, want := range []string{
		"orders  Test.1  set Days to 7", "orders  Test.1  waiting until the change takes effect (0s of at most 15m0s)",
		"orders  Test.1  verified", "orders  Test.4  letting it settle before the next step",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not told in\n%s", want, text)
		}
	}
}

// Source code: what is left at one place for one reason is told once.
func TestCodeShowsEachPlaceOnce(t *testing.T) {
	t.Parallel()
	ref := func(address string) resource.Ref {
		return resource.Ref{Type: "Test::Thing", ID: address, Origin: resource.Origin{File: "main.tf", Line: 9, Address: address}}
	}
	left := func(control, address, detail string, line int) code.Left {
		return code.Left{Control: control, Resource: ref(address), Property: "Days", Reason: code.LeftComputed, Detail: detail, File: "vars.tf", Line: line}
	}
	plan := &code.Plan{
		Edits: []code.Edit{{
			File: "main.tf", Line: 3, Address: "local.days", Name: "days", Before: resource.OfInt(1), After: resource.OfInt(7),
			Property: "Days", Controls: []string{"Test.1"}, Resources: []resource.Ref{ref("thing.a"), ref("thing.b"), ref("thing.c"), ref("thing.d")},
		}},
		Patches: []code.Patch{{File: "main.tf", Diff: "--- a/main.tf\n+++ b/main.tf\n@@ -3 +3 @@\n-  days = 1\n+  days = 7\n"}},
		Left: []code.Left{
			left("Test.2", `thing.each["a"]`, "days of local.all is computed: max(1, 2)", 4),
			left("Test.3", `thing.each["a"]`, "days of local.all is computed: max(1, 2)", 4),
			left("Test.2", `thing.each["b"]`, "days of local.all is computed: max(1, 2)", 4),
			left("Test.3", `thing.each["b"]`, "days of local.all is computed: max(1, 2)", 4),
			left("Test.2", `thing.each["c"]`, "days of local.all is computed: max(1, 2)", 4),
			left("Test.2", `thing.each["d"]`, "the thing cannot do it", 4),
			left("Test.2", `thing.each["e"]`, "days of local.all is computed: max(1, 2)", 8),
		},
	}
	golden(t, "code", func(out *bytes.Buffer, o show.Options) error { return show.Code(out, plan, o) })
}
