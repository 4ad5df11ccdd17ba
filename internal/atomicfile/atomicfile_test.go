package atomicfile

import (
	"os"
	"path/filepath"
	"testing"
)

func TestNothingIsThereUntilCommit(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "out.json")
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("{}")); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a half-written file can be seen")
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if data, err := os.ReadFile(path); err != nil || string(data) != "{}" {
		t.Errorf("got %q, %v", data, err)
	}
}

func TestAbortLeavesTheOldFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	path := filepath.Join(directory, "out.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("new")); err != nil {
		t.Fatal(err)
	}
	f.Abort()
	if data, _ := os.ReadFile(path); string(data) != "old" {
		t.Errorf("the old file became %q", data)
	}
	if entries, _ := os.ReadDir(directory); len(entries) != 1 {
		t.Errorf("temporary files are left: %v", entries)
	}
}
