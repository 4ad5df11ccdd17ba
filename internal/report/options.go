package report

import (
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Options is what a format may be told. Everything is passed in; no format
// reads the environment.
type Options struct {
	// Width is the width of the terminal in columns; 0 means 80. Only text
	// looks at it.
	Width int
	// Color allows ANSI colours. Only text looks at it.
	Color bool
	// Verbose lists every row, also the passed ones, where a format would
	// otherwise summarise. Memory then grows with the findings.
	Verbose bool
	// Repeat is what of the command line a following command needs again, as
	// " --region eu-west-1"; empty for nothing. Only text looks at it.
	Repeat string
	// Now is the moment of writing, for "expires in 9 days". The zero time
	// leaves such remarks out.
	Now time.Time
	// Dir is the folder that relative paths start from, and Root that of the
	// repository around it, both absolute; empty where they are not known.
	Dir, Root string
	// Blob is the address below which a forge shows the files of the repository
	// as they were judged, as https://github.com/acme/infra/blob/4f1d2c0; empty
	// for no links.
	Blob string
}

// Path writes the path of a file from the root of the repository, with slashes,
// as a forge names it. A file outside the repository, or where none is known,
// keeps its path.
func (o *Options) Path(file string) string {
	full := file
	if !filepath.IsAbs(full) {
		full = filepath.Join(o.Dir, full)
	}
	if o.Root != "" {
		if below, err := filepath.Rel(o.Root, full); err == nil && filepath.IsLocal(below) {
			return filepath.ToSlash(below)
		}
	}
	return filepath.ToSlash(filepath.Clean(file))
}

// Link is the address of a line of a file; "" where there is none. A line of 0
// stands for the whole file.
func (o *Options) Link(file string, line int) string {
	at := o.Path(file)
	if o.Blob == "" || !filepath.IsLocal(at) {
		return ""
	}
	link := strings.TrimSuffix(o.Blob, "/") + "/" + strings.NewReplacer("(", "%28", ")", "%29").Replace((&url.URL{Path: at}).EscapedPath())
	if line > 0 {
		link += "#L" + strconv.Itoa(line)
	}
	return link
}

// LeftOutError says that a format has no way to express part of what it was
// given. What it could express was written in full.
type LeftOutError struct {
	Format   string
	Findings int    // findings left out
	Gaps     int    // gaps left out
	Why      string // what they lack
	Instead  string // a format that can hold them
}

func (e *LeftOutError) Error() string {
	what := Plural(e.Findings, "finding")
	switch {
	case e.Findings == 0:
		what = Plural(e.Gaps, "gap")
	case e.Gaps > 0:
		what += " and " + Plural(e.Gaps, "gap")
	}
	return "write " + e.Format + ": left out " + what + ": " + e.Why
}

// Hint names the format that can hold everything.
func (e *LeftOutError) Hint() string { return "holdfast scan --format " + e.Instead }
