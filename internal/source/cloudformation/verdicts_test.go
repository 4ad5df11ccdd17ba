package cloudformation_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/services"
)

// judged is a handler that keeps what a scan says.
type judged struct {
	findings []*finding.Finding
	gaps     []finding.Gap
}

func (j *judged) Begin(*finding.Header) error { return nil }
func (j *judged) Finding(f *finding.Finding) error {
	j.findings = append(j.findings, f)
	return nil
}
func (j *judged) Gap(g *finding.Gap) error  { j.gaps = append(j.gaps, *g); return nil }
func (j *judged) End(*finding.Footer) error { return nil }

// of returns the finding of a control on an address.
func (j *judged) of(t *testing.T, id, address string) *finding.Finding {
	t.Helper()
	for _, f := range j.findings {
		if f.Control == id && f.Resource.Origin.Address == address {
			return f
		}
	}
	t.Fatalf("no finding of %s on %s among %d; gaps %+v", id, address, len(j.findings), j.gaps)
	return nil
}

func builtIn(t testing.TB) *control.Catalogue {
	t.Helper()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// judge scans paths with the built-in controls, without those of RDS: they judge
// the clusters of other engines too, and would tell everything twice.
func judge(t testing.TB, o cloudformation.Options, paths ...string) (*judged, *finding.Footer) {
	t.Helper()
	catalogue := builtIn(t)
	params, err := catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	chosen := slices.DeleteFunc(slices.Clone(catalogue.Controls), func(c *control.Control) bool {
		return strings.HasPrefix(c.ID, "RDS.")
	})
	e, err := engine.New(catalogue, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	o.Types, o.Joiners = catalogue.Types, services.CloudFormationJoiners()
	out := &judged{}
	footer, err := scan.Run(context.Background(), scan.Options{
		Source: cloudformation.New(paths, o), Engine: e, Handler: out, Concurrency: 2,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	return out, footer
}

// write makes a directory of files and returns it.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// one judges a single template.
func one(t testing.TB, text string, o cloudformation.Options) *judged {
	t.Helper()
	out, _ := judge(t, o, filepath.Join(write(t, map[string]string{"t.yaml": text}), "t.yaml"))
	return out
}

func settles(f *finding.Finding) string {
	var all []string
	for _, m := range f.Missing {
		all = append(all, m.Settle)
	}
	return strings.Join(all, "; ")
}

// verdicts lists a finding per line, as text.
func verdicts(j *judged) []string {
	var out []string
	for _, f := range j.findings {
		line := fmt.Sprintf("%s %s %s", f.Resource.Origin.Address, f.Control, f.Status)
		if s := settles(f); s != "" {
			line += " settle: " + s
		}
		out = append(out, line)
	}
	slices.Sort(out)
	return out
}
