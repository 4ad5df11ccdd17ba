package recover

import (
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// name is how a resource is called in one place. Another may take the name after
// it was deleted.
type name struct{ account, region, typ, id string }

func nameOf(ref *resource.Ref) name {
	return name{ref.Account, ref.Region, ref.Type, strings.ToLower(ref.ID)}
}

// owners finds the resource that a point was taken of: by what identifies it for
// good where that is told, otherwise by its name and age.
type owners struct {
	*reading
	byUID  map[string]*Item
	byName map[name]*Item
	byARN  map[string]*Item
	// gone are those that are no longer there, each under what identifies it.
	gone map[string]*Item
	left []*Item
}

func newOwners(r *reading) *owners {
	o := &owners{
		reading: r, byUID: make(map[string]*Item), byName: make(map[name]*Item), byARN: make(map[string]*Item), gone: make(map[string]*Item),
	}
	for _, item := range r.items {
		if item.Resource.UID != "" {
			o.byUID[item.Resource.UID] = item
		}
		o.byName[nameOf(&item.Resource)] = item
		if item.Resource.ARN != "" {
			o.byARN[item.Resource.ARN] = item
		}
	}
	return o
}

// ofSnapshot returns the item that a snapshot was taken of; nil where its type
// has none. The snapshot of a member of a cluster that is left out stands alone.
func (o *owners) ofSnapshot(one *resource.Resource, point *Point) *Item {
	k := o.bySnapshot[one.Type]
	if k == nil {
		return nil
	}
	uid, _ := one.Get(k.snapshots.uid).Text()
	if item := o.byUID[uid]; item != nil {
		return item
	}
	ref := resource.Ref{Type: k.typ, UID: uid, Account: one.Account, Region: one.Region, Partition: one.Partition}
	ref.ID, _ = one.Get(k.snapshots.of).Text()
	if source, _ := one.Get(k.snapshots.source).Text(); source != "" {
		if parts := strings.SplitN(source, ":", 6); len(parts) == 6 && parts[0] == "arn" {
			ref.Region, ref.Account = parts[3], parts[4]
		}
	}
	return o.named(k, ref, point)
}

// ofPoint returns the item that a recovery point of AWS Backup was made of.
func (o *owners) ofPoint(one *resource.Resource, point *Point) *Item {
	arn, _ := one.Get("ResourceArn").Text()
	if item := o.byARN[arn]; item != nil && !older(point, item) {
		return item
	}
	service, _ := one.Get("ResourceType").Text()
	ref := parseARN(arn, service)
	k := o.byType[ref.Type]
	if k == nil {
		return nil
	}
	return o.named(k, ref, point)
}

// named returns the item of a name, unless that is another that took it, or one
// that is left.
func (o *owners) named(k *kind, ref resource.Ref, point *Point) *Item {
	live := o.byName[nameOf(&ref)]
	other := live != nil && (ref.UID != "" && live.Resource.UID != "" && ref.UID != live.Resource.UID || older(point, live))
	if live != nil && !other {
		return live
	}
	if other {
		note := "an earlier " + ref.ID + " had this name; what is left of it stands below"
		if len(live.Notes) == 0 || live.Notes[len(live.Notes)-1] != note {
			live.Notes = append(live.Notes, note)
		}
	}
	key := ref.UID
	if key == "" {
		key = strings.Join([]string{ref.Account, ref.Region, ref.Type, strings.ToLower(ref.ID)}, "\x00")
	}
	if item := o.gone[key]; item != nil {
		return item
	}
	item := &Item{
		Resource: ref, kind: k, Gone: o.whereabouts(k, &ref, other),
		Window: Window{Sight: Unusable, Why: "only what was kept of it is left"}, created: resource.Value{},
	}
	o.gone[key] = item
	o.left = append(o.left, item)
	return item
}

// whereabouts tells whether a resource that was not found was deleted.
func (o *owners) whereabouts(k *kind, ref *resource.Ref, renewed bool) string {
	switch gap, outside := o.unseen(k.typ, ref.Account, ref.Region); {
	case renewed:
		return "it was deleted or renamed, and another has its name"
	case outside:
		return "it lies in a place that was not looked at"
	case gap != nil:
		return "it was not found, and not everything there could be read"
	default:
		return "it was deleted or renamed"
	}
}

// older reports whether a point was made before a resource was, and so is of
// another. Nobody can tell of a copy, whose time is not that of its data.
func older(point *Point, item *Item) bool {
	created, ok := timeOf(item.created)
	return ok && !point.At.IsZero() && point.At.Before(created)
}

// parseARN tells what a recovery point was made of; nothing where that is no type
// that is known. Clusters of three services
// have ARNs alike, and the service tells them apart.
func parseARN(arn, service string) resource.Ref {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 {
		return resource.Ref{}
	}
	typ, id := "", ""
	for _, form := range []struct{ prefix, typ string }{
		{"rds:cluster:", "AWS::RDS::DBCluster"}, {"rds:db:", "AWS::RDS::DBInstance"}, {"dynamodb:table/", "AWS::DynamoDB::Table"},
		{"redshift:cluster:", "AWS::Redshift::Cluster"}, {"elasticfilesystem:file-system/", "AWS::EFS::FileSystem"},
		{"fsx:file-system/", "AWS::FSx::FileSystem"},
	} {
		if rest, ok := strings.CutPrefix(parts[2]+":"+parts[5], form.prefix); ok {
			typ, id = form.typ, rest
		}
	}
	if typ == "AWS::RDS::DBCluster" {
		switch service {
		case "Neptune":
			typ = "AWS::Neptune::DBCluster"
		case "DocumentDB":
			typ = "AWS::DocDB::DBCluster"
		}
	}
	return resource.Ref{Type: typ, ID: id, ARN: arn, Partition: parts[1], Region: parts[3], Account: parts[4]}
}

func timeOf(v resource.Value) (time.Time, bool) {
	text, _ := v.Text()
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC(), err == nil
}
