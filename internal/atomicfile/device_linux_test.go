package atomicfile

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestAPipeIsWrittenToAndNotReplaced(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() {
		data, err := os.ReadFile(pipe)
		got <- fmt.Sprint(string(data), err)
	}()
	write(t, pipe, "{}")
	if text := <-got; text != "{}<nil>" {
		t.Errorf("the reader got %q", text)
	}
	if info, err := os.Lstat(pipe); err != nil || info.Mode()&os.ModeNamedPipe == 0 {
		t.Errorf("the pipe became %v, %v", info.Mode(), err)
	}
}

func TestAFullDeviceIsAnError(t *testing.T) {
	t.Parallel()
	f, err := Create("/dev/full")
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write([]byte("{}"))
	if err := f.Commit(); err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("got %v", err)
	}
}
