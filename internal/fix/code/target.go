package code

import (
	"bytes"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// A target is a file to be edited, whichever names lead to it.
type target struct {
	name    string   // the first one that a spot had
	path    string   // absolute, links followed
	names   []string // all of them
	content []byte
}

// target returns the file that a spot is in.
func (d *draft) target(name string) (*target, error) {
	if t := d.targets[name]; t != nil {
		return t, nil
	}
	content, err := d.files.Content(name)
	if err != nil {
		return nil, err
	}
	absolute, err := filepath.Abs(name)
	if err != nil {
		return nil, err
	}
	path, err := filepath.EvalSymlinks(absolute)
	if err != nil {
		return nil, err
	}
	t := d.targets[path]
	if t == nil {
		t = &target{name: name, path: path, content: content, names: []string{absolute}}
		d.targets[path] = t
	}
	if !slices.Contains(t.names, name) {
		t.names = append(t.names, name)
	}
	d.targets[name] = t
	return t, nil
}

// headLines is how far into a file a comment counts as standing at its head.
const headLines = 20

var (
	generated = regexp.MustCompile(`(?i)\bcode generated\b.*\bdo not edit\b|\bauto-?generated\b|@generated\b|` +
		`\b(file|code|template|configuration) (is|was|has been) generated\b|^\W*generated (by|from|with|using) `)
	commentMarks = []string{"#", "//", "/*", "*", "<!--"}
)

// upstream says why a file belongs to others; "" when it does not.
func upstream(name, path string, content []byte) string {
	for _, one := range []string{name, path} {
		if strings.Contains("/"+filepath.ToSlash(one), "/.terraform/") {
			return "part of a module that was downloaded, and the next download undoes any change"
		}
	}
	lines := 0
	for line := range bytes.Lines(bytes.TrimPrefix(content, []byte("\ufeff"))) {
		text := strings.TrimSpace(string(line))
		if lines++; lines > headLines || text != "" && !isComment(text) {
			break
		}
		if generated.MatchString(text) {
			return "generated, and the next run of its generator undoes any change"
		}
	}
	return ""
}

func isComment(text string) bool {
	return slices.ContainsFunc(commentMarks, func(mark string) bool { return strings.HasPrefix(text, mark) })
}
