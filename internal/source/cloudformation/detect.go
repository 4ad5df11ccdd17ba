package cloudformation

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// detectBytes is how much of a file is looked at to tell what it is.
const detectBytes = 1 << 20

// errFound ends a walk.
var errFound = errors.New("found")

// Detect reports whether a path is a template, a cloud assembly (cdk.out), or a
// directory with one of them somewhere below. A template with a syntax error is
// still one. It reads no more than the first megabyte of each candidate.
func Detect(path string) bool {
	info, err := os.Stat(path)
	if err != nil {
		return false
	}
	if !info.IsDir() {
		return info.Mode().IsRegular() && candidate(path) && (namesAssembly(path) || isTemplate(path))
	}
	err = walk(path, visitor{
		assembly: func(string) error { return errFound },
		template: func(string) error { return errFound },
		trouble:  func(string, error) {},
	})
	return errors.Is(err, errFound)
}

// isTemplate reports whether a file can be read and looks like a template.
func isTemplate(file string) bool {
	is, err := looksLikeTemplate(file)
	return is && err == nil
}

// namesAssembly reports whether a file is the manifest of a cloud assembly.
func namesAssembly(file string) bool {
	return filepath.Base(file) == manifestName && isAssembly(filepath.Dir(file))
}

// candidate reports whether a file is named as templates are.
func candidate(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".yaml", ".yml", ".json", ".template", ".cfn", ".cform", ".cf":
		return true
	default:
		return false
	}
}

var (
	versionKey   = regexp.MustCompile(`(?m)^["']?AWSTemplateFormatVersion["']?[ \t]*:`)
	resourcesKey = regexp.MustCompile(`(?m)^["']?Resources["']?[ \t]*:`)
	jsonVersion  = regexp.MustCompile(`[{,]\s*"AWSTemplateFormatVersion"\s*:`)
	jsonResource = regexp.MustCompile(`[{,]\s*"Resources"\s*:\s*\{`)
	typeOf       = regexp.MustCompile(`["']?Type["']?[ \t]*:[ \t]*["']?(?:AWS|Alexa|Custom)::`)
)

// looksLikeTemplate tells by what stands in the text, so that a syntax error
// hides nothing.
func looksLikeTemplate(file string) (bool, error) {
	head, err := readHead(file)
	if err != nil {
		return false, err
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	if bytes.HasPrefix(text, []byte("{")) {
		return jsonVersion.Match(text) || jsonResource.Match(text) && typeOf.Match(text), nil
	}
	return versionKey.Match(text) || resourcesKey.Match(text) && typeOf.Match(text), nil
}

func readHead(file string) ([]byte, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	return io.ReadAll(io.LimitReader(opened, detectBytes))
}

// visitor is told what a walk finds.
type visitor struct {
	assembly, template func(path string) error
	trouble            func(path string, err error)
}

// walk visits the assemblies and the templates below a directory, in
// alphabetical order. Hidden directories and what package managers keep are
// left out, and so are links: what they lead to inside the directory is visited
// where it lies. Links that lead out and what cannot be read are trouble.
func walk(root string, v visitor) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			v.trouble(path, err)
			return nil
		case entry.IsDir():
			return v.directory(root, path, entry.Name())
		case !candidate(path):
			return nil
		case entry.Type()&fs.ModeSymlink != 0 && within(root, path), !entry.Type().IsRegular() && entry.Type()&fs.ModeSymlink == 0:
			return nil
		}
		is, err := looksLikeTemplate(path)
		switch linked := entry.Type()&fs.ModeSymlink != 0; {
		case linked && errors.Is(err, fs.ErrNotExist):
		case err != nil:
			v.trouble(path, err)
		case is && linked:
			v.trouble(path, errors.New("it is a link that leads out of the directory, and is not followed"))
		case is:
			return v.template(path)
		}
		return nil
	})
}

func (v visitor) directory(root, path, name string) error {
	if path != root && (strings.HasPrefix(name, ".") || name == "node_modules") {
		return fs.SkipDir
	}
	if !isAssembly(path) {
		return nil
	}
	if err := v.assembly(path); err != nil {
		return err
	}
	return fs.SkipDir
}

// within reports whether a link leads to something inside a directory.
func within(root, link string) bool {
	inside, err := filepath.EvalSymlinks(root)
	if err != nil {
		return false
	}
	to, err := filepath.EvalSymlinks(link)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(inside, to)
	return err == nil && filepath.IsLocal(rel)
}
