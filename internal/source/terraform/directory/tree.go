package directory

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// maxFile bounds one file. The largest hand-written one seen is under 1 MB.
const maxFile = 8 << 20

// A tree is what may be read: everything below one folder, and folders beside
// it that code names with a relative path. Links lead nowhere else.
type tree struct {
	base    string            // absolute
	overlay map[string][]byte // contents that stand in place of files, by absolute path
}

var errLink = errors.New("a link leads out of the tree")

// openTree opens the tree that a path belongs to: the repository around it, or
// the path itself where there is none.
func openTree(dir string) (*tree, error) {
	absolute, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	base := absolute
	for at := absolute; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			base = at
			break
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return &tree{base: base}, nil
}

// lay puts contents in place of files.
func (t *tree) lay(overlay map[string][]byte) error {
	t.overlay = make(map[string][]byte, len(overlay))
	for name, data := range overlay {
		absolute, err := filepath.Abs(name)
		if err != nil {
			return err
		}
		t.overlay[absolute] = data
	}
	return nil
}

// laid returns what stands in place of a file.
func (t *tree) laid(name string) ([]byte, bool) {
	if len(t.overlay) == 0 {
		return nil, false
	}
	absolute, err := filepath.Abs(name)
	if err != nil {
		return nil, false
	}
	data, ok := t.overlay[absolute]
	return data, ok
}

// within opens the folder that a path is read from, and returns the path from
// there: the tree, or for a folder beside it that code names, the one around
// the path.
func (t *tree) within(name string) (root *os.Root, rel string, err error) {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return nil, "", err
	}
	base := t.base
	rel, err = filepath.Rel(base, absolute)
	if err != nil || !filepath.IsLocal(rel) {
		base, rel = filepath.Dir(absolute), filepath.Base(absolute)
	}
	root, err = os.OpenRoot(base)
	return root, rel, err
}

// inside reports whether a path lies in the tree, links aside.
func (t *tree) inside(name string) bool {
	absolute, err := filepath.Abs(name)
	if err != nil {
		return false
	}
	rel, err := filepath.Rel(t.base, absolute)
	return err == nil && filepath.IsLocal(rel)
}

// read returns a regular file that is not too large.
func (t *tree) read(name string) ([]byte, error) {
	if data, ok := t.laid(name); ok {
		return data, nil
	}
	root, rel, err := t.within(name)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	info, err := root.Stat(rel)
	switch {
	case err != nil:
		return nil, linkError(root, rel, err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no regular file", name)
	case info.Size() > maxFile:
		return nil, fmt.Errorf("%s is larger than %d MB", name, maxFile>>20)
	}
	file, err := root.Open(rel)
	if err != nil {
		return nil, linkError(root, rel, err)
	}
	data := make([]byte, info.Size())
	n, err := io.ReadFull(file, data)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // it was cut while it was read
	}
	return data[:n], errors.Join(err, file.Close())
}

// linkError tells a link that leads out of the tree from other faults.
func linkError(root *os.Root, rel string, err error) error {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return err
	}
	if info, statErr := root.Lstat(rel); statErr == nil && info.Mode()&fs.ModeSymlink != 0 {
		return errLink
	}
	return err
}

// list returns the entries of a folder in alphabetical order.
func (t *tree) list(dir string) ([]fs.DirEntry, error) {
	root, rel, err := t.within(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	file, err := root.Open(rel)
	if err != nil {
		return nil, linkError(root, rel, err)
	}
	defer file.Close()
	entries, err := file.ReadDir(-1)
	if err != nil {
		return nil, err
	}
	sortEntries(entries)
	return entries, nil
}

// kind tells what a file is to Terraform, from its name.
type kind int

const (
	notCode   kind = iota
	codeFile       // .tf, .tf.json, .tofu, .tofu.json
	valueFile      // terraform.tfvars, *.auto.tfvars, with or without .json
)

func kindOf(name string) kind {
	switch {
	case strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || strings.HasPrefix(name, "#"):
		return notCode // hidden, or left by an editor
	case hasAnySuffix(name, ".tf", ".tf.json", ".tofu", ".tofu.json"):
		return codeFile
	case name == "terraform.tfvars" || name == "terraform.tfvars.json" || hasAnySuffix(name, ".auto.tfvars", ".auto.tfvars.json"):
		return valueFile
	default:
		return notCode
	}
}

func hasAnySuffix(name string, suffixes ...string) bool {
	for _, suffix := range suffixes {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

// codeFiles picks the files of a folder that make up its module, plain ones
// before overrides. A .tofu file stands in for the .tf file beside it.
func codeFiles(names []string) []string {
	tofu := make(map[string]bool)
	for _, name := range names {
		if stem, ok := strings.CutSuffix(name, ".tofu"); ok {
			tofu[stem+".tf"] = true
		}
		if stem, ok := strings.CutSuffix(name, ".tofu.json"); ok {
			tofu[stem+".tf.json"] = true
		}
	}
	var plain, overrides []string
	for _, name := range names {
		switch {
		case kindOf(name) != codeFile || tofu[name]:
		case isOverride(name):
			overrides = append(overrides, name)
		default:
			plain = append(plain, name)
		}
	}
	return append(plain, overrides...)
}

func isOverride(name string) bool {
	stem := strings.TrimSuffix(name, ".json")
	stem = strings.TrimSuffix(stem, path.Ext(stem))
	return stem == "override" || strings.HasSuffix(stem, "_override")
}

// skipFolder tells folders that hold no code of the reader's own: what
// Terraform downloaded, version control, and other hidden ones.
func skipFolder(name string) bool {
	return strings.HasPrefix(name, ".") && name != "." && name != ".."
}
