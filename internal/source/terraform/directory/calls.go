package directory

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// A loader reads each folder once, however many modules call it. It is safe
// for use by many goroutines at once.
type loader struct {
	tree    *tree
	mu      sync.Mutex
	modules map[string]*loading
}

type loading struct {
	once   sync.Once
	module *module
	err    error
}

func newLoader(t *tree) *loader { return &loader{tree: t, modules: make(map[string]*loading)} }

// load returns the module of a folder, which has at least one file.
func (l *loader) load(dir string) (*module, error) {
	l.mu.Lock()
	one := l.modules[dir]
	if one == nil {
		one = &loading{}
		l.modules[dir] = one
	}
	l.mu.Unlock()
	one.once.Do(func() { one.module, one.err = l.read(dir) })
	return one.module, one.err
}

// keep stores a module that was read elsewhere.
func (l *loader) keep(dir string, m *module) {
	one := &loading{module: m}
	one.once.Do(func() {})
	l.mu.Lock()
	l.modules[dir] = one
	l.mu.Unlock()
}

func (l *loader) read(dir string) (*module, error) {
	entries, err := l.tree.list(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	if len(codeFiles(names)) == 0 {
		return nil, errNoCode
	}
	return loadModule(l.tree, dir, names), nil
}

var errNoCode = errors.New("there is no Terraform code")

func isLocal(source string) bool {
	return strings.HasPrefix(source, "./") || strings.HasPrefix(source, "../") || source == "." || source == ".."
}

// target returns the module that a call goes to, or why it is not there.
func (s *scope) target(call *block) (*module, string, error) {
	attribute := call.attribute("source")
	if attribute == nil {
		return nil, "", errors.New("it names no source")
	}
	source, err := s.sourceOf(attribute)
	if err != nil {
		return nil, "", err
	}
	dir := path.Join(s.module.dir, source)
	if !isLocal(source) {
		at, ok := s.installed[joinPath(s.path, call.name())]
		if !ok {
			return nil, source, errors.New("it has not been downloaded")
		}
		dir = path.Join(s.root.dir, filepath.ToSlash(at))
		if !s.loader.tree.inside(dir) {
			return nil, source, errLink
		}
	}
	depth := 0
	for up := s; up != nil; up = up.parent {
		if depth++; up.module.dir == dir || depth > maxModuleDepth {
			return nil, source, errCircle
		}
	}
	m, err := s.loader.load(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, source, fmt.Errorf("the folder %s does not exist", dir)
	case err != nil:
		return nil, source, fmt.Errorf("%s: %w", dir, err)
	}
	return m, source, nil
}

var errCircle = errors.New("the module calls itself")

func (s *scope) sourceOf(a *hcl.Attribute) (string, error) {
	if source, ok := constant(a.Expr); ok {
		return source, nil
	}
	v := toValue(s.value(a.Expr, nil)) // OpenTofu allows variables here
	if source, ok := v.Text(); ok {
		return source, nil
	}
	if missing := v.Missing(); missing != nil {
		return "", fmt.Errorf("its source is not known: %s", missing.Detail)
	}
	return "", errors.New("its source is no text")
}

func joinPath(parent, name string) string {
	if parent == "" {
		return name
	}
	return parent + "." + name
}

// fieldNames are the names behind a dot anywhere in the root and the modules
// below it: what somebody may ask a resource for that is passed on whole.
func (e *evaluation) fieldNames() map[string]bool {
	if e.fields == nil {
		e.fields = make(map[string]bool)
		e.collectFields(e.root, "", make(map[string]bool))
	}
	return e.fields
}

func (e *evaluation) collectFields(m *module, under string, seen map[string]bool) {
	key := m.dir
	if len(e.installed) > 0 {
		key = under // what a source leads to depends on the way there
	}
	if seen[key] || strings.Count(under, ".") > maxModuleDepth {
		return
	}
	seen[key] = true
	for name := range m.fields() {
		e.fields[name] = true
	}
	for _, call := range m.calls {
		source, _ := literal(call.attribute("source"))
		dir := path.Join(m.dir, source)
		if at, ok := e.installed[joinPath(under, call.name())]; ok && !isLocal(source) {
			dir = path.Join(e.root.dir, filepath.ToSlash(at))
		}
		// A module that is not there is told of where it is called.
		if called, err := e.loader.load(dir); err == nil {
			e.collectFields(called, joinPath(under, call.name()), seen)
		}
	}
}

// maxModuleDepth bounds how deep modules are followed. Terraform's own limit
// is the length of file names.
const maxModuleDepth = 64

// child returns the scope of one instance of a call, or nil when its module is
// not there, which is a gap.
func (s *scope) child(call *block, i *instance) *scope {
	if i.child != nil || i.failed {
		return i.child
	}
	m, source, err := s.target(call)
	if err != nil {
		i.failed = true
		s.callGap(call, source, err)
		return nil
	}
	s.looked(m)
	child := newScope(s.evaluation, m)
	child.parent, child.call, child.key = s, call, i
	child.address = s.named("module."+call.name()) + i.key
	child.path = joinPath(s.path, call.name())
	child.remarks = s.remarksOn(call)
	child.uncertain = s.uncertain
	if x := s.expand(call); x.open != nil {
		missing := missingOf(x.open)
		child.uncertain = &missing
	}
	i.child = child
	return child
}

// looked reports what is wrong with a module that is about to be evaluated.
func (e *evaluation) looked(m *module) {
	if !e.seen[m.dir] {
		for _, gap := range m.gaps {
			e.gap(gap)
		}
	}
	if m.broken && e.missing == nil {
		e.missing = &resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: "a file in " + cmp.Or(m.dir, ".") + " could not be read and may hold more",
		}
	}
}

func (s *scope) callGap(call *block, source string, err error) {
	name := s.named("module." + call.name())
	what := "the module"
	if source != "" {
		what = fmt.Sprintf("source %q", source)
	}
	gap := finding.Gap{
		File: call.start.Filename, Resource: name, Reason: finding.GapFailed,
		Detail: fmt.Sprintf("line %d: %s is not judged: %s", call.start.Start.Line, what, err),
	}
	switch {
	case errors.Is(err, errCircle):
		gap.Reason = finding.GapMalformed
	case source != "" && !isLocal(source):
		gap.Try = "terraform -chdir=" + cmp.Or(s.root.dir, ".") + " init -backend=false"
	}
	s.gap(gap)
	if s.missing == nil {
		s.missing = &resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: name + " from " + source,
			Detail: name + " is not here and may hold more",
		}
	}
}

// readInstalled returns the folders of the modules that Terraform downloaded
// for a root, by the names of the calls. Nil when it downloaded none.
func readInstalled(t *tree, dir string) (map[string]string, error) {
	file := filepath.Join(dir, ".terraform", "modules", "modules.json")
	data, err := t.read(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var manifest struct{ Modules []struct{ Key, Dir string } }
	if err := json.Unmarshal(data, &manifest); err != nil {
		return nil, err
	}
	dirs := make(map[string]string, len(manifest.Modules))
	for _, m := range manifest.Modules {
		if filepath.IsAbs(m.Dir) {
			continue
		}
		dirs[m.Key] = m.Dir
	}
	return dirs, nil
}

func sortEntries(entries []fs.DirEntry) {
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
}

// relative writes a folder as Terraform shows it to code: from the root module.
func relative(root, dir string) string {
	rel, err := filepath.Rel(filepath.FromSlash(root), filepath.FromSlash(dir))
	if err != nil {
		return dir
	}
	return filepath.ToSlash(rel)
}
