package rdscode

import (
	"cmp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

// templateCluster tells a cluster in which zones its instances stand, what its
// parameter group says about audit lines, and what it takes over from a source.
type templateCluster struct{ *Names }

func (j templateCluster) Owners() []string { return []string{j.ClusterType} }

func (j templateCluster) Satellites() []string {
	if j.AuditParameter == "" {
		return []string{j.InstanceType}
	}
	return []string{j.InstanceType, j.GroupType}
}

func (j templateCluster) Join(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	SpellEngine(r)
	instances := j.templateMembers(own, others)
	if j.Zoned {
		instances.set(r, "MultiAZ", j.templateMultiAZ(own, &instances))
	}
	instances.set(r, "Members", instances.members())
	if j.AuditParameter != "" {
		j.templateAuditLog(r, own, others)
	}
	j.templateSources(r, own, others)
}

// templateGroup finds one parameter among those of a group.
type templateGroup struct{ *Names }

func (j templateGroup) Owners() []string { return []string{j.GroupType} }

func (templateGroup) Satellites() []string { return nil }

func (j templateGroup) Join(r *resource.Resource, own *cloudformation.Object, _ *cloudformation.Objects) {
	j.templateParameter(r, own)
}

// templateMember tells an instance of a cluster whether that is encrypted, and
// what engine it runs.
type templateMember struct{ *Names }

func (j templateMember) Owners() []string { return []string{j.InstanceType} }

func (j templateMember) Satellites() []string { return []string{j.ClusterType} }

func (j templateMember) Join(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	named := own.Property(clusterProperty)
	if text, known := named.Text(); named.Kind() == resource.Absent || known && text == "" {
		return // it is an instance of its own
	}
	defer SpellEngine(r)
	switch engine, _ := own.Property(engineProperty).Text(); {
	case named.Resource != "":
		cloudformation.SetFrom(r, clusterProperty, resource.OfString(named.Resource), own, clusterProperty)
	case named.Missing() != nil && strings.HasPrefix(strings.ToLower(engine), "aurora"):
		// Which cluster it is may be open; that there is one is not, for Aurora
		// has no instances of their own.
		cloudformation.SetFrom(r, clusterProperty, resource.OfString(cmp.Or(named.Missing().Settle, own.Address)), own, clusterProperty)
	}
	for _, cluster := range others.Of(j.ClusterType) {
		serves, _ := templateServes(own, cluster)
		if serves != cloudformation.Yes {
			continue
		}
		encrypted, from, path := j.templateEncryption(cluster, others)
		cloudformation.SetFrom(r, encryptedProperty, encrypted, from, path)
		if own.Property(engineProperty).Kind() == resource.Absent {
			cloudformation.SetFrom(r, engineProperty, cloudformation.Convert(cluster.Property(engineProperty), "string"), cluster, engineProperty)
		}
		return
	}
	missing := &resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: "an instance is encrypted as its cluster is, and that is not in the template",
		Settle: "the cluster of " + own.Address,
	}
	if why := named.Missing(); why != nil {
		missing = why
	}
	r.Properties[encryptedProperty] = resource.OfUnknown(*missing)
}

// templateInstances are the instances of one cluster: those that are sure to be there,
// and those of which nobody can tell, with the reason.
type templateInstances struct {
	sure, maybe []*cloudformation.Object
	more        bool // there may be others that the template does not name
	why         *resource.Missing
}

func (n *Names) templateMembers(own *cloudformation.Object, others *cloudformation.Objects) templateInstances {
	var m templateInstances
	for _, instance := range others.Of(n.InstanceType) {
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

// templateMultiAZ tells whether a cluster stands in more than one zone.
func (n *Names) templateMultiAZ(own *cloudformation.Object, instances *templateInstances) resource.Value {
	engine := own.Property(engineProperty)
	if name, _ := engine.Text(); Together(name) {
		return resource.OfBool(true)
	}
	multi := instances.multiAZ()
	if zoned, known := multi.Bool(); known && !zoned && engine.Missing() != nil {
		return resource.OfUnknown(*engine.Missing()) // it may be a cluster that needs no instances
	}
	return multi
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
func (n *Names) templateAuditLog(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	name := own.Property("DBClusterParameterGroupName")
	text, known := name.Text()
	if name.Kind() == resource.Absent || known && (text == "" || strings.HasPrefix(text, "default.")) {
		return
	}
	group := others.At(name.Resource, n.GroupType)
	for _, other := range others.Of(n.GroupType) {
		if group == nil && name.Resource == "" && other.Property("Name").Same(name) == cloudformation.Yes {
			group = other
		}
	}
	switch {
	case group != nil:
		n.templateParameter(r, group)
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
func (n *Names) templateParameter(r *resource.Resource, group *cloudformation.Object) {
	path := "Parameters." + n.AuditParameter
	cloudformation.SetFrom(r, auditProperty, cloudformation.Convert(group.Property(path), "string"), group, path)
}

// templateSources tells a cluster what it takes over from the snapshot or the
// cluster that it is made from, where its own properties say nothing.
func (n *Names) templateSources(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	source := n.templateSource(own)
	if !n.templateStates(own) {
		encrypted, from, path := n.templateEncryption(own, others)
		switch {
		case encrypted.Kind() == resource.Unknown:
			r.Properties[encryptedProperty] = encrypted
		case from != own || !encrypted.Equal(resource.OfBool(false)):
			cloudformation.SetFrom(r, encryptedProperty, encrypted, from, path)
		}
	}
	if source != "" && source != "ReplicationSourceIdentifier" && n.Inherits && own.Property(retentionProperty).Kind() == resource.Absent {
		r.Properties[retentionProperty] = resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Settle: retentionProperty + " of " + own.Address,
			Detail: "what is restored keeps backups as long as its source did",
		})
	}
}

// templateSource returns the property that makes a cluster from something else;
// empty when none does.
func (n *Names) templateSource(o *cloudformation.Object) string {
	for _, name := range n.TemplateSources {
		from := o.Property(name)
		if text, known := from.Text(); from.Kind() != resource.Absent && (!known || text != "") {
			return name
		}
	}
	return ""
}

// templateStates reports whether a template's word on encryption counts. What is
// restored or copied cannot be stripped of it: the calls behind that take a key
// and no such flag, so that false says nothing there.
func (n *Names) templateStates(o *cloudformation.Object) bool {
	switch is, known := cloudformation.Convert(o.Property(encryptedProperty), "bool").Bool(); {
	case o.Property(encryptedProperty).Kind() == resource.Absent:
		return false
	default:
		return !known || is || n.templateSource(o) == ""
	}
}

// templateEncryption tells whether a cluster will be encrypted, and which
// property of which resource decides. A template that states it is taken at its
// word. Where it does not, the first kind of Aurora Serverless is encrypted, and
// what is made from a snapshot or from another cluster is as its source is.
func (n *Names) templateEncryption(own *cloudformation.Object, others *cloudformation.Objects) (resource.Value, *cloudformation.Object, string) {
	if n.templateStates(own) {
		return cloudformation.Convert(own.Property(encryptedProperty), "bool"), own, encryptedProperty
	}
	if mode, _ := own.Property("EngineMode").Text(); mode == "serverless" {
		return resource.OfBool(true), own, "EngineMode"
	}
	name := n.templateSource(own)
	if name == "" {
		return resource.OfBool(false), own, encryptedProperty
	}
	from := own.Property(name)
	source := others.At(from.Resource, n.ClusterType)
	text, _ := from.Text()
	switch {
	case source != nil && (n.templateStates(source) || n.templateSource(source) == ""):
		return cloudformation.Convert(source.Property(encryptedProperty), "bool"), source, encryptedProperty
	case from.Missing() != nil && source == nil:
		return resource.OfUnknown(*from.Missing()), own, name
	default:
		return resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: "the cluster is encrypted as its source is", Settle: name + " " + cmp.Or(text, from.Resource),
		}), own, name
	}
}
