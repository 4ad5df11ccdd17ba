package code

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// lines is a language of lines such as "days 1".
type lines struct{}

func (lines) Place(_ *Files, w *Want) (*Spot, *Left, error) {
	if w.At.Line == 0 {
		return nil, &Left{Reason: LeftNoName, Detail: "there is no line"}, nil
	}
	line := strconv.Itoa(w.At.Line)
	return &Spot{File: w.At.File, Key: line, Line: w.At.Line, Address: "line " + line, Name: w.Property}, nil, nil
}

func (lines) Write(_ string, content []byte, settings []Setting) ([]byte, error) {
	all := strings.SplitAfter(string(content), "\n")
	for _, s := range settings {
		name, _, _ := strings.Cut(all[s.Spot.Line-1], " ")
		all[s.Spot.Line-1] = name + " " + s.Value.String() + "\n"
	}
	return []byte(strings.Join(all, "")), nil
}

const thing = `
type: AWS::Test::Thing
title: thing
plural: things
list: test:ListThings
write: {operation: test:ModifyThing, identifier: Id}
properties:
  Days: {type: int, default: 1, write: Days}
  Safe: {type: bool, default: false, write: Safe}
`

const days = `
id: Test.1
title: Things keep for a week
resource: AWS::Test::Thing
severity: LOW
category: Test
checks: It is kept for a week.
why: Because.
check: resource.Days >= 7
fix:
  summary: Keep it
  set: {Days: "7"}
  risk: low
  impact: {downtime: none}
cases:
  - {name: p, given: {Days: 7}, want: PASSED}
`

// A bench is a file of lines, each of which is a resource, and how they are
// judged: it passes when its value is 7 or more, unless said otherwise.
type bench struct {
	file    string
	planner *Planner
	scans   int
	// spoil may change what a scan of the changed values finds.
	spoil func(values []int64, index int) finding.Status
}

func newBench(t *testing.T, content string) *bench { return newBenchOf(t, days, content) }

func newBenchOf(t *testing.T, file, content string) *bench {
	t.Helper()
	catalogue, err := control.Load(fstest.MapFS{"Thing.yaml": {Data: []byte(thing)}, "Test.1.yaml": {Data: []byte(file)}})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{file: filepath.Join(t.TempDir(), "code.txt")}
	if err := os.WriteFile(b.file, []byte(content), 0o640); err != nil {
		t.Fatal(err)
	}
	b.planner = &Planner{
		Catalogue: catalogue, Prove: b.prove, Language: func(string) Language { return lines{} },
		Desired: func(string, *resource.Resource) (map[string]resource.Value, error) {
			return map[string]resource.Value{"Days": resource.OfInt(7)}, nil
		},
	}
	return b
}

func (b *bench) prove(_ context.Context, overlay map[string][]byte, result func(*finding.Finding, *resource.Resource) error) error {
	b.scans++
	content := overlay[b.file]
	if content == nil {
		return errors.New("the file is not laid over")
	}
	return b.judge(string(content), true, result)
}

func (b *bench) judge(content string, changed bool, result func(*finding.Finding, *resource.Resource) error) error {
	var values []int64
	for line := range strings.Lines(content) {
		_, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return err
		}
		values = append(values, n)
	}
	for i, n := range values {
		at := resource.Origin{File: b.file, Line: i + 1, Address: fmt.Sprintf("thing.%d", i+1)}
		r := &resource.Resource{
			Ref: resource.Ref{Type: "AWS::Test::Thing", ID: at.Address, Origin: at}, Where: map[string]resource.Origin{"Days": at},
			Properties: map[string]resource.Value{"Days": resource.OfInt(n)},
		}
		f := &finding.Finding{Control: "Test.1", Status: finding.Failed, Resource: r.Ref}
		if n >= 7 {
			f.Status = finding.Passed
		}
		if changed && b.spoil != nil {
			if status := b.spoil(values, i); status != "" {
				f.Status = status
			}
		}
		if err := result(f, r); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) plan(t *testing.T) *Plan {
	t.Helper()
	content, err := os.ReadFile(b.file)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.judge(string(content), false, b.planner.Add); err != nil {
		t.Fatal(err)
	}
	plan, err := b.planner.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// edited lists the lines that are edited, and left those that are not.
func edited(plan *Plan) (edits []int, left []string) {
	for _, e := range plan.Edits {
		edits = append(edits, e.Line)
	}
	for _, l := range plan.Left {
		left = append(left, fmt.Sprintf("%d %s", l.Line, l.Reason))
	}
	return edits, left
}

func TestOnlyWhatIsProvenIsPlanned(t *testing.T) {
	t.Parallel()
	passes := finding.Status("")
	for _, c := range []struct {
		name  string
		spoil func(values []int64, index int) finding.Status
		edits []int
		left  []string
	}{
		{"all pass", nil, []int{1, 2, 3, 5}, nil},
		{"one does not pass", func(_ []int64, i int) finding.Status {
			if i == 1 {
				return finding.Failed
			}
			return passes
		}, []int{1, 3, 5}, []string{"2 unproven"}},
		{"one spoils another far away", func(values []int64, i int) finding.Status {
			if i == 3 && values[2] == 7 {
				return finding.Failed
			}
			return passes
		}, []int{1, 2, 5}, []string{"3 unproven"}},
		{"two spoil another together", func(values []int64, i int) finding.Status {
			if i == 3 && values[0] == 7 && values[4] == 7 {
				return finding.NotAvailable
			}
			return passes
		}, nil, []string{"1 unproven", "2 unproven", "3 unproven", "5 unproven"}},
		{"nothing passes", func([]int64, int) finding.Status { return finding.Failed },
			nil, []string{"1 unproven", "2 unproven", "3 unproven", "5 unproven"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, "a 1\nb 2\nc 3\nd 8\ne 1\n")
			b.spoil = c.spoil
			plan := b.plan(t)
			edits, left := edited(plan)
			if diff := cmp.Diff(c.edits, edits); diff != "" {
				t.Errorf("edits (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.left, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			if b.scans > maxScans {
				t.Errorf("it took %d scans", b.scans)
			}
			if len(c.edits) == 0 && len(plan.Patches) > 0 {
				t.Errorf("there are no edits, and a patch:\n%s", plan.Diff())
			}
		})
	}
}

func TestTheProofIsBounded(t *testing.T) {
	t.Parallel()
	b := newBench(t, strings.Repeat("a 1\n", 200)+"z 8\n")
	b.spoil = func(values []int64, i int) finding.Status {
		if odd := func(n int) bool { return n%2 == 1 && values[n] == 7 }; i == 200 && (odd(1) || odd(51) || odd(99) || odd(151) || odd(177)) {
			return finding.Failed
		}
		return ""
	}
	plan := b.plan(t)
	if b.scans > maxScans || len(plan.Edits)+len(plan.Left) != 200 {
		t.Errorf("after %d scans there are %d edits and %d are left", b.scans, len(plan.Edits), len(plan.Left))
	}
}

func TestAScanThatFailsIsNoProof(t *testing.T) {
	t.Parallel()
	b := newBench(t, "a 1\n")
	broken := errors.New("no room")
	b.planner.Prove = func(context.Context, map[string][]byte, func(*finding.Finding, *resource.Resource) error) error {
		return broken
	}
	if err := b.judge("a 1\n", false, b.planner.Add); err != nil {
		t.Fatal(err)
	}
	if _, err := b.planner.Plan(t.Context()); !errors.Is(err, broken) {
		t.Errorf("the error is %v", err)
	}
}

func TestExceptedFindingsAreLeft(t *testing.T) {
	t.Parallel()
	b := newBench(t, "a 1\nb 1\n")
	except := func(f *finding.Finding, r *resource.Resource) error {
		if r.Origin.Line == 1 {
			f.Exception = &finding.Exception{Source: "holdfast.yaml:3", Reason: "a test"}
		}
		return b.planner.Add(f, r)
	}
	if err := b.judge("a 1\nb 1\n", false, except); err != nil {
		t.Fatal(err)
	}
	plan, err := b.planner.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	edits, left := edited(plan)
	if !slices.Equal(edits, []int{2}) || !slices.Equal(left, []string{"1 excepted"}) {
		t.Errorf("edits %v, left %v", edits, left)
	}
}

// Two names of one file make one patch, which is scanned under both.
func TestAFileWithTwoNamesIsChangedOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, "a 1\nb 1\n")
	link := filepath.Join(t.TempDir(), "link.txt")
	if err := os.Symlink(b.file, link); err != nil {
		t.Fatal(err)
	}
	rename := func(f *finding.Finding, r *resource.Resource) error {
		if r.Origin.Line == 2 {
			at := r.Where["Days"]
			at.File = link
			r.Where["Days"] = at
		}
		return b.planner.Add(f, r)
	}
	if err := b.judge("a 1\nb 1\n", false, rename); err != nil {
		t.Fatal(err)
	}
	b.planner.Prove = func(ctx context.Context, overlay map[string][]byte, result func(*finding.Finding, *resource.Resource) error) error {
		if len(overlay) != 2 || string(overlay[link]) != "a 7\nb 7\n" {
			t.Errorf("laid over: %q", overlay)
		}
		return b.prove(ctx, overlay, result)
	}
	plan, err := b.planner.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Patches) != 1 || len(plan.Edits) != 2 {
		t.Errorf("%d patches, %d edits", len(plan.Patches), len(plan.Edits))
	}
}

func TestWriteKeepsLinksAndPermissions(t *testing.T) {
	t.Parallel()
	b := newBench(t, "a 1\n")
	plan := b.plan(t)
	link := filepath.Join(t.TempDir(), "link.txt")
	if err := os.Symlink(b.file, link); err != nil {
		t.Fatal(err)
	}
	plan.Patches[0].File = link
	if err := plan.Write(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(link)
	if err != nil || info.Mode().Type() != fs.ModeSymlink {
		t.Errorf("the link is %v, %v", info, err)
	}
	content, err := os.ReadFile(b.file)
	if err != nil || string(content) != "a 7\n" {
		t.Errorf("the file holds %q, %v", content, err)
	}
	if info, err := os.Stat(b.file); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("the file's mode is %v, %v", info.Mode(), err)
	}
}

func TestWriteRefusesFilesThatMoved(t *testing.T) {
	t.Parallel()
	b := newBench(t, "a 1\n")
	plan := b.plan(t)
	other := filepath.Join(t.TempDir(), "other.txt")
	if err := os.WriteFile(other, []byte("x 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	plan.Patches = append(plan.Patches, Patch{File: other, Before: []byte("x 0\n"), After: []byte("x 7\n")})
	var stale *StaleError
	if err := plan.Write(t.Context()); !errors.As(err, &stale) || !slices.Equal(stale.Files, []string{other}) {
		t.Errorf("the error is %v", err)
	}
	if content, err := os.ReadFile(b.file); err != nil || string(content) != "a 1\n" {
		t.Errorf("the other file was written: %q, %v", content, err)
	}
}

func TestAnInterruptedWriteTellsHowFarItCame(t *testing.T) {
	t.Parallel()
	b := newBench(t, "a 1\n")
	plan := b.plan(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var fault *WriteError
	if err := plan.Write(ctx); !errors.As(err, &fault) || fault.File != b.file || len(fault.Written) != 0 || !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	entries, err := os.ReadDir(filepath.Dir(b.file))
	if err != nil || len(entries) != 1 {
		t.Errorf("something is left behind: %v, %v", entries, err)
	}
}

func TestWhatBelongsToOthersIsKnown(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, file, content string
		others              bool
	}{
		{"Go's words", "a.tf", "// Code generated by x. DO NOT EDIT.\n", true},
		{"Terragrunt", "a.tf", "# Generated by Terragrunt. Sig: x\n", true},
		{"further down in the head", "a.tf", "\ufeff# Copyright\n#\n\n# This file was generated, see x.\na = 1\n", true},
		{"autogenerated", "a.yaml", "# AUTO-GENERATED\r\n", true},
		{"@generated", "a.tf", "/*\n * @generated\n */\n", true},
		{"downloaded", "x/.terraform/modules/y/a.tf", "", true},
		{"below the head", "a.tf", "a = 1\n# Code generated by x. DO NOT EDIT.\n", false},
		{"a person's words", "a.tf", "# Alarms generated on failure go to x.\n", false},
		{"in a value", "a.tf", "a = \"Code generated; DO NOT EDIT\"\n", false},
		{"named like it", "x/terraform/a.tf", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := upstream(c.file, "/"+c.file, []byte(c.content)); (got != "") != c.others {
				t.Errorf("it says %q", got)
			}
		})
	}
}

func TestWantsOfOtherValuesConflict(t *testing.T) {
	t.Parallel()
	b := newBench(t, "a 1\nb 1\n")
	b.planner.Desired = func(_ string, r *resource.Resource) (map[string]resource.Value, error) {
		return map[string]resource.Value{"Days": resource.OfInt(int64(6 + r.Origin.Line))}, nil
	}
	shared := func(f *finding.Finding, r *resource.Resource) error {
		r.Where["Days"] = resource.Origin{File: b.file, Line: 1}
		return b.planner.Add(f, r)
	}
	if err := b.judge("a 1\nb 1\n", false, shared); err != nil {
		t.Fatal(err)
	}
	plan, err := b.planner.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Left) != 2 || plan.Left[0].Reason != LeftConflict || !strings.Contains(plan.Left[0].Detail, "7 for thing.1 (Test.1), and 8 for thing.2 (Test.1)") {
		t.Errorf("left: %+v", plan.Left)
	}
	if b.scans != 0 {
		t.Error("there was nothing to prove")
	}
}

// An edit that serves several stays for those that pass with it.
func TestOneOfSeveralThatDoesNotPassIsLeft(t *testing.T) {
	t.Parallel()
	b := newBench(t, "a 1\nb 1\n")
	shared := func(f *finding.Finding, r *resource.Resource) error {
		r.Where["Days"] = resource.Origin{File: b.file, Line: 1}
		return b.planner.Add(f, r)
	}
	if err := b.judge("a 1\nb 1\n", false, shared); err != nil {
		t.Fatal(err)
	}
	plan, err := b.planner.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(plan.Edits) != 1 || len(plan.Edits[0].Resources) != 1 || plan.Edits[0].Resources[0].ID != "thing.1" {
		t.Errorf("edits: %+v", plan.Edits)
	}
	if len(plan.Left) != 1 || plan.Left[0].Resource.ID != "thing.2" || plan.Left[0].Reason != LeftNotProven {
		t.Errorf("left: %+v", plan.Left)
	}
}

func TestWhatMustBeAcceptedIsLeftUntilItIs(t *testing.T) {
	t.Parallel()
	replaces := strings.Replace(days, "{downtime: none}", "{downtime: none, replaces: true}", 1)
	asks := strings.Replace(days, "risk: low", "risk: low\n  accept: It locks people out.", 1)
	for _, c := range []struct {
		name, file, accept string
		left               []string
	}{
		{"replaces", replaces, "", []string{"1 replaces"}},
		{"replaces, and another one is accepted", replaces, "Test.2", []string{"1 replaces"}},
		{"replaces and is accepted", replaces, "Test.1", nil},
		{"asks", asks, "", []string{"1 accept"}},
		{"asks and is accepted", asks, "Test.1", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			b := newBenchOf(t, c.file, "a 1\n")
			b.planner.Accept = []string{c.accept}
			edits, left := edited(b.plan(t))
			if diff := cmp.Diff(c.left, left); diff != "" || len(edits)+len(left) != 1 {
				t.Errorf("edits %v, left (-want +got):\n%s", edits, diff)
			}
		})
	}
}
