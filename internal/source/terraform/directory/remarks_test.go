package directory_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// said lists the remarks at each resource, as line:text, with files named
// where they are not the resource's.
func said(t *testing.T, dir string) (own, file map[string][]string) {
	t.Helper()
	own, file = make(map[string][]string), make(map[string][]string)
	for _, r := range scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.4"}}).resources {
		write := func(remark resource.Remark) string {
			place := fmt.Sprint(remark.Origin.Line)
			if remark.Origin.File != r.Origin.File {
				place = filepath.Base(remark.Origin.File) + ":" + place
			}
			if remark.Stray {
				place += " stray"
			}
			return place + " " + strings.Join(strings.Fields(remark.Text), " ")
		}
		for _, remark := range r.Remarks {
			own[r.ID] = append(own[r.ID], write(remark))
		}
		for _, remark := range r.FileRemarks {
			file[r.ID] = append(file[r.ID], write(remark))
		}
	}
	return own, file
}

func TestACommentBelongsToTheBlockAroundOrBelowIt(t *testing.T) {
	t.Parallel()
	own, file := said(t, write(t, map[string]string{"main.tf": `# tool:ignore far away

# tool:ignore first
// prose between
/* tool:ignore second
   still second */
resource "aws_neptune_cluster" "main" { # tool:ignore opening
  count = 2
  deletion_protection = false // tool:skip=attribute
  dynamic "serverless_v2_scaling_configuration" {
    for_each = []
    content {
      # tool:ignore nested
    }
  }
} # tool:ignore closing
resource "aws_neptune_cluster" "next" {
  # no word to a tool
  tags = { note = "# tool:ignore in a text" }
}
variable "x" {
  # tool:ignore at no resource
}
resource "aws_neptune_cluster_instance" "one" {
  # tool:ignore at one of another type
}
resource "aws_sns_topic" "other" {
  # tool:ignore at one that is never judged
}
`}))
	want := []string{
		"3 tool:ignore first", "5 tool:ignore second still second", "7 tool:ignore opening", "9 tool:skip=attribute",
		"13 tool:ignore nested", "16 tool:ignore closing",
	}
	wantOwn := map[string][]string{"aws_neptune_cluster.main[0]": want, "aws_neptune_cluster.main[1]": want}
	if diff := cmp.Diff(wantOwn, own); diff != "" {
		t.Errorf("own (-want +got):\n%s", diff)
	}
	all := append([]string{"1 stray tool:ignore far away"}, want...)
	all = append(all, "22 stray tool:ignore at no resource", "25 tool:ignore at one of another type", "28 stray tool:ignore at one that is never judged")
	if diff := cmp.Diff(all, file["aws_neptune_cluster.next"]); diff != "" {
		t.Errorf("in the file (-want +got):\n%s", diff)
	}
}

func TestACommentAtAModuleBelongsToAllInIt(t *testing.T) {
	t.Parallel()
	own, _ := said(t, write(t, map[string]string{
		"main.tf": `# tool:ignore above
module "outer" {
  source = "./outer" # tool:ignore inside
  count  = 1
}
`,
		"outer/main.tf": `module "inner" {
  # tool:ignore nested
  source = "./inner"
}
resource "aws_neptune_cluster" "beside" {}
`,
		"outer/inner/main.tf": `# tool:ignore own
resource "aws_neptune_cluster" "main" {}
`,
	}))
	want := map[string][]string{
		"module.outer[0].module.inner.aws_neptune_cluster.main": {"1 tool:ignore own", "main.tf:2 tool:ignore nested", "main.tf:1 tool:ignore above", "main.tf:3 tool:ignore inside"},
		"module.outer[0].aws_neptune_cluster.beside":            {"main.tf:1 tool:ignore above", "main.tf:3 tool:ignore inside"},
	}
	if diff := cmp.Diff(want, own); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCommentsOfTheJSONSyntax(t *testing.T) {
	t.Parallel()
	own, file := said(t, write(t, map[string]string{"main.tf.json": `{
  "//": "tool:ignore of the file",
  "resource": {"aws_neptune_cluster": {
    "one": {"//": "tool:ignore alone"},
    "two": {
      "//": ["prose", "tool:ignore in a list", "tool:skip=another"]
    }
  }}
}`}))
	want := map[string][]string{
		"aws_neptune_cluster.one": {"4 tool:ignore alone"},
		"aws_neptune_cluster.two": {"6 tool:ignore in a list", "6 tool:skip=another"},
	}
	if diff := cmp.Diff(want, own); diff != "" {
		t.Errorf("own (-want +got):\n%s", diff)
	}
	if got := strings.Join(file["aws_neptune_cluster.one"], "|"); !strings.HasPrefix(got, "2 stray tool:ignore of the file|4 tool:ignore alone|") {
		t.Errorf("in the file: %s", got)
	}
}

func TestCommentsInAnOverrideBelongToWhatItOverrides(t *testing.T) {
	t.Parallel()
	own, _ := said(t, write(t, map[string]string{
		"main.tf":          "# tool:ignore base\r\nresource \"aws_neptune_cluster\" \"main\" {}\r\n",
		"main_override.tf": "# tool:ignore override\nresource \"aws_neptune_cluster\" \"main\" {}\n",
	}))
	want := map[string][]string{"aws_neptune_cluster.main": {"1 tool:ignore base", "main_override.tf:1 tool:ignore override"}}
	if diff := cmp.Diff(want, own); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
