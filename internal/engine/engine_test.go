package engine

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const thingType = `
type: AWS::Test::Thing
title: thing
plural: things
list: test:ListThings
write: {operation: test:ModifyThing, identifier: Id}
properties:
  Days: {type: int, default: 1, write: Days}
  On: {type: bool, required: true, write: On}
  Note: {type: string, write: Note}
  Names: {type: list(string), default: []}
  Tags: {type: map(string), default: {}}
`

const thingControl = `
id: Test.1
title: Things should be on
resource: AWS::Test::Thing
severity: LOW
category: Test
checks: The thing is on.
why: Because.
check: CHECK
cases:
  - {name: p, given: {}, want: PASSED}
`

// compileCheck loads the test type and a control with the given check.
func compileCheck(t *testing.T, check string) (*Engine, error) {
	t.Helper()
	catalogue, err := control.Load(fstest.MapFS{
		"Thing.yaml":  {Data: []byte(thingType)},
		"Test.1.yaml": {Data: []byte(strings.Replace(thingControl, "CHECK", "'"+strings.ReplaceAll(check, "'", "''")+"'", 1))},
	})
	if err != nil {
		t.Fatal(err)
	}
	params, err := catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	return New(catalogue, catalogue.Controls, params)
}

func TestThreeValuedEvaluation(t *testing.T) {
	t.Parallel()
	denied := resource.OfUnknown(resource.Missing{Reason: resource.ReasonDenied, Permission: "test:ListThings"})
	for name, test := range map[string]struct {
		check      string
		properties map[string]resource.Value
		want       finding.Status
	}{
		"a default stands in for an omitted property": {"resource.Days == 1", nil, finding.Passed},
		"unknown is no verdict":                       {"resource.Days >= 7", props("Days", denied), finding.NotAvailable},
		"unknown survives negation":                   {"!(resource.Days >= 7)", props("Days", denied), finding.NotAvailable},
		"the other side of or decides":                {"resource.Days >= 7 || resource.On", props("Days", denied, "On", resource.OfBool(true)), finding.Passed},
		"the other side of and decides":               {"resource.Days >= 7 && resource.On", props("Days", denied, "On", resource.OfBool(false)), finding.Failed},
		"and without a decision stays unknown":        {"resource.Days >= 7 && resource.On", props("Days", denied, "On", resource.OfBool(true)), finding.NotAvailable},
		"has of unknown is unknown":                   {"has(resource.Note)", props("Note", denied), finding.NotAvailable},
		"orValue does not hide unknown":               {"resource.?Note.orValue(\"x\") == \"x\"", props("Note", denied), finding.NotAvailable},
		"orValue fills in for absent":                 {"resource.?Note.orValue(\"x\") == \"x\"", nil, finding.Passed},
		"membership in an unknown list is unknown":    {"\"a\" in resource.Names", props("Names", denied), finding.NotAvailable},
		"membership in a list":                        {"\"a\" in resource.Names", props("Names", resource.OfStrings([]string{"b", "a"})), finding.Passed},
		"exists over an unknown list is unknown":      {"resource.Names.exists(n, n == \"a\")", props("Names", denied), finding.NotAvailable},
		"a value of another type is not judged":       {"resource.Days >= 7", props("Days", resource.OfString("${var.days}")), finding.NotAvailable},
		"a tag that is there":                         {"resource.Tags[?\"env\"].orValue(\"\") == \"prod\"", props("Tags", resource.OfMap(map[string]resource.Value{"env": resource.OfString("prod")})), finding.Passed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := compileCheck(t, test.check)
			if err != nil {
				t.Fatal(err)
			}
			f, err := judgeOne(e, &resource.Resource{Ref: resource.Ref{Type: "AWS::Test::Thing"}, Properties: test.properties})
			if err != nil {
				t.Fatal(err)
			}
			if f.Status != test.want {
				t.Errorf("%s is %s, want %s", test.check, f.Status, test.want)
			}
			if f.Status == finding.NotAvailable && (len(f.Missing) != 1 || f.Missing[0].Property == "") {
				t.Errorf("it does not name the property that is missing: %+v", f.Missing)
			}
		})
	}
}

func props(pairs ...any) map[string]resource.Value {
	out := make(map[string]resource.Value)
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1].(resource.Value)
	}
	return out
}

func TestFaultyExpressionsAreRefusedWhenLoaded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ check, want string }{
		"misspelt property":        {"resource.Dayz >= 7", "undefined field 'Dayz'"},
		"misspelt behind true":     {"true || resource.Dayz >= 7", "undefined field 'Dayz'"},
		"number against text":      {"resource.Days == \"7\"", "no matching overload"},
		"not a truth value":        {"resource.Days", "is of type int, not bool"},
		"optional without asking":  {"resource.Note == \"x\"", "resource.?Note.orValue"},
		"parameter that is not":    {"resource.Days >= params.minimum", "undefined field 'minimum'"},
		"variable that is not":     {"thing.Days >= 7", "undeclared reference"},
		"syntax error":             {"resource.Days >= ", "Syntax error"},
		"optional of wrong object": {"resource.?Notes.hasValue()", "undefined field 'Notes'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compileCheck(t, test.check)
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Test.1.yaml:9: check: ") {
				t.Errorf("got %v, want %q with file, line and field", err, test.want)
			}
		})
	}
}

func TestNeededPropertiesFollowFromTheExpressions(t *testing.T) {
	t.Parallel()
	e, err := compileCheck(t, "resource.Days >= 7 && resource.?Note.hasValue()")
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(e.Wants()["AWS::Test::Thing"], " "); got != "Days Note" {
		t.Errorf("wants %q", got)
	}
}

func BenchmarkJudge(b *testing.B) {
	files := fstest.MapFS{}
	for _, name := range []string{"DBCluster.yaml", "Neptune.5.yaml"} {
		data, err := os.ReadFile("../../services/neptune/" + name)
		if err != nil {
			b.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	catalogue, err := control.Load(files)
	if err != nil {
		b.Fatal(err)
	}
	params, _ := catalogue.ParseParams(nil)
	e, err := New(catalogue, []*control.Control{catalogue.Find("Neptune.5")}, params)
	if err != nil {
		b.Fatal(err)
	}
	c := e.byID["Neptune.5"]
	r := &resource.Resource{Ref: resource.Ref{Type: c.control.Resource}, Properties: props("BackupRetentionPeriod", resource.OfInt(7))}
	s := &scope{resource: &object{typ: c.face, resource: r}, params: c.params}
	b.Run("verdict", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if status, _ := c.judge(s); status != finding.Passed {
				b.Fatal(status)
			}
		}
	})
	b.Run("finding", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if f, _ := judgeOne(e, r); f.Status != finding.Passed {
				b.Fatal(f.Status)
			}
		}
	})
}
