package directory

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/zclconf/go-cty/cty/function"
	"golang.org/x/sync/errgroup"
)

// A discovery is what lies below one path.
type discovery struct {
	loader    *loader
	functions map[string]function.Function // built in
	roots     []*root
	files     map[string]bool // every code file below the path
	dirs      map[string]bool // every folder whose gaps are among these
	gaps      []finding.Gap
	top       string // the folder that was named
	open      bool   // some call has a source that must be evaluated
}

// A root is a root module: it is evaluated on its own.
type root struct {
	module *module
	names  []string        // of the files beside it
	only   map[string]bool // the files that count; nil for all
}

// discover finds the root modules below a path, with other contents in place
// of some files.
func discover(ctx context.Context, name string, overlay map[string][]byte) (*discovery, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	top, only := filepath.Clean(name), ""
	if !info.IsDir() {
		top, only = filepath.Dir(top), filepath.ToSlash(filepath.Clean(name))
	}
	t, err := openTree(top)
	if err != nil {
		return nil, err
	}
	if err := t.lay(overlay); err != nil {
		return nil, err
	}
	d := &discovery{loader: newLoader(t), functions: builtIns(), files: make(map[string]bool), dirs: make(map[string]bool)}
	if only != "" {
		return d, d.single(top, only)
	}
	if err := d.walk(ctx, top); err != nil {
		return nil, err
	}
	return d, nil
}

// single takes the folder of one file as a root.
func (d *discovery) single(dir, file string) error {
	names, err := d.namesIn(dir)
	if err != nil {
		return err
	}
	m, err := d.loader.load(filepath.ToSlash(dir))
	if err != nil {
		return err
	}
	d.files[file] = true
	d.addGaps(m)
	d.roots = []*root{{module: m, names: names}}
	return nil
}

func (d *discovery) namesIn(dir string) ([]string, error) {
	entries, err := d.loader.tree.list(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		if !entry.IsDir() {
			names = append(names, entry.Name())
		}
	}
	return names, nil
}

// walk loads every folder with code and picks the roots among them.
func (d *discovery) walk(ctx context.Context, top string) error {
	names := make(map[string][]string)
	var order []string
	var visit func(dir string) error
	visit = func(dir string) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		entries, err := d.loader.tree.list(dir)
		if err != nil {
			if dir == top {
				return err
			}
			d.gaps = append(d.gaps, finding.Gap{File: filepath.ToSlash(dir), Reason: gapReason(err), Detail: err.Error()})
			return nil
		}
		key := filepath.ToSlash(dir)
		for _, entry := range entries {
			switch below := filepath.Join(dir, entry.Name()); {
			case entry.IsDir() && !skipFolder(entry.Name()):
				if err := visit(below); err != nil {
					return err
				}
			case !entry.IsDir():
				names[key] = append(names[key], entry.Name())
			}
		}
		if len(codeFiles(names[key])) > 0 {
			order = append(order, key)
		}
		return nil
	}
	if err := visit(top); err != nil {
		return err
	}
	if len(order) == 0 {
		return errNothing
	}
	return d.pick(filepath.ToSlash(top), order, names)
}

// pick loads the folders and takes as roots the one that was named and those
// that no module calls.
func (d *discovery) pick(top string, order []string, names map[string][]string) error {
	d.top = top
	modules := make(map[string]*module, len(order))
	called := make(map[string]bool)
	for i, m := range d.loadAll(order, names) {
		dir := order[i]
		modules[dir] = m
		d.addGaps(m)
		for _, call := range m.calls {
			source, ok := literal(call.attribute("source"))
			switch target := path.Join(dir, source); {
			case !ok:
				d.open = true
			case isLocal(source) && target != dir:
				called[target] = true
			}
		}
	}
	for _, dir := range order {
		if dir == top || !called[dir] {
			d.roots = append(d.roots, &root{module: modules[dir], names: names[dir]})
		}
	}
	if len(d.roots) == 0 { // modules that call one another in a circle
		d.roots = append(d.roots, &root{module: modules[order[0]], names: names[order[0]]})
	}
	return nil
}

// loadAll reads folders, several at a time.
func (d *discovery) loadAll(dirs []string, names map[string][]string) []*module {
	modules := make([]*module, len(dirs))
	group := new(errgroup.Group)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, dir := range dirs {
		group.Go(func() error {
			modules[i] = loadModule(d.loader.tree, dir, names[dir])
			d.loader.keep(dir, modules[i])
			return nil
		})
	}
	_ = group.Wait() // what cannot be read is a gap of its module
	return modules
}

func (d *discovery) addGaps(m *module) {
	d.gaps = append(d.gaps, m.gaps...)
	d.dirs[m.dir] = true
	for _, file := range m.files {
		d.files[file] = true
	}
}

func gapReason(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return finding.GapDenied
	}
	return finding.GapFailed
}
