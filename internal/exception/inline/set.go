package inline

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Set is the exceptions that stand at the resources of one run, as they turn
// up. It is safe for use by many goroutines.
type Set struct {
	reader   *reader
	judged   map[string]bool // resource types that some control judges
	types    map[string]*control.Type
	same     map[string]map[string]string // by control and type, the control of the very same setting
	now      time.Time
	honoured bool

	mu      sync.Mutex
	groups  map[written]*group
	files   map[*resource.Remark][]*entry // by the first remark of a file
	entries map[string]*entry             // by place, control and foreign id
}

// written tells remarks that resources share, and the type of these.
type written struct {
	own, file           *resource.Remark
	ownCount, fileCount int
	typ                 string
}

// group is what stands at resources that share their remarks, and what of it
// each control has to ask.
type group struct {
	entries   []*entry
	byControl map[string][]*entry
}

// entry is one note for one control.
type entry struct {
	note
	rule exception.Rule
	used atomic.Bool
}

var _ exception.Register = (*Set)(nil)

// New makes a set for one run. Where they are not honoured, the exceptions
// cover nothing, and what they would have covered is told so.
func New(catalogue *control.Catalogue, now time.Time, honoured bool) *Set {
	judged, same := make(map[string]bool), make(map[string]map[string]string)
	for _, c := range catalogue.Controls {
		same[c.ID] = c.Same
		for _, typ := range c.Types() {
			judged[typ] = true
		}
	}
	return &Set{
		judged: judged, same: same, reader: newReader(catalogue.Controls), types: catalogue.Types, now: now, honoured: honoured,
		groups: make(map[written]*group), files: make(map[*resource.Remark][]*entry), entries: make(map[string]*entry),
	}
}

// of returns what stands at a resource and is for a control.
func (s *Set) of(r *resource.Resource, control string) []*entry {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []*entry
	if g := s.group(r); g != nil {
		known, ok := g.byControl[control]
		if !ok {
			known = s.choose(g.entries, control, r.Type)
			g.byControl[control] = known
		}
		found = known
	}
	if tags := s.tagged(r); len(tags) > 0 {
		found = slices.Concat(found, s.choose(tags, control, r.Type))
	}
	return found
}

// choose picks the entries that are for a control. Another tool names a
// setting, which several controls may judge.
func (s *Set) choose(entries []*entry, control, typ string) []*entry {
	var found []*entry
	for _, e := range entries {
		if e.rule.IsFor(control) || e.foreign != "" && e.rule.IsFor(s.same[control][typ]) {
			found = append(found, e)
		}
	}
	return found
}

// tagged returns what the tag of a resource says.
func (s *Set) tagged(r *resource.Resource) []*entry {
	var found []*entry
	for _, n := range s.reader.tag(r) {
		found = append(found, s.keep(&n)...)
	}
	return found
}

// group reads the remarks of a resource, once however many share them; nil when
// there are none.
func (s *Set) group(r *resource.Resource) *group {
	if len(r.Remarks)+len(r.FileRemarks) == 0 {
		return nil
	}
	key := written{ownCount: len(r.Remarks), fileCount: len(r.FileRemarks), typ: r.Type}
	if len(r.Remarks) > 0 {
		key.own = &r.Remarks[0]
	}
	if len(r.FileRemarks) > 0 {
		key.file = &r.FileRemarks[0]
	}
	if s.groups[key] == nil {
		s.groups[key] = &group{
			entries:   slices.Concat(s.notes(r.Remarks, false), s.fileNotes(r.FileRemarks)),
			byControl: make(map[string][]*entry),
		}
	}
	return s.groups[key]
}

// fileNotes reads the remarks of a file once.
func (s *Set) fileNotes(remarks []resource.Remark) []*entry {
	if len(remarks) == 0 {
		return nil
	}
	known, ok := s.files[&remarks[0]]
	if !ok {
		known = s.notes(remarks, true)
		s.files[&remarks[0]] = known
	}
	return known
}

// notes reads remarks: those at a resource, or those of its file.
func (s *Set) notes(remarks []resource.Remark, file bool) []*entry {
	var found []*entry
	for i := range remarks {
		for _, n := range s.reader.read(&remarks[i]) {
			stray := file && n.foreign == "" && !n.file && s.stray(&remarks[i])
			if stray {
				n.fail("it stands at nothing that a control judges: put it into the block of a resource or module or directly above one, or write holdfast:ignore-file")
			}
			if n.file == file || stray {
				found = append(found, s.keep(&n)...)
			}
		}
	}
	return found
}

// stray reports whether nothing at which a remark stands can fail.
func (s *Set) stray(remark *resource.Remark) bool {
	return remark.Stray || remark.At != "" && !s.judged[remark.At]
}

// keep returns the entries of a note, one for each of its controls. A faulty
// note without any is one entry all the same.
func (s *Set) keep(n *note) []*entry {
	controls := n.controls
	if n.cause != "" && len(controls) == 0 {
		controls = []string{""}
	}
	entries := make([]*entry, len(controls))
	for i, id := range controls {
		key := n.source() + "\x00" + id + "\x00" + n.foreign + "\x00" + n.text
		if s.entries[key] == nil {
			s.entries[key] = &entry{note: *n, rule: exception.Rule{
				Control: id, Reason: n.reason, Owner: n.owner, Until: n.until, Source: n.source(),
			}}
		}
		entries[i] = s.entries[key]
	}
	return entries
}

// Look implements exception.Register.
func (s *Set) Look(r *resource.Resource, findings []*finding.Finding) {
	s.mu.Lock()
	s.group(r)
	s.tagged(r)
	s.mu.Unlock()
	for _, f := range findings {
		if f.Status == finding.Failed || f.Status == finding.Passed {
			continue
		}
		for _, e := range s.of(r, f.Control) {
			e.used.Store(true) // nobody can tell that it has no use
		}
	}
}

// Match implements exception.Register.
func (s *Set) Match(f *finding.Finding, r *resource.Resource) *finding.Exception {
	if !s.honoured {
		return nil
	}
	var found *finding.Exception
	for _, e := range s.of(r, f.Control) {
		if e.cause != "" || e.rule.Expired(s.now) || !s.covers(e, f, r) {
			continue
		}
		if !e.used.Load() {
			e.used.Store(true)
		}
		if found == nil {
			described := e.describe()
			found = &described
		}
	}
	return found
}

func (e *entry) describe() finding.Exception {
	described := e.rule.Describe()
	described.Scope = e.scope(e.rule.Control)
	return described
}

// covers reports whether the conditions of an entry hold.
func (s *Set) covers(e *entry, f *finding.Finding, r *resource.Resource) bool {
	for name, want := range e.conditions {
		if value, known := s.value(name, f, r); !known || value.String() != want {
			return false
		}
	}
	return true
}

// value returns a property by the name that the code has for it, as far as it
// was read: one that nobody asked for looks like one that is absent.
func (s *Set) value(name string, f *finding.Finding, r *resource.Resource) (resource.Value, bool) {
	t := s.types[r.Type]
	if t == nil {
		return resource.Value{}, false
	}
	for property, about := range t.Properties {
		if name == "" || name != about.Terraform && name != about.CloudFormation {
			continue
		}
		for i := range f.Evidence {
			if f.Evidence[i].Property == property {
				return f.Evidence[i].Actual, f.Evidence[i].Actual.Known()
			}
		}
		return r.Get(property), r.Get(property).Known()
	}
	return resource.Value{}, false
}

// Notes implements exception.Register.
func (s *Set) Notes(f *finding.Finding, r *resource.Resource) []string {
	var notes []string
	for _, e := range s.of(r, f.Control) {
		if !s.covers(e, f, r) {
			continue
		}
		switch {
		case !s.honoured && e.cause != "":
		case !s.honoured:
			notes = append(notes, "An exception stands in "+e.source()+" and is not honoured, because exceptions in the code and in tags are turned off (--no-inline-exceptions).")
		case e.cause != "":
			notes = append(notes, "The exception in "+e.source()+" does not count: "+e.cause+".")
		case e.rule.Expired(s.now):
			notes = append(notes, "The exception in "+e.source()+" ended on "+e.until.Format(exception.Day)+".")
		}
	}
	return notes
}

// Review implements exception.Register. What is not honoured is not reviewed.
func (s *Set) Review(footer *finding.Footer, extent *finding.Extent) {
	if !s.honoured {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	told := make(map[finding.Fault]bool)
	for _, e := range s.sorted() {
		fault := finding.Fault{Source: e.source(), Text: e.text, Cause: e.cause}
		switch {
		case e.cause != "":
			if !told[fault] {
				footer.Faulty = append(footer.Faulty, fault)
			}
			told[fault] = true
		case e.rule.Expired(s.now):
			footer.Expired = append(footer.Expired, e.describe())
		case !e.used.Load() && !e.loose && e.rule.Judged(extent):
			footer.Unused = append(footer.Unused, e.describe())
		}
	}
}

// sorted lists the entries in the order of their files.
func (s *Set) sorted() []*entry {
	all := make([]*entry, 0, len(s.entries))
	for _, e := range s.entries {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *entry) int {
		return cmp.Or(
			strings.Compare(a.at.File, b.at.File), cmp.Compare(a.at.Line, b.at.Line), strings.Compare(a.at.Address, b.at.Address),
			control.CompareIDs(a.rule.Control, b.rule.Control), strings.Compare(a.foreign, b.foreign), strings.Compare(a.text, b.text),
		)
	})
	return all
}

// Wants implements exception.Register: tags where they cost nothing.
func (s *Set) Wants(wants resource.Wants) resource.Wants { return wantTags(wants, s.types) }
