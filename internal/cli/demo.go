package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/terminal"
	"github.com/spf13/cobra"
)

func newDemoCommand(app *App) *cobra.Command {
	var serve bool
	command := &cobra.Command{
		Use:   "demo",
		Short: "Walk the whole loop on a built-in lab: no account, nothing to set up",
		Long: `Start a small local AWS with three accounts and a dozen Neptune clusters, and walk
through checking, planning, applying, proving and undoing. The commands are the
real ones, speaking through the real AWS SDK to 127.0.0.1. No account is touched.

With --serve the lab stays up and the settings for your own commands, the AWS
CLI or Terraform are printed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if serve {
				return app.serveLab(cmd.Context())
			}
			return app.walkDemo(cmd.Context())
		},
	}
	command.Flags().BoolVar(&serve, "serve", false, "keep the lab running until interrupted")
	return command
}

// demoStep is one command of the walk.
type demoStep struct {
	say  string
	args []string
	want int // the exit code that the command is expected to have
}

// demoRegions are the regions in which the lab's organisation has resources.
const demoRegions = "ap-southeast-2,eu-central-1,eu-west-1,us-east-1"

func demoSteps(plan string) []demoStep {
	target := append([]string{"--region", demoRegions}, demoRole("HoldfastAudit")...)
	// Scanning and planning read; only applying gets a role that can write.
	writing := append(demoRole("HoldfastFix"), "--external-id", "holdfast-demo")
	chosen := []string{"--control", "Neptune.4,Neptune.5,Neptune.8"}
	return []demoStep{
		{"Check every Neptune control in three accounts and four regions.", append([]string{"scan", "--control", "Neptune.*"}, target...), ExitFailed},
		{"What is Neptune.5, and why does it matter?", []string{"explain", "Neptune.5"}, ExitClean},
		{"Plan the three fixes that need no downtime. Nothing is changed yet.",
			append(append([]string{"fix", "plan", "--out", plan}, chosen...), target...), ExitClean},
		{"Apply exactly that plan. Each change is journalled, waited for and proven.",
			append([]string{"fix", "apply", plan, "--yes"}, writing...), ExitClean},
		{"Look again: those three controls now pass wherever a change was possible.",
			append(append([]string{"scan"}, chosen...), target...), ExitFailed},
	}
}

// demoRole names a role in each of the lab's accounts.
func demoRole(name string) []string {
	roles := make([]string, 0, 3)
	for _, account := range []string{lab.DemoProduction, lab.DemoStaging, lab.DemoPartners} {
		roles = append(roles, "arn:aws:iam::"+account+":role/"+name)
	}
	return []string{"--role-arn", strings.Join(roles, ",")}
}

func (app *App) walkDemo(ctx context.Context) error {
	l, err := lab.Start(ctx, lab.Options{World: lab.Demo(nil), Settle: lab.Settle{Describes: 1}})
	if err != nil {
		return err
	}
	defer l.Close()
	directory, err := os.MkdirTemp("", "holdfast-demo-*")
	if err != nil {
		return fmt.Errorf("make a folder for the demo: %w", err)
	}
	defer os.RemoveAll(directory)
	walk := &demoWalk{app: app, lab: l, directory: directory, style: terminal.NewStyle(app.Color)}
	fmt.Fprintf(app.Stdout, "A small AWS runs at %s. No account of yours is touched.\n", l.URL)
	for i, step := range demoSteps(filepath.Join(directory, "plan.json")) {
		if err := walk.run(ctx, i+1, step); err != nil {
			return err
		}
	}
	return walk.rollback(ctx)
}

type demoWalk struct {
	app       *App
	lab       *lab.Lab
	directory string
	style     terminal.Style
	number    int
}

// command makes an App that works on the lab and in the demo's own folder, and
// reads no setting of the user's.
func (w *demoWalk) command() *App {
	sub := *w.app
	sub.settings = settings{}
	sub.Env = func(string) string { return "" }
	sub.Dir = w.directory
	sub.fixed = &awsconn.Fixed{
		Endpoint: w.lab.URL, Region: "eu-west-1", AccessKey: lab.AccessKey(lab.DemoProduction), SecretKey: "lab",
	}
	sub.stateDir = w.directory
	sub.bare = true
	return &sub
}

func (w *demoWalk) run(ctx context.Context, number int, step demoStep) error {
	w.number = number
	w.announce(step)
	code := Main(ctx, w.command(), step.args)
	if code != step.want {
		return fmt.Errorf("demo step %d: holdfast %s ended with exit code %d, not %d", number, step.args[0], code, step.want)
	}
	return nil
}

// announce prints a step's command as a person would type it.
func (w *demoWalk) announce(step demoStep) {
	shown := make([]string, 0, len(step.args))
	for i := 0; i < len(step.args); i++ {
		if step.args[i] == "--role-arn" { // three long ARNs help no reader
			shown = append(shown, "--role-arn …")
			i++
			continue
		}
		shown = append(shown, quoted(strings.TrimPrefix(step.args[i], w.directory+string(filepath.Separator))))
	}
	fmt.Fprintf(w.app.Stdout, "\n%s\n%s\n\n", w.style.Bold(fmt.Sprintf("%d. %s", w.number, step.say)),
		w.style.Cyan("$ holdfast "+strings.Join(shown, " ")))
}

// rollback undoes the run that the walk has made and ends the demo.
func (w *demoWalk) rollback(ctx context.Context) error {
	run, err := w.command().lastRun(ctx)
	if err != nil {
		return err
	}
	step := demoStep{
		say:  "Changed your mind? The journal holds every former value. Lowering retention discards restore points, so it asks for its own flag.",
		args: []string{"fix", "rollback", run, "--yes", "--accept-loss"}, want: ExitClean,
	}
	if err := w.run(ctx, w.number+1, step); err != nil {
		return err
	}
	_, err = fmt.Fprintf(w.app.Stdout, "\n%s\n%s\n", w.style.Bold("That was the whole loop."),
		"Next: holdfast scan, with your own AWS credentials, or holdfast demo --serve to try things on the lab.")
	return err
}

// serveLab keeps the lab running and says how to reach it.
func (app *App) serveLab(ctx context.Context) error {
	l, err := lab.Start(ctx, lab.Options{World: lab.Demo(nil), Settle: lab.Settle{After: 2 * time.Second}})
	if err != nil {
		return err
	}
	defer l.Close()
	fmt.Fprintln(app.Stdout, "# A small AWS. Paste these lines into another shell, then for example: holdfast scan")
	for _, setting := range l.Env(lab.DemoProduction, "eu-west-1") {
		fmt.Fprintln(app.Stdout, "export "+setting)
	}
	fmt.Fprintln(app.Stderr, "Press Ctrl-C to stop it.")
	<-ctx.Done()
	return nil
}
