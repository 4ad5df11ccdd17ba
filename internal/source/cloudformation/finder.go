package cloudformation

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

// root is a template that no other one nests.
type root struct {
	file string
	// What a cloud assembly says of the stack.
	parameters map[string]string
	pseudo     map[string]string
	tags       map[string]string
}

// finder turns paths into root templates.
type finder struct {
	disk  disk
	plain []string // templates that no assembly lists
	roots []root
	files []string // every template, nested ones among them
	gaps  []finding.Gap
}

// find looks at every path that was named.
func find(paths []string, disk disk) *finder {
	f := &finder{disk: disk}
	for _, path := range paths {
		f.add(path)
	}
	for _, file := range f.topmost(f.plain) {
		f.take(root{file: file})
	}
	return f
}

// add finds the templates under a path that was named.
func (f *finder) add(path string) {
	path = filepath.Clean(path)
	info, err := os.Stat(path)
	switch {
	case err != nil:
		f.miss(path, err)
	case namesAssembly(path):
		f.assembly(filepath.Dir(path))
	case !info.IsDir():
		f.plain = append(f.plain, path)
	default:
		f.directory(path)
	}
}

// take adds a root template, once, and the files that it nests.
func (f *finder) take(one root) {
	if slices.ContainsFunc(f.roots, func(other root) bool { return other.file == one.file }) {
		return
	}
	f.roots = append(f.roots, one)
	f.count(one.file)
}

// count adds a template and those below it to what coverage counts.
func (f *finder) count(file string) {
	if slices.Contains(f.files, file) {
		return
	}
	f.files = append(f.files, file)
	for _, child := range f.nestedFiles(file) {
		if info, err := os.Stat(child); err == nil && info.Mode().IsRegular() {
			f.count(child)
		}
	}
}

// miss tells of a file that cannot be looked at; it counts as one that was to
// be read.
func (f *finder) miss(file string, err error) {
	f.gaps = append(f.gaps, gapOf(file, err))
	if !slices.Contains(f.files, file) {
		f.files = append(f.files, file)
	}
}

// directory finds the assemblies and templates below a directory.
func (f *finder) directory(path string) {
	before := len(f.plain) + len(f.roots) + len(f.gaps)
	err := walk(path, visitor{
		assembly: func(assembly string) error { f.assembly(assembly); return nil },
		template: func(file string) error { f.plain = append(f.plain, file); return nil },
		trouble:  func(path string, err error) { f.miss(path, err) },
	})
	if err != nil {
		f.miss(path, err)
	}
	if before == len(f.plain)+len(f.roots)+len(f.gaps) {
		f.miss(path, errors.New("there is no template in the directory"))
	}
}

// topmost leaves out the files that others nest: alone they would be judged
// without what they are handed down. Files that only nest one another stay.
func (f *finder) topmost(files []string) []string {
	nested := make(map[string][]string)
	below := make(map[string]bool)
	for _, file := range files {
		nested[file] = f.nestedFiles(file)
		for _, child := range nested[file] {
			below[child] = child != file || below[child]
		}
	}
	var roots []string
	reached := make(map[string]bool)
	for _, pass := range []bool{false, true} {
		for _, file := range files {
			if below[filepath.Clean(file)] == pass && !reached[filepath.Clean(file)] {
				roots = append(roots, file)
				reach(file, nested, reached)
			}
		}
	}
	slices.Sort(roots)
	return roots
}

func reach(file string, nested map[string][]string, reached map[string]bool) {
	file = filepath.Clean(file)
	if reached[file] {
		return
	}
	reached[file] = true
	for _, child := range nested[file] {
		reach(child, nested, reached)
	}
}

// nestedFiles lists the files that a template nests by a relative path. A
// template that cannot be read nests none; reading it later says why.
func (f *finder) nestedFiles(file string) []string {
	data, err := f.disk.read(file)
	if err != nil || !bytes.Contains(data, []byte("AWS::CloudFormation::Stack")) && !bytes.Contains(data, []byte(applicationType)) {
		return nil
	}
	t, err := f.disk.load(file)
	if err != nil {
		return nil
	}
	s := newStack(t, &run{disk: f.disk, load: f.disk.load, report: func(finding.Gap) {}}, "", Value{}, nil)
	var out []string
	for _, one := range s.entries {
		if !nests(one.typ()) {
			continue
		}
		if o := s.object(one); o != nil {
			if child, _ := s.templateFile(o); child != "" {
				out = append(out, filepath.Clean(child))
			}
		}
	}
	return out
}

// assembly finds the stacks of a cloud assembly.
func (f *finder) assembly(path string) {
	stacks, err := f.disk.readAssembly(path, 0)
	for _, one := range stacks {
		f.take(one)
	}
	switch {
	case err != nil:
		f.miss(filepath.Join(path, manifestName), err)
	case len(stacks) == 0:
		f.miss(filepath.Join(path, manifestName), fmt.Errorf("the cloud assembly holds no stack"))
	}
}
