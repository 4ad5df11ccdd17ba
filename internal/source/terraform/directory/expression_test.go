package directory_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/services"
)

// Each line of testdata/expressions.txt is an expression and its value as JSON
// text, as the console of OpenTofu 1.10.10 gave it for the code in
// testdata/expressions; "error" where it refused the expression. Only those
// with resources, which the console does not evaluate, were written by hand.
func TestExpressionsHaveTheValuesThatOpenTofuGivesThem(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/expressions.txt")
	if err != nil {
		t.Fatal(err)
	}
	var expressions, want []string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		arrow := strings.LastIndex(line, " => ")
		if arrow < 0 {
			t.Fatalf("no value in %q", line)
		}
		expressions, want = append(expressions, line[:arrow]), append(want, line[arrow+len(" => "):])
	}
	if len(expressions) < 200 {
		t.Fatalf("only %d expressions", len(expressions))
	}
	for i, got := range evaluate(t, expressions) {
		text, known := got.Text()
		if !known {
			text = "error"
		}
		if text != want[i] {
			t.Errorf("%s\n  got  %s %+v\n  want %s", expressions[i], text, got.Missing(), want[i])
		}
	}
}

// What nobody can tell says what would settle it.
func TestAnUnknownValueNamesWhatWouldSettleIt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ expression, settle, detail string }{
		"a variable":                 {`var.open`, "variable open", "variable open has no value and no default"},
		"a field of one":             {`var.open.a.b[0]`, "variable open", "variable open has no value and no default"},
		"through functions":          {`upper(join("-", concat(["a"], [var.open])))`, "variable open", "variable open has no value"},
		"through try":                {`try(var.open.days, 3)`, "variable open", "variable open has no value"},
		"through can":                {`can(var.open.days)`, "variable open", "variable open has no value"},
		"through a template":         {`"${var.open}-x"`, "variable open", "variable open has no value"},
		"through for":                {`[for x in var.open : x]`, "variable open", "variable open has no value"},
		"through a condition":        {`var.open ? 1 : 2`, "variable open", "variable open has no value"},
		"through a splat":            {`var.open[*].id`, "variable open", "variable open has no value"},
		"through templatestring":     {`templatestring("$${a}", {a = var.open})`, "variable open", "variable open has no value"},
		"a data source":              {`data.aws_region.here.name`, "data source data.aws_region.here", "known only when Terraform reads it"},
		"an attribute of a resource": {`test_other.one.id`, "attribute test_other.one.id", "known only after apply"},
		"one of many":                {`test_other.many[1].arn`, "attribute test_other.many[1].arn", "known only after apply"},
		"all of many":                {`test_other.many[*].arn`, "attribute test_other.many[0].arn, attribute test_other.many[1].arn", "after apply"},
		"through flatten":            {`length(flatten([["a"], var.open]))`, "variable open", "variable open has no value"},
		"through flatten, deeper":    {`length(flatten([["a"], [for x in ["b"] : var.open]]))`, "variable open", "variable open has no value"},
		"the time":                   {`timestamp()`, "function timestamp", "known only when Terraform runs"},
		"a provider's function":      {`provider::aws::arn_parse("x").region`, "function provider::aws::arn_parse", "is not built in"},
		"a name that is not there":   {`var.nowhere`, "variable nowhere", "variable nowhere is not declared"},
		"a local that is not there":  {`local.nowhere`, "local.nowhere", "local.nowhere is not declared"},
		"a resource not there":       {`test_missing.x.id`, "test_missing.x", "test_missing.x is not declared"},
		"True":                       {`True`, "", "True is no value: it is written true"},
		"a text without quotes":      {`postgres`, "", "postgres is no value: a text stands in quotes"},
		"a mistake":                  {`1 + "x"`, "", `a number is required`},
		"a file outside":             {`file("/etc/hostname")`, "", "lies outside of the tree"},
		"a file above":               {`file("../../../../../../../etc/hostname")`, "", "lies outside of the tree"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := evaluate(t, []string{test.expression})[0].Missing()
			if got == nil || got.Reason != resource.ReasonUnresolved {
				t.Fatalf("it is known, or has no reason: %+v", got)
			}
			if got.Settle != test.settle || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("settle %q, detail %q", got.Settle, got.Detail)
			}
		})
	}
}

// What is not asked for, or decided by the rest, is not held against a value.
func TestOnlyWhatDecidesMakesAValueUnknown(t *testing.T) {
	t.Parallel()
	for _, expression := range []string{
		`true ? "x" : var.open`, `false && var.open`, `true || var.open`, `{a = "x", b = var.open}.a`,
		`["x", var.open][0]`, `keys({x = var.open})[0]`, `try("x", var.open)`, `length([var.open, 1])`,
		`coalesce("x", var.open)`, `[for k, v in {x = var.open} : k][0]`, `lookup({a = "x", b = var.open}, "a")`,
		`merge({a = var.open}, {b = "x"}).b`, `test_other.many[0].name`, `test_other.one.name`,
	} {
		t.Run(expression, func(t *testing.T) {
			t.Parallel()
			if got := evaluate(t, []string{expression})[0]; !got.Known() {
				t.Errorf("unknown: %+v", got.Missing())
			}
		})
	}
}

// evaluate returns the values of expressions in the code of
// testdata/expressions, each encoded as JSON.
func evaluate(t testing.TB, expressions []string) []resource.Value {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/expressions")); err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for i, expression := range expressions {
		fmt.Fprintf(&code, "resource \"test_value\" \"e%d\" {\n  text = jsonencode(%s)\n}\n", i, expression)
	}
	if err := os.WriteFile(filepath.Join(dir, "expressions.tf"), []byte(code.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	got := readValues(t, dir, directory.Options{})
	if len(got.gaps) > 0 {
		t.Fatalf("gaps: %+v", got.gaps)
	}
	values := make([]resource.Value, len(expressions))
	for _, r := range got.resources {
		var i int
		if _, err := fmt.Sscanf(r.ID, "test_value.e%d", &i); err != nil {
			t.Fatal(err)
		}
		values[i] = r.Get("Text")
	}
	return values
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

// valueMapping knows one resource type that holds a text.
func valueMapping() *terraform.Mapping {
	return terraform.NewMapping(map[string]*control.Type{"Test::Code::Value": {
		Name: "Test::Code::Value", Terraform: "test_value",
		Properties: map[string]*control.Property{"Text": {Type: "string", Terraform: "text"}},
	}}, nil)
}

// readValues reads every test_value below a directory.
func readValues(t testing.TB, dir string, options directory.Options) *kept {
	t.Helper()
	return readFrom(t, directory.New([]string{dir}, valueMapping(), options), resource.Wants{"Test::Code::Value": {"Text"}})
}

// readWith reads what is wanted of the catalogue's types.
func readWith(t testing.TB, dir string, wants resource.Wants) *kept {
	t.Helper()
	mapping := terraform.NewMapping(catalogue(t).Types, services.TerraformJoiners())
	return readFrom(t, directory.New([]string{dir}, mapping, directory.Options{}), wants)
}

func readFrom(t testing.TB, source *directory.Source, wants resource.Wants) *kept {
	t.Helper()
	listing, err := source.List(context.Background(), wants)
	if err != nil {
		t.Fatal(err)
	}
	got := &kept{gaps: listing.Gaps}
	for _, unit := range listing.Units {
		if err := unit.Read(context.Background(), got); err != nil {
			t.Fatal(err)
		}
	}
	return got
}
