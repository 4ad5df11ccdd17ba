package cloudformation_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

func TestDetect(t *testing.T) {
	t.Parallel()
	const template = "Resources:\n  A: {Type: \"AWS::Neptune::DBCluster\"}\n"
	dir := write(t, map[string]string{
		"version.yaml":               "AWSTemplateFormatVersion: 2010-09-09\n",
		"resources.yml":              template,
		"bom.yaml":                   "\xef\xbb\xbf" + template,
		"crlf.yaml":                  strings.ReplaceAll(template, "\n", "\r\n"),
		"custom.template":            "Resources:\n  A:\n    Type: 'Custom::Thing'\n",
		"broken.yaml":                template + "  - [\n",
		"plain.json":                 `{"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}`,
		"tabs.json":                  "{\n\t\"Description\": \"x\",\n\t\"AWSTemplateFormatVersion\" : \"2010-09-09\"",
		"cut.json":                   `{"Resources": {"A": {"Type": "AWS::S3::Bucket"`,
		"text.txt":                   template,
		"kubernetes.yaml":            "apiVersion: v1\nkind: List\nResources: []\n",
		"serverless.yaml":            "service: graph\nresources:\n  Resources:\n    A:\n      Type: AWS::Neptune::DBCluster\n",
		"plan.json":                  `{"format_version":"1.2","resource_changes":[{"template_body":"{\"AWSTemplateFormatVersion\":\"2010-09-09\",\"Resources\":{}}"}]}`,
		"empty.yaml":                 "",
		"stacks/deep/a.yaml":         template,
		"code/main.tf":               "resource \"aws_neptune_cluster\" \"a\" {}\n",
		"hidden/.cache/a.yaml":       template,
		"hidden/node_modules/a.yaml": template,
		"app/cdk.out/manifest.json":  `{"artifacts": {"S": {"type": "aws:cloudformation:stack"}}}`,
		"web/manifest.json":          `{"name": "app", "icons": []}`,
	})
	for path, want := range map[string]bool{
		"version.yaml": true, "resources.yml": true, "bom.yaml": true, "crlf.yaml": true, "custom.template": true,
		"broken.yaml": true, "plain.json": true, "tabs.json": true, "cut.json": true,
		"text.txt": false, "kubernetes.yaml": false, "serverless.yaml": false, "plan.json": false, "empty.yaml": false, "none.yaml": false,
		"stacks": true, "stacks/deep": true, "code": false, "hidden": false, "app": true, "app/cdk.out": true,
		"app/cdk.out/manifest.json": true, "web": false, ".": true,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			if got := cloudformation.Detect(filepath.Join(dir, path)); got != want {
				t.Errorf("got %t", got)
			}
		})
	}
}

// A directory is read whole: each template once, through the one that nests it.
func TestWhatADirectoryHolds(t *testing.T) {
	t.Parallel()
	const cluster = "Resources:\n  Graph:\n    Type: AWS::Neptune::DBCluster\n    Properties: {BackupRetentionPeriod: !Ref Days}\nParameters: {Days: {Type: Number}}\n"
	nest := func(file string) string {
		return "Resources:\n  Below:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: " + file + ", Parameters: {Days: 7}}\n"
	}
	outside := write(t, map[string]string{"far.yaml": cluster})
	for _, test := range []struct {
		name  string
		files map[string]string
		links map[string]string
		want  []string // verdicts of Neptune.5
		gaps  []string
	}{
		{
			name:  "a nested template is not judged without what it is handed",
			files: map[string]string{"a/main.yaml": nest("../b/graph.yaml"), "b/graph.yaml": cluster},
			want:  []string{"Below/Graph Neptune.5 PASSED"},
		},
		{
			name:  "templates that nest only one another are still looked at",
			files: map[string]string{"a.yaml": nest("b.yaml") + strings.TrimPrefix(cluster, "Resources:\n"), "b.yaml": nest("a.yaml")},
			want:  []string{"Graph Neptune.5 NOT_AVAILABLE settle: parameter Days"},
			gaps:  []string{"leads back to itself"},
		},
		{
			name:  "links inside are not judged twice",
			files: map[string]string{"a/graph.yaml": cluster},
			links: map[string]string{"b.yaml": "a/graph.yaml"},
			want:  []string{"Graph Neptune.5 NOT_AVAILABLE settle: parameter Days"},
		},
		{
			name:  "links that lead out are told",
			files: map[string]string{"a.yaml": cluster},
			links: map[string]string{"b.yaml": filepath.Join(outside, "far.yaml"), "c.yaml": "nowhere.yaml", "d.yaml": "d.yaml"},
			want:  []string{"Graph Neptune.5 NOT_AVAILABLE settle: parameter Days"},
			gaps:  []string{"leads out of the directory", "too many levels"},
		},
		{
			name:  "a directory without templates is told",
			files: map[string]string{"main.tf": ""},
			gaps:  []string{"there is no template in the directory"},
		},
		{
			name:  "an assembly without its template is told",
			files: map[string]string{"cdk.out/manifest.json": `{"artifacts": {"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "s.json"}}}}`},
			gaps:  []string{"stack S: "},
		},
		{
			name:  "an assembly that points outside is refused",
			files: map[string]string{"far.txt": cluster, "cdk.out/manifest.json": `{"artifacts": {"S": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "../far.txt"}}, "N": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "/"}}}}`},
			want:  nil,
			gaps:  []string{"lies outside"},
		},
		{
			name:  "a manifest that is cut off is told",
			files: map[string]string{"cdk.out/manifest.json": "{\"artifacts\": {\n\"S\": {\"type\": \"aws:cloudformation:stack\"\n"},
			gaps:  []string{"line 3: unexpected end of JSON input"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, test.files)
			for link, to := range test.links {
				if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			got, _ := judge(t, cloudformation.Options{}, dir)
			var found []string
			for _, line := range verdicts(got) {
				if strings.Contains(line, "Neptune.5") {
					found = append(found, line)
				}
			}
			if strings.Join(found, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got %q, want %q", found, test.want)
			}
			if len(got.gaps) != len(test.gaps) {
				t.Fatalf("gaps %+v, want %q", got.gaps, test.gaps)
			}
			for i, want := range test.gaps {
				if !strings.Contains(got.gaps[i].Detail, want) {
					t.Errorf("gap %+v, want %q", got.gaps[i], want)
				}
			}
		})
	}
}
