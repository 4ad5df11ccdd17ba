package rdscode

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// clusterJoiner tells a cluster in which zones its instances stand, what its
// parameter group says about audit lines, and what it takes over from a source.
type clusterJoiner struct{ *Names }

func (j clusterJoiner) Owner() (string, []string) {
	attributes := []string{"cluster_identifier", "cluster_members", "engine", "engine_mode", "backup_retention_period", "storage_encrypted", j.KeyAttribute}
	attributes = append(attributes, j.Sources...)
	if j.AuditParameter != "" {
		attributes = append(attributes, j.GroupAttribute)
	}
	return j.Cluster, attributes
}

func (j clusterJoiner) Satellites() map[string][]string {
	satellites := map[string][]string{j.Instance: {"availability_zone", "cluster_identifier"}}
	if j.AuditParameter != "" {
		satellites[j.Group] = []string{"name", "parameter"}
	}
	return satellites
}

func (j clusterJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	SpellEngine(r)
	j.instances(r, own, others)
	if j.AuditParameter != "" {
		j.group(r, own, others)
	}
	if !own.Existing {
		j.sources(r, own)
	}
}

// groupJoiner finds one parameter among the nested blocks of a group.
type groupJoiner struct{ *Names }

func (j groupJoiner) Owner() (string, []string) { return j.Group, []string{"parameter"} }

func (groupJoiner) Satellites() map[string][]string { return nil }

func (j groupJoiner) Join(r *resource.Resource, own *terraform.Object, _ *terraform.Objects) {
	terraform.SetFrom(r, auditProperty, j.auditParameter(own), own, "parameter")
}

// snapshotJoiner tells a snapshot whether its cluster is encrypted.
type snapshotJoiner struct{ *Names }

func (j snapshotJoiner) Owner() (string, []string) {
	return j.Snapshot, []string{"db_cluster_identifier"}
}

func (j snapshotJoiner) Satellites() map[string][]string { return j.encryptionOfClusters() }

// Join implements terraform.Joiner. A new snapshot is shared with nobody unless
// the code says so.
func (j snapshotJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	if own.Existing {
		return
	}
	if own.Get("shared_accounts").Kind() == resource.Absent {
		r.Properties[sharesProperty] = resource.OfList()
	}
	j.fromCluster(r, own, others, "db_cluster_identifier", "a snapshot")
}

// memberJoiner tells an instance of a cluster whether that is encrypted, and
// what engine it runs.
type memberJoiner struct{ *Names }

func (j memberJoiner) Owner() (string, []string) {
	return j.Instance, []string{"cluster_identifier", "engine", "storage_encrypted"}
}

func (j memberJoiner) Satellites() map[string][]string { return j.encryptionOfClusters() }

func (j memberJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	defer SpellEngine(r)
	if open := own.Get("cluster_identifier").Missing(); open != nil {
		// Which cluster it is may be open; that there is one is not.
		name := cmp.Or(open.Settle, own.Address)
		if refs := own.Refs["cluster_identifier"]; len(refs) > 0 {
			name = refs[0]
		}
		terraform.SetFrom(r, clusterProperty, resource.OfString(name), own, "cluster_identifier")
	}
	if j.Unprotected {
		r.Properties[protectedProperty] = resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "a scan of the live account",
			Detail: j.Instance + " has no argument for it",
		})
	}
	if own.Existing {
		if encrypted := terraform.Convert(own.Get("storage_encrypted"), "bool"); encrypted.Kind() != resource.Absent {
			r.Properties[encryptedProperty] = encrypted
		}
		return
	}
	j.fromCluster(r, own, others, "cluster_identifier", "an instance")
	cluster, _ := others.Named(own, "cluster_identifier", j.Cluster, "cluster_identifier")
	if cluster != nil && own.Get("engine").Kind() == resource.Absent {
		terraform.SetFrom(r, engineProperty, terraform.Convert(cluster.Get("engine"), "string"), cluster, "engine")
	}
}

// encryptionOfClusters is what must be read of clusters to tell whether they are
// encrypted.
func (n *Names) encryptionOfClusters() map[string][]string {
	attributes := []string{"cluster_identifier", "engine", "engine_mode", n.KeyAttribute, "storage_encrypted"}
	return map[string][]string{n.Cluster: append(attributes, n.Sources...)}
}

// instances tells in how many zones the instances of a cluster stand. The zones
// of the cluster itself are about its storage and do not count.
func (n *Names) instances(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	sure, maybe := others.Linked(n.Instance, "cluster_identifier", own, "cluster_identifier")
	zones := make(map[string]bool)
	members := make(map[string]resource.Value, len(sure))
	var open *resource.Missing // why there may be another zone
	for _, instance := range sure {
		zone := terraform.Convert(instance.Get("availability_zone"), "string")
		if name, ok := zone.Text(); ok && instance.Uncertain == nil {
			zones[name] = true
		} else if open == nil {
			open = openZone(instance, zone)
		}
		members[instance.Address] = resource.OfString("in-sync")
	}
	more := n.moreInstances(own, sure, maybe, others)
	if open == nil {
		open = more
	}
	if n.Zoned {
		multi := resource.OfBool(len(zones) > 1)
		engine, _ := own.Get("engine").Text()
		switch {
		case Together(engine):
			multi = resource.OfBool(true)
		case len(zones) < 2 && own.Get("engine").Kind() == resource.Unknown:
			multi = own.Get("engine") // it may be a cluster that needs no instances
		case len(zones) < 2 && open != nil && (more != nil || len(sure) > 1):
			multi = resource.OfUnknown(*open)
		}
		set(r, "MultiAZ", multi, sure, "availability_zone")
	}
	if more != nil {
		r.Properties["Members"] = resource.OfUnknown(*more)
		return
	}
	set(r, "Members", resource.OfMap(members), sure, "cluster_identifier")
}

// moreInstances says why the cluster may have more instances than those that
// name it; nil when it has not.
func (n *Names) moreInstances(own *terraform.Object, sure, maybe []*terraform.Object, others *terraform.Objects) *resource.Missing {
	for _, instance := range sure {
		if instance.Uncertain != nil {
			return instance.Uncertain
		}
	}
	known := len(sure)
	if others.Leaving != nil {
		leaving, _ := others.Leaving.Linked(n.Instance, "cluster_identifier", own, "cluster_identifier")
		known += len(leaving)
	}
	if members := own.Get("cluster_members").List(); own.Existing && len(members) > known {
		return &resource.Missing{
			Reason: resource.ReasonNotRead, Settle: "the state that holds the other instances",
			Detail: fmt.Sprintf("the cluster has %d instances, of which this state holds %d", len(members), len(sure)),
		}
	}
	if len(maybe) > 0 {
		return unclear(maybe[0], "cluster_identifier", "whether it belongs to the cluster")
	}
	return others.Incomplete
}

// set gives a property with the origin of the first of the objects that decide
// it; with none, it is the cluster that lacks them.
func set(r *resource.Resource, property string, value resource.Value, from []*terraform.Object, attribute string) {
	if len(from) > 0 {
		terraform.SetFrom(r, property, value, from[0], attribute)
		return
	}
	r.Properties[property] = value
}

// openZone says why the zone of an instance is not known.
func openZone(instance *terraform.Object, zone resource.Value) *resource.Missing {
	switch {
	case instance.Uncertain != nil:
		return instance.Uncertain
	case zone.Missing() != nil:
		return zone.Missing()
	}
	return &resource.Missing{
		Reason: resource.ReasonUnresolved, Settle: "availability_zone of " + instance.Address,
		Detail: instance.Address + " names no zone, so that AWS will choose one",
	}
}

// unclear says that an attribute of an object keeps a question open.
func unclear(o *terraform.Object, attribute, question string) *resource.Missing {
	missing := resource.Missing{Reason: resource.ReasonUnresolved, Settle: attribute + " of " + o.Address}
	if why := o.Get(attribute).Missing(); why != nil {
		missing = *why
	}
	missing.Detail = strings.TrimSuffix(o.Address+" does not tell "+question+": "+missing.Detail, ": ")
	return &missing
}

// group tells what the cluster's parameter group says about audit lines. The
// groups that AWS provides have the parameter at its default.
func (n *Names) group(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	named := terraform.Convert(own.Get(n.GroupAttribute), "string")
	name, known := named.Text()
	group, open := others.Named(own, n.GroupAttribute, n.Group, "name")
	switch {
	case group != nil:
		terraform.SetFrom(r, auditProperty, n.auditParameter(group), group, "parameter")
	case named.Kind() == resource.Absent || strings.HasPrefix(name, "default."):
		// The documented default holds: no group, or one of AWS's own.
	case named.Missing() != nil:
		r.Properties[auditProperty] = resource.OfUnknown(*named.Missing())
	case known || open:
		r.Properties[auditProperty] = resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "parameter group " + name,
			Detail: "the cluster parameter group " + name + " is not part of this code",
		})
	}
}

// auditParameter reads the parameter from a group; absent means the default.
func (n *Names) auditParameter(group *terraform.Object) resource.Value {
	parameters := group.Get("parameter")
	if parameters.Kind() == resource.Unknown {
		return parameters
	}
	list := parameters.List()
	if parameters.Kind() == resource.Map { // one block in the JSON syntax
		list = []resource.Value{parameters}
	}
	var open resource.Value
	for _, parameter := range list {
		switch name := parameter.Fields()["name"]; name.Kind() {
		case resource.Unknown:
			open = name
		case resource.String:
			if text, _ := name.Text(); text == n.AuditParameter {
				return terraform.Convert(parameter.Fields()["value"], "string")
			}
		default:
			if parameter.Kind() == resource.Unknown {
				open = parameter
			}
		}
	}
	return open
}

// sources tells a cluster what it takes over from the snapshot or the cluster
// that it is made from, where its own code says nothing.
func (n *Names) sources(r *resource.Resource, own *terraform.Object) {
	if own.Get("storage_encrypted").Kind() == resource.Absent {
		if encrypted := n.encryption(own); !encrypted.Equal(resource.OfBool(false)) {
			r.Properties[encryptedProperty] = encrypted
		}
	}
	if source := made(own, n.Sources); source != "" && source != "replication_source_identifier" && n.Inherits && own.Get("backup_retention_period").Kind() == resource.Absent {
		r.Properties[retentionProperty] = resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "backup_retention_period of " + own.Address,
			Detail: "what is restored keeps backups as long as its source did",
		})
	}
}

// made returns the argument that makes an object from a snapshot or from
// another object; empty when none does.
func made(o *terraform.Object, sources []string) string {
	for _, name := range sources {
		switch value := o.Get(name); value.Kind() {
		case resource.Absent:
		case resource.String:
			if text, _ := value.Text(); text != "" {
				return name
			}
		case resource.List:
			if len(value.List()) > 0 {
				return name
			}
		default:
			return name
		}
	}
	return ""
}

// encryption tells whether a cluster in code will be encrypted. One that is
// restored and says nothing is encrypted as its source is; the first kind of
// Aurora Serverless always is.
func (n *Names) encryption(cluster *terraform.Object) resource.Value {
	encrypted := terraform.Convert(cluster.Get("storage_encrypted"), "bool")
	if encrypted.Kind() != resource.Absent {
		return encrypted
	}
	if mode, _ := cluster.Get("engine_mode").Text(); mode == "serverless" {
		return resource.OfBool(true)
	}
	source := made(cluster, n.Sources)
	switch {
	case source == "":
		return resource.OfBool(false)
	case cluster.Get(n.KeyAttribute).Kind() != resource.Absent:
		return resource.OfBool(true)
	}
	missing := resource.Missing{
		Reason: resource.ReasonUnresolved, Settle: source + " of " + cluster.Address,
		Detail: "what is restored is encrypted as its source is",
	}
	if why := cluster.Get(source).Missing(); why != nil {
		missing.Settle = why.Settle
	}
	return resource.OfUnknown(missing)
}

// fromCluster tells an instance or a snapshot what it has from its cluster.
func (n *Names) fromCluster(r *resource.Resource, own *terraform.Object, others *terraform.Objects, attribute, what string) {
	cluster, _ := others.Named(own, attribute, n.Cluster, "cluster_identifier")
	if cluster == nil {
		missing := resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "the cluster of " + own.Address,
			Detail: what + " is encrypted as its cluster is, and that is not part of this code",
		}
		if why := own.Get(attribute).Missing(); why != nil {
			missing.Settle = why.Settle
		}
		r.Properties[encryptedProperty] = resource.OfUnknown(missing)
		return
	}
	terraform.SetFrom(r, encryptedProperty, n.encryption(cluster), cluster, "storage_encrypted")
	terraform.SetFrom(r, keyProperty, terraform.Convert(cluster.Get(n.KeyAttribute), "string"), cluster, n.KeyAttribute)
}
