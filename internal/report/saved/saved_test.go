package saved_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	reportjson "github.com/holdfast-aws/holdfast/internal/report/json"
	"github.com/holdfast-aws/holdfast/internal/report/ndjson"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/holdfast-aws/holdfast/internal/report/saved"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

type format func(report.Options, io.Writer) finding.Handler

func formats() map[string]format {
	return map[string]format{"json": reportjson.New, "ndjson": ndjson.New}
}

func write(t *testing.T, stream func(finding.Handler) error, f format) []byte {
	t.Helper()
	return reporttest.Write(t, stream, func(b *bytes.Buffer) finding.Handler { return f(report.Options{}, b) })
}

func TestReadingAndWritingAgainGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	for name, f := range formats() {
		for kind, stream := range map[string]func(finding.Handler) error{
			"rich": reporttest.Rich, "empty": reporttest.Empty, "dark": reporttest.Dark, "many": reporttest.Many(500),
		} {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				want := write(t, stream, f)
				var got bytes.Buffer
				if err := saved.Read(bytes.NewReader(want), f(report.Options{}, &got)); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), got.String()); diff != "" {
					t.Error(diff)
				}
			})
		}
	}
}

func TestEverySplitOfTheInputReadsTheSame(t *testing.T) {
	t.Parallel()
	for name, f := range formats() {
		want := write(t, reporttest.Rich, f)
		for reader, in := range map[string]io.Reader{
			"byte by byte": iotest.OneByteReader(bytes.NewReader(want)),
			"late error":   iotest.DataErrReader(bytes.NewReader(want)),
			"halves":       iotest.HalfReader(bytes.NewReader(want)),
		} {
			var got bytes.Buffer
			if err := saved.Read(in, f(report.Options{}, &got)); err != nil {
				t.Fatalf("%s %s: %v", name, reader, err)
			}
			if !bytes.Equal(want, got.Bytes()) {
				t.Errorf("%s %s reads differently", name, reader)
			}
		}
	}
}

// What is handed on must be what a plain decoder finds in the file.
func TestAgreesWithPlainEncodingJSON(t *testing.T) {
	t.Parallel()
	var ours, theirs collector
	text := write(t, reporttest.Rich, ndjson.New)
	if err := saved.Read(bytes.NewReader(text), &ours); err != nil {
		t.Fatal(err)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	for decoder.More() {
		var message struct {
			Scan    *finding.Header
			Finding *finding.Finding
			Gap     *finding.Gap
			Summary *finding.Footer
		}
		if err := decoder.Decode(&message); err != nil {
			t.Fatal(err)
		}
		switch {
		case message.Scan != nil:
			theirs.header = *message.Scan
		case message.Finding != nil:
			theirs.findings = append(theirs.findings, *message.Finding)
		case message.Gap != nil:
			theirs.gaps = append(theirs.gaps, *message.Gap)
		case message.Summary != nil:
			theirs.footer = *message.Summary
		}
	}
	sameValue := cmp.Comparer(func(a, b resource.Value) bool {
		return a.Equal(b) || (a.Kind() == resource.Unknown && b.Kind() == resource.Unknown && *a.Missing() == *b.Missing())
	})
	if diff := cmp.Diff(theirs, ours, cmp.AllowUnexported(collector{}), sameValue, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

type collector struct {
	header   finding.Header
	findings []finding.Finding
	gaps     []finding.Gap
	footer   finding.Footer
}

func (c *collector) Begin(h *finding.Header) error { c.header = *h; return nil }
func (c *collector) Finding(f *finding.Finding) error {
	c.findings = append(c.findings, *f)
	return nil
}
func (c *collector) Gap(g *finding.Gap) error    { c.gaps = append(c.gaps, *g); return nil }
func (c *collector) End(f *finding.Footer) error { c.footer = *f; return nil }

func TestBadFilesAreRefusedWithLineAndField(t *testing.T) {
	t.Parallel()
	const (
		scan    = `{"scan":{"format":1,"tool":"holdfast","version":"1","started":"2026-01-01T00:00:00Z","controls":[]}}` + "\n"
		summary = `{"summary":{"finished":"2026-01-01T00:00:00Z","coverage":{"unit":"files","total":0,"read":0,"resources":0},"summary":{}}}` + "\n"
		head    = `{"id":"1","control":"C.1","status":"FAILED","severity":"LOW",`
		one     = head + `"resource":{"type":"T","id":"x"},"evidence":[]}`
	)
	for name, test := range map[string]struct{ text, want string }{
		"empty":               {"", "line 1: the file is empty"},
		"white space only":    {" \n\n", "line 3: the file is empty"},
		"not JSON":            {"<html>", "line 1: invalid character '<'"},
		"a list":              {"[]", "line 1: an object with at least one field is expected here"},
		"another document":    {`{"$schema":"x"}`, "$schema: the file is no scan that holdfast saved"},
		"newer format":        {`{"scan":{"format":2,"new":true}}`, "line 1: scan.format: the file has format 2"},
		"no format":           {`{"tool":"holdfast","findings":[]}`, "tool: the file is no scan that holdfast saved"},
		"cut after the scan":  {scan, "the file ends without its summary"},
		"cut in a finding":    {scan + `{"finding":{"id":"1","con`, "line 2: finding: the file ends here: it was cut short"},
		"cut in an escape":    {scan + `{"finding":{"id":"1\`, "line 2: finding: the file ends here: it was cut short"},
		"cut document":        {`{"format":1,"findings":[],"gaps":[]`, "the file ends here: it was cut short"},
		"incomplete document": {`{"format":1,"findings":[]}`, "the document has no gaps"},
		"sorted document":     {`{"format":1,"coverage":{"unit":"files","total":0,"read":0,"resources":0},"findings":[]}`, "coverage: this version knows no such field here"},
		"twice":               {`{"format":1,"findings":[],"findings":[]}`, "findings: this version knows no such field here: it is new, doubled or out of order"},
		"finding first":       {`{"finding":{}}`, "finding: the file is no scan"},
		"two scans":           {scan + scan, "line 2: scan: a second scan begins"},
		"after the end":       {scan + summary + scan, "line 3: something follows the end"},
		"two messages":        {scan + `{"gap":{"reason":"denied"},"gap":{"reason":"denied"}}`, "line 2: gap: a second message"},
		"no message":          {scan + `{}`, "line 2: an object with at least one field is expected here"},
		"unknown status":      {scan + `{"finding":{"id":"1","control":"C.1","status":"FAILD"}}`, `line 2: finding.status: "FAILD" is none of`},
		"unknown severity":    {scan + `{"finding":{"severity":"urgent"}}`, `line 2: finding.severity: "urgent" is none of`},
		"unknown field":       {scan + `{"finding":{"id":"1","colour":"red"}}`, `line 2: finding: this version knows no field "colour"`},
		"no control":          {scan + `{"finding":{"id":"1"}}`, "finding.control: it is missing or empty"},
		"no type":             {scan + `{"finding":` + head + `"resource":{"id":"x"},"evidence":[]}}`, "finding.resource.type: it is missing or empty"},
		"number for text":     {scan + `{"finding":{"control":5}}`, "finding.control: number stands where a string is expected"},
		"text for number":     {scan + `{"finding":{"resource":{"origin":{"line":"3"}}}}`, "finding.resource.origin.line: string stands where a whole number is expected"},
		"fraction for number": {scan + `{"finding":{"resource":{"origin":{"line":1.5}}}}`, "origin.line: number 1.5 stands where a whole number is expected"},
		"odd number":          {scan + `{"finding":{"evidence":[{"property":"P","actual":01}]}}`, "finding: invalid character '1' after object key:value pair"},
		"huge number":         {scan + `{"finding":{"evidence":[{"property":"P","actual":1e999}]}}`, "number 1e999: "},
		"deep value":          {scan + `{"finding":{"evidence":[{"actual":` + strings.Repeat("[", 99) + strings.Repeat("]", 99) + `}]}}`, "nested deeper than 32 levels"},
		"unknown in unknown":  {scan + `{"finding":{"evidence":[{"actual":{"$unknown":{"reason":"denied","x":1}}}]}}`, `unknown field "x"`},
		"hostile nesting":     {scan + `{"finding":` + strings.Repeat(`{"a":`, 20_000), "line 2: finding: invalid character '{' exceeded max depth"},
		"endless value":       {scan + `{"finding":{"id":"` + strings.Repeat("x", 17<<20), "line 2: finding: a value is longer than 16777216 bytes"},
		"endless key":         {scan + `{"` + strings.Repeat("x", 17<<20), "line 2: a value is longer than 16777216 bytes"},
		"no list":             {`{"format":1,"findings":{}}`, "line 1: findings: a list is expected here"},
		"garbage at the end":  {scan + summary + "\nxyz", "line 4: invalid character 'x'"},
		"more in the summary": {scan + strings.Replace(summary, "}\n", `,"gap":{}}`, 1), "something follows the end"},
		"unknown message":     {scan + `{"note":{}}`, "line 2: note: this version knows no such message"},
		"unknown member":      {`{"format":1,"colour":"red"}`, "line 1: colour: this version knows no such field here"},
		"unknown and more":    {scan + `{"finding":{"evidence":[{"actual":{"$unknown":{"reason":"denied"},"x":1}}]}}`, "$unknown stands beside other keys"},
		"bad escape":          {scan + `{"finding":{"control":"\q"}}`, "finding: invalid character 'q' in string escape code"},
		"broken unicode":      {scan + `{"finding":{"control":"\u12"}}`, "invalid character '\"' in \\u hexadecimal character escape"},
		"raw line break":      {scan + "{\"finding\":{\"control\":\"a\nb\"}}", `line 2: finding: invalid character '\n' in string literal`},
		"bad time":            {`{"scan":{"format":1,"started":"yesterday"}}`, `line 1: scan: parsing time "yesterday"`},
		"trailing comma":      {scan + `{"finding":{"id":"1",}}`, "invalid character '}' looking for beginning of object key string"},
		"no comma":            {scan + `{"finding":{"id":"1" "control":"C"}}`, `line 2: finding: invalid character '"' after object key:value pair`},
		"null finding":        {scan + `{"finding":null}`, "line 2: finding.id: it is missing or empty"},
		"bad literal":         {scan + `{"finding":{"evidence":[{"actual":nul}]}}`, "invalid character '}' in literal null"},
		"good finding, cut":   {scan + `{"finding":` + one + "}\n", "the file ends without its summary"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := saved.Read(strings.NewReader(test.text), &collector{})
			var where *saved.Error
			if !errors.As(err, &where) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want …%s…", err, test.want)
			}
		})
	}
}

// An editor or jq may have set every field on a line of its own.
func TestTheLineIsThatOfTheFault(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := json.Indent(&b, write(t, reporttest.Many(20), reportjson.New), "", "  "); err != nil {
		t.Fatal(err)
	}
	text := b.String()
	if err := saved.Read(strings.NewReader(text), &collector{}); err != nil {
		t.Fatalf("an indented document is refused: %v", err)
	}
	const name, end = `"id": "graph-0000001"`, `"id": "f747dcbc0c7a64c7"`
	before, _, found := strings.Cut(text, name)
	if !found || !strings.Contains(text, end) {
		t.Fatalf("the second finding is another one:\n%s", text)
	}
	start := strings.Count(before[:strings.LastIndex(before, "\n    {")+1], "\n") + 1
	for fault, test := range map[string]struct {
		old, new string
		line     int // after that of the finding's brace
		want     string
	}{
		"wrong type":      {name, `"id": 1`, 6, "findings[1].resource.id: number stands where a string is expected"},
		"broken":          {name, `"id"; "graph-0000001"`, 6, "findings[1]: invalid character ';' after object key"},
		"unknown field":   {name, `"name": "graph-0000001"`, 0, `findings[1]: this version knows no field "name"`},
		"empty field":     {end, `"id": ""`, 0, "findings[1].id: it is missing or empty"},
		"no comma":        {end + "\n    },", end + "\n    }\n\n", 26, "findings[2]: expected comma after array element"},
		"two commas":      {end + "\n    },", end + "\n    },\n,", 24, "findings[2]: invalid character ','"},
		"another bracket": {end + "\n    },", end + "\n    }}", 23, "findings: invalid character '}' after array element"},
	} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			faulty := strings.Replace(text, test.old, test.new, 1)
			want := fmt.Sprintf("line %d: %s", start+test.line, test.want)
			if err := saved.Read(strings.NewReader(faulty), &collector{}); err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
}

// One finding is held at a time, however many there are. It does not run in
// parallel: it looks at the heap of the process.
func TestMemoryStaysFlat(t *testing.T) {
	for name, f := range formats() {
		const few, many = 2_000, 20_000
		if grown, limit := live(t, f, many)-live(t, f, few), int64(1<<20); grown > limit {
			t.Errorf("%s: %d more findings hold %d bytes more", name, many-few, grown)
		}
	}
}

// live measures the heap at the end of reading a scan that is written at the
// same time.
func live(t *testing.T, f format, n int) int64 {
	t.Helper()
	in, out := io.Pipe()
	defer in.Close()
	go func() { out.CloseWithError(reporttest.Many(n)(f(report.Options{}, out))) }()
	var h heap
	if err := saved.Read(in, &h); err != nil {
		t.Fatal(err)
	}
	return h.live
}

type heap struct {
	failing
	live int64
}

func (h *heap) End(*finding.Footer) error {
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	h.live = int64(stats.HeapAlloc)
	return nil
}

func TestNewerFormatsAreNamed(t *testing.T) {
	t.Parallel()
	err := saved.Read(strings.NewReader(`{"format":7}`), &collector{})
	var version *saved.VersionError
	if !errors.As(err, &version) || version.Got != 7 {
		t.Errorf("got %v", err)
	}
}

func TestTheHandlersErrorComesBackUnchanged(t *testing.T) {
	t.Parallel()
	want := errors.New("disk full")
	got := saved.Read(bytes.NewReader(write(t, reporttest.Rich, ndjson.New)), failing{want})
	if got != want {
		t.Errorf("got %v", got)
	}
}

type failing struct{ err error }

func (f failing) Begin(*finding.Header) error    { return nil }
func (f failing) Finding(*finding.Finding) error { return f.err }
func (f failing) Gap(*finding.Gap) error         { return nil }
func (f failing) End(*finding.Footer) error      { return nil }

func TestReadErrorsComeBack(t *testing.T) {
	t.Parallel()
	half := write(t, reporttest.Rich, ndjson.New)[:3000]
	in := io.MultiReader(bytes.NewReader(half), iotest.ErrReader(os.ErrPermission))
	if err := saved.Read(in, &collector{}); !errors.Is(err, os.ErrPermission) {
		t.Errorf("got %v", err)
	}
}

func FuzzRead(f *testing.F) {
	for _, name := range []string{"../json/testdata/*.json", "../ndjson/testdata/*.ndjson"} {
		paths, err := filepath.Glob(name)
		if err != nil || len(paths) == 0 {
			f.Fatalf("no seeds in %s: %v", name, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Add(`{"scan":{"format":1,"controls":null}}{"finding":{"id":"\ud83d\ude00\ud800","control":"é"`)
	f.Fuzz(func(t *testing.T, text string) {
		var once, twice bytes.Buffer
		if err := saved.Read(strings.NewReader(text), ndjson.New(report.Options{}, &once)); err != nil {
			var where *saved.Error
			if !errors.As(err, &where) || where.Line < 1 || where.Line > 1+strings.Count(text, "\n") {
				t.Errorf("no place in the file: %v", err)
			}
			return
		}
		if err := saved.Read(iotest.OneByteReader(bytes.NewReader(once.Bytes())), ndjson.New(report.Options{}, &twice)); err != nil {
			t.Fatalf("wrote what it cannot read: %v\n%s", err, once.Bytes())
		}
		if !bytes.Equal(once.Bytes(), twice.Bytes()) {
			t.Errorf("reading changes the scan:\n%s\n%s", once.Bytes(), twice.Bytes())
		}
		for line := range bytes.Lines(once.Bytes()) {
			if !json.Valid(line) {
				t.Errorf("wrote %q, which is no JSON", line)
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	var text bytes.Buffer
	const n = 10_000
	if err := reporttest.Many(n)(ndjson.New(report.Options{}, &text)); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(text.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if err := saved.Read(bytes.NewReader(text.Bytes()), failing{}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/finding")
}
