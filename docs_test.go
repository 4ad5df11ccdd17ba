package holdfast_test

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

func docsRules() []rule {
	return []rule{{
		name: "every package says what it is",
		why: "doc.go is where a newcomer starts: what the package is, its nouns and what it must not do, beginning with " +
			"its name.",
		broken: undocumented,
	}}
}

func undocumented(h *house) []string {
	var found []string
	for _, f := range h.folders {
		if !slices.ContainsFunc(f.files, func(s *source) bool { return !s.test }) {
			continue // a folder of tests alone has no package to describe
		}
		want := "Package " + f.name + " "
		if f.name == "main" {
			want = "Command " + path.Base(f.path) + " "
		}
		i := slices.IndexFunc(f.files, func(s *source) bool { return path.Base(s.path) == "doc.go" })
		switch {
		case i < 0:
			found = append(found, f.path+" has no doc.go")
		case !strings.HasPrefix(strings.ReplaceAll(f.files[i].syntax.Doc.Text(), "\n", " "), want):
			found = append(found, fmt.Sprintf("%s does not begin with %q", f.files[i].path, want))
		}
	}
	return found
}

func lines(data []byte) []string { return strings.Split(string(data), "\n") }
