package directory_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
)

// write puts files into a new directory.
func write(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		at := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const oneCluster = `resource "aws_neptune_cluster" "main" { backup_retention_period = 7 }`

func TestTerraformCodeIsDetected(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"deep/er/main.tf": "", "json/main.tf.json": "{}", "tofu/main.tofu": "", "other/template.yaml": "",
		"downloaded/.terraform/modules/x/main.tf": "", "values/terraform.tfvars": "", "backup/main.tf~": "",
	})
	for name, want := range map[string]bool{
		".": true, "deep": true, "deep/er/main.tf": true, "json": true, "json/main.tf.json": true, "tofu": true,
		"other": false, "other/template.yaml": false, "downloaded": false, "values": false, "backup": false, "nowhere": false,
	} {
		if got := directory.Detect(filepath.Join(dir, name)); got != want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

func TestAPathWithoutCodeIsRefusedWithAHint(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"README.md": "no code"})
	for _, path := range []string{dir, filepath.Join(dir, "nowhere")} {
		_, err := tryScan(t, how{paths: []string{path}, controls: []string{"Neptune.5"}})
		var refused *directory.PathError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), path) || refused.Hint() == "" {
			t.Errorf("got %v", err)
		}
	}
}

func TestAVariableThatNobodyDeclaresIsRefused(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"main.tf": `variable "days" {}`})
	_, err := tryScan(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}, options: directory.Options{
		Variables: []directory.Assignment{{Name: "dayz", Value: "7"}},
	}})
	var refused *directory.UndeclaredError
	if !errors.As(err, &refused) || !strings.Contains(refused.Hint(), "days") {
		t.Errorf("got %v", err)
	}
}

// A link must not lead out of the tree: neither a file, nor a folder, nor one
// that code reads.
func TestLinksDoNotLeaveTheTree(t *testing.T) {
	t.Parallel()
	outside := write(t, map[string]string{
		"secret.tf": `resource "aws_neptune_cluster" "secret" {}`, "secret.txt": "secret",
		"module/main.tf": `resource "aws_neptune_cluster" "stolen" {}`,
	})
	dir := write(t, map[string]string{
		"main.tf": oneCluster + `
module "linked" { source = "./linked" }
module "inside" { source = "./also" }
resource "aws_neptune_cluster" "reads" { backup_retention_period = length(file("secret.txt")) }`,
		"modules/graph/main.tf": `resource "aws_neptune_cluster" "inside" { backup_retention_period = 8 }`,
	})
	for from, to := range map[string]string{
		"stolen.tf": filepath.Join(outside, "secret.tf"), "linked": filepath.Join(outside, "module"),
		"secret.txt": filepath.Join(outside, "secret.txt"), "also": filepath.Join("modules", "graph"),
	} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Fatal(err)
		}
	}
	text := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}}).text()
	for _, stolen := range []string{"cluster.secret", "cluster.stolen", "= 6\n"} {
		if strings.Contains(text, stolen) {
			t.Errorf("%q came from outside:\n%s", stolen, text)
		}
	}
	for _, want := range []string{
		"PASSED aws_neptune_cluster.main", "PASSED module.inside.aws_neptune_cluster.inside",
		"a link leads out of the tree", "NOT_AVAILABLE aws_neptune_cluster.reads",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing:\n%s", want, text)
		}
	}
}

func TestOddFilesAreGaps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ content, detail string }{
		"binary":          {"\x00\x01\x02\xff\xfe", "line 1"},
		"no UTF-8":        {"locals { a = \"\xff\xfe\" }", "Invalid character encoding"},
		"nested brackets": {"locals { a = " + strings.Repeat("(", 5000), "nested deeper than 500"},
		"huge":            {"#" + strings.Repeat("x", 9<<20), "larger than 8 MB"},
		"cut off":         {`resource "aws_neptune_cluster" "x" {`, "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{"good.tf": oneCluster, "odd.tf": test.content})
			r := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}})
			if len(r.gaps) != 1 || r.gaps[0].File != filepath.ToSlash(filepath.Join(dir, "odd.tf")) ||
				r.gaps[0].Reason != finding.GapMalformed || !strings.Contains(r.gaps[0].Detail, test.detail) {
				t.Errorf("gaps %+v", r.gaps)
			}
			if len(r.findings) != 1 || r.findings[0].Status != finding.Passed {
				t.Error("the good file beside it was not judged")
			}
			if got := r.footer.Coverage; got.Total != 2 || got.Read != 1 {
				t.Errorf("coverage %+v", got)
			}
		})
	}
}

// What cannot be opened as a file of code is a gap, whoever asks: a user who may
// read everything meets these too.
func TestFilesThatCannotBeReadAreGaps(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		make   func(at string) error
		detail string
	}{
		"a link to nothing":     {func(at string) error { return os.Symlink("nowhere.tf", at) }, "no such file"},
		"a link to itself":      {func(at string) error { return os.Symlink(filepath.Base(at), at) }, "a link leads out of the tree"},
		"a link out of there":   {func(at string) error { return os.Symlink("/etc/hostname", at) }, "a link leads out of the tree"},
		"a pipe":                {func(at string) error { return syscall.Mkfifo(at, 0o600) }, "is no regular file"},
		"a link to a folder":    {func(at string) error { return os.Symlink(".", at) }, "is no regular file"},
		"a device":              {func(at string) error { return os.Symlink("/dev/zero", at) }, "a link leads out of the tree"},
		"a file of other bytes": {func(at string) error { return os.WriteFile(at, []byte("\x7fELF\x02\x01\x00\xff"), 0o600) }, "line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{"good.tf": oneCluster})
			if err := test.make(filepath.Join(dir, "odd.tf")); err != nil {
				t.Fatal(err)
			}
			r := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}})
			if len(r.gaps) != 1 || !strings.HasSuffix(r.gaps[0].File, "/odd.tf") || !strings.Contains(r.gaps[0].Detail, test.detail) {
				t.Errorf("gaps %+v", r.gaps)
			}
			if len(r.findings) != 1 || r.findings[0].Status != finding.Passed || r.footer.Coverage.Read != 1 || r.footer.Coverage.Total != 2 {
				t.Errorf("the file beside it: %s", r.text())
			}
		})
	}
}

func TestAFolderNamedLikeAFileIsAFolder(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"main.tf/inside.tf": oneCluster, "terraform.tfvars/x": "", "good.tf": strings.Replace(oneCluster, "main", "good", 1)})
	r := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}})
	if len(r.findings) != 2 || len(r.gaps) != 0 || r.footer.Coverage.Read != 2 {
		t.Error(r.text())
	}
}

// Sensitive values must not get out through addresses and errors either.
func TestSensitiveValuesAreInNoAddressAndNoError(t *testing.T) {
	t.Parallel()
	const hunter = "hunter2"
	dir := write(t, map[string]string{"main.tf": `
variable "secret" {
  default   = "` + hunter + `"
  sensitive = true
}
locals { map = { for k in ["` + "hunter" + `"] : "${k}2" => sensitive("${k}2") } }
module "child" {
  source   = "./${var.secret}"
  for_each = toset([var.secret])
}
resource "aws_neptune_cluster" "each" { for_each = toset([var.secret]) }
resource "aws_neptune_cluster" "number" { backup_retention_period = parseint(var.secret, 10) }
resource "aws_neptune_cluster" "file" { backup_retention_period = file("${var.secret}.txt") }
resource "aws_neptune_cluster" "json" { backup_retention_period = jsondecode(var.secret) }
resource "aws_neptune_cluster" "time" { backup_retention_period = timeadd(var.secret, "1h") }
resource "aws_neptune_cluster" "index" { backup_retention_period = {}[var.secret] }
resource "aws_neptune_cluster" "pattern" { backup_retention_period = regex("${var.secret}(", "x") }
resource "aws_neptune_cluster" "template" { backup_retention_period = templatestring(var.secret, { x = var.secret }) }
resource "aws_neptune_cluster" "text" { backup_retention_period = var.secret }
resource "aws_neptune_cluster" "group" { neptune_cluster_parameter_group_name = var.secret }
resource "aws_neptune_cluster" "tagged" { tags = { owner = var.secret } }
resource "aws_neptune_cluster" "logs" { enable_cloudwatch_logs_exports = ["audit", var.secret] }
resource "aws_neptune_cluster_instance" "a" { cluster_identifier = var.secret }
provider "aws" {
  region = var.secret
  default_tags { tags = { owner = var.secret } }
}`})
	r := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.*"}, origins: true})
	said, err := json.Marshal([]any{r.findings, r.gaps, r.footer, r.resources})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(said), r.text()} {
		if i := strings.Index(text, hunter); i >= 0 {
			t.Errorf("it is shown: %s", text[max(0, i-200):min(len(text), i+50)])
		}
	}
	if f := r.finding("aws_neptune_cluster.logs", "Neptune.2"); f == nil || f.Status != finding.Passed {
		t.Errorf("a sensitive list is not judged: %+v", f)
	}
}

func TestLineEndingsAndByteOrderMarksChangeNothing(t *testing.T) {
	t.Parallel()
	code := "variable \"days\" {\n  default = 7\n}\n\nresource \"aws_neptune_cluster\" \"main\" {\n\tbackup_retention_period = var.days\n}"
	json := `{"resource": {"aws_neptune_cluster": {"json": {"backup_retention_period": "${var.days}"}}}}`
	for name, change := range map[string]func(string) string{
		"CRLF": func(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") },
		"BOM":  func(s string) string { return "\ufeff" + s },
		"tabs": func(s string) string { return strings.ReplaceAll(s, "  ", "\t") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{"main.tf": change(code), "more.tf.json": change(json)})
			r := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}})
			if len(r.findings) != 2 || r.findings[0].Status != finding.Passed || r.findings[1].Status != finding.Passed {
				t.Fatal(r.text())
			}
			if at := r.findings[0].Evidence[0].Origin; at.Line != 6 || at.Defined == nil || at.Defined.Line != 2 {
				t.Errorf("origin %+v", at)
			}
		})
	}
}

// Names that double one another, long chains and many instances end, soon.
func TestBombsEnd(t *testing.T) {
	t.Parallel()
	doubling := "locals {\n  a0 = \"xxxxxxxxxxxxxxxx\"\n"
	chain := "locals {\n  c0 = 7\n"
	for i := range 60 {
		doubling += "  a" + strconv.Itoa(i+1) + " = \"${local.a" + strconv.Itoa(i) + "}${local.a" + strconv.Itoa(i) + "}\"\n"
	}
	for i := range 5000 {
		chain += "  c" + strconv.Itoa(i+1) + " = local.c" + strconv.Itoa(i) + "\n"
	}
	for name, test := range map[string]struct{ code, want string }{
		"doubling text": {
			doubling + "}\nresource \"aws_neptune_cluster\" \"x\" { backup_retention_period = length(local.a60) }",
			"too large",
		},
		"a long chain": {
			chain + "}\nresource \"aws_neptune_cluster\" \"x\" { backup_retention_period = local.c5000 }",
			"more than 1000 names",
		},
		"a huge count": {
			"resource \"aws_neptune_cluster\" \"x\" { count = 1e12 }", "more than 100000 instances",
		},
		"loops in loops": {
			cluster(`length(flatten([for a in range(1024) : [for b in range(1024) : [for c in range(1024) : a]]]))`), "too large to be worked out",
		},
		"loops in loops behind a way out": {
			cluster(`try(length(flatten([for a in range(1024) : [for b in range(1024) : [for c in range(1024) : a]]])), 7)`),
			"NOT_AVAILABLE aws_neptune_cluster.x",
		},
		"large values in a loop": {
			"locals {\n  big = setproduct(range(1000), range(50))\n}\n" +
				cluster(`length([for a in range(1024) : length(concat(local.big, local.big))])`), "too large to be worked out",
		},
		"loops in loops of a template": {
			cluster(`length("%{for a in range(1024)}%{for b in range(1024)}%{for c in range(1024)}x%{endfor}%{endfor}%{endfor}")`),
			"too large to be worked out",
		},
		"loops in loops of a template in a text": {
			cluster(`length(templatestring("%%{for a in r}%%{for b in r}%%{for c in r}x%%{endfor}%%{endfor}%%{endfor}", {r = range(1024)}))`),
			"too large to be worked out",
		},
		"a product of sets": {
			cluster(`length(setproduct(range(1024), range(1024), range(1024)))`), "too large to be looked at",
		},
		"a wide format":   {cluster(`length(format("%2000000000d", 1))`), "too large to be looked at"},
		"a wide indent":   {cluster(`length(indent(2000000000, "a\nb"))`), "too large to be looked at"},
		"a large number":  {cluster(`length("${1e99999999}")`), "the number is too large"},
		"a joined text":   {"locals {\n  big = format(\"%99999d\", 1)\n}\n" + cluster(`length(join(local.big, range(1024)))`), "too large to be looked at"},
		"a replaced text": {"locals {\n  big = format(\"%99999d\", 1)\n}\n" + cluster(`length(replace(local.big, " ", local.big))`), "too large to be looked at"},
		"a long sum":      {cluster(strings.Repeat("1+", 1<<20) + "1"), "more than 50000 operators"},
		"a long sum on many lines": {
			cluster("(" + strings.Repeat("1+\n", 1<<20) + "1)"), "more than 50000 operators",
		},
		"a long denial":    {cluster(strings.Repeat("!", 1<<20) + "true"), "more than 50000 operators"},
		"a long condition": {cluster(strings.Repeat("true?1:", 1<<19) + "1"), "more than 50000 operators"},
		"as many operators as are allowed": {
			cluster(strings.Repeat("1+", 49_990) + "1"), "BackupRetentionPeriod = 49991",
		},
		"nested counts": {
			"module \"a\" {\n  source = \"./a\"\n  count = 1000\n}", "more than 100000 instances",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{
				"main.tf":   test.code,
				"a/main.tf": "module \"b\" {\n  source = \"../b\"\n  count = 1000\n}",
				"b/main.tf": oneCluster,
			})
			if name != "nested counts" {
				if err := os.RemoveAll(filepath.Join(dir, "a")); err != nil {
					t.Fatal(err)
				}
			}
			text := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}}).text()
			if !strings.Contains(text, test.want) {
				t.Errorf("%q is missing in %d bytes: %.600s", test.want, len(text), text)
			}
		})
	}
}

// cluster is a cluster with an expression for its retention.
func cluster(expression string) string {
	return "resource \"aws_neptune_cluster\" \"x\" {\n  backup_retention_period = " + expression + "\n}"
}

// The same bounds hold in the JSON syntax, whose texts are parsed when they are
// evaluated, and what they let pass has its value there too.
func TestLoopsInLoopsOfJSON(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ expression, want string }{
		"few":           {`"${length([for a in range(3) : [for b in range(3) : a]])}"`, "FAILED aws_neptune_cluster.x"},
		"few, in parts": {`"${length(flatten([for a in range(3) : [for b in range(3) : a if b > a]]))}7"`, "BackupRetentionPeriod = 37"},
		"many":          {`"${length(flatten([for a in range(1024) : [for b in range(1024) : [for c in range(1024) : a]]]))}"`, "too large to be worked out"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := write(t, map[string]string{
				"main.tf.json": `{"resource": {"aws_neptune_cluster": {"x": {"backup_retention_period": ` + test.expression + `}}}}`,
			})
			if text := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}}).text(); !strings.Contains(text, test.want) {
				t.Errorf("%q is missing:\n%s", test.want, text)
			}
		})
	}
}

func TestTwoRootsThatCallOneModuleAreTwoResources(t *testing.T) {
	t.Parallel()
	call := "module \"graph\" {\n  source = \"../graph\"\n}\n"
	dir := write(t, map[string]string{"one/main.tf": call, "two/main.tf": call, "graph/main.tf": oneCluster})
	r := scanCode(t, how{paths: []string{dir}, controls: []string{"Neptune.5"}})
	if len(r.findings) != 2 || r.findings[0].ID == r.findings[1].ID {
		t.Errorf("%d findings, or one id for both: %s", len(r.findings), r.text())
	}
}

func TestProviderTagsAndRegionReachTheResource(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"main.tf": `
provider "aws" {
  region = "eu-west-1"
  default_tags {
    tags = { Owner = "graph", Stage = "dev" }
  }
}
provider "aws" {
  alias  = "us"
  region = "us-east-1"
}
resource "aws_neptune_cluster" "main" {
  tags = { Stage = "prod" }
}
resource "aws_neptune_cluster" "plain" {}
resource "aws_neptune_cluster" "us" {
  provider = aws.us
}
resource "aws_neptune_cluster" "own" {
  region = "ap-southeast-2"
}
module "child" {
  source    = "./child"
  providers = { aws.graph = aws.us }
}`,
		"child/main.tf": `
resource "aws_neptune_cluster" "child" {
  provider = aws.graph
}
resource "aws_neptune_cluster" "inherits" {}`,
	})
	wants := resource.Wants{"AWS::Neptune::DBCluster": {"Tags"}}
	got := map[string]string{}
	for _, r := range readWith(t, dir, wants).resources {
		got[r.ID] = r.Region + " " + r.Get("Tags").String()
	}
	for address, want := range map[string]string{
		"aws_neptune_cluster.main":                  "eu-west-1 {Owner=graph, Stage=prod}",
		"aws_neptune_cluster.plain":                 "eu-west-1 {Owner=graph, Stage=dev}",
		"aws_neptune_cluster.us":                    "us-east-1 absent",
		"aws_neptune_cluster.own":                   "ap-southeast-2 {Owner=graph, Stage=dev}",
		"module.child.aws_neptune_cluster.child":    "us-east-1 absent",
		"module.child.aws_neptune_cluster.inherits": "eu-west-1 {Owner=graph, Stage=dev}",
	} {
		if got[address] != want {
			t.Errorf("%s: %s, not %s", address, got[address], want)
		}
	}
}

func TestAnInterruptedScanSaysSo(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"main.tf": oneCluster})
	source := directory.New([]string{dir}, valueMapping(), directory.Options{})
	listing, err := source.List(context.Background(), resource.Wants{"Test::Code::Value": {"Text"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	got := &kept{}
	if err := listing.Units[0].Read(ctx, got); err != nil || len(got.gaps) != 1 || got.gaps[0].Reason != finding.GapInterrupted {
		t.Errorf("error %v, gaps %+v", err, got.gaps)
	}
}
