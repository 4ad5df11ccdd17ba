package guard_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/prevent/guard"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services"
)

// update rewrites golden files instead of comparing with them.
var update = flag.Bool("update", false, "rewrite golden files")

// write writes the rules of controls, with parameters.
func write(t *testing.T, catalogue *control.Catalogue, chosen []*control.Control, overrides ...string) (string, []guard.Left) {
	t.Helper()
	params, err := catalogue.ParseParams(overrides)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	left, err := guard.Write(&b, catalogue, judge, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), left
}

// question is one template that Guard is to judge by rules.
type question struct {
	Rules    string         `json:"rules"`
	Template map[string]any `json:"template"`

	name, rule, want string
}

// answer is what Guard says.
type answer struct {
	Verdicts map[string]string
	Messages string
}

// ask hands the questions to CloudFormation Guard.
func ask(t *testing.T, questions []question) []answer {
	t.Helper()
	python, err := filepath.Abs("../../../.cache/venv/bin/python")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(python); err != nil {
		t.Fatal("CloudFormation Guard is missing. Try: make venv")
	}
	in, err := json.Marshal(questions)
	if err != nil {
		t.Fatal(err)
	}
	var out, faults bytes.Buffer
	command := exec.CommandContext(t.Context(), python, "testdata/judge.py")
	command.Stdin, command.Stdout, command.Stderr = bytes.NewReader(in), &out, &faults
	if err := command.Run(); err != nil {
		t.Fatalf("ask Guard: %v\n%s\nTry: make venv", err, &faults)
	}
	var answers []answer
	if err := json.Unmarshal(out.Bytes(), &answers); err != nil {
		t.Fatal(err)
	}
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	return answers
}

// compare holds what Guard says to what is wanted.
func compare(t *testing.T, questions []question) []answer {
	t.Helper()
	answers := ask(t, questions)
	for i, q := range questions {
		if got := answers[i].Verdicts[q.rule]; got != q.want {
			template, _ := json.Marshal(q.Template)
			t.Errorf("%s: Guard says %q of %s, not %s\n%s\n%s", q.name, got, template, q.want, answers[i].Messages, q.Rules)
		}
	}
	return answers
}

// template writes the properties of a case as a template does; false where it
// cannot.
func template(typ *control.Type, properties map[string]resource.Value) (map[string]any, bool) {
	written := make(map[string]any)
	for name, value := range properties {
		path := typ.Properties[name].CloudFormation
		if path == "" || name == resource.TagsProperty {
			continue
		}
		if value.Kind() == resource.Unknown {
			return nil, false
		}
		data, err := json.Marshal(value)
		if err != nil {
			return nil, false
		}
		at := written
		parts := strings.Split(path, ".")
		for _, part := range parts[:len(parts)-1] {
			below, ok := at[part].(map[string]any)
			if !ok {
				below = make(map[string]any)
				at[part] = below
			}
			at = below
		}
		at[parts[len(parts)-1]] = json.RawMessage(data)
	}
	return one(typ.CloudFormation, map[string]any{"Properties": written}), true
}

// one is a template with one resource.
func one(typ string, body map[string]any) map[string]any {
	body["Type"] = typ
	return map[string]any{"Resources": map[string]any{"Thing": body}}
}

// Guard, asked with the rule of a control, gives every case of the control the
// verdict that the case names, as far as a template can hold it.
func TestGuardJudgesTheCasesOfEveryControlAsTheyAreJudgedHere(t *testing.T) {
	t.Parallel()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	verdicts := map[string]string{string(finding.Passed): "PASS", string(finding.Failed): "FAIL", control.NoFinding: "PASS"}
	var questions []question
	written := make(map[string]bool)
	for _, c := range catalogue.Controls {
		for i := range c.Cases {
			item := &c.Cases[i]
			var overrides []string
			for _, name := range slices.Sorted(maps.Keys(item.Params)) {
				overrides = append(overrides, fmt.Sprintf("%s.%s=%v", c.ID, name, item.Params[name]))
			}
			rules, left := write(t, catalogue, []*control.Control{c}, overrides...)
			typ := catalogue.Types[item.Type]
			if slices.ContainsFunc(left, func(l guard.Left) bool { return l.Type == item.Type }) {
				continue
			}
			written[c.ID] = true
			given, ok := template(typ, item.Properties)
			if verdicts[item.Want] == "" || !ok {
				continue
			}
			questions = append(questions, question{
				Rules: rules, Template: given, name: c.ID + ", " + item.Name, rule: guard.RuleName(c.ID), want: verdicts[item.Want],
			})
		}
	}
	for _, id := range []string{"Neptune.1", "Neptune.2", "Neptune.4", "Neptune.5", "Neptune.7", "Neptune.8"} {
		if !written[id] {
			t.Errorf("%s has no rule", id)
		}
	}
	if len(questions) < 30 {
		t.Errorf("only %d cases were asked", len(questions))
	}
	compare(t, questions)
	t.Logf("Guard judged %d cases of %d controls", len(questions), len(written))
}

func TestControlsWithoutAFormInATemplateAreNamed(t *testing.T) {
	t.Parallel()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := catalogue.Select(control.Selection{IDs: []string{"Neptune.*"}})
	if err != nil {
		t.Fatal(err)
	}
	rules, left := write(t, catalogue, chosen)
	want := map[string]string{
		"Neptune.3": "CloudFormation has no such resource", "Neptune.6": "CloudFormation has no such resource",
		"Neptune.9": "a template does not tell MultiAZ",
	}
	for _, l := range left {
		if want[l.Control] != l.Why || !strings.Contains(rules, "# No rule for "+l.Control+" over "+l.Type+": "+l.Why+".\n") {
			t.Errorf("%+v", l)
		}
		delete(want, l.Control)
	}
	if len(want) > 0 {
		t.Errorf("not named: %v", want)
	}
	golden(t, "neptune.guard", rules)
}

const thing = `
type: AWS::Test::Thing
title: thing
plural: things
list: test:ListThings
cloudformation: AWS::Test::Thing
properties:
  Days: {type: int, default: 1, cloudformation: Backup.Days}
  On: {type: bool, default: true, cloudformation: "On"}
  Class: {type: string, cloudformation: Class}
  Names: {type: list(string), default: [], cloudformation: Names}
  Size: {type: int, required: true, cloudformation: Size}
`

// rulesFor writes the rule of a check over the thing.
func rulesFor(t *testing.T, check, applies string) string {
	t.Helper()
	text := fmt.Sprintf("id: Test.1\ntitle: Thing >> other\nresource: AWS::Test::Thing\nseverity: LOW\ncategory: Test\n"+
		"checks: The thing is as it >> should be.\nwhy: Because.\ncheck: %q\napplies: %q\n"+
		"cases:\n  - {name: one, given: {}, want: PASSED}\n", check, applies)
	catalogue, err := control.Load(fstest.MapFS{"Thing.yaml": {Data: []byte(thing)}, "Test.1.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	rules, left := write(t, catalogue, catalogue.Controls)
	if len(left) > 0 {
		t.Fatalf("%s: %+v", check, left)
	}
	return rules
}

// Every form of expression, asked with the property there, not there, and in the
// words that templates use.
func TestEveryFormMeansInGuardWhatItMeansHere(t *testing.T) {
	t.Parallel()
	type props = map[string]any
	days := func(n any) props { return props{"Backup": props{"Days": n}} }
	var questions []question
	for _, test := range []struct {
		check, applies string
		pass, fail     []props
	}{
		{"resource.Days >= 7", "", []props{days(7), days(30)}, []props{days(6), {}, days(props{"Ref": "Days"})}},
		{"resource.Days < 7", "", []props{days(6), {}, {"Backup": props{}}}, []props{days(7)}},
		{"!(resource.Days >= 7)", "", []props{days(6), {}}, []props{days(7)}},
		{"resource.Days != 3", "", []props{days(4), {}}, []props{days(3)}},
		{"resource.Days == 1", "", []props{days(1), {}}, []props{days(3)}},
		{"resource.On", "", []props{{"On": true}, {"On": "true"}, {}}, []props{{"On": false}, {"On": "false"}}},
		{"!resource.On", "", []props{{"On": false}, {"On": "false"}}, []props{{"On": true}, {}}},
		{"resource.On != true", "", []props{{"On": false}}, []props{{"On": true}, {}}},
		{`"audit" in resource.Names`, "", []props{{"Names": []string{"audit"}}, {"Names": []string{"x", "audit"}}}, []props{{"Names": []string{"x"}}, {"Names": []string{}}, {}}},
		{`!("all" in resource.Names)`, "", []props{{"Names": []string{"x"}}, {"Names": []string{}}, {}}, []props{{"Names": []string{"all"}}, {"Names": []string{"x", "all"}}}},
		{`resource.?Class.orValue("a") in ["a", "b"]`, "", []props{{"Class": "a"}, {"Class": "b"}, {}}, []props{{"Class": "c"}}},
		{`!(resource.?Class.orValue("a") in ["a", "b"])`, "", []props{{"Class": "c"}}, []props{{"Class": "a"}, {}}},
		{`resource.?Class.orValue("") != "it's"`, "", []props{{"Class": "its"}, {}}, []props{{"Class": "it's"}}},
		{"resource.?Class.hasValue()", "", []props{{"Class": "a"}}, []props{{}}},
		{"!resource.?Class.hasValue()", "", []props{{}}, []props{{"Class": "a"}}},
		{"resource.Size > 3", "", []props{{"Size": 4}}, []props{{"Size": 3}, {}}},
		{`resource.On && (resource.Days > 3 || "x" in resource.Names)`, "",
			[]props{{"Backup": props{"Days": 4}}, {"Names": []string{"x"}}, {"On": true, "Names": []string{"x"}}},
			[]props{{}, {"On": false, "Names": []string{"x"}}, {"On": false, "Backup": props{"Days": 4}}}},
		{`!(resource.On && resource.Days > 3)`, "", []props{{}, {"On": false, "Backup": props{"Days": 4}}}, []props{{"Backup": props{"Days": 4}}}},
		{`resource.?Class.orValue("db.x").startsWith("db.")`, "", []props{{"Class": "db.r5"}, {}}, []props{{"Class": "dbr5"}, {"Class": "x.db.r5"}}},
		{`!resource.?Class.orValue("").startsWith("db")`, "", []props{{"Class": "cache"}, {}}, []props{{"Class": "db.r5"}}},
		{"resource.Days >= 7", "resource.On", []props{{"On": false}, days(7)}, []props{{}, {"On": true}}},
	} {
		rules := rulesFor(t, test.check, test.applies)
		add := func(given props, want string) {
			questions = append(questions, question{
				Rules: rules, Template: one("AWS::Test::Thing", map[string]any{"Properties": given}),
				name: test.check, rule: "test_1", want: want,
			})
		}
		for _, given := range test.pass {
			add(given, "PASS")
		}
		for _, given := range test.fail {
			add(given, "FAIL")
		}
	}
	compare(t, questions)
}

func TestARuleLeavesOutWhatIsNotItsOwn(t *testing.T) {
	t.Parallel()
	rules := rulesFor(t, "resource.Days >= 7", "")
	answers := compare(t, []question{
		{Rules: rules, Template: one("AWS::Test::Other", map[string]any{}), name: "another type", rule: "test_1", want: "SKIP"},
		{Rules: rules, Template: one("AWS::Test::Thing", map[string]any{}), name: "no properties at all", rule: "test_1", want: "FAIL"},
		{Rules: rules, Template: one("AWS::Test::Thing", map[string]any{
			"Metadata": map[string]any{"guard": map[string]any{"SuppressedRules": []string{"test_1"}}},
		}), name: "a resource that is spared", rule: "test_1", want: "SKIP"},
		{Rules: rules, Template: one("AWS::Test::Thing", map[string]any{
			"Metadata": map[string]any{"guard": map[string]any{"SuppressedRules": []string{"other"}}},
		}), name: "spared another rule", rule: "test_1", want: "FAIL"},
	})
	if want := "Test.1: The thing is as it > > should be."; !strings.Contains(answers[1].Messages, want) {
		t.Errorf("the message does not say %q: %s", want, answers[1].Messages)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s differs; look, then run with -update:\n%s", path, got)
	}
}
