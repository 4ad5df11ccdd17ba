package directory_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/services"
	"github.com/rogpeppe/go-internal/txtar"
)

// Whatever the code says, evaluation ends with resources and gaps, twice the
// same, and every property that is not known has a reason.
func FuzzEvaluate(f *testing.F) {
	names, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(names) == 0 {
		f.Fatalf("no cases: %v", err)
	}
	for _, name := range names {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		var child []byte
		for _, file := range archive.Files {
			if filepath.Dir(file.Name) != "." && filepath.Ext(file.Name) == ".tf" {
				child = file.Data
			}
		}
		for _, file := range archive.Files {
			if file.Name == "main.tf" || file.Name == "main.tf.json" {
				f.Add(string(file.Data), string(child), filepath.Ext(file.Name) == ".json")
			}
		}
	}
	f.Add("# tool:ignore x\n\n/* tool:ignore y\n*/ resource \"aws_neptune_cluster\" \"main\" { # tool:skip=z\n}", "# tool:ignore", false)
	f.Add(`{"//": ["tool:ignore x", 1, null], "resource": {"aws_neptune_cluster": {"main": {"//": "tool:skip=y"}}}}`, "", true)
	all := catalogue(f)
	wants := resource.Wants{}
	for name, typ := range all.Types {
		wants[name] = typ.PropertyNames()
	}
	mapping := terraform.NewMapping(all.Types, services.TerraformJoiners())
	f.Fuzz(func(t *testing.T, code, child string, json bool) {
		dir := t.TempDir()
		name := "main.tf"
		if json {
			name = "main.tf.json"
		}
		for at, content := range map[string]string{name: code, "graph/main.tf": child} {
			at = filepath.Join(dir, at)
			if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(at, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		first, second := read(t, dir, mapping, wants), read(t, dir, mapping, wants)
		if len(first.resources) != len(second.resources) || len(first.gaps) != len(second.gaps) {
			t.Fatal("two readings differ")
		}
		for i, r := range first.resources {
			if r.Key() != second.resources[i].Key() {
				t.Fatalf("%s came where %s was", second.resources[i].Key(), r.Key())
			}
			for property, value := range r.Properties {
				if m := value.Missing(); value.Kind() == resource.Unknown && (m == nil || m.Reason == "" || m.Detail == "") {
					t.Errorf("%s is unknown without a reason", property)
				}
			}
		}
	})
}

func read(t *testing.T, dir string, mapping *terraform.Mapping, wants resource.Wants) *kept {
	listing, err := directory.New([]string{dir}, mapping, directory.Options{}).List(context.Background(), wants)
	if err != nil {
		t.Fatal(err)
	}
	got := &kept{gaps: listing.Gaps}
	for _, unit := range listing.Units {
		if err := unit.Read(context.Background(), got); err != nil {
			t.Fatal(err)
		}
	}
	return got
}
