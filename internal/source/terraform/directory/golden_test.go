package directory_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
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
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/services"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write the golden parts of testdata/cases anew")

// Every case is one archive: what it shows and how to scan it, the code, and
// last the findings and gaps under "want".
func TestCases(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			got := runCase(t, archive)
			last := len(archive.Files) - 1
			if archive.Files[last].Name != "want" {
				t.Fatal(`the last file of a case is called "want"`)
			}
			if *update {
				archive.Files[last].Data = []byte(got)
				if err := os.WriteFile(name, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[last].Data), got); diff != "" {
				t.Errorf("findings and gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// runCase scans the code of an archive as its comment says.
func runCase(t *testing.T, archive *txtar.Archive) string {
	t.Helper()
	dir := t.TempDir()
	code := &txtar.Archive{Files: slices.DeleteFunc(slices.Clone(archive.Files), func(f txtar.File) bool { return f.Name == "want" })}
	if err := txtar.Write(code, dir); err != nil {
		t.Fatal(err)
	}
	how := settings(t, string(archive.Comment), dir)
	report := scanCode(t, how)
	text := strings.ReplaceAll(report.text(), filepath.ToSlash(dir)+"/", "")
	return strings.ReplaceAll(text, filepath.ToSlash(dir), "DIR")
}

type how struct {
	paths    []string
	controls []string
	origins  bool
	options  directory.Options
}

// settings reads lines such as "controls: Neptune.5"; others are prose.
func settings(t *testing.T, comment, dir string) how {
	h := how{controls: []string{"Neptune.*"}}
	for line := range strings.Lines(comment) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "path":
			h.paths = append(h.paths, filepath.Join(dir, value))
		case "controls":
			h.controls = strings.Fields(value)
		case "origins":
			h.origins = true
		case "var":
			name, text, _ := strings.Cut(value, "=")
			h.options.Variables = append(h.options.Variables, directory.Assignment{Name: name, Value: text})
		case "var-file":
			h.options.Variables = append(h.options.Variables, directory.Assignment{File: filepath.Join(dir, value)})
		case "env":
			h.options.Environment = append(h.options.Environment, value)
		case "workspace":
			h.options.Workspace = value
		}
	}
	if h.paths == nil {
		h.paths = []string{dir}
	}
	return h
}

// report is what a scan says, in the order in which it says it.
type report struct {
	how       how
	findings  []*finding.Finding
	resources []*resource.Resource
	gaps      []finding.Gap
	footer    *finding.Footer
}

func (r *report) Begin(*finding.Header) error      { return nil }
func (r *report) Finding(f *finding.Finding) error { r.findings = append(r.findings, f); return nil }
func (r *report) Gap(g *finding.Gap) error         { r.gaps = append(r.gaps, *g); return nil }
func (r *report) End(footer *finding.Footer) error { r.footer = footer; return nil }

// finding returns what a control says of an address; nil for nothing.
func (r *report) finding(address, control string) *finding.Finding {
	for _, f := range r.findings {
		if f.Resource.ID == address && f.Control == control {
			return f
		}
	}
	return nil
}

func catalogue(t testing.TB) *control.Catalogue {
	t.Helper()
	all, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// scanCode judges code with the real engine, controls and joins.
func scanCode(t testing.TB, h how) *report {
	t.Helper()
	r, err := tryScan(t, h)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func tryScan(t testing.TB, h how) (*report, error) {
	t.Helper()
	all := catalogue(t)
	chosen := slices.DeleteFunc(slices.Clone(all.Controls), func(c *control.Control) bool {
		return !slices.ContainsFunc(h.controls, func(glob string) bool { ok, _ := filepath.Match(glob, c.ID); return ok })
	})
	params, err := all.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := engine.New(all, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	r := &report{how: h}
	mapping := terraform.NewMapping(all.Types, services.TerraformJoiners())
	_, err = scan.Run(context.Background(), scan.Options{
		Source: directory.New(h.paths, mapping, h.options), Engine: judge, Handler: r, Concurrency: 2,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
		OnResult: func(_ *finding.Finding, res *resource.Resource) error {
			if n := len(r.resources); n == 0 || r.resources[n-1] != res {
				r.resources = append(r.resources, res)
			}
			return nil
		},
	})
	return r, err
}

// text writes one line per finding and gap.
func (r *report) text() string {
	var out bytes.Buffer
	for _, f := range r.findings {
		fmt.Fprintf(&out, "%s %s %s %s\n", f.Control, f.Status, f.Resource.Origin.Address, place(f.Resource.Origin))
		for _, e := range f.Evidence {
			if e.Expected == "" {
				continue
			}
			fmt.Fprintf(&out, "\t%s = %s", e.Property, e.Actual)
			if e.Default {
				fmt.Fprint(&out, " (default)")
			}
			if r.how.origins && e.Origin.File != "" {
				fmt.Fprintf(&out, " at %s", place(e.Origin))
				if d := e.Origin.Defined; d != nil {
					fmt.Fprintf(&out, ", defined by %s at %s", d.Address, place(*d))
				}
			}
			fmt.Fprintln(&out)
		}
		for _, note := range f.Notes {
			fmt.Fprintf(&out, "\tnote: %s\n", note)
		}
		for _, m := range f.Missing {
			fmt.Fprintf(&out, "\tmissing %s: %s\n\tsettle with: %s\n", m.Property, m.Detail, m.Settle)
		}
	}
	for _, g := range r.gaps {
		where := g.File
		if g.Resource != "" {
			where += " " + g.Resource
		}
		fmt.Fprintf(&out, "gap %s %s: %s\n", where, g.Reason, g.Detail)
		if g.Try != "" {
			fmt.Fprintf(&out, "\ttry: %s\n", g.Try)
		}
	}
	if r.footer != nil {
		fmt.Fprintf(&out, "read %d of %d files\n", r.footer.Coverage.Read, r.footer.Coverage.Total)
	}
	return out.String()
}

func place(o resource.Origin) string {
	if o.File == "" {
		return "-"
	}
	if o.EndLine > o.Line {
		return fmt.Sprintf("%s:%d-%d", o.File, o.Line, o.EndLine)
	}
	return fmt.Sprintf("%s:%d", o.File, o.Line)
}
