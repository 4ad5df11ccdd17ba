package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/spf13/cobra"
)

func newScanCommand(app *App) *cobra.Command {
	var out output
	var failOn string
	var c code
	command := &cobra.Command{
		Use:   "scan [PATH…]",
		Short: "Judge an account, or code, or a saved snapshot, with the controls",
		Long: `Judge resources with the controls and say what failed, what passed and what
could not be judged.

Without a PATH the account of the default AWS credentials is read, in every
enabled region or in those named with --region. A PATH is judged without any
AWS call. It is Terraform or OpenTofu code, a plan or state as "terraform show
-json" writes it, a CloudFormation template or cdk.out, or a snapshot that
"holdfast snapshot" has saved; which of them is found out, and --as forces it.

What could not be read is never taken for passed or failed: it is a gap, shown
with the operation and the permission that was missing.`,
		Example: `  holdfast scan --region eu-west-1,us-east-1
  holdfast scan --control 'Neptune.*' --severity CRITICAL,HIGH
  holdfast scan --format text --format sarif --output - --output result.sarif
  holdfast scan infrastructure/ --var-file prod.tfvars
  holdfast scan plan.json template.yaml account.ndjson`,
		RunE: func(cmd *cobra.Command, paths []string) error {
			severity, err := floor(failOn)
			if err != nil {
				return err
			}
			if err := checkKind(&c, paths); err != nil {
				return err
			}
			if len(paths) > 0 && app.targeted() {
				return usage("holdfast scan "+paths[0], "--region, --role-arn, --external-id and --profile choose accounts; with a PATH nothing is read from AWS")
			}
			opened, err := out.open(app)
			if err != nil {
				return err
			}
			defer opened.abort()
			if opened.streams && app.Screen {
				app.Terminal = false // a bar would stand in the middle of the findings
			}
			footer, err := app.scan(cmd.Context(), &c, paths, opened.Handler)
			var left *report.LeftOutError
			if err != nil && !errors.As(err, &left) {
				return err
			}
			if err := opened.commit(); err != nil {
				return err
			}
			app.afterScan(opened, footer, left)
			return outcome(&footer.Tally, severity)
		},
	}
	flags := command.Flags()
	app.settings.addSelection(flags)
	app.settings.addTargets(flags)
	out.addFlags(flags)
	flags.StringVar(&failOn, "fail-on", "", "lowest severity that makes the exit code 1 (default INFORMATIONAL; 'none' for never)")
	c.addFlags(flags)
	return command
}

// afterScan tells on standard error what a report in files leaves unseen.
func (app *App) afterScan(opened *sink, footer *finding.Footer, left *report.LeftOutError) {
	if left != nil {
		fmt.Fprintf(app.Stderr, "Note: %s\nTry:  %s\n", left, left.Hint())
	}
	if !opened.onStdout && !app.Quiet {
		fmt.Fprintf(app.Stderr, "%d failed, %d passed, %d not judged, %d excepted; %d gaps; %d of %d %s read\n",
			footer.Tally.Failed, footer.Tally.Passed, footer.Tally.NotAvailable, footer.Tally.Excepted, footer.Tally.Gaps,
			footer.Coverage.Read, footer.Coverage.Total, footer.Coverage.Unit)
	}
}

// neverFail is the floor above every severity.
const neverFail finding.Severity = "none"

func floor(text string) (finding.Severity, error) {
	switch text {
	case "":
		return finding.Informational, nil
	case string(neverFail):
		return neverFail, nil
	}
	severity, err := finding.ParseSeverity(text)
	if err != nil {
		return "", usage("holdfast scan --fail-on HIGH", "--fail-on: %w", err)
	}
	return severity, nil
}

// outcome turns a tally into the exit code.
func outcome(tally *finding.Tally, severity finding.Severity) error {
	switch {
	case severity != neverFail && tally.FailedAtLeast(severity) > 0:
		return Exit{ExitFailed}
	case tally.Incomplete():
		return Exit{ExitIncomplete}
	default:
		return nil
	}
}

// scan judges what lies at the paths, or the live accounts when there are none.
func (app *App) scan(ctx context.Context, c *code, paths []string, handler finding.Handler) (*finding.Footer, error) {
	catalogue, chosen, params, err := app.selection()
	if err != nil {
		return nil, err
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		return nil, err
	}
	options := scan.Options{
		Engine: judge, Exceptions: app.exceptions(), Handler: handler,
		Concurrency: app.settings.readers(), Now: app.Now, Version: app.Version,
	}
	if len(paths) > 0 {
		if options.Source, err = app.sourceOf(c, catalogue, paths); err != nil {
			return nil, err
		}
	} else {
		session, err := awsconn.Open(ctx, app.connection(live.Reads(app.Parts.Readers)))
		if err != nil {
			return nil, err
		}
		options.Source, options.Calls = live.New(session, app.Parts.Readers), session.CallCount
	}
	bar := app.progress("reading")
	options.Progress = bar
	footer, err := scan.Run(ctx, options)
	bar.finish()
	return footer, err
}

func (app *App) paths(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = app.path(name)
	}
	return out
}
