package exception

import (
	"errors"
	"fmt"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Rule is one accepted deviation. Every scope field that is set must match;
// the globs know *, ? and [a-z], and * also crosses slashes and colons.
type Rule struct {
	Control string // id or glob; required
	ARN     string // glob
	Tag     string // key=glob, or a key alone for any value
	Account string
	Region  string // glob
	Path    string // glob over the file of a resource in code
	Address string // glob over the address of a resource in code
	Reason  string // required
	Owner   string
	// Until is the last day on which the exception counts, in UTC; zero for no
	// expiry.
	Until time.Time
	// Source is the file and line of the rule.
	Source string
}

// Day is the layout of Until in files.
const Day = time.DateOnly

// Validate reports what is wrong with a rule, naming the field.
func (r *Rule) Validate() error {
	if r.Control == "" {
		return errors.New("control: is missing; an exception names the control it is for")
	}
	if strings.TrimSpace(r.Reason) == "" {
		return errors.New("reason: is missing; an exception without a reason helps nobody")
	}
	for field, pattern := range map[string]string{
		"control": r.Control, "arn": r.ARN, "tag": r.Tag, "region": r.Region, "path": r.Path, "address": r.Address,
	} {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("%s: %q is no glob: %w", field, pattern, err)
		}
	}
	return nil
}

// Expired reports whether the rule's last day is over.
func (r *Rule) Expired(now time.Time) bool {
	return !r.Until.IsZero() && !now.UTC().Before(r.Until.AddDate(0, 0, 1))
}

// covers reports whether the rule is about the finding.
func (r *Rule) covers(f *finding.Finding, res *resource.Resource) bool {
	return r.inScope(f) && r.tagged(res)
}

// inScope is covers, but for the tags.
func (r *Rule) inScope(f *finding.Finding) bool {
	return r.IsFor(f.Control) &&
		scoped(r.ARN, f.Resource.ARN) &&
		scoped(r.Account, f.Resource.Account) &&
		scoped(r.Region, f.Resource.Region) &&
		scoped(r.Path, f.Resource.Origin.File) &&
		scoped(r.Address, f.Resource.Origin.Address)
}

// IsFor reports whether the rule is for a control.
func (r *Rule) IsFor(id string) bool { return Glob(strings.ToLower(r.Control), strings.ToLower(id)) }

// scoped reports whether a scope is not set or matches.
func scoped(pattern, text string) bool { return pattern == "" || Glob(pattern, text) }

// Glob matches like path.Match, but a star also crosses slashes.
func Glob(pattern, text string) bool {
	swap := strings.NewReplacer("/", "\x01")
	matched, err := path.Match(swap.Replace(pattern), swap.Replace(text))
	return err == nil && matched
}

// tagged reports whether the tag scope matches. Tags that could not be read
// match nothing.
func (r *Rule) tagged(res *resource.Resource) bool {
	if r.Tag == "" {
		return true
	}
	key, pattern, hasValue := strings.Cut(r.Tag, "=")
	value, ok := res.Tag(key)
	return ok && (!hasValue || Glob(pattern, value))
}

// Scope says in words what the rule covers.
func (r *Rule) Scope() string {
	parts := []string{r.Control}
	for _, scope := range []struct{ word, value string }{
		{"arn", r.ARN}, {"tag", r.Tag}, {"account", r.Account}, {"region", r.Region}, {"path", r.Path}, {"address", r.Address},
	} {
		if scope.value != "" {
			parts = append(parts, scope.word+" "+scope.value)
		}
	}
	return strings.Join(parts, ", ")
}

// Describe returns what reports show of the rule.
func (r *Rule) Describe() finding.Exception {
	e := finding.Exception{Source: r.Source, Scope: r.Scope(), Reason: r.Reason, Owner: r.Owner}
	if !r.Until.IsZero() {
		e.Until = r.Until.Format(Day)
	}
	return e
}

// Set is the exceptions of one run. It is safe for use by many goroutines.
type Set struct {
	rules []Rule
	now   time.Time

	mu   sync.Mutex
	used []bool
}

// New makes a set as of a moment. The rules must be valid.
func New(rules []Rule, now time.Time) *Set {
	return &Set{rules: rules, now: now, used: make([]bool, len(rules))}
}

// Match returns the first exception that covers a finding and has not expired,
// or nil.
func (s *Set) Match(f *finding.Finding, r *resource.Resource) *finding.Exception {
	var found *finding.Exception
	for i := range s.rules {
		rule := &s.rules[i]
		if rule.Expired(s.now) || !rule.covers(f, r) {
			continue
		}
		s.mark(i)
		if found == nil {
			described := rule.Describe()
			found = &described
		}
	}
	return found
}

func (s *Set) mark(i int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used[i] = true
}

// Look implements Register: a rule for something that could not be judged has
// a use as far as anybody can tell.
func (s *Set) Look(r *resource.Resource, findings []*finding.Finding) {
	for _, f := range findings {
		if f.Status == finding.Failed || f.Status == finding.Passed {
			continue
		}
		for i := range s.rules {
			if rule := &s.rules[i]; !rule.Expired(s.now) && rule.covers(f, r) {
				s.mark(i)
			}
		}
	}
}

// Notes implements Register: it names the exception that may cover the finding.
func (s *Set) Notes(f *finding.Finding, r *resource.Resource) []string {
	e := s.Unsure(f, r)
	if e == nil {
		return nil
	}
	return []string{"Whether the exception in " + e.Source + " covers it is not known: the tags were not read. It counts as failed."}
}

// Unsure returns the first exception that covers a finding but for its tag,
// where the tags could not be read, or nil.
func (s *Set) Unsure(f *finding.Finding, r *resource.Resource) *finding.Exception {
	if r.Get(resource.TagsProperty).Kind() != resource.Unknown {
		return nil
	}
	for i := range s.rules {
		rule := &s.rules[i]
		if rule.Tag != "" && !rule.Expired(s.now) && rule.inScope(f) {
			described := rule.Describe()
			return &described
		}
	}
	return nil
}

// Review implements Register. Whether a rule covers nothing can be told only
// where the scan has looked.
func (s *Set) Review(footer *finding.Footer, extent *finding.Extent) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.rules {
		switch {
		case s.rules[i].Expired(s.now):
			footer.Expired = append(footer.Expired, s.rules[i].Describe())
		case !s.used[i] && s.rules[i].within(extent):
			footer.Unused = append(footer.Unused, s.rules[i].Describe())
		}
	}
}

// Wants adds tags to what is read when a rule asks for them.
func (s *Set) Wants(wants resource.Wants) resource.Wants {
	for i := range s.rules {
		if s.rules[i].Tag != "" {
			return wants.WithAll(resource.TagsProperty)
		}
	}
	return wants
}
