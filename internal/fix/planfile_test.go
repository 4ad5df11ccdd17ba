package fix_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// planText is a sealed plan as it stands in its file.
func planText(t testing.TB) (*fix.Plan, string) {
	t.Helper()
	b := fixtest.NewBench(t)
	b.Cloud.Add("a", values{"Days": resource.OfInt(1), "Tags": resource.OfMap(values{"env": resource.OfString("<prod> & test")})})
	plan := b.Plan(t, "Test.1", "Test.4", "Test.5")
	path := filepath.Join(t.TempDir(), "plan.json")
	if err := fix.WritePlan(path, plan); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return plan, string(data)
}

func TestAPlanComesBackFromItsFile(t *testing.T) {
	t.Parallel()
	want, text := planText(t)
	got, err := fix.ReadPlan(strings.NewReader(text), "plan.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyTheOwnerMayReadAPlanFile(t *testing.T) {
	t.Parallel()
	plan, _ := planText(t)
	path := filepath.Join(t.TempDir(), "plan.json")
	for range 2 { // the second time over the first
		if err := fix.WritePlan(path, plan); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := fix.WritePlan(filepath.Join(path, "x"), plan); err == nil {
		t.Error("a plan was written below a file")
	}
}

func TestTheSamePlanHasTheSameDigestAndIDs(t *testing.T) {
	t.Parallel()
	first, _ := planText(t)
	second, _ := planText(t)
	if first.Digest != second.Digest || len(first.Digest) != 64 {
		t.Errorf("%s and %s", first.Digest, second.Digest)
	}
	for i := range first.Changes {
		if first.Changes[i].ID != second.Changes[i].ID || len(first.Changes[i].ID) != 16 {
			t.Errorf("change %d: %s and %s", i, first.Changes[i].ID, second.Changes[i].ID)
		}
	}
}

func TestABadPlanFileIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	_, good := planText(t)
	for name, test := range map[string]struct {
		text string
		want string
		line int
	}{
		"empty":          {"", "the file is empty", 0},
		"blank":          {" \n\t", "the file is empty", 0},
		"cut short":      {good[:len(good)/2], "ends in the middle", 1 + strings.Count(good[:len(good)/2], "\n")},
		"no JSON":        {"# plan\nformat: 1\n", "invalid character", 1},
		"a list":         {"[]", "names no format version", 0},
		"something else": {`{"findings": []}`, "names no format version", 0},
		"newer format":   {strings.Replace(good, `"format": 1`, `"format": 2`, 1), "format version 2; this program reads version 1", 0},
		"unknown field":  {strings.Replace(good, `"tool":`, `"tol":`, 1), "tol: the field is not known", 3},
		"wrong type":     {strings.Replace(good, `"tool": "holdfast"`, `"tool": 7`, 1), "tool: a number stands where a string belongs", 3},
		"edited value":   {strings.Replace(good, `"Days": 7`, `"Days": 35`, 1), "the plan was edited", 0},
		"edited digest":  {strings.Replace(good, `"digest": "`, `"digest": "0`, 1), "the plan was edited", 0},
		"doubled field":  {strings.Replace(good, `"Days": 7`, `"Days": 7, "Days": 1`, 1), "the plan was edited", 0},
		"two documents":  {good + "{}", "something follows the plan", 1 + strings.Count(good, "\n")},
		"escape code":    {strings.Replace(good, `"summary": "`, `"summary": "\u001b[2J`, 1), "changes[0]: it holds a control character", 0},
		"turned round":   {strings.Replace(good, `"summary": "`, `"summary": "\u202e`, 1), "changes[0]: it holds a control character", 0},
		"a backslash":    {strings.Replace(good, `"summary": "`, `"summary": "C:\\build`, 1), "the plan was edited", 0},
		"no proof":       {strings.Replace(good, `"is": "there"`, `"is": "maybe"`, 1), `"maybe" is none of`, 0},
		"deeply nested":  {strings.Replace(good, `"Days": 7`, `"Days": `+strings.Repeat("[", 100)+strings.Repeat("]", 100), 1), "nested deeper", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := fix.ReadPlan(strings.NewReader(test.text), "plan.json")
			var fault *fix.PlanFileError
			if !errors.As(err, &fault) {
				t.Fatalf("got %v", err)
			}
			if !strings.Contains(err.Error(), "plan.json") || !strings.Contains(err.Error(), test.want) || fault.Hint() == "" {
				t.Errorf("got %v", err)
			}
			if test.line != 0 && fault.Line != test.line {
				t.Errorf("line %d, not %d: %v", fault.Line, test.line, err)
			}
		})
	}
}

func TestAHugePlanFileIsRefusedWithoutReadingItAll(t *testing.T) {
	t.Parallel()
	endless := &blanks{}
	_, err := fix.ReadPlan(endless, "huge.json")
	if err == nil || !strings.Contains(err.Error(), "larger than 256 MiB") || endless.read > 257<<20 {
		t.Errorf("%d bytes read: %v", endless.read, err)
	}
}

// blanks is a file without end.
type blanks struct{ read int }

func (b *blanks) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	b.read += len(p)
	return len(p), nil
}

func TestAnImpossiblePlanIsNotSealed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		spoil func(*fix.Change)
		want  string
	}{
		"without steps":           {func(c *fix.Change) { c.Steps = nil }, "at least one step"},
		"without id":              {func(c *fix.Change) { c.ID = "" }, "no id of its own"},
		"call without proof":      {func(c *fix.Change) { c.Steps[0].Done = nil }, "nothing would prove that the step"},
		"undo without proof":      {func(c *fix.Change) { c.Steps[0].UndoDone = nil }, "nothing would prove that the undo"},
		"proof that holds before": {func(c *fix.Change) { c.Steps[0].Done = c.Steps[0].Before }, "would never be made"},
		"undo proven before":      {func(c *fix.Change) { c.Steps[0].UndoDone = c.Steps[0].Done }, "would never be made"},
		"call and manual":         {func(c *fix.Change) { c.Steps[0].Manual = "x" }, "either a call or manual"},
		"nothing":                 {func(c *fix.Change) { c.Steps[0].Call, c.Steps[0].Undo = nil, nil }, "neither forward nor back"},
		"two steps with one id":   {func(c *fix.Change) { c.Steps = append(c.Steps, c.Steps[0]) }, "no id of its own"},
		"held against unknown":    {func(c *fix.Change) { c.Steps[0].Done[0].Value = resource.OfUnknown(resource.Missing{}) }, "unknown value"},
		"call without a region":   {func(c *fix.Change) { c.Steps[0].Call.Region = "" }, "a region"},
		"resource without a type": {func(c *fix.Change) { c.Resource.Type = "" }, "needs a type"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := fixtest.NewBench(t)
			b.Cloud.Add("a", days(1))
			plan := b.Plan(t, "Test.1")
			test.spoil(&plan.Changes[0])
			if err := fix.Seal(plan); err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "changes[0]") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func FuzzReadPlan(f *testing.F) {
	// A small plan: the fuzzer shortens what it finds, byte by byte.
	ref := resource.Ref{Type: "T", ID: "a"}
	plan := &fix.Plan{Changes: []fix.Change{{ID: "c", Control: "C.1", Resource: ref, Steps: []fix.Step{{
		ID: "1", Call: &fix.Call{Operation: "s:O", Region: "r", Parameters: days(7)},
		Done: []fix.Condition{{Resource: ref, Property: "Days", Is: fix.IsEqual, Value: resource.OfInt(7)}},
	}}}}}
	if err := fix.Seal(plan); err != nil {
		f.Fatal(err)
	}
	good, err := json.Marshal(plan)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte(`{"format":1,"changes":[{"id":"x","steps":[{}]}]}`))
	f.Add([]byte(`{"format":1e9}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		plan, err := fix.ReadPlan(bytes.NewReader(data), "plan.json")
		if err != nil {
			var fault *fix.PlanFileError
			if !errors.As(err, &fault) {
				t.Errorf("%v says nothing of the file", err)
			}
			return
		}
		// Whatever is accepted comes back as the same plan.
		again, err := json.Marshal(plan)
		if err != nil {
			t.Fatal(err)
		}
		back, err := fix.ReadPlan(bytes.NewReader(again), "again.json")
		if err != nil || back.Digest != plan.Digest {
			t.Errorf("accepted once and then refused: %v", err)
		}
	})
}
