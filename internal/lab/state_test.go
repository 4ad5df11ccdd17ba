package lab_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

func TestModificationSettlesAfterDescribes(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	b := start(t, lab.Options{World: w, Settle: lab.Settle{Lag: 1, Describes: 2}}, c)
	if _, err := b.rds().ModifyDBCluster(t.Context(), &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("graph"),
		BackupRetentionPeriod: aws.Int32(7)}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct {
		status    string
		retention int32
		pending   int32
	}{
		{"available", 1, 0}, {"modifying", 1, 7}, {"modifying", 1, 7}, {"available", 7, 0},
	} {
		got := b.one("graph")
		pending := int32(0)
		if got.PendingModifiedValues != nil {
			pending = aws.ToInt32(got.PendingModifiedValues.BackupRetentionPeriod)
		}
		if aws.ToString(got.Status) != want.status || aws.ToInt32(got.BackupRetentionPeriod) != want.retention || pending != want.pending {
			t.Errorf("describe %d shows %s, %d days, %d pending; want %v", i+1, aws.ToString(got.Status),
				aws.ToInt32(got.BackupRetentionPeriod), pending, want)
		}
	}
}

func TestModificationSettlesWithTime(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	b := start(t, lab.Options{World: w, Settle: lab.Settle{After: time.Minute}}, c)
	k := b.rds()
	modify := func() error {
		_, err := k.ModifyDBCluster(t.Context(), &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("graph"),
			EnableIAMDatabaseAuthentication: aws.Bool(true)})
		return err
	}
	if err := modify(); err != nil {
		t.Fatal(err)
	}
	if got := b.one("graph"); aws.ToString(got.Status) != "configuring-iam-database-auth" || aws.ToBool(got.IAMDatabaseAuthenticationEnabled) {
		t.Errorf("shown too early: %s", aws.ToString(got.Status))
	}
	wantCode(t, modify(), "InvalidDBClusterStateFault")
	c.pass(time.Minute)
	if got := b.one("graph"); aws.ToString(got.Status) != "available" || !aws.ToBool(got.IAMDatabaseAuthenticationEnabled) {
		t.Errorf("not shown in time: %s", aws.ToString(got.Status))
	}
}

func TestRestorableWindowGrowsOnlyWithTime(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	b := start(t, lab.Options{World: w}, c)
	set := func(days int32) {
		t.Helper()
		if _, err := b.rds().ModifyDBCluster(t.Context(), &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("graph"),
			BackupRetentionPeriod: aws.Int32(days)}); err != nil {
			t.Fatal(err)
		}
	}
	cover := func() time.Duration { return c.now().Sub(aws.ToTime(b.one("graph").EarliestRestorableTime)) }
	day := 24 * time.Hour
	set(7)
	steps := []time.Duration{cover()}
	for range 7 {
		c.pass(day)
		steps = append(steps, cover())
	}
	want := []time.Duration{day, 2 * day, 3 * day, 4 * day, 5 * day, 6 * day, 7 * day, 7 * day}
	for i := range want {
		if steps[i] != want[i] {
			t.Errorf("day %d: covered for %s, want %s", i, steps[i], want[i])
		}
	}
	set(2)
	if got := cover(); got != 2*day {
		t.Errorf("lowered to two days, covered for %s", got)
	}
	set(7)
	if got := cover(); got != 2*day {
		t.Errorf("raised again, covered for %s: what was discarded came back", got)
	}
	if got, _ := r.Cluster("graph"); got.BackupRetentionPeriod != 7 {
		t.Errorf("retention is %d", got.BackupRetentionPeriod)
	}
}

func TestAuditNeedsParameterAndReboot(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a", "b"}})
	b := start(t, lab.Options{World: w, Settle: lab.Settle{Describes: 1}}, c)
	k, ctx := b.rds(), t.Context()
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(k.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("graph"),
		CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{EnableLogTypes: []string{"audit"}}}))
	b.one("graph")
	if got := b.one("graph"); len(got.EnabledCloudwatchLogsExports) != 1 {
		t.Fatalf("exports %v", got.EnabledCloudwatchLogsExports)
	}
	if r.WritesAudit("graph") {
		t.Error("audit lines are written although the parameter is off")
	}
	set := &rds.ModifyDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("default.neptune1.3"),
		Parameters: []types.Parameter{{ParameterName: aws.String("neptune_enable_audit_log"), ParameterValue: aws.String("1"), ApplyMethod: types.ApplyMethodPendingReboot}}}
	_, err := k.ModifyDBClusterParameterGroup(ctx, set)
	wantCode(t, err, "InvalidDBParameterGroupState")
	must(k.CreateDBClusterParameterGroup(ctx, &rds.CreateDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("audited"),
		DBParameterGroupFamily: aws.String("neptune1.3"), Description: aws.String("with audit")}))
	set.DBClusterParameterGroupName = aws.String("audited")
	must(k.ModifyDBClusterParameterGroup(ctx, set))
	must(k.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("graph"), DBClusterParameterGroupName: aws.String("audited")}))
	for _, id := range []string{"graph-1", "graph-2"} {
		for _, m := range b.one("graph").DBClusterMembers {
			if aws.ToString(m.DBInstanceIdentifier) == id && aws.ToString(m.DBClusterParameterGroupStatus) != "pending-reboot" {
				t.Errorf("%s is %s before its reboot", id, aws.ToString(m.DBClusterParameterGroupStatus))
			}
		}
		must(k.RebootDBInstance(ctx, &rds.RebootDBInstanceInput{DBInstanceIdentifier: &id}))
		_, err := k.RebootDBInstance(ctx, &rds.RebootDBInstanceInput{DBInstanceIdentifier: &id})
		wantCode(t, err, "InvalidDBInstanceState")
		for _, want := range []string{"rebooting", "available"} {
			out, err := k.DescribeDBInstances(ctx, &rds.DescribeDBInstancesInput{DBInstanceIdentifier: &id})
			must(out, err)
			if got := aws.ToString(out.DBInstances[0].DBInstanceStatus); got != want {
				t.Errorf("%s is %s, want %s", id, got, want)
			}
		}
	}
	for _, m := range b.one("graph").DBClusterMembers {
		if aws.ToString(m.DBClusterParameterGroupStatus) != "in-sync" {
			t.Errorf("%s is %s", aws.ToString(m.DBInstanceIdentifier), aws.ToString(m.DBClusterParameterGroupStatus))
		}
	}
	if !r.WritesAudit("graph") {
		t.Error("no audit lines although all is set")
	}
	out, err := k.DescribeDBClusterParameters(ctx, &rds.DescribeDBClusterParametersInput{DBClusterParameterGroupName: aws.String("audited"), Source: aws.String("user")})
	must(out, err)
	if len(out.Parameters) != 1 || aws.ToString(out.Parameters[0].ParameterValue) != "1" {
		t.Errorf("parameters set by the user: %+v", out.Parameters)
	}
	_, err = k.DeleteDBClusterParameterGroup(ctx, &rds.DeleteDBClusterParameterGroupInput{DBClusterParameterGroupName: aws.String("audited")})
	wantCode(t, err, "InvalidDBParameterGroupState")
}
