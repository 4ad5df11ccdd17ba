package cli

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/atomicfile"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/all"
	"github.com/spf13/pflag"
)

// output is where a scan's report goes: the nth --format is written to the nth
// --output, and a format without one to standard output.
type output struct {
	formats []string
	files   []string
	verbose bool
}

func (o *output) addFlags(flags *pflag.FlagSet) {
	var names []string
	for _, format := range all.Formats() {
		names = append(names, format.Name)
	}
	flags.StringSliceVarP(&o.formats, "format", "f", nil, "formats: "+strings.Join(names, ", ")+" (default text)")
	flags.StringSliceVarP(&o.files, "output", "o", nil, "files, one for each format; a file alone chooses its format by its ending")
	flags.BoolVarP(&o.verbose, "verbose", "v", false, "list every row, also what passed")
}

// sink is an opened report.
type sink struct {
	finding.Handler
	files []*atomicfile.File
	// onStdout is true when some format goes to standard output, and streams
	// when that one writes as it goes and not at the end.
	onStdout, streams bool
}

// open prepares every format. Nothing appears under a file's name before
// commit.
func (o *output) open(app *App) (*sink, error) {
	formats, files, err := o.pair()
	if err != nil {
		return nil, err
	}
	s := &sink{}
	taken := make(map[string]bool)
	var handlers []finding.Handler
	for i, name := range formats {
		format, err := all.Find(name)
		if err != nil {
			s.abort()
			return nil, err
		}
		var target io.Writer = app.Stdout
		options := report.Options{Width: app.Width, Color: app.Color, Verbose: o.verbose, Repeat: app.repeat, Now: app.Now(), Dir: app.Dir}
		options.Root, options.Blob = app.repository()
		if files[i] == "" || files[i] == "-" {
			if s.onStdout {
				s.abort()
				return nil, usage("holdfast scan --format text --format json --output - --output result.json", "two formats cannot share standard output")
			}
			s.onStdout, s.streams = true, format.Streams
		} else {
			path := filepath.Clean(app.path(files[i]))
			if taken[path] {
				s.abort()
				return nil, usage("holdfast scan --output result.json --output result.csv", "two formats cannot share the file %s", files[i])
			}
			taken[path] = true
			file, err := atomicfile.Create(path)
			if err != nil {
				s.abort()
				return nil, usage("holdfast scan --format "+name+" --output ./result"+format.FileExtension, "--output: %w", err)
			}
			s.files = append(s.files, file)
			target, options.Color = file, false
		}
		handlers = append(handlers, format.New(options, target))
	}
	s.Handler = all.Multi(handlers...)
	return s, nil
}

// pair matches formats and files.
func (o *output) pair() (formats, files []string, err error) {
	formats = o.formats
	if len(formats) == 0 {
		if len(o.files) == 0 {
			return []string{"text"}, []string{""}, nil
		}
		for _, file := range o.files {
			format, err := byEnding(file)
			if err != nil {
				return nil, nil, err
			}
			formats = append(formats, format)
		}
	}
	if len(o.files) > len(formats) {
		return nil, nil, usage("holdfast scan --format json --output result.json", "there are more --output than --format")
	}
	files = make([]string, len(formats))
	copy(files, o.files)
	return formats, files, nil
}

// byEnding finds the format of a file name; of two endings that fit, such as
// .json and .asff.json, the longer one counts.
func byEnding(file string) (string, error) {
	name, length := "", 0
	for _, format := range all.Formats() {
		ending := "." + strings.TrimPrefix(format.FileExtension, ".")
		if strings.HasSuffix(file, ending) && len(ending) > length {
			name, length = format.Name, len(ending)
		}
	}
	if name != "" {
		return name, nil
	}
	return "", usage("holdfast scan --format json --output "+file, "the ending of %s does not tell its format", file)
}

// commit puts every file in its place.
func (s *sink) commit() error {
	var faults []error
	for _, file := range s.files {
		if err := file.Commit(); err != nil {
			faults = append(faults, fmt.Errorf("write the report: %w", err))
		}
	}
	s.files = nil
	return errors.Join(faults...)
}

// abort throws away what was written.
func (s *sink) abort() {
	for _, file := range s.files {
		file.Abort()
	}
}
