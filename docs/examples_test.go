package docs_test

import (
	"encoding/json"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/holdfast-aws/holdfast/internal/config"
	"github.com/holdfast-aws/holdfast/internal/engine"
)

// Examples of configurations and of controls load, and controls are proven by
// their cases.
func TestExamplesLoad(t *testing.T) {
	t.Parallel()
	configurations, controls := 0, 0
	for _, p := range pages(t) {
		for _, b := range p.blocks {
			switch {
			case b.language == "json" && !json.Valid([]byte(b.text)):
				t.Errorf("%s:%d: this is no JSON", p.path, b.line)
			case b.language == "yaml" && strings.Contains(b.text, "version: 1"):
				configurations++
				if _, err := config.Parse(p.path, []byte(b.text)); err != nil {
					t.Errorf("%s:%d: %v", p.path, b.line, err)
				}
			case b.language == "yaml" && strings.Contains(b.text, "\nid: "):
				controls++
				proveControl(t, b.text)
			}
		}
	}
	if configurations < 2 || controls < 1 {
		t.Errorf("found %d configurations and %d controls", configurations, controls)
	}
}

func proveControl(t *testing.T, text string) {
	t.Helper()
	id := regexp.MustCompile(`(?m)^id: (.+)$`).FindStringSubmatch(text)[1]
	extended, err := catalogue(t).Extend(fstest.MapFS{id + ".yaml": {Data: []byte(text)}})
	if err != nil {
		t.Error(err)
		return
	}
	if err := engine.Prove(extended, extended.Find(id)); err != nil {
		t.Error(err)
	}
}

// The tables of controls say what the controls say.
func TestTablesOfControlsAreTrue(t *testing.T) {
	t.Parallel()
	readme, fixing := the(t, "README.md"), the(t, "docs/fixing.md")
	_, undo, _ := strings.Cut(strings.Join(fixing.prose, "\n"), "## Roll back")
	rollback := parsePage("", undo)
	numbers := make(map[string][]string)
	for _, c := range catalogue(t).Controls {
		service, number, _ := strings.Cut(c.ID, ".")
		numbers[service] = append(numbers[service], "."+number)
		if service != "Neptune" {
			continue
		}
		row := tableRow(fixing, c.ID, 6)
		if row == nil {
			t.Errorf("docs/fixing.md does not say what fixing %s means", c.ID)
			continue
		}
		if asks := row[5] == "yes"; asks != (c.Fix.Accept != "") {
			t.Errorf("docs/fixing.md says %q of --accept for %s", row[5], c.ID)
		}
		if guided := strings.HasPrefix(row[1], "guided"); guided != c.Fix.Guided {
			t.Errorf("docs/fixing.md is wrong about %s being guided", c.ID)
		}
		var asks string
		switch {
		case c.Fix.Undo.Exposes != "":
			asks = "--accept " + c.ID
		case c.Fix.Undo.Loses != "":
			asks = "--accept-loss"
		}
		if cells := tableRow(rollback, c.ID, 3); asks != "" && (cells == nil || cells[2] != asks) {
			t.Errorf("docs/fixing.md does not say that undoing %s asks for %s", c.ID, asks)
		}
	}
	for service, want := range numbers {
		if cells := tableRow(readme, service, 3); cells == nil || cells[1] != strings.Join(want, " ") {
			t.Errorf("README.md does not list the controls of %s as %s", service, strings.Join(want, " "))
		}
	}
}

// tableRow returns the row of a table with so many columns.
func tableRow(p *page, first string, columns int) []string {
	for _, cells := range p.rows() {
		if cells[0] == first && len(cells) == columns {
			return cells
		}
	}
	return nil
}

// What the architecture names is declared.
func TestArchitectureNamesWhatExists(t *testing.T) {
	t.Parallel()
	names := regexp.MustCompile(`^([a-z]+)\.([A-Z]\w*)$`)
	exported := exportedNames(t)
	checked := 0
	for line, span := range the(t, "docs/architecture.md").spans {
		if m := names.FindStringSubmatch(span); m != nil {
			checked++
			if !slices.Contains(exported[m[1]], m[2]) {
				t.Errorf("docs/architecture.md:%d: no package %s declares %s", line, m[1], m[2])
			}
		}
	}
	if checked < 20 {
		t.Errorf("only %d names were checked", checked)
	}
}

// exportedNames lists what each package declares, by the package's name.
func exportedNames(t *testing.T) map[string][]string {
	t.Helper()
	found := make(map[string][]string)
	for _, root := range []string{"../cmd", "../internal", "../services"} {
		err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.IsDir() || entry.Name() == "testdata" {
				return err
			}
			for _, file := range syntaxOf(t, name) {
				found[file.Name.Name] = append(found[file.Name.Name], topLevel(file)...)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

func topLevel(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names = append(names, d.Name.Name)
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				if s, ok := spec.(*ast.TypeSpec); ok {
					names = append(names, s.Name.Name)
				}
			}
		}
	}
	return names
}

// goFiles lists the Go files of a folder, tests left out.
func goFiles(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if path.Ext(entry.Name()) == ".go" && !strings.HasSuffix(entry.Name(), "_test.go") {
			names = append(names, filepath.Join(folder, entry.Name()))
		}
	}
	return names
}
