package compare_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/compare"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/json"
	"github.com/holdfast-aws/holdfast/internal/report/ndjson"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/holdfast-aws/holdfast/internal/report/saved"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

type format func(report.Options, io.Writer) finding.Handler

func write(t testing.TB, stream func(finding.Handler) error, f format) *bytes.Reader {
	t.Helper()
	var b bytes.Buffer
	if err := stream(f(report.Options{}, &b)); err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(b.Bytes())
}

const account = "111122223333"

// scan is a scan of Neptune.5 by cluster name, with what went wrong.
type scan struct {
	controls []finding.Control
	clusters []cluster
	gaps     []finding.Gap
	coverage finding.Coverage
}

type cluster struct {
	name, region string
	status       finding.Status
	days         int64
	excepted     bool
}

func (s scan) run(h finding.Handler) error {
	controls := s.controls
	if controls == nil {
		controls = reporttest.Controls()[1:2]
	}
	out := reporttest.Begin(h, controls...)
	for _, c := range s.clusters {
		region := c.region
		if region == "" {
			region = "eu-west-1"
		}
		f := finding.Finding{
			Control: "Neptune.5", Title: "Backups", Severity: finding.Medium, Status: c.status,
			Resource: reporttest.Cluster(account, region, c.name), Evidence: reporttest.Retention(c.days, false),
		}
		if c.excepted {
			f.Exception = &finding.Exception{Source: "holdfast.yaml:1", Reason: "accepted"}
		}
		out.Finding(f)
	}
	for _, g := range s.gaps {
		out.Gap(g)
	}
	return out.End(finding.Footer{Coverage: s.coverage})
}

func compared(t *testing.T, before, after scan) *compare.Diff {
	t.Helper()
	diff, err := compare.Compare(write(t, before.run, ndjson.New), write(t, after.run, json.New))
	if err != nil {
		t.Fatal(err)
	}
	return diff
}

// names lists the resources of a list of changes with their reasons.
func names(changes []compare.Change) string {
	var out []string
	for _, c := range changes {
		name := c.Resource.ID
		if c.Why != "" {
			name += " (" + c.Why + ")"
		}
		out = append(out, name)
	}
	return strings.Join(out, ", ")
}

func TestEachKindOfChange(t *testing.T) {
	t.Parallel()
	const passed, failed, unknown, undecided = finding.Passed, finding.Failed, finding.NotAvailable, finding.Warning
	neptune5, neptune4 := reporttest.Controls()[1], reporttest.Controls()[4]
	type want struct{ new, fixed, changed, unread, gone, outside string }
	regions := func(names ...string) finding.Coverage { return finding.Coverage{Regions: names} }
	for name, test := range map[string]struct {
		before, after scan
		want          want
		same          bool
	}{
		"nothing": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			same:   true,
		},
		"passed, now fails": {
			before: scan{clusters: []cluster{{name: "a", status: passed, days: 7}}},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			want:   want{new: "a"},
		},
		"a new resource that fails": {
			after: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			want:  want{new: "a (the resource is new)"},
		},
		"a new resource that passes": {
			after: scan{clusters: []cluster{{name: "a", status: passed, days: 7}}},
			same:  true,
		},
		"a new resource whose failure is excepted": {
			after: scan{clusters: []cluster{{name: "a", status: failed, days: 1, excepted: true}}},
			same:  true,
		},
		"a control that was not checked before": {
			before: scan{controls: []finding.Control{neptune4}},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			want:   want{new: "a (the control was not checked before)"},
		},
		"a gap that was closed": {
			before: scan{gaps: []finding.Gap{{Region: "eu-west-1", Reason: finding.GapDenied}}},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			want:   want{new: "a (nobody could read it before)"},
		},
		"a region that was not scanned before": {
			before: scan{coverage: regions("us-east-1")},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			want:   want{new: "a (the region was not scanned before)"},
		},
		"fixed": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{clusters: []cluster{{name: "a", status: passed, days: 7}}},
			want:   want{fixed: "a"},
		},
		"fixed though it was excepted": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1, excepted: true}}},
			after:  scan{clusters: []cluster{{name: "a", status: passed, days: 7}}},
			want:   want{fixed: "a"},
		},
		"other evidence": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 3}}},
			want:   want{changed: "a"},
		},
		"excepted now": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 1, excepted: true}}},
			want:   want{changed: "a (an exception covers it now)"},
		},
		"the exception ended": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1, excepted: true}}},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			want:   want{changed: "a (the exception that covered it has ended)"},
		},
		"undecided now": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{clusters: []cluster{{name: "a", status: undecided, days: 1}}},
			want:   want{changed: "a"},
		},
		"readable again and passing": {
			before: scan{clusters: []cluster{{name: "a", status: unknown}}},
			after:  scan{clusters: []cluster{{name: "a", status: passed, days: 7}}},
			want:   want{changed: "a"},
		},
		"readable again and failing": {
			before: scan{clusters: []cluster{{name: "a", status: unknown}}},
			after:  scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			want:   want{new: "a"},
		},
		"no longer judged": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}, {name: "b", status: passed, days: 7}}},
			after:  scan{clusters: []cluster{{name: "a", status: unknown}, {name: "b", status: unknown}}},
			want:   want{unread: "a, b"},
		},
		"never judged": {
			before: scan{clusters: []cluster{{name: "a", status: unknown, days: 1}}},
			after:  scan{clusters: []cluster{{name: "a", status: unknown, days: 2}}},
			same:   true,
		},
		"its region is a gap now": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}, {name: "b", region: "us-east-1", status: failed, days: 1}}},
			after:  scan{gaps: []finding.Gap{{Account: account, Region: "us-east-1", Reason: finding.GapDenied}}},
			want:   want{unread: "b (a gap covers it now)", gone: "a"},
		},
		"a gap of another control": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{gaps: []finding.Gap{{Region: "eu-west-1", Reason: finding.GapDenied, Controls: []string{"Neptune.3"}}}},
			want:   want{gone: "a"},
		},
		"a gap of this type and control": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{gaps: []finding.Gap{{Type: "AWS::Neptune::DBCluster", Reason: finding.GapDenied, Controls: []string{"Neptune.4", "Neptune.5"}}}},
			want:   want{unread: "a (a gap covers it now)"},
		},
		"a gap of one resource": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}, {name: "b", status: failed, days: 1}}},
			after:  scan{gaps: []finding.Gap{{Account: account, Resource: "arn:aws:rds:eu-west-1:111122223333:cluster:a", Reason: finding.GapFailed}}},
			want:   want{unread: "a (a gap covers it now)", gone: "b"},
		},
		"expired credentials hide everything": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{gaps: []finding.Gap{{Reason: finding.GapExpired}}},
			want:   want{unread: "a (a gap covers it now)"},
		},
		"unread in both": {
			before: scan{clusters: []cluster{{name: "a", status: unknown}}},
			after:  scan{gaps: []finding.Gap{{Region: "eu-west-1", Reason: finding.GapDenied}}},
			same:   true,
		},
		"a control that is no longer checked": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{controls: []finding.Control{neptune4}},
			want:   want{outside: "Neptune.5  1"},
		},
		"a region that is no longer scanned": {
			before: scan{clusters: []cluster{{name: "a", status: failed, days: 1}}},
			after:  scan{coverage: regions("us-east-1")},
			want:   want{outside: " eu-west-1 1"},
		},
		"gone": {
			before: scan{clusters: []cluster{{name: "a", status: passed, days: 7}}, controls: []finding.Control{neptune5}},
			after:  scan{coverage: regions("eu-west-1")},
			want:   want{gone: "a"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			diff := compared(t, test.before, test.after)
			got := want{names(diff.New), names(diff.Fixed), names(diff.Changed), names(diff.Unread), names(diff.Gone), ""}
			for _, scope := range diff.OutOfScope {
				got.outside += fmt.Sprintf("%s %s %d", scope.Control, scope.Region, scope.Findings)
			}
			if diff.Same() != test.same {
				t.Errorf("same: %v", diff.Same())
			}
			if got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAResultComparedWithItselfIsTheSameInEitherFormat(t *testing.T) {
	t.Parallel()
	for _, before := range []format{json.New, ndjson.New} {
		for _, after := range []format{json.New, ndjson.New} {
			diff, err := compare.Compare(write(t, reporttest.Rich, before), write(t, reporttest.Rich, after))
			if err != nil {
				t.Fatal(err)
			}
			if !diff.Same() || diff.Unchanged.Total() != 12 || len(diff.Notes) != 0 {
				t.Errorf("%s %+v", diff.Summary(), diff)
			}
		}
	}
}

func TestParametersThatDifferAreNoted(t *testing.T) {
	t.Parallel()
	stricter := reporttest.Controls()[1]
	stricter.Parameters = map[string]any{"minimumBackupRetentionPeriod": int64(14), "other": "x"}
	diff := compared(t, scan{}, scan{controls: []finding.Control{stricter}})
	want := []string{
		"Neptune.5: minimumBackupRetentionPeriod was 7 and is 14",
		"Neptune.5: other was not set and is x",
	}
	if d := cmp.Diff(want, diff.Notes); d != "" {
		t.Error(d)
	}
}

func TestIdsThatStandTwiceAreMatchedInOrder(t *testing.T) {
	t.Parallel()
	twice := scan{clusters: []cluster{{name: "a", status: finding.Failed, days: 1}, {name: "a", status: finding.Passed, days: 7}}}
	if diff := compared(t, twice, twice); !diff.Same() || diff.Unchanged.Total() != 2 {
		t.Error(diff.Summary())
	}
}

func TestCodeIsMatchedByAddressWhereverItMoves(t *testing.T) {
	t.Parallel()
	at := func(line int) func(finding.Handler) error {
		return func(h finding.Handler) error {
			s := reporttest.Begin(h, reporttest.Controls()[1])
			s.Finding(finding.Finding{
				Control: "Neptune.5", Severity: finding.Medium, Status: finding.Failed, Evidence: reporttest.Retention(1, false),
				Resource: resource.Ref{Type: "AWS::Neptune::DBCluster", ID: "main",
					Origin: resource.Origin{File: "main.tf", Line: line, Address: "aws_neptune_cluster.main"}},
			})
			return s.End(finding.Footer{})
		}
	}
	diff, err := compare.Compare(write(t, at(3), json.New), write(t, at(90), json.New))
	if err != nil {
		t.Fatal(err)
	}
	if !diff.Same() {
		t.Error(diff.Summary())
	}
}

// rich is the second scan of the golden files.
func rich() (before, after scan) {
	clusters := []cluster{
		{name: "stays", status: finding.Failed, days: 1},
		{name: "is-fixed", status: finding.Failed, days: 1},
		{name: "breaks", status: finding.Passed, days: 7},
		{name: "moves", status: finding.Failed, days: 1},
		{name: "is-accepted", status: finding.Failed, days: 2},
		{name: "is-deleted", status: finding.Failed, days: 2},
		{name: "goes-dark", region: "us-east-1", status: finding.Passed, days: 7},
		{name: "elsewhere", region: "sa-east-1", status: finding.Passed, days: 7},
	}
	before = scan{clusters: clusters, coverage: finding.Coverage{
		Unit: "account-regions", Total: 3, Read: 3, Resources: 8, Calls: 3, Regions: []string{"eu-west-1", "sa-east-1", "us-east-1"},
	}}
	after = scan{
		clusters: []cluster{
			{name: "stays", status: finding.Failed, days: 1},
			{name: "is-fixed", status: finding.Passed, days: 14},
			{name: "breaks", status: finding.Failed, days: 1},
			{name: "moves", status: finding.Failed, days: 3},
			{name: "is-accepted", status: finding.Failed, days: 2, excepted: true},
			{name: "arrives" + reporttest.Hostile, status: finding.Failed, days: 1},
		},
		gaps: []finding.Gap{{Account: account, Region: "us-east-1", Reason: finding.GapDenied}},
		coverage: finding.Coverage{
			Unit: "account-regions", Total: 2, Read: 1, Resources: 6, Calls: 2, Regions: []string{"eu-west-1", "us-east-1"},
		},
	}
	return before, after
}

func TestGolden(t *testing.T) {
	t.Parallel()
	before, after := rich()
	for name, test := range map[string]struct {
		before, after scan
		write         func(*compare.Diff, io.Writer) error
	}{
		"rich.json": {before, after, func(d *compare.Diff, w io.Writer) error { return d.WriteJSON(w) }},
		"rich-80.txt": {before, after, func(d *compare.Diff, w io.Writer) error {
			return d.WriteText(report.Options{Width: 80}, w)
		}},
		"rich-160-color.txt": {before, after, func(d *compare.Diff, w io.Writer) error {
			return d.WriteText(report.Options{Width: 160, Color: true}, w)
		}},
		"same.txt": {before, before, func(d *compare.Diff, w io.Writer) error {
			return d.WriteText(report.Options{}, w)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := test.write(compared(t, test.before, test.after), &b); err != nil {
				t.Fatal(err)
			}
			reporttest.Golden(t, name, b.Bytes())
		})
	}
}

func TestLongListsSayHowManyMore(t *testing.T) {
	t.Parallel()
	var after scan
	for i := range 80 {
		after.clusters = append(after.clusters, cluster{name: fmt.Sprint("c", i), status: finding.Failed, days: 1})
	}
	diff := compared(t, scan{}, after)
	var short, long bytes.Buffer
	if err := diff.WriteText(report.Options{}, &short); err != nil {
		t.Fatal(err)
	}
	if err := diff.WriteText(report.Options{Verbose: true}, &long); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(short.String(), "… and 30 more (--format json shows all)") || strings.Count(long.String(), "Neptune.5") != 80 {
		t.Errorf("short:\n%s", short.String())
	}
}

func TestBadInputNamesTheFileAndTheLine(t *testing.T) {
	t.Parallel()
	good := func() io.Reader { return write(t, reporttest.Rich, ndjson.New) }
	cut := filepath.Join(t.TempDir(), "cut.ndjson")
	text, err := io.ReadAll(good())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(cut, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(cut)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for name, test := range map[string]struct {
		before, after io.Reader
		want          string
	}{
		"named file":   {file, good(), "read " + cut + ": line 7: finding: the file ends here"},
		"first empty":  {strings.NewReader(""), good(), "read the first result: line 1: the file is empty"},
		"second newer": {good(), strings.NewReader(`{"scan":{"format":9}}`), "read the second result: line 1: scan.format: the file has format 9"},
	} {
		_, err := compare.Compare(test.before, test.after)
		var where *saved.Error
		if !errors.As(err, &where) || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s…", name, err, test.want)
		}
	}
}

func FuzzCompare(f *testing.F) {
	rich, many := write(f, reporttest.Rich, json.New), write(f, reporttest.Many(3), ndjson.New)
	texts := make([]string, 0, 2)
	for _, r := range []*bytes.Reader{rich, many} {
		text, err := io.ReadAll(r)
		if err != nil {
			f.Fatal(err)
		}
		texts = append(texts, string(text))
	}
	f.Add(texts[0], texts[1])
	f.Add(texts[1], texts[0])
	f.Add(texts[1], strings.Replace(texts[1], "FAILED", "PASSED", 1))
	f.Fuzz(func(t *testing.T, before, after string) {
		diff, err := compare.Compare(strings.NewReader(before), strings.NewReader(after))
		if err != nil {
			return
		}
		if err := diff.WriteText(report.Options{}, io.Discard); err != nil {
			t.Error(err)
		}
		if err := diff.WriteJSON(io.Discard); err != nil {
			t.Error(err)
		}
		self, err := compare.Compare(strings.NewReader(after), strings.NewReader(after))
		if err != nil || !self.Same() {
			t.Errorf("a result differs from itself: %v %+v", err, self)
		}
	})
}

func BenchmarkCompare(b *testing.B) {
	const n = 100_000
	text, err := io.ReadAll(write(b, reporttest.Many(n), ndjson.New))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(2 * len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := compare.Compare(bytes.NewReader(text), bytes.NewReader(text)); err != nil {
			b.Fatal(err)
		}
	}
}
