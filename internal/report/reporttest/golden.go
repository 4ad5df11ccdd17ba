package reporttest

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
)

// update rewrites golden files instead of comparing with them.
var update = flag.Bool("update", false, "rewrite golden files")

// Golden compares with testdata/NAME, or rewrites it under -update.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); look, then run with -update:\n%s", path, diff)
	}
}

// Write runs a stream through a format and returns what it wrote.
func Write(t *testing.T, stream func(finding.Handler) error, format func(*bytes.Buffer) finding.Handler) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := stream(format(&b)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Bench measures what one finding costs a format.
func Bench(b *testing.B, h finding.Handler) error {
	f := finding.Finding{
		Control: "Neptune.5", Title: "Neptune DB clusters should have automated backups enabled",
		Severity: finding.Medium, Status: finding.Failed,
		Resource: Cluster("111122223333", "eu-west-1", "graph-prod"), Evidence: Retention(1, false),
	}
	f.ID = finding.NewID(f.Control, &f.Resource)
	if err := h.Begin(&finding.Header{Tool: "holdfast", Started: Now(), Controls: Controls()}); err != nil {
		return err
	}
	b.ReportAllocs()
	for b.Loop() {
		if err := h.Finding(&f); err != nil {
			return err
		}
	}
	return nil
}
