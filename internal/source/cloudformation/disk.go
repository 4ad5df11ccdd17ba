package cloudformation

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// maxFile bounds a file, in bytes. CloudFormation takes templates of 1 MB.
const maxFile = 2 << 20

// disk reads files, in place of some of which stands other content.
type disk struct {
	overlay map[string][]byte // by absolute path
	open    func(file string) ([]byte, error)
}

func newDisk(overlay map[string][]byte, open func(file string) ([]byte, error)) disk {
	d := disk{overlay: make(map[string][]byte, len(overlay)), open: open}
	for file, content := range overlay {
		d.overlay[absolute(file)] = content
	}
	return d
}

// absolute makes one name of all those that a file may have. Without a working
// directory, names stay apart.
func absolute(file string) string {
	if whole, err := filepath.Abs(file); err == nil {
		return whole
	}
	return filepath.Clean(file)
}

// read returns what a file holds, or what stands in its place.
func (d disk) read(file string) ([]byte, error) {
	if len(d.overlay) > 0 {
		if content, ok := d.overlay[absolute(file)]; ok {
			return content, nil
		}
	}
	return d.open(file)
}

// readFile reads a regular file of bounded size.
func readFile(name string) ([]byte, error) {
	if info, err := os.Stat(name); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("read %s: not a regular file", name) // opening a pipe would wait for its other end
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.Size() > maxFile:
		return nil, fmt.Errorf("read %s: %d bytes are more than the %d that are read of a template", name, info.Size(), maxFile)
	}
	return io.ReadAll(io.LimitReader(file, maxFile))
}

// load reads and parses a template.
func (d disk) load(file string) (*template, error) {
	data, err := d.read(file)
	if err != nil {
		return nil, err
	}
	parsed, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	return newTemplate(parsed)
}
