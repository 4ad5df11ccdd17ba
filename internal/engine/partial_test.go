package engine

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func judged(t *testing.T, check string, r *resource.Resource) *finding.Finding {
	t.Helper()
	e, err := compileCheck(t, check)
	if err != nil {
		t.Fatal(err)
	}
	r.Type = "AWS::Test::Thing"
	var said *finding.Finding
	if err := e.Evaluate(r, func(f *finding.Finding) error { said = f; return nil }); err != nil {
		t.Fatal(err)
	}
	return said
}

// That a list holds a text is decided by the items that are known; nothing else
// is.
func TestAListWithAnItemThatIsNotKnown(t *testing.T) {
	t.Parallel()
	open := resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Settle: "variable kind"})
	names := resource.OfList(resource.OfString("audit"), open)
	for check, want := range map[string]finding.Status{
		`"audit" in resource.Names`:                              finding.Passed,
		`!("audit" in resource.Names)`:                           finding.Failed,
		`"other" in resource.Names`:                              finding.NotAvailable,
		`!("other" in resource.Names)`:                           finding.NotAvailable,
		`"audit" in resource.Names && "other" in resource.Names`: finding.NotAvailable,
		`"audit" in resource.Names && size(resource.Names) > 0`:  finding.NotAvailable,
		`resource.Names.exists(n, n == "audit")`:                 finding.NotAvailable,
		`resource.Names.all(n, n == "other")`:                    finding.NotAvailable,
		`size(resource.Names) == 2`:                              finding.NotAvailable,
		`resource.Names != ["audit"]`:                            finding.NotAvailable,
		`resource.Names[0] == "audit"`:                           finding.NotAvailable,
		`"x" in (resource.Names + ["x"])`:                        finding.NotAvailable,
		`"audit" in resource.Names || resource.Days > 5`:         finding.Passed,
	} {
		t.Run(check, func(t *testing.T) {
			t.Parallel()
			f := judged(t, check, &resource.Resource{Properties: props("Names", names, "Days", resource.OfInt(1))})
			if f.Status != want {
				t.Errorf("%s, want %s", f.Status, want)
			}
			if want == finding.NotAvailable && (len(f.Missing) == 0 || f.Missing[0].Settle != "variable kind") {
				t.Errorf("what would settle it is not said: %+v", f.Missing)
			}
		})
	}
}

// A verdict may rest on a sensitive value; nothing that is said may show it.
func TestASensitiveValueIsJudgedAndNotShown(t *testing.T) {
	t.Parallel()
	const hunter = "hunter2"
	tags := resource.OfMap(map[string]resource.Value{"a": resource.OfString("b"), "owner": resource.OfSecret(resource.OfString(hunter))})
	for name, test := range map[string]struct {
		check      string
		properties map[string]resource.Value
		want       finding.Status
	}{
		"a number that passes":        {"resource.Days >= 7", props("Days", resource.OfSecret(resource.OfInt(7))), finding.Passed},
		"a number that fails":         {"resource.Days >= 7", props("Days", resource.OfSecret(resource.OfInt(6))), finding.Failed},
		"a text":                      {`resource.?Note.orValue("") == "` + hunter + `"`, props("Note", resource.OfSecret(resource.OfString(hunter))), finding.Passed},
		"a list":                      {`"x" in resource.Names`, props("Names", resource.OfSecret(resource.OfStrings([]string{"x", hunter}))), finding.Passed},
		"a field of a map":            {`resource.Tags["owner"] == "x"`, props("Tags", tags), finding.Failed},
		"another field of that map":   {`resource.Tags["a"] == "b"`, props("Tags", tags), finding.Passed},
		"a value of another type":     {"resource.Days >= 7", props("Days", resource.OfSecret(resource.OfString(hunter))), finding.NotAvailable},
		"a check that breaks off":     {`int(resource.?Note.orValue("")) > 1`, props("Note", resource.OfSecret(resource.OfString(hunter))), finding.NotAvailable},
		"a list with an unknown item": {`"y" in resource.Names`, props("Names", resource.OfSecret(resource.OfList(resource.OfString(hunter), resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved})))), finding.NotAvailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := judged(t, test.check, &resource.Resource{Properties: test.properties})
			if f.Status != test.want {
				t.Errorf("%s, want %s: %+v", f.Status, test.want, f.Missing)
			}
			said, err := json.Marshal(f)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(said), hunter) {
				t.Errorf("it is shown: %s", said)
			}
			if !strings.Contains(string(said), "(sensitive)") {
				t.Errorf("it is not said that there is a value: %s", said)
			}
		})
	}
}

// A call to AWS would tell nothing of code.
func TestWhatIsMissingInCodeNamesNoCall(t *testing.T) {
	t.Parallel()
	open := props("Days", resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Settle: "variable days"}))
	code := &resource.Resource{Ref: resource.Ref{Origin: resource.Origin{File: "main.tf"}}, Properties: open}
	if m := judged(t, "resource.Days >= 7", code).Missing[0]; m.Operation != "" || m.Permission != "" || m.Settle != "variable days" {
		t.Errorf("code: %+v", m)
	}
	if m := judged(t, "resource.Days >= 7", &resource.Resource{Properties: open}).Missing[0]; m.Operation != "test:ListThings" {
		t.Errorf("a live account: %+v", m)
	}
}
