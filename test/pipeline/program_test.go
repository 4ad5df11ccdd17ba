package pipeline_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// built is the program under test, built once.
type built struct {
	once sync.Once
	dir  string
	err  error
	text []byte
}

// build returns the path of the program.
func build(t *testing.T) string {
	t.Helper()
	program.once.Do(func() {
		program.dir, program.err = os.MkdirTemp("", "holdfast-pipeline-")
		if program.err != nil {
			return
		}
		command := exec.Command("go", "build", "-o", filepath.Join(program.dir, "holdfast"), "./cmd/holdfast")
		command.Dir = "../.."
		program.text, program.err = command.CombinedOutput()
	})
	if program.err != nil {
		t.Fatalf("build: %v\n%s", program.err, program.text)
	}
	return filepath.Join(program.dir, "holdfast")
}

var program built

func TestMain(m *testing.M) {
	code := m.Run()
	if program.dir != "" {
		os.RemoveAll(program.dir)
	}
	os.Exit(code)
}
