package directory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// pageSize is how many resources are judged at a time.
const pageSize = 100

// Options say what the code is evaluated with.
type Options struct {
	// Variables are set on top of what the roots' own files say, in order.
	Variables []Assignment
	// Environment is the environment as name=value; only TF_VAR_ entries count.
	Environment []string
	// Workspace is the name that terraform.workspace has; "default" when empty.
	Workspace string
}

// Source reads directories of Terraform code.
type Source struct {
	paths   []string
	mapping *terraform.Mapping
	options Options
}

var _ scan.Source = (*Source)(nil)

// New makes a source over directories, each with everything below it, and over
// single files, each of which is evaluated with its directory and yields what
// stands in the file.
func New(paths []string, mapping *terraform.Mapping, options Options) *Source {
	if options.Workspace == "" {
		options.Workspace = "default"
	}
	return &Source{paths: paths, mapping: mapping, options: options}
}

// Detect reports whether a path is Terraform code: a file of it, or a
// directory with such a file in it or below it.
func Detect(name string) bool {
	info, err := os.Stat(name)
	if err != nil {
		return false
	}
	if !info.IsDir() {
		return kindOf(info.Name()) == codeFile
	}
	found := false
	// A folder that cannot be read holds nothing to detect.
	_ = filepath.WalkDir(name, func(at string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil || at != name && entry.IsDir() && skipFolder(entry.Name()):
			return fs.SkipDir
		case !entry.IsDir() && kindOf(entry.Name()) == codeFile:
			found = true
			return fs.SkipAll
		}
		return nil
	})
	return found
}

// PathError is a path without Terraform code.
type PathError struct {
	Path  string
	Cause error
}

func (e *PathError) Error() string {
	return fmt.Sprintf("read Terraform code in %s: %s", e.Path, e.Cause)
}

// Unwrap returns the cause.
func (e *PathError) Unwrap() error { return e.Cause }

// Hint says what to name instead.
func (e *PathError) Hint() string { return "holdfast scan DIR, where DIR holds .tf or .tofu files" }

// List implements scan.Source: one unit per root module. A root is a directory
// that was named or that no other code calls as a module.
func (s *Source) List(ctx context.Context, wants resource.Wants) (*scan.Listing, error) {
	listing := &scan.Listing{PlaceName: "files"}
	selection := s.mapping.Select(wants)
	files := make(map[string]bool)
	declared := make(map[string]bool)
	for _, name := range s.paths {
		found, err := discover(ctx, name)
		if err != nil {
			return nil, &PathError{Path: name, Cause: err}
		}
		listing.Gaps = append(listing.Gaps, found.gaps...)
		maps.Copy(files, found.files)
		for _, root := range found.roots {
			for variable := range root.module.variables {
				declared[variable] = true
			}
			listing.Units = append(listing.Units, s.unit(found, root, selection))
		}
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		listing.Places = append(listing.Places, scan.Place{File: file})
	}
	return listing, s.checkNames(declared)
}

func (s *Source) checkNames(declared map[string]bool) error {
	for _, a := range s.options.Variables {
		if a.File == "" && !declared[a.Name] {
			return &UndeclaredError{Name: a.Name, Declared: slices.Sorted(maps.Keys(declared))}
		}
	}
	return nil
}

func (s *Source) unit(found *discovery, root *root, selection *terraform.Selection) scan.Unit {
	return scan.Unit{
		Place: scan.Place{File: path.Join(root.module.dir, ".")},
		Read: func(ctx context.Context, sink scan.Sink) error {
			return s.read(ctx, found, root, selection, sink)
		},
	}
}

// read evaluates one root and sends what it holds.
func (s *Source) read(ctx context.Context, found *discovery, root *root, selection *terraform.Selection, sink scan.Sink) error {
	if ctx.Err() != nil {
		return sink.Gap(finding.Gap{File: root.module.dir, Reason: finding.GapInterrupted})
	}
	e, gaps := s.evaluation(found, root)
	var objects terraform.Objects
	var owners []*terraform.Object
	newScope(e, root.module).objects(selection, func(o *terraform.Object) {
		objects.Add(o)
		if selection.Owner(o.Type) && (root.only == "" || o.Origin.File == root.only) {
			owners = append(owners, o)
		}
	})
	objects.Incomplete = e.missing
	for _, gap := range append(gaps, e.gaps...) {
		if err := sink.Gap(gap); err != nil {
			return err
		}
	}
	for page := range slices.Chunk(owners, pageSize) {
		if ctx.Err() != nil {
			return sink.Gap(finding.Gap{File: root.module.dir, Reason: finding.GapInterrupted})
		}
		resources := make([]*resource.Resource, len(page))
		for i, o := range page {
			resources[i] = selection.Resource(o, &objects)
		}
		if err := sink.Resources(resources); err != nil {
			return err
		}
	}
	return nil
}

// evaluation prepares a root, with the gaps of everything that it calls.
func (s *Source) evaluation(found *discovery, root *root) (*evaluation, []finding.Gap) {
	values, gaps := s.valuesOf(found.loader.tree, root.module, root.names)
	installed, err := readInstalled(found.loader.tree, root.module.dir)
	if err != nil {
		gaps = append(gaps, finding.Gap{
			File: path.Join(root.module.dir, ".terraform/modules/modules.json"), Reason: finding.GapMalformed, Detail: err.Error(),
		})
	}
	e := &evaluation{
		loader: found.loader, root: root.module, workspace: s.options.Workspace, given: values, installed: installed,
		functions: withFiles(found.functions, found.loader.tree, root.module.dir),
		busy:      make(map[string]bool), told: make(map[string]bool), seen: found.dirs,
	}
	e.looked(root.module)
	return e, gaps
}

var errNothing = errors.New("there is no Terraform code")
