package cli

import (
	"context"
	"io"

	"github.com/holdfast-aws/holdfast/internal/atomicfile"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/drift"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live"
)

// runDrift reads the account and the code at the paths, and shows where they
// disagree.
func (app *App) runDrift(ctx context.Context, p *pairing, c *code, paths []string, out *output, severity finding.Severity) error {
	formats, files, err := driftFormats(out)
	if err != nil {
		return err
	}
	found, err := app.drift(ctx, p, c, paths)
	if err != nil {
		return err
	}
	for i, format := range formats {
		if err := app.writeDrift(found, format, files[i], out.verbose); err != nil {
			return err
		}
	}
	switch {
	case severity != neverFail && found.Found(severity):
		return Exit{ExitFailed}
	case found.Incomplete():
		return Exit{ExitIncomplete}
	default:
		return nil
	}
}

// driftFormats are the formats that drift has, each with its file.
func driftFormats(out *output) (formats, files []string, err error) {
	if formats, files, err = out.pair(); err != nil {
		return nil, nil, err
	}
	screens := 0
	for i, format := range formats {
		if format != "text" && format != "json" {
			return nil, nil, usage("holdfast scan --drift --format json PATH", "--format: drift is written as text or json, not as %s", format)
		}
		if files[i] == "" || files[i] == "-" {
			screens++
		}
	}
	if screens > 1 {
		return nil, nil, usage("holdfast scan --drift --format text --format json --output - --output drift.json PATH", "two formats cannot share standard output")
	}
	return formats, files, nil
}

func (app *App) drift(ctx context.Context, p *pairing, c *code, paths []string) (*drift.Drift, error) {
	catalogue, chosen, params, err := app.selection()
	if err != nil {
		return nil, err
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		return nil, err
	}
	held, err := app.pairUp(ctx, p, c, catalogue, paths, judge.Wants())
	if err != nil {
		return nil, err
	}
	if len(p.states) == 0 && !held.matcher.HasStacks() {
		return nil, usage("holdfast scan --drift --state terraform.tfstate "+paths[0],
			"--drift: nothing tells which live resources the code is about; name a state (--state), a stack (--stack), or a cdk.out as PATH")
	}
	session, err := awsconn.Open(ctx, app.connection(live.Reads(app.Parts.Readers)))
	if err != nil {
		return nil, err
	}
	wants := judge.Wants()
	if held.matcher.HasStacks() {
		wants = withTags(wants, held.matcher.Tagged)
	}
	bar := app.progress("reading")
	defer bar.finish()
	return drift.Find(ctx, drift.Options{
		Matcher: held.matcher, Code: held.code, Stated: len(p.states) > 0, Judge: judge,
		Live: live.New(session, app.Parts.Readers), Wants: wants, Concurrency: app.settings.readers(), Progress: bar,
		Calls: session.CallCount, Tool: "holdfast", Version: app.Version, Now: app.Now(),
	})
}

// withTags adds the tags of the types that have some.
func withTags(wants resource.Wants, tagged func(string) bool) resource.Wants {
	all := wants.WithAll(resource.TagsProperty)
	for typ := range all {
		if !tagged(typ) {
			all[typ] = wants[typ]
		}
	}
	return all
}

// writeDrift writes one format, to its file or to standard output.
func (app *App) writeDrift(found *drift.Drift, format, file string, verbose bool) error {
	write := func(out io.Writer, color bool) error {
		if format == "json" {
			return found.WriteJSON(out)
		}
		return found.WriteText(report.Options{Width: app.Width, Color: color, Verbose: verbose}, out)
	}
	if file == "" || file == "-" {
		return write(app.Stdout, app.Color)
	}
	to, err := atomicfile.Create(app.path(file))
	if err != nil {
		return usage("holdfast scan --drift --format "+format+" --output drift."+format+" PATH", "--output: %w", err)
	}
	defer to.Abort()
	if err := write(to, false); err != nil {
		return err
	}
	return to.Commit()
}

// checkDrift refuses flags that do not go together, before anything is read.
func (app *App) checkDrift(asked bool, p *pairing, paths []string) error {
	switch {
	case !asked && p.given():
		return usage("holdfast scan --drift --state terraform.tfstate PATH", "--state and --stack tell which live resources code is about; they go with --drift")
	case !asked && len(paths) > 0 && app.targeted():
		return usage("holdfast scan "+paths[0], "--region, --role-arn, --external-id and --profile choose accounts; with a PATH nothing is read from AWS")
	case asked && len(paths)+len(p.stacks) == 0:
		return usage("holdfast scan --drift --state terraform.tfstate PATH", "--drift compares the account with code, and no PATH says where that is")
	default:
		return nil
	}
}
