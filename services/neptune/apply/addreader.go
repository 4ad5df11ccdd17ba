package apply

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/neptune"
)

// maxInstances is how many instances a cluster can have: a writer and 15
// readers.
const maxInstances = 16

// addReader plans for clusters whose instances all stand in one Availability
// Zone: a reader like the writer is added in another one.
type addReader struct{}

// Wants implements fix.Planner.
func (addReader) Wants(*control.Control) []string {
	return []string{"MultiAZ", "Members", "Writer", "Status", "AutomaticRestartTime"}
}

// Plan implements fix.Planner.
func (addReader) Plan(ctx context.Context, task *fix.Task) (*fix.Change, *fix.Skipped, error) {
	if skipped := notReady(task); skipped != nil {
		return nil, skipped, nil
	}
	if skipped := unreadable(task, task.Resource, "Members", "Writer", "MultiAZ"); skipped != nil {
		return nil, skipped, nil
	}
	if task.Reader == nil {
		return nil, offline(task, "the zones of the instances"), nil
	}
	members, writer := membersOf(task.Resource)
	switch {
	case len(members) == 0 || writer == "":
		return nil, task.Skip(fix.SkipState, "the cluster has no writer to add a reader to; create an instance first"), nil
	case len(members) >= maxInstances:
		return nil, task.Skip(fix.SkipState, "the cluster has %d instances already, and a writer and 15 readers are the most: move one of them to another zone by hand", len(members)), nil
	}
	site, skipped, err := survey(ctx, task, members, writer)
	if skipped != nil || err != nil {
		return nil, skipped, err
	}
	d := newDraft(task)
	id, err := d.free(ctx, neptune.InstanceType, d.Resource.ID, "reader-"+zoneLetter(site.zone, d.Resource.Region))
	if err != nil {
		skipped, err := readFailed(ctx, task, err)
		return nil, skipped, err
	}
	price, err := loadPrices()
	if err != nil {
		return nil, nil, err
	}
	class, _ := site.writer.Get("DBInstanceClass").Text()
	d.Cost = price.cost(d.Resource.Region, []machine{machineOf(site.cluster, class)})
	d.Sets = []fix.Setting{{Property: "MultiAZ", Before: task.Resource.Get("MultiAZ"), After: resource.OfBool(true)}}
	d.reader(site, id, class)
	return d.Change, nil, nil
}

// site is what there is to add a reader to, and the zone for it.
type site struct {
	cluster, writer *resource.Resource
	zone            string
}

// survey reads the instances and picks a zone that none of them stands in.
func survey(ctx context.Context, task *fix.Task, members []string, writer string) (*site, *fix.Skipped, error) {
	cluster, err := task.Reader.Read(ctx, task.Resource.Ref, []string{propZones, propStorageType, propServerless, resource.TagsProperty})
	if err != nil {
		skipped, err := readFailed(ctx, task, err)
		return nil, skipped, err
	}
	s := &site{cluster: cluster}
	var taken []string
	for _, id := range members {
		ref := task.Resource.Ref
		in, err := task.Reader.Read(ctx, resource.Ref{Type: neptune.InstanceType, ID: id, Account: ref.Account, Region: ref.Region, Partition: ref.Partition}, instanceProperties())
		if err != nil {
			skipped, err := readFailed(ctx, task, err)
			return nil, skipped, err
		}
		zone, ok := in.Get("AvailabilityZone").Text()
		if !ok {
			return nil, task.Skip(fix.SkipUnread, "the service did not say in which zone instance %s stands", id), nil
		}
		taken = append(taken, zone)
		if id == writer {
			s.writer = in
		}
	}
	if _, ok := s.writer.Get("DBInstanceClass").Text(); !ok {
		return nil, task.Skip(fix.SkipUnread, "the service did not say of which class the writer %s is", writer), nil
	}
	s.zone = pickZone(cluster, s.writer, taken)
	if s.zone == "" {
		return nil, task.Skip(fix.SkipState, "the cluster's subnet group has no subnet outside %s; add one in another zone first", strings.Join(slices.Compact(slices.Sorted(slices.Values(taken))), ", ")), nil
	}
	return s, nil, nil
}

func instanceProperties() []string {
	return []string{"DBInstanceClass", "AvailabilityZone", "Status", "PromotionTier", propSubnetZones, propParameterGroup, propMinorUpgrade, propMaintenance, resource.TagsProperty}
}

// pickZone returns the first zone with a subnet and without an instance. Zones
// in which the cluster keeps copies of its storage go first. Empty: none.
func pickZone(cluster, writer *resource.Resource, taken []string) string {
	zones := writer.Get(propSubnetZones)
	if !zones.Known() {
		zones = cluster.Get(propZones)
	}
	var second string
	for _, zone := range allOf(zones) {
		switch {
		case slices.Contains(taken, zone):
		case cluster.Get(propZones).Contains(resource.OfString(zone)):
			return zone
		case second == "":
			second = zone
		}
	}
	return second
}

// zoneLetter is what tells a zone from others of its region: b of eu-west-1b.
func zoneLetter(zone, region string) string {
	if letter := strings.TrimPrefix(zone, region); letter != "" {
		return strings.Trim(letter, "-")
	}
	return zone
}

// machineOf is an instance of a class in a cluster, as it is billed.
func machineOf(cluster *resource.Resource, class string) machine {
	storage, _ := cluster.Get(propStorageType).Text()
	units, _ := cluster.Get(propServerless).Fields()["MinCapacity"].Float()
	return machine{class: class, ioOptimized: isIOOptimized(storage), units: units}
}

// isIOOptimized recognises iopt1, which some answers call aurora-iopt1.
func isIOOptimized(storage string) bool { return strings.HasSuffix(storage, "iopt1") }

// reader adds the step that creates the reader.
func (d *draft) reader(s *site, id, class string) {
	instance := d.ref(neptune.InstanceType, id)
	parameters := map[string]resource.Value{
		"DBInstanceIdentifier": resource.OfString(id),
		"DBClusterIdentifier":  resource.OfString(d.Resource.ID),
		"DBInstanceClass":      resource.OfString(class),
		"Engine":               resource.OfString(neptune.Engine),
		"AvailabilityZone":     resource.OfString(s.zone),
		"PromotionTier":        resource.OfInt(1),
		"Tags":                 d.tags(s.cluster.Get(resource.TagsProperty)),
	}
	likeModel(parameters, s.writer)
	d.add(fix.Step{
		Title:  fmt.Sprintf("create the reader %s (%s) in %s", id, class, s.zone),
		Call:   d.task.Call("rds:CreateDBInstance", parameters),
		Before: []fix.Condition{d.task.Here(), settled(d.Resource), isGone(instance)},
		// It is deleted on the way back only while it is a reader and not the
		// last one elsewhere: after a failover it may be what clients write to.
		Done:    append(d.ready(instance), superset(d.Resource, propReaders, []string{id}), d.task.Equal("MultiAZ", resource.OfBool(true))),
		Timeout: 60 * 60,
		Impact:  "none for the writer",
		Undo: d.task.Call("rds:DeleteDBInstance", map[string]resource.Value{
			"DBInstanceIdentifier": resource.OfString(id),
			"SkipFinalSnapshot":    resource.OfBool(true), // the data is the cluster's
		}),
		UndoDone: []fix.Condition{isGone(instance)},
	})
}

// likeModel copies what an instance shares with the one it stands beside.
func likeModel(parameters map[string]resource.Value, model *resource.Resource) {
	for _, property := range []string{propParameterGroup, propMinorUpgrade} {
		if value := model.Get(property); value.Known() {
			parameters[property] = value
		}
	}
}
