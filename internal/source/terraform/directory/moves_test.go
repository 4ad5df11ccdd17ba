package directory_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
)

func TestMovedBlocksOfRootsAndModules(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"main.tf": `module "data" {
  count  = 2
  source = "./data"
}
moved {
  from = aws_neptune_cluster.old
  to   = module.data[0].aws_neptune_cluster.this["a.b"]
}
moved {
  from = "not an address"
  to   = aws_neptune_cluster.x
}
`,
		"more.tf.json": `{"moved": {"from": "module.graph", "to": "module.data"}}`,
		"data/main.tf": `moved {
  from = aws_neptune_cluster.that
  to   = aws_neptune_cluster.this
}
`,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := directory.New([]string{dir}, terraform.NewMapping(nil, nil), directory.Options{}).Moves(t.Context())
	want := []directory.Move{
		{Root: dir, From: "aws_neptune_cluster.old", To: `module.data[0].aws_neptune_cluster.this["a.b"]`},
		{Root: dir, From: "module.graph", To: "module.data"},
		{Root: dir, Module: "module.data", From: "aws_neptune_cluster.that", To: "aws_neptune_cluster.this"},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v; moves (-want +got):\n%s", err, diff)
	}
}
