package rds

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/services/rdscode"
)

// templateInstance tells an instance what it takes over from the instance, the
// cluster or the backup that it is made from.
type templateInstance struct{}

func (templateInstance) Owners() []string { return []string{InstanceType} }

func (templateInstance) Satellites() []string { return []string{InstanceType, ClusterType} }

func (templateInstance) Join(r *resource.Resource, own *cloudformation.Object, others *cloudformation.Objects) {
	defer rdscode.SpellEngine(r)
	replica, restored := templateSource(own)
	r.Properties["ReplicaOf"] = resource.Value{}
	from := replica
	if replica != "" {
		cloudformation.SetFrom(r, "ReplicaOf", templateName(own, replica), own, replica)
	} else if from = restored; restored == "" {
		return
	}
	omitted := func(property string) bool { return own.Property(property).Kind() == resource.Absent }
	if restored != "" && omitted("BackupRetentionPeriod") {
		r.Properties["BackupRetentionPeriod"] = templateFollows(own, from, "what is restored keeps backups as long as its source did")
	}
	source := others.At(own.Property(from).Resource, InstanceType)
	for _, taken := range []struct{ property, typ, why string }{
		{"StorageEncrypted", "bool", "it is encrypted as its source is"}, {"Engine", "string", "its engine is that of its source"},
	} {
		if !omitted(taken.property) {
			continue
		}
		r.Properties[taken.property] = templateFollows(own, from, taken.why)
		if source == nil || templateMade(source) && source.Property(taken.property).Kind() == resource.Absent {
			continue
		}
		value := cloudformation.Convert(source.Property(taken.property), taken.typ)
		if value.Kind() == resource.Absent && taken.typ == "bool" {
			value = resource.OfBool(false)
		}
		if value.Kind() != resource.Absent {
			cloudformation.SetFrom(r, taken.property, value, source, taken.property)
		}
	}
}

func templateMade(o *cloudformation.Object) bool {
	replica, restored := templateSource(o)
	return replica != "" || restored != ""
}

// templateSource returns the property that makes an instance a replica, or the
// one that restores it from a backup.
func templateSource(o *cloudformation.Object) (replica, restored string) {
	stated := func(property string) bool {
		value := o.Property(property)
		text, known := value.Text()
		no := cloudformation.Convert(value, "bool").Equal(resource.OfBool(false)) // UseLatestRestorableTime
		return value.Kind() != resource.Absent && !no && (!known || text != "")
	}
	for _, name := range []string{"DBSnapshotIdentifier", "DBClusterSnapshotIdentifier", "SourceDbiResourceId", "SourceDBInstanceAutomatedBackupsArn"} {
		if stated(name) {
			return "", name
		}
	}
	for _, name := range []string{"SourceDBInstanceIdentifier", "SourceDBClusterIdentifier"} {
		switch {
		case !stated(name):
		case stated("RestoreTime") || stated("UseLatestRestorableTime"):
			return "", name
		default:
			return name, ""
		}
	}
	return "", ""
}

// templateName is what a property names: a text, or the resource that it refers
// to.
func templateName(own *cloudformation.Object, property string) resource.Value {
	value := own.Property(property)
	if value.Resource != "" {
		return resource.OfString(value.Resource)
	}
	return cloudformation.Convert(value, "string")
}

// templateFollows is a value that another resource decides, which is not in the
// template.
func templateFollows(own *cloudformation.Object, property, why string) resource.Value {
	missing := resource.Missing{Reason: resource.ReasonUnresolved, Detail: why, Settle: property + " of " + own.Address}
	if open := own.Property(property).Missing(); open != nil && open.Settle != "" {
		missing.Settle = open.Settle
	}
	return resource.OfUnknown(missing)
}
