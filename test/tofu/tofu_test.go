package tofu_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/test/tofu"
)

// program builds OpenTofu once for all tests.
var program = sync.OnceValues(func() (string, error) { return tofu.Binary(context.Background(), "../..") })

func binary(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

const (
	recorded   = "../../internal/source/terraform/directory/testdata/expressions.txt"
	codeBeside = "../../internal/source/terraform/directory/testdata/expressions"
)

// ofProviders are the blocks of the code beside the expressions that OpenTofu
// would want a provider for.
var ofProviders = regexp.MustCompile(`(?ms)^(resource|data) (.*?^\}|[^\n]*\{\})\n`)

// TestExpressions compares the value of each expression with what the console
// of OpenTofu gives for it now: of those that are recorded beside the code, and
// of more that are listed here.
func TestExpressions(t *testing.T) {
	t.Parallel()
	var expressions []string
	for _, name := range []string{recorded, "testdata/expressions.txt"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			line = strings.TrimSpace(line)
			if at := strings.LastIndex(line, " => "); at >= 0 && name == recorded {
				line = line[:at]
			}
			if line != "" && !strings.HasPrefix(line, "#") && !strings.Contains(line, "test_other") {
				expressions = append(expressions, line)
			}
		}
	}
	if len(expressions) < 400 {
		t.Fatalf("only %d expressions", len(expressions))
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(codeBeside)); err != nil {
		t.Fatal(err)
	}
	code, err := os.ReadFile(filepath.Join(dir, "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "main.tf"), ofProviders.ReplaceAll(code, nil), 0o600); err != nil {
		t.Fatal(err)
	}
	root := &tofu.Root{Program: binary(t), Dir: dir}
	if err := root.Init(t.Context()); err != nil {
		t.Fatal(err)
	}
	want, err := root.Console(t.Context(), expressions)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range evaluate(t, dir, expressions) {
		if got != want[i] {
			t.Errorf("%s\n  here:     %s\n  OpenTofu: %s", expressions[i], got, want[i])
		}
	}
}

// evaluate gives the values that expressions have here, as JSON text.
func evaluate(t *testing.T, dir string, expressions []string) []string {
	t.Helper()
	var code strings.Builder
	for i, expression := range expressions {
		fmt.Fprintf(&code, "resource \"terraform_data\" \"e%d\" {\n  input = jsonencode(%s)\n}\n", i, expression)
	}
	if err := os.WriteFile(filepath.Join(dir, "values.tf"), []byte(code.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	got := read(t, directory.New([]string{dir}, mapping(), directory.Options{}))
	if len(got.gaps) > 0 {
		t.Fatalf("gaps: %+v", got.gaps)
	}
	values := make([]string, len(expressions))
	for i := range values {
		text, known := got.of(fmt.Sprintf("terraform_data.e%d", i)).Get("Input").Text()
		if values[i] = text; !known {
			values[i] = tofu.Refused
		}
	}
	return values
}

// dataType is what the built-in resource of OpenTofu becomes here.
const dataType = "Test::Built::In"

func mapping() *terraform.Mapping {
	return terraform.NewMapping(map[string]*control.Type{dataType: {
		Name: dataType, Terraform: "terraform_data",
		Properties: map[string]*control.Property{
			"Input":    {Type: "any", Terraform: "input"},
			"Triggers": {Type: "any", Terraform: "triggers_replace"},
		},
	}}, nil)
}

// kept is a sink that keeps everything.
type kept struct {
	resources []*resource.Resource
	gaps      []finding.Gap
}

func (k *kept) Resources(page []*resource.Resource) error {
	k.resources = append(k.resources, page...)
	return nil
}

func (k *kept) Gap(gap finding.Gap) error { k.gaps = append(k.gaps, gap); return nil }

// of returns the resource at an address; an empty one where there is none.
func (k *kept) of(address string) *resource.Resource {
	for _, r := range k.resources {
		if r.ID == address {
			return r
		}
	}
	return &resource.Resource{}
}

func read(t *testing.T, source scan.Source) *kept {
	t.Helper()
	listing, err := source.List(t.Context(), resource.Wants{dataType: {"Input", "Triggers"}})
	if err != nil {
		t.Fatal(err)
	}
	got := &kept{gaps: listing.Gaps}
	for _, unit := range listing.Units {
		if err := unit.Read(t.Context(), got); err != nil {
			t.Fatal(err)
		}
	}
	return got
}
