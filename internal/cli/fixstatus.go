package cli

import (
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/show"
	"github.com/holdfast-aws/holdfast/internal/store/journal"
	"github.com/spf13/cobra"
)

func newFixStatusCommand(app *App) *cobra.Command {
	var format string
	var verbose bool
	command := &cobra.Command{
		Use:   "status [RUN]",
		Short: "Tell how far a run is, or list all runs",
		Long: `Tell from the journal how far a run is: each change and step, the values before,
and what to do next. Without a RUN, list the runs. No account is read; "holdfast
fix verify RUN" does that.

The exit code is that of the run.`,
		Example: `  holdfast fix status
  holdfast fix status last --format json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := checkFormat(cmd, format); err != nil {
				return err
			}
			return app.withJournal(cmd.Context(), func(store *journal.Journal) error {
				if len(args) == 0 {
					return app.listRuns(cmd, store, format)
				}
				status, err := fix.Status(cmd.Context(), store, runName(args))
				if err != nil {
					return err
				}
				if err := app.printRun(status, format, verbose); err != nil {
					return err
				}
				return exitOf(status)
			})
		},
	}
	addFormat(command.Flags(), &format)
	command.Flags().BoolVarP(&verbose, "verbose", "v", false, "list every change and step")
	return command
}

func (app *App) listRuns(cmd *cobra.Command, store *journal.Journal, format string) error {
	runs, err := fix.Runs(cmd.Context(), store)
	if err != nil {
		return err
	}
	if format == "json" {
		return writeJSON(app.Stdout, map[string]any{"runs": runs})
	}
	return show.Runs(app.Stdout, runs, app.showing(false))
}
