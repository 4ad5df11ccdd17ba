package planfile

import (
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
)

// TestMemoryIsSparedWhileLargeFilesAreRead is not run beside others, since the
// setting is one for the whole program.
func TestMemoryIsSparedWhileLargeFilesAreRead(t *testing.T) {
	usual := debug.SetGCPercent(80)
	defer debug.SetGCPercent(usual)
	now := func() int {
		percent := debug.SetGCPercent(80)
		debug.SetGCPercent(percent)
		return percent
	}
	open := func(name string, size int64) *os.File {
		file, err := os.Create(filepath.Join(t.TempDir(), name))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = file.Close() })
		if err := file.Truncate(size); err != nil {
			t.Fatal(err)
		}
		return file
	}
	var s thrift
	s.over(open("small", largeFile-1))()
	if now() != 80 {
		t.Error("a small file changes something")
	}
	first, second := s.over(open("one", largeFile)), s.over(open("two", 2*largeFile))
	if now() != thriftyPercent {
		t.Errorf("%d while two are read", now())
	}
	first()
	if now() != thriftyPercent {
		t.Errorf("%d while one is still read", now())
	}
	second()
	if now() != 80 {
		t.Errorf("%d afterwards", now())
	}
	debug.SetGCPercent(20)
	end := s.over(open("three", largeFile))
	if now() != 20 {
		t.Errorf("%d where somebody wants to spare more", now())
	}
	end()
}
