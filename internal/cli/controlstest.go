package cli

import (
	"os"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/terminal"
	"github.com/spf13/cobra"
)

func newControlsTestCommand(app *App) *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:   "test [DIR]",
		Short: "Prove controls by the cases in their own files",
		Long: `Prove controls: the file is read strictly, its expressions are compiled against
the resource type, each case gives its verdict, and where the fix sets
properties, a failed case passes with them and fails again without.

With DIR, the controls in that directory are proven, on top of the built-in
resource types; otherwise the built-in ones and those of --controls.`,
		Example: `  holdfast controls test ./controls
  holdfast controls test --control 'Neptune.*'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(cmd, format); err != nil {
				return err
			}
			proofs, err := app.prove(args)
			if err != nil {
				return err
			}
			if format == "json" {
				err = writeJSON(app.Stdout, map[string]any{"controls": proofs})
			} else {
				p := terminal.NewPage(app.Stdout, app.Width, app.Color)
				showProofs(p, proofs)
				err = p.Flush()
			}
			if err == nil && slices.ContainsFunc(proofs, func(p proof) bool { return len(p.Faults) > 0 }) {
				return Exit{ExitFailed}
			}
			return err
		},
	}
	flags := command.Flags()
	flags.StringSliceVarP(&app.settings.controls, "control", "c", nil, "control ids or globs, as 'Neptune.*'")
	addFormat(flags, &format)
	return command
}

// proof is what testing one control found.
type proof struct {
	// ID is the control, or empty when the files could not be loaded.
	ID     string   `json:"id,omitempty"`
	Cases  int      `json:"cases"`
	Faults []string `json:"faults"`
}

// prove tests the controls in a directory, or the selected ones. Files that do
// not even load are a proof that failed, not a mistake in the call.
func (app *App) prove(args []string) ([]proof, error) {
	base, err := app.Catalogue()
	if err != nil {
		return nil, err
	}
	catalogue := base
	if len(args) > 0 {
		directory := app.path(args[0])
		if info, err := os.Stat(directory); err != nil || !info.IsDir() {
			return nil, usage("holdfast controls test ./controls", "%s is no directory that can be read", args[0])
		}
		if catalogue, err = base.Extend(os.DirFS(directory)); err != nil {
			return []proof{{Faults: faults(err)}}, nil
		}
		if len(catalogue.Controls) == len(base.Controls) {
			return nil, usage("holdfast controls show Neptune.5 # to see what one is made of", "there is no control in %s", args[0])
		}
	}
	chosen, err := catalogue.Select(control.Selection{IDs: app.settings.controls})
	if err != nil {
		return nil, err
	}
	var proofs []proof
	for _, c := range chosen {
		if len(args) > 0 && base.Find(c.ID) != nil {
			continue
		}
		proofs = append(proofs, proof{ID: c.ID, Cases: len(c.Cases), Faults: faults(engine.Prove(catalogue, c))})
	}
	if len(proofs) == 0 {
		return nil, usage("holdfast controls test "+args[0], "--control chooses none of the controls in %s", args[0])
	}
	return proofs, nil
}

// faults takes a joined error apart.
func faults(err error) []string {
	if err == nil {
		return []string{}
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []string{err.Error()}
	}
	var out []string
	for _, part := range joined.Unwrap() {
		out = append(out, faults(part)...)
	}
	return out
}

func showProofs(p *terminal.Page, proofs []proof) {
	width, failed, cases := 0, 0, 0
	for _, one := range proofs {
		width = max(width, page.Width(one.ID))
	}
	for _, one := range proofs {
		cases += one.Cases
		if len(one.Faults) == 0 {
			p.Row(0, []page.Cell{{Text: "ok", Width: 4, Style: page.Good}, {Text: one.ID, Width: width}}, report.Plural(one.Cases, "case"))
			continue
		}
		failed++
		name := one.ID
		if name == "" {
			name = "the files could not be loaded"
		}
		p.Row(0, []page.Cell{{Text: "FAIL", Width: 4, Style: page.Bad}}, name)
		for _, fault := range one.Faults {
			for line := range strings.Lines(fault) {
				p.Text(6, page.Plain, strings.TrimSpace(line))
			}
		}
	}
	p.Blank()
	if failed == 0 {
		p.Line("All proven: " + report.Plural(len(proofs), "control") + ", " + report.Plural(cases, "case") + ".")
		return
	}
	p.Line(report.Count(failed) + " of " + report.Plural(len(proofs), "control") + " failed.")
}
