package planfile_test

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
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
	"github.com/holdfast-aws/holdfast/services"
)

var update = flag.Bool("update", false, "write the golden files anew")

// recorder keeps what a scan says.
type recorder struct {
	findings []*finding.Finding
	gaps     []finding.Gap
	footer   *finding.Footer
}

func (r *recorder) Begin(*finding.Header) error      { return nil }
func (r *recorder) Finding(f *finding.Finding) error { r.findings = append(r.findings, f); return nil }
func (r *recorder) Gap(g *finding.Gap) error         { r.gaps = append(r.gaps, *g); return nil }
func (r *recorder) End(footer *finding.Footer) error { r.footer = footer; return nil }
func (r *recorder) of(address, control string) *finding.Finding {
	for _, f := range r.findings {
		if f.Resource.ID == address && f.Control == control {
			return f
		}
	}
	return nil
}

// judge scans files with all controls.
func judge(t testing.TB, files ...string) *recorder {
	t.Helper()
	r := &recorder{}
	if err := judgeInto(r, files...); err != nil {
		t.Fatal(err)
	}
	return r
}

func judgeInto(to finding.Handler, files ...string) error {
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		return err
	}
	params, err := catalogue.ParseParams(nil)
	if err != nil {
		return err
	}
	// Other services judge Neptune's resources too, each in its own tests.
	chosen := slices.DeleteFunc(slices.Clone(catalogue.Controls), func(c *control.Control) bool { return !strings.HasPrefix(c.ID, "Neptune.") })
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		return err
	}
	mapping := terraform.NewMapping(catalogue.Types, services.TerraformJoiners())
	_, err = scan.Run(context.Background(), scan.Options{
		Source: planfile.New(files, mapping), Engine: judge, Handler: to, Concurrency: 2,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
	})
	return err
}

// lines writes findings and gaps for a person to compare.
func (r *recorder) lines() string {
	var b bytes.Buffer
	last := ""
	for _, f := range r.findings {
		if f.Resource.ID != last {
			last = f.Resource.ID
			fmt.Fprintf(&b, "%s (%s:%d-%d %s %s)\n", last, filepath.Base(f.Resource.Origin.File), f.Resource.Origin.Line,
				f.Resource.Origin.EndLine, f.Resource.Region, f.Resource.Account)
		}
		fmt.Fprintf(&b, "  %s %s", f.Control, f.Status)
		for _, e := range f.Evidence {
			fmt.Fprintf(&b, " %s=%s", e.Property, e.Actual)
			if e.Default {
				b.WriteString(" by default")
			}
		}
		for _, m := range f.Missing {
			fmt.Fprintf(&b, "\n    %s: %s, %s; %s", m.Property, m.Reason, m.Detail, m.Settle)
		}
		b.WriteByte('\n')
	}
	for _, g := range r.gaps {
		fmt.Fprintf(&b, "gap %s: %s: %s\n", filepath.Base(g.File), g.Reason, g.Detail)
	}
	fmt.Fprintf(&b, "%d of %d %s read, %d resources\n", r.footer.Coverage.Read, r.footer.Coverage.Total, r.footer.Coverage.Unit, r.footer.Coverage.Resources)
	return b.String()
}

// TestVerdicts holds every document in testdata to its golden file.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"testdata/*.json", "testdata/*.tfstate"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 4 {
		t.Fatalf("only %d documents in testdata", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			compare(t, file+".golden", judge(t, file).lines())
		})
	}
}

func compare(t *testing.T, golden, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatalf("%v\nTry: go test ./internal/source/terraform/planfile -update", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s (-want +got):\n%s", golden, diff)
	}
}
