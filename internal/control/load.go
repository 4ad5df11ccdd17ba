package control

import (
	"bytes"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

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
	// typ or control is what the file describes; neither where it is faulty,
	// which faults tell.
	typ     *Type
	control *Control
	faults  []error
}

// readFiles reads the YAML files below a root, several at a time. One that
// cannot be read or parsed is a fault of its own and does not hide its
// neighbours.
func readFiles(root fs.FS, problems *problems) []file {
	var names []string
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
		names = append(names, name)
		return nil
	}
	if err := fs.WalkDir(root, ".", walk); err != nil {
		problems.list = append(problems.list, err)
	}
	return readAll(root, names, problems)
}

// readAll reads files as fast as the machine can: a scan of one file of code
// waits for nothing else.
func readAll(root fs.FS, names []string, all *problems) []file {
	read := make([]struct {
		file   file
		ok     bool
		faults []error
	}, len(names))
	var workers sync.WaitGroup
	for worker := range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := worker; i < len(names); i += runtime.GOMAXPROCS(0) {
				own := &problems{}
				read[i].file, read[i].ok = readFile(root, names[i], own)
				read[i].faults = own.list
				if read[i].ok {
					read[i].file.decode()
				}
			}
		})
	}
	workers.Wait()
	var files []file
	for _, r := range read {
		all.list = append(all.list, r.faults...)
		if r.ok {
			files = append(files, r.file)
		}
	}
	return files
}

// decode reads what the file describes.
func (f *file) decode() {
	own := &problems{}
	var into any
	if f.isType() {
		f.typ = &Type{File: f.name}
		into = f.typ
	} else {
		f.control = &Control{File: f.name}
		into = f.control
	}
	if !own.decode(*f, into) {
		f.typ, f.control = nil, nil
	}
	f.faults = own.list
}

func readFile(root fs.FS, name string, problems *problems) (file, bool) {
	data, err := readLimited(root, name)
	if err != nil {
		problems.list = append(problems.list, fmt.Errorf("read %s: %w", name, err))
		return file{}, false
	}
	return file{name: name, data: data}, true
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

// isType tells a resource type by its field, which stands at the beginning of a
// line unless somebody writes it otherwise than we do.
func (f *file) isType() bool {
	if bytes.HasPrefix(f.data, []byte("type:")) || bytes.Contains(f.data, []byte("\ntype:")) {
		return true
	}
	text := bytes.TrimSpace(f.data)
	unusual := bytes.HasPrefix(text, []byte("{")) || bytes.Contains(text, []byte(`"type"`)) || bytes.Contains(text, []byte("'type'")) ||
		bytes.Contains(text, []byte("type :"))
	return unusual && f.line("type") > 0
}

// plain reports whether every value of the file is what it looks like: no escape,
// no character that cannot be shown, no number with a fraction or an exponent.
// Most files are, and need not be parsed a second time to find those.
func (f *file) plain() bool {
	for i, c := range f.data {
		switch {
		case c == '\\', c < ' ' && c != '\n', c == 0x7f:
			return false
		case c >= utf8.RuneSelf:
			if r, _ := utf8.DecodeRune(f.data[i:]); utf8.RuneStart(c) && !unicode.IsPrint(r) {
				return false
			}
		case (c == '.' || c == 'e' || c == 'E') && f.number(i):
			return false // 7.5, .5, .inf and 7e1
		}
	}
	return true
}

// number reports whether what stands before a place is nothing, or digits, of a
// value of its own.
func (f *file) number(at int) bool {
	from := at
	for from > 0 && f.data[from-1] >= '0' && f.data[from-1] <= '9' {
		from--
	}
	if from == at && f.data[at] != '.' {
		return false
	}
	if from > 0 && (f.data[from-1] == '-' || f.data[from-1] == '+') {
		from--
	}
	return from == 0 || strings.IndexByte(" \n[{,:", f.data[from-1]) >= 0
}

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

// tree is the document's top, nil when the file is empty or is no YAML. It is
// parsed when somebody asks for it: to name the line of a fault.
func (f *file) tree() *yaml.Node {
	if f.root.Kind == 0 && yaml.Unmarshal(f.data, &f.root) != nil {
		return nil // which is a fault that decoding reports
	}
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

// values reports values that are not what they look like.
func (p *problems) values(f file) {
	if !f.plain() {
		p.fractions(f)
		p.hidden(f)
	}
}

func (c *Catalogue) addType(f file, problems *problems) {
	problems.list = append(problems.list, f.faults...)
	typ := f.typ
	if typ == nil {
		return
	}
	problems.values(f)
	if c.Types[typ.Name] != nil {
		problems.add(f, "type", "%s is already described in %s", typ.Name, c.Types[typ.Name].File)
		return
	}
	typ.check(func(field, format string, args ...any) { problems.add(f, field, format, args...) })
	c.Types[typ.Name] = typ
}

func (c *Catalogue) addControl(f file, custom bool, problems *problems) {
	problems.list = append(problems.list, f.faults...)
	control := f.control
	if control == nil {
		return
	}
	control.Custom = custom
	control.source = &file{name: f.name, data: f.data}
	problems.values(f)
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
