package neptune

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

var dublin = awsconn.Place{Account: "111122223333", Region: "eu-west-1", Partition: "aws"}

func TestWhatAWSLeavesOutIsUnknownAndNotADefault(t *testing.T) {
	t.Parallel()
	r := FromCluster(&types.DBCluster{DBClusterIdentifier: aws.String("graph")}, dublin, All)
	for _, property := range []string{
		"BackupRetentionPeriod", "DeletionProtection", "CopyTagsToSnapshot", "IamAuthEnabled", "StorageEncrypted", "MultiAZ",
	} {
		missing := r.Get(property).Missing()
		if missing == nil || missing.Reason != resource.ReasonOmitted {
			t.Errorf("%s is %s", property, r.Get(property))
		}
	}
	for _, property := range []string{"KmsKeyId", "PendingBackupRetentionPeriod", "EarliestRestorableTime", "Writer"} {
		if kind := r.Get(property).Kind(); kind != resource.Absent {
			t.Errorf("%s, which may well be missing, is %s", property, kind)
		}
	}
	if exports := r.Get("EnableCloudwatchLogsExports"); exports.Kind() != resource.List || len(exports.List()) != 0 {
		t.Errorf("no log exports are %s", exports)
	}
}

func TestAClusterKeepsItsNameIdentityAndPendingValues(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 18, 0, 0, 0, time.FixedZone("CET", 3600))
	r := FromCluster(&types.DBCluster{
		DBClusterIdentifier: aws.String("graph"), DbClusterResourceId: aws.String("cluster-ABC"),
		EarliestRestorableTime: &at,
		PendingModifiedValues:  &types.ClusterPendingModifiedValues{BackupRetentionPeriod: aws.Int32(7)},
		DBClusterMembers: []types.DBClusterMember{
			{DBInstanceIdentifier: aws.String("graph-2"), IsClusterWriter: aws.Bool(false), DBClusterParameterGroupStatus: aws.String("pending-reboot")},
			{DBInstanceIdentifier: aws.String("graph-1"), IsClusterWriter: aws.Bool(true), DBClusterParameterGroupStatus: aws.String("in-sync")},
		},
	}, dublin, All)
	if r.ARN != "arn:aws:rds:eu-west-1:111122223333:cluster:graph" || r.UID != "cluster-ABC" {
		t.Errorf("reference %+v", r.Ref)
	}
	for property, want := range map[string]string{
		"PendingBackupRetentionPeriod": "7",
		"EarliestRestorableTime":       "2026-11-22T17:00:00Z",
		"Writer":                       "graph-1",
		"Members":                      "{graph-1=in-sync, graph-2=pending-reboot}",
	} {
		if got := r.Get(property).String(); got != want {
			t.Errorf("%s is %s, want %s", property, got, want)
		}
	}
}

func TestOnlyWantedPropertiesAreConverted(t *testing.T) {
	t.Parallel()
	r := FromCluster(&types.DBCluster{BackupRetentionPeriod: aws.Int32(7), DeletionProtection: aws.Bool(true)}, dublin,
		func(property string) bool { return property == "BackupRetentionPeriod" })
	if len(r.Properties) != 1 {
		t.Errorf("properties %v", r.Properties)
	}
}
