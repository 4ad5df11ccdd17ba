package template_test

import (
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
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/fix/code/template"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/services"
)

var update = flag.Bool("update", false, "write the golden files")

// TestGolden fixes every folder of testdata: what stands in before becomes what
// stands in after, with what report.txt says. Its options.txt chooses the
// controls and gives parameters, one per line.
func TestGolden(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() || entry.Name() == "fuzz" {
			continue
		}
		t.Run(entry.Name(), func(t *testing.T) {
			t.Parallel()
			c := newCase(t, filepath.Join("testdata", entry.Name()))
			plan := c.plan(t)
			if err := plan.Write(context.Background()); err != nil {
				t.Fatal(err)
			}
			c.golden(t, "report.txt", c.told(plan))
			c.sameTree(t)
			again := c.plan(t)
			if len(again.Patches) > 0 {
				t.Errorf("a second run changes more:\n%s", again.Diff())
			}
			c.passes(t, plan)
		})
	}
}

// one case, copied to a directory that may be written.
type one struct {
	from, dir string
	options   cloudformation.Options
	controls  []string
	accept    []string
	catalogue *control.Catalogue
	engine    *engine.Engine
}

func newCase(t *testing.T, from string) *one {
	t.Helper()
	c := &one{from: from, dir: t.TempDir(), controls: []string{"Neptune.5"}}
	if err := os.CopyFS(c.dir, os.DirFS(filepath.Join(from, "before"))); err != nil {
		t.Fatal(err)
	}
	c.options.Parameters = make(map[string]string)
	given, err := os.ReadFile(filepath.Join(from, "options.txt"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(given)) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch name, value, _ := strings.Cut(rest, "="); word {
		case "control":
			c.controls = strings.Fields(rest)
		case "accept":
			c.accept = strings.Fields(rest)
		case "param":
			c.options.Parameters[name] = value
		case "param-file":
			c.options.ParameterFiles = append(c.options.ParameterFiles, filepath.Join(c.dir, rest))
		default:
			t.Fatalf("options.txt: %q", line)
		}
	}
	c.compile(t)
	return c
}

func (c *one) compile(t testing.TB) {
	t.Helper()
	var err error
	if c.catalogue, err = control.Load(services.Controls()); err != nil {
		t.Fatal(err)
	}
	var chosen []*control.Control
	for _, id := range c.controls {
		chosen = append(chosen, c.catalogue.Find(id))
	}
	params, err := c.catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.engine, err = engine.New(c.catalogue, chosen, params); err != nil {
		t.Fatal(err)
	}
	c.options.Types, c.options.Joiners = c.catalogue.Types, services.CloudFormationJoiners()
}

// scan judges the directory, with other contents in place of files.
func (c *one) scan(ctx context.Context, overlay map[string][]byte, result func(*finding.Finding, *resource.Resource) error) error {
	o := c.options
	o.Overlay = overlay
	_, err := scan.Run(ctx, scan.Options{
		Source: cloudformation.New([]string{c.dir}, o), Engine: c.engine, Handler: silent{}, Concurrency: 2, OnResult: result,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
	})
	return err
}

func (c *one) plan(t *testing.T) *code.Plan {
	t.Helper()
	language := template.New(c.options)
	p := &code.Planner{
		Catalogue: c.catalogue, Desired: c.engine.Desired, Accept: c.accept, Prove: c.scan,
		Language: func(string) code.Language { return language },
	}
	if err := c.scan(context.Background(), nil, p.Add); err != nil {
		t.Fatal(err)
	}
	plan, err := p.Plan(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// told writes a plan for a person, without the directory of the copy.
func (c *one) told(p *code.Plan) string {
	var out strings.Builder
	for _, e := range p.Edits {
		fmt.Fprintf(&out, "edit %s:%d %s %s: %s -> %s for %s", e.File, e.Line, e.Address, e.Name, e.Before, e.After, strings.Join(e.Controls, " "))
		for _, r := range e.Resources {
			fmt.Fprintf(&out, " %s", r.Origin.Address)
		}
		out.WriteString(map[bool]string{true: " (inserted)\n", false: "\n"}[e.Insert])
	}
	for _, l := range p.Left {
		fmt.Fprintf(&out, "left %s:%d %s %s %s: %s: %s\n", l.File, l.Line, l.Control, l.Resource.Origin.Address, l.Property, l.Reason, l.Detail)
	}
	out.WriteString(p.Diff())
	return strings.NewReplacer("--- a"+c.dir, "--- a", "+++ b"+c.dir, "+++ b", c.dir+"/", "").Replace(out.String())
}

// golden compares a text with a file of the case.
func (c *one) golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(c.from, name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

// sameTree compares the directory with what stands in after.
func (c *one) sameTree(t *testing.T) {
	t.Helper()
	after := filepath.Join(c.from, "after")
	if *update {
		if err := os.RemoveAll(after); err != nil {
			t.Fatal(err)
		}
		if err := os.CopyFS(after, os.DirFS(c.dir)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(tree(t, after), tree(t, c.dir)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		files[path] = string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// passes holds the plan to its word: what it was made for passes now.
func (c *one) passes(t *testing.T, plan *code.Plan) {
	t.Helper()
	status := make(map[string]finding.Status)
	err := c.scan(context.Background(), nil, func(f *finding.Finding, r *resource.Resource) error {
		status[f.Control+" "+r.Key()] = f.Status
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range plan.Edits {
		for i := range e.Resources {
			key := e.Controls[0] + " " + e.Resources[i].Key()
			left := slices.ContainsFunc(plan.Left, func(l code.Left) bool { return l.Control == e.Controls[0] })
			if status[key] != finding.Passed && !left {
				t.Errorf("%s is %s", key, status[key])
			}
		}
	}
}

// silent is a handler that keeps nothing.
type silent struct{}

func (silent) Begin(*finding.Header) error    { return nil }
func (silent) Finding(*finding.Finding) error { return nil }
func (silent) Gap(*finding.Gap) error         { return nil }
func (silent) End(*finding.Footer) error      { return nil }
