package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	fixcode "github.com/holdfast-aws/holdfast/internal/fix/code"
	fixlive "github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/fix/show"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/internal/source/snapshot"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
)

// planning holds the flags of fix plan.
type planning struct {
	file, format string
	verbose      bool
	write, check bool
	accept       []string
	choices      fix.Choices
	owning
}

func newFixPlanCommand(app *App) *cobra.Command {
	var p planning
	command := &cobra.Command{
		Use:   "plan [PATH…]",
		Short: "Show what would change, in the account or in code, and save it as a plan",
		Long: `Judge the account and show, for everything that failed, what would change:
each property before and after, what it does to those who use the resource,
what it costs, who else sets it, and whether it can be undone. Nothing is
changed. With --out the plan is saved for "holdfast fix apply".

What is accepted, busy, already changing or could not be read is left alone,
and the plan says so.

A PATH with Terraform code or CloudFormation templates is planned for instead
of the account: the change is written where the value is defined, once, as a
diff that was scanned again and found to pass. --write makes it; --check only
tells, with exit code 1, that there is something to change. With a state
(--state) or a stack (--stack) beside the code, account and code are planned
for together.

A PATH that "holdfast snapshot" has saved stands for the account; changes that
need to read more than it holds are left out.`,
		Example: `  holdfast fix plan --control Neptune.5 --region eu-west-1 --out plan.json
  holdfast fix plan --param Neptune.5.minimumBackupRetentionPeriod=14 --out plan.json
  holdfast fix plan infrastructure/ --write
  holdfast fix plan infrastructure/ --format diff | git apply
  holdfast fix plan infrastructure/ --state terraform.tfstate --out plan.json`,
		RunE: func(cmd *cobra.Command, paths []string) error {
			return app.runPlan(cmd, &p, paths)
		},
	}
	flags := command.Flags()
	app.settings.addSelection(flags)
	app.settings.addTargets(flags)
	app.settings.addExceptions(flags)
	flags.StringVarP(&p.format, "format", "f", "text", "format: text, json, or diff for the changes of code alone")
	flags.StringVarP(&p.file, "out", "o", "", "file to save the plan to")
	flags.BoolVarP(&p.verbose, "verbose", "v", false, "show every change in full, with its steps")
	flags.StringVar(&p.choices.Key, "kms-key", "", "key for what gets encrypted: an ARN, an id or an alias (default: the service's own)")
	flags.BoolVar(&p.choices.NoRestart, "no-restart", false, "leave out restarts; what needs one takes effect when somebody restarts")
	flags.BoolVar(&p.choices.Now, "now", false, "do when the plan is applied what would wait for a maintenance window; refused where other changes wait there")
	flags.BoolVar(&p.write, "write", false, "write the changes of code into the files")
	flags.BoolVar(&p.check, "check", false, "exit with 1 when there is something to change, also by hand; change nothing")
	flags.StringSliceVar(&p.accept, "accept", nil, "accept, by control id, edits of code that are only made when accepted")
	p.owning.addFlags(flags)
	return command
}

// runPlan plans for accounts, or for code, or for both together.
func (app *App) runPlan(cmd *cobra.Command, p *planning, paths []string) error {
	ctx := cmd.Context()
	if p.format != "diff" && checkFormat(cmd, p.format) != nil {
		return usage("holdfast fix plan --format json", "--format: %q is none of text, json and diff", p.format)
	}
	if err := checkKind(&p.code, paths); err != nil {
		return err
	}
	snapshots, code, err := app.splitPaths(&p.code, paths)
	if err != nil {
		return err
	}
	live := len(code) == 0 || len(snapshots) > 0 || p.pairing.given()
	if err := app.checkPlan(p, code, live); err != nil {
		return err
	}
	c, err := app.choose()
	if err != nil {
		return err
	}
	if err := app.checkAccept(c, p.accept); err != nil {
		return err
	}
	job := &drafted{builder: app.builder(c, p.choices)}
	if len(code) > 0 {
		if err := app.planEdits(ctx, c, p, code, job); err != nil {
			return err
		}
	}
	if live {
		if err := app.planLive(ctx, c, p, snapshots, code, job); err != nil {
			return err
		}
	}
	plan, err := job.seal(p.write)
	if err != nil {
		return err
	}
	return app.deliver(ctx, p, plan, job)
}

// drafted is a plan that is being made, and what the scans for it counted.
type drafted struct {
	builder *fix.Builder
	source  *fix.Source
	edits   *fixcode.Plan
	tally   finding.Tally
}

func (app *App) builder(c *judgement, choices fix.Choices) *fix.Builder {
	planners := app.Parts.Planners(choices)
	return &fix.Builder{
		Catalogue: c.catalogue, Chosen: c.controls, Params: c.params, Planners: &planners, Desired: c.judge.Desired,
		Tool: "holdfast", Version: app.Version, Now: app.Now(),
	}
}

// planEdits plans for the code.
func (app *App) planEdits(ctx context.Context, c *judgement, p *planning, paths []string, job *drafted) error {
	source := &sourceCode{code: p.code, paths: paths, accept: p.accept}
	edits, tally, err := app.planCode(ctx, c, source, &gapKeeper{builder: job.builder})
	if err != nil {
		return err
	}
	job.edits, job.source = edits, source.describe(edits)
	job.tally.NotAvailable += tally.NotAvailable
	job.tally.Warning += tally.Warning
	job.tally.Gaps += tally.Gaps
	return nil
}

// planLive judges the accounts, or the snapshots of them, and plans for what
// failed.
func (app *App) planLive(ctx context.Context, c *judgement, p *planning, snapshots, code []string, job *drafted) error {
	if p.pairing.given() {
		var err error
		if job.builder.Amend, err = app.owners(ctx, &p.owning, c, code, job.edits); err != nil {
			return err
		}
	}
	bar := app.progress("reading")
	options := scan.Options{
		Engine: c.judge, Exceptions: &wanting{app.exceptions(c.catalogue), job.builder.Planners.Wants(c.controls)}, Handler: &gapKeeper{builder: job.builder},
		Concurrency: app.settings.readers(), Now: app.Now, Version: app.Version, Progress: bar,
	}
	if err := app.connectPlan(ctx, snapshots, &options, job.builder); err != nil {
		return err
	}
	footer, err := build(ctx, job.builder, &options)
	bar.finish()
	if err != nil {
		return err
	}
	job.tally.NotAvailable += footer.Tally.NotAvailable
	job.tally.Warning += footer.Tally.Warning
	job.tally.Gaps += footer.Tally.Gaps
	return nil
}

// seal ends the plan. Edits that are written at once are no part of it.
func (job *drafted) seal(written bool) (*fix.Plan, error) {
	plan, err := job.builder.Plan()
	if err != nil || job.source == nil || written {
		return plan, err
	}
	plan.Source = job.source
	return plan, fix.Seal(plan)
}

// deliver shows the plan, saves it and writes code, as the flags say.
func (app *App) deliver(ctx context.Context, p *planning, plan *fix.Plan, job *drafted) error {
	if err := app.showPlan(p, plan, job); err != nil {
		return err
	}
	if p.write {
		if err := app.writeSource(ctx, job.edits); err != nil {
			return err
		}
	}
	if p.file != "" {
		if err := fix.WritePlan(app.path(p.file), plan); err != nil {
			return err
		}
	}
	app.afterPlan(p, plan, job)
	switch {
	case p.check && (len(plan.Changes) > 0 || job.open() > 0):
		return Exit{ExitFailed}
	case job.tally.Incomplete():
		return Exit{ExitIncomplete}
	default:
		return nil
	}
}

// open is how much of the code a person would still have to look at.
func (job *drafted) open() int {
	if job.edits == nil {
		return 0
	}
	n := len(job.edits.Edits)
	for i := range job.edits.Left {
		if job.edits.Left[i].Reason != fixcode.LeftExcepted {
			n++
		}
	}
	return n
}

func (app *App) showPlan(p *planning, plan *fix.Plan, job *drafted) error {
	switch {
	case p.format == "diff":
		_, err := io.WriteString(app.Stdout, job.edits.Diff())
		return err
	case p.format == "json":
		shown := *plan
		shown.Source = job.source // also where it is written at once
		return writeJSON(app.Stdout, &shown)
	case job.edits == nil:
		return show.Plan(app.Stdout, plan, app.showing(p.verbose))
	}
	if err := show.Code(app.Stdout, job.edits, app.showing(p.verbose)); err != nil {
		return err
	}
	codeAlone := len(plan.Changes)+len(plan.Skipped) == 0 && !p.pairing.given()
	if codeAlone && len(plan.Gaps) == 0 {
		return nil
	}
	fmt.Fprintln(app.Stdout)
	if codeAlone {
		return show.Gaps(app.Stdout, plan.Gaps, app.showing(p.verbose))
	}
	return show.Plan(app.Stdout, plan, app.showing(p.verbose))
}

func pronoun(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// scan is the command that tells what could not be judged.
func (job *drafted) scan() string {
	words := []string{"holdfast", "scan"}
	if job.source != nil {
		for _, path := range job.source.Paths {
			words = append(words, quoted(path))
		}
	}
	return strings.Join(words, " ")
}

// afterPlan tells what comes next, beside the plan.
func (app *App) afterPlan(p *planning, plan *fix.Plan, job *drafted) {
	if n := job.tally.NotAvailable; n > 0 {
		fmt.Fprintf(app.Stderr, "Note: %s could not be judged, so nothing is planned for %s\nTry:  %s\n", report.Plural(n, "finding"), pronoun(n), job.scan()+app.repeat)
	}
	editing := job.edits != nil && len(job.edits.Edits) > 0
	if app.Quiet || p.format != "text" || len(plan.Changes) == 0 && !editing {
		return
	}
	switch {
	case p.file != "" && (len(plan.Changes) > 0 || !p.write):
		fmt.Fprintf(app.Stdout, "\nSaved to %s. To apply it: holdfast fix apply %s\n", p.file, p.file)
	case p.write || p.check:
	case len(plan.Changes) == 0:
		fmt.Fprintln(app.Stdout, "\nNothing was written. To write it: --write")
	default:
		fmt.Fprintln(app.Stdout, "\nThe plan was not saved. To save it: --out plan.json")
	}
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
func build(ctx context.Context, builder *fix.Builder, options *scan.Options) (footer *finding.Footer, err error) {
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
		return builder.Build(ctx, results, planningAtOnce)
	})
	return footer, group.Wait()
}

// wanting adds to what the exceptions want to be read what the planners want.
type wanting struct {
	exception.Register
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
	return w.Register.Wants(all)
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
