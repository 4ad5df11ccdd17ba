package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/snapshot"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
	"github.com/spf13/pflag"
)

// code holds the flags of a scan of files.
type code struct {
	as         string
	variables  []string
	varFiles   []string
	paramFiles []string
	params     []string
	// overlay holds contents that stand in place of files.
	overlay map[string][]byte
}

func (c *code) addFlags(flags *pflag.FlagSet) {
	var names []string
	for _, kind := range kinds() {
		names = append(names, kind.name)
	}
	flags.StringVar(&c.as, "as", "", "kind of PATH, when it cannot be told: "+strings.Join(names, ", "))
	flags.StringArrayVar(&c.variables, "var", nil, "Terraform variable, as name=value")
	flags.StringArrayVar(&c.varFiles, "var-file", nil, "file with Terraform variables")
	flags.StringArrayVar(&c.params, "template-param", nil, "CloudFormation parameter, as Name=value; also AWS::Region=eu-west-1")
	flags.StringArrayVar(&c.paramFiles, "param-file", nil, "file with CloudFormation parameters")
}

// kind is one sort of file that can be judged.
type kind struct {
	name   string
	is     func(path string) (bool, error)
	source func(app *App, c *code, catalogue *control.Catalogue, paths []string) (scan.Source, error)
}

// kinds lists the sorts of file in the order in which they are tried: those
// that say what they are first. A directory may be of several.
func kinds() []kind {
	return []kind{
		{"snapshot", snapshot.Detect, func(_ *App, _ *code, _ *control.Catalogue, paths []string) (scan.Source, error) {
			return snapshot.New(paths), nil
		}},
		{"plan", isPlan, (*App).planSource},
		{"terraform", sure(directory.Detect), (*App).directorySource},
		{"cloudformation", sure(cloudformation.Detect), (*App).templateSource},
	}
}

func sure(detect func(string) bool) func(string) (bool, error) {
	return func(path string) (bool, error) { return detect(path), nil }
}

func isPlan(path string) (bool, error) {
	found, err := planfile.Detect(path)
	return found != "", err
}

// sourceOf finds out what the paths are and returns what reads them.
func (app *App) sourceOf(c *code, catalogue *control.Catalogue, names []string) (scan.Source, error) {
	found, err := app.codeSources(c, catalogue, names)
	if err != nil {
		return nil, err
	}
	sources := make([]scan.Source, len(found))
	for i, one := range found {
		sources[i] = one.source
	}
	return scan.Join(sources...), nil
}

// coded is a source of files of one kind.
type coded struct {
	kind   string
	source scan.Source
}

// codeSources finds out what the paths are and returns what reads those of each
// kind.
func (app *App) codeSources(c *code, catalogue *control.Catalogue, names []string) ([]coded, error) {
	all := kinds()
	paths := make([][]string, len(all))
	for _, name := range names {
		chosen, err := app.kindsOf(c, all, name)
		if err != nil {
			return nil, err
		}
		for _, i := range chosen {
			paths[i] = append(paths[i], app.shown(name))
		}
	}
	if err := app.checkGiven(c, all, paths); err != nil {
		return nil, err
	}
	var sources []coded
	for i, kind := range all {
		if len(paths[i]) == 0 {
			continue
		}
		source, err := kind.source(app, c, catalogue, paths[i])
		if err != nil {
			return nil, err
		}
		sources = append(sources, coded{kind.name, source})
	}
	return sources, nil
}

// values are the flags that give values to code of one kind.
type values struct {
	one, file string // the flags
	single    []string
	files     []string
}

// checkGiven refuses values that no code at the paths could take, and files of
// values that are not there: what is judged would not be what was meant.
func (app *App) checkGiven(c *code, all []kind, paths [][]string) error {
	given := map[string]values{
		"terraform":      {one: "--var", file: "--var-file", single: c.variables, files: c.varFiles},
		"cloudformation": {one: "--template-param", file: "--param-file", single: c.params, files: c.paramFiles},
	}
	for i, kind := range all {
		v := given[kind.name]
		flag := v.file
		if len(v.single) > 0 {
			flag = v.one
		}
		if len(v.single)+len(v.files) > 0 && len(paths[i]) == 0 {
			return usage("holdfast scan --help", "%s gives values to %s code, and no PATH is such code", flag, kind.name)
		}
		for _, file := range v.files {
			if _, err := os.Stat(app.path(file)); errors.Is(err, fs.ErrNotExist) {
				return app.noFile(v.file, file, paths[i])
			}
		}
	}
	return nil
}

// noFile says that a file of values is not there, and where one of its name is.
func (app *App) noFile(flag, file string, paths []string) error {
	try := "holdfast scan " + flag + " FILE PATH"
	for _, path := range paths {
		beside := filepath.Join(path, file)
		if _, err := os.Stat(app.path(beside)); err == nil && !filepath.IsAbs(file) {
			try = "holdfast scan " + flag + " " + quoted(beside) + " " + quoted(path)
		}
	}
	return usage(try, "%s: %s does not exist here", flag, file)
}

// shown keeps a path as it was typed where that leads to the same file, so that
// reports name it as people do.
func (app *App) shown(name string) string {
	if directory, err := os.Getwd(); err == nil && directory == app.Dir {
		return filepath.Clean(name)
	}
	return app.path(name)
}

// kindsOf tells which kinds a path is of.
func (app *App) kindsOf(c *code, all []kind, name string) ([]int, error) {
	info, err := os.Stat(app.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, usage("holdfast scan PATH, or holdfast scan alone for the account", "%s does not exist", name)
	}
	if err != nil {
		return nil, err
	}
	if c.as != "" {
		i := slices.IndexFunc(all, func(k kind) bool { return k.name == c.as })
		return []int{i}, nil
	}
	var found []int
	for i, kind := range all {
		if info.IsDir() && (kind.name == "snapshot" || kind.name == "plan") {
			continue
		}
		is, err := kind.is(app.path(name))
		if err != nil {
			return nil, fmt.Errorf("look at %s: %w", name, err)
		}
		if is {
			found = append(found, i)
		}
		if is && !info.IsDir() {
			break
		}
	}
	if len(found) == 0 {
		return nil, usage("holdfast scan --as terraform "+name, "%s is no Terraform, plan, state, CloudFormation template, cdk.out or snapshot that can be recognised", name)
	}
	return found, nil
}

// checkKind refuses a kind that is none, before anything is opened.
func checkKind(c *code, paths []string) error {
	switch {
	case c.as == "":
		return nil
	case !slices.ContainsFunc(kinds(), func(k kind) bool { return k.name == c.as }):
		return usage("holdfast scan --as terraform PATH", "--as: %q is no kind of file that can be read", c.as)
	case len(paths) == 0:
		return usage("holdfast scan --as "+c.as+" PATH", "--as says what a PATH is, and there is none")
	default:
		return nil
	}
}

func (app *App) mapping(catalogue *control.Catalogue) *terraform.Mapping {
	return terraform.NewMapping(catalogue.Types, app.Parts.TerraformJoiners)
}

func (app *App) planSource(_ *code, catalogue *control.Catalogue, paths []string) (scan.Source, error) {
	return planfile.New(paths, app.mapping(catalogue)), nil
}

func (app *App) directorySource(c *code, catalogue *control.Catalogue, paths []string) (scan.Source, error) {
	options := directory.Options{Environment: app.Environ(), Overlay: c.overlay}
	for _, file := range c.varFiles {
		options.Variables = append(options.Variables, directory.Assignment{File: app.path(file)})
	}
	for _, variable := range c.variables {
		name, value, ok := strings.Cut(variable, "=")
		if !ok || name == "" {
			return nil, usage("holdfast scan --var days=7 PATH", "--var: %q is not name=value", variable)
		}
		options.Variables = append(options.Variables, directory.Assignment{Name: name, Value: value})
	}
	return directory.New(paths, app.mapping(catalogue), options), nil
}

func (app *App) templateSource(c *code, catalogue *control.Catalogue, paths []string) (scan.Source, error) {
	options, err := app.templateOptions(c, catalogue)
	if err != nil {
		return nil, err
	}
	return cloudformation.New(paths, options), nil
}

func (app *App) templateOptions(c *code, catalogue *control.Catalogue) (cloudformation.Options, error) {
	options := cloudformation.Options{
		Types: catalogue.Types, Joiners: app.Parts.CloudFormationJoiners, Overlay: c.overlay,
		Parameters: make(map[string]string), ParameterFiles: app.paths(c.paramFiles),
	}
	for _, parameter := range c.params {
		name, value, ok := strings.Cut(parameter, "=")
		if !ok || name == "" {
			return options, usage("holdfast scan --template-param Days=7 PATH", "--template-param: %q is not Name=value", parameter)
		}
		options.Parameters[name] = value
	}
	return options, nil
}
