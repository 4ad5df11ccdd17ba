package baseline

import "github.com/holdfast-aws/holdfast/internal/finding"

// Recorder collects what a baseline accepts: the failures of a scan, those aside
// that somebody has accepted in another way.
type Recorder struct {
	locate  func(string) string
	until   string
	former  *Set
	entries []Entry
}

var _ finding.Handler = (*Recorder)(nil)

// NewRecorder makes a recorder. Entries that are new count until a day, or for
// ever when it is empty. Those of a former baseline, which may be nil, keep
// their day, and stay where the scan does not look.
func NewRecorder(locate func(string) string, until string, former *Set) *Recorder {
	return &Recorder{locate: locate, until: until, former: former}
}

// Begin implements finding.Handler.
func (*Recorder) Begin(*finding.Header) error { return nil }

// Finding implements finding.Handler.
func (r *Recorder) Finding(f *finding.Finding) error {
	if f.Status != finding.Failed || f.Exception != nil && !f.Exception.Baseline {
		return nil
	}
	e := New(f, r.locate)
	e.Until = r.until
	if f.Exception != nil && r.former != nil {
		e.Until = r.former.untilOf(f)
	}
	if e.ARN != "" || e.File != "" && e.Address != "" {
		r.entries = append(r.entries, e)
	}
	return nil
}

// Gap implements finding.Handler.
func (*Recorder) Gap(*finding.Gap) error { return nil }

// End implements finding.Handler.
func (*Recorder) End(*finding.Footer) error { return nil }

// Entries are, after the scan, what the new baseline holds.
func (r *Recorder) Entries() []Entry {
	entries := r.entries
	if r.former != nil {
		entries = append(entries, r.former.keep(r.locate)...)
	}
	return entries
}

// OnlyNew leaves out of a report what a baseline accepts, and counts it.
type OnlyNew struct {
	finding.Handler
	hidden int
}

// Finding implements finding.Handler.
func (o *OnlyNew) Finding(f *finding.Finding) error {
	if f.Exception != nil && f.Exception.Baseline && f.Status == finding.Failed {
		o.hidden++
		return nil
	}
	return o.Handler.Finding(f)
}

// End implements finding.Handler.
func (o *OnlyNew) End(f *finding.Footer) error {
	f.Tally.Hidden = o.hidden
	return o.Handler.End(f)
}
