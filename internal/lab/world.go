package lab

import (
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"sync"
	"time"
)

// World is the state behind a lab: accounts, their regions and what is in them. It may be filled and read while it is
// served.
type World struct {
	clock func() time.Time

	mu       sync.Mutex
	accounts map[string]*Account
}

// NewWorld makes an empty world that lives by the given clock; nil means time.Now.
func NewWorld(clock func() time.Time) *World {
	if clock == nil {
		clock = time.Now
	}
	return &World{clock: clock, accounts: map[string]*Account{}}
}

// Account returns the account with the given 12 digits and makes it when it is new. A request signed for an account
// that the world does not have is refused like one with an unknown access key.
func (w *World) Account(id string) *Account {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, ok := w.accounts[id]
	if !ok {
		a = &Account{world: w, ID: id, regions: map[string]*Region{}, roles: map[string]Role{}}
		w.accounts[id] = a
	}
	return a
}

func (w *World) account(id string) (*Account, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a, ok := w.accounts[id]
	return a, ok
}

// Accounts lists the identifiers of all accounts, sorted.
func (w *World) Accounts() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Sorted(maps.Keys(w.accounts))
}

// regionsNamed returns the region of that name in every account but one, in the order of the accounts.
func (w *World) regionsNamed(name, except string) []*Region {
	var found []*Region
	for _, id := range w.Accounts() {
		if id == except {
			continue
		}
		if a, ok := w.account(id); ok {
			if r, ok := a.existing(name); ok {
				found = append(found, r)
			}
		}
	}
	return found
}

// Account is an AWS account of the world.
type Account struct {
	ID    string // 12 digits
	world *World

	mu      sync.Mutex
	regions map[string]*Region
	roles   map[string]Role
	globals table[GlobalCluster]
	buckets table[Bucket]
}

// Role restricts who may assume a role. As soon as an account has one Role declared, no other role of it can be assumed;
// before, any role name can.
type Role struct {
	Name       string   // without the path
	ExternalID string   // required from the caller unless empty
	Trusted    []string // account identifiers that may assume it; empty means every account of the world
}

// AddRole declares a role that can be assumed.
func (a *Account) AddRole(r Role) *Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.roles[r.Name] = r
	return a
}

// Region returns the region of that name and makes it when it is new. A region that needs opting in is opted in by
// this; see NotOptedIn.
func (a *Account) Region(name string) *Region {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, ok := a.regions[name]
	if !ok {
		r = newRegion(a, name)
		a.regions[name] = r
	}
	return r
}

func (a *Account) existing(name string) (*Region, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r, ok := a.regions[name]
	return r, ok
}

// enabled tells whether the account may use a region.
func (a *Account) enabled(name string) bool {
	if r, ok := a.existing(name); ok {
		r.mu.Lock()
		defer r.mu.Unlock()
		return !r.disabled
	}
	return !needsOptIn(name)
}

// AddGlobalCluster adds a global cluster. Its members, named by ARN, show it as their GlobalClusterIdentifier.
func (a *Account) AddGlobalCluster(g GlobalCluster) *Account {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.globals.put(g.ID, &g)
	return a
}

// globalOf names the global cluster of which the cluster with this ARN is a member.
func (a *Account) globalOf(arn string) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, g := range a.globals.all() {
		if slices.Contains(g.Members, arn) {
			return g.ID
		}
	}
	return ""
}

// Region is one region of one account, with all that the lab keeps there.
type Region struct {
	Name    string // for instance eu-west-1
	account *Account
	marks   regionMarks

	mu          sync.Mutex
	disabled    bool
	clusters    table[cluster]
	instances   table[instance]
	snapshots   table[snapshot]
	dbSnapshots table[DBSnapshot]
	groups      table[group]
	subnets     table[SubnetGroup]
	keys        []Key
	stores      stores
	scale       *Scale
	writes      map[string]map[string]int
	renames     map[string]*cluster // by the identifier that they are getting
}

// regionMarks are the parts of ARNs and host names that every resource of a region shares.
type regionMarks struct {
	arn  string // arn:aws:rds:eu-west-1:111122223333:
	host string // .eu-west-1.
	hash string // the account's part of endpoint names
}

func newRegion(a *Account, name string) *Region {
	r := &Region{Name: name, account: a, writes: map[string]map[string]int{}, renames: map[string]*cluster{}}
	r.marks.arn = "arn:" + partitionOf(name) + ":rds:" + name + ":" + a.ID + ":"
	r.marks.host = "." + name + "."
	r.marks.hash = "c" + letters(a.ID+name, 11)
	r.keys = append(r.keys, Key{ID: uuidOf(a.ID + name + "rds"), Alias: "alias/aws/rds", Managed: true})
	r.subnets.put("default", &SubnetGroup{Name: "default", Description: "default", Zones: zonesOf(name)})
	return r
}

// NotOptedIn marks the region as one that the account has not enabled: calls there are refused as AWS refuses them.
func (r *Region) NotOptedIn() *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.disabled = true
	return r
}

func (r *Region) now() time.Time { return r.account.world.clock() }

// wrote counts a write that took effect.
func (r *Region) wrote(arn, operation string) {
	ops, ok := r.writes[arn]
	if !ok {
		ops = map[string]int{}
		r.writes[arn] = ops
	}
	ops[operation]++
}

// Writes tells how often each writing operation took effect on the resource with this ARN, whether or not its answer
// reached the caller. Refused calls do not count.
func (r *Region) Writes(arn string) map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.writes[arn])
}

// ARN is the name of a resource of this region: kind is cluster, cluster-snapshot, db, cluster-pg or subgrp.
func (r *Region) ARN(kind, id string) string { return r.marks.arn + kind + ":" + id }

func seedOf(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // a hash never fails to write
	return h.Sum64()
}

// letters derives n lower-case letters and digits from a name: the same name always gives the same letters.
func letters(name string, n int) string {
	const alphabet = "abcdefghijklmnopqrstuvwxyz234567"
	out := make([]byte, n)
	x := seedOf(name)
	for i := range out {
		x = x*6364136223846793005 + 1442695040888963407
		out[i] = alphabet[x>>59]
	}
	return string(out)
}

func uuidOf(name string) string {
	a, b := seedOf(name), seedOf("2"+name)
	return fmt.Sprintf("%08x-%04x-4%03x-a%03x-%012x", a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff)
}
