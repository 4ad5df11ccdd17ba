package baseline

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Options say how the entries of a file meet a scan.
type Options struct {
	// Name is what reports call the file.
	Name string
	// Locate turns a path as findings have it into one from the folder of the
	// baseline, Resolve turns such a path into an absolute one, and Exists
	// reports whether it is still there.
	Locate  func(string) string
	Resolve func(string) string
	Exists  func(string) bool
	Now     time.Time
}

// Set is the entries of one file in one scan. It is safe for use by many
// goroutines.
type Set struct {
	options Options
	entries map[string][]*state // by key

	mu   sync.Mutex
	kept []Entry
}

type state struct {
	Entry
	seen    bool // its finding is there, in whatever form
	changed bool // it fails in another way
}

var _ exception.Register = (*Set)(nil)

// NewSet makes a set.
func NewSet(entries []Entry, options Options) *Set {
	s := &Set{options: options, entries: make(map[string][]*state)}
	for _, e := range entries {
		s.entries[e.key()] = append(s.entries[e.key()], &state{Entry: e})
	}
	return s
}

// expired reports whether the last day of an entry is over.
func (s *Set) expired(e *Entry) bool {
	day, err := time.Parse(time.DateOnly, e.Until)
	return err == nil && !s.options.Now.UTC().Before(day.AddDate(0, 0, 1))
}

// of returns the entries for the resource and control of a finding.
func (s *Set) of(f *finding.Finding) (Entry, []*state) {
	e := New(f, s.options.Locate)
	return e, s.entries[e.key()]
}

// Look implements exception.Register: where a finding could not be judged,
// nobody can tell that its entry has had its day.
func (s *Set) Look(_ *resource.Resource, findings []*finding.Finding) {
	for _, f := range findings {
		if f.Status == finding.Passed {
			continue
		}
		now, known := s.of(f)
		s.mu.Lock()
		for _, e := range known {
			e.seen = e.seen || f.Status != finding.Failed || e.Digest == now.Digest
			e.changed = e.changed || f.Status == finding.Failed && e.Digest != now.Digest
		}
		s.mu.Unlock()
	}
}

// Match implements exception.Register.
func (s *Set) Match(f *finding.Finding, _ *resource.Resource) *finding.Exception {
	now, known := s.of(f)
	for _, e := range known {
		if e.Digest == now.Digest && !s.expired(&e.Entry) {
			described := s.describe(&e.Entry, "it was there when the baseline was saved")
			return &described
		}
	}
	return nil
}

func (s *Set) describe(e *Entry, reason string) finding.Exception {
	return finding.Exception{
		Source: fmt.Sprintf("%s:%d", s.options.Name, e.line), Scope: e.Control + " on " + e.name(),
		Reason: reason, Until: e.Until, Baseline: true,
	}
}

// Notes implements exception.Register.
func (s *Set) Notes(f *finding.Finding, _ *resource.Resource) []string {
	now, known := s.of(f)
	if len(known) == 0 {
		return nil
	}
	for _, e := range known {
		if e.Digest == now.Digest {
			return []string{fmt.Sprintf("The baseline accepted it until %s (%s:%d).", e.Until, s.options.Name, e.line)}
		}
	}
	return []string{fmt.Sprintf("The baseline accepted it as it was; what the control reads has changed since (%s:%d).", s.options.Name, known[0].line)}
}

// Review implements exception.Register. Entries that are over are told by their
// day, since one act made them all.
func (s *Set) Review(footer *finding.Footer, extent *finding.Extent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	over := make(map[string]int)
	looked := s.lookedAt(extent)
	var gone []Entry
	for _, states := range s.entries {
		for _, e := range states {
			switch {
			case s.expired(&e.Entry):
				over[e.Until]++
			case e.seen:
			case e.changed || looked(&e.Entry):
				gone = append(gone, e.Entry)
			default:
				s.kept = append(s.kept, e.Entry)
			}
		}
	}
	for _, day := range slices.Sorted(maps.Keys(over)) {
		footer.Expired = append(footer.Expired, finding.Exception{
			Source: s.options.Name, Scope: fmt.Sprintf("%d of the baseline's entries", over[day]), Until: day,
			Reason: "they were accepted until then when the baseline was saved", Baseline: true,
		})
	}
	slices.SortFunc(gone, compare)
	for i := range gone {
		reason := "it no longer fails"
		if s.changed(&gone[i]) {
			reason = "the resource has changed, and as it is now it was not accepted"
		}
		footer.Obsolete = append(footer.Obsolete, s.describe(&gone[i], reason))
	}
}

func (s *Set) changed(e *Entry) bool {
	return slices.ContainsFunc(s.entries[e.key()], func(other *state) bool { return other.Digest == e.Digest && other.changed })
}

// lookedAt returns what tells whether a scan has looked where an entry is.
func (s *Set) lookedAt(extent *finding.Extent) func(*Entry) bool {
	files, regions, code := make(map[string]bool), make(map[finding.Place]bool), false
	for _, place := range extent.Read {
		if place.File != "" {
			files[s.options.Locate(place.File)], code = true, true
		}
		regions[finding.Place{Account: place.Account, Region: place.Region}] = true
	}
	return func(e *Entry) bool {
		if slices.Contains(extent.Known, e.Control) && !slices.Contains(extent.Judged, e.Control) {
			return false
		}
		if e.ARN == "" {
			return files[e.File] || code && !s.options.Exists(e.File)
		}
		// arn:partition:service:region:account:…
		parts := strings.SplitN(e.ARN, ":", 6)
		return len(parts) == 6 && regions[finding.Place{Account: parts[4], Region: parts[3]}]
	}
}

// Wants implements exception.Register: nothing beyond what the controls read.
func (s *Set) Wants(wants resource.Wants) resource.Wants { return wants }

// keep returns, after Review, the entries at which the scan did not look, for a
// baseline in another folder.
func (s *Set) keep(locate func(string) string) []Entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := slices.Clone(s.kept)
	for i := range kept {
		e := &kept[i]
		if e.File != "" {
			e.File = locate(s.options.Resolve(e.File))
		}
		if e.Root != "" {
			e.Root = locate(s.options.Resolve(e.Root))
		}
	}
	return kept
}

// untilOf is the last day of the entry that accepts a finding.
func (s *Set) untilOf(f *finding.Finding) string {
	now, known := s.of(f)
	for _, e := range known {
		if e.Digest == now.Digest {
			return e.Until
		}
	}
	return ""
}
