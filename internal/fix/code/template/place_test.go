package template_test

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/fix/code/template"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

// table is a resource type with properties within properties.
func table() *control.Type {
	return &control.Type{Name: "AWS::DynamoDB::Table", CloudFormation: "AWS::DynamoDB::Table", Properties: map[string]*control.Property{
		"Recoverable": {Type: "bool", CloudFormation: "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"},
		"Days":        {Type: "int", CloudFormation: "PointInTimeRecoverySpecification.RecoveryPeriodInDays"},
		"Class":       {Type: "string", CloudFormation: "TableClass"},
		"Streams":     {Type: "list(string)", CloudFormation: "Streams"},
		"Tags":        {Type: "map(string)", CloudFormation: "Tags"},
		"Live":        {Type: "bool"},
	}}
}

// fixed sets properties of all tables of a template, one after the other as the
// planner does: all spots first, and then one write.
func fixed(t *testing.T, name, text string, set map[string]resource.Value) (string, []string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	typ := table()
	options := cloudformation.Options{Types: map[string]*control.Type{typ.Name: typ}}
	found := &sink{}
	listing, err := cloudformation.New([]string{file}, options).List(context.Background(), resource.Wants{typ.Name: typ.PropertyNames()})
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range listing.Units {
		if err := unit.Read(context.Background(), found); err != nil {
			t.Fatal(err)
		}
	}
	language, files := template.New(options), code.NewFiles()
	var settings []code.Setting
	var reasons []string
	for _, r := range found.found {
		for _, property := range typ.PropertyNames() {
			value, wanted := set[property]
			if !wanted {
				continue
			}
			spot, left, err := language.Place(files, &code.Want{
				Control: "DynamoDB.2", Type: typ, Resource: r.Ref, Property: property, Before: r.Get(property), After: value, At: r.Where[property],
			})
			switch {
			case err != nil:
				t.Fatal(err)
			case left != nil:
				reasons = append(reasons, r.ID+" "+property+": "+left.Reason)
			default:
				settings = append(settings, code.Setting{Spot: *spot, Value: value})
			}
		}
	}
	out, err := language.Write(file, []byte(text), settings)
	if err != nil {
		t.Fatal(err)
	}
	return string(out), reasons
}

const head = "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n"

func TestPropertiesWithinProperties(t *testing.T) {
	t.Parallel()
	both := map[string]resource.Value{"Recoverable": resource.OfBool(true), "Days": resource.OfInt(35)}
	for name, test := range map[string]struct{ file, before, after string }{
		"stated": {
			"t.yaml", head + "    Properties:\n      PointInTimeRecoverySpecification:\n        PointInTimeRecoveryEnabled: false\n        RecoveryPeriodInDays: 7\n",
			head + "    Properties:\n      PointInTimeRecoverySpecification:\n        PointInTimeRecoveryEnabled: true\n        RecoveryPeriodInDays: 35\n",
		},
		"half of it": {
			"t.yaml", head + "    Properties:\n      PointInTimeRecoverySpecification:\n        PointInTimeRecoveryEnabled: false\n      TableName: t\n",
			head + "    Properties:\n      PointInTimeRecoverySpecification:\n        PointInTimeRecoveryEnabled: true\n        RecoveryPeriodInDays: 35\n      TableName: t\n",
		},
		"no parent": {
			"t.yaml", head + "    Properties:\n      TableName: t\n",
			head + "    Properties:\n      TableName: t\n      PointInTimeRecoverySpecification:\n        PointInTimeRecoveryEnabled: true\n        RecoveryPeriodInDays: 35\n",
		},
		"nothing at all": {
			"t.yaml", head,
			head + "    Properties:\n      PointInTimeRecoverySpecification:\n        PointInTimeRecoveryEnabled: true\n        RecoveryPeriodInDays: 35\n",
		},
		"a parent without a value": {
			"t.yaml", head + "    Properties:\n      PointInTimeRecoverySpecification: # to do with restores\n      TableName: t\n",
			head + "    Properties:\n      PointInTimeRecoverySpecification: # to do with restores\n        PointInTimeRecoveryEnabled: true\n        RecoveryPeriodInDays: 35\n      TableName: t\n",
		},
		"a parent that is null": {
			"t.yaml", head + "    Properties:\n      PointInTimeRecoverySpecification: null # none\n",
			head + "    Properties:\n      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35} # none\n",
		},
		"a parent that a reference leaves out": {
			"t.yaml", head + "    Properties:\n      PointInTimeRecoverySpecification: !Ref AWS::NoValue\n",
			head + "    Properties:\n      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35}\n",
		},
		"in brackets": {
			"t.yaml", "Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {PointInTimeRecoverySpecification: {}, TableName: t}}}\n",
			"Resources: {T: {Type: 'AWS::DynamoDB::Table', Properties: {PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35}, TableName: t}}}\n",
		},
		"in JSON": {
			"t.json", "{\"Resources\": {\n  \"T\": {\n    \"Type\": \"AWS::DynamoDB::Table\",\n    \"Properties\": {\n      \"TableName\": \"t\"\n    }\n  }\n}}\n",
			"{\"Resources\": {\n  \"T\": {\n    \"Type\": \"AWS::DynamoDB::Table\",\n    \"Properties\": {\n      \"TableName\": \"t\",\n      \"PointInTimeRecoverySpecification\": {\"PointInTimeRecoveryEnabled\": true, \"RecoveryPeriodInDays\": 35}\n    }\n  }\n}}\n",
		},
		"null in JSON": {
			"t.json", `{"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": {"PointInTimeRecoverySpecification": null}}}}`,
			`{"Resources": {"T": {"Type": "AWS::DynamoDB::Table", "Properties": {"PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35}}}}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, reasons := fixed(t, test.file, test.before, both)
			if diff := cmp.Diff(test.after, got); diff != "" || reasons != nil {
				t.Errorf("left %v (-want +got):\n%s", reasons, diff)
			}
		})
	}
}

func TestTextsAndLists(t *testing.T) {
	t.Parallel()
	set := map[string]resource.Value{"Class": resource.OfString("STANDARD: 'a' \"b\""), "Streams": resource.OfStrings([]string{"a", "on", "1"})}
	for name, test := range map[string]struct{ file, before, after string }{
		"plain": {
			"t.yaml", head + "    Properties:\n      TableClass: LOW\n      Streams:\n      - a\n",
			head + "    Properties:\n      TableClass: \"STANDARD: 'a' \\\"b\\\"\"\n      Streams:\n      - a\n      - \"on\"\n      - \"1\"\n",
		},
		"in single quotes": {
			"t.yaml", head + "    Properties:\n      TableClass: 'LOW'\n      Streams: ['a']\n",
			head + "    Properties:\n      TableClass: 'STANDARD: ''a'' \"b\"'\n      Streams: ['a', 'on', '1']\n",
		},
		"missing": {
			"t.yaml", head + "    Properties:\n      TableName: t\n",
			head + "    Properties:\n      TableName: t\n      Streams:\n        - a\n        - \"on\"\n        - \"1\"\n      TableClass: \"STANDARD: 'a' \\\"b\\\"\"\n",
		},
		"an item that only looks like one that is there": {
			"t.yaml", "Parameters: {a: {Type: String, Default: b}}\n" + head + "    Properties:\n      TableClass: X\n      Streams: [!Ref a]\n",
			"Parameters: {a: {Type: String, Default: b}}\n" + head + "    Properties:\n      TableClass: \"STANDARD: 'a' \\\"b\\\"\"\n      Streams: [!Ref a, a, \"on\", \"1\"]\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, reasons := fixed(t, test.file, test.before, set)
			if diff := cmp.Diff(test.after, got); diff != "" || reasons != nil {
				t.Errorf("left %v (-want +got):\n%s", reasons, diff)
			}
		})
	}
}

// What no spot is found for is left with its reason, and the file as it was.
func TestWhatIsLeft(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		properties string
		want       string
	}{
		"a property that templates do not have": {"{}", "T Live: no-name"},
		"a text put together":                   {`{TableClass: !Sub "${AWS::Region}-x"}`, "T Class: computed"},
		"an attribute of a resource":            {"{TableClass: !GetAtt T.Arn}", "T Class: computed"},
		"an export of another stack":            {"{TableClass: !ImportValue class}", "T Class: outside"},
		"a secret":                              {"{TableClass: '{{resolve:ssm:/class}}'}", "T Class: outside"},
		"a parameter without a value":           {"{TableClass: !Ref Open}", "T Class: outside"},
		"one that is kept in SSM":               {"{TableClass: !Ref Stored}", "T Class: outside"},
		"a pseudo parameter":                    {"{TableClass: !Ref AWS::Region}", "T Class: computed"},
		"a macro among the properties":          {"{'Fn::Transform': {Name: M}}", "T Class: computed"},
		"an include among the properties":       {"{'Fn::Transform': {Name: AWS::Include, Parameters: {Location: s3://a/b}}}", "T Class: computed"},
		"a map":                                 {"{Tags: [{Key: a, Value: b}]}", "T Tags: computed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := "Parameters: {Open: {Type: String}, Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a}}\n" +
				head + "    Properties: " + test.properties + "\n"
			property := strings.TrimSuffix(strings.Fields(test.want)[1], ":")
			value := map[string]resource.Value{
				"Live": resource.OfBool(true), "Class": resource.OfString("X"), "Tags": resource.OfMap(map[string]resource.Value{"a": resource.OfString("c")}),
			}[property]
			got, reasons := fixed(t, "t.yaml", text, map[string]resource.Value{property: value})
			if got != text || len(reasons) != 1 || reasons[0] != test.want {
				t.Errorf("left %q of\n%s", reasons, got)
			}
		})
	}
}

// A file that is no longer what was judged is left alone.
func TestWhatChangedSinceItWasJudged(t *testing.T) {
	t.Parallel()
	typ := table()
	at := func(line int) resource.Origin { return resource.Origin{File: "t.yaml", Line: line, Address: "T"} }
	for name, test := range map[string]struct {
		id     string
		at     resource.Origin
		before resource.Value
	}{
		"a resource that is gone": {"U", resource.Origin{}, resource.OfString("LOW")},
		"a stack that is gone":    {"S/T", resource.Origin{}, resource.OfString("LOW")},
		"another line":            {"T", at(2), resource.OfString("LOW")},
		"another value":           {"T", at(5), resource.OfString("HIGH")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "t.yaml")
			if err := os.WriteFile(file, []byte(head+"    Properties:\n      TableClass: LOW\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			w := &code.Want{
				Control: "C", Type: typ, Property: "Class", Before: test.before, After: resource.OfString("X"), At: test.at,
				Resource: resource.Ref{ID: test.id, Origin: resource.Origin{File: file, Line: 2, Address: test.id}},
			}
			if w.At.File != "" {
				w.At.File = file
			}
			spot, left, err := template.New(cloudformation.Options{}).Place(code.NewFiles(), w)
			if err != nil || spot != nil || left == nil || left.Reason != code.LeftStale {
				t.Errorf("got %+v, %+v, %v", spot, left, err)
			}
		})
	}
}

// Other JSON has resources too, such as a plan: that is no template.
func TestFilesThatAreNoTemplates(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text    string
		handles bool
	}{
		"template.yaml": {head, true},
		"broken.yaml":   {head + "  - [", true},
		"plan.json":     {`{"format_version": "1.2", "planned_values": {}}`, false},
		"main.tf":       {`resource "aws_dynamodb_table" "t" {}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(file, []byte(test.text), 0o600); err != nil {
				t.Fatal(err)
			}
			if template.Handles(file) != test.handles {
				t.Errorf("handled: %t", !test.handles)
			}
			if name == "template.yaml" {
				return
			}
			_, left, err := template.New(cloudformation.Options{}).Place(code.NewFiles(), &code.Want{
				Type: table(), Property: "Class", After: resource.OfString("X"), Resource: resource.Ref{Origin: resource.Origin{File: file, Address: "T"}},
			})
			if err != nil || left == nil || left.Reason != code.LeftStale {
				t.Errorf("got %+v, %v", left, err)
			}
		})
	}
}

func TestSettingsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	const text = head + "    Properties:\n      TableClass: LOW\n      About: |\n        text\n      Streams: [a]\n"
	offset := func(word string) string { return "s:" + strconv.Itoa(strings.Index(text, word)) }
	one := func(key string, v resource.Value) code.Setting {
		return code.Setting{Spot: code.Spot{File: "t.yaml", Line: 5, Key: key}, Value: v}
	}
	a, b := resource.OfString("A"), resource.OfString("B")
	for name, test := range map[string]struct {
		content  string
		settings []code.Setting
		want     string
	}{
		"two values in one place":  {text, []code.Setting{one(offset("LOW"), a), one(offset("LOW"), b)}, "would be set to A and to B"},
		"a place that is not one":  {text, []code.Setting{one("s:3", a)}, "no longer what it was"},
		"a key of something else":  {text, []code.Setting{one("x", a)}, `"x" is no spot of a template`},
		"an offset that is none":   {text, []code.Setting{one("s:x", a)}, "is no spot"},
		"a broken list of items":   {text, []code.Setting{one("l:1:[", a)}, "is no spot"},
		"a text in several lines":  {text, []code.Setting{one(offset("|\n"), a)}, "several lines"},
		"a map":                    {text, []code.Setting{one(offset("LOW"), resource.OfMap(nil))}, "cannot be written"},
		"one text for many values": {text, []code.Setting{one("l:"+strconv.Itoa(strings.Index(text, "[a]")), a)}, "more than one value"},
		"a file in UTF-16":         {"\xff\xfeR\x00", []code.Setting{one("s:3", a)}, "not written in UTF-8"},
		"a file that is broken":    {"a: [", []code.Setting{one("s:3", a)}, "change t.yaml: yaml"},
		"a field and one below it": {text, []code.Setting{one("m:"+strconv.Itoa(strings.Index(text, "TableClass"))+":New", a), one("m:"+strconv.Itoa(strings.Index(text, "TableClass"))+":New.Deep", b)}, "two values"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := template.New(cloudformation.Options{}).Write("t.yaml", []byte(test.content), test.settings)
			if err == nil || out != nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, %q", err, out)
			}
		})
	}
}

// One language serves many goroutines, and several runs.
func TestManyPlacesAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "t.yaml")
	if err := os.WriteFile(file, []byte(head+"    Properties: {TableClass: LOW}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	language := template.New(cloudformation.Options{})
	var all sync.WaitGroup
	for range 2 {
		files := code.NewFiles()
		for range 8 {
			all.Go(func() {
				spot, left, err := language.Place(files, &code.Want{
					Type: table(), Property: "Class", Before: resource.OfString("LOW"), After: resource.OfString("X"),
					Resource: resource.Ref{Origin: resource.Origin{File: file, Address: "T"}},
				})
				if err != nil || left != nil || spot.Address != "T" || spot.Name != "TableClass" || spot.Line != 4 || spot.Insert {
					t.Errorf("got %+v, %+v, %v", spot, left, err)
				}
			})
		}
	}
	all.Wait()
}
