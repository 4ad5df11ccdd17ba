package cloudformation

import (
	"fmt"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// world is the template around the expression that a case evaluates.
const world = `
Parameters:
  Days: {Type: Number, Default: 7}
  Open: {Type: Number}
  Env: {Type: String}
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
  Ports: {Type: List<Number>, Default: "1,2"}
  Secret: {Type: String, NoEcho: true, Default: hush}
  Stored: {Type: "AWS::SSM::Parameter::Value<String>", Default: /db/days}
  Text: {Type: String, Default: "true"}
Mappings:
  ByRegion:
    eu-west-1: {Days: 7, Zone: eu-west-1a, Zones: [x, y]}
    us-east-1: {Days: 7, Zone: us-east-1a}
Conditions:
  Always: !Equals [a, a]
  Never: !Equals [a, b]
  IsProd: !Equals [!Ref Env, prod]
  Number: !Equals [!Ref Days, "7"]
  Bool: !Equals [!Ref Text, true]
  SameUnknown: !Equals [!Ref Env, !Ref Env]
  AndFalse: !And [!Condition IsProd, !Condition Never]
  AndOpen: !And [!Condition IsProd, !Condition Always]
  OrTrue: !Or [!Condition IsProd, !Condition Always]
  OrOpen: !Or [!Condition IsProd, !Condition Never]
  NotNever: !Not [!Condition Never]
  NotOpen: !Not [!Condition IsProd]
  Loop: !Not [!Condition Loop]
  Odd: {Fn::Equals: [a]}
  Long: {"Fn::And": [{"Fn::Not": [{"Condition": Never}]}, {"Fn::Or": [{"Condition": Always}, {"Condition": Never}]}]}
Resources:
  Key: {Type: "AWS::KMS::Key"}
  R:
    Type: T
    Properties:
      P: EXPRESSION
`

// evaluated evaluates an expression in the world above.
func evaluated(t testing.TB, text string, args map[string]string, pseudo map[string]string) Value {
	t.Helper()
	d, err := parse("t.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	tmpl, err := newTemplate(d)
	if err != nil {
		t.Fatal(err)
	}
	g := &given{overrides: args}
	r := &run{load: newDisk(nil, readFile).load, report: func(g finding.Gap) { t.Logf("gap: %+v", g) }}
	s := newStack(tmpl, r, "", g.arguments(root{}), withDerived(pseudo))
	return s.object(s.byID["R"]).Property("P")
}

// shown writes a value with what would settle it.
func shown(v Value) string {
	unknown := v.firstUnknown()
	switch {
	case unknown == nil:
		return v.Plain().String()
	case unknown.Missing().Reason == resource.ReasonMalformed:
		return "malformed: " + unknown.Missing().Detail
	default:
		return "unknown: " + unknown.Missing().Settle
	}
}

func TestFunctions(t *testing.T) {
	t.Parallel()
	region := map[string]string{"AWS::Region": "eu-west-1", "AWS::AccountId": "012345678901"}
	const live = "unknown: a scan of the live account"
	for _, test := range []struct{ name, expression, want string }{
		{"a text", `hello`, "hello"},
		{"a number", `7`, "7"},
		{"an account number keeps its zero", `012345678901`, "012345678901"},
		{"a date is a text", `2012-10-17`, "2012-10-17"},
		{"yes is a bool as in YAML 1.1", `yes`, "true"},
		{"quoted yes is a text", `"yes"`, "yes"},
		{"nothing is absent", ``, "absent"},
		{"a list", `[a, 1]`, "[a, 1]"},
		{"a map", `{a: 1, b: [x]}`, "{a=1, b=[x]}"},
		{"a dynamic reference", `"{{resolve:ssm:/db/days:1}}"`, "unknown: SSM parameter /db/days:1"},
		{"a secret behind a join", `!Join ["", ["{{resolve:secretsmanager:", "db:SecretString:days", "}}"]]`, "unknown: secret db:SecretString:days"},

		{"Ref of a parameter with a default", `!Ref Days`, "7"},
		{"Ref in its long form", `{Ref: Days}`, "7"},
		{"Ref of a parameter without one", `!Ref Open`, "unknown: parameter Open"},
		{"Ref of a list", `!Ref Names`, "[a, b, c]"},
		{"Ref of a list of numbers", `!Ref Ports`, "[1, 2]"},
		{"Ref of a secret", `!Ref Secret`, live},
		{"Ref of a stored parameter", `!Ref Stored`, "unknown: SSM parameter /db/days"},
		{"Ref of a resource", `!Ref Key`, live},
		{"Ref of nothing", `!Ref Nobody`, "malformed: line 36: Nobody is neither a parameter nor a resource"},
		{"a pseudo parameter that is given", `!Ref AWS::Region`, "eu-west-1"},
		{"one that follows from the region", `!Ref AWS::Partition`, "aws"},
		{"a pseudo parameter that is not given", `!Ref AWS::StackName`, "unknown: pseudo parameter AWS::StackName"},
		{"AWS::NoValue is absent", `!Ref AWS::NoValue`, "absent"},
		{"AWS::NoValue leaves a list", `[a, !Ref AWS::NoValue]`, "[a]"},
		{"AWS::NoValue leaves a map", `{a: 1, b: !Ref "AWS::NoValue"}`, "{a=1}"},

		{"GetAtt", `!GetAtt Key.Arn`, live},
		{"GetAtt in its long form", `{"Fn::GetAtt": [Key, Arn]}`, live},
		{"GetAtt of nothing", `!GetAtt Nobody.Arn`, "malformed: line 36: Nobody.Arn is no attribute of a resource"},
		{"GetAtt of nothing in particular", `!GetAtt Key`, "malformed: line 36: Key. is no attribute of a resource"},

		{"Sub", `!Sub "${AWS::Region}-${Days}"`, "eu-west-1-7"},
		{"Sub with variables of its own", `!Sub ["${A}-${Days}", {A: !Ref Text}]`, "true-7"},
		{"Sub keeps what is escaped", `!Sub "${!Literal} ${Days}"`, "${Literal} 7"},
		{"Sub of an attribute", `!Sub "${Key.Arn}"`, live},
		{"Sub of something open", `!Sub "x-${Env}"`, "unknown: parameter Env"},
		{"Sub without an end", `!Sub "a${b"`, "a${b"},
		{"Sub of a list", `!Sub "${Names}"`, "malformed: line 36: a text is wanted here"},
		{"Sub of a list of things", `!Sub [a]`, "malformed: line 36: Fn::Sub takes a text and variables"},

		{"Join", `!Join ["-", [a, !Ref Days]]`, "a-7"},
		{"Join of a parameter", `!Join [",", !Ref Names]`, "a,b,c"},
		{"Join of nothing", `!Join [",", []]`, ""},
		{"Join of something open", `!Join ["-", [a, !Ref Env]]`, "unknown: parameter Env"},
		{"Join of a text", `!Join ["-", a]`, "malformed: line 36: Fn::Join wants a list"},
		{"Join of one argument", `!Join ["-"]`, "malformed: line 36: Fn::Join has the wrong arguments"},

		{"Select", `!Select [1, [a, b]]`, "b"},
		{"Select by text", `!Select ["0", !Ref Names]`, "a"},
		{"Select passes by what is open beside it", `!Select [0, [a, !Ref Env]]`, "a"},
		{"Select beyond the end", `!Select [2, [a, b]]`, "malformed: line 36: Fn::Select wants item 2 of a list of 2"},
		{"Select by nothing", `!Select [x, [a]]`, "malformed: line 36: Fn::Select wants a number to count by"},
		{"Select of zones", `!Select [0, !GetAZs ""]`, live},
		{"Split", `!Split [".", a.b.c]`, "[a, b, c]"},
		{"Split of something open", `!Select [0, !Split ["-", !Ref Env]]`, "unknown: parameter Env"},
		{"Split at nothing", `!Split ["", a]`, "malformed: line 36: Fn::Split wants a text to split at"},

		{"If that is true", `!If [Always, 1, 2]`, "1"},
		{"If that is false", `!If [Never, 1, 2]`, "2"},
		{"If that is open", `!If [IsProd, 1, 2]`, "unknown: parameter Env"},
		{"If that is open and does not matter", `!If [IsProd, 7, !Ref Days]`, "7"},
		{"If that leaves out", `!If [Never, 1, !Ref "AWS::NoValue"]`, "absent"},
		{"If of nothing", `!If [Nobody, 1, 2]`, "malformed: line 36: there is no condition Nobody"},
		{"If that is incomplete", `!If [Always, 1]`, "malformed: line 36: Fn::If takes a condition and two values"},
		{"If compares numbers as texts", `!If [Number, 1, 2]`, "1"},
		{"If compares bools as texts", `!If [Bool, 1, 2]`, "1"},
		{"If compares an open value with itself", `!If [SameUnknown, 1, 2]`, "1"},
		{"And with one false is false", `!If [AndFalse, 1, 2]`, "2"},
		{"And with one open is open", `!If [AndOpen, 1, 2]`, "unknown: parameter Env"},
		{"Or with one true is true", `!If [OrTrue, 1, 2]`, "1"},
		{"Or with one open is open", `!If [OrOpen, 1, 2]`, "unknown: parameter Env"},
		{"Not", `!If [NotNever, 1, 2]`, "1"},
		{"Not of something open", `!If [NotOpen, 1, 2]`, "unknown: parameter Env"},
		{"conditions in their long form", `!If [Long, 1, 2]`, "1"},
		{"a condition that refers to itself", `!If [Loop, 1, 2]`, "malformed: line 28: the condition Loop refers to itself"},
		{"a condition that is none", `!If [Odd, 1, 2]`, "malformed: line 29: this is no condition"},

		{"FindInMap", `!FindInMap [ByRegion, !Ref AWS::Region, Zone]`, "eu-west-1a"},
		{"FindInMap of a list", `!FindInMap [ByRegion, eu-west-1, Zones]`, "[x, y]"},
		{"FindInMap with a default", `!FindInMap [ByRegion, mars, Zone, {DefaultValue: none}]`, "none"},
		{"FindInMap of nothing", `!FindInMap [ByRegion, mars, Zone]`, "malformed: line 36: there is no mapping ByRegion.mars.Zone"},
		{"FindInMap by something open", `!FindInMap [ByRegion, !Ref Env, Zone]`, "unknown: parameter Env"},
		{"FindInMap by something open where all agree", `!FindInMap [ByRegion, !Ref Env, Days]`, "7"},
		{"FindInMap by something open in part of the map", `!FindInMap [ByRegion, !Ref Env, Zones]`, "unknown: parameter Env"},

		{"Base64", `!Base64 hello`, "aGVsbG8="},
		{"Base64 of a function", `{"Fn::Base64": !Sub "${Days}"}`, "Nw=="},
		{"Cidr", `!Cidr [10.0.0.0/16, 3, 8]`, "[10.0.0.0/24, 10.0.1.0/24, 10.0.2.0/24]"},
		{"Cidr of version six", `!Select [1, !Cidr ["2001:db8::/56", 2, 64]]`, "2001:db8:0:1::/64"},
		{"Cidr at the end of the addresses", `!Cidr [255.255.255.0/24, 2, 7]`, "[255.255.255.0/25, 255.255.255.128/25]"},
		{"Cidr that does not fit", `!Cidr [10.0.0.0/24, 3, 7]`, "malformed: line 36: 3 blocks of 7 bits do not fit into 10.0.0.0/24"},
		{"Cidr of something open", `!Cidr [!Ref Env, 3, 8]`, "unknown: parameter Env"},
		{"Cidr of nothing", `!Cidr [x, 3, 8]`, "malformed: line 36: Fn::Cidr wants a block, a count from 1 to 256 and a number of bits"},
		{"ImportValue", `!ImportValue net-key`, "unknown: the export net-key"},
		{"ImportValue of something open", `{"Fn::ImportValue": !Sub "${Env}-key"}`, "unknown: parameter Env"},
		{"Length", `{"Fn::Length": !Ref Names}`, "3"},
		{"Length of a text", `{"Fn::Length": x}`, "malformed: line 36: Fn::Length wants a list"},
		{"ToJsonString", `{"Fn::ToJsonString": {a: [1, !Ref Text]}}`, `{"a":[1,"true"]}`},
		{"ToJsonString of something open", `{"Fn::ToJsonString": {a: !Ref Env}}`, "unknown: parameter Env"},
		{"a macro", `{"Fn::Transform": {Name: Mine, Parameters: {}}}`, "unknown: the processed template: aws cloudformation get-template --template-stage Processed --stack-name NAME"},
		{"a macro beside fields", `{a: 1, "Fn::Transform": {Name: Mine}}`, "unknown: the processed template: aws cloudformation get-template --template-stage Processed --stack-name NAME"},
		{"an include", `{"Fn::Transform": {Name: "AWS::Include", Parameters: {Location: "s3://b/k"}}}`, "unknown: the processed template: aws cloudformation get-template --template-stage Processed --stack-name NAME"},
		{"a function that nobody knows", `!Later x`, "malformed: line 36: Fn::Later is no function that can stand here"},
		{"a function beside fields", `{a: 1, "Fn::Sub": x}`, "malformed: line 36: Fn::Sub stands beside other fields"},
		{"a field that is called Condition", `{Condition: Always}`, "{Condition=Always}"},
		{"a loop among fields", `{"Fn::ForEach::L": [N, !Ref Names, {"k${N}": !Sub "v-${N}"}]}`, "{ka=v-a, kb=v-b, kc=v-c}"},
		{"a loop over something open", `{"Fn::ForEach::L": [N, [!Ref Env], {"k${N}": 1}]}`, "unknown: parameter Env"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(world, "EXPRESSION", test.expression, 1)
			if got := shown(evaluated(t, text, nil, region)); got != test.want {
				t.Errorf("%s\n got %s\nwant %s", test.expression, got, test.want)
			}
		})
	}
}

// The same expression means the same in JSON.
func TestFunctionsInJSON(t *testing.T) {
	t.Parallel()
	const text = `{
  "Parameters": {"Days": {"Type": "Number", "Default": 7}},
  "Resources": {"R": {"Type": "T", "Properties": {
    "P": {"Fn::If": ["C", {"Fn::Sub": "${Days}\ud83d\ude00"}, {"Ref": "AWS::NoValue"}]}}}},
  "Conditions": {"C": {"Fn::Equals": [{"Ref": "Days"}, 7]}}
}`
	v := evaluated(t, text, nil, nil)
	if got := shown(v); got != "7😀" || v.Origin.Line != 4 {
		t.Errorf("got %s at line %d", got, v.Origin.Line)
	}
}

func TestSame(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want Answer
	}{
		{`1`, `"1"`, Yes},
		{`!Ref Env`, `!Ref Env`, Yes},
		{`!Ref Env`, `!Ref Open`, Unsure},
		{`!Ref Env`, `a`, Unsure},
		{`!Sub "${Env}-x"`, `!Join ["-", [!Ref Env, x]]`, Unsure},
		{`!Sub "${Env}-x"`, `!Sub "${Env}-x"`, Yes},
		{`!Select [0, !GetAZs ""]`, `!Select [0, !GetAZs {Ref: "AWS::Region"}]`, Yes},
		{`!Select [0, !GetAZs ""]`, `!Select [1, !GetAZs ""]`, No},
		{`!Select [0, !GetAZs ""]`, `!Select [1, !GetAZs eu-west-1]`, Unsure},
		{`!Select [0, !GetAZs ""]`, `eu-west-1a`, Unsure},
		{`[a]`, `[a]`, Yes},
		{`[a]`, `[!Ref Env]`, Unsure},
		{`[a]`, `a`, No},
		{`!GetAtt Key.Arn`, `!Ref Key`, Unsure},
		{`!ImportValue a`, `!ImportValue a`, Yes},
	} {
		t.Run(test.a+" "+test.b, func(t *testing.T) {
			t.Parallel()
			a := evaluated(t, strings.Replace(world, "EXPRESSION", test.a, 1), nil, nil)
			b := evaluated(t, strings.Replace(world, "EXPRESSION", test.b, 1), nil, nil)
			if got := a.Same(b); got != test.want {
				t.Errorf("got %d, want %d", got, test.want)
			}
			if got := b.Same(a); got != test.want {
				t.Errorf("turned round: got %d, want %d", got, test.want)
			}
		})
	}
}

func TestTheValueKnowsWhereItIsDefined(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		expression string
		line       int
		address    string
	}{
		{`7`, 36, "R"},
		{`!Ref Days`, 3, "Days"},
		{`!Sub "${Days}"`, 3, "Days"},
		{`!Sub "${Days}0"`, 36, "R"},
		{`!If [Always, !Ref Days, 1]`, 3, "Days"},
		{`!FindInMap [ByRegion, eu-west-1, Days]`, 13, "ByRegion"},
		{`!Ref Open`, 4, "Open"},
		{`!Select [0, !Ref Names]`, 6, "Names"},
	} {
		t.Run(test.expression, func(t *testing.T) {
			t.Parallel()
			at := evaluated(t, strings.Replace(world, "EXPRESSION", test.expression, 1), nil, nil).Origin
			if at.File != "t.yaml" || at.Line != test.line || at.Address != test.address {
				t.Errorf("got %+v, want line %d of %s", at, test.line, test.address)
			}
		})
	}
}

// What is hostile ends, and is unknown.
func TestTemplatesThatExplode(t *testing.T) {
	t.Parallel()
	nest := func(levels int, open, core, closed string) string {
		return strings.Repeat(open, levels) + core + strings.Repeat(closed, levels)
	}
	var bomb strings.Builder
	bomb.WriteString("Resources:\n  R:\n    Type: T\n    Metadata:\n      a0: &a0 [x, x]\n")
	for i := 1; i < 40; i++ {
		fmt.Fprintf(&bomb, "      a%d: &a%d [*a%d, *a%d, *a%d]\n", i, i, i-1, i-1, i-1)
	}
	for name, text := range map[string]string{
		"an alias bomb":             bomb.String() + "    Properties: {P: *a39}\n",
		"an alias bomb in a loop":   bomb.String() + "    Properties: {P: {\"Fn::ForEach::L\": [N, *a39, {x: y}]}}\n",
		"functions nested deeply":   strings.Replace(world, "EXPRESSION", nest(60, `{"Fn::Base64": `, "x", "}"), 1),
		"a text that doubles":       strings.Replace(world, "EXPRESSION", nest(25, `!Sub ["${A}${A}${A}${A}", {A: `, "0123456789", "}]"), 1),
		"an open text that grows":   strings.Replace(world, "EXPRESSION", nest(25, `!Sub ["${A}${A}${A}${A}", {A: `, "!Ref Env", "}]"), 1),
		"a list that is cut finely": strings.Replace(world, "EXPRESSION", `!Split [",", "`+strings.Repeat(",", 1<<20)+`"]`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := shown(evaluated(t, text, nil, nil)); !strings.HasPrefix(got, "malformed") {
				t.Errorf("got %.80s", got)
			}
		})
	}
}
