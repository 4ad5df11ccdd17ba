package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/holdfast-aws/holdfast/internal/baseline"
	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report/all"
	"github.com/spf13/pflag"
)

// baselining holds the flags of baselines.
type baselining struct {
	from, to, until string
	onlyNew         bool

	set      *baseline.Set
	recorder *baseline.Recorder
}

func (b *baselining) addFlags(flags *pflag.FlagSet) {
	flags.StringVar(&b.from, "baseline", "", "file of findings that were there before and do not count")
	flags.BoolVar(&b.onlyNew, "only-new", false, "leave what is in the baseline out of the reports")
	flags.StringVar(&b.to, "save-baseline", "", "file to write the failed findings to, as a baseline for later scans")
	flags.StringVar(&b.until, "baseline-until", "", "last day on which what is saved counts, as 2027-01-31 (default: no expiry)")
}

// open checks the flags and reads the baseline.
func (b *baselining) open(app *App, drift bool) error {
	switch _, err := time.Parse(exception.Day, b.until); {
	case drift && (b.from != "" || b.to != ""):
		return usage("holdfast scan --drift --state terraform.tfstate infrastructure/", "a comparison has no baseline: leave --baseline and --save-baseline out")
	case b.onlyNew && b.from == "":
		return usage("holdfast scan --baseline baseline.json --only-new", "--only-new needs a --baseline to tell what is new")
	case b.until != "" && b.to == "":
		return usage("holdfast scan --save-baseline baseline.json --baseline-until "+b.until, "--baseline-until is for what --save-baseline writes")
	case b.until != "" && err != nil:
		return usage("holdfast scan --save-baseline baseline.json --baseline-until 2027-01-31", "--baseline-until: %q is no day", b.until)
	}
	if b.from != "" {
		if err := b.read(app); err != nil {
			return err
		}
	}
	if b.to != "" {
		b.recorder = baseline.NewRecorder(app.from(b.to), b.until, b.set)
	}
	return nil
}

func (b *baselining) read(app *App) error {
	file, err := os.Open(app.path(b.from))
	if errors.Is(err, fs.ErrNotExist) {
		return usage("holdfast scan --save-baseline "+quoted(b.from), "--baseline: %s does not exist", b.from)
	}
	if err != nil {
		return fmt.Errorf("read baseline: %w", err)
	}
	defer file.Close()
	entries, err := baseline.Read(file, b.from)
	var fault *baseline.Error
	if errors.As(err, &fault) {
		return usage(fault.Hint(), "%w", err)
	}
	if err != nil {
		return err
	}
	folder := filepath.Dir(app.path(b.from))
	resolve := func(path string) string {
		if filepath.IsAbs(path) {
			return path
		}
		return filepath.Join(folder, filepath.FromSlash(path))
	}
	b.set = baseline.NewSet(entries, baseline.Options{
		Name: b.from, Locate: app.from(b.from), Resolve: resolve, Now: app.Now(),
		Exists: func(path string) bool {
			_, err := os.Stat(resolve(path))
			return !errors.Is(err, fs.ErrNotExist)
		},
	})
	return nil
}

// from returns what turns a path into one from the folder of a file.
func (app *App) from(file string) func(string) string {
	folder := filepath.Dir(app.path(file))
	return func(path string) string {
		if path == "" {
			return ""
		}
		absolute := app.path(filepath.FromSlash(path))
		if rel, err := filepath.Rel(folder, absolute); err == nil {
			return filepath.ToSlash(rel)
		}
		return filepath.ToSlash(absolute)
	}
}

// registers returns the baseline as exceptions.
func (b *baselining) registers() []exception.Register {
	if b.set == nil {
		return nil
	}
	return []exception.Register{b.set}
}

// around lets the baseline see what a report gets, and leaves out of the report
// what is not new.
func (b *baselining) around(handler finding.Handler) finding.Handler {
	if b.onlyNew {
		handler = &baseline.OnlyNew{Handler: handler}
	}
	if b.recorder != nil {
		handler = all.Multi(b.recorder, handler)
	}
	return handler
}

// save writes the baseline that was asked for.
func (b *baselining) save(app *App) error {
	if b.recorder == nil {
		return nil
	}
	entries := b.recorder.Entries()
	body, err := baseline.Marshal(entries)
	if err == nil {
		err = save(app.path(b.to), body)
	}
	if err != nil {
		return fmt.Errorf("save baseline: %w", err)
	}
	if !app.Quiet {
		fmt.Fprintf(app.Stderr, "Saved %d findings to %s\n", len(entries), b.to)
	}
	return nil
}
