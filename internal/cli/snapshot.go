package cli

import (
	"fmt"
	"io"

	"github.com/holdfast-aws/holdfast/internal/atomicfile"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/internal/source/snapshot"
	"github.com/spf13/cobra"
)

func newSnapshotCommand(app *App) *cobra.Command {
	var file string
	command := &cobra.Command{
		Use:   "snapshot",
		Short: "Save what an account holds, to judge it later without a connection",
		Long: `Read the account and save what was read as lines of JSON. "holdfast scan FILE"
judges the file offline with the same verdicts.

All properties of the selected controls' resource types are saved with their
tags. With --control, only what those controls read is saved, and a later scan
with other controls says what is missing.`,
		Example: `  holdfast snapshot --region all --output account.ndjson
  holdfast scan account.ndjson`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			wants, err := app.snapshotWants()
			if err != nil {
				return err
			}
			session, err := awsconn.Open(cmd.Context(), app.connection(live.Reads(app.Parts.Readers)))
			if err != nil {
				return err
			}
			if file == "" || file == "-" {
				return app.saveSnapshot(cmd, session, wants, app.Stdout, func() error { return nil })
			}
			saved, err := atomicfile.Create(app.path(file))
			if err != nil {
				return fmt.Errorf("save snapshot: %w", err)
			}
			defer saved.Abort()
			return app.saveSnapshot(cmd, session, wants, saved, saved.Commit)
		},
	}
	flags := command.Flags()
	app.settings.addSelection(flags)
	app.settings.addTargets(flags)
	flags.StringVarP(&file, "output", "o", "", "file to save to (default standard output)")
	return command
}

// snapshotWants is everything, or what the named controls read.
func (app *App) snapshotWants() (resource.Wants, error) {
	catalogue, chosen, params, err := app.selection()
	if err != nil {
		return nil, err
	}
	s := &app.settings
	if len(s.controls)+len(s.standards)+len(s.severities) > 0 {
		judge, err := engine.New(catalogue, chosen, params)
		if err != nil {
			return nil, err
		}
		return judge.Wants().WithAll(resource.TagsProperty), nil
	}
	return everything(catalogue, chosen), nil
}

// everything lists all properties of the types that the controls are about.
func everything(catalogue *control.Catalogue, chosen []*control.Control) resource.Wants {
	wants := make(resource.Wants)
	for _, c := range chosen {
		for _, name := range c.Types() {
			wants[name] = catalogue.Types[name].PropertyNames()
		}
	}
	return wants
}

func (app *App) saveSnapshot(cmd *cobra.Command, session *awsconn.Session, wants resource.Wants, to io.Writer, commit func() error) error {
	writer := snapshot.NewWriter(to, app.Version, app.Now())
	bar := app.progress("reading")
	err := scan.Collect(cmd.Context(), live.New(session, app.Parts.Readers), wants, app.settings.readers(), bar, writer)
	bar.finish()
	if err != nil {
		return err
	}
	resources, gaps, err := writer.End()
	if err != nil {
		return fmt.Errorf("save snapshot: %w", err)
	}
	if err := commit(); err != nil {
		return fmt.Errorf("save snapshot: %w", err)
	}
	if !app.Quiet {
		fmt.Fprintf(app.Stderr, "Saved %d resources and %d gaps with %d calls.\n", resources, gaps, session.CallCount())
	}
	if gaps > 0 {
		return Exit{ExitIncomplete}
	}
	return nil
}
