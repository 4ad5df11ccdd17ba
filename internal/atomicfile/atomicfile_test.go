package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
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

func TestALinkKeepsPointingToItsFile(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	file, link := filepath.Join(directory, "file.json"), filepath.Join(directory, "link.json")
	if err := errors.Join(os.WriteFile(file, []byte("old"), 0o600), os.Symlink(file, link)); err != nil {
		t.Fatal(err)
	}
	write(t, link, "new")
	info, err := os.Lstat(link)
	if err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if data, _ := os.ReadFile(file); string(data) != "new" {
		t.Errorf("the file holds %q", data)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Abort()
	if _, err := f.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := f.Commit(); err != nil {
		t.Fatal(err)
	}
}

func TestWhatCannotBeWrittenIsNamedAsItWasGiven(t *testing.T) {
	t.Parallel()
	directory := t.TempDir()
	for path, want := range map[string]string{
		directory: "it is a directory",
		filepath.Join(directory, "nowhere", "out.json"): "nowhere/out.json: no such file or directory",
	} {
		if _, err := Create(path); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	if entries, _ := os.ReadDir(directory); len(entries) != 0 {
		t.Errorf("left behind: %v", entries)
	}
}
