package control

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// maxFileSize bounds a control or type file. The largest of ours is under 20 kB.
const maxFileSize = 1 << 20

// Catalogue is a set of resource types and of the controls over them.
type Catalogue struct {
	Types    map[string]*Type
	Controls []*Control // sorted by id, numbers in number order
}

// Load reads every .yaml file below the roots. A file with "type:" describes a
// resource type, any other file a control named after it. All faults are
// reported at once, each with file, line and field as far as they are known.
func Load(roots ...fs.FS) (*Catalogue, error) {
	return load(&Catalogue{Types: map[string]*Type{}}, false, roots...)
}

// Extend reads a user's own controls on top of a catalogue and returns both.
// A control or type that is already there is refused.
func (c *Catalogue) Extend(root fs.FS) (*Catalogue, error) {
	base := &Catalogue{Types: maps.Clone(c.Types), Controls: slices.Clone(c.Controls)}
	return load(base, true, root)
}

func load(into *Catalogue, custom bool, roots ...fs.FS) (*Catalogue, error) {
	problems := &problems{}
	var files []file
	for _, root := range roots {
		files = append(files, readFiles(root, problems)...)
	}
	// Types first: a control refers to its type, which may stand in any file.
	for _, f := range files {
		if f.isType() {
			into.addType(f, problems)
		}
	}
	for _, f := range files {
		if !f.isType() {
			into.addControl(f, custom, problems)
		}
	}
	slices.SortFunc(into.Controls, func(a, b *Control) int { return CompareIDs(a.ID, b.ID) })
	return into, problems.err()
}

type file struct {
	name string
	data []byte
	root yaml.Node
}

// readFiles reads the YAML files below a root. One that cannot be read or
// parsed is a fault of its own and does not hide its neighbours.
func readFiles(root fs.FS, problems *problems) []file {
	var files []file
	walk := func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			problems.list = append(problems.list, fmt.Errorf("read %s: %w", name, err))
			return nil
		}
		if entry.IsDir() && entry.Name() == "testdata" {
			return fs.SkipDir
		}
		if entry.IsDir() || path.Ext(name) != ".yaml" && path.Ext(name) != ".yml" {
			return nil
		}
		if f, ok := readFile(root, name, problems); ok {
			files = append(files, f)
		}
		return nil
	}
	if err := fs.WalkDir(root, ".", walk); err != nil {
		problems.list = append(problems.list, err)
	}
	return files
}

func readFile(root fs.FS, name string, problems *problems) (file, bool) {
	data, err := readLimited(root, name)
	if err != nil {
		problems.list = append(problems.list, fmt.Errorf("read %s: %w", name, err))
		return file{}, false
	}
	f := file{name: name, data: data}
	if err := yaml.Unmarshal(data, &f.root); err != nil {
		problems.yaml(f, err)
		return file{}, false
	}
	return f, true
}

func readLimited(root fs.FS, name string) ([]byte, error) {
	opened, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	data, err := io.ReadAll(io.LimitReader(opened, maxFileSize+1))
	if err == nil && len(data) > maxFileSize {
		err = fmt.Errorf("the file is larger than %d bytes", maxFileSize)
	}
	return data, err
}

func (f *file) isType() bool { return f.line("type") > 0 }

// line finds the line of a field such as "cases[one day].given.X" or
// "notes[0].when", as near as the file allows; 0 when even its first part is
// missing.
func (f *file) line(field string) int {
	node, found := f.tree(), 0
	for _, part := range strings.FieldsFunc(field, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		next := child(node, part)
		if next == nil {
			return found
		}
		node, found = next, next.Line
	}
	return found
}

// tree is the document's top, nil when the file is empty.
func (f *file) tree() *yaml.Node {
	if len(f.root.Content) == 0 {
		return nil
	}
	return f.root.Content[0]
}

func child(node *yaml.Node, name string) *yaml.Node {
	if node == nil {
		return nil
	}
	if node.Kind == yaml.SequenceNode {
		for _, item := range node.Content {
			if n := child(item, "name"); n != nil && n.Value == name {
				return item
			}
		}
		if i, err := strconv.Atoi(name); err == nil && i >= 0 && i < len(node.Content) {
			return node.Content[i]
		}
		return nil
	}
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	return nil
}

func (c *Catalogue) addType(f file, problems *problems) {
	typ := &Type{File: f.name}
	if !problems.decode(f, typ) {
		return
	}
	problems.fractions(f)
	problems.hidden(f)
	if c.Types[typ.Name] != nil {
		problems.add(f, "type", "%s is already described in %s", typ.Name, c.Types[typ.Name].File)
		return
	}
	typ.check(func(field, format string, args ...any) { problems.add(f, field, format, args...) })
	c.Types[typ.Name] = typ
}

func (c *Catalogue) addControl(f file, custom bool, problems *problems) {
	control := &Control{File: f.name, Custom: custom}
	if !problems.decode(f, control) {
		return
	}
	control.source = &file{name: f.name, root: f.root}
	problems.fractions(f)
	problems.hidden(f)
	base := strings.TrimSuffix(path.Base(f.name), path.Ext(f.name))
	if control.ID != base {
		problems.add(f, "id", "%q must be the file's name, %q", control.ID, base)
	}
	if other := c.Find(control.ID); other != nil {
		problems.add(f, "id", "%s is already defined in %s", control.ID, other.File)
		return
	}
	control.check(c.Types, func(field, format string, args ...any) { problems.add(f, field, format, args...) })
	c.Controls = append(c.Controls, control)
}
