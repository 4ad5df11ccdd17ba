package hcl_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/fix/code/hcl"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/services"
)

var update = flag.Bool("update", false, "write after/ and report.txt of the cases in testdata anew")

// Every folder of testdata is a case: the code before, the code after, and the
// report in between. Its how.txt says what it shows and with which settings. A
// folder called _terraform stands for .terraform.
func TestCases(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*/before")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		folder := filepath.Dir(name)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			run := newRun(t, folder)
			before := run.files(t)
			plan := run.plan(t)
			report := run.report(plan)
			if err := plan.Write(t.Context()); err != nil {
				t.Fatal(err)
			}
			after := run.files(t)
			if *update {
				writeCase(t, folder, report, after)
			}
			if diff := cmp.Diff(read(t, filepath.Join(folder, "report.txt")), report); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(readTree(t, filepath.Join(folder, "after")), after); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			staysFormatted(t, before, after)
			run.passesNow(t, plan)
			if again := run.plan(t); len(again.Edits)+len(again.Patches) > 0 || len(again.Left) > len(plan.Left) {
				t.Errorf("planned once more, there is something else to do:\n%s", run.report(again))
			}
		})
	}
}

// A run is one case in a folder of its own.
type run struct {
	dir       string
	paths     []string
	chosen    []string
	accept    []string
	options   directory.Options
	catalogue *control.Catalogue
	judge     *engine.Engine
}

func newRun(t *testing.T, folder string) *run {
	t.Helper()
	r := &run{dir: t.TempDir(), chosen: []string{"Neptune.5"}}
	for name, text := range readTree(t, filepath.Join(folder, "before")) {
		target := filepath.Join(r.dir, strings.ReplaceAll(name, "_terraform", ".terraform"))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r.settings(read(t, filepath.Join(folder, "how.txt")))
	if r.paths == nil {
		r.paths = []string{r.dir}
	}
	controls := services.Controls()
	if own := filepath.Join(folder, "controls"); exists(own) {
		controls = os.DirFS(own)
	}
	r.load(t, controls)
	return r
}

// settings reads lines such as "accept: Neptune.1"; others are prose.
func (r *run) settings(text string) {
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "controls":
			r.chosen = strings.Fields(value)
		case "accept":
			r.accept = strings.Fields(value)
		case "path":
			r.paths = append(r.paths, filepath.Join(r.dir, value))
		case "var":
			name, text, _ := strings.Cut(value, "=")
			r.options.Variables = append(r.options.Variables, directory.Assignment{Name: name, Value: text})
		case "var-file":
			r.options.Variables = append(r.options.Variables, directory.Assignment{File: filepath.Join(r.dir, value)})
		case "env":
			r.options.Environment = append(r.options.Environment, value)
		}
	}
}

func (r *run) load(t *testing.T, controls fs.FS) {
	t.Helper()
	var err error
	if r.catalogue, err = control.Load(controls); err != nil {
		t.Fatal(err)
	}
	chosen := slices.DeleteFunc(slices.Clone(r.catalogue.Controls), func(c *control.Control) bool { return !slices.Contains(r.chosen, c.ID) })
	params, err := r.catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.judge, err = engine.New(r.catalogue, chosen, params); err != nil {
		t.Fatal(err)
	}
}

type silent struct{}

func (silent) Begin(*finding.Header) error    { return nil }
func (silent) Finding(*finding.Finding) error { return nil }
func (silent) Gap(*finding.Gap) error         { return nil }
func (silent) End(*finding.Footer) error      { return nil }

// scan judges the code with the real source, joins and engine.
func (r *run) scan(ctx context.Context, overlay map[string][]byte, result func(*finding.Finding, *resource.Resource) error) error {
	options := r.options
	options.Overlay = overlay
	_, err := scan.Run(ctx, scan.Options{
		Source: directory.New(r.paths, terraform.NewMapping(r.catalogue.Types, services.TerraformJoiners()), options),
		Engine: r.judge, Handler: silent{}, Concurrency: 2, OnResult: result,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
	})
	return err
}

func (r *run) plan(t *testing.T) *code.Plan {
	t.Helper()
	planner := &code.Planner{
		Catalogue: r.catalogue, Desired: r.judge.Desired, Accept: r.accept, Prove: r.scan,
		Language: func(file string) code.Language {
			if hcl.Handles(file) {
				return hcl.Language{}
			}
			return nil
		},
	}
	if err := r.scan(t.Context(), nil, planner.Add); err != nil {
		t.Fatal(err)
	}
	plan, err := planner.Plan(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// passesNow scans the files as they are now: what was edited for passes.
func (r *run) passesNow(t *testing.T, plan *code.Plan) {
	t.Helper()
	passed := make(map[string]bool)
	err := r.scan(t.Context(), nil, func(f *finding.Finding, res *resource.Resource) error {
		passed[f.Control+" "+res.Key()] = f.Status == finding.Passed
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range plan.Edits {
		for _, ref := range e.Resources {
			if !slices.ContainsFunc(e.Controls, func(id string) bool { return passed[id+" "+ref.Key()] }) {
				t.Errorf("%s does not pass %v with the edit at %s:%d", ref.Origin.Address, e.Controls, e.File, e.Line)
			}
		}
	}
}

// report writes the plan as a person would read it.
func (r *run) report(plan *code.Plan) string {
	var out bytes.Buffer
	for _, e := range plan.Edits {
		verb := "set"
		if e.Insert {
			verb = "add"
		}
		fmt.Fprintf(&out, "%s:%d %s %s of %s: %s → %s\n", e.File, e.Line, verb, e.Name, e.Address, e.Before, e.After)
		for _, ref := range e.Resources {
			fmt.Fprintf(&out, "\t%s of %s (%s)\n", e.Property, ref.Origin.Address, strings.Join(e.Controls, ", "))
		}
	}
	for _, l := range plan.Left {
		fmt.Fprintf(&out, "left: %s %s of %s at %s:%d: %s: %s\n", l.Control, l.Property, l.Resource.Origin.Address, l.File, l.Line, l.Reason, l.Detail)
	}
	out.WriteString("\n" + plan.Diff())
	dir := filepath.ToSlash(r.dir)
	return strings.NewReplacer("--- a"+dir, "--- a", "+++ b"+dir, "+++ b", dir+"/", "").Replace(out.String())
}

func (r *run) files(t *testing.T) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for name, text := range readTree(t, r.dir) {
		files[strings.ReplaceAll(name, ".terraform", "_terraform")] = text
	}
	return files
}

// staysFormatted holds the files that were formatted to it.
func staysFormatted(t *testing.T, before, after map[string]string) {
	t.Helper()
	formatted := func(text string) bool {
		text = strings.ReplaceAll(strings.TrimPrefix(text, "\ufeff"), "\r\n", "\n")
		return string(hclwrite.Format([]byte(text))) == text
	}
	for name, text := range after {
		if !strings.HasSuffix(name, ".json") && formatted(before[name]) && !formatted(text) {
			t.Errorf("%s was formatted and is no more", name)
		}
	}
}

func writeCase(t *testing.T, folder, report string, after map[string]string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "report.txt"), []byte(report), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(folder, "after")); err != nil {
		t.Fatal(err)
	}
	for name, text := range after {
		target := filepath.Join(folder, "after", name)
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func readTree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = read(t, name)
		return err
	})
	if err != nil && *update {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}
