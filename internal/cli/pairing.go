package cli

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/pair"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
	"github.com/spf13/pflag"
)

// pairing holds the flags that tell which live resources were made from which
// code.
type pairing struct {
	states []string
	stacks []string
}

func (p *pairing) addFlags(flags *pflag.FlagSet) {
	flags.StringArrayVar(&p.states, "state", nil, "Terraform state that says what belongs to the code, as FILE or ROOT=FILE, where ROOT is the directory of its code")
	flags.StringArrayVar(&p.stacks, "stack", nil, "CloudFormation stack of a template, as NAME or NAME=FILE")
}

func (p *pairing) given() bool { return len(p.states)+len(p.stacks) > 0 }

// paired is code with what tells which live resources it is about.
type paired struct {
	matcher *pair.Matcher
	code    []*pair.Codebase
}

// pairUp reads states, stacks and the code at the paths, in which it looks for
// the wanted properties. There may be no code.
func (app *App) pairUp(ctx context.Context, p *pairing, c *code, catalogue *control.Catalogue, names []string, wants resource.Wants) (*paired, error) {
	out := &paired{matcher: pair.New(catalogue.Types)}
	stacks, err := readStacks(p.stacks)
	if err != nil {
		return nil, err
	}
	sources, err := app.codeSources(c, catalogue, names)
	if err != nil {
		return nil, err
	}
	if more := app.unlisted(stacks, sources); len(more) > 0 {
		if sources, err = app.codeSources(c, catalogue, slices.Concat(names, more)); err != nil {
			return nil, err
		}
	}
	if err := app.stacks(stacks, sources, c.pseudo(), out.matcher); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(names, func(name string) bool { return isFile(app.path(name)) && directory.Detect(app.path(name)) }) {
		out.matcher.Partial()
	}
	for _, one := range sources {
		language := pair.Terraform
		switch one.kind {
		case "snapshot":
			return nil, usage("holdfast scan --drift --state terraform.tfstate DIR", "a snapshot is no code, and the account is read anew")
		case "cloudformation":
			language = pair.CloudFormation
		}
		held, err := out.matcher.Read(ctx, language, one.source, wants, app.settings.readers())
		if err != nil {
			return nil, err
		}
		out.code = append(out.code, held)
		if err := moves(ctx, one.source, out.matcher); err != nil {
			return nil, err
		}
	}
	return out, app.claims(ctx, p, catalogue, out)
}

// moves tells the matcher what the code has renamed since states were written.
func moves(ctx context.Context, source scan.Source, matcher *pair.Matcher) error {
	modules, ok := source.(*directory.Source)
	if !ok {
		return nil
	}
	found, err := modules.Moves(ctx)
	for _, one := range found {
		matcher.Moved(pair.Move{Root: filepath.Clean(one.Root), Module: one.Module, From: one.From, To: one.To})
	}
	return err
}

// pseudo are the pseudo parameters given on the command line.
func (c *code) pseudo() map[string]string {
	given := make(map[string]string)
	for _, param := range c.params {
		if name, value, _ := strings.Cut(param, "="); strings.HasPrefix(name, "AWS::") {
			given[name] = value
		}
	}
	return given
}

// claims reads the states.
func (app *App) claims(ctx context.Context, p *pairing, catalogue *control.Catalogue, out *paired) error {
	for _, state := range p.states {
		root, file := "", state
		if before, after, found := strings.Cut(state, "="); found && !isFile(app.path(state)) {
			root, file = app.moduleRoot(before, out.code), after
			if info, err := os.Stat(app.path(before)); err != nil || !info.IsDir() {
				return usage("holdfast scan --drift --state infrastructure=terraform.tfstate infrastructure", "--state %s: %q is no directory of code", state, before)
			}
		}
		if file == "" {
			return usage("holdfast scan --drift --state terraform.tfstate DIR", "--state: %q names no file", state)
		}
		file = app.shown(file)
		identities, err := planfile.Identities(ctx, file, app.mapping(catalogue))
		if err != nil {
			return err
		}
		for _, one := range identities {
			out.matcher.Claim(pair.Claim{
				Type: one.Type, Address: one.Address, ARN: one.ARN, ID: one.ID, UID: one.UID, Account: one.Account, Region: one.Region,
				State: resource.Origin{File: file, Line: one.Line, Address: one.Address}, Root: root,
			})
		}
	}
	return nil
}

// moduleRoot is a directory as the code found in it names it.
func (app *App) moduleRoot(name string, code []*pair.Codebase) string {
	for _, held := range code {
		for _, r := range held.Resources {
			if root := pair.RootOf(r); held.Language == pair.Terraform && filepath.Clean(app.path(root)) == filepath.Clean(app.path(name)) {
				return root
			}
		}
	}
	return filepath.Clean(app.shown(name))
}

func isFile(name string) bool {
	info, err := os.Stat(name)
	return err == nil && !info.IsDir()
}

// stackName is a stack's name with the file of its template, if one was given.
type stackName struct{ name, file string }

// stackNames is what CloudFormation takes as the name of a stack.
var stackNames = regexp.MustCompile(`^[A-Za-z][-A-Za-z0-9]{0,127}$`)

func readStacks(given []string) ([]stackName, error) {
	var stacks []stackName
	for _, text := range given {
		name, file, found := strings.Cut(text, "=")
		if !stackNames.MatchString(name) || found && file == "" {
			return nil, usage("holdfast scan --drift --stack graph-prod=template.yaml", "--stack: %q is neither NAME nor NAME=FILE", text)
		}
		stacks = append(stacks, stackName{name, file})
	}
	return stacks, nil
}

// roots lists the templates of all sources that no other nests.
func roots(sources []coded) []cloudformation.Root {
	var all []cloudformation.Root
	for _, one := range sources {
		if templates, ok := one.source.(*cloudformation.Source); ok {
			all = append(all, templates.Roots()...)
		}
	}
	return all
}

// rootAt finds the template of a file.
func (app *App) rootAt(all []cloudformation.Root, file string) *cloudformation.Root {
	for i := range all {
		if filepath.Clean(app.path(all[i].File)) == filepath.Clean(app.path(file)) {
			return &all[i]
		}
	}
	return nil
}

// unlisted are the templates that only --stack names.
func (app *App) unlisted(stacks []stackName, sources []coded) []string {
	var more []string
	all := roots(sources)
	for _, one := range stacks {
		if one.file != "" && app.rootAt(all, one.file) == nil && !slices.Contains(more, one.file) {
			more = append(more, one.file)
		}
	}
	return more
}

// stacks tells the matcher which stack each template is that of. What was named
// goes before what a cloud assembly says.
func (app *App) stacks(given []stackName, sources []coded, pseudo map[string]string, matcher *pair.Matcher) error {
	all := roots(sources)
	for i := range all {
		all[i].Account, all[i].Region = cmp.Or(pseudo["AWS::AccountId"], all[i].Account), cmp.Or(pseudo["AWS::Region"], all[i].Region)
	}
	named := make(map[string]bool)
	for _, one := range given {
		stack := pair.Stack{Name: one.name}
		root := app.rootAt(all, one.file)
		switch {
		case one.file == "" && len(all) == 1:
			root = &all[0]
		case one.file == "" && len(all) > 1:
			root = nil
			for i := range all {
				if all[i].Stack == one.name {
					root = &all[i]
				}
			}
			if root == nil {
				return usage("holdfast scan --drift --stack "+one.name+"="+all[0].File, "--stack %s: there are %d templates; name the one of this stack", one.name, len(all))
			}
		case one.file != "" && root == nil:
			return usage("holdfast scan --drift --stack "+one.name+"=template.yaml", "--stack %s: %s is no template that can be read by itself", one.name, one.file)
		}
		if root != nil {
			named[root.File] = true
			stack.Template, stack.Account, stack.Region = filepath.Clean(root.File), root.Account, root.Region
		}
		matcher.Stack(stack)
	}
	for _, root := range all {
		if root.Stack != "" && !named[root.File] {
			matcher.Stack(pair.Stack{Name: root.Stack, Template: filepath.Clean(root.File), Account: root.Account, Region: root.Region})
		}
	}
	return nil
}
