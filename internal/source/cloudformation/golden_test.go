package cloudformation_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

var update = flag.Bool("update", false, "write the golden files")

// TestVerdicts judges every directory of testdata with the built-in controls
// and compares what is said with its want.txt.
func TestVerdicts(t *testing.T) {
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
			dir := filepath.Join("testdata", entry.Name())
			golden(t, filepath.Join(dir, "want.txt"), told(judge(t, cloudformation.Options{}, dir)))
		})
	}
}

func TestVerdictsWithParameters(t *testing.T) {
	t.Parallel()
	const template, cli, pipeline = "testdata/parameters/graph.yaml", "testdata/parameters/cli.json", "testdata/parameters/pipeline.json"
	for name, options := range map[string]cloudformation.Options{
		"cli":       {ParameterFiles: []string{cli}},
		"pipeline":  {ParameterFiles: []string{pipeline}},
		"both":      {ParameterFiles: []string{cli, pipeline}},
		"overrides": {ParameterFiles: []string{cli}, Parameters: map[string]string{"Days": "7", "Encrypt": "true", "AWS::Region": "eu-west-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, "testdata/parameters/want-"+name+".txt", told(judge(t, options, template)))
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
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

// told writes what a scan said: verdicts with what they rest on, then gaps.
func told(j *judged, footer *finding.Footer) string {
	var out strings.Builder
	for _, f := range j.findings {
		at := f.Resource.Origin
		fmt.Fprintf(&out, "%-12s %s %s %s:%d-%d", f.Status, f.Control, at.Address, at.File, at.Line, at.EndLine)
		if at.Root != "" {
			fmt.Fprintf(&out, " under %s", at.Root)
		}
		out.WriteByte('\n')
		for _, e := range f.Evidence {
			fmt.Fprintf(&out, "    %s = %s%s%s\n", e.Property, e.Actual, map[bool]string{true: " (default)"}[e.Default], stands(e.Origin))
		}
		for _, m := range f.Missing {
			fmt.Fprintf(&out, "    missing: %s: %s; settle: %s\n", m.Reason, m.Detail, m.Settle)
		}
		for _, note := range f.Notes {
			fmt.Fprintf(&out, "    note: %s\n", note)
		}
	}
	gaps := slices.Clone(j.gaps)
	for _, g := range gaps {
		fmt.Fprintf(&out, "gap %s %s %s %s: %s\n", g.Reason, g.File, g.Type, g.Resource, g.Detail)
	}
	fmt.Fprintf(&out, "%d of %d files, %d resources\n", footer.Coverage.Read, footer.Coverage.Total, footer.Coverage.Resources)
	return out.String()
}

func stands(at resource.Origin) string {
	if at.Line == 0 {
		return ""
	}
	text := fmt.Sprintf(" at line %d-%d", at.Line, at.EndLine)
	if at.Defined != nil {
		text += fmt.Sprintf(", defined by %s in %s:%d", at.Defined.Address, at.Defined.File, at.Defined.Line)
	}
	return text
}
