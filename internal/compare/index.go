package compare

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// index holds the first scan in little memory. It is a finding.Handler.
type index struct {
	header finding.Header
	footer finding.Footer
	gaps   gaps

	seed     maphash.Seed
	records  []record // sorted by key once the scan has ended
	places   []place
	last     string // ARN of the last place
	words    words  // everything that repeats: types, accounts, evidence
	controls map[string]uint32
	names    []named // controls by number
	scratch  []byte
}

// record is one finding.
type record struct {
	key      uint64 // digest of the finding's id
	evidence uint64 // digest of the evidence
	shown    uint32 // evidence in words
	place    uint32
	control  uint32
	status   uint8 // in finding.Statuses
	excepted bool
	seen     bool
}

// place is one resource. Almost every ARN ends with the identifier, and what
// stands before it repeats: then arn numbers that part, and whole is false.
type place struct {
	typ, account, region, arn uint32
	whole                     bool // arn numbers the whole ARN
	id                        string
	origin                    *resource.Origin
}

type named struct {
	id, title string
	severity  finding.Severity
}

// words numbers texts so that each is held once.
type words struct {
	numbers map[string]uint32
	texts   []string
}

func (w *words) number(text string) uint32 {
	if n, ok := w.numbers[text]; ok {
		return n
	}
	n := uint32(len(w.texts))
	text = strings.Clone(text) // it may be a part of something longer
	w.numbers[text] = n
	w.texts = append(w.texts, text)
	return n
}

func newIndex() *index {
	return &index{
		seed: maphash.MakeSeed(), gaps: newGaps(),
		words: words{numbers: make(map[string]uint32)}, controls: make(map[string]uint32),
	}
}

func (x *index) Begin(h *finding.Header) error { x.header = *h; return nil }

func (x *index) Gap(g *finding.Gap) error { x.gaps.add(g); return nil }

func (x *index) Finding(f *finding.Finding) error {
	x.records = append(x.records, record{
		key: x.key(f.ID), evidence: x.digest(f.Evidence), shown: x.words.number(shown(f)),
		place: x.place(&f.Resource), control: x.control(f),
		status: uint8(slices.Index(finding.Statuses(), f.Status)), excepted: f.Exception != nil,
	})
	return nil
}

func (x *index) End(f *finding.Footer) error {
	x.footer = *f
	slices.SortStableFunc(x.records, func(a, b record) int { return cmp.Compare(a.key, b.key) })
	return nil
}

// find returns the record of an id that was not found before, or nil. Ids that
// stand twice in both scans are matched in their order.
func (x *index) find(id string) *record {
	key := x.key(id)
	i, found := slices.BinarySearchFunc(x.records, key, func(r record, key uint64) int { return cmp.Compare(r.key, key) })
	for ; found && i < len(x.records) && x.records[i].key == key; i++ {
		if !x.records[i].seen {
			x.records[i].seen = true
			return &x.records[i]
		}
	}
	return nil
}

func (x *index) key(id string) uint64 { return maphash.String(x.seed, id) }

// digest tells evidence apart in full; what is shown of it may be shortened.
func (x *index) digest(evidence []finding.Evidence) uint64 {
	x.scratch = x.scratch[:0]
	for i := range evidence {
		e := &evidence[i]
		x.scratch = append(append(x.scratch, e.Property...), 0)
		x.scratch = report.AppendValue(x.scratch, e.Actual)
		x.scratch = append(append(x.scratch, e.Expected...), 0)
	}
	return maphash.Bytes(x.seed, x.scratch)
}

// place numbers a resource. Scans are sorted, so that a resource's findings
// stand together and comparing with the last one is enough.
func (x *index) place(ref *resource.Ref) uint32 {
	last := len(x.places) - 1
	if last >= 0 && x.last == ref.ARN && x.places[last].id == ref.ID && sameOrigin(x.places[last].origin, &ref.Origin) {
		return uint32(last)
	}
	x.last = ref.ARN
	p := place{typ: x.words.number(ref.Type), account: x.words.number(ref.Account), region: x.words.number(ref.Region), id: ref.ID}
	prefix, ok := strings.CutSuffix(ref.ARN, ref.ID)
	p.arn, p.whole = x.words.number(prefix), !ok
	if ref.Origin != (resource.Origin{}) {
		origin := ref.Origin
		p.origin = &origin
	}
	x.places = append(x.places, p)
	return uint32(last + 1)
}

func sameOrigin(held, other *resource.Origin) bool {
	if held == nil {
		return *other == (resource.Origin{})
	}
	return *held == *other
}

func (x *index) control(f *finding.Finding) uint32 {
	n, ok := x.controls[f.Control]
	if !ok {
		n = uint32(len(x.names))
		x.controls[f.Control] = n
		x.names = append(x.names, named{f.Control, f.Title, f.Severity})
	}
	return n
}

// ref rebuilds the reference to a record's resource.
func (x *index) ref(r *record) resource.Ref {
	p := &x.places[r.place]
	ref := resource.Ref{
		Type: x.words.texts[p.typ], ID: p.id, ARN: x.words.texts[p.arn],
		Account: x.words.texts[p.account], Region: x.words.texts[p.region],
	}
	if !p.whole {
		ref.ARN += p.id
	}
	if p.origin != nil {
		ref.Origin = *p.origin
	}
	return ref
}

func (x *index) state(r *record) *State {
	return &State{finding.Statuses()[r.status], r.excepted, x.words.texts[r.shown]}
}

// shown tells what a verdict rests on in one line.
func shown(f *finding.Finding) string {
	var b strings.Builder
	if f.Status == finding.NotAvailable {
		for i := range f.Missing {
			separate(&b)
			b.WriteString(report.Lack(&f.Missing[i]))
		}
		return b.String()
	}
	telling := report.Telling(f.Evidence, false)
	for i := range telling {
		separate(&b)
		b.WriteString(report.Sentence(&telling[i]))
	}
	return b.String()
}

func separate(b *strings.Builder) {
	if b.Len() > 0 {
		b.WriteString("; ")
	}
}
