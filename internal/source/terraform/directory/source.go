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
	// Overlay holds contents that stand in place of files, by their paths, as
	// origins name them or absolute. It adds no files.
	Overlay map[string][]byte
}

// Source reads directories of Terraform code.
type Source struct {
	paths   []string
	mapping *terraform.Mapping
	options Options
}

var _ scan.Source = (*Source)(nil)

// New makes a source over directories, each with everything below it, and over
// single files. Those of one folder are evaluated with that folder, once, and
// yield what stands in them or is decided in them. A folder that another given
// file calls as a module is judged there.
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
	found, err := s.discover(ctx, files)
	if err != nil {
		return nil, err
	}
	for _, d := range found {
		listing.Gaps = append(listing.Gaps, d.gaps...)
		maps.Copy(files, d.files)
		for _, root := range s.uncalled(d) {
			for variable := range root.module.variables {
				declared[variable] = true
			}
			listing.Units = append(listing.Units, s.unit(d, root, selection))
		}
	}
	for _, file := range slices.Sorted(maps.Keys(files)) {
		listing.Places = append(listing.Places, scan.Place{File: file})
	}
	return listing, s.checkNames(declared)
}

// discover looks at every path once, and at files of one folder together.
func (s *Source) discover(ctx context.Context, files map[string]bool) ([]*discovery, error) {
	var found, single []*discovery
	var given []string
	for _, task := range tasks(s.paths) {
		d, err := discover(ctx, task.path, s.options.Overlay)
		if err != nil {
			return nil, &PathError{Path: task.path, Cause: err}
		}
		found = append(found, d)
		if task.files == nil {
			continue
		}
		single, given = append(single, d), append(given, task.files...)
		for _, file := range task.files {
			files[file] = true
		}
	}
	restrict(single, given)
	return found, nil
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
		if selection.Owner(o.Type) {
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
		resources := make([]*resource.Resource, 0, len(page))
		for _, o := range page {
			if r := selection.Resource(o, &objects); root.holds(r) {
				resources = append(resources, r)
			}
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
	steps := work{total: maxTotalWork}
	e := &evaluation{
		steps:  &steps,
		loader: found.loader, root: root.module, workspace: s.options.Workspace, given: values, installed: installed,
		functions: withFiles(found.functions, found.loader.tree, root.module.dir, &steps),
		busy:      make(map[string]bool), told: make(map[string]bool), seen: found.dirs,
		inFile: make(map[string][]resource.Remark),
	}
	e.looked(root.module)
	return e, gaps
}

var errNothing = errors.New("there is no Terraform code")
