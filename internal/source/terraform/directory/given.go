package directory

import (
	"os"
	"path"
	"path/filepath"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// A task is one path to look at, with the files that count: all below a
// directory (none are named), or those that were given of one folder.
type task struct {
	path  string
	files []string
}

// tasks groups the paths: files of one folder are one task, however many they
// are, and files below a directory that is given too are part of that.
func tasks(paths []string) []task {
	var list []task
	var folders []string
	for _, name := range paths {
		if info, err := os.Stat(name); err != nil || info.IsDir() {
			folders = append(folders, filepath.Clean(name))
		}
	}
	of := make(map[string]int)
	for _, name := range paths {
		name = filepath.Clean(name)
		folder := filepath.Dir(name)
		at, known := of[folder]
		switch {
		case within(folders, name, false):
			list = append(list, task{path: name})
		case within(folders, name, true):
		case known:
			list[at].files = append(list[at].files, filepath.ToSlash(name))
		default:
			of[folder] = len(list)
			list = append(list, task{path: name, files: []string{filepath.ToSlash(name)}})
		}
	}
	return list
}

// within reports whether a path is one of the folders, or lies below one.
func within(folders []string, name string, below bool) bool {
	for _, folder := range folders {
		rel, err := filepath.Rel(folder, name)
		if err == nil && (rel == "." && !below || below && filepath.IsLocal(rel)) {
			return true
		}
	}
	return false
}

// restrict keeps of what was found from single files the folders that no other
// of them calls as a module: those are judged where they are called, with what
// they are given there. All the files count for each.
func restrict(found []*discovery, files []string) {
	only := make(map[string]bool, len(files))
	for _, file := range files {
		only[file] = true
	}
	called := make(map[string]bool)
	for _, d := range found {
		for _, root := range d.roots {
			root.only = only
			for _, call := range root.module.calls {
				source, ok := literal(call.attribute("source"))
				if target := path.Join(root.module.dir, source); ok && isLocal(source) && target != root.module.dir {
					called[target] = true
				}
			}
		}
	}
	var kept []*discovery
	for _, d := range found {
		if !called[d.roots[0].module.dir] {
			kept = append(kept, d)
		}
	}
	if len(kept) == 0 {
		return // modules that call one another in a circle
	}
	for _, d := range found {
		if called[d.roots[0].module.dir] {
			for _, k := range kept {
				k.dirs[d.roots[0].module.dir] = true
			}
			d.roots = nil
		}
	}
}

// holds reports whether a resource stands in one of the files that count, or a
// value of it is decided in one.
func (r *root) holds(o *resource.Resource) bool {
	if r.only == nil || r.only[o.Origin.File] {
		return true
	}
	for _, where := range o.Where {
		if r.only[where.File] || where.Defined != nil && r.only[where.Defined.File] {
			return true
		}
	}
	return false
}
