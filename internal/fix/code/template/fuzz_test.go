package template_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/fix/code/template"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/services"
	"gopkg.in/yaml.v3"
)

const clusterType = "AWS::Neptune::DBCluster"

// Whatever a template looks like: what is written is read again, one value
// differs, and every comment is still there.
func FuzzWrite(f *testing.F) {
	err := filepath.WalkDir("testdata", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.Contains(path, "before") {
			return err
		}
		data, err := os.ReadFile(path)
		f.Add(data)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		file := filepath.Join(t.TempDir(), "t.yaml")
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		options := cloudformation.Options{Types: catalogue.Types}
		for _, r := range clusters(t, file, options) {
			for property, value := range map[string]resource.Value{
				"BackupRetentionPeriod": resource.OfInt(17), "DeletionProtection": resource.OfBool(true),
				"EnableCloudwatchLogsExports": resource.OfStrings([]string{"audit"}),
			} {
				writeOne(t, text, r, catalogue.Types[clusterType], property, value, options)
			}
		}
	})
}

func clusters(t *testing.T, file string, o cloudformation.Options) []*resource.Resource {
	t.Helper()
	kept := &sink{}
	source := cloudformation.New([]string{file}, o)
	listing, err := source.List(context.Background(), resource.Wants{clusterType: o.Types[clusterType].PropertyNames()})
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range listing.Units {
		if err := unit.Read(context.Background(), kept); err != nil {
			t.Fatal(err)
		}
	}
	return kept.found[:min(4, len(kept.found))]
}

func writeOne(t *testing.T, text []byte, r *resource.Resource, typ *control.Type, property string, value resource.Value, o cloudformation.Options) {
	t.Helper()
	before := r.Get(property)
	if before.Kind() == resource.Absent {
		before = typ.Properties[property].Default
	}
	if items, is := before.Strings(); is && !slices.Contains(items, "audit") {
		value = resource.OfStrings(append(slices.Clone(items), "audit"))
	}
	if !before.Known() || before.Equal(value) || before.Kind() == resource.List && value.Kind() != resource.List {
		return
	}
	l := template.New(o)
	spot, left, err := l.Place(code.NewFiles(), &code.Want{
		Control: "Neptune.0", Type: typ, Resource: r.Ref, Property: property, Before: before, After: value, At: r.Where[property],
	})
	if err != nil || (spot == nil) == (left == nil) {
		t.Fatalf("%s of %s: %v, %v, %v", property, r.ID, spot, left, err)
	}
	if left != nil {
		return
	}
	out, err := l.Write(spot.File, text, []code.Setting{{Spot: *spot, Value: value}})
	if err != nil {
		t.Fatal(err)
	}
	if fault := differs(text, out); fault != "" {
		t.Errorf("%s of %s: %s in\n%s", property, r.ID, fault, out)
	}
}

// differs says what is wrong with a file after one value was set in it. It reads
// both with the YAML parser alone.
func differs(before, after []byte) string {
	var a, b yaml.Node
	if yaml.Unmarshal(before, &a) != nil {
		return "" // JSON that YAML does not take
	}
	if err := yaml.Unmarshal(after, &b); err != nil {
		return err.Error()
	}
	old, now := leaves(&a, "", nil), leaves(&b, "", nil)
	var gone, fresh []string
	for path, text := range old {
		if now[path] != text {
			gone = append(gone, path)
		}
	}
	for path, text := range now {
		if old[path] != text {
			fresh = append(fresh, path)
		}
	}
	switch {
	case len(fresh) != 1 || len(gone) > 1:
		return fmt.Sprintf("%q became %q", gone, fresh)
	case !slices.Equal(comments(&a), comments(&b)):
		return fmt.Sprintf("comments %q became %q", comments(&a), comments(&b))
	case !bytes.Contains(bytes.ReplaceAll(before, []byte("\r\n"), nil), []byte("\n")) && bytes.Contains(before, []byte("\n")) &&
		bytes.Contains(bytes.ReplaceAll(after, []byte("\r\n"), nil), []byte("\n")):
		return "line ends differ"
	}
	return ""
}

// leaves are the texts of a document by their paths.
func leaves(n *yaml.Node, path string, into map[string]string) map[string]string {
	if into == nil {
		into = make(map[string]string)
	}
	step := func(name string, item *yaml.Node) { leaves(item, path+"\x00"+name, into) }
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) > 0:
		for i := 0; i+1 < len(n.Content); i += 2 {
			step(n.Content[i].Value, n.Content[i+1])
		}
	case n.Kind == yaml.MappingNode || n.Kind == yaml.ScalarNode || n.Kind == yaml.AliasNode || len(n.Content) == 0:
		into[path] = n.ShortTag() + n.Anchor + n.Value
	default:
		for i, item := range n.Content {
			step(fmt.Sprint(i), item)
		}
	}
	return into
}

func comments(n *yaml.Node) []string {
	var all []string
	for _, text := range []string{n.HeadComment, n.LineComment, n.FootComment} {
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "" {
				all = append(all, line)
			}
		}
	}
	for _, item := range n.Content {
		all = append(all, comments(item)...)
	}
	slices.Sort(all)
	return all
}

type sink struct{ found []*resource.Resource }

var _ scan.Sink = (*sink)(nil)

func (*sink) Gap(finding.Gap) error { return nil }

func (s *sink) Resources(page []*resource.Resource) error {
	s.found = append(s.found, page...)
	return nil
}
