package cloudformation

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

const located = `Parameters:
  Days: {Type: Number, Default: 1}
  Given: {Type: Number, Default: 1}
  Filed: {Type: Number}
  Open: {Type: String}
Conditions:
  Known: !Equals [a, a]
  Unknown: !Equals [!Ref Open, a]
Mappings:
  M: {a: {b: 5}}
Resources:
  R:
    Type: AWS::Neptune::DBCluster
    Properties:
      Literal: 1
      Default: !Ref Days
      Command: !Ref Given
      File: !Ref Filed
      Sub: !Sub "${Days}"
      Text: !Sub "${Days}0"
      If: !If [Known, 7, !Ref Days]
      Nothing: !If [Known, !Ref "AWS::NoValue", 1]
      Either: !If [Unknown, 1, 1]
      Map: !FindInMap [M, a, b]
      Item: !Select [1, [4, 5]]
      Empty:
      Alias: &alias 3
      Again: *alias
      Deep: {A: {B: 1}}
      Late: !GetAtt R.Arn
      Bad: !Ref Nowhere
  Bare: {Type: "AWS::Neptune::DBCluster"}
  Maybe:
    Type: AWS::Neptune::DBCluster
    Condition: Unknown
    Properties: {If: !If [Unknown, 8, 9]}
  Never:
    Type: AWS::Neptune::DBCluster
    Condition: No
  Below:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: below.yaml, Parameters: {Days: 4}}
`

func TestWhatDecidesAProperty(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	main, below := filepath.Join(dir, "main.yaml"), filepath.Join(dir, "below.yaml")
	put(t, main, located)
	put(t, below, "Parameters: {Days: {Type: Number}}\nResources:\n  Graph: {Type: \"AWS::Neptune::DBCluster\", Properties: {Days: !Ref Days}}\n")
	put(t, filepath.Join(dir, "given.json"), `[{"ParameterKey": "Filed", "ParameterValue": "2"}]`)
	locator, err := NewLocator(Options{
		Parameters: map[string]string{"Given": "3"}, ParameterFiles: []string{filepath.Join(dir, "given.json")},
	}, readFile)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ address, path, want string }{
		{"R", "Literal", "main.yaml:15:16 is 1"},
		{"R", "Default", "main.yaml:2:33 is 1, by Days"},
		{"R", "Command", "no node, by Given"},
		{"R", "File", "given.json:1:46 is 2, by Filed"},
		{"R", "Sub", "main.yaml:2:33 is 1, by Days"},
		{"R", "Text", "no node"},
		{"R", "If", "main.yaml:21:23 is 7"},
		{"R", "Nothing", "main.yaml:22:28 is AWS::NoValue"},
		{"R", "Either", "no node"},
		{"R", "Map", "main.yaml:10:14 is 5"},
		{"R", "Item", "main.yaml:25:29 is 5"},
		{"R", "Empty", "main.yaml:26:13 is "},
		{"R", "Alias", "main.yaml:27:14 is 3"},
		{"R", "Again", "main.yaml:27:14 is 3"},
		{"R", "Deep.A.B", "main.yaml:29:21 is 1"},
		{"R", "Deep.A.C", "main.yaml:29:17 lacks C"},
		{"R", "Deep.X.Y", "main.yaml:29:13 lacks X.Y"},
		{"R", "Empty.X", "main.yaml:26:13 lacks X"},
		{"R", "Literal.X", "no node"},
		{"R", "Missing", "main.yaml:15:7 lacks Missing"},
		{"R", "Late", "no node"},
		{"R", "Bad", "no node"},
		{"Bare", "Missing.Deeper", "main.yaml:32:9 lacks Properties.Missing.Deeper"},
		{"Maybe", "If", "main.yaml:36:36 is 8"},
		{"Below/Graph", "Days", "main.yaml:42:62 is 4, by Days"},
	} {
		t.Run(test.address+" "+test.path, func(t *testing.T) {
			d, err := locator.Locate(&resource.Ref{Origin: resource.Origin{File: main, Address: test.address}}, test.path)
			if err != nil {
				t.Fatal(err)
			}
			if got := decided(d); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
	for _, address := range []string{"Nobody", "R/Graph", "Below", "Below/Nobody", ""} {
		_, err := locator.Locate(&resource.Ref{Origin: resource.Origin{File: main, Address: address}}, "P")
		var none *NotThereError
		if address == "Below" {
			if err != nil {
				t.Errorf("%s: %v", address, err)
			}
		} else if !errors.As(err, &none) {
			t.Errorf("%s: %v", address, err)
		}
	}
}

// decided writes a decision in a line.
func decided(d *Decision) string {
	text := "no node"
	if d.Node != nil {
		text = fmt.Sprintf("%s:%d:%d", filepath.Base(d.File), d.Node.Line, d.Node.Column)
		if len(d.Add) > 0 {
			text += " lacks " + strings.Join(d.Add, ".")
		} else {
			text += " is " + d.Node.Value
		}
	}
	var names []string
	for _, p := range d.Parameters {
		names = append(names, p.Name)
	}
	if names = slices.Compact(names); len(names) > 0 {
		text += ", by " + strings.Join(names, ", ")
	}
	return text
}

func TestColumnsInJSON(t *testing.T) {
	t.Parallel()
	d, err := parse("t.json", []byte("\xef\xbb\xbf{\r\n\t\"Resources\" :\t{\"A\":{ \"é\": [1,\n true] }}}"))
	if err != nil {
		t.Fatal(err)
	}
	list := field(field(field(d.root, "Resources"), "A"), "é")
	for name, got := range map[string][2]int{
		"2:16 of the section": {field(d.root, "Resources").Line, field(d.root, "Resources").Column},
		"2:29 of the list":    {list.Line, list.Column},
		"2:30 of the first":   {list.Content[0].Line, list.Content[0].Column},
		"3:2 of the second":   {list.Content[1].Line, list.Content[1].Column},
	} {
		if want, _, _ := strings.Cut(name, " "); want != fmt.Sprintf("%d:%d", got[0], got[1]) {
			t.Errorf("got %v, want %s", got, name)
		}
	}
}
