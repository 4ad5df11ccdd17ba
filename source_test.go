package holdfast_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"regexp"
	"slices"
)

// longestFile is the most lines that a Go file may have, unless a program wrote it.
const longestFile = 500

func sourceRules() []rule {
	return []rule{
		{
			name:   "no init functions",
			why:    "what a program is made of must be readable where it is put together; init runs behind the reader's back.",
			broken: initFunctions,
		},
		{
			name: "no variables that change",
			why: "a package variable that changes ties tests, servers and runs in one process together; pass the value in, or " +
				"keep it in a struct.",
			broken: changedVariables,
		},
		{
			name:   "no skipped tests",
			why:    "a skipped test looks like one that passed: make it run, or fail with the command that lets it run.",
			broken: skippedTests,
		},
		{
			name:   "short files",
			why:    fmt.Sprintf("a file holds one idea; one of more than %d lines holds several.", longestFile),
			broken: longFiles,
		},
		{
			name:   "folders are named for a noun",
			why:    "a drawer takes anything and tells nothing; name the folder for the one thing in it.",
			broken: drawers,
		},
		{
			name:   "nothing left for later",
			why:    "a note in a file is seen by nobody: do it, or open an issue.",
			broken: leftovers,
		},
	}
}

func initFunctions(h *house) []string {
	var found []string
	for _, f := range h.folders {
		for _, s := range f.files {
			for _, d := range s.syntax.Decls {
				if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
					found = append(found, h.place(fn.Pos())+" declares init")
				}
			}
		}
	}
	return found
}

// changedVariables finds package variables that some code, tests included, sets after their declaration, and those
// that exist to be changed: locks and atomic values.
func changedVariables(h *house) []string {
	var found []string
	for _, f := range h.folders {
		if f.shipped() {
			c := newChanges(h, f)
			for _, s := range f.files {
				ast.Inspect(s.syntax, c.inspect)
			}
			found = append(found, c.found...)
		}
	}
	return found
}

// changes collects where a package's variables change.
type changes struct {
	house *house
	uses  map[*ast.Ident]types.Object
	defs  map[*ast.Ident]types.Object
	vars  map[types.Object]bool // the variables of the package's own files, not those of its tests
	found []string
}

// newChanges resolves the names of one package. Imports are left unresolved, which go/types survives: no rule needs
// to know what is behind them.
func newChanges(h *house, f *folder) *changes {
	c := &changes{
		house: h,
		uses:  map[*ast.Ident]types.Object{},
		defs:  map[*ast.Ident]types.Object{},
		vars:  map[types.Object]bool{},
	}
	var inside []*ast.File
	for _, s := range f.files {
		if s.syntax.Name.Name == f.name {
			inside = append(inside, s.syntax)
		}
	}
	config := types.Config{Importer: unresolved{}, Error: func(error) {}}
	// The error repeats what the handler above was told: imports that are not there.
	_, _ = config.Check(f.path, h.fset, inside, &types.Info{Uses: c.uses, Defs: c.defs})
	for _, s := range f.files {
		for _, name := range packageVariables(s) {
			c.vars[c.defs[name]] = true
		}
	}
	return c
}

type unresolved struct{}

func (unresolved) Import(path string) (*types.Package, error) {
	return nil, fmt.Errorf("import %s: not resolved here", path)
}

// packageVariables returns the variables that a file of the program declares at package level.
func packageVariables(s *source) []*ast.Ident {
	var names []*ast.Ident
	for _, d := range s.syntax.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.VAR && !s.test {
			for _, v := range g.Specs {
				names = append(names, v.(*ast.ValueSpec).Names...)
			}
		}
	}
	return slices.DeleteFunc(names, func(n *ast.Ident) bool { return n.Name == "_" })
}

func (c *changes) inspect(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			c.note("is set", n.Lhs...)
		}
	case *ast.IncDecStmt:
		c.note("is set", n.X)
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			c.note("is set", n.Key, n.Value)
		}
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			c.note("has its address taken", n.X)
		}
	case *ast.CallExpr:
		if fn, ok := n.Fun.(*ast.Ident); ok && slices.Contains([]string{"delete", "clear", "copy"}, fn.Name) && len(n.Args) > 0 {
			c.note("is set", n.Args[0])
		}
	case *ast.ValueSpec:
		c.lock(n)
	}
	return true
}

// note records expressions whose leftmost name is a package variable, of this package or, by a qualified name, of
// another.
func (c *changes) note(what string, changed ...ast.Expr) {
	for _, e := range changed {
		name, qualified := leftmost(e)
		if name == nil {
			continue
		}
		_, imported := c.uses[name].(*types.PkgName)
		switch {
		case c.vars[c.uses[name]]:
			c.found = append(c.found, fmt.Sprintf("%s: the package variable %s %s", c.house.place(e.Pos()), name.Name, what))
		case imported && qualified != "" && what == "is set":
			c.found = append(c.found, fmt.Sprintf("%s: the package variable %s.%s %s", c.house.place(e.Pos()), name.Name, qualified, what))
		}
	}
}

// leftmost returns the x of x, x.f, x[i] and *x, and the f that stands right after it.
func leftmost(e ast.Expr) (name *ast.Ident, field string) {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			return x, field
		case *ast.SelectorExpr:
			e, field = x.X, x.Sel.Name
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.ParenExpr:
			e = x.X
		default:
			return nil, ""
		}
	}
}

// lock notes package variables of a type that is there to be changed.
func (c *changes) lock(v *ast.ValueSpec) {
	declared := v.Type
	if declared == nil && len(v.Values) == 1 {
		if literal, ok := v.Values[0].(*ast.CompositeLit); ok {
			declared = literal.Type
		}
	}
	selector, ok := declared.(*ast.SelectorExpr)
	if !ok || !c.vars[c.defs[v.Names[0]]] {
		return
	}
	from, _ := leftmost(selector)
	stateful := from != nil && (from.Name == "atomic" ||
		from.Name == "sync" && slices.Contains([]string{"Mutex", "RWMutex", "Once", "Map", "WaitGroup", "Cond"}, selector.Sel.Name))
	if stateful {
		c.found = append(c.found, fmt.Sprintf("%s: the package variable %s is a %s.%s", c.house.place(v.Pos()), v.Names[0].Name, from.Name, selector.Sel.Name))
	}
}

func skippedTests(h *house) []string {
	var found []string
	for _, f := range h.folders {
		for _, s := range f.files {
			ast.Inspect(s.syntax, func(n ast.Node) bool {
				call, ok := n.(*ast.SelectorExpr)
				if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, call.Sel.Name) {
					return true
				}
				if on, ok := call.X.(*ast.Ident); ok && slices.Contains([]string{"t", "b", "f", "tb"}, on.Name) {
					found = append(found, fmt.Sprintf("%s calls %s.%s", h.place(call.Pos()), on.Name, call.Sel.Name))
				}
				return true
			})
		}
	}
	return found
}

func longFiles(h *house) []string {
	var found []string
	for _, f := range h.folders {
		for _, s := range f.files {
			if s.lines > longestFile && !ast.IsGenerated(s.syntax) {
				found = append(found, fmt.Sprintf("%s has %d lines", s.path, s.lines))
			}
		}
	}
	return found
}

func drawers(h *house) []string {
	names := []string{"util", "utils", "common", "helper", "helpers", "models", "base", "types", "misc", "shared"}
	var found []string
	for _, f := range h.folders {
		if slices.Contains(names, path.Base(f.path)) {
			found = append(found, f.path+" is a drawer")
		}
	}
	return found
}

func leftovers(h *house) []string {
	note := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)
	var found []string
	for _, file := range h.texts {
		for i, line := range lines(file.data) {
			if word := note.FindString(line); word != "" {
				found = append(found, fmt.Sprintf("%s:%d says %s", file.path, i+1, word))
			}
		}
	}
	return found
}
