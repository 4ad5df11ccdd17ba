package neptune

import (
	"fmt"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// Terraform's names of what belongs to a cluster.
const (
	terraformCluster  = "aws_neptune_cluster"
	terraformInstance = "aws_neptune_cluster_instance"
	terraformGroup    = "aws_neptune_cluster_parameter_group"
	terraformSnapshot = "aws_neptune_cluster_snapshot"
)

// TerraformJoiners complete Neptune resources that were read from Terraform.
func TerraformJoiners() []terraform.Joiner {
	return []terraform.Joiner{clusterJoiner{}, groupJoiner{}, snapshotJoiner{}}
}

// clusterJoiner tells a cluster in which zones its instances stand, and what
// its parameter group says about audit lines.
type clusterJoiner struct{}

func (clusterJoiner) Owner() (string, []string) {
	return terraformCluster, []string{"cluster_identifier", "cluster_members", "neptune_cluster_parameter_group_name"}
}

func (clusterJoiner) Satellites() map[string][]string {
	return map[string][]string{
		terraformInstance: {"availability_zone", "cluster_identifier"},
		terraformGroup:    {"name", "parameter"},
	}
}

func (clusterJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	joinInstances(r, own, others)
	joinGroup(r, own, others)
}

// groupJoiner finds one parameter among the nested blocks of a group.
type groupJoiner struct{}

func (groupJoiner) Owner() (string, []string) { return terraformGroup, []string{"parameter"} }

func (groupJoiner) Satellites() map[string][]string { return nil }

func (groupJoiner) Join(r *resource.Resource, own *terraform.Object, _ *terraform.Objects) {
	terraform.SetFrom(r, "AuditLogParameter", auditParameter(own), own, "parameter")
}

// snapshotJoiner tells a snapshot whether its cluster is encrypted.
type snapshotJoiner struct{}

func (snapshotJoiner) Owner() (string, []string) {
	return terraformSnapshot, []string{"db_cluster_identifier"}
}

func (snapshotJoiner) Satellites() map[string][]string {
	return map[string][]string{terraformCluster: {"cluster_identifier", "kms_key_arn", "storage_encrypted"}}
}

// Join implements terraform.Joiner. Terraform has no way to share a Neptune
// snapshot, and a new one is shared with nobody.
func (snapshotJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	if own.Existing {
		return
	}
	r.Properties["RestoreAccounts"] = resource.OfList()
	joinCluster(r, own, others)
}

// joinInstances tells in how many zones the instances of a cluster stand. The
// zones of the cluster itself are about its storage and do not count.
func joinInstances(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	sure, maybe := others.Linked(terraformInstance, "cluster_identifier", own, "cluster_identifier")
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
	more := moreInstances(own, sure, maybe, others)
	if open == nil {
		open = more
	}
	multi := resource.OfBool(len(zones) > 1)
	if len(zones) < 2 && open != nil && (more != nil || len(sure) > 1) {
		multi = resource.OfUnknown(*open)
	}
	set(r, "MultiAZ", multi, sure, "availability_zone")
	if more != nil {
		r.Properties["Members"] = resource.OfUnknown(*more)
		return
	}
	set(r, "Members", resource.OfMap(members), sure, "cluster_identifier")
}

// moreInstances says why the cluster may have more instances than those that
// name it; nil when it has not.
func moreInstances(own *terraform.Object, sure, maybe []*terraform.Object, others *terraform.Objects) *resource.Missing {
	for _, instance := range sure {
		if instance.Uncertain != nil {
			return instance.Uncertain
		}
	}
	known := len(sure)
	if others.Leaving != nil {
		leaving, _ := others.Leaving.Linked(terraformInstance, "cluster_identifier", own, "cluster_identifier")
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

// joinGroup tells what the cluster's parameter group says about audit lines.
// The groups that AWS provides have the parameter off.
func joinGroup(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	const attribute = "neptune_cluster_parameter_group_name"
	named := terraform.Convert(own.Get(attribute), "string")
	name, known := named.Text()
	group, open := others.Named(own, attribute, terraformGroup, "name")
	switch {
	case group != nil:
		terraform.SetFrom(r, "AuditLogParameter", auditParameter(group), group, "parameter")
	case named.Kind() == resource.Absent || strings.HasPrefix(name, "default."):
		// The documented default holds: no group, or one of AWS's own.
	case named.Missing() != nil:
		r.Properties["AuditLogParameter"] = resource.OfUnknown(*named.Missing())
	case known || open:
		r.Properties["AuditLogParameter"] = resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "parameter group " + name,
			Detail: "the cluster parameter group " + name + " is not part of this code",
		})
	}
}

// auditParameter reads the parameter from a group; absent means the default.
func auditParameter(group *terraform.Object) resource.Value {
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
			if text, _ := name.Text(); text == AuditParameter {
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

// joinCluster tells what a snapshot has from its cluster.
func joinCluster(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	cluster, _ := others.Named(own, "db_cluster_identifier", terraformCluster, "cluster_identifier")
	if cluster == nil {
		missing := resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: "the cluster of " + own.Address,
			Detail: "a snapshot is encrypted as its cluster is, and that is not part of this code",
		}
		if why := own.Get("db_cluster_identifier").Missing(); why != nil {
			missing.Settle = why.Settle
		}
		r.Properties["StorageEncrypted"] = resource.OfUnknown(missing)
		return
	}
	encrypted := terraform.Convert(cluster.Get("storage_encrypted"), "bool")
	if encrypted.Kind() == resource.Absent {
		encrypted = resource.OfBool(false)
	}
	terraform.SetFrom(r, "StorageEncrypted", encrypted, cluster, "storage_encrypted")
	terraform.SetFrom(r, "KmsKeyId", terraform.Convert(cluster.Get("kms_key_arn"), "string"), cluster, "kms_key_arn")
}
