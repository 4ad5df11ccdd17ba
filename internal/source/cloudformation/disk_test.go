package cloudformation

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

// kept is a sink.
type kept struct {
	found []*resource.Resource
	gaps  []finding.Gap
}

var _ scan.Sink = (*kept)(nil)

func (k *kept) Resources(page []*resource.Resource) error {
	k.found = append(k.found, page...)
	return nil
}

func (k *kept) Gap(g finding.Gap) error { k.gaps = append(k.gaps, g); return nil }

// readAll reads a source whose clusters are things with a number of days.
func readAll(t *testing.T, s *Source) *kept {
	t.Helper()
	s.options.Types = map[string]*control.Type{"Thing": {
		Name: "Thing", CloudFormation: "AWS::Neptune::DBCluster",
		Properties: map[string]*control.Property{"Days": {Type: "int", CloudFormation: "BackupRetentionPeriod"}},
	}}
	listing, err := s.List(context.Background(), resource.Wants{"Thing": {"Days"}})
	if err != nil {
		t.Fatal(err)
	}
	out := &kept{gaps: listing.Gaps}
	for _, unit := range listing.Units {
		if err := unit.Read(context.Background(), out); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func put(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

const thing = "Parameters: {Days: {Type: Number, Default: 1}}\nResources:\n  Graph:\n    Type: AWS::Neptune::DBCluster\n    Properties: {BackupRetentionPeriod: !Ref Days}\n"

func TestContentsThatStandInPlaceOfFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	const nest = "Resources:\n  Below:\n    Type: AWS::CloudFormation::Stack\n    Properties: {TemplateURL: below.yaml}\n"
	for name, text := range map[string]string{"alone.yaml": thing, "main.yaml": nest, "below.yaml": thing, "given.json": `["Days=2"]`} {
		put(t, filepath.Join(dir, name), text)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	relative, err := filepath.Rel(here, dir)
	if err != nil {
		t.Fatal(err)
	}
	changed := []byte(strings.Replace(thing, "Default: 1", "Default: 7", 1))
	for name, test := range map[string]struct {
		path, overlaid string
		content        []byte
		files          []string
		want           string
	}{
		"by the name that it has":      {filepath.Join(dir, "alone.yaml"), filepath.Join(dir, "alone.yaml"), changed, nil, "7"},
		"read by an absolute name":     {filepath.Join(dir, "alone.yaml"), filepath.Join(relative, "alone.yaml"), changed, nil, "7"},
		"named by an absolute name":    {filepath.Join(relative, "alone.yaml"), filepath.Join(dir, "alone.yaml"), changed, nil, "7"},
		"a nested template":            {filepath.Join(dir, "main.yaml"), filepath.Join(dir, "below.yaml"), changed, nil, "7"},
		"what a nested stack is given": {filepath.Join(dir, "main.yaml"), filepath.Join(dir, "main.yaml"), []byte(strings.Replace(nest, "below.yaml", "below.yaml, Parameters: {Days: 5}", 1)), nil, "5"},
		"a parameter file":             {filepath.Join(dir, "alone.yaml"), filepath.Join(dir, "given.json"), []byte(`["Days=9"]`), []string{filepath.Join(dir, "given.json")}, "9"},
		"another file":                 {filepath.Join(dir, "alone.yaml"), filepath.Join(dir, "other.yaml"), changed, nil, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := readAll(t, New([]string{test.path}, Options{ParameterFiles: test.files, Overlay: map[string][]byte{test.overlaid: test.content}}))
			if len(got.found) != 1 || got.found[0].Get("Days").String() != test.want {
				t.Errorf("got %+v, want %s", got.found, test.want)
			}
		})
	}
}

// A file that cannot be read is a gap; what stands beside it is judged.
func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	const header = "AWSTemplateFormatVersion: '2010-09-09'\n"
	for name, test := range map[string]struct {
		make           func(t *testing.T, file string)
		reason, detail string
	}{
		"200 MB": {func(t *testing.T, file string) {
			put(t, file, header+thing)
			if err := os.Truncate(file, 200<<20); err != nil {
				t.Fatal(err)
			}
		}, finding.GapFailed, "209715200 bytes are more than"},
		"bytes": {func(t *testing.T, file string) {
			put(t, file, header+"\x00\x01\x02\x7fELF")
		}, finding.GapMalformed, "bytes that are no text"},
		"no UTF-8": {func(t *testing.T, file string) {
			put(t, file, header+"Description: \xff\xfe\xfd\n"+thing)
		}, finding.GapMalformed, "line 2: invalid leading UTF-8"},
		"a bomb of aliases": {func(t *testing.T, file string) {
			put(t, file, header+bomb())
		}, finding.GapMalformed, "more than can be looked at"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			put(t, filepath.Join(dir, "good.yaml"), thing)
			test.make(t, filepath.Join(dir, "odd.yaml"))
			got := readAll(t, New([]string{dir}, Options{}))
			if len(got.gaps) != 1 || got.gaps[0].Reason != test.reason || !strings.Contains(got.gaps[0].Detail, test.detail) ||
				filepath.Base(got.gaps[0].File) != "odd.yaml" {
				t.Errorf("gaps %+v", got.gaps)
			}
			if len(got.found) == 0 || filepath.Base(got.found[0].Origin.File) != "good.yaml" {
				t.Errorf("found %+v", got.found)
			}
		})
	}
}

// bomb is a cluster whose retention would be ten to the power of twenty items.
func bomb() string {
	var b strings.Builder
	b.WriteString("x0: &x0 [1]\n")
	for level := range 20 {
		from, to := string(rune('a'+level)), string(rune('a'+level+1))
		if level == 0 {
			from = "x0"
		}
		b.WriteString(to + ": &" + to + " [" + strings.Repeat("*"+from+", ", 9) + "*" + from + "]\n")
	}
	b.WriteString("Resources:\n  Odd:\n    Type: AWS::Neptune::DBCluster\n    Properties: {BackupRetentionPeriod: *u}\n")
	return b.String()
}

// Whoever may not read a file is told so.
func TestAFileThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "t.yaml")
	put(t, file, thing)
	source := New([]string{file}, Options{})
	source.disk.open = func(name string) ([]byte, error) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	got := readAll(t, source)
	if len(got.gaps) != 1 || got.gaps[0].Reason != finding.GapDenied || got.gaps[0].File != file {
		t.Errorf("gaps %+v", got.gaps)
	}
}
