package baseline

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

var today = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func same(path string) string { return path }

func set(entries ...Entry) *Set {
	return NewSet(entries, Options{
		Name: "baseline.json", Locate: same, Resolve: same, Now: today,
		Exists: func(path string) bool { return path != "gone.tf" },
	})
}

// inCode is a failure in code: the retention is one day.
func inCode(change func(*finding.Finding)) *finding.Finding {
	f := &finding.Finding{
		Control: "Neptune.5", Status: finding.Failed,
		Resource: resource.Ref{Type: "AWS::Neptune::DBCluster", ID: "main", Origin: resource.Origin{
			File: "main.tf", Line: 3, EndLine: 9, Address: "aws_neptune_cluster.main",
		}},
		Evidence: []finding.Evidence{
			{Property: "BackupRetentionPeriod", Actual: resource.OfInt(1), Origin: resource.Origin{File: "main.tf", Line: 4}},
			{Property: "Exports", Actual: resource.OfStrings([]string{"audit", "slowquery"})},
		},
	}
	if change != nil {
		change(f)
	}
	return f
}

func live(change func(*finding.Finding)) *finding.Finding {
	return inCode(func(f *finding.Finding) {
		f.Resource.Origin = resource.Origin{}
		f.Resource.ARN = "arn:aws:rds:eu-west-1:111122223333:cluster:main"
		if change != nil {
			change(f)
		}
	})
}

func TestAnEntryAcceptsItsFindingAndNoOther(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*finding.Finding)
		want   bool
	}{
		"the same":               {nil, true},
		"moved down the file":    {func(f *finding.Finding) { f.Resource.Origin.Line = 30; f.Evidence[0].Origin.Line = 31 }, true},
		"stated, not omitted":    {func(f *finding.Finding) { f.Evidence[0].Default = true }, true},
		"answered in any order":  {func(f *finding.Finding) { f.Evidence[1].Actual = resource.OfStrings([]string{"slowquery", "audit"}) }, true},
		"read in any order":      {func(f *finding.Finding) { f.Evidence[0], f.Evidence[1] = f.Evidence[1], f.Evidence[0] }, true},
		"another file":           {func(f *finding.Finding) { f.Resource.Origin.File = "other.tf" }, false},
		"another address":        {func(f *finding.Finding) { f.Resource.Origin.Address += "2" }, false},
		"under another root":     {func(f *finding.Finding) { f.Resource.Origin.Root = "prod" }, false},
		"another control":        {func(f *finding.Finding) { f.Control = "Neptune.4" }, false},
		"another type":           {func(f *finding.Finding) { f.Resource.Type = "AWS::DocDB::DBCluster" }, false},
		"worse than before":      {func(f *finding.Finding) { f.Evidence[0].Actual = resource.OfInt(0) }, false},
		"of another kind":        {func(f *finding.Finding) { f.Evidence[0].Actual = resource.OfString("1") }, false},
		"an item less":           {func(f *finding.Finding) { f.Evidence[1].Actual = resource.OfStrings([]string{"audit"}) }, false},
		"an item of another kin": {func(f *finding.Finding) { f.Evidence[1].Actual = resource.OfStrings([]string{`audit","slowquery`}) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := set(New(inCode(nil), same))
			f := inCode(test.change)
			e := s.Match(f, nil)
			if (e != nil) != test.want {
				t.Fatalf("accepted: %+v", e)
			}
			if e != nil && !e.Baseline {
				t.Errorf("it does not say that it is a baseline's: %+v", e)
			}
		})
	}
}

func TestTheLastDayIsIncluded(t *testing.T) {
	t.Parallel()
	for until, want := range map[string]bool{"2026-11-22": true, "2026-11-21": false, "": true} {
		e := New(live(nil), same)
		e.Until = until
		s := set(e)
		if got := s.Match(live(nil), nil) != nil; got != want {
			t.Errorf("until %q it counts: %t", until, got)
		}
		if notes := s.Notes(live(nil), nil); !want && (len(notes) != 1 || !strings.Contains(notes[0], "until 2026-11-21")) {
			t.Errorf("notes %q", notes)
		}
	}
}

// extent is a scan of main.tf and of one region, by two controls.
func extent() *finding.Extent {
	return &finding.Extent{
		Known: []string{"Neptune.4", "Neptune.5", "Neptune.9"}, Judged: []string{"Neptune.4", "Neptune.5"},
		Read: []finding.Place{{File: "main.tf"}, {Account: "111122223333", Region: "eu-west-1"}},
	}
}

func TestWhatIsOverIsReported(t *testing.T) {
	t.Parallel()
	code := New(inCode(nil), same)
	for name, test := range map[string]struct {
		entry Entry
		seen  []*finding.Finding
		want  string // of what the footer says
	}{
		"still there":             {code, []*finding.Finding{inCode(nil)}, ""},
		"fixed":                   {code, []*finding.Finding{inCode(func(f *finding.Finding) { f.Status = finding.Passed })}, "obsolete: it no longer fails"},
		"no longer in the code":   {code, nil, "obsolete: it no longer fails"},
		"changed":                 {code, []*finding.Finding{inCode(func(f *finding.Finding) { f.Evidence[0].Actual = resource.OfInt(2) })}, "obsolete: the resource has changed, and as it is now it was not accepted"},
		"could not be judged":     {code, []*finding.Finding{inCode(func(f *finding.Finding) { f.Status = finding.NotAvailable })}, ""},
		"in a file not scanned":   {withFile(code, "other.tf"), nil, "kept"},
		"in a file that is gone":  {withFile(code, "gone.tf"), nil, "obsolete: it no longer fails"},
		"control not chosen":      {withControl(code, "Neptune.9"), nil, "kept"},
		"control that is no more": {withControl(code, "Neptune.99"), nil, "obsolete: it no longer fails"},
		"deleted in the account":  {New(live(nil), same), nil, "obsolete: it no longer fails"},
		"in a region not scanned": {withARN(code, "arn:aws:rds:us-east-1:111122223333:cluster:main"), nil, "kept"},
		"past its day":            {withUntil(code, "2026-11-21"), []*finding.Finding{inCode(nil)}, "expired: 1 of the baseline's entries on 2026-11-21"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := set(test.entry)
			s.Look(nil, test.seen)
			var footer finding.Footer
			s.Review(&footer, extent())
			got := ""
			for _, e := range footer.Obsolete {
				got += "obsolete: " + e.Reason
			}
			for _, e := range footer.Expired {
				got += "expired: " + e.Scope + " on " + e.Until
			}
			if len(s.keep(same)) > 0 {
				got += "kept"
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func withFile(e Entry, file string) Entry   { e.File = file; return e }
func withControl(e Entry, id string) Entry  { e.Control = id; return e }
func withUntil(e Entry, until string) Entry { e.Until = until; return e }
func withARN(e Entry, arn string) Entry     { e.ARN, e.File, e.Address = arn, "", ""; return e }

func TestARecorderKeepsFailuresAndTheDaysOfTheFormerBaseline(t *testing.T) {
	t.Parallel()
	former := set(withUntil(New(inCode(nil), same), "2027-01-31"), withFile(New(inCode(nil), same), "other.tf"))
	r := NewRecorder(func(path string) string { return "up/" + path }, "2026-12-31", former)
	accepted := inCode(nil)
	accepted.Exception = former.Match(accepted, nil)
	inline := live(func(f *finding.Finding) { f.Exception = &finding.Exception{Source: "tag"} })
	fresh := live(func(f *finding.Finding) { f.Control = "Neptune.4" })
	passed := live(func(f *finding.Finding) { f.Status = finding.Passed })
	for _, f := range []*finding.Finding{accepted, inline, fresh, passed} {
		if err := r.Finding(f); err != nil {
			t.Fatal(err)
		}
	}
	former.Look(nil, []*finding.Finding{accepted})
	former.Review(&finding.Footer{}, extent())
	var got []string
	for _, e := range r.Entries() {
		got = append(got, fmt.Sprintf("%s %s%s %s", e.Control, e.File, e.ARN, e.Until))
	}
	want := []string{
		"Neptune.5 up/main.tf 2027-01-31", "Neptune.4 arn:aws:rds:eu-west-1:111122223333:cluster:main 2026-12-31", "Neptune.5 up/other.tf ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOnlyNewFindingsReachTheReport(t *testing.T) {
	t.Parallel()
	var seen keeper
	o := &OnlyNew{Handler: &seen}
	for _, e := range []*finding.Exception{nil, {Source: "tag"}, {Baseline: true}} {
		if err := o.Finding(&finding.Finding{Status: finding.Failed, Exception: e}); err != nil {
			t.Fatal(err)
		}
	}
	footer := &finding.Footer{}
	if err := o.End(footer); err != nil {
		t.Fatal(err)
	}
	if seen.findings != 2 || footer.Tally.Hidden != 1 {
		t.Errorf("%d reached the report, %d hidden", seen.findings, footer.Tally.Hidden)
	}
}

type keeper struct{ findings int }

func (*keeper) Begin(*finding.Header) error      { return nil }
func (k *keeper) Finding(*finding.Finding) error { k.findings++; return nil }
func (*keeper) Gap(*finding.Gap) error           { return nil }
func (*keeper) End(*finding.Footer) error        { return nil }

func TestTheFileReadsAsItIsWritten(t *testing.T) {
	t.Parallel()
	entries := []Entry{New(live(nil), same), withUntil(New(inCode(nil), same), "2027-01-31"), New(live(nil), same)}
	got, err := Marshal(entries)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	back, err := Read(bytes.NewReader(got), "baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	again, err := Marshal(back)
	if err != nil || !bytes.Equal(got, again) || len(back) != 2 || back[1].line != 10 {
		t.Errorf("it came back as %s, %v, %+v", again, err, back)
	}
}

func TestFaultsNameFileLineAndField(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("testdata/baseline.json")
	if err != nil {
		t.Fatal(err)
	}
	whole := string(text)
	swap := func(old, with string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("%q is not in the file", old)
		}
		return strings.Replace(whole, old, with, 1)
	}
	for name, test := range map[string]struct{ text, want string }{
		"empty":             {"", "b.json:1: the file ends too early"},
		"no baseline":       {"{}", "b.json:1: the file needs a format and entries: it is no baseline"},
		"a list":            {"[]", `b.json:1: a "{" is expected here`},
		"cut short":         {whole[:len(whole)/2], "the file ends too early"},
		"another format":    {swap(`"format": 1`, `"format": 2`), "b.json:2: format: the file has format 2 and this version of holdfast reads format 1"},
		"format after":      {`{"entries": []}`, "b.json:1: entries: the format comes first"},
		"unknown field":     {swap(`"format": 1,`, "\"format\": 1,\n\"tool\": 1,"), "b.json:3: tool: this version knows no such field"},
		"doubled field":     {swap(`"format": 1,`, "\"format\": 1,\n\"format\": 1,"), "b.json:3: format: it stands here twice"},
		"unknown in entry":  {swap(`"file"`, `"path"`), `b.json:13: entries[1]: this version knows no field "path"`},
		"a number":          {swap(`"AWS::Neptune::DBCluster"`, "7"), "b.json:6: entries[0].type: a number is no text"},
		"no control":        {swap(`"Neptune.5"`, `""`), "b.json:5: entries[0].control: it is missing or empty"},
		"no day":            {swap("2027-01-31", "31.1.2027"), `b.json:16: entries[1].until: "31.1.2027" is no day such as 2027-01-31`},
		"no digest":         {swap(`"digest": "`, `"digest": "x`), "b.json:8: entries[0].digest: "},
		"broken":            {swap(`"digest": "`, `"digest" "`), "entries[0]: invalid character '\"' after object key"},
		"no list":           {`{"format": 1, "entries": {}}`, `b.json:1: entries: a "[" is expected here`},
		"followed":          {whole + "{}", "something follows the end of the baseline"},
		"twice":             {twice(whole), "entries[1]: it is the same as entries[0]"},
		"format in letters": {`{"format": "one"}`, "b.json:1: format: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Read(strings.NewReader(test.text), "b.json")
			var fault *Error
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), test.want) || fault.Hint() == "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

// twice doubles the first entry of a file.
func twice(text string) string {
	start := strings.Index(text, "    {")
	end := strings.Index(text, "    },") + len("    },\n")
	return text[:end] + text[start:]
}

func FuzzRead(f *testing.F) {
	text, err := os.ReadFile("testdata/baseline.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(text))
	f.Add(`{"format":1,"entries":[{"control":"A.1","type":"T","arn":"a","digest":"00000000000000000000000000000000"}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := Read(strings.NewReader(text), "b.json")
		if err != nil {
			var fault *Error
			if !errors.As(err, &fault) || fault.Line < 1 || fault.Line > 1+strings.Count(text, "\n") {
				t.Errorf("no place in the file: %v", err)
			}
			return
		}
		once, err := Marshal(entries)
		if err != nil {
			t.Fatal(err)
		}
		back, err := Read(bytes.NewReader(once), "b.json")
		if err != nil {
			t.Fatalf("wrote what it cannot read: %v\n%s", err, once)
		}
		if twice, err := Marshal(back); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("reading changes the baseline:\n%s\n%s", once, twice)
		}
	})
}
