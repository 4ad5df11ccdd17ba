package recover

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

// Options describe one look at what could be restored.
type Options struct {
	Source scan.Source
	// Wants is what Wants returned for the Filter.
	Wants       resource.Wants
	Filter      Filter
	Concurrency int
	Progress    scan.Progress // nil for nobody
	// Calls counts the service calls made so far; nil when there are none.
	Calls         func() int
	Tool, Version string
	// AsOf is now, or when what is read was saved. Moment is zero for an
	// inventory without a question.
	AsOf, Moment time.Time
}

// Read reads a source and tells what could be restored.
func Read(ctx context.Context, o Options) (*Inventory, error) {
	r := &reading{index: newIndex(), wants: o.Wants, filter: o.Filter, asOf: o.AsOf.UTC(), left: make(map[string]int)}
	if err := scan.Collect(ctx, o.Source, o.Wants, o.Concurrency, o.Progress, r); err != nil {
		return nil, err
	}
	inventory := r.resolve()
	inventory.Tool, inventory.Version, inventory.AsOf = o.Tool, o.Version, r.asOf
	if o.Calls != nil {
		inventory.Coverage.Calls = o.Calls()
	}
	if !o.Moment.IsZero() {
		inventory.Moment = o.Moment.UTC()
		for _, item := range slices.Concat(inventory.Items, inventory.Left) {
			item.Answer = item.answer(inventory.Moment)
			item.Answer.Elsewhere = item.Answer.Verdict == None && r.copiesUnread(item.kind)
		}
	}
	return inventory, nil
}

// reading takes what a source holds. It is a scan.Visitor.
type reading struct {
	index
	wants  resource.Wants
	filter Filter
	asOf   time.Time

	name       string
	notOptedIn []string
	places     map[scan.Place]bool // true where something was not read
	gaps       []finding.Gap
	count      int
	items      []*Item
	snapshots  []*resource.Resource
	points     []*resource.Resource
	left       map[string]int
}

// Begin implements scan.Visitor.
func (r *reading) Begin(listing *scan.Listing, _ resource.Wants) error {
	r.name, r.notOptedIn, r.places = listing.PlaceName, listing.NotOptedIn, make(map[scan.Place]bool)
	for _, place := range listing.Places {
		r.places[place] = false
	}
	return nil
}

// Gap implements scan.Visitor.
func (r *reading) Gap(gap *finding.Gap) error {
	r.gaps = append(r.gaps, *gap)
	for place := range r.places {
		if (gap.Account == "" || gap.Account == place.Account) && (gap.Region == "" || gap.Region == place.Region) {
			r.places[place] = true
		}
	}
	return nil
}

// Resource implements scan.Visitor.
func (r *reading) Resource(one *resource.Resource) error {
	r.count++
	switch k := r.byType[one.Type]; {
	case k != nil:
		r.item(k, one)
	case one.Type == recoveryPointType:
		if parent, _ := one.Get("IsParent").Bool(); !parent { // a parent has no data of its own
			r.points = append(r.points, one)
		}
	default:
		r.snapshots = append(r.snapshots, one)
	}
	return nil
}

func (r *reading) item(k *kind, one *resource.Resource) {
	item := &Item{Resource: one.Ref, kind: k, created: r.get(one, k.created)}
	if k.skip != nil {
		why, always := k.skip(one)
		if always {
			r.leaveOut(item, why)
			return
		}
		item.spare = why
	}
	if r.wants.Has(one.Type, statusProperty) { // a saved snapshot may hold more than was asked for
		item.Status, _ = one.Get(statusProperty).Text()
	}
	item.Window = r.window(k, one)
	item.Retention = retention(k, one, &item.Window, item.created, r.asOf)
	if pending := item.Retention; pending != nil && pending.Pending != nil && *pending.Pending < pending.Configured {
		item.Notes = append(item.Notes, "a shorter retention was accepted and waits: what lies beyond it will be gone")
	}
	r.items = append(r.items, item)
}

// leaveOut counts a resource of which nothing is to be told.
func (r *reading) leaveOut(item *Item, why string) {
	if r.chosen(item) {
		r.left[why]++
	}
}

// get returns a property, unknown where no reader has it.
func (r *reading) get(one *resource.Resource, property string) resource.Value {
	if !r.wants.Has(one.Type, property) {
		return resource.OfUnknown(resource.Missing{Property: property, Reason: resource.ReasonNotRead, Detail: "no reader has it"})
	}
	return one.Get(property)
}

// unseen reports whether resources of a type may lie unread in a place, and
// outside whether the place was not looked at.
func (r *reading) unseen(typ, account, region string) (gap *finding.Gap, outside bool) {
	if _, looked := r.places[scan.Place{Account: account, Region: region}]; !looked {
		return nil, true
	}
	for i := range r.gaps {
		gap := &r.gaps[i]
		if (gap.Type == "" || gap.Type == typ) && gap.Resource == "" &&
			(gap.Account == "" || gap.Account == account) && (gap.Region == "" || gap.Region == region) {
			return gap, false
		}
	}
	return nil, false
}

// copiesUnread reports whether copies may lie in what was not read. Gaps in the
// place of a resource itself are doubts of its answer already.
func (r *reading) copiesUnread(k *kind) bool {
	return slices.ContainsFunc(r.gaps, func(gap finding.Gap) bool {
		return gap.Resource == "" &&
			(gap.Type == "" || k.snapshots != nil && gap.Type == k.snapshots.typ || k.backup && gap.Type == recoveryPointType)
	})
}

// resolve finds for every point the resource that it was taken of.
func (r *reading) resolve() *Inventory {
	owners := newOwners(r)
	byARN := make(map[string]*Point)
	for _, snapshot := range r.snapshots {
		point := r.snapshotPoint(snapshot)
		owners.ofSnapshot(snapshot, point).take(point)
		if point.ARN != "" {
			byARN[point.ARN] = point
		}
	}
	for _, one := range r.points {
		if twin := byARN[one.ARN]; twin != nil { // AWS Backup keeps it as a snapshot of the service
			twin.Vault, _ = one.Get("BackupVaultName").Text()
			continue
		}
		point := r.recoveryPoint(one)
		owners.ofPoint(one, point).take(point)
	}
	v := &Inventory{LeftOut: r.left, Gaps: r.gaps, Coverage: r.coverage()}
	for _, item := range r.items {
		if item.spare != "" && len(item.Points) == 0 && item.Window.Sight == Unusable {
			r.leaveOut(item, item.spare)
		} else if r.chosen(item) {
			r.finish(item)
			v.Items = append(v.Items, item)
		}
	}
	for _, item := range owners.left {
		if r.chosen(item) {
			r.finish(item)
			v.Left = append(v.Left, item)
		}
	}
	slices.SortStableFunc(v.Items, byPlace)
	slices.SortStableFunc(v.Left, byPlace)
	return v
}

func (r *reading) chosen(item *Item) bool {
	return matches(r.filter.IDs, item.Resource.ID) && matches(r.filter.Types, item.Resource.Type)
}

// take adds a point to what an item can be restored from. Nobody takes a point
// that no type is known of.
func (i *Item) take(point *Point) {
	if i != nil {
		i.Points = append(i.Points, point)
	}
}

// finish puts the points in order and names what else there may be.
func (r *reading) finish(item *Item) {
	slices.SortStableFunc(item.Points, func(a, b *Point) int {
		return cmp.Or(b.At.Compare(a.At), cmp.Compare(a.Region, b.Region), cmp.Compare(a.ID, b.ID))
	})
	if item.Points == nil {
		item.Points = []*Point{}
	}
	k, at := item.kind, &item.Resource
	if k.snapshots != nil {
		r.missed(item, "snapshots", k.snapshots.typ, at)
	}
	if k.own != "" {
		item.Unread = append(item.Unread, k.own+" are read by nothing here")
	}
	if k.backup {
		r.missed(item, "recovery points of AWS Backup", recoveryPointType, at)
	}
}

func (r *reading) missed(item *Item, what, typ string, at *resource.Ref) {
	switch gap, outside := r.unseen(typ, at.Account, at.Region); {
	case len(r.wants[typ]) == 0:
		item.Unread = append(item.Unread, what+" were not asked for")
	case outside:
		item.Unread = append(item.Unread, what+" of "+at.Account+" "+at.Region+" were not looked at")
	case gap != nil:
		item.Unread = append(item.Unread, what+" were not all read: "+missedBy(gap))
	}
}

func missedBy(gap *finding.Gap) string {
	switch {
	case gap.Permission != "":
		return "grant " + gap.Permission
	case gap.Operation != "":
		return gap.Operation + " did not answer"
	default:
		return gap.Detail
	}
}

func (r *reading) coverage() finding.Coverage {
	c := finding.Coverage{Unit: r.name, Total: len(r.places), Resources: r.count, NotOptedIn: r.notOptedIn}
	accounts, regions := make(map[string]bool), make(map[string]bool)
	for place, missed := range r.places {
		accounts[place.Account], regions[place.Region] = true, true
		if !missed {
			c.Read++
		}
	}
	delete(accounts, "")
	delete(regions, "")
	c.Accounts, c.Regions = slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(regions))
	return c
}
