package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/atomicfile"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/fix/render/bash"
	"github.com/holdfast-aws/holdfast/internal/fix/render/ssm"
	"github.com/spf13/cobra"
)

// part is one file of an exported plan.
type part struct {
	name string
	body []byte
}

// exporter is one form in which a plan can be handed on.
type exporter struct {
	name, about string
	// folder is true for a form that is written to a directory, also when one
	// file is all there is: what a script finds must not hang on the plan.
	folder bool
	write  func(*fix.Plan, render.Sources) ([]part, error)
}

// exporters is the one list of forms, in the order of the help.
func exporters() []exporter {
	return []exporter{
		{"bash", "a script for bash and the AWS CLI", false, exportBash},
		{"ssm", "runbooks for Systems Manager Automation, one for each account and region, in a directory", true, exportSSM},
	}
}

func exportBash(p *fix.Plan, sources render.Sources) ([]part, error) {
	var script bytes.Buffer
	if err := bash.Render(&script, p, sources); err != nil {
		return nil, err
	}
	return []part{{"holdfast-fix.sh", script.Bytes()}}, nil
}

func exportSSM(p *fix.Plan, sources render.Sources) ([]part, error) {
	books, err := ssm.Runbooks(p, sources)
	parts := make([]part, len(books))
	for i := range books {
		parts[i] = part{books[i].Name(), books[i].Body}
	}
	return parts, err
}

func newFixExportCommand(app *App) *cobra.Command {
	var as, file string
	var names, lines []string
	for _, e := range exporters() {
		names = append(names, e.name)
		lines = append(lines, fmt.Sprintf("  %-6s %s", e.name, e.about))
	}
	command := &cobra.Command{
		Use:   "export PLAN",
		Short: "Write a plan in a form that runs without Holdfast",
		Long: `Write a plan as something that makes the same changes with the same checks
elsewhere. There is no journal then: use it where Holdfast cannot run.

` + strings.Join(lines, "\n"),
		Example: `  holdfast fix export plan.json --as bash --out fix.sh
  holdfast fix export plan.json --as ssm --out runbooks`,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("holdfast fix export plan.json --as bash", "export needs exactly one plan file")
			}
			for _, e := range exporters() {
				if e.name == as {
					return app.export(&e, args[0], file)
				}
			}
			return usage("holdfast fix export "+args[0]+" --as bash", "--as: %q is none of %s", as, strings.Join(names, ", "))
		},
	}
	command.Flags().StringVar(&as, "as", "bash", "form: "+strings.Join(names, ", "))
	command.Flags().StringVarP(&file, "out", "o", "", "file to write to, or directory for ssm (default standard output)")
	return command
}

func (app *App) export(e *exporter, name, out string) error {
	plan, err := app.readPlan(name)
	if err != nil {
		return err
	}
	if len(plan.Changes) == 0 {
		return usage("holdfast fix plan --out plan.json", "the plan changes nothing, so there is nothing to export")
	}
	parts, err := e.write(plan, app.Parts.Sources)
	switch {
	case err != nil:
		return err
	case len(parts) == 1 && (out == "" || out == "-"):
		_, err := app.Stdout.Write(parts[0].body)
		return err
	case len(parts) == 1 && !e.folder && !isDirectory(app.path(out)):
		return app.saveParts(filepath.Dir(out), []part{{filepath.Base(out), parts[0].body}})
	case out == "" || out == "-":
		return usage("holdfast fix export "+name+" --as "+e.name+" --out runbooks", "the plan becomes %d files, which need a directory", len(parts))
	}
	if err := os.MkdirAll(app.path(out), 0o700); err != nil {
		return fmt.Errorf("export plan: %w", err)
	}
	return app.saveParts(out, parts)
}

func isDirectory(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// saveParts writes the files of an exported plan and names each.
func (app *App) saveParts(directory string, parts []part) error {
	for _, p := range parts {
		file := filepath.Join(directory, p.name)
		if err := save(app.path(file), p.body); err != nil {
			return fmt.Errorf("export plan: %w", err)
		}
		if !app.Quiet {
			fmt.Fprintln(app.Stderr, "Saved "+file)
		}
	}
	return nil
}

// save puts a file in its place in one go.
func save(path string, body []byte) error {
	file, err := atomicfile.Create(path)
	if err != nil {
		return err
	}
	defer file.Abort()
	if _, err := file.Write(body); err != nil {
		return err
	}
	return file.Commit()
}
