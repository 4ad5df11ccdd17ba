package planfile

import (
	"os"
	"runtime/debug"
	"sync"
)

const (
	// largeFile, in bytes, is from where on a file is worth sparing memory for.
	largeFile = 4 << 20
	// thriftyPercent is how much may be allocated, in percent of what is in
	// use, before it is collected. A third of the usual 100 saves about a third
	// of the memory that a large plan takes.
	thriftyPercent = 33
)

// thrift makes the program collect its garbage sooner while large files are
// read. The setting is one for the whole program, so that it is kept until the
// last of them is done.
type thrift struct {
	mu      sync.Mutex
	readers int
	before  int
}

// over begins to spare memory if the file is large; what it returns ends that.
func (t *thrift) over(file *os.File) (end func()) {
	info, err := file.Stat()
	if err != nil || info.Size() < largeFile {
		return func() {}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.readers++; t.readers == 1 {
		t.before = debug.SetGCPercent(thriftyPercent)
		if t.before >= 0 && t.before < thriftyPercent { // somebody wants it thriftier still
			debug.SetGCPercent(t.before)
		}
	}
	return t.end
}

func (t *thrift) end() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.readers--; t.readers == 0 {
		debug.SetGCPercent(t.before)
	}
}
