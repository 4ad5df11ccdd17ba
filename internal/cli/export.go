package cli

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/prevent"
	"github.com/holdfast-aws/holdfast/internal/prevent/guard"
	"github.com/spf13/cobra"
)

// prevention is one form in which controls are written for what stops a fault
// before it is there.
type prevention struct {
	name, about string
	// write writes the selected controls and says, a line each, what the reader
	// must know and which of them have no such form.
	write func(app *App, out io.Writer) (notes, left []string, err error)
}

// preventions is the one list of forms, in the order of the help.
func preventions() []prevention {
	policy := func(as string) func(*App, io.Writer) ([]string, []string, error) {
		return func(app *App, out io.Writer) ([]string, []string, error) { return app.exportPolicies(as, out) }
	}
	return []prevention{
		{"guard", "rules for AWS CloudFormation Guard 3", (*App).exportGuard},
		{prevent.SCP, "a service control policy for AWS Organizations", policy(prevent.SCP)},
		{prevent.Declarative, "a declarative policy for EC2 in AWS Organizations", policy(prevent.Declarative)},
	}
}

func newExportCommand(app *App) *cobra.Command {
	var as, file string
	var names, lines []string
	for _, p := range preventions() {
		names = append(names, p.name)
		lines = append(lines, fmt.Sprintf("  %-19s %s", p.name, p.about))
	}
	command := &cobra.Command{
		Use:   "export",
		Short: "Write controls as rules that stop a fault before it is there",
		Long: `Write the selected controls in the form of something else that stops a fault
before it reaches an account, also where Holdfast does not run.

` + strings.Join(lines, "\n") + `

Guard rules are written from the controls' own expressions, with parameters and
the services' defaults. Policies exist for those controls for which AWS has a
way; without a selection, all there are of the kind are written. What a policy
cannot cover, and which selected controls have no such form, is said on standard
error, and the exit code is then 3.`,
		Example: `  holdfast export --as guard --standard FSBP > holdfast.guard
  holdfast export --as guard --control Neptune.5 --param Neptune.5.minimumBackupRetentionPeriod=14
  holdfast export --as scp --control Neptune.3 --out scp.json
  holdfast export --as declarative-policy`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			i := slices.IndexFunc(preventions(), func(p prevention) bool { return p.name == as })
			if i < 0 {
				return usage("holdfast export --as guard", "--as: %q is none of %s", as, strings.Join(names, ", "))
			}
			var document bytes.Buffer
			notes, left, err := preventions()[i].write(app, &document)
			if err != nil {
				return err
			}
			if err := app.place(file, document.Bytes()); err != nil {
				return err
			}
			if !app.Quiet {
				for _, note := range notes {
					fmt.Fprintln(app.Stderr, note)
				}
			}
			for _, line := range left {
				fmt.Fprintln(app.Stderr, "Left out: "+line)
			}
			if len(left) > 0 {
				return Exit{ExitIncomplete}
			}
			return nil
		},
	}
	app.settings.addSelection(command.Flags())
	command.Flags().StringVar(&as, "as", "guard", "form: "+strings.Join(names, ", "))
	command.Flags().StringVarP(&file, "out", "o", "", "file to write to (default standard output)")
	return command
}

// place writes a document to a file, or to standard output where none is named.
func (app *App) place(file string, document []byte) error {
	if len(document) == 0 {
		return nil
	}
	if file == "" || file == "-" {
		_, err := app.Stdout.Write(document)
		return err
	}
	if err := save(app.path(file), document); err != nil {
		return usage("holdfast export --out ./holdfast.guard", "--out: %w", err)
	}
	return nil
}

func (app *App) exportGuard(out io.Writer) (notes, left []string, err error) {
	catalogue, chosen, params, err := app.selection()
	if err != nil {
		return nil, nil, err
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		return nil, nil, err
	}
	without, err := guard.Write(out, catalogue, judge, chosen, params)
	for _, l := range without {
		left = append(left, l.Control+" over "+l.Type+": "+l.Why)
	}
	return nil, left, err
}

func (app *App) exportPolicies(as string, out io.Writer) (notes, left []string, err error) {
	policies, err := prevent.Load(app.Parts.Prevention)
	if err != nil {
		return nil, nil, err
	}
	wanted, err := app.preventable(prevent.Controls(policies, as))
	if err != nil {
		return nil, nil, err
	}
	chosen, without := prevent.Select(policies, as, wanted)
	for _, p := range chosen {
		notes = append(notes, strings.Join(p.Controls, ", ")+": it "+p.Does+". But "+p.Lacks+".")
	}
	for _, id := range without {
		left = append(left, id+": there is no "+as+" for it")
	}
	if len(chosen) == 0 {
		return notes, left, nil
	}
	return notes, left, prevent.Write(out, chosen)
}

// preventable lists the ids that policies are wanted for: those selected, which
// may also be ids that only a policy knows, or without a selection all that
// have one.
func (app *App) preventable(known []string) ([]string, error) {
	s := &app.settings
	if len(s.controls)+len(s.standards)+len(s.severities) == 0 {
		return known, nil
	}
	if len(s.standards)+len(s.severities) > 0 {
		_, chosen, _, err := app.selection()
		return idsOf(chosen), err
	}
	catalogue, err := app.Catalogue()
	if err != nil {
		return nil, err
	}
	var wanted []string
	for _, pattern := range s.controls {
		chosen, err := catalogue.Select(control.Selection{IDs: []string{pattern}})
		ids := idsOf(chosen)
		for _, id := range known {
			if matched, _ := path.Match(strings.ToLower(pattern), strings.ToLower(id)); matched {
				ids = append(ids, id)
			}
		}
		if len(ids) == 0 {
			return nil, err
		}
		wanted = append(wanted, ids...)
	}
	slices.SortFunc(wanted, control.CompareIDs)
	return slices.Compact(wanted), nil
}

func idsOf(controls []*control.Control) []string {
	ids := make([]string, len(controls))
	for i, c := range controls {
		ids[i] = c.ID
	}
	return ids
}
