package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/spf13/cobra"
)

func newScanCommand(app *App) *cobra.Command {
	var out output
	var failOn string
	var allowIncomplete bool
	var c code
	var p pairing
	var drift bool
	var base baselining
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
with the operation and the permission that was missing.

With --drift both are read, the account and the code, and what is shown is where
they disagree in something that a control reads. A Terraform state (--state), the
name of a stack (--stack) or a cdk.out tells which resource was made from which
code.`,
		Example: `  holdfast scan --region eu-west-1,us-east-1
  holdfast scan --control 'Neptune.*' --severity CRITICAL,HIGH
  holdfast scan --format text --format sarif --output - --output result.sarif
  holdfast scan infrastructure/ --var-file prod.tfvars
  holdfast scan plan.json template.yaml account.ndjson
  holdfast scan --drift --state terraform.tfstate infrastructure/
  holdfast scan --drift --stack graph-prod=template.yaml --region eu-west-1`,
		RunE: func(cmd *cobra.Command, paths []string) error {
			severity, err := floor(failOn)
			if err != nil {
				return err
			}
			if err := checkKind(&c, paths); err != nil {
				return err
			}
			if err := app.checkDrift(drift, &p, paths); err != nil {
				return err
			}
			if err := base.open(app, drift); err != nil {
				return err
			}
			if drift {
				return app.runDrift(cmd.Context(), &p, &c, paths, &out, severity)
			}
			opened, err := out.open(app)
			if err != nil {
				return err
			}
			defer opened.abort()
			if opened.streams && app.Screen {
				app.Terminal = false // a bar would stand in the middle of the findings
			}
			footer, err := app.scan(cmd.Context(), &c, paths, base.around(opened.Handler), base.registers()...)
			var left *report.LeftOutError
			if err != nil && !errors.As(err, &left) {
				return err
			}
			if err := errors.Join(opened.commit(), base.save(app)); err != nil {
				return err
			}
			app.afterScan(opened, footer, left)
			err = outcome(&footer.Tally, severity)
			if allowIncomplete && errors.Is(err, Exit{ExitIncomplete}) {
				return nil // the report says what is missing
			}
			return err
		},
	}
	flags := command.Flags()
	app.settings.addSelection(flags)
	app.settings.addTargets(flags)
	out.addFlags(flags)
	flags.StringVar(&failOn, "fail-on", "", "lowest severity that makes the exit code 1 (default INFORMATIONAL; 'none' for never)")
	flags.BoolVar(&allowIncomplete, "allow-incomplete", false, "exit with 0 also where something could not be read or judged, as a module that its callers complete")
	c.addFlags(flags)
	app.settings.addExceptions(flags)
	base.addFlags(flags)
	flags.BoolVar(&drift, "drift", false, "compare the account with the code at PATH")
	p.addFlags(flags)
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
func (app *App) scan(ctx context.Context, c *code, paths []string, handler finding.Handler, more ...exception.Register) (*finding.Footer, error) {
	catalogue, chosen, params, err := app.selection()
	if err != nil {
		return nil, err
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		return nil, err
	}
	options := scan.Options{
		Engine: judge, Exceptions: app.exceptions(catalogue, more...), Handler: handler,
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
