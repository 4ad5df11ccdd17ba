package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	fixlive "github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/fix/show"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/internal/source/snapshot"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

func newFixPlanCommand(app *App) *cobra.Command {
	var file, format string
	var verbose bool
	var choices fix.Choices
	command := &cobra.Command{
		Use:   "plan [FILE…]",
		Short: "Show what would change, and save it as a plan",
		Long: `Judge the account and show, for everything that failed, what would change:
each property before and after, what it does to those who use the resource,
what it costs, who else sets it, and whether it can be undone. Nothing is
changed. With --out the plan is saved for "holdfast fix apply".

What is accepted, busy, already changing or could not be read is left alone,
and the plan says so.

A FILE is a snapshot that "holdfast snapshot" has saved; changes that need to
read more than it holds are left out.`,
		Example: `  holdfast fix plan --control Neptune.5 --region eu-west-1 --out plan.json
  holdfast fix plan --param Neptune.5.minimumBackupRetentionPeriod=14 --out plan.json`,
		RunE: func(cmd *cobra.Command, files []string) error {
			if err := checkFormat(cmd, format); err != nil {
				return err
			}
			plan, tally, err := app.plan(cmd.Context(), files, choices)
			if err != nil {
				return err
			}
			if file != "" {
				if err := fix.WritePlan(app.path(file), plan); err != nil {
					return err
				}
			}
			if format == "json" {
				err = writeJSON(app.Stdout, plan)
			} else {
				err = show.Plan(app.Stdout, plan, app.showing(verbose))
			}
			if err != nil {
				return err
			}
			app.afterPlan(plan, tally, file, format)
			if tally.Incomplete() {
				return Exit{ExitIncomplete}
			}
			return nil
		},
	}
	flags := command.Flags()
	app.settings.addSelection(flags)
	app.settings.addTargets(flags)
	addFormat(flags, &format)
	flags.StringVarP(&file, "out", "o", "", "file to save the plan to")
	flags.BoolVarP(&verbose, "verbose", "v", false, "show every change in full, with its steps")
	flags.StringVar(&choices.Key, "kms-key", "", "key for what gets encrypted: an ARN, an id or an alias (default: the service's own)")
	flags.BoolVar(&choices.NoRestart, "no-restart", false, "leave out restarts; what needs one takes effect when somebody restarts")
	return command
}

// afterPlan tells what comes next, beside the plan.
func (app *App) afterPlan(plan *fix.Plan, tally *finding.Tally, file, format string) {
	if tally.NotAvailable > 0 {
		fmt.Fprintf(app.Stderr, "Note: %d findings could not be judged, so nothing is planned for them\nTry:  holdfast scan\n", tally.NotAvailable)
	}
	if len(plan.Changes) == 0 || app.Quiet || format == "json" {
		return
	}
	if file == "" {
		fmt.Fprintln(app.Stdout, "\nThe plan was not saved. To save it: --out plan.json")
		return
	}
	fmt.Fprintf(app.Stdout, "\nSaved to %s. To apply it: holdfast fix apply %s\n", file, file)
}

// plan judges the accounts, or the files, and plans for what failed.
func (app *App) plan(ctx context.Context, files []string, choices fix.Choices) (*fix.Plan, *finding.Tally, error) {
	catalogue, chosen, params, err := app.selection()
	if err != nil {
		return nil, nil, err
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		return nil, nil, err
	}
	planners := app.Parts.Planners(choices)
	builder := &fix.Builder{
		Catalogue: catalogue, Chosen: chosen, Params: params, Planners: &planners, Desired: judge.Desired,
		Tool: "holdfast", Version: app.Version, Now: app.Now(),
	}
	bar := app.progress("reading")
	options := scan.Options{
		Engine: judge, Exceptions: &wanting{app.exceptions(), planners.Wants(chosen)}, Handler: &gapKeeper{builder: builder},
		Concurrency: app.settings.readers(), Now: app.Now, Version: app.Version, Progress: bar,
	}
	if err := app.connectPlan(ctx, files, &options, builder); err != nil {
		return nil, nil, err
	}
	plan, footer, err := build(ctx, builder, &options)
	bar.finish()
	if err != nil {
		return nil, nil, err
	}
	return plan, &footer.Tally, nil
}

// connectPlan gives the scan its source and the planners their reader, whose
// connection can call nothing that writes.
func (app *App) connectPlan(ctx context.Context, files []string, options *scan.Options, builder *fix.Builder) error {
	if len(files) > 0 {
		options.Source = snapshot.New(app.paths(files))
		return nil
	}
	allowed := live.Reads(app.Parts.Readers)
	for _, writer := range app.Parts.Writers {
		allowed = append(allowed, writer.Reads()...)
	}
	slices.Sort(allowed)
	session, err := awsconn.Open(ctx, app.connection(slices.Compact(allowed)))
	if err != nil {
		return err
	}
	reader, err := fixlive.New(session, app.Parts.Writers)
	if err != nil {
		return err
	}
	options.Source, options.Calls, builder.Reader = live.New(session, app.Parts.Readers), session.CallCount, reader
	return nil
}

// planningAtOnce is how many findings are planned for side by side: planners
// may have to read.
const planningAtOnce = 8

// build scans and plans at the same time.
func build(ctx context.Context, builder *fix.Builder, options *scan.Options) (plan *fix.Plan, footer *finding.Footer, err error) {
	group, ctx := errgroup.WithContext(ctx)
	results := make(chan fix.Result, planningAtOnce)
	options.OnResult = func(f *finding.Finding, r *resource.Resource) error {
		if f.Status != finding.Failed {
			return nil
		}
		select {
		case results <- fix.Result{Finding: f, Resource: r}:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	group.Go(func() (err error) {
		defer close(results)
		footer, err = scan.Run(ctx, *options)
		return err
	})
	group.Go(func() (err error) {
		plan, err = builder.Build(ctx, results, planningAtOnce)
		return err
	})
	return plan, footer, group.Wait()
}

// wanting adds to what the exceptions want to be read what the planners want.
type wanting struct {
	*exception.Set
	more resource.Wants
}

// Wants implements scan.Exceptions.
func (w *wanting) Wants(wants resource.Wants) resource.Wants {
	all := make(resource.Wants)
	for _, part := range []resource.Wants{wants, w.more} {
		for typ, names := range part {
			all[typ] = append(all[typ], names...)
		}
	}
	for typ := range all {
		slices.Sort(all[typ])
		all[typ] = slices.Compact(all[typ])
	}
	return w.Set.Wants(all)
}

// gapKeeper hands the gaps of a scan to the plan.
type gapKeeper struct{ builder *fix.Builder }

// Begin implements finding.Handler.
func (*gapKeeper) Begin(*finding.Header) error { return nil }

// Finding implements finding.Handler.
func (*gapKeeper) Finding(*finding.Finding) error { return nil }

// Gap implements finding.Handler.
func (g *gapKeeper) Gap(gap *finding.Gap) error {
	g.builder.AddGap(gap)
	return nil
}

// End implements finding.Handler.
func (*gapKeeper) End(*finding.Footer) error { return nil }
