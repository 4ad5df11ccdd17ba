package cloudformation_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

func TestParameterFilesThatAreRefused(t *testing.T) {
	t.Parallel()
	const template = "Parameters: {Days: {Type: Number}}\nResources: {A: {Type: T}}\n"
	for name, test := range map[string]struct{ text, want string }{
		"not there":           {"", "no such file"},
		"empty":               {" ", "p.json:1: the file is empty"},
		"cut off":             {"[\n{", "p.json:2: the file ends too early"},
		"another form":        {`{"Days": {"a": 7}}`, "p.json:1: it is neither a list"},
		"an empty map":        {`{}`, "p.json:1: it is neither a list"},
		"no key":              {"[\n{\"ParameterValue\": \"7\"}]", "p.json:2: an entry has no ParameterKey"},
		"no value":            {`[{"ParameterKey": "Days"}]`, "p.json:1: Days has no ParameterValue"},
		"given twice":         {"[{\"ParameterKey\": \"Days\", \"ParameterValue\": \"7\"},\n{\"ParameterKey\": \"Days\", \"ParameterValue\": \"8\"}]", "p.json:2: Days is given twice"},
		"a text without sign": {`["Days"]`, `p.json:1: "Days" is not of the form Key=Value`},
		"a value that is map": {`{"Parameters": {"Days": {"a": 1}}}`, "p.json:1: the value of Days is no text"},
		"a tag that is map":   {`{"Parameters": {}, "Tags": {"a": []}}`, "p.json:1: the tag a is no text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"t.yaml": template}
			if test.text != "" {
				files["p.json"] = test.text
			}
			dir := write(t, files)
			source := cloudformation.New([]string{filepath.Join(dir, "t.yaml")}, cloudformation.Options{
				ParameterFiles: []string{filepath.Join(dir, "p.json")},
			})
			_, err := source.List(context.Background(), nil)
			var fault *cloudformation.ParameterFileError
			if !errors.As(err, &fault) || !strings.Contains(err.Error(), test.want) || fault.Hint() == "" {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestAParameterThatNoTemplateHasIsRefused(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"a.yaml": "AWSTemplateFormatVersion: x\nParameters: {Days: {Type: Number}}\nResources: {A: {Type: T}}\n",
		"b.yaml": "AWSTemplateFormatVersion: x\nParameters: {Zone: {Type: String}}\nResources: {A: {Type: T}}\n",
	})
	for name, want := range map[string]string{
		"Days": "", "Zone": "", "AWS::Region": "",
		"Dayz":       "no template has a parameter Dayz, only Days, Zone",
		"AWS::Regio": "no template has a parameter AWS::Regio, only Days, Zone",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := cloudformation.New([]string{dir}, cloudformation.Options{Parameters: map[string]string{name: "1"}}).List(context.Background(), nil)
			if err == nil && want != "" || err != nil && err.Error() != want {
				t.Errorf("got %v, want %q", err, want)
			}
		})
	}
}

// What the command line gives wins over files, files over assemblies, and all
// over defaults.
func TestWhoseValueCounts(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"cdk.out/manifest.json": `{"artifacts": {"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "s.json", "parameters": {"B": 2, "C": "2", "D": "2"}}}}}`,
		"cdk.out/s.json": `{"Parameters": {"A": {"Type": "Number", "Default": 1}, "B": {"Type": "Number", "Default": 1}, "C": {"Type": "Number", "Default": 1}, "D": {"Type": "Number", "Default": 1}},
			"Resources": {"Graph": {"Type": "AWS::Neptune::DBCluster", "Properties": {"DBClusterIdentifier": {"Fn::Sub": "${A}${B}${C}${D}"}}}}}`,
		"first.json":  `["C=0", "D=0"]`,
		"second.yaml": "Parameters: {C: 3, D: 3}\n",
	})
	got := resources(t, cloudformation.Options{
		ParameterFiles: []string{filepath.Join(dir, "first.json"), filepath.Join(dir, "second.yaml")},
		Parameters:     map[string]string{"D": "4"},
	}, resource.Wants{"Thing": {"Name"}}, filepath.Join(dir, "cdk.out"))
	if name := got.found[0].Get("Name"); name.String() != "1234" {
		t.Errorf("got %s", name)
	}
}

// kept is a sink.
type kept struct {
	found []*resource.Resource
	gaps  []finding.Gap
}

func (k *kept) Resources(page []*resource.Resource) error {
	k.found = append(k.found, page...)
	return nil
}
func (k *kept) Gap(g finding.Gap) error { k.gaps = append(k.gaps, g); return nil }

// resources reads paths as a resource type of the test's own, under which
// clusters are things with a name, and tables have a nested property.
func resources(t testing.TB, o cloudformation.Options, wants resource.Wants, paths ...string) *kept {
	t.Helper()
	o.Types = map[string]*control.Type{
		"Thing": {Name: "Thing", CloudFormation: "AWS::Neptune::DBCluster", Properties: map[string]*control.Property{
			"Name":  {Type: "string", CloudFormation: "DBClusterIdentifier"},
			"Tags":  {Type: "map(string)", CloudFormation: "Tags"},
			"Ghost": {Type: "bool", Required: true},
		}},
		"Table": {Name: "Table", CloudFormation: "AWS::DynamoDB::Table", Properties: map[string]*control.Property{
			"Recoverable": {Type: "bool", CloudFormation: "PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled"},
		}},
		"Nameless": {Name: "Nameless", Properties: map[string]*control.Property{}},
	}
	listing, err := cloudformation.New(paths, o).List(context.Background(), wants)
	if err != nil {
		t.Fatal(err)
	}
	out := &kept{gaps: listing.Gaps}
	for _, unit := range listing.Units {
		if err := unit.Read(context.Background(), out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}
