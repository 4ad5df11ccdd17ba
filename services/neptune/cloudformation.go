package neptune

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

// CloudFormationJoiners complete Neptune resources that were read from
// CloudFormation templates.
func CloudFormationJoiners() []cloudformation.Joiner {
	return []cloudformation.Joiner{templateCluster{}, templateGroup{}}
}

// auditProperty is the property that holds AuditParameter.
const auditProperty = "AuditLogParameter"

// templateCluster tells a cluster in which zones its instances stand, what its
// parameter group says about audit lines, and whether it is encrypted because
// its source is.
type templateCluster struct{}

func (templateCluster) Owners() []string { return []string{ClusterType} }

func (templateCluster) Satellites() []string { return []string{InstanceType, ParameterGroupType} }

func (templateCluster) Join(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	instances := templateMembers(own, others)
	instances.set(r, "MultiAZ", instances.multiAZ())
	instances.set(r, "Members", instances.members())
	templateAuditLog(r, own, others)
	templateEncryption(r, own, others)
}

// templateGroup finds one parameter among those of a group.
type templateGroup struct{}

func (templateGroup) Owners() []string { return []string{ParameterGroupType} }

func (templateGroup) Satellites() []string { return nil }

func (templateGroup) Join(r *resource.Resource, own *cloudformation.Object, _ *cloudformation.Objects) {
	templateParameter(r, own)
}

// templateInstances are the instances of one cluster: those that are sure to be there,
// and those of which nobody can tell, with the reason.
type templateInstances struct {
	sure, maybe []*cloudformation.Object
	more        bool // there may be others that the template does not name
	why         *resource.Missing
}

func templateMembers(own *cloudformation.Object, others *cloudformation.Objects) templateInstances {
	var m templateInstances
	for _, instance := range others.Of(InstanceType) {
		serves, why := templateServes(instance, own)
		switch {
		case serves == cloudformation.No:
		case serves == cloudformation.Yes && instance.Uncertain == nil:
			m.sure = append(m.sure, instance)
		default:
			m.maybe = append(m.maybe, instance)
			m.why = cmp.Or(why, instance.Uncertain, &resource.Missing{Reason: resource.ReasonMalformed})
		}
	}
	if more := others.More(own); more != nil {
		m.more, m.why = true, cmp.Or(m.why, more)
	}
	return m
}

// set gives a property with the origin of the first instance; with none, it is
// the cluster that lacks them.
func (m templateInstances) set(r *resource.Resource, property string, value resource.Value) {
	if len(m.sure) == 0 {
		r.Properties[property] = value
		return
	}
	cloudformation.SetFrom(r, property, value, m.sure[0], "AvailabilityZone")
}

// templateServes tells whether an instance belongs to a cluster, and why nobody
// can tell.
func templateServes(instance, cluster *cloudformation.Object) (cloudformation.Answer, *resource.Missing) {
	named, name := instance.Property("DBClusterIdentifier"), cluster.Property("DBClusterIdentifier")
	switch {
	case named.Resource == cluster.Address:
		return cloudformation.Yes, nil
	case named.Resource != "" || named.Kind() == resource.Absent || name.Kind() == resource.Absent:
		// It serves another one; or AWS makes up the cluster's name, which
		// nobody can know beforehand.
		return cloudformation.No, nil
	}
	a, knownA := named.Text()
	b, knownB := name.Text()
	if knownA && knownB && strings.EqualFold(a, b) {
		return cloudformation.Yes, nil
	}
	same := named.Same(name)
	if same != cloudformation.Unsure {
		return same, nil
	}
	if named.Missing() != nil {
		return same, named.Missing()
	}
	return same, name.Missing()
}

// multiAZ tells whether the instances stand in more than one zone.
func (m templateInstances) multiAZ() resource.Value {
	switch differ, open := differentZones(m.sure); differ {
	case cloudformation.Yes:
		return resource.OfBool(true)
	case cloudformation.Unsure:
		return resource.OfUnknown(*open)
	}
	// One that may be there and stands in the same zone changes nothing.
	all := append(slices.Clone(m.sure), m.maybe...)
	if differ, _ := differentZones(all); m.more || differ != cloudformation.No {
		return resource.OfUnknown(*m.why)
	}
	return resource.OfBool(false)
}

// differentZones tells whether two of the instances stand in different zones,
// and why nobody can tell.
func differentZones(instances []*cloudformation.Object) (differ cloudformation.Answer, open *resource.Missing) {
	for i, one := range instances {
		for _, other := range instances[:i] {
			switch sameZone(one, other) {
			case cloudformation.No:
				return cloudformation.Yes, nil
			case cloudformation.Unsure:
				open = zoneMissing(one, other)
			}
		}
	}
	if open != nil {
		return cloudformation.Unsure, open
	}
	return cloudformation.No, nil
}

// sameZone tells whether two instances stand in one zone. Where the template
// names none, AWS chooses.
func sameZone(one, other *cloudformation.Object) cloudformation.Answer {
	a, b := one.Property("AvailabilityZone"), other.Property("AvailabilityZone")
	if a.Kind() == resource.Absent || b.Kind() == resource.Absent {
		return cloudformation.Unsure
	}
	return a.Same(b)
}

// zoneMissing is why the zones of two instances cannot be compared.
func zoneMissing(instances ...*cloudformation.Object) *resource.Missing {
	var chosen []string
	for _, instance := range instances {
		switch zone := instance.Property("AvailabilityZone"); {
		case zone.Missing() != nil:
			return zone.Missing()
		case !zone.Known():
			chosen = append(chosen, instance.Address)
		}
	}
	slices.Sort(chosen)
	names := strings.Join(chosen, " and ")
	return &resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: "AWS chooses the zone of " + names, Settle: "AvailabilityZone of " + names,
	}
}

// members maps each instance to the state of its parameter group. One that is
// yet to be created takes the group as it is.
func (m templateInstances) members() resource.Value {
	if m.why != nil {
		return resource.OfUnknown(*m.why)
	}
	ids := make(map[string]resource.Value, len(m.sure))
	for _, instance := range m.sure {
		ids[instance.Address] = resource.OfString("in-sync")
	}
	return resource.OfMap(ids)
}

// templateAuditLog sets the audit parameter from the cluster's parameter group.
// A cluster without one uses a default group, which has it off.
func templateAuditLog(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	name := own.Property("DBClusterParameterGroupName")
	text, known := name.Text()
	if name.Kind() == resource.Absent || known && (text == "" || strings.HasPrefix(text, "default.")) {
		return
	}
	group := others.At(name.Resource, ParameterGroupType)
	for _, other := range others.Of(ParameterGroupType) {
		if group == nil && name.Resource == "" && other.Property("Name").Same(name) == cloudformation.Yes {
			group = other
		}
	}
	switch {
	case group != nil:
		templateParameter(r, group)
	case name.Missing() != nil:
		r.Properties[auditProperty] = resource.OfUnknown(*name.Missing())
	default:
		r.Properties[auditProperty] = resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: "the cluster parameter group " + text + " is not in the template",
			Settle: "the cluster parameter group " + text,
		})
	}
}

// templateParameter sets the audit parameter from a group. Without it, the
// documented default holds.
func templateParameter(r *resource.Resource, group *cloudformation.Object) {
	path := "Parameters." + AuditParameter
	cloudformation.SetFrom(r, auditProperty, cloudformation.Convert(group.Property(path), "string"), group, path)
}

// templateSources are the properties that make a cluster from something else.
func templateSources() []string { return []string{"SnapshotIdentifier", "SourceDBClusterIdentifier"} }

// templateEncryption sets StorageEncrypted of a cluster that is made from a
// snapshot or from another cluster: where the template does not state it, the
// cluster is encrypted as its source is. A template that states it is taken at
// its word.
func templateEncryption(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	const property = "StorageEncrypted"
	if own.Property(property).Kind() != resource.Absent {
		return
	}
	for _, name := range templateSources() {
		from := own.Property(name)
		source := others.At(from.Resource, ClusterType)
		text, known := from.Text()
		switch {
		case from.Kind() == resource.Absent || known && text == "":
		case source != nil && !templateCopied(source):
			cloudformation.SetFrom(r, property, cloudformation.Convert(source.Property(property), "bool"), source, property)
			return
		case from.Missing() != nil && source == nil:
			r.Properties[property] = resource.OfUnknown(*from.Missing())
			return
		default:
			r.Properties[property] = resource.OfUnknown(resource.Missing{
				Reason: resource.ReasonUnresolved, Detail: "the cluster is encrypted as its source is", Settle: name + " " + cmp.Or(text, from.Resource),
			})
			return
		}
	}
}

// templateCopied reports whether a cluster is itself made from something else
// and does not state its encryption.
func templateCopied(o *cloudformation.Object) bool {
	return o.Property("StorageEncrypted").Kind() == resource.Absent && slices.ContainsFunc(templateSources(), func(name string) bool {
		return o.Property(name).Kind() != resource.Absent
	})
}
