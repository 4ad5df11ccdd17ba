package tofu_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
	"github.com/holdfast-aws/holdfast/test/tofu"
	"github.com/rogpeppe/go-internal/txtar"
)

// settings are the lines of an archive's comment that are no prose.
type settings struct {
	arguments   []string // of tofu plan
	environment []string
	workspace   string
	refused     bool // OpenTofu refuses the code
	planned     bool // it cannot be applied, or applying tells nothing more
}

func settingsOf(comment []byte) settings {
	var s settings
	for line := range strings.Lines(string(comment)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case "argument":
			s.arguments = append(s.arguments, value)
		case "environment":
			s.environment = append(s.environment, value)
		case "workspace":
			s.workspace = value
		case "refused":
			s.refused = true
		case "planned":
			s.planned = true
		}
	}
	return s
}

// options say the same to the reader of directories.
func (s *settings) options(dir string) directory.Options {
	o := directory.Options{Environment: s.environment, Workspace: s.workspace}
	for _, argument := range s.arguments {
		if file, ok := strings.CutPrefix(argument, "-var-file="); ok {
			o.Variables = append(o.Variables, directory.Assignment{File: filepath.Join(dir, file)})
		}
		if pair, ok := strings.CutPrefix(argument, "-var="); ok {
			name, value, _ := strings.Cut(pair, "=")
			o.Variables = append(o.Variables, directory.Assignment{Name: name, Value: value})
		}
	}
	return o
}

// TestPlans compares, for each root in testdata/roots, what the code, the plan,
// the state and the raw state become here with what OpenTofu plans for the code
// and makes of it.
func TestPlans(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/roots/*.txtar")
	if err != nil || len(names) < 15 {
		t.Fatalf("%d roots: %v", len(names), err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if err := txtar.Write(archive, dir); err != nil {
				t.Fatal(err)
			}
			compare(t, dir, settingsOf(archive.Comment))
		})
	}
}

func compare(t *testing.T, dir string, s settings) {
	// Before OpenTofu leaves anything beside the code.
	code := read(t, directory.New([]string{dir}, mapping(), s.options(dir)))
	root := &tofu.Root{Program: binary(t), Dir: dir, Environment: s.environment, Workspace: s.workspace}
	plan, err := planOf(t, root, s.arguments)
	var refused *tofu.RefusedError
	switch {
	case s.refused && errors.As(err, &refused):
		refuse(t, code, refused)
		return
	case err != nil:
		t.Fatal(err)
	case s.refused:
		t.Fatal("OpenTofu takes the code")
	}
	want := planned(t, plan)
	if len(want) == 0 {
		t.Fatal("the plan has no resources")
	}
	check(t, "code", want, code)
	check(t, "plan", want, read(t, planfile.New([]string{write(t, "plan.json", plan)}, mapping())))
	if s.planned {
		return
	}
	state, err := root.Apply(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want = stated(t, state)
	check(t, "state", want, read(t, planfile.New([]string{write(t, "state.json", state)}, mapping())))
	raw := read(t, planfile.New([]string{root.State()}, mapping()))
	for _, r := range raw.resources {
		for name, value := range r.Properties {
			r.Properties[name] = unwrapped(value)
		}
	}
	check(t, "raw state", want, raw)
}

// unwrapped takes a value out of the type that a raw state writes beside it
// where the schema gives none, as no attribute of AWS has it.
func unwrapped(v resource.Value) resource.Value {
	if secret, ok := v.Secret(); ok {
		v = secret
	}
	if fields := v.Fields(); len(fields) == 2 && fields["type"].Known() {
		return fields["value"]
	}
	return v
}

func planOf(t *testing.T, root *tofu.Root, arguments []string) ([]byte, error) {
	t.Helper()
	if err := root.Init(t.Context()); err != nil {
		return nil, err
	}
	return root.Plan(t.Context(), arguments...)
}

// refuse holds code that OpenTofu refuses to be a gap, or not known in full.
func refuse(t *testing.T, code *kept, why error) {
	t.Helper()
	for address, values := range plainly(code) {
		if strings.Contains(address, "[*]") { // any number of them
			return
		}
		for _, value := range values {
			if strings.Contains(value, open) {
				return
			}
		}
	}
	if len(code.gaps) == 0 {
		t.Errorf("nothing is said against the code, of which OpenTofu says:\n%s", why)
	}
}

// values are the properties of a resource as JSON text, by name.
type values map[string]string

// open stands for what is not known.
const open = `"?"`

func check(t *testing.T, medium string, want map[string]values, got *kept) {
	t.Helper()
	for _, gap := range got.gaps {
		t.Errorf("%s: gap %s: %s", medium, gap.File, gap.Detail)
	}
	if diff := cmp.Diff(want, plainly(got)); diff != "" {
		t.Errorf("what OpenTofu says (-) and what the %s becomes here (+):\n%s", medium, diff)
	}
}

// plainly writes what was read in the way of planned and stated.
func plainly(got *kept) map[string]values {
	all := make(map[string]values)
	for _, r := range got.resources {
		all[r.ID] = values{}
		for _, name := range []string{"Input", "Triggers"} {
			if value := r.Get(name); value.Kind() != resource.Absent {
				all[r.ID][name] = text(plain(value))
			}
		}
	}
	return all
}

func plain(v resource.Value) any {
	switch v.Kind() {
	case resource.Absent:
		return nil
	case resource.Unknown:
		if v, ok := v.Secret(); ok {
			return plain(v)
		}
		return "?"
	case resource.List:
		items := []any{}
		for _, item := range v.List() {
			items = append(items, plain(item))
		}
		return items
	case resource.Map:
		fields := map[string]any{}
		for name, field := range v.Fields() {
			fields[name] = plain(field)
		}
		return fields
	}
	data, err := v.MarshalJSON()
	if err != nil {
		panic(err) // no known value fails
	}
	return json.RawMessage(data)
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err) // it was made by plain or by a decoder
	}
	return string(data)
}

// planned reads the plan with nothing but a decoder.
func planned(t *testing.T, plan []byte) map[string]values {
	t.Helper()
	var document struct {
		Changes []struct {
			Address, Mode, Type string
			Change              struct {
				Actions []string
				After   map[string]any
				Unknown map[string]any `json:"after_unknown"`
			}
		} `json:"resource_changes"`
	}
	decode(t, plan, &document)
	all := make(map[string]values)
	for _, c := range document.Changes {
		if c.Mode != "managed" || slices.Equal(c.Change.Actions, []string{"delete"}) {
			continue
		}
		all[c.Address] = valuesOf(c.Change.After, c.Change.Unknown)
	}
	return all
}

func valuesOf(after, unknown map[string]any) values {
	v := values{}
	for attribute, name := range map[string]string{"input": "Input", "triggers_replace": "Triggers"} {
		if merged := merge(after[attribute], unknown[attribute]); merged != nil {
			v[name] = text(merged)
		}
	}
	return v
}

// merge puts "?" where a value is not known.
func merge(value, unknown any) any {
	switch unknown := unknown.(type) {
	case bool:
		if unknown {
			return "?"
		}
	case []any:
		items, _ := value.([]any)
		out := make([]any, max(len(items), len(unknown)))
		for i := range out {
			out[i] = merge(at(items, i), at(unknown, i))
		}
		return out
	case map[string]any:
		fields, _ := value.(map[string]any)
		out := make(map[string]any)
		for name := range fields {
			out[name] = merge(fields[name], unknown[name])
		}
		for name := range unknown {
			out[name] = merge(fields[name], unknown[name])
		}
		return out
	}
	return value
}

func at(items []any, i int) any {
	if i < len(items) {
		return items[i]
	}
	return nil
}

// stated reads the state with nothing but a decoder.
func stated(t *testing.T, state []byte) map[string]values {
	t.Helper()
	type module struct {
		Resources []struct {
			Address, Mode string
			Values        map[string]any
		}
		Children []json.RawMessage `json:"child_modules"`
	}
	var document struct {
		Values struct {
			Root json.RawMessage `json:"root_module"`
		}
	}
	decode(t, state, &document)
	all := make(map[string]values)
	for below := []json.RawMessage{document.Values.Root}; len(below) > 0; below = below[1:] {
		var m module
		decode(t, below[0], &m)
		for _, r := range m.Resources {
			all[r.Address] = valuesOf(r.Values, nil)
		}
		below = append(below, m.Children...)
	}
	return all
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
