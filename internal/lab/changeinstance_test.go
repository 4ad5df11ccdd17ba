package lab_test

import (
	"errors"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"
	"github.com/holdfast-aws/holdfast/internal/lab"
)

func TestFirstBackupsRestartTheInstanceAndWaitUnlessTold(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region)
	b := start(t, lab.Options{World: w}, c)
	r.AddInstance(lab.Instance{ID: "orders", Engine: "mysql", PendingClass: "db.r6g.4xlarge"})
	modify := func(days int32, now *bool) {
		t.Helper()
		if _, err := b.rds().ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{
			DBInstanceIdentifier: aws.String("orders"), BackupRetentionPeriod: aws.Int32(days), ApplyImmediately: now,
		}); err != nil {
			t.Fatal(err)
		}
	}
	is := func(days, restarts int, class string) {
		t.Helper()
		i, _ := r.Instance("orders")
		if i.BackupRetentionPeriod != days || i.Restarts != restarts || i.PendingClass != class {
			t.Errorf("%d days, %d restarts, class %q waits", i.BackupRetentionPeriod, i.Restarts, i.PendingClass)
		}
	}
	modify(7, nil)
	is(0, 0, "db.r6g.4xlarge")
	modify(0, nil) // takes back what waits
	r.RunInstanceMaintenance("orders")
	is(0, 1, "")
	modify(7, aws.Bool(true))
	is(7, 2, "")
	modify(14, nil) // online
	is(14, 2, "")
}

func TestAStandbyWaitsForTheWindowAndBringsNothingForward(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region)
	b := start(t, lab.Options{World: w}, c)
	r.AddInstance(lab.Instance{ID: "orders", Engine: "mysql", BackupRetentionPeriod: 7})
	out, err := b.rds().ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: aws.String("orders"), MultiAZ: aws.Bool(true)})
	if err != nil || out.DBInstance.PendingModifiedValues == nil || !aws.ToBool(out.DBInstance.PendingModifiedValues.MultiAZ) {
		t.Fatalf("%+v, %v", out, err)
	}
	if i, _ := r.Instance("orders"); i.MultiAZ || i.Status != "available" {
		t.Errorf("%+v", i)
	}
	r.RunInstanceMaintenance("orders")
	if i, _ := r.Instance("orders"); !i.MultiAZ || i.Restarts != 0 {
		t.Errorf("%+v", i)
	}
}

func TestAWSBackupKeepsItsRetention(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region)
	b := start(t, lab.Options{World: w}, c)
	r.AddInstance(lab.Instance{ID: "orders", Engine: "mysql", BackupRetentionPeriod: 3, AWSBackupRecoveryPointARN: "arn:aws:backup:x"})
	_, err := b.rds().ModifyDBInstance(t.Context(), &rds.ModifyDBInstanceInput{DBInstanceIdentifier: aws.String("orders"), BackupRetentionPeriod: aws.Int32(7)})
	var refused smithy.APIError
	if !errors.As(err, &refused) || refused.ErrorCode() != "InvalidParameterValue" {
		t.Errorf("%v", err)
	}
}

func TestSharesOfASnapshotOfAnInstanceAreChanged(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region)
	b := start(t, lab.Options{World: w}, c)
	r.AddDBSnapshot(lab.DBSnapshot{ID: "open", SharedWith: []string{"444455556666", "all"}}).
		AddDBSnapshot(lab.DBSnapshot{ID: "secret", Encrypted: true}).AddDBSnapshot(lab.DBSnapshot{ID: "rds:nightly", Type: "automated"})
	share := func(id string, add, remove []string) error {
		_, err := b.rds().ModifyDBSnapshotAttribute(t.Context(), &rds.ModifyDBSnapshotAttributeInput{
			DBSnapshotIdentifier: aws.String(id), AttributeName: aws.String("restore"), ValuesToAdd: add, ValuesToRemove: remove,
		})
		return err
	}
	if err := share("open", nil, []string{"all"}); err != nil {
		t.Fatal(err)
	}
	if s, _ := r.DBSnapshot("open"); len(s.SharedWith) != 1 || s.SharedWith[0] != "444455556666" {
		t.Errorf("shared with %v", s.SharedWith)
	}
	var state *types.InvalidDBSnapshotStateFault
	if err := share("rds:nightly", []string{"all"}, nil); !errors.As(err, &state) {
		t.Errorf("an automated one: %v", err)
	}
	var missing *types.DBSnapshotNotFoundFault
	if err := share("gone", []string{"all"}, nil); !errors.As(err, &missing) {
		t.Errorf("one that is gone: %v", err)
	}
	if err := share("secret", []string{"all"}, nil); err == nil {
		t.Error("an encrypted one was made public")
	}
}
