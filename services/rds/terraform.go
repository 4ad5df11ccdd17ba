package rds

import (
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/services/rdscode"
)

// Terraform's names of what stands without a cluster.
const (
	terraformInstance = "aws_db_instance"
	terraformSnapshot = "aws_db_snapshot"
)

// restores are the arguments that make an instance from a backup.
func restores() []string { return []string{"snapshot_identifier", "restore_to_point_in_time"} }

// instanceJoiner tells an instance what it takes over from the instance or the
// backup that it is made from.
type instanceJoiner struct{}

func (instanceJoiner) Owner() (string, []string) {
	return terraformInstance, append(restores(), "backup_retention_period", "engine", "replicate_source_db", "storage_encrypted")
}

func (instanceJoiner) Satellites() map[string][]string {
	return map[string][]string{terraformInstance: append(restores(), "engine", "identifier", "replicate_source_db", "storage_encrypted")}
}

func (instanceJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	defer rdscode.SpellEngine(r)
	if own.Existing {
		return
	}
	omitted := func(attribute string) bool { return own.Get(attribute).Kind() == resource.Absent }
	source, _ := others.Named(own, "replicate_source_db", terraformInstance, "identifier")
	from := rdsSource(own)
	if refs := own.Refs["replicate_source_db"]; own.Get("replicate_source_db").Kind() == resource.Unknown && len(refs) == 1 {
		// Which instance it replicates may be open; that it is a replica is not.
		terraform.SetFrom(r, "ReplicaOf", resource.OfString(refs[0]), own, "replicate_source_db")
	}
	if omitted("backup_retention_period") {
		// The provider sends 0 for what is left out, unless a backup is restored:
		// then the retention of its source is kept.
		r.Properties["BackupRetentionPeriod"] = resource.OfInt(0)
		if from != "" && from != "replicate_source_db" {
			r.Properties["BackupRetentionPeriod"] = follows(own, from, "what is restored keeps backups as long as its source did")
		}
	}
	if from == "" {
		return
	}
	if omitted("storage_encrypted") {
		r.Properties["StorageEncrypted"] = follows(own, from, "it is encrypted as its source is")
		if source != nil && rdsSource(source) == "" {
			encrypted := terraform.Convert(source.Get("storage_encrypted"), "bool")
			if encrypted.Kind() == resource.Absent {
				encrypted = resource.OfBool(false)
			}
			terraform.SetFrom(r, "StorageEncrypted", encrypted, source, "storage_encrypted")
		}
	}
	if omitted("engine") {
		r.Properties["Engine"] = follows(own, from, "its engine is that of its source")
		if source != nil && source.Get("engine").Kind() != resource.Absent {
			terraform.SetFrom(r, "Engine", terraform.Convert(source.Get("engine"), "string"), source, "engine")
		}
	}
}

// rdsSource returns the argument that makes an instance from something else;
// empty when none does.
func rdsSource(o *terraform.Object) string {
	for _, name := range append(restores(), "replicate_source_db") {
		value := o.Get(name)
		text, isText := value.Text()
		if value.Kind() != resource.Absent && (!isText || text != "") && (value.Kind() != resource.List || len(value.List()) > 0) {
			return name
		}
	}
	return ""
}

// follows is a value that another resource decides, which is not looked at.
func follows(own *terraform.Object, attribute, why string) resource.Value {
	missing := resource.Missing{Reason: resource.ReasonUnresolved, Detail: why, Settle: attribute + " of " + own.Address}
	if open := own.Get(attribute).Missing(); open != nil && open.Settle != "" {
		missing.Settle = open.Settle
	}
	return resource.OfUnknown(missing)
}

// snapshotJoiner tells a snapshot whether its instance is encrypted.
type snapshotJoiner struct{}

func (snapshotJoiner) Owner() (string, []string) {
	return terraformSnapshot, []string{"db_instance_identifier", "shared_accounts"}
}

func (snapshotJoiner) Satellites() map[string][]string {
	return map[string][]string{terraformInstance: append(restores(), "identifier", "replicate_source_db", "storage_encrypted")}
}

func (snapshotJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	if own.Existing {
		return
	}
	unshared(r, own)
	instance, _ := others.Named(own, "db_instance_identifier", terraformInstance, "identifier")
	if instance == nil || rdsSource(instance) != "" && instance.Get("storage_encrypted").Kind() == resource.Absent {
		r.Properties["StorageEncrypted"] = follows(own, "db_instance_identifier", "a snapshot is encrypted as its instance is, and that is not known here")
		return
	}
	encrypted := terraform.Convert(instance.Get("storage_encrypted"), "bool")
	if encrypted.Kind() == resource.Absent {
		encrypted = resource.OfBool(false)
	}
	terraform.SetFrom(r, "StorageEncrypted", encrypted, instance, "storage_encrypted")
}

// copyJoiner completes copies of snapshots: one that is made with a key is
// encrypted.
type copyJoiner struct{ typ string }

func (j copyJoiner) Owner() (string, []string) {
	return j.typ, []string{"kms_key_id", "shared_accounts", "source_db_snapshot_identifier", "source_db_cluster_snapshot_identifier"}
}

func (copyJoiner) Satellites() map[string][]string { return nil }

func (j copyJoiner) Join(r *resource.Resource, own *terraform.Object, _ *terraform.Objects) {
	if own.Existing {
		return
	}
	unshared(r, own)
	key := terraform.Convert(own.Get("kms_key_id"), "string")
	switch key.Kind() {
	case resource.Absent:
		source := "source_db_snapshot_identifier"
		if j.typ != "aws_db_snapshot_copy" {
			source = "source_db_cluster_snapshot_identifier"
		}
		r.Properties["StorageEncrypted"] = follows(own, source, "a copy without a key of its own is encrypted as its source is")
	case resource.Unknown:
		r.Properties["StorageEncrypted"] = key
	default:
		terraform.SetFrom(r, "StorageEncrypted", resource.OfBool(true), own, "kms_key_id")
	}
}

// unshared says that a new snapshot is shared with nobody unless the code says
// so.
func unshared(r *resource.Resource, own *terraform.Object) {
	if own.Get("shared_accounts").Kind() == resource.Absent {
		r.Properties["RestoreAccounts"] = resource.OfList()
	}
}
