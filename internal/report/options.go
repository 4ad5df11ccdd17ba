package report

import "time"

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
