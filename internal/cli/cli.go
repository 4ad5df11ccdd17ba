package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/spf13/cobra"
)

// App is what every command works with. Nothing in it is global, so that a
// test runs the real command in its own process.
type App struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// Env reads one environment variable, and Environ lists all as name=value.
	Env     func(string) string
	Environ func() []string
	Now     func() time.Time
	// Dir is the working directory.
	Dir     string
	Version string
	// Width is the terminal's width in columns, 80 when there is none.
	Width int
	// Color is whether standard output may be coloured; ErrColor the same for
	// standard error.
	Color, ErrColor bool
	// Terminal is whether standard error is a terminal, which gets progress;
	// Screen whether standard output is one, and Interactive whether standard
	// input is, which can be asked.
	Terminal, Screen, Interactive bool
	// Quiet leaves out everything but results and errors.
	Quiet bool
	Parts Parts

	settings settings
	// repeat is what of this command line a following command needs again.
	repeat string
	// fixed, stateDir and bare are set by the demo alone: the lab in place of
	// AWS, a journal of its own, and no configuration file.
	fixed    *awsconn.Fixed
	stateDir string
	bare     bool
}

// Main runs the command line and returns its exit code.
func Main(ctx context.Context, app *App, args []string) int {
	root := newRootCommand(app)
	root.SetArgs(args)
	root.SetIn(app.Stdin)
	root.SetOut(app.Stdout)
	root.SetErr(app.Stderr)
	err := root.ExecuteContext(ctx)
	return app.report(err)
}

func newRootCommand(app *App) *cobra.Command {
	root := &cobra.Command{
		Use:   "holdfast",
		Short: "Check, explain, fix and undo AWS Security Hub findings",
		Long: `Holdfast takes an AWS Security Hub control and closes the loop: it checks the
account, explains what is wrong and why, plans the exact changes, applies only
that plan, proves the result, and can undo it.

Start here:
  holdfast demo                          the whole loop on a built-in lab, no account needed
  holdfast scan --region eu-west-1       what is wrong
  holdfast explain Neptune.5             what it means
  holdfast fix plan --out plan.json      what would change
  holdfast fix apply plan.json           change it, proven and journalled`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			return app.resolve(cmd)
		},
	}
	root.SetHelpTemplate(helpTemplate())
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usage(cmd.CommandPath()+" --help", "%w", err)
	})
	app.settings.addGlobal(root.PersistentFlags())
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), ".FlagUsages", fmt.Sprintf(".FlagUsagesWrapped %d", app.Width)))
	addGroup(root, "The loop:", newScanCommand(app), newExplainCommand(app), newFixCommand(app), newRecoverCommand(app), newDemoCommand(app))
	addGroup(root, "Around it:", newSnapshotCommand(app), newDiffCommand(app), newControlsCommand(app), newIAMPolicyCommand(app), newExportCommand(app), newVersionCommand(app))
	return root
}

// addGroup adds commands under a heading of the help.
func addGroup(root *cobra.Command, title string, commands ...*cobra.Command) {
	root.AddGroup(&cobra.Group{ID: title, Title: title})
	for _, command := range commands {
		command.GroupID = title
		requireKnown(command)
		root.AddCommand(command)
	}
}

// requireKnown makes a group of commands refuse a name that it does not have,
// instead of printing its help and succeeding.
func requireKnown(command *cobra.Command) {
	if !command.HasSubCommands() || command.Runnable() {
		return
	}
	command.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		return usage(cmd.CommandPath()+" --help", "%q is no command of %s", args[0], cmd.CommandPath())
	}
}

// Catalogue loads the built-in controls and, with --controls, a user's own.
func (app *App) Catalogue() (*control.Catalogue, error) {
	catalogue, err := control.Load(app.Parts.Controls)
	if err != nil || app.settings.controlsDir == "" {
		return catalogue, err
	}
	directory := app.path(app.settings.controlsDir)
	if info, err := os.Stat(directory); err != nil || !info.IsDir() {
		return nil, usage("holdfast controls test DIR", "controls %s: is no directory that can be read", app.settings.controlsDir)
	}
	extended, err := catalogue.Extend(os.DirFS(directory))
	if err != nil {
		return nil, fmt.Errorf("controls in %s:\n%w", app.settings.controlsDir, err)
	}
	return extended, nil
}

// Exit is an error that only sets the exit code: everything was said already.
type Exit struct{ Code int }

func (e Exit) Error() string { return fmt.Sprintf("exit code %d", e.Code) }

// UsageError is a mistake in the call. It says what to try instead.
type UsageError struct {
	Cause error
	Try   string
}

func (e *UsageError) Error() string { return e.Cause.Error() }

// Unwrap returns the cause.
func (e *UsageError) Unwrap() error { return e.Cause }

// Hint returns the command to try.
func (e *UsageError) Hint() string { return e.Try }

func usage(try, format string, args ...any) error {
	return &UsageError{Cause: fmt.Errorf(format, args...), Try: try}
}

// report prints an error with its hint and returns the exit code.
func (app *App) report(err error) int {
	var exit Exit
	switch {
	case err == nil:
		return ExitClean
	case errors.As(err, &exit):
		return exit.Code
	}
	fmt.Fprintf(app.Stderr, "Error: %s\n", strings.TrimSpace(err.Error()))
	var hinted interface{ Hint() string }
	if errors.As(err, &hinted) && hinted.Hint() != "" {
		fmt.Fprintf(app.Stderr, "Try:   %s\n", hinted.Hint())
	} else if strings.HasPrefix(err.Error(), "unknown command") {
		fmt.Fprintln(app.Stderr, "Try:   holdfast --help")
	}
	return ExitUsage
}

// The exit codes, the same for every command.
const (
	ExitClean      = 0
	ExitFailed     = 1
	ExitUsage      = 2
	ExitIncomplete = 3
)

// exitCodes is the one table of exit codes; every --help shows it.
func exitCodes() []struct {
	Code    int
	Meaning string
} {
	return []struct {
		Code    int
		Meaning string
	}{
		{ExitClean, "nothing failed, or what was asked was done and proven"},
		{ExitFailed, "a control failed (at or above --fail-on), or a change failed"},
		{ExitUsage, "wrong usage or input; nothing was changed"},
		{ExitIncomplete, "nothing failed, but something could not be read, judged or finished"},
	}
}

func helpTemplate() string {
	var table strings.Builder
	for _, row := range exitCodes() {
		fmt.Fprintf(&table, "  %d  %s\n", row.Code, row.Meaning)
	}
	return `{{with (or .Long .Short)}}{{. | trimTrailingWhitespaces}}

{{end}}{{if or .Runnable .HasSubCommands}}{{.UsageString}}{{end}}
Exit codes:
` + table.String()
}

// path makes a path relative to the working directory absolute.
func (app *App) path(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return app.Dir + "/" + name
}
