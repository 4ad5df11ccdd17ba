package cloudformation_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

// said lists the remarks at each resource of main.yaml, as line and text.
func said(t *testing.T, files map[string]string) (own, file map[string][]string) {
	t.Helper()
	own, file = make(map[string][]string), make(map[string][]string)
	dir := write(t, files)
	for _, r := range resources(t, cloudformation.Options{}, resource.Wants{"Thing": {}}, filepath.Join(dir, "main.yaml")).found {
		show := func(remark resource.Remark) string {
			text := fmt.Sprint(remark.Origin.Line)
			if remark.Origin.File != r.Origin.File {
				text = filepath.Base(remark.Origin.File) + ":" + text
			}
			if remark.Stray {
				text += " stray"
			}
			if remark.Name != "" {
				return text + " " + remark.Name + " " + remark.Value.String()
			}
			return text + " " + strings.TrimSpace(remark.Text)
		}
		for _, remark := range r.Remarks {
			own[r.Origin.Address] = append(own[r.Origin.Address], show(remark))
		}
		for _, remark := range r.FileRemarks {
			file[r.Origin.Address] = append(file[r.Origin.Address], show(remark))
		}
	}
	return own, file
}

func TestACommentBelongsToTheResourceAroundOrBelowIt(t *testing.T) {
	t.Parallel()
	own, file := said(t, map[string]string{"main.yaml": `# tool:ignore top
Description: "a # tool:ignore in a text"
Resources:
  # tool:ignore above
  # prose
  A: # tool:ignore opening
    Type: AWS::Neptune::DBCluster
    Properties:
      # tool:ignore inside
      Name: 'it''s # tool:ignore quoted' # tool:skip=behind
      Text: |
        # tool:ignore in a text
      Tags: []
      # tool:ignore at the end

  # tool:ignore apart

  B: {Type: "AWS::Neptune::DBCluster"} # tool:ignore in one line
  # tool:ignore at another type
  C: {Type: "AWS::SNS::Topic"}
Outputs:
  # tool:ignore below
  X: {Value: 1}
`})
	want := map[string][]string{
		"A": {"4 tool:ignore above", "6 tool:ignore opening", "9 tool:ignore inside", "10 tool:skip=behind", "14 tool:ignore at the end"},
		"B": {"18 tool:ignore in one line"},
	}
	if diff := cmp.Diff(want, own); diff != "" {
		t.Errorf("own (-want +got):\n%s", diff)
	}
	all := append([]string{"1 stray tool:ignore top"}, want["A"]...)
	all = append(all, "16 stray tool:ignore apart", "18 tool:ignore in one line", "19 stray tool:ignore at another type", "22 stray tool:ignore below")
	if diff := cmp.Diff(all, file["B"]); diff != "" {
		t.Errorf("in the file (-want +got):\n%s", diff)
	}
}

func TestMetadataIsHandedOnToThoseWhoReadIt(t *testing.T) {
	t.Parallel()
	own, _ := said(t, map[string]string{
		"main.yaml": `Metadata:
  holdfast: {ignore: {control: Neptune.9}}
  other: {ignore: [x]}
Resources:
  A:
    Type: AWS::Neptune::DBCluster
    Metadata:
      checkov:
        skip:
          - {id: CKV_AWS_44, comment: fine}
          - id: CKV_AWS_101
      holdfast: [no, verb]
      cfn_nag: {rules_to_suppress: [{id: W1}]}
  Nested:
    Type: AWS::CloudFormation::Stack
    Metadata: {holdfast: {ignore: [{control: Neptune.4, until: 2027-01-31}]}}
    Properties: {TemplateURL: nested.json} # tool:ignore all in it
`,
		"nested.json": `{"Resources": {"B": {"Type": "AWS::Neptune::DBCluster"}}}`,
	})
	want := map[string][]string{
		"A": {
			"10 checkov.skip {comment=fine, id=CKV_AWS_44}", "11 checkov.skip {id=CKV_AWS_101}", "12 holdfast [no, verb]",
			"2 holdfast.ignore {control=Neptune.9}",
		},
		"Nested/B": {
			"main.yaml:16 holdfast.ignore {control=Neptune.4, until=2027-01-31}", "main.yaml:17 tool:ignore all in it",
			"main.yaml:2 holdfast.ignore {control=Neptune.9}",
		},
	}
	if diff := cmp.Diff(want, own); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestACommentAtALoopBelongsToAllThatItMakes(t *testing.T) {
	t.Parallel()
	own, _ := said(t, map[string]string{"main.yaml": `Transform: AWS::LanguageExtensions
Resources:
  # tool:ignore above
  Fn::ForEach::Clusters:
    - Name
    - [One, Two]
    - Graph${Name}:
        Type: AWS::Neptune::DBCluster # tool:ignore inside
`})
	want := []string{"3 tool:ignore above", "8 tool:ignore inside"}
	if diff := cmp.Diff(map[string][]string{"GraphOne": want, "GraphTwo": want}, own); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMetadataThatMultipliesItselfIsCut(t *testing.T) {
	t.Parallel()
	text := "Metadata:\n  x0: &x0 [a, a, a, a, a, a, a, a, a]\n"
	for i := 1; i < 9; i++ {
		text += fmt.Sprintf("  x%d: &x%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i-1), 9), ", "))
	}
	text += "  holdfast: {ignore: {control: *x8}}\nResources:\n  A: {Type: AWS::Neptune::DBCluster}\n"
	own, _ := said(t, map[string]string{"main.yaml": text})
	if len(own["A"]) != 1 || len(own["A"][0]) > 1<<16 {
		t.Errorf("%d remarks, the first of %d bytes", len(own["A"]), len(own["A"][0]))
	}
}
