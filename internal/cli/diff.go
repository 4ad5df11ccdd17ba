package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/holdfast-aws/holdfast/internal/compare"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/spf13/cobra"
)

func newDiffCommand(app *App) *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:   "diff BEFORE AFTER",
		Short: "Tell what changed between two saved scans",
		Long: `Compare two scans that were saved with --format json or ndjson: what fails anew,
what was fixed, what changed otherwise, and what was judged before and can no
longer be read.

The exit code is 1 when something fails anew, and 3 when nothing does but
something can no longer be read.`,
		Example: `  holdfast scan --output monday.json
  holdfast scan --output friday.json
  holdfast diff monday.json friday.json`,
		Args: cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, files []string) error {
			if format != "text" && format != "json" {
				return usage("holdfast diff --format json "+files[0]+" "+files[1], "--format: %q is neither text nor json", format)
			}
			diff, err := app.compare(files[0], files[1])
			if err != nil {
				return err
			}
			write := func() error {
				return diff.WriteText(report.Options{Width: app.Width, Color: app.Color, Now: app.Now()}, app.Stdout)
			}
			if format == "json" {
				write = func() error { return diff.WriteJSON(app.Stdout) }
			}
			if err := write(); err != nil {
				return err
			}
			switch {
			case len(diff.New) > 0:
				return Exit{ExitFailed}
			case len(diff.Unread) > 0:
				return Exit{ExitIncomplete}
			default:
				return nil
			}
		},
	}
	command.Flags().StringVarP(&format, "format", "f", "text", "text or json")
	return command
}

func (app *App) compare(before, after string) (diff *compare.Diff, err error) {
	first, err := os.Open(app.path(before))
	if err != nil {
		return nil, fmt.Errorf("read the scan before: %w", err)
	}
	defer func() { err = errors.Join(err, first.Close()) }()
	second, err := os.Open(app.path(after))
	if err != nil {
		return nil, fmt.Errorf("read the scan after: %w", err)
	}
	defer func() { err = errors.Join(err, second.Close()) }()
	return compare.Compare(first, second)
}
