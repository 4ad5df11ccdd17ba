package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/config"
	"github.com/holdfast-aws/holdfast/internal/report/all"
)

func TestExitCodesStandAsInTheHelp(t *testing.T) {
	t.Parallel()
	help, _ := holdfast(t, "--help")
	_, table, _ := strings.Cut(help, "Exit codes:\n")
	rows := regexp.MustCompile(`(?m)^  (\d)  (.+)$`).FindAllStringSubmatch(table, -1)
	if len(rows) < 4 {
		t.Fatalf("the help shows no table of exit codes:\n%s", help)
	}
	for _, name := range []string{"README.md", "docs/verdicts.md"} {
		for _, row := range rows {
			if cells := the(t, name).row(row[1]); len(cells) < 2 || cells[1] != row[2] {
				t.Errorf("%s does not say of exit code %s: %s", name, row[1], row[2])
			}
		}
	}
}

func TestEveryFormatIsDescribed(t *testing.T) {
	t.Parallel()
	formats := the(t, "docs/formats.md")
	for _, format := range all.Formats() {
		cells := formats.row(format.Name)
		if len(cells) < 3 || strings.TrimPrefix(cells[2], ".") != strings.TrimPrefix(format.FileExtension, ".") {
			t.Errorf("docs/formats.md has no row for %s with the ending %s", format.Name, format.FileExtension)
		}
	}
}

// Every setting of the configuration file, and every flag that the environment
// may set, has its row, and no row names one that does not exist.
func TestEverySettingIsDescribed(t *testing.T) {
	t.Parallel()
	var keys []string
	of := reflect.TypeFor[config.Config]()
	for i := range of.NumField() {
		if key := of.Field(i).Tag.Get("yaml"); key != "-" && key != "version" {
			keys = append(keys, key)
		}
	}
	fromEnvironment := environmentFlags(t)
	var flags, described []string
	for _, c := range commands(t) {
		flags = append(flags, c.flags...)
	}
	for _, cells := range the(t, "docs/configuration.md").rows() {
		if len(cells) != 4 || cells[0] == "Flag" {
			continue
		}
		flag, _, _ := strings.Cut(strings.TrimPrefix(cells[0], "--"), ",")
		if flag != "" && !slices.Contains(flags, flag) {
			t.Errorf("no command has a flag --%s", flag)
		}
		if flag != "" && !slices.Contains(fromEnvironment, flag) {
			t.Errorf("--%s cannot come from the environment", flag)
		}
		if want := "HOLDFAST_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_")); flag != "" && cells[1] != want {
			t.Errorf("the variable of --%s is %s, not %s", flag, want, cells[1])
		}
		if cells[2] != "" && !slices.Contains(keys, cells[2]) {
			t.Errorf("the configuration file has no %s", cells[2])
		}
		described = append(described, flag, cells[2])
	}
	for _, name := range slices.Concat(keys, fromEnvironment) {
		if !slices.Contains(described, name) {
			t.Errorf("docs/configuration.md does not describe %s", name)
		}
	}
}

// environmentFlags reads the list of the flags that the environment may set.
func environmentFlags(t *testing.T) []string {
	t.Helper()
	var flags []string
	for _, value := range declared(t, "../internal/cli", "environmentFlags") {
		ast.Inspect(value, func(node ast.Node) bool {
			if pair, ok := node.(*ast.KeyValueExpr); ok {
				flags = append(flags, text(t, pair.Key))
			}
			return true
		})
	}
	return flags
}

func TestEveryReasonAndStateIsDescribed(t *testing.T) {
	t.Parallel()
	for _, list := range []struct{ page, folder, names string }{
		{"docs/verdicts.md", "../internal/finding", `^Gap[A-Z]`},
		{"docs/fixing.md", "../internal/fix", `^Skip[A-Z]`},
		{"docs/fixing.md", "../internal/fix", `^State(Verified|Pending|Waiting|Skipped|Interrupted|Refused|Failed|NotVerified|Unconfirmed|Unclear)$`},
	} {
		words := declared(t, list.folder, list.names)
		if len(words) < 5 {
			t.Errorf("%s declares only %d of %s", list.folder, len(words), list.names)
		}
		var first []string
		for _, cells := range the(t, list.page).rows() {
			first = append(first, strings.Split(cells[0], ", ")...)
		}
		for name, value := range words {
			if word := text(t, value); !slices.Contains(first, word) {
				t.Errorf("%s does not describe %s (%s)", list.page, word, name)
			}
		}
	}
}

// declared returns the values of the constants and variables of a folder whose
// names match, by name.
func declared(t *testing.T, folder, names string) map[string]ast.Expr {
	t.Helper()
	wanted := regexp.MustCompile(names)
	found := make(map[string]ast.Expr)
	for _, file := range syntaxOf(t, folder) {
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.ValueSpec)
			if !ok {
				return true
			}
			for i, name := range spec.Names {
				if wanted.MatchString(name.Name) && i < len(spec.Values) {
					found[name.Name] = spec.Values[i]
				}
			}
			return true
		})
	}
	if len(found) == 0 {
		t.Fatalf("%s declares nothing like %s", folder, names)
	}
	return found
}

func text(t *testing.T, value ast.Expr) string {
	t.Helper()
	literal, ok := value.(*ast.BasicLit)
	if !ok {
		t.Fatalf("%T is no literal", value)
	}
	unquoted, err := strconv.Unquote(literal.Value)
	if err != nil {
		t.Fatal(err)
	}
	return unquoted
}

// syntaxOf parses the files of a folder, tests left out.
func syntaxOf(t *testing.T, folder string) []*ast.File {
	t.Helper()
	var files []*ast.File
	for _, name := range goFiles(t, folder) {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}
