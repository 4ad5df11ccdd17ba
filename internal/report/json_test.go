package report_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// sameValues compares values by their JSON, because unknown equals nothing.
func sameValues() cmp.Option {
	return cmp.Comparer(func(a, b resource.Value) bool {
		x, errX := json.Marshal(a)
		y, errY := json.Marshal(b)
		return errX == nil && errY == nil && string(x) == string(y)
	})
}

// What is written by hand must be what encoding/json reads, for every field.
func TestAFindingSurvives(t *testing.T) {
	t.Parallel()
	missing := resource.Missing{Property: "P", Reason: resource.ReasonDenied, Detail: "d", Operation: "o", Permission: "p", Settle: "s"}
	full := finding.Finding{
		ID: "0123456789abcdef", Control: "Neptune.5", Title: "title", Severity: finding.High, Status: finding.Failed,
		Resource: resource.Ref{
			Type: "T", ID: "i", ARN: "a", UID: "u", Account: "1", Region: "r", Partition: "aws",
			Origin: resource.Origin{File: "main.tf", Line: 3, EndLine: 9, Address: "x.y"},
		},
		Evidence: []finding.Evidence{
			{Property: "P", Actual: resource.OfInt(-7), Default: true, Expected: "e", Unit: "days", Read: "rds:X", Origin: resource.Origin{Line: 4}},
			{Property: "L", Actual: resource.OfList(resource.OfBool(true), resource.OfFloat(0.5), resource.Value{}, resource.OfUnknown(missing))},
			{Property: "M", Actual: resource.OfMap(map[string]resource.Value{"b": resource.OfString("x"), "a": resource.OfList()})},
		},
		Missing:   []resource.Missing{missing, {Reason: resource.ReasonFailed}},
		Notes:     []string{"one", "two"},
		Exception: &finding.Exception{Source: "s", Scope: "sc", Reason: "r", Owner: "o", Until: "2026-01-01", Baseline: true},
	}
	for name, f := range map[string]finding.Finding{
		"full": full, "empty": {Evidence: []finding.Evidence{}},
		"end line only": {Resource: resource.Ref{Origin: resource.Origin{EndLine: 5}}},
		"hostile":       {Control: reporttest.Hostile, Notes: []string{"\x00\x7f\u0080\ufeff\U000e0001\"\\"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := report.AppendFinding(nil, &f)
			var back finding.Finding
			if err := json.Unmarshal(text, &back); err != nil {
				t.Fatalf("%v in %s", err, text)
			}
			f.Control = strings.ToValidUTF8(f.Control, "\ufffd")
			if diff := cmp.Diff(f, back, sameValues(), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s\n%s", diff, text)
			}
		})
	}
}

func TestNumbersThatJSONCannotHoldAreUnknownNotNull(t *testing.T) {
	t.Parallel()
	for _, f := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		text := string(report.AppendValue(nil, resource.OfFloat(f)))
		if !strings.HasPrefix(text, `{"$unknown":{"reason":"malformed"`) {
			t.Errorf("%v became %s", f, text)
		}
	}
}

func TestMarshalEscapesWhatActsAndNothingElse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a<b>&c": `"a<b>&c"`, "é図": `"é図"`, "\u202e": `"\u202e"`, "\u009b": `"\u009b"`, "\x7f": `"\u007f"`,
		"\U000e0041": `"\udb40\udc41"`, "\x9b": `"\ufffd"`, "\u2028": `"\u2028"`,
	} {
		got, err := report.Marshal(in)
		if err != nil || string(got) != want {
			t.Errorf("%q became %s, want %s (%v)", in, got, want, err)
		}
		if appended := report.AppendValue(nil, resource.OfString(in)); string(appended) != want {
			t.Errorf("%q appended is %s, want %s", in, appended, want)
		}
	}
	if _, err := report.Marshal(func() {}); err == nil {
		t.Error("a function has JSON")
	}
}

func FuzzAppendFinding(f *testing.F) {
	f.Add("Neptune.5", reporttest.Hostile, `{"a":[1,true,"x",null,{"$unknown":{"reason":"denied"}}]}`)
	f.Add("", "\xed\xa0\x80", `1e300`)
	f.Add("", "", `-0e00`)
	f.Fuzz(func(t *testing.T, control, text, value string) {
		var actual resource.Value
		if json.Unmarshal([]byte(value), &actual) != nil {
			return
		}
		in := finding.Finding{Control: control, Notes: []string{text}, Evidence: []finding.Evidence{{Property: text, Actual: actual}}}
		line := report.AppendFinding(nil, &in)
		var back finding.Finding
		if err := json.Unmarshal(line, &back); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if again := report.AppendFinding(nil, &back); string(again) != string(line) {
			t.Errorf("changed from\n%s to\n%s", line, again)
		}
		if strings.ContainsAny(string(line), "\n\r\x1b\u202e\u2028") {
			t.Errorf("not one safe line: %q", line)
		}
	})
}
