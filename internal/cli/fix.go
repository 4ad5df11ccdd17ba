package cli

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	fixlive "github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/fix/show"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/store/journal"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newFixCommand(app *App) *cobra.Command {
	command := &cobra.Command{
		Use:   "fix",
		Short: "Plan, apply, prove and undo changes",
		Long: `Turn failed findings into a plan, apply exactly that plan, prove the result and
undo it.

A plan is a file: it can be reviewed, kept and handed on. Applying it makes a
run, whose journal on this machine holds what was about to be done before it is
done. A run that was interrupted or killed is picked up with "resume", and
everything it did is taken back with "rollback".`,
		Example: `  holdfast fix plan --control 'Neptune.*' --out plan.json
  holdfast fix apply plan.json
  holdfast fix status last
  holdfast fix rollback last`,
	}
	command.PersistentFlags().StringVar(&app.settings.stateDir, "state-dir", "",
		"directory of the journal (default $XDG_STATE_HOME/holdfast or ~/.local/state/holdfast)")
	command.AddCommand(
		newFixPlanCommand(app), newFixApplyCommand(app), newFixResumeCommand(app), newFixStatusCommand(app),
		newFixVerifyCommand(app), newFixRollbackCommand(app), newFixExportCommand(app),
	)
	return command
}

// lastName stands for the newest run wherever a run is named.
const lastName = "last"

// runName is the id of the run that a command names; empty for the newest.
func runName(args []string) string {
	if len(args) == 0 || args[0] == lastName {
		return ""
	}
	return args[0]
}

// oneRun refuses a command that does not name exactly one run.
func oneRun(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage(cmd.CommandPath()+" "+lastName, "%s needs the id of a run, or %q for the newest", cmd.Name(), lastName)
	}
	return nil
}

// journalPath is where the journal lies.
func (app *App) journalPath() (string, error) {
	directory := cmp.Or(app.settings.stateDir, app.stateDir)
	if directory != "" {
		return filepath.Join(app.path(directory), "journal.db"), nil
	}
	if state := app.Env("XDG_STATE_HOME"); filepath.IsAbs(state) {
		return filepath.Join(state, "holdfast", "journal.db"), nil
	}
	home := cmp.Or(app.Env("HOME"), app.Env("USERPROFILE"))
	if home == "" {
		return "", usage("holdfast fix status --state-dir DIR", "there is no home directory in which to keep the journal")
	}
	return filepath.Join(home, ".local", "state", "holdfast", "journal.db"), nil
}

// withJournal opens the journal for some work.
func (app *App) withJournal(ctx context.Context, work func(*journal.Journal) error) (err error) {
	path, err := app.journalPath()
	if err != nil {
		return err
	}
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	store, err := journal.Open(ctx, path, fmt.Sprintf("process %d on %s", os.Getpid(), host))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	return work(store)
}

// lastRun is the id of the newest run.
func (app *App) lastRun(ctx context.Context) (id string, err error) {
	err = app.withJournal(ctx, func(store *journal.Journal) error {
		status, err := fix.Status(ctx, store, "")
		if err == nil {
			id = status.Run
		}
		return err
	})
	return id, err
}

// running are the flags of the commands that work on a run.
type running struct {
	options fix.Options
	yes     bool
	verbose bool
	format  string
}

func (r *running) addFlags(app *App, flags *pflag.FlagSet) {
	app.settings.addTargets(flags)
	app.settings.addExceptions(flags)
	addFormat(flags, &r.format)
	flags.BoolVarP(&r.verbose, "verbose", "v", false, "list every change in full")
	flags.DurationVar(&r.options.Timeout, "timeout", 0, "longest wait for one step to take effect (default: what the plan says)")
}

// addPace adds the flags that bound how fast and how far changes go.
func (r *running) addPace(flags *pflag.FlagSet) {
	flags.IntVar(&r.options.MaxFailures, "max-failures", 10, "stop starting changes after so many failures; 0 for no limit")
	flags.IntVar(&r.options.Pace, "pace", 0, "changes started per minute at most; 0 for no bound")
}

func (r *running) addAccept(flags *pflag.FlagSet) {
	flags.StringSliceVar(&r.options.Accept, "accept", nil, "accept, by control id, changes that are only made when accepted")
	flags.StringSliceVar(&r.options.Confirm, "confirm", nil, "confirm manual steps, as CHANGE/STEP, that nothing else proves")
}

// defaultResources is how many resources are changed at once.
const defaultResources = 10

// runner wires a runner to the accounts.
// The errand is the command and the changes that it is about.
func (app *App) runner(ctx context.Context, store fix.Journal, r *running, access fix.Access, errand *errand) (*fix.Runner, error) {
	catalogue, err := app.Catalogue()
	if err != nil {
		return nil, err
	}
	if app.settings.profile == "" && len(app.settings.roleARNs) == 0 {
		app.settings.profile, app.settings.roleARNs, app.settings.externalID = access.Profile, access.Roles, access.ExternalID
	}
	session, err := app.enter(ctx, fixlive.Allowed(app.Parts.Writers))
	if err != nil {
		return nil, err
	}
	app.nameUnentered(session, errand)
	applier, err := fixlive.New(session, app.Parts.Writers)
	if err != nil {
		return nil, err
	}
	options := r.options
	options.Concurrency = cmp.Or(app.settings.concurrency, defaultResources)
	if app.fixed != nil {
		options.Poll = labPoll
	}
	exceptions := app.exceptions(catalogue)
	return &fix.Runner{
		Applier: applier, Journal: store, Clock: fix.WallClock{}, Random: rand.Reader, Version: app.Version,
		Access:  fix.Access{Profile: app.settings.profile, Roles: app.settings.roleARNs, ExternalID: app.settings.externalID},
		Options: options, Observe: app.observer(),
		Judge: func(p *fix.Plan) (fix.Judge, error) { return fix.NewRules(catalogue, p) },
		Excepted: func(control string, res *resource.Resource) *finding.Exception {
			failed := &finding.Finding{Control: control, Status: finding.Failed, Resource: res.Ref}
			if accepted := exceptions.Match(failed, res); accepted != nil {
				return accepted
			}
			// Nothing is done on what may have been accepted.
			unsure := exceptions.Unsure(failed, res)
			if unsure != nil {
				unsure.Reason = "it cannot be told whether this covers it, since the tags could not be read"
			}
			return unsure
		},
	}, nil
}

// labPoll is the pause between two looks at the lab, which settles at once.
const labPoll = 20 * time.Millisecond

// enter opens the accounts. One that cannot be entered is named and does not
// stop the others: its changes are refused, since nothing of it can be read.
func (app *App) enter(ctx context.Context, allowed []string) (*awsconn.Session, error) {
	session, err := awsconn.Open(ctx, app.connection(allowed))
	if err != nil {
		return nil, err
	}
	_, faults, err := session.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	for _, fault := range faults {
		fmt.Fprintf(app.Stderr, "Note: %s\n", fault)
	}
	return session, nil
}

// observer tells on a terminal what is being done; elsewhere the result says it.
func (app *App) observer() func(fix.Notice) {
	if !app.Terminal || app.Quiet {
		return nil
	}
	told := make(map[string]time.Duration)
	return func(n fix.Notice) {
		// A wait is told when it begins and then every ten seconds.
		if n.Wait != "" && n.Elapsed > 0 && n.Elapsed-told[n.Change.ID] < 10*time.Second {
			return
		}
		if n.Wait != "" {
			told[n.Change.ID] = n.Elapsed
		}
		if line := show.Notice(n, show.Options{Width: app.Width, Color: app.ErrColor}); line != "" {
			fmt.Fprintln(app.Stderr, line)
		}
	}
}

// finish prints a run and turns its state into the exit code.
func (app *App) finish(status *fix.RunStatus, err error, r *running) error {
	var cut *fix.JournalError
	switch {
	case errors.As(err, &cut):
		app.report(err) // something may have been done: this is no wrong usage
		if r.format == "json" {
			err = writeJSON(app.Stdout, map[string]string{"run": cut.Run, "state": fix.RunStopped, "error": cut.Error()})
			return errors.Join(err, Exit{ExitFailed})
		}
		return Exit{ExitFailed}
	case err != nil:
		return err
	}
	if err := app.printRun(status, r.format, r.verbose); err != nil {
		return err
	}
	return exitOf(status)
}

func (app *App) printRun(status *fix.RunStatus, format string, verbose bool) error {
	if format == "json" {
		return writeJSON(app.Stdout, status)
	}
	return show.Run(app.Stdout, status, app.showing(verbose))
}

func (app *App) showing(verbose bool) show.Options {
	return show.Options{Width: app.Width, Color: app.Color, Verbose: verbose}
}

func exitOf(status *fix.RunStatus) error {
	switch status.State {
	case fix.RunComplete, fix.RunRolledBack:
		return nil
	case fix.RunFailed:
		return Exit{ExitFailed}
	default:
		return Exit{ExitIncomplete}
	}
}
