package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/show"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/store/journal"
	"github.com/spf13/cobra"
)

func newFixApplyCommand(app *App) *cobra.Command {
	var r running
	command := &cobra.Command{
		Use:   "apply PLAN",
		Short: "Apply exactly one plan, and prove the result",
		Long: `Apply the changes of a plan file and nothing else.

Each resource is read again first: one that moved since the plan is refused,
and nothing is done on what cannot be read. Every call is in the journal before
it is made. A change counts as verified when the resource was read again and
its control passes; a value that is accepted but pending is reported as that.

What the plan changes in code is worked out again from the code, refused where
it differs, and written before anything is done to the account.

Ctrl-C stops between two steps. Whatever happens, "holdfast fix resume RUN"
goes on and "holdfast fix rollback RUN" takes everything back.`,
		Example: `  holdfast fix apply plan.json
  holdfast fix apply plan.json --yes --max-changes 50 --pace 10 --format json
  holdfast fix apply plan.json --accept Neptune.7`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usage("holdfast fix apply plan.json", "apply needs exactly one plan file")
			}
			if err := checkFormat(cmd, r.format); err != nil {
				return err
			}
			plan, err := app.readPlan(args[0])
			if err != nil {
				return err
			}
			job := ofPlan("holdfast fix apply "+args[0], plan)
			if err := app.checkConsent(&r, job); err != nil {
				return err
			}
			edits, err := app.deriveSource(cmd.Context(), plan)
			if err != nil {
				return err
			}
			if err := app.askApply(cmd.Context(), plan, args[0], &r); err != nil {
				return err
			}
			if err := app.applySource(cmd.Context(), plan, edits, &r); err != nil || len(plan.Changes) == 0 && plan.Source != nil {
				return err
			}
			return app.withJournal(cmd.Context(), func(store *journal.Journal) error {
				runner, err := app.runner(cmd.Context(), store, &r, fix.Access{}, job)
				if err != nil {
					return err
				}
				status, err := runner.Apply(cmd.Context(), plan)
				return app.finish(status, err, &r)
			})
		},
	}
	flags := command.Flags()
	r.addFlags(app, flags)
	r.addPace(flags)
	r.addAccept(flags)
	flags.BoolVarP(&r.yes, "yes", "y", false, "apply without asking")
	flags.IntVar(&r.options.MaxChanges, "max-changes", 0, "refuse a plan with more changes than this; 0 for no limit")
	return command
}

func newFixResumeCommand(app *App) *cobra.Command {
	var r running
	command := &cobra.Command{
		Use:   "resume RUN",
		Short: "Go on with a run that was interrupted, killed or waits for you",
		Long: `Go on with a run from its journal. A step that was under way is read, not
guessed: a call that took effect is not made again. Failed changes are tried
again, and a manual step that you have done is recognised.`,
		Example: `  holdfast fix resume last
  holdfast fix resume 20260315-120000-cd2662 --accept Neptune.7`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.reopen(cmd, args, &r, (*fix.Runner).Resume)
		},
	}
	r.addFlags(app, command.Flags())
	r.addPace(command.Flags())
	r.addAccept(command.Flags())
	return command
}

func newFixVerifyCommand(app *App) *cobra.Command {
	var r running
	command := &cobra.Command{
		Use:   "verify RUN",
		Short: "Read the resources of a run again and judge them; change nothing",
		Long: `Read every resource that a run changed and let its control judge it again. A
value that was pending is settled here. Nothing is changed.`,
		Example: `  holdfast fix verify last`,
		Args:    oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.reopen(cmd, args, &r, (*fix.Runner).Verify)
		},
	}
	r.addFlags(app, command.Flags())
	return command
}

func newFixRollbackCommand(app *App) *cobra.Command {
	var r running
	command := &cobra.Command{
		Use:   "rollback RUN",
		Short: "Take back what a run changed, newest first",
		Long: `Take back, newest first, everything that a run changed, from its journal alone:
the plan file is not needed. What somebody else has set since is left alone and
named. A rollback can be interrupted, killed and repeated.

Undoing some changes throws something away, such as restore points: that needs
--accept-loss. Undoing others opens something again, such as a public snapshot:
that needs --accept with the control's id, even with --yes.`,
		Example: `  holdfast fix rollback last
  holdfast fix rollback 20260315-120000-cd2662 --yes --accept-loss`,
		Args: oneRun,
		RunE: func(cmd *cobra.Command, args []string) error {
			return app.reopen(cmd, args, &r, (*fix.Runner).Rollback)
		},
	}
	flags := command.Flags()
	r.addFlags(app, flags)
	r.addPace(flags)
	r.addAccept(flags)
	flags.BoolVarP(&r.yes, "yes", "y", false, "roll back without asking")
	flags.BoolVar(&r.options.AcceptLoss, "accept-loss", false, "also undo what throws something away, such as restore points")
	return command
}

// reopen works on a run that is in the journal, entering the accounts as the
// command before it did unless told otherwise.
func (app *App) reopen(cmd *cobra.Command, args []string, r *running, work func(*fix.Runner, context.Context, string) (*fix.RunStatus, error)) error {
	if err := checkFormat(cmd, r.format); err != nil {
		return err
	}
	ctx := cmd.Context()
	return app.withJournal(ctx, func(store *journal.Journal) error {
		before, err := fix.Status(ctx, store, runName(args))
		if err != nil {
			return err
		}
		job := ofRun(cmd.CommandPath()+" "+before.Run, before)
		if err := app.checkConsent(r, job); err != nil {
			return err
		}
		if cmd.Name() == "rollback" {
			if err := app.askRollback(ctx, before, r); err != nil {
				return err
			}
		}
		runner, err := app.runner(ctx, store, r, lastAccess(before), job)
		if err != nil {
			return err
		}
		status, err := work(runner, ctx, before.Run)
		return app.finish(status, err, r)
	})
}

// lastAccess is how the accounts were entered the last time.
func lastAccess(status *fix.RunStatus) fix.Access {
	if n := len(status.Sessions); n > 0 {
		return status.Sessions[n-1].Access
	}
	return fix.Access{}
}

// readPlan reads a plan and believes nothing in it that no fix would do.
func (app *App) readPlan(name string) (*fix.Plan, error) {
	plan, err := app.openPlan(name)
	if err != nil {
		return nil, err
	}
	catalogue, err := app.Catalogue()
	if err != nil {
		return nil, err
	}
	planners := app.Parts.Planners(fix.Choices{})
	if err := fix.Vet(plan, catalogue, &planners); err != nil {
		return nil, err
	}
	return plan, nil
}

func (app *App) openPlan(name string) (*fix.Plan, error) {
	if name == "-" {
		return fix.ReadPlan(app.Stdin, "standard input")
	}
	file, err := os.Open(app.path(name))
	if err != nil {
		return nil, usage("holdfast fix plan --out plan.json", "read plan: %w", err)
	}
	plan, err := fix.ReadPlan(file, name)
	return plan, errors.Join(err, file.Close())
}

// askApply shows the plan and asks, unless --yes was given or there is nothing
// to do.
func (app *App) askApply(ctx context.Context, plan *fix.Plan, name string, r *running) error {
	edits := plan.Source != nil && len(plan.Source.Edits) > 0
	if r.yes || len(plan.Changes) == 0 && !edits {
		return nil
	}
	if !app.Interactive || name == "-" {
		return usage("holdfast fix apply "+name+" --yes", "there is no terminal to ask at, and --yes was not given: nothing was changed")
	}
	options := show.Options{Width: app.Width, Color: app.ErrColor, Verbose: r.verbose}
	var parts []string
	if edits {
		if err := show.Code(app.Stderr, &plan.Source.Plan, options); err != nil {
			return err
		}
		parts = append(parts, report.Plural(len(plan.Source.Edits), "edit")+" of code")
	}
	if len(plan.Changes) > 0 {
		if err := show.Plan(app.Stderr, plan, options); err != nil {
			return err
		}
		parts = append(parts, report.Plural(len(plan.Changes), "change"))
	}
	return app.ask(ctx, "Apply "+strings.Join(parts, " and ")+"?")
}

func (app *App) askRollback(ctx context.Context, status *fix.RunStatus, r *running) error {
	if r.yes {
		return nil
	}
	if !app.Interactive {
		return usage("holdfast fix rollback "+status.Run+" --yes", "there is no terminal to ask at, and --yes was not given: nothing was changed")
	}
	if err := show.Run(app.Stderr, status, show.Options{Width: app.Width, Color: app.ErrColor, Verbose: r.verbose}); err != nil {
		return err
	}
	for _, impact := range undoImpacts(status) {
		fmt.Fprintln(app.Stderr, "\nTaking it back: "+report.Clean(impact))
	}
	return app.ask(ctx, "Take back what run "+status.Run+" changed?")
}

// ask wants a whole "yes". An interrupt counts as no.
func (app *App) ask(ctx context.Context, question string) error {
	fmt.Fprintf(app.Stderr, "\n%s Only \"yes\" is taken for yes: ", question)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(app.Stdin).ReadString('\n')
		answer <- line
	}()
	select {
	case line := <-answer:
		if strings.TrimSpace(line) == "yes" {
			return nil
		}
	case <-ctx.Done():
	}
	fmt.Fprintln(app.Stderr, "Nothing was changed.")
	return Exit{ExitIncomplete}
}
