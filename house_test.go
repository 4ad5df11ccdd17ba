package holdfast_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// A rule is something that every package of this repository keeps.
type rule struct {
	name   string // also the name of the example in testdata/house that breaks it
	why    string
	broken func(*house) []string // each place where it is not kept, "file:line says what"
}

func rules() []rule {
	return slices.Concat(importRules(), sourceRules(), docsRules())
}

func TestHouseRules(t *testing.T) {
	t.Parallel()
	h := loadHouse(t, ".")
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			for _, where := range r.broken(h) {
				t.Errorf("%s\n  The rule: %s", where, r.why)
			}
		})
	}
}

// TestEveryRuleCatchesWhatBreaksIt holds each rule to its example, a small module that breaks it next to code that
// keeps it. The lines that begin with "want: " are what the rule must find, and all of it.
func TestEveryRuleCatchesWhatBreaksIt(t *testing.T) {
	t.Parallel()
	for _, r := range rules() {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			example, err := txtar.ParseFile(filepath.Join("testdata", "house", strings.ReplaceAll(r.name, " ", "-")+".txtar"))
			if err != nil {
				t.Fatalf("read the example that breaks this rule: %v", err)
			}
			dir := t.TempDir()
			if err := txtar.Write(example, dir); err != nil {
				t.Fatal(err)
			}
			var want []string
			for line := range strings.Lines(string(example.Comment)) {
				if w, found := strings.CutPrefix(line, "want: "); found {
					want = append(want, strings.TrimSpace(w))
				}
			}
			if len(want) == 0 {
				t.Fatal("the example breaks nothing: it has no line that begins with \"want: \"")
			}
			got := r.broken(loadHouse(t, dir))
			if diff := gocmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(got))); diff != "" {
				t.Errorf("what the rule finds (-want +got):\n%s", diff)
			}
		})
	}
}

// A house is a module as the rules see it: parsed and not built, so that a file counts on every platform.
type house struct {
	fset    *token.FileSet
	folders []*folder // with Go files, sorted by path
	texts   []text    // every text file that a person wrote
}

// A folder is one package, with the tests beside it.
type folder struct {
	path  string // from the module's root, "." for itself
	name  string // of the package, without "_test"
	files []*source
}

type source struct {
	path    string
	test    bool
	lines   int
	syntax  *ast.File
	imports []spec
}

// A spec is one import: of a folder of this module (own) or of another module or the standard library.
type spec struct {
	path string // of the folder, or the import path
	own  bool
	at   token.Position
}

type text struct {
	path string
	data []byte
}

func (s spec) standard() bool {
	first, _, _ := strings.Cut(s.path, "/")
	return !s.own && !strings.Contains(first, ".")
}

// shipped tells what ends up in the program from what only tests and measures it.
func (f *folder) shipped() bool {
	return !strings.HasSuffix(f.name, "test") && !matches(f.path, "test/...", "bench/...")
}

// shippedFiles yields the files that a build of the program could contain.
func (h *house) shippedFiles(yield func(*folder, *source) bool) {
	for _, f := range h.folders {
		for _, s := range f.files {
			if f.shipped() && !s.test && !yield(f, s) {
				return
			}
		}
	}
}

// reaches returns the shortest way, folder by folder, from a folder to one that is forbidden to it; nil if none.
func (h *house) reaches(from *folder, forbidden func(string) bool) []string {
	byPath := map[string]*folder{}
	for _, f := range h.folders {
		byPath[f.path] = f
	}
	seen := map[string]bool{from.path: true}
	for ways := [][]string{{from.path}}; len(ways) > 0; ways = ways[1:] {
		for _, next := range byPath[ways[0][len(ways[0])-1]].uses() {
			way := append(slices.Clip(ways[0]), next)
			switch {
			case forbidden(next):
				return way
			case !seen[next] && byPath[next] != nil:
				seen[next] = true
				ways = append(ways, way)
			}
		}
	}
	return nil
}

// uses returns the folders that the package's own code imports, sorted.
func (f *folder) uses() []string {
	var used []string
	for _, s := range f.files {
		for _, i := range s.imports {
			if i.own && !s.test {
				used = append(used, i.path)
			}
		}
	}
	slices.Sort(used)
	return slices.Compact(used)
}

// matches reports whether a path fits one of the patterns, in which "*" is any one element and a last "..." is any
// number of them, none included.
func matches(p string, patterns ...string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		stem, open := strings.CutSuffix(pattern, "/...")
		elements, wanted := strings.Split(p, "/"), strings.Split(stem, "/")
		if len(elements) < len(wanted) || !open && len(elements) > len(wanted) {
			return false
		}
		for i, w := range wanted {
			if w != "*" && w != elements[i] {
				return false
			}
		}
		return true
	})
}

func loadHouse(t *testing.T, root string) *house {
	t.Helper()
	module, err := moduleName(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	h := &house{fset: token.NewFileSet()}
	byPath := map[string]*folder{}
	err = fs.WalkDir(os.DirFS(root), ".", func(p string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && notOurs(root, p):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(filepath.Join(root, p))
		if err != nil || bytes.IndexByte(data, 0) >= 0 {
			return err
		}
		h.texts = append(h.texts, text{p, data})
		if path.Ext(p) != ".go" {
			return nil
		}
		s, err := h.parse(module, p, data)
		if err != nil {
			return err
		}
		dir := path.Dir(p)
		if byPath[dir] == nil {
			byPath[dir] = &folder{path: dir, name: strings.TrimSuffix(s.syntax.Name.Name, "_test")}
			h.folders = append(h.folders, byPath[dir])
		}
		byPath[dir].files = append(byPath[dir].files, s)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(h.folders) == 0 {
		t.Fatalf("no Go files below %s: the rules would hold of nothing", root)
	}
	slices.SortFunc(h.folders, func(a, b *folder) int { return cmp.Compare(a.path, b.path) })
	return h
}

// notOurs tells folders that hold caches, what was built, material for tests, or another module.
func notOurs(root, p string) bool {
	base := path.Base(p)
	if p == "." || base == ".ci" || base == ".github" {
		return false
	}
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || p == "bin" {
		return true
	}
	_, err := os.Stat(filepath.Join(root, p, "go.mod"))
	return !errors.Is(err, fs.ErrNotExist)
}

func (h *house) parse(module, p string, data []byte) (*source, error) {
	syntax, err := parser.ParseFile(h.fset, p, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	s := &source{path: p, test: strings.HasSuffix(p, "_test.go"), lines: bytes.Count(data, []byte("\n")), syntax: syntax}
	for _, i := range syntax.Imports {
		to, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return nil, err
		}
		own, found := strings.CutPrefix(to, module+"/")
		s.imports = append(s.imports, spec{path: own, own: found, at: h.fset.Position(i.Pos())})
	}
	return s, nil
}

func moduleName(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		if name, found := strings.CutPrefix(line, "module "); found {
			return strings.TrimSpace(name), nil
		}
	}
	return "", fmt.Errorf("%s: no module line", file)
}

// place prints where something is, as an editor understands it.
func (h *house) place(p token.Pos) string {
	at := h.fset.Position(p)
	return fmt.Sprintf("%s:%d", at.Filename, at.Line)
}
