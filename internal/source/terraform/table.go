package terraform

import (
	"cmp"
	"hash/maphash"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// table holds the objects of one type in as few bytes as it can: a plan may
// have ten thousands of them, of which each lookup wants one or two. Only those
// are made into objects again.
type table struct {
	typ    string
	words  *words
	blocks [][]byte
	starts []start
	whole  map[int]*Object // rows that are kept as they are
	links  map[linkKey]*links
	names  map[string]*names
}

// start is where a row begins.
type start struct{ block, offset int32 }

// blockSize is where a new block is begun. Blocks are not copied as they grow
// in number.
const blockSize = 64 << 10

type linkKey struct{ attribute, to string }

func newTable(typ string, words *words) *table {
	return &table{
		typ: typ, words: words, whole: make(map[int]*Object),
		links: make(map[linkKey]*links), names: make(map[string]*names),
	}
}

func (t *table) count() int { return len(t.starts) }

func (t *table) add(o *Object) {
	if !packable(o) {
		t.whole[len(t.starts)] = o
		t.starts = append(t.starts, start{})
		return
	}
	last := len(t.blocks) - 1
	if last < 0 || len(t.blocks[last]) > blockSize {
		t.blocks = append(t.blocks, make([]byte, 0, blockSize+blockSize/8))
		last++
	}
	t.starts = append(t.starts, start{int32(last), int32(len(t.blocks[last]))})
	t.blocks[last] = t.words.pack(t.blocks[last], o)
}

// object returns one row.
func (t *table) object(row int) *Object {
	if o := t.whole[row]; o != nil {
		return o
	}
	at := t.starts[row]
	o := t.words.unpack(t.blocks[at.block][at.offset:])
	o.Type = t.typ
	return o
}

// index finds rows by a text. It keeps hashes alone, so that what it finds must
// be looked at again.
type index struct {
	seed    maphash.Seed
	entries []entry // sorted by hash, then by row
}

type entry struct {
	hash uint64
	row  int
}

func (x *index) add(text string, row int) {
	if x.entries == nil {
		x.seed = maphash.MakeSeed()
	}
	x.entries = append(x.entries, entry{maphash.String(x.seed, text), row})
}

func (x *index) sort() {
	slices.SortFunc(x.entries, func(a, b entry) int { return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.row, b.row)) })
	x.entries = slices.Compact(x.entries)
}

// find returns the objects whose text may be the one given and that are.
func (t *table) find(x *index, text string, is func(*Object) bool) []*Object {
	if len(x.entries) == 0 {
		return nil
	}
	hash := maphash.String(x.seed, text)
	first, _ := slices.BinarySearchFunc(x.entries, hash, func(e entry, hash uint64) int { return cmp.Compare(e.hash, hash) })
	var found []*Object
	for _, e := range x.entries[first:] {
		if e.hash != hash {
			break
		}
		if o := t.object(e.row); is(o) {
			found = append(found, o)
		}
	}
	return found
}

// links finds objects by what one attribute refers to.
type links struct {
	byAddress index
	byValue   index // a known text
	named     []int // all of those
	open      []int // nobody can tell what it refers to
	// The objects of those rows, by region.
	namedIn, openIn regional
}

func (t *table) linksOf(attribute, to string) *links {
	key := linkKey{attribute, to}
	if l := t.links[key]; l != nil {
		return l
	}
	l := &links{namedIn: make(regional), openIn: make(regional)}
	for row := range t.count() {
		l.add(t.object(row), row, key)
	}
	l.byAddress.sort()
	l.byValue.sort()
	t.links[key] = l
	return l
}

func (l *links) add(o *Object, row int, key linkKey) {
	refers := false
	for _, ref := range o.Refs[key.attribute] {
		if typeOf(ref) == key.to {
			l.byAddress.add(ref, row)
			refers = true
		}
	}
	value := o.Get(key.attribute)
	name, known := value.Text()
	switch {
	case refers:
	case known:
		l.byValue.add(name, row)
		l.named = append(l.named, row)
	case value.Kind() == resource.Unknown:
		l.open = append(l.open, row)
	}
}

// regional keeps, by region, the objects that may belong to any owner there. They
// are made when they are asked for: there may be many, and few scans need them.
type regional map[string][]*Object

func (r regional) of(t *table, rows []int, region string) []*Object {
	found, made := r[region]
	if !made {
		found = t.among(rows, region)
		r[region] = found
	}
	return found
}

func (t *table) among(rows []int, region string) []*Object {
	var found []*Object
	for _, row := range rows {
		if o := t.object(row); nearby(o.Region, region) {
			found = append(found, o)
		}
	}
	return found
}

// referring returns the objects whose attribute refers to an address.
func (t *table) referring(l *links, attribute, address string) []*Object {
	return t.find(&l.byAddress, address, func(o *Object) bool { return slices.Contains(o.Refs[attribute], address) })
}

// having returns the objects in a region whose attribute has a value.
func (t *table) having(x *index, attribute, value, region string) []*Object {
	return t.find(x, value, func(o *Object) bool {
		text, _ := o.Get(attribute).Text()
		return text == value && nearby(o.Region, region)
	})
}

// names finds objects by the attribute that identifies them.
type names struct {
	byAddress index // with the key and without
	byValue   index
	open      map[string]int // region → how many whose name is not known
}

func (t *table) namesOf(identifiedBy string) *names {
	if n := t.names[identifiedBy]; n != nil {
		return n
	}
	n := &names{open: make(map[string]int)}
	for row := range t.count() {
		o := t.object(row)
		n.byAddress.add(o.Address, row)
		if bare := withoutKey(o.Address); bare != o.Address {
			n.byAddress.add(bare, row)
		}
		value := o.Get(identifiedBy)
		if name, known := value.Text(); known {
			n.byValue.add(name, row)
		} else if value.Kind() == resource.Unknown {
			n.open[o.Region]++
		}
	}
	n.byAddress.sort()
	n.byValue.sort()
	t.names[identifiedBy] = n
	return n
}

// at returns the objects at an address, which may lack its key.
func (t *table) at(n *names, address string) []*Object {
	return t.find(&n.byAddress, address, func(o *Object) bool {
		return o.Address == address || withoutKey(o.Address) == address
	})
}

// openIn tells whether there is an object in a region whose name is not known.
func (n *names) openIn(region string) bool {
	for other, count := range n.open {
		if count > 0 && nearby(other, region) {
			return true
		}
	}
	return false
}

// typeOf returns the resource type in an address.
func typeOf(address string) string {
	bare := withoutKey(address)
	end := strings.LastIndexByte(bare, '.')
	if end < 0 {
		return ""
	}
	return bare[strings.LastIndexByte(bare[:end], '.')+1 : end]
}
