package snapshot

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

var wants = resource.Wants{"AWS::Neptune::DBCluster": {"BackupRetentionPeriod", "KmsKeyId"}}

// save writes a snapshot of two clusters and a gap.
func save(t testing.TB) string {
	t.Helper()
	var out bytes.Buffer
	w := NewWriter(&out, "test", time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC))
	steps := []error{
		w.Begin(&scan.Listing{PlaceName: "account-regions", Places: []scan.Place{{Account: "111122223333", Region: "eu-west-1"}}}, wants),
		w.Resource(&resource.Resource{
			Ref:        resource.Ref{Type: "AWS::Neptune::DBCluster", ID: "a"},
			Properties: map[string]resource.Value{"BackupRetentionPeriod": resource.OfInt(7)},
		}),
		w.Resource(&resource.Resource{
			Ref:        resource.Ref{Type: "AWS::Neptune::DBCluster", ID: "b"},
			Properties: map[string]resource.Value{"BackupRetentionPeriod": resource.OfUnknown(resource.Missing{Reason: resource.ReasonOmitted})},
		}),
		w.Gap(&finding.Gap{Region: "eu-west-1", Type: "AWS::Neptune::DBCluster", Reason: finding.GapDenied}),
	}
	_, _, err := w.End()
	for _, err := range append(steps, err) {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

type collected struct {
	resources []*resource.Resource
	gaps      []finding.Gap
}

func (c *collected) Resources(page []*resource.Resource) error {
	c.resources = append(c.resources, page...)
	return nil
}
func (c *collected) Gap(g finding.Gap) error { c.gaps = append(c.gaps, g); return nil }

func readAll(t testing.TB, text string, wants resource.Wants) (*collected, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "s.ndjson")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	listing, err := New([]string{file}).List(context.Background(), wants)
	if err != nil {
		return nil, err
	}
	out := &collected{gaps: listing.Gaps}
	for _, unit := range listing.Units {
		if err := unit.Read(context.Background(), out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func TestASnapshotComesBackAsItWas(t *testing.T) {
	t.Parallel()
	got, err := readAll(t, save(t), wants)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.resources) != 2 || len(got.gaps) != 1 {
		t.Fatalf("%d resources, %d gaps", len(got.resources), len(got.gaps))
	}
	if days, _ := got.resources[0].Get("BackupRetentionPeriod").Int(); days != 7 {
		t.Errorf("days %d", days)
	}
	if got.resources[0].Get("KmsKeyId").Kind() != resource.Absent {
		t.Error("a property that was read as absent came back as something")
	}
	if got.resources[1].Get("BackupRetentionPeriod").Kind() != resource.Unknown {
		t.Error("an unknown property came back as known")
	}
}

func TestWhatWasNotReadIsUnknownAndNotAbsent(t *testing.T) {
	t.Parallel()
	got, err := readAll(t, save(t), resource.Wants{
		"AWS::Neptune::DBCluster":         {"DeletionProtection"},
		"AWS::Neptune::DBClusterSnapshot": {"StorageEncrypted"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if missing := got.resources[0].Get("DeletionProtection").Missing(); missing == nil || missing.Reason != resource.ReasonNotRead {
		t.Errorf("missing %+v", missing)
	}
	if len(got.gaps) != 2 || got.gaps[0].Type != "AWS::Neptune::DBClusterSnapshot" {
		t.Errorf("a type that the snapshot lacks is no gap: %+v", got.gaps)
	}
}

func TestBrokenSnapshotsAreRefusedWithFileAndLine(t *testing.T) {
	t.Parallel()
	good := save(t)
	lines := strings.SplitAfter(good, "\n")
	for name, test := range map[string]struct{ text, want string }{
		"empty":                {"", "s.ndjson:1: the file is empty"},
		"not JSON":             {"hello\n", "s.ndjson:1: "},
		"another file":         {`{"findings":[]}` + "\n", `s.ndjson:1: json: unknown field "findings"`},
		"newer version":        {strings.Replace(good, `"format":1`, `"format":2`, 1), "version 2 cannot be read"},
		"cut off":              {strings.Join(lines[:3], ""), "s.ndjson:3: the file was cut off"},
		"cut inside a line":    {good[:len(good)-9], "s.ndjson:5: unexpected EOF"},
		"a line was lost":      {lines[0] + lines[2] + lines[3] + lines[4], "counts 2 resources and 1 gaps, the file holds 1 and 1"},
		"counts below zero":    {strings.Replace(good, `"end":{"resources":2`, `"end":{"resources":-2`, 1), "counts -2 resources"},
		"two snapshots joined": {lines[0] + lines[0], "s.ndjson:2: a second header"},
		"something follows":    {good + lines[1], "something follows the end line"},
		"no type":              {lines[0] + `{"resource":{"id":"a","properties":{}}}` + "\n", "s.ndjson:2: resource: needs a type and an id"},
		"two things in a line": {lines[0] + `{"gap":{"reason":"x"},"end":{}}` + "\n", "s.ndjson:2: a line holds one of"},
		"a huge line":          {lines[0] + `{"resource":{"id":"` + strings.Repeat("a", maxLine) + `"}}`, "s.ndjson:2: bufio.Scanner: token too long"},
		"a nested value":       {lines[0] + `{"resource":{"type":"T","id":"a","properties":{"x":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}}}` + "\n", "s.ndjson:2: value is nested deeper"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := readAll(t, test.text, wants)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// put saves a text as a file of its own and returns its path.
func put(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "s.ndjson")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAFaultIsToldBeforeThereIsAnyResult(t *testing.T) {
	t.Parallel()
	lines := strings.SplitAfter(save(t), "\n")
	broken := put(t, strings.Join(lines[:4], "")+"{\n")
	if _, err := New([]string{broken}).List(t.Context(), wants); err == nil || !strings.Contains(err.Error(), "s.ndjson:5: ") {
		t.Errorf("got %v", err)
	}
}

func TestTwoSnapshotsOfTheSamePlaceAndTypeAreRefused(t *testing.T) {
	t.Parallel()
	text := save(t)
	first, second := put(t, text), put(t, text)
	if _, err := New([]string{first, second}).List(t.Context(), wants); err == nil || !strings.Contains(err.Error(), "would be judged twice") {
		t.Errorf("got %v", err)
	}
	elsewhere := put(t, strings.ReplaceAll(text, "eu-west-1", "us-east-1"))
	if listing, err := New([]string{first, elsewhere}).List(t.Context(), wants); err != nil || len(listing.Places) != 2 {
		t.Errorf("snapshots of two regions: %v", err)
	}
}

func TestATypeThatWasNotAskedForIsAGapInEachPlace(t *testing.T) {
	t.Parallel()
	text := strings.Replace(save(t), `"places":[`, `"places":[{"account":"111122223333","region":"eu-central-1"},`, 1)
	listing, err := New([]string{put(t, text)}).List(t.Context(), resource.Wants{"AWS::Neptune::DBClusterSnapshot": {"StorageEncrypted"}})
	if err != nil {
		t.Fatal(err)
	}
	if len(listing.Gaps) != 2 || listing.Gaps[0].Region != "eu-central-1" || listing.Gaps[1].Region != "eu-west-1" {
		t.Errorf("gaps %+v", listing.Gaps)
	}
}

func TestAnInterruptLeavesEveryPlaceOfTheSnapshotAGap(t *testing.T) {
	t.Parallel()
	listing, err := New([]string{put(t, save(t))}).List(t.Context(), wants)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := &collected{}
	if err := listing.Units[0].Read(ctx, got); err != nil {
		t.Fatal(err)
	}
	if len(got.resources) != 0 || len(got.gaps) != 1 || got.gaps[0].Region != "eu-west-1" || got.gaps[0].Reason != finding.GapInterrupted {
		t.Errorf("%d resources, gaps %+v", len(got.resources), got.gaps)
	}
}

func TestWhatIsNoFileIsRefused(t *testing.T) {
	t.Parallel()
	for _, path := range []string{t.TempDir(), os.DevNull} {
		if _, err := New([]string{path}).List(t.Context(), wants); err == nil || !strings.Contains(err.Error(), "this is no file") {
			t.Errorf("%s: got %v", path, err)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(save(f))
	f.Add(`{"snapshot":{"format":1,"wants":{},"places":[]}}` + "\n" + `{"end":{"resources":0,"gaps":0}}`)
	f.Fuzz(func(t *testing.T, text string) {
		got, err := readAll(t, text, wants)
		if err == nil && got == nil {
			t.Error("neither a result nor an error")
		}
	})
}
