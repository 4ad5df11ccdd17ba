package planfile

import (
	"hash/maphash"
	"slices"
	"strings"
)

// place is where an expression stands: a module instance, and the key of the
// resource or module call that it belongs to.
type place struct {
	modules []string // the steps with their keys
	name    string   // graph of a call, aws_neptune_cluster.main of a resource
	key     string   // [0], ["eu"] or ""
	each    []string // what count or for_each refers to
}

// resolver follows references through module calls and outputs to objects.
type resolver struct {
	config *configuration
	keys   *census
}

// trail is what following references has found.
type trail struct {
	objects []string // addresses; without a key where that cannot be told
	bare    bool     // one of them lacks its key
	// sources are what the value comes from, in Terraform's words.
	sources []string
	// others counts what it may come from besides the objects.
	others int
	steps  int
}

// maxSteps bounds the references that are followed for one attribute, so that a
// file that goes in circles ends.
const maxSteps = 200

// locate finds the block that an instance comes from; nil when the document
// has no configuration, or another one.
func (r *resolver) locate(address string) (*block, place) {
	if len(r.config.blocks) == 0 {
		return nil, place{}
	}
	parts := segments(address)
	p := place{modules: modules(parts)}
	p.name, p.key = cutKey(strings.Join(parts[2*len(p.modules):], "."))
	b := r.config.blocks[within(withoutKeys(p.modules), p.name)]
	if b != nil {
		p.each = b.each
	}
	return b, p
}

// follow finds what an attribute of a block's instance comes from.
func (r *resolver) follow(b *block, p place, attribute string) trail {
	var t trail
	if b == nil || len(b.refs[attribute]) == 0 {
		return t
	}
	r.all(&t, p, b.refs[attribute])
	return t
}

// object is the one object that the value comes from, or "" when that cannot
// be told.
func (t *trail) object() string {
	if len(t.objects) == 1 && t.others == 0 {
		return t.objects[0]
	}
	return ""
}

// settle words what would tell a value that is known only after apply.
func (t *trail) settle() string {
	const after = "a scan after apply"
	if t == nil || len(t.sources) == 0 {
		return after
	}
	verb := " is known"
	if len(t.sources) > 1 {
		verb = " are known"
	}
	shown := t.sources[:min(len(t.sources), 3)]
	return after + ", when " + strings.Join(shown, " and ") + verb
}

func (r *resolver) all(t *trail, p place, refs []string) {
	// x.y[each.key] refers to x.y and each.key. Where anything else takes part,
	// the key may be chosen in another way.
	keyed := len(refs) == 2 && slices.ContainsFunc(refs, byKey)
	for _, ref := range refs {
		r.one(t, p, ref, keyed)
	}
}

// byKey tells references that choose by the key of the instance.
func byKey(ref string) bool { return ref == "each.key" || ref == "count.index" }

func (r *resolver) one(t *trail, p place, ref string, keyed bool) {
	if t.steps++; t.steps > maxSteps {
		t.others++
		return
	}
	parts := segments(ref)
	switch head, _ := cutKey(parts[0]); {
	case len(parts) < 2 || head == "path" || head == "terraform" || head == "self" || byKey(ref):
	case head == "each":
		for _, source := range p.each {
			r.one(t, place{modules: p.modules, name: p.name, key: p.key}, source, true)
		}
	case head == "var":
		name, _ := cutKey(parts[1])
		r.variable(t, p, name)
	case head == "module":
		r.output(t, p, parts)
	case head == "local" || head == "data" || head == "ephemeral":
		t.source(p, ref)
		t.others++
	default:
		t.source(p, ref)
		address, sure := r.target(p, parts, keyed)
		t.bare = t.bare || !sure
		t.found(address)
	}
}

func (t *trail) source(p place, ref string) {
	ref = within(modulePath(p.modules), ref)
	if !slices.Contains(t.sources, ref) {
		t.sources = append(t.sources, ref)
	}
}

func (t *trail) found(address string) {
	if !slices.Contains(t.objects, address) {
		t.objects = append(t.objects, address)
	}
}

// variable goes on at the call of the module. The variables of the root module
// are known whenever there is a plan, so nothing unknown comes from them.
func (r *resolver) variable(t *trail, p place, name string) {
	if len(p.modules) == 0 {
		return
	}
	last := len(p.modules) - 1
	c := r.config.calls[withoutKeys(p.modules)]
	if c == nil {
		t.others++
		return
	}
	outer := place{modules: p.modules[:last], each: c.each}
	outer.name, outer.key = cutKey(p.modules[last])
	outer.name = "module." + outer.name
	r.all(t, outer, c.refs[name])
}

// output goes on at the output of a module.
func (r *resolver) output(t *trail, p place, parts []string) {
	steps := append(slices.Clone(p.modules), parts[1])
	inside := withoutKeys(steps)
	c := r.config.calls[inside]
	_, key := cutKey(parts[1])
	if c == nil || len(parts) < 3 || c.many && key == "" {
		t.source(p, strings.Join(parts, "."))
		t.others++
		return
	}
	name, _ := cutKey(parts[2])
	refs, found := r.config.outputs[within(inside, name)]
	if !found {
		t.source(p, strings.Join(parts, "."))
		t.others++
		return
	}
	r.all(t, place{modules: steps}, refs)
}

// target is the address of the object that a reference names: with its key
// where the reference has one, or where there is only one that can be meant.
// Where there are several, the address lacks the key and is not sure.
func (r *resolver) target(p place, parts []string, keyed bool) (address string, sure bool) {
	typ := parts[0]
	name, key := cutKey(parts[1])
	bare := within(modulePath(p.modules), typ+"."+name)
	if key != "" {
		return bare + key, true
	}
	keys := r.keys.of(bare)
	switch own := within(modulePath(p.modules), p.name); {
	case keys.count == 1:
		return bare + keys.only, true
	case keyed && keys.count > 0 && keys.same(r.keys.of(own)):
		return bare + p.key, true
	default:
		return bare, keys.count == 0
	}
}

// census tells which keys the instances of a resource or module call have. It
// is asked whether there is one key and whether two have the same ones, so it
// keeps the sum of their hashes and not the keys themselves.
type census struct {
	seed maphash.Seed
	keys map[uint64]keys // by the hash of the address without the last key
}

type keys struct {
	count int
	sum   uint64
	last  uint64 // hash of the one counted last
	only  string // the key itself, where there is one
}

func newCensus() *census { return &census{seed: maphash.MakeSeed(), keys: make(map[uint64]keys)} }

// add counts an instance, and the module instances that it lies in.
func (c *census) add(address string) {
	parts := segments(address)
	steps := modules(parts)
	for n, step := range steps {
		name, key := cutKey(step)
		c.note(within(modulePath(steps[:n]), "module."+name), key)
	}
	name, key := cutKey(strings.Join(parts[2*len(steps):], "."))
	c.note(within(modulePath(steps), name), key)
}

// note counts a key. Terraform writes the instances of a module one after the
// other; were they mixed, a key would count twice and no two would be the same,
// which leaves open what they refer to.
func (c *census) note(bare, key string) {
	if key == "" {
		return // only one, and found by its address as it is
	}
	of, last := maphash.String(c.seed, bare), maphash.String(c.seed, key)
	seen := c.keys[of]
	if seen.count > 0 && seen.last == last {
		return
	}
	next := keys{count: seen.count + 1, sum: seen.sum + last, last: last}
	if next.count == 1 {
		next.only = strings.Clone(key)
	}
	c.keys[of] = next
}

func (c *census) of(bare string) keys { return c.keys[maphash.String(c.seed, bare)] }

// same tells whether two have the same keys, as when one's for_each or count
// follows the other's.
func (k keys) same(other keys) bool { return k.count == other.count && k.sum == other.sum }
