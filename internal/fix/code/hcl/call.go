package hcl

import (
	"cmp"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// argument finds the call of a downloaded module where the default of one of
// its variables decides: the module is not the caller's to change, but what the
// call gives is. Nil when the default does not belong to such a module, or the
// call does too.
func (p *placer) argument(at resource.Origin, f *found) *code.Spot {
	name, isVariable := strings.CutPrefix(f.address, "var.")
	if !isVariable || f.name != "default" || !downloaded(at.File) {
		return nil
	}
	if _, _, detail := f.value.literal(p.want); detail != "" {
		return nil
	}
	modules := modulesOf(at.Address)
	dir := p.want.Resource.Origin.Root
	for i, module := range modules {
		file, in := p.call(dir, module)
		if in == nil {
			return nil
		}
		if i == len(modules)-1 {
			return &code.Spot{
				File: file, Key: inKey(in, name), Line: in.line(), Address: "module." + module, Name: name, Insert: true,
			}
		}
		source, _, _, _ := in.find([]string{"source"})
		if source == nil {
			return nil
		}
		target, ok := source.value.text()
		if !ok || !strings.HasPrefix(target, "./") && !strings.HasPrefix(target, "../") {
			return nil // the next call is part of a downloaded module itself
		}
		dir = path.Join(dir, target)
	}
	return nil
}

// call finds the call of a module in the files of a folder.
func (p *placer) call(dir, name string) (string, body) {
	entries, err := os.ReadDir(filepath.FromSlash(cmp.Or(dir, ".")))
	if err != nil || downloaded(dir+"/") {
		return "", nil // then there is no such place
	}
	for _, entry := range entries {
		file := path.Join(dir, entry.Name())
		if entry.IsDir() || !Handles(file) || isValues(file) {
			continue
		}
		doc, err := documentOf(p.files, file)
		if err != nil {
			continue // the scan has told of it
		}
		if in := doc.call(name); in != nil {
			return file, in
		}
	}
	return "", nil
}

func downloaded(file string) bool {
	return slices.Contains(strings.Split(path.Dir(filepath.ToSlash(file)), "/"), ".terraform")
}

func isValues(file string) bool {
	return strings.HasSuffix(strings.TrimSuffix(file, ".json"), ".tfvars")
}

// modulesOf lists the calls that an address leads through, the outermost first.
func modulesOf(address string) []string {
	parts := splitAddress(address)
	var names []string
	for i := 0; i+1 < len(parts) && parts[i] == "module"; i += 2 {
		name, _, _ := strings.Cut(parts[i+1], "[")
		names = append(names, name)
	}
	return names
}

// nameOf returns the type and the name at the end of an address.
func nameOf(address string) (typ, name string) {
	parts := splitAddress(address)
	if len(parts) < 2 {
		return "", address
	}
	name, _, _ = strings.Cut(parts[len(parts)-1], "[")
	return parts[len(parts)-2], name
}

// splitAddress cuts an address at its dots, those in keys aside.
func splitAddress(address string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(address); i++ {
		switch c := address[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case c == '.' && !quoted:
			parts = append(parts, address[start:i])
			start = i + 1
		}
	}
	return append(parts, address[start:])
}
