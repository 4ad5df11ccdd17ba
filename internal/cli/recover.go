package cli

import (
	"context"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/atomicfile"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/recover"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/internal/source/snapshot"
	"github.com/spf13/cobra"
)

// recovery are the flags of recover.
type recovery struct {
	foundAfter, at string
	filter         recover.Filter
	format, file   string
	verbose        bool
}

func newRecoverCommand(app *App) *cobra.Command {
	var r recovery
	command := &cobra.Command{
		Use:   "recover [SNAPSHOT-FILE…]",
		Short: "Say what could be restored if damage is found late",
		Long: `Say of every database, table and file system what it could be restored from:
continuous backups, from when to when; snapshots, manual and automated; recovery
points of AWS Backup; copies. What is configured stands beside what counts today.

With --found-after 6d the damage happened up to six days ago, with --at at that
time. A clean point is one at or before it. Resources without one come first, and
then those of which it could not be told. With a clean point, what was written
between it and the damage is lost; what was written since is lost in any case.

Nothing is restored and nothing changed. Without a file the account is read; with
one or more, saved by "holdfast snapshot", nothing is read from AWS, and all times
count from when they were taken.

The exit code is 1 where a resource has no clean point, 3 where something could
not be told, and 0 otherwise.`,
		Example: `  holdfast recover --region eu-west-1
  holdfast recover --found-after 6d
  holdfast recover --at 2026-11-16T09:30:00Z --type 'AWS::Neptune::*'
  holdfast recover --found-after 2w --id 'orders-*' --format json
  holdfast recover --found-after 36h account.ndjson`,
		RunE: func(cmd *cobra.Command, files []string) error { return app.runRecover(cmd.Context(), &r, files) },
	}
	flags := command.Flags()
	app.settings.addTargets(flags)
	flags.StringVar(&r.foundAfter, "found-after", "", "how long before now the damage may have happened: 6d, 36h, 2w")
	flags.StringVar(&r.at, "at", "", "when the damage happened: RFC 3339, or a date, which means 00:00 UTC")
	flags.StringSliceVar(&r.filter.Types, "type", nil, "resource types or globs, as 'AWS::Neptune::*' (default all)")
	flags.StringSliceVar(&r.filter.IDs, "id", nil, "ids of resources or globs, as 'orders-*' (default all)")
	flags.StringVarP(&r.format, "format", "f", "", "format: text or json (default text)")
	flags.StringVarP(&r.file, "output", "o", "", "file to write to (default standard output)")
	flags.BoolVarP(&r.verbose, "verbose", "v", false, "list every resource and every point")
	return command
}

func (app *App) runRecover(ctx context.Context, r *recovery, files []string) error {
	if err := r.check(); err != nil {
		return err
	}
	options, err := app.recoverOptions(ctx, r, files)
	if err != nil {
		return err
	}
	bar := app.progress("reading")
	options.Progress = bar
	found, err := recover.Read(ctx, options)
	bar.finish()
	if err != nil {
		return err
	}
	if len(found.Items)+len(found.Left)+len(found.Gaps) == 0 && len(r.filter.IDs) > 0 {
		return usage("holdfast recover"+app.repeat, "--id: nothing is named %s", strings.Join(r.filter.IDs, " or "))
	}
	if err := app.writeRecover(found, r); err != nil {
		return err
	}
	switch {
	case found.Summary().None > 0:
		return Exit{ExitFailed}
	case found.Incomplete():
		return Exit{ExitIncomplete}
	default:
		return nil
	}
}

// check refuses flags that mean nothing, before anything is read.
func (r *recovery) check() error {
	if r.format == "" && strings.HasSuffix(r.file, ".json") {
		r.format = "json"
	}
	if !slices.Contains([]string{"", "text", "json"}, r.format) {
		return usage("holdfast recover --format json", "--format: what could be restored is written as text or json, not as %s", r.format)
	}
	if r.foundAfter != "" && r.at != "" {
		return usage("holdfast recover --found-after 6d", "--found-after and --at both say when the damage happened")
	}
	for _, list := range []struct {
		flag     string
		patterns []string
	}{{"--type", r.filter.Types}, {"--id", r.filter.IDs}} {
		for _, pattern := range list.patterns {
			if _, err := path.Match(pattern, ""); err != nil {
				return usage("holdfast recover "+list.flag+" '*'", "%s: %q is no pattern: %w", list.flag, pattern, err)
			}
		}
	}
	return nil
}

// moment is when the damage happened, seen from a time; zero when nobody asks.
func (r *recovery) moment(asOf time.Time) (time.Time, error) {
	switch {
	case r.foundAfter != "":
		span, err := recover.ParseSpan(r.foundAfter)
		if err != nil {
			return time.Time{}, usage("holdfast recover --found-after 6d", "--found-after: %w", err)
		}
		return asOf.Add(-span), nil
	case r.at != "":
		at, err := recover.ParseMoment(r.at)
		if err != nil {
			return time.Time{}, usage("holdfast recover --at "+asOf.AddDate(0, 0, -6).Format(time.RFC3339), "--at: %w", err)
		}
		if at.After(asOf) {
			return time.Time{}, usage("holdfast recover --at "+asOf.AddDate(0, 0, -6).Format(time.RFC3339),
				"--at: %s lies after %s, as of which it is asked", at.Format(time.RFC3339), asOf.Format(time.RFC3339))
		}
		return at, nil
	default:
		return time.Time{}, nil
	}
}

func (app *App) recoverOptions(ctx context.Context, r *recovery, files []string) (recover.Options, error) {
	o := recover.Options{
		Filter: r.filter, Concurrency: app.settings.readers(), Tool: "holdfast", Version: app.Version,
		AsOf: app.Now().UTC().Truncate(time.Second),
	}
	catalogue, err := app.Catalogue()
	if err != nil {
		return o, err
	}
	if o.Wants = recover.Wants(catalogue.Types, r.filter); len(o.Wants) == 0 {
		return o, usage("holdfast recover --type "+recover.Types()[0], "--type: %s is none of %s",
			strings.Join(r.filter.Types, ", "), strings.Join(recover.Types(), ", "))
	}
	if len(files) > 0 {
		if o.AsOf, err = app.taken(files); err != nil {
			return o, err
		}
	}
	if o.Moment, err = r.moment(o.AsOf); err != nil {
		return o, err
	}
	if len(files) > 0 {
		o.Source = snapshot.New(app.paths(files))
		return o, nil
	}
	session, err := awsconn.Open(ctx, app.connection(live.Reads(app.Parts.Readers)))
	if err != nil {
		return o, err
	}
	o.Source, o.Calls = live.New(session, app.Parts.Readers), session.CallCount
	return o, nil
}

// longestApart is how far apart snapshots may be taken that are told of as one.
const longestApart = 24 * time.Hour

// taken is when the oldest of the snapshots was taken: what a newer one holds was
// read after that, and a window is never taken for longer than it is.
func (app *App) taken(files []string) (time.Time, error) {
	const try = "holdfast recover, or holdfast recover account.ndjson with a file of holdfast snapshot"
	if app.targeted() {
		return time.Time{}, usage("holdfast recover "+files[0], "--region, --role-arn, --external-id and --profile choose accounts; with a file nothing is read from AWS")
	}
	var oldest, newest time.Time
	for _, file := range files {
		is, err := snapshot.Detect(app.path(file))
		if err != nil {
			return time.Time{}, usage(try, "%w", err)
		}
		if !is {
			return time.Time{}, usage(try, "%s is no snapshot; code does not tell what could be restored", file)
		}
		at, err := snapshot.Taken(app.path(file))
		if err != nil {
			return time.Time{}, err
		}
		if oldest.IsZero() || at.Before(oldest) {
			oldest = at
		}
		if at.After(newest) {
			newest = at
		}
	}
	if newest.Sub(oldest) > longestApart {
		return time.Time{}, usage("holdfast recover "+files[0], "the snapshots were taken %s apart; no one time could be told of both", recover.Span(newest.Sub(oldest)))
	}
	return oldest.Truncate(time.Second), nil
}

// writeRecover writes to the file or to standard output.
func (app *App) writeRecover(found *recover.Inventory, r *recovery) error {
	write := func(out io.Writer, color bool) error {
		if r.format == "json" {
			return found.WriteJSON(out)
		}
		return found.WriteText(report.Options{Width: app.Width, Color: color, Verbose: r.verbose}, out)
	}
	if r.file == "" || r.file == "-" {
		return write(app.Stdout, app.Color)
	}
	to, err := atomicfile.Create(app.path(r.file))
	if err != nil {
		return usage("holdfast recover --output recover.json", "--output: %w", err)
	}
	defer to.Abort()
	if err := write(to, false); err != nil {
		return err
	}
	return to.Commit()
}
