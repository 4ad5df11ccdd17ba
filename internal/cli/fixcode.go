package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	fixcode "github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/fix/code/hcl"
	"github.com/holdfast-aws/holdfast/internal/fix/code/template"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

// judgement is what a command judges with.
type judgement struct {
	catalogue *control.Catalogue
	controls  []*control.Control
	params    control.Params
	judge     *engine.Engine
}

func (app *App) choose() (*judgement, error) {
	catalogue, controls, params, err := app.selection()
	if err != nil {
		return nil, err
	}
	return judging(catalogue, controls, params)
}

func judging(catalogue *control.Catalogue, controls []*control.Control, params control.Params) (*judgement, error) {
	judge, err := engine.New(catalogue, controls, params)
	if err != nil {
		return nil, err
	}
	return &judgement{catalogue, controls, params, judge}, nil
}

// sourceCode is the code at the paths of a command, with the flags that say
// how it is read.
type sourceCode struct {
	code
	paths  []string
	accept []string
}

// describe is what a plan keeps of it.
func (s *sourceCode) describe(p *fixcode.Plan) *fix.Source {
	return &fix.Source{
		Paths: s.paths, As: s.as, Variables: s.variables, VariableFiles: s.varFiles,
		Parameters: s.params, ParameterFiles: s.paramFiles, Accept: s.accept, Plan: *p,
	}
}

// described is the code that a plan was made for.
func described(s *fix.Source) *sourceCode {
	return &sourceCode{paths: s.Paths, accept: s.Accept, code: code{
		as: s.As, variables: s.Variables, varFiles: s.VariableFiles, params: s.Parameters, paramFiles: s.ParameterFiles,
	}}
}

// planCode judges the code and plans for what failed in it. The gaps of the
// code go to the handler.
func (app *App) planCode(ctx context.Context, c *judgement, s *sourceCode, handler finding.Handler) (*fixcode.Plan, *finding.Tally, error) {
	read := func(ctx context.Context, overlay map[string][]byte, handler finding.Handler, result func(*finding.Finding, *resource.Resource) error) (*finding.Footer, error) {
		from := s.code
		from.overlay = overlay
		source, err := app.sourceOf(&from, c.catalogue, s.paths)
		if err != nil {
			return nil, err
		}
		return scan.Run(ctx, scan.Options{
			Source: source, Engine: c.judge, Exceptions: app.exceptions(c.catalogue), Handler: handler, OnResult: result,
			Concurrency: app.settings.readers(), Now: app.Now, Version: app.Version,
		})
	}
	language, err := app.languages(s, c.catalogue)
	if err != nil {
		return nil, nil, err
	}
	planner := &fixcode.Planner{
		Catalogue: c.catalogue, Desired: c.judge.Desired, Accept: s.accept, Language: language,
		Prove: func(ctx context.Context, overlay map[string][]byte, result func(*finding.Finding, *resource.Resource) error) error {
			_, err := read(ctx, overlay, silent{}, result)
			return err
		},
	}
	footer, err := read(ctx, nil, handler, planner.Add)
	if err != nil {
		return nil, nil, err
	}
	plan, err := planner.Plan(ctx)
	if err != nil {
		return nil, nil, err
	}
	return plan, &footer.Tally, nil
}

// languages finds the language that a file is written in, from its name: what
// is neither Terraform nor made from code is a template.
func (app *App) languages(s *sourceCode, catalogue *control.Catalogue) (func(file string) fixcode.Language, error) {
	options, err := app.templateOptions(&s.code, catalogue)
	if err != nil {
		return nil, err
	}
	templates := template.New(options)
	return func(file string) fixcode.Language {
		if made, err := isPlan(app.path(file)); err == nil && made {
			return nil
		}
		if hcl.Handles(file) {
			return hcl.Language{}
		}
		return templates
	}, nil
}

// silent hears a scan whose results go elsewhere.
type silent struct{}

// Begin implements finding.Handler.
func (silent) Begin(*finding.Header) error { return nil }

// Finding implements finding.Handler.
func (silent) Finding(*finding.Finding) error { return nil }

// Gap implements finding.Handler.
func (silent) Gap(*finding.Gap) error { return nil }

// End implements finding.Handler.
func (silent) End(*finding.Footer) error { return nil }

// splitPaths tells saved snapshots, which stand for an account, from code.
func (app *App) splitPaths(c *code, names []string) (snapshots, code []string, err error) {
	all := kinds()
	for _, name := range names {
		found, err := app.kindsOf(c, all, name)
		if err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(found, func(i int) bool { return all[i].name == "snapshot" }) {
			snapshots = append(snapshots, name)
		} else {
			code = append(code, name)
		}
	}
	return snapshots, code, nil
}

// SourceMovedError says that code is no longer what a plan was made for.
type SourceMovedError struct{ Files []string }

func (e *SourceMovedError) Error() string {
	return "the code is not what the plan was made for: " + strings.Join(e.Files, ", ") + "; nothing was changed"
}

// Hint names the command that makes a new plan.
func (e *SourceMovedError) Hint() string { return "holdfast fix plan PATH --out plan.json" }

// deriveSource makes the code part of a plan again, from the code itself, and
// refuses what differs: a digest is no signature, and a plan must not be able
// to write anything else than a fix. It returns nil when all of it is written
// already.
func (app *App) deriveSource(ctx context.Context, plan *fix.Plan) (*fixcode.Plan, error) {
	if plan.Source == nil || len(plan.Source.Patches) == 0 || app.written(plan.Source.Patches) {
		return nil, nil
	}
	catalogue, err := app.Catalogue()
	if err != nil {
		return nil, err
	}
	controls, err := catalogue.Select(control.Selection{IDs: plan.Controls})
	if err != nil {
		return nil, err
	}
	c, err := judging(catalogue, controls, plan.Params)
	if err != nil {
		return nil, err
	}
	derived, _, err := app.planCode(ctx, c, described(plan.Source), silent{})
	if err != nil {
		return nil, err
	}
	if derived.Diff() == plan.Source.Diff() {
		return derived, nil
	}
	moved := &SourceMovedError{}
	for i := range plan.Source.Patches {
		moved.Files = append(moved.Files, plan.Source.Patches[i].File)
	}
	return nil, moved
}

// written reports whether the files hold what the patches make of them.
func (app *App) written(patches []fixcode.Patch) bool {
	return !slices.ContainsFunc(patches, func(p fixcode.Patch) bool {
		content, err := os.ReadFile(app.path(p.File))
		sum := sha256.Sum256(content)
		return err != nil || hex.EncodeToString(sum[:]) != p.Sum
	})
}

// writeSource writes the edits of a plan and tells which files they are in.
func (app *App) writeSource(ctx context.Context, p *fixcode.Plan) error {
	if p == nil || len(p.Patches) == 0 {
		return nil
	}
	if err := p.Write(ctx); err != nil {
		return err
	}
	if app.Quiet {
		return nil
	}
	for i := range p.Patches {
		fmt.Fprintf(app.Stderr, "Wrote %s\n", filepath.Clean(p.Patches[i].File))
	}
	return nil
}

// applySource writes what a plan changes in code, if it is not written yet.
func (app *App) applySource(ctx context.Context, plan *fix.Plan, edits *fixcode.Plan, r *running) error {
	if plan.Source == nil || len(plan.Source.Patches) == 0 {
		return nil
	}
	if err := app.writeSource(ctx, edits); err != nil {
		return err
	}
	if edits == nil && !app.Quiet {
		fmt.Fprintln(app.Stderr, "The code is changed already.")
	}
	if len(plan.Changes) > 0 || r.format != "json" {
		return nil
	}
	written := []string{}
	if edits != nil {
		for i := range edits.Patches {
			written = append(written, edits.Patches[i].File)
		}
	}
	return writeJSON(app.Stdout, map[string][]string{"written": written})
}

// checkPlan refuses flags that do not go together.
func (app *App) checkPlan(p *planning, code []string, live bool) error {
	const example = "holdfast fix plan infrastructure/ --write"
	switch {
	case p.write && p.check:
		return usage("holdfast fix plan infrastructure/ --check", "--check changes nothing, and --write changes the code: choose one")
	case len(code) == 0 && p.write:
		return usage(example, "--write changes code, and no PATH with code is given")
	case len(code) == 0 && p.format == "diff":
		return usage("holdfast fix plan infrastructure/ --format diff", "--format diff shows changes of code, and no PATH with code is given")
	case len(code) == 0 && len(p.accept) > 0:
		return usage("holdfast fix apply plan.json --accept "+p.accept[0], "--accept is for edits of code here; changes of the account are accepted when they are applied")
	case !live && app.targeted():
		return usage("holdfast fix plan "+code[0]+" --state terraform.tfstate", "--region, --role-arn, --external-id and --profile choose accounts; without --state or --stack only the code is planned for")
	}
	return nil
}

// checkAccept refuses ids that no chosen control has.
func (app *App) checkAccept(c *judgement, accept []string) error {
	for _, id := range accept {
		if !slices.ContainsFunc(c.controls, func(one *control.Control) bool { return one.ID == id }) {
			return usage("holdfast fix plan PATH --accept Neptune.1", "--accept: %s is not among the chosen controls", id)
		}
	}
	return nil
}
