package control

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

const thingType = `type: AWS::Test::Thing
title: thing
plural: things
list: test:ListThings
write: {operation: test:ModifyThing, identifier: Id}
properties:
  Days:
    type: int
    default: 1
    min: 1
    max: 35
    write: Days
  Name: {type: string, createOnly: true}
  Seen: {type: time, readOnly: true}
`

const thingControl = `id: Test.1
title: Things should be kept for a week
resource: AWS::Test::Thing
severity: LOW
category: Test
standards: [FSBP]
parameters:
  least: {type: int, default: 7, min: 1, max: 30}
checks: The thing is kept for {least} days.
why: Because.
how: [Keep it.]
check: resource.Days >= params.least
expect: {Days: "at least {least} days"}
notes:
  - when: resource.?Name.hasValue()
    say: It is called {resource.Name}.
fix:
  summary: Keep it for {least} days
  set: {Days: params.least}
  risk: low
  impact: {downtime: none}
cases:
  - name: short
    given: {Days: 2}
    want: FAILED
    fixed: {Days: 7}
`

func loadThing(typeText, controlText string) (*Catalogue, error) {
	return Load(fstest.MapFS{
		"test/Thing.yaml":  {Data: []byte(typeText)},
		"test/Test.1.yaml": {Data: []byte(controlText)},
	})
}

func TestLoadReadsTypesAndControls(t *testing.T) {
	t.Parallel()
	catalogue, err := loadThing(thingType, thingControl)
	if err != nil {
		t.Fatal(err)
	}
	c := catalogue.Find("test.1")
	if c == nil || c.File != "test/Test.1.yaml" || c.Custom || c.Service() != "Test" {
		t.Fatalf("control %+v", c)
	}
	if got := c.Fill(c.Checks, nil); got != "The thing is kept for 7 days." {
		t.Errorf("with the default: %q", got)
	}
	if got := c.Fill(c.Checks, map[string]int64{"least": 14}); got != "The thing is kept for 14 days." {
		t.Errorf("with a value: %q", got)
	}
	typ := catalogue.Types["AWS::Test::Thing"]
	if days, ok := typ.Properties["Days"].Default.Int(); !ok || days != 1 {
		t.Errorf("default %v", typ.Properties["Days"].Default)
	}
	if typ.Properties["Days"].Optional() || !typ.Properties["Name"].Optional() {
		t.Error("a property with a default may be absent, or one without may not")
	}
	if days, ok := c.Cases[0].Properties["Days"].Int(); !ok || days != 2 {
		t.Errorf("case %+v", c.Cases[0])
	}
}

// Each fault names its file, its line and its field.
func TestLoadNamesFileLineAndFieldOfAFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, new, want string }{
		"truncated in a list":              {"standards: [FSBP]\n", "standards: [FSBP\n", "test/Test.1.yaml:6: did not find expected ',' or ']'"},
		"truncated in a text":              {"why: Because.", `why: "Because`, "test/Test.1.yaml:13: did not find expected key"},
		"unknown field":                    {"why: Because.", "because: of it", "test/Test.1.yaml:10: because: there is no such field here"},
		"unknown field below another":      {"  risk: low", "  danger: low", "test/Test.1.yaml:20: danger: there is no such field here"},
		"doubled field":                    {"severity: LOW", "severity: LOW\nseverity: HIGH", `test/Test.1.yaml:5: severity: mapping key "severity" already defined`},
		"doubled field in a case":          {"given: {Days: 2}", "given: {Days: 2, Days: 3}", `test/Test.1.yaml:24: cases[0].given: mapping key "Days" already defined`},
		"text in place of a number":        {"default: 7", "default: soon", `test/Test.1.yaml:8: parameters.least.default: "soon" is not a whole number`},
		"fraction in place of a number":    {"default: 7", "default: 7.5", `test/Test.1.yaml:8: parameters.least.default: "7.5" is not a whole number`},
		"list in place of text":            {"why: Because.", "why: [Because]", "test/Test.1.yaml:10: why: a list is not text"},
		"text in place of a list":          {"how: [Keep it.]", "how: Keep it.", `test/Test.1.yaml:11: how: "Keep it." is not a list`},
		"text in place of a map":           {"expect: {Days: \"at least {least} days\"}", "expect: Days", `test/Test.1.yaml:13: expect: "Days" is not a map`},
		"two documents":                    {"id: Test.1", "id: Test.1\n---\nid: Test.1", "test/Test.1.yaml:2: the file holds more than one document"},
		"rubbish behind the document":      {"    fixed: {Days: 7}\n", "    fixed: {Days: 7}\n---\n]\n", "test/Test.1.yaml:28: did not find expected node content"},
		"a list as a whole":                {thingControl, "- id: Test.1", "test/Test.1.yaml:1: a list is not a map"},
		"empty":                            {thingControl, "", "test/Test.1.yaml: the file is empty"},
		"only a comment":                   {thingControl, "# soon", "test/Test.1.yaml: the file is empty"},
		"wrong file name":                  {"id: Test.1", "id: Test.2", `test/Test.1.yaml:1: id: "Test.2" must be the file's name, "Test.1"`},
		"no id at all":                     {"id: Test.1\n", "", `test/Test.1.yaml: id: "" is no control id`},
		"resource type unknown":            {"AWS::Test::Thing", "AWS::Test::Things", `test/Test.1.yaml:3: resource: no resource type "AWS::Test::Things" is known`},
		"severity unknown":                 {"LOW", "URGENT", `test/Test.1.yaml:4: severity: "URGENT" is none of`},
		"missing why":                      {"why: Because.", "why: \" \"", "test/Test.1.yaml:10: why: is missing"},
		"range upside down":                {"min: 1, max: 30", "min: 30, max: 1", "test/Test.1.yaml:8: parameters.least.min: a parameter needs a range"},
		"no range":                         {", max: 30", "", "parameters.least.min: a parameter needs a range"},
		"default out of range":             {"default: 7", "default: 31", "test/Test.1.yaml:8: parameters.least.default: 31 is outside 1 to 30"},
		"parameter of another type":        {"{type: int, default: 7", "{type: text, default: 7", `parameters.least.type: "text" is none of int, bool, enum`},
		"parameter that is empty":          {"  least: {type: int, default: 7, min: 1, max: 30}", "  least:", "test/Test.1.yaml:8: parameters.least: is empty"},
		"parameter with an odd name":       {"  least:", "  the least:", `"the least" is no name of letters and digits`},
		"an escape sequence":               {"why: Because.", `why: "Because \e[2J."`, "test/Test.1.yaml:10: why: holds the character U+001B"},
		"a text-direction mark":            {"title: Things", "title: \u202eThings", "test/Test.1.yaml:2: title: holds the character U+202E"},
		"the same setting of another type": {"why: Because.", "why: Because.\nsame: {AWS::Test::Other: Test.2}", "same.AWS::Test::Other: Test.1 does not judge this resource type"},
		"the same setting as itself":       {"why: Because.", "why: Because.\nsame: {AWS::Test::Thing: Test.1}", `"Test.1" is no id of another control`},
		"expectation of no property":       {"expect: {Days:", "expect: {Dayz:", "test/Test.1.yaml:13: expect.Dayz: AWS::Test::Thing has no such property"},
		"placeholder of no parameter":      {"The thing is kept for {least}", "The thing is kept for {most}", "test/Test.1.yaml:9: checks: {most} is no parameter of Test.1"},
		"placeholder in a step":            {"how: [Keep it.]", `how: ["Keep it {most}."]`, "test/Test.1.yaml:11: how[0]: {most} is no parameter"},
		"property in a general text":       {"summary: Keep it", "summary: Keep {resource.Name}", "test/Test.1.yaml:18: fix.summary: {resource.Name} stands in a text that is shown without a resource"},
		"note shows no property":           {"called {resource.Name}", "called {resource.Nam}", "test/Test.1.yaml:16: notes[0].say: AWS::Test::Thing has no such property"},
		"note without a sentence":          {"    say: It is called {resource.Name}.\n", "", "test/Test.1.yaml:15: notes[0]: needs when and say"},
		"note of no status":                {"  - when:", "  - status: BAD\n    when:", `test/Test.1.yaml:15: notes[0].status: "BAD" is none of`},
		"an unknown tool":                  {"fix:\n", "elsewhere: {tfscan: [X]}\nfix:\n", `elsewhere.tfscan: "tfscan" is none of checkov, trivy`},
		"no id of Checkov":                 {"fix:\n", "elsewhere: {checkov: [AVD-AWS-0076]}\nfix:\n", `elsewhere.checkov[0]: "AVD-AWS-0076" is no id of checkov`},
		"an id of Trivy twice":             {"fix:\n", "elsewhere: {trivy: [aws-x-y, aws-x-y]}\nfix:\n", `elsewhere.trivy[1]: "aws-x-y" stands here twice`},
		"related to itself":                {"fix:\n", "related: {Test.1: the same}\nfix:\n", `related.Test.1: "Test.1" is no id of another control`},
		"fix without a summary":            {"  summary: Keep it for {least} days\n", "", "fix.summary: is missing"},
		"fix that sets nothing":            {"  set: {Days: params.least}\n", "", "test/Test.1.yaml:18: fix: sets no property and names no procedure"},
		"fix sets no property":             {"set: {Days:", "set: {Dayz:", "test/Test.1.yaml:19: fix.set.Dayz: AWS::Test::Thing has no such property"},
		"fix sets a create-only one":       {"set: {Days: params.least}", `set: {Name: '"x"'}`, "test/Test.1.yaml:19: fix.set.Name: the property can only be set at creation"},
		"fix sets a read-only one":         {"set: {Days: params.least}", `set: {Seen: '"x"'}`, "test/Test.1.yaml:19: fix.set.Seen: the property is read-only"},
		"risk unknown":                     {"risk: low", "risk: some", `test/Test.1.yaml:20: fix.risk: "some" is none of low, medium, high`},
		"impact not told":                  {"impact: {downtime: none}", "impact: {}", "test/Test.1.yaml:21: fix.impact.downtime: is missing"},
		"no cases":                         {"cases:\n  - name: short\n    given: {Days: 2}\n    want: FAILED\n    fixed: {Days: 7}\n", "", "test/Test.1.yaml: cases: a control needs cases"},
		"case of no status":                {"want: FAILED", "want: BAD", `test/Test.1.yaml:25: cases[short].want: "BAD" is none of`},
		"case without a name":              {"  - name: short", "  - name: \"\"", "cases[]: needs a name of its own"},
		"case gives no property":           {"given: {Days: 2}", "given: {Dayz: 2}", "test/Test.1.yaml:24: cases[short].given.Dayz: AWS::Test::Thing has no such property"},
		"case gives a wrong type":          {"given: {Days: 2}", "given: {Days: two}", "test/Test.1.yaml:24: cases[short].given.Days: two (string) is no int"},
		"case gives too much":              {"given: {Days: 2}", "given: {Days: 36}", "cases[short].given.Days: 36 is outside 1 to 35"},
		"case gives an alias":              {"given: {Days: 2}", "given: {Name: &n x, Days: *n}", "cases[short].given.Days: line 24: aliases are not allowed here"},
		"case nested too deep":             {"given: {Days: 2}", "given: {Days: " + strings.Repeat("[", 40) + strings.Repeat("]", 40) + "}", "is nested too deep"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(thingControl, test.old, test.new, 1)
			if text == thingControl {
				t.Fatalf("%q is not in the control", test.old)
			}
			_, err := loadThing(thingType, text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestLoadNamesFaultsOfATypeInTheSameWay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ old, new, want string }{
		"no CloudFormation name":    {"AWS::Test::Thing", "Thing", `test/Thing.yaml:1: type: "Thing" is no CloudFormation type name`},
		"missing title":             {"title: thing\n", "", "test/Thing.yaml: title: is missing"},
		"missing plural":            {"plural: things\n", "", "test/Thing.yaml: plural: is missing"},
		"no list operation":         {"test:ListThings", "ListThings", `test/Thing.yaml:4: list: "ListThings" is no operation`},
		"no properties":             {thingType[strings.Index(thingType, "properties:"):], "", "test/Thing.yaml: properties: a type needs at least one property"},
		"property with an odd name": {"Name: {", "Na-me: {", `properties.Na-me: "Na-me" is no name of letters and digits`},
		"empty property":            {"Name: {type: string, createOnly: true}", "Name:", "test/Thing.yaml:13: properties.Name: is empty"},
		"type of a property":        {"type: int", "type: number", `test/Thing.yaml:8: properties.Days.type: "number" is none of`},
		"default of another type":   {"default: 1", "default: one", "test/Thing.yaml:9: properties.Days.default: one (string) is no int"},
		"default out of range":      {"default: 1", "default: 99", "test/Thing.yaml:9: properties.Days.default: 99 is outside 1 to 35"},
		"range upside down":         {"max: 35", "max: 0", "test/Thing.yaml:10: properties.Days.min: 1 is above max, 0"},
		"no read operation":         {"readOnly: true", "readOnly: true, read: here", `properties.Seen.read: "here" is no operation`},
		"write without operation":   {"write: {operation: test:ModifyThing, identifier: Id}\n", "", "test/Thing.yaml:11: properties.Days.write: the type names no write operation"},
		"read-only is written":      {"readOnly: true", "readOnly: true, write: Seen", "properties.Seen.write: a read-only or create-only property cannot be written"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(thingType, test.old, test.new, 1)
			if text == thingType {
				t.Fatalf("%q is not in the type", test.old)
			}
			_, err := loadThing(text, thingControl)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

func TestDoubledControlsAndTypesAreRefused(t *testing.T) {
	t.Parallel()
	_, err := Load(
		fstest.MapFS{"a/Thing.yaml": {Data: []byte(thingType)}, "a/Test.1.yaml": {Data: []byte(thingControl)}},
		fstest.MapFS{"b/Thing.yaml": {Data: []byte(thingType)}, "b/Test.1.yaml": {Data: []byte(thingControl)}},
	)
	for _, want := range []string{
		"b/Thing.yaml:1: type: AWS::Test::Thing is already described in a/Thing.yaml",
		"b/Test.1.yaml:1: id: Test.1 is already defined in a/Test.1.yaml",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestExtendAddsOnesOwnControlsAndLeavesTheCatalogueAlone(t *testing.T) {
	t.Parallel()
	base, err := loadThing(thingType, thingControl)
	if err != nil {
		t.Fatal(err)
	}
	own := strings.Replace(thingControl, "id: Test.1", "id: Own.Test.1", 1)
	both, err := base.Extend(fstest.MapFS{"Own.Test.1.yaml": {Data: []byte(own)}})
	if err != nil {
		t.Fatal(err)
	}
	if len(base.Controls) != 1 || len(both.Controls) != 2 {
		t.Errorf("%d and %d controls", len(base.Controls), len(both.Controls))
	}
	if c := both.Find("Own.Test.1"); c == nil || !c.Custom || c.Service() != "Own" {
		t.Errorf("control %+v", c)
	}
	_, err = base.Extend(fstest.MapFS{"Test.1.yaml": {Data: []byte(thingControl)}})
	if err == nil || !strings.Contains(err.Error(), "Test.1.yaml:1: id: Test.1 is already defined in test/Test.1.yaml") {
		t.Errorf("a built-in control is replaced: %v", err)
	}
}

func TestEveryFaultOfEveryFileIsReportedAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Load(fstest.MapFS{
		"Thing.yaml":  {Data: []byte(thingType)},
		"Test.1.yaml": {Data: []byte(strings.NewReplacer("LOW", "URGENT", "risk: low", "risk: some").Replace(thingControl))},
		"Test.2.yaml": {Data: []byte("id: [")},
		"Test.3.yml":  {Data: []byte("id: Test.3\nnonsense: 1\n")},
	})
	for _, want := range []string{"Test.1.yaml:4: severity", "Test.1.yaml:20: fix.risk", "Test.2.yaml:2: did not find expected node content", "Test.3.yml:2: nonsense"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestFilesThatAreNoControlsAreLeftAlone(t *testing.T) {
	t.Parallel()
	catalogue, err := Load(fstest.MapFS{
		"Thing.yaml":           {Data: []byte(thingType)},
		"testdata/broken.yaml": {Data: []byte("[")},
		"list.go":              {Data: []byte("package test")},
		"README.md":            {Data: []byte("# read me")},
	})
	if err != nil || len(catalogue.Types) != 1 {
		t.Errorf("%v, %v", catalogue, err)
	}
}

func TestHugeFilesAreRefusedUnread(t *testing.T) {
	t.Parallel()
	_, err := loadThing(thingType, thingControl+"# "+strings.Repeat("x", maxFileSize))
	if err == nil || !strings.Contains(err.Error(), "read test/Test.1.yaml: the file is larger than 1048576 bytes") {
		t.Errorf("got %v", err)
	}
}

// Nine aliases of nine aliases, nine times over, would be a gigabyte of text.
func TestAliasBombsAreRefusedQuickly(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("id: Test.1\nstandards: &a [boom, boom, boom, boom, boom, boom, boom, boom, boom]\n")
	for c := 'b'; c <= 'i'; c++ {
		former := string(c - 1)
		bomb.WriteString("x" + string(c) + ": &" + string(c) + " [" + strings.Repeat("*"+former+",", 8) + "*" + former + "]\n")
	}
	bomb.WriteString("how: *i\n")
	start := time.Now()
	_, err := loadThing(thingType, bomb.String())
	if err == nil {
		t.Error("the bomb is accepted")
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %s to refuse it", took)
	}
}

func TestAFileThatMayNotBeReadHidesNoOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("Thing.yaml", thingType)
	write("Test.2.yaml", strings.Replace(thingControl, "LOW", "URGENT", 1))
	// A link to nowhere cannot be opened, not even by root.
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "Test.1.yaml")); err != nil {
		t.Fatal(err)
	}
	_, err := Load(os.DirFS(dir))
	for _, want := range []string{"read Test.1.yaml: ", "Test.2.yaml:4: severity"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if _, err := Load(os.DirFS(filepath.Join(dir, "missing"))); err == nil {
		t.Error("a folder that is not there is an empty catalogue")
	}
}

// FuzzLoad feeds any text as a control and as a type: it is refused with the
// file's name, or what was loaded can be used without a crash.
func FuzzLoad(f *testing.F) {
	f.Add(thingControl)
	f.Add(thingType)
	for _, dir := range []string{"../../services/neptune"} {
		seeds, err := fs.Glob(os.DirFS(dir), "*.yaml")
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range seeds {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		catalogue, err := loadThing(thingType, text)
		if err != nil {
			if !strings.Contains(err.Error(), "test/Test.1.yaml") {
				t.Errorf("the fault does not name the file: %v", err)
			}
			return
		}
		if _, err := catalogue.ParseParams(nil); err != nil {
			t.Error(err)
		}
		for _, c := range catalogue.Controls {
			c.Fill(c.Why, nil)
		}
	})
}
