package all_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/all"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func TestEveryFolderThatWritesAFormatIsInTheTable(t *testing.T) {
	t.Parallel()
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	notFormats := []string{"all", "page", "reporttest", "saved", "testdata"}
	for _, entry := range entries {
		if !entry.IsDir() || slices.Contains(notFormats, entry.Name()) {
			continue
		}
		if _, err := all.Find(entry.Name()); err != nil {
			t.Errorf("package %s: %v", entry.Name(), err)
		}
	}
	for _, format := range all.Formats() {
		if format.Description == "" || !strings.HasPrefix(format.FileExtension, ".") || format.New == nil {
			t.Errorf("incomplete row %+v", format)
		}
	}
}

func TestUnknownNamesAreRefusedWithTheNearest(t *testing.T) {
	t.Parallel()
	const scan = "holdfast scan --format "
	for name, want := range map[string]string{
		"jsn": scan + "json", "SARF": scan + "sarif", "marcdown": scan + "markdown", "ndjsonl": scan + "ndjson", "unit": scan + "junit",
		"spreadsheet": "holdfast scan --help",
	} {
		_, err := all.Find(name)
		var unknown *all.NameError
		if !errors.As(err, &unknown) {
			t.Fatalf("%q: %v", name, err)
		}
		if !strings.Contains(err.Error(), "text, markdown, html") || unknown.Hint() != want {
			t.Errorf("%q: %v (%s)", name, err, unknown.Hint())
		}
	}
	if format, err := all.Find("JSON"); err != nil || format.Name != "json" {
		t.Errorf("JSON: %v", err)
	}
}

func TestSeveralFormatsAtOnceWriteWhatEachWritesAlone(t *testing.T) {
	t.Parallel()
	options := report.Options{Now: reporttest.Now()}
	var together []*bytes.Buffer
	var handlers []finding.Handler
	for _, format := range all.Formats() {
		b := new(bytes.Buffer)
		together = append(together, b)
		handlers = append(handlers, format.New(options, b))
	}
	var left *report.LeftOutError
	if err := reporttest.Rich(all.Multi(handlers...)); err != nil && !errors.As(err, &left) {
		t.Fatal(err)
	}
	for i, format := range all.Formats() {
		var alone bytes.Buffer
		if err := reporttest.Rich(format.New(options, &alone)); err != nil && !errors.As(err, &left) {
			t.Fatal(err)
		}
		if alone.String() != together[i].String() {
			t.Errorf("%s differs when written with others", format.Name)
		}
	}
}

func TestAnEndThatFailsDoesNotKeepOthersFromClosing(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk full")
	var b bytes.Buffer
	json, err := all.Find("json")
	if err != nil {
		t.Fatal(err)
	}
	err = reporttest.Passing(all.Multi(failing{broken}, json.New(report.Options{}, &b)))
	if !errors.Is(err, broken) || !strings.HasSuffix(b.String(), "}\n") {
		t.Errorf("error %v, written %d bytes", err, b.Len())
	}
}

type failing struct{ err error }

func (f failing) Begin(*finding.Header) error    { return nil }
func (f failing) Finding(*finding.Finding) error { return nil }
func (f failing) Gap(*finding.Gap) error         { return nil }
func (f failing) End(*finding.Footer) error      { return f.err }

func TestEveryFormatNoticesABrokenPipe(t *testing.T) {
	t.Parallel()
	for _, format := range all.Formats() {
		if err := reporttest.Rich(format.New(report.Options{}, brokenPipe{})); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("%s: %v", format.Name, err)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Gaps and what was not judged must show in every format, or be said aloud.
func TestNoFormatDressesADarkScanAsClean(t *testing.T) {
	t.Parallel()
	for _, format := range all.Formats() {
		var b bytes.Buffer
		err := reporttest.Dark(format.New(report.Options{}, &b))
		var left *report.LeftOutError
		if !strings.Contains(b.String(), "ExpiredToken") && !errors.As(err, &left) {
			t.Errorf("%s does not show the gap:\n%s", format.Name, b.String())
		}
	}
}

// Memory must not grow with the findings, in no format.
func TestMemoryStaysFlat(t *testing.T) {
	const few, many = 10_000, 40_000
	for _, format := range all.Formats() {
		grown := held(t, format, many) - held(t, format, few)
		if limit := int64(2 << 20); grown > limit {
			t.Errorf("%s holds %d bytes more for %d more findings", format.Name, grown, many-few)
		}
	}
}

// held measures the live heap just before the end of a scan of n findings.
func held(t *testing.T, format all.Format, n int) int64 {
	t.Helper()
	probe := &probe{Handler: format.New(report.Options{}, io.Discard)}
	if err := reporttest.Many(n)(probe); err != nil {
		t.Fatal(err)
	}
	return probe.heap
}

type probe struct {
	finding.Handler
	heap int64
}

func (p *probe) End(f *finding.Footer) error {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	p.heap = int64(stats.HeapAlloc)
	return p.Handler.End(f)
}

func BenchmarkFinding(b *testing.B) {
	for _, format := range all.Formats() {
		b.Run(format.Name, func(b *testing.B) {
			if err := reporttest.Bench(b, format.New(report.Options{}, io.Discard)); err != nil {
				b.Fatal(err)
			}
		})
	}
}
