package directory_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// Single files, as a pre-commit hook names them: each is judged with its whole
// module, once, and nothing is told of files that were not named.
func TestFilesAreJudgedWithTheirModule(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"live/main.tf": `
module "graph" {
  source = "../graph"
  days   = 3
}
resource "aws_neptune_cluster" "main" { backup_retention_period = var.days }
resource "aws_neptune_cluster" "fixed" { backup_retention_period = 9 }`,
		"live/variables.tf": `variable "days" { default = 2 }`,
		"live/other.tf":     `resource "aws_neptune_cluster" "other" { backup_retention_period = 4 }`,
		"graph/graph.tf": `
variable "days" {}
resource "aws_neptune_cluster" "inner" { backup_retention_period = var.days }`,
		"broken/bad.tf":  `resource "aws_neptune_cluster" {`,
		"broken/good.tf": oneCluster,
	})
	const main, fixed = "FAILED aws_neptune_cluster.main", "PASSED aws_neptune_cluster.fixed"
	const other, called = "FAILED aws_neptune_cluster.other", "FAILED module.graph.aws_neptune_cluster.inner"
	const alone = "NOT_AVAILABLE aws_neptune_cluster.inner"
	all := []string{main, fixed, other, called, alone}
	for name, test := range map[string]struct {
		paths []string
		want  []string
	}{
		"a file, with the variables beside it":           {[]string{"live/main.tf"}, []string{main, fixed, called}},
		"a file where a value is decided":                {[]string{"live/variables.tf"}, []string{main}},
		"two files of one folder":                        {[]string{"live/main.tf", "live/other.tf"}, []string{main, fixed, other, called}},
		"the same file twice":                            {[]string{"live/other.tf", "live/other.tf"}, []string{other}},
		"a file of a module alone":                       {[]string{"graph/graph.tf"}, []string{alone}},
		"a file of a module, and one that calls it":      {[]string{"graph/graph.tf", "live/main.tf"}, []string{main, fixed, called}},
		"a file below a directory that is named as well": {[]string{"live/other.tf", "live"}, []string{main, fixed, other, called}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var paths []string
			for _, path := range test.paths {
				paths = append(paths, filepath.Join(dir, path))
			}
			text := scanCode(t, how{paths: paths, controls: []string{"Neptune.5"}}).text()
			wanted := make(map[string]bool)
			for _, line := range test.want {
				wanted[line] = true
			}
			for _, line := range all {
				n := strings.Count(text, line)
				if wanted[line] && n != 1 || !wanted[line] && n != 0 {
					t.Errorf("%s stands %d times in\n%s", line, n, text)
				}
			}
		})
	}
	gaps := scanCode(t, how{paths: []string{filepath.Join(dir, "broken/good.tf"), filepath.Join(dir, "broken/bad.tf")}, controls: []string{"Neptune.5"}})
	if text := gaps.text(); len(gaps.gaps) != 1 || !strings.Contains(text, "PASSED aws_neptune_cluster.main") {
		t.Errorf("%d gaps in\n%s", len(gaps.gaps), text)
	}
}
