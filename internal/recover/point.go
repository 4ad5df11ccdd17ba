package recover

import (
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// snapshotPoint makes a point of a snapshot.
func (r *reading) snapshotPoint(one *resource.Resource) *Point {
	p := &Point{How: Snapshot, ID: one.ID, ARN: one.ARN, Account: one.Account, Region: one.Region}
	switch kind, _ := one.Get("SnapshotType").Text(); kind {
	case "manual":
		p.How = Manual
	case "automated":
		p.How = Automated
	case "awsbackup":
		p.How = AWSBackup
	}
	p.encryption(one, "StorageEncrypted")
	r.settle(p, one, "SnapshotCreateTime", "available")
	k := r.bySnapshot[one.Type]
	if k == nil {
		return p
	}
	if source := one.Get(k.snapshots.source); source.Known() {
		p.Copy, p.Late = true, true
	}
	if original, ok := timeOf(one.Get(k.snapshots.original)); ok {
		p.At, p.Late = original, false
	}
	return p
}

// recoveryPoint makes a point of a recovery point of AWS Backup.
func (r *reading) recoveryPoint(one *resource.Resource) *Point {
	p := &Point{How: AWSBackup, ID: one.ID, ARN: one.ARN, Account: one.Account, Region: one.Region}
	p.Vault, _ = one.Get("BackupVaultName").Text()
	p.encryption(one, "IsEncrypted")
	r.settle(p, one, "CreationDate", "COMPLETED")
	arn, _ := one.Get("ResourceArn").Text()
	if parts := strings.SplitN(arn, ":", 6); len(parts) == 6 && (parts[3] != one.Region || parts[4] != one.Account) {
		p.Copy, p.Late = true, true
	}
	// A continuous recovery point is no state of one moment.
	if status, _ := one.Get(statusProperty).Text(); status == "AVAILABLE" || strings.Contains(one.ARN, ":continuous:") {
		p.continuous, p.At = true, time.Time{}
		p.Sight, p.Why = Unknown, "a continuous recovery point, of which AWS Backup's list does not tell how far it reaches"
	}
	return p
}

func (p *Point) encryption(one *resource.Resource, property string) {
	if encrypted, ok := one.Get(property).Bool(); ok {
		p.Encrypted = &encrypted
	}
	p.Key, _ = one.Get("KmsKeyId").Text()
}

// settle tells whether a point can be used, and of when it is.
func (r *reading) settle(p *Point, one *resource.Resource, timeProperty, good string) {
	status, at := r.get(one, statusProperty), r.get(one, timeProperty)
	p.At, _ = timeOf(at)
	switch state, _ := status.Text(); {
	case !status.Known():
		p.Sight, p.Why = Unknown, "its status is not known"+because(status)
	case state != good:
		p.Sight, p.Why = Unusable, "it is "+state
	case p.At.IsZero():
		p.Sight, p.Why = Unknown, "its time is not known"+because(at)
	default:
		p.Sight = Usable
	}
}

// because says why a value is not known.
func because(v resource.Value) string {
	if missing := v.Missing(); missing != nil {
		return ": " + report.Lack(missing)
	}
	return ": the service did not tell"
}
