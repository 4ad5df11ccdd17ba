package engine

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

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
		"resource by another name": {"[resource].exists(r, r.Days >= 7)", "the resource as a whole cannot be used"},
		"text times text":          {`resource.Names.map(a, a.replace("", a)).size() > 0`, "function replace may not be used"},
		"list times text":          {`resource.Names.join("-") != ""`, "function join may not be used"},
		"list times list":          {"resource.Names.map(a, resource.Names).flatten().size() > 0", "function flatten may not be used"},
		"list of a given length":   {"lists.range(1000000000).size() > 0", "function lists.range may not be used"},
		"every item with every":    {"resource.Names.distinct().size() > 0", "function distinct may not be used"},
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

func TestAnExpressionWithoutEndIsCutShortAndNeverAVerdict(t *testing.T) {
	t.Parallel()
	const ten = "[0,1,2,3,4,5,6,7,8,9]"
	endless := "true"
	for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"} {
		endless = ten + ".all(" + name + ", " + endless + ")"
	}
	doubling := `["x"]` + strings.Repeat(`.map(a, a + a)`, 60) + ".size() > 0"
	for name, check := range map[string]string{"nested loops": endless, "text that doubles": doubling} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := compileOwn(t, check)
			if err != nil {
				t.Fatal(err)
			}
			begun := time.Now()
			f, err := judgeOne(e, &resource.Resource{Ref: resource.Ref{Type: "AWS::Test::Thing"}})
			if err != nil {
				t.Fatal(err)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
			if f.Status != finding.NotAvailable || len(f.Missing) != 1 || !strings.Contains(f.Missing[0].Detail, "limit exceeded") {
				t.Errorf("it is %s: %+v", f.Status, f.Missing)
			}
		})
	}
}

// compileOwn is compileCheck for a control of a user's own.
func compileOwn(t *testing.T, check string) (*Engine, error) {
	t.Helper()
	base, err := control.Load(fstest.MapFS{"Thing.yaml": {Data: []byte(thingType)}})
	if err != nil {
		t.Fatal(err)
	}
	catalogue, err := base.Extend(fstest.MapFS{
		"Test.1.yaml": {Data: []byte(strings.Replace(thingControl, "CHECK", "'"+check+"'", 1))},
	})
	if err != nil {
		t.Fatal(err)
	}
	return New(catalogue, catalogue.Controls, nil)
}

func TestAnErrorOfAnExpressionIsNoVerdictAndIsTold(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ check, want string }{
		"index out of range": {`resource.Names[3] == "a"`, "index out of bounds: 3"},
		"key that is not":    {`resource.Tags["env"] == "prod"`, "no such key: env"},
		"division by zero":   {"7 / (resource.Days - 1) > 0", "division by zero"},
		"overflow":           {"resource.Days + 9223372036854775807 > 0", "integer overflow"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e, err := compileCheck(t, test.check)
			if err != nil {
				t.Fatal(err)
			}
			f, err := judgeOne(e, &resource.Resource{Ref: resource.Ref{Type: "AWS::Test::Thing"}})
			if err != nil {
				t.Fatal(err)
			}
			if f.Status != finding.NotAvailable || len(f.Missing) != 1 || !strings.Contains(f.Missing[0].Detail, test.want) {
				t.Errorf("it is %s: %+v", f.Status, f.Missing)
			}
		})
	}
}

func TestAnOperationIsNeededByTheControlsThatReadWhatItYields(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{}
	for _, name := range []string{"DBCluster", "DBClusterSnapshot", "Neptune.2", "Neptune.3", "Neptune.5", "Neptune.6"} {
		data, err := os.ReadFile("../../services/neptune/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		files[name+".yaml"] = &fstest.MapFile{Data: data}
	}
	catalogue, err := control.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := catalogue.Select(control.Selection{IDs: []string{"Neptune.2", "Neptune.3", "Neptune.5", "Neptune.6"}})
	if err != nil {
		t.Fatal(err)
	}
	params, err := catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(catalogue, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ typ, operation, want string }{
		{"AWS::Neptune::DBCluster", "rds:DescribeDBClusters", "Neptune.2 Neptune.5"},
		{"AWS::Neptune::DBCluster", "rds:DescribeDBClusterParameters", "Neptune.2"},
		{"AWS::Neptune::DBClusterSnapshot", "rds:DescribeDBClusterSnapshots", "Neptune.3 Neptune.6"},
		{"AWS::Neptune::DBClusterSnapshot", "rds:DescribeDBClusterSnapshotAttributes", "Neptune.3"},
		{"AWS::Neptune::DBClusterSnapshot", "", "Neptune.3 Neptune.6"},
		{"", "sts:AssumeRole", "Neptune.2 Neptune.3 Neptune.5 Neptune.6"},
		{"AWS::Other::Thing", "other:List", ""},
	} {
		if got := strings.Join(e.Needing(test.typ, test.operation), " "); got != test.want {
			t.Errorf("%s of %q is needed by %q, want %q", test.operation, test.typ, got, test.want)
		}
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
