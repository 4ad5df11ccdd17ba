package services

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/efs"
	efstypes "github.com/aws/aws-sdk-go-v2/service/efs/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticache"
	"github.com/aws/aws-sdk-go-v2/service/fsx"
	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/test/moto"
)

// TestStoresOnAServerThatNobodyHereWrote seeds tables, buckets, warehouses and
// snapshots with the AWS CLI, reads them back with it, and judges them.
func TestStoresOnAServerThatNobodyHereWrote(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	public := seedStores(t, server)
	o := awsconn.Options{
		Regions: []string{moto.HomeRegion}, Allowed: live.Reads(Readers()), Rate: -1,
		Fixed: &awsconn.Fixed{Endpoint: server.Endpoint, Region: moto.HomeRegion, AccessKey: moto.AccessKeyID, SecretKey: moto.SecretAccessKey},
	}
	got := scanLive(t, o, nil, "DynamoDB.2", "DynamoDB.6", "EC2.1", "Redshift.3", "S3.14", "S3.15")
	verdicts := got.verdicts()
	slices.Sort(verdicts)
	if diff := cmp.Diff(readBack(t, server), verdicts); diff != "" {
		t.Errorf("verdicts: what the AWS CLI reads (-) and what Holdfast says (+):\n%s", diff)
	}
	shared := got.of("EC2.1", moto.HomeRegion)
	if len(shared.Evidence) == 0 || shared.Evidence[0].Actual.String() != "["+public+"]" {
		t.Errorf("public snapshots: %+v, want %s", shared.Evidence, public)
	}
	for _, gap := range got.gaps {
		// moto does not know the switch that blocks public snapshots.
		if gap.Operation != "ec2:GetSnapshotBlockPublicAccessState" {
			t.Errorf("gap %+v", gap)
		}
	}
}

// seedStores fills the account and returns the id of the public snapshot.
func seedStores(t *testing.T, server *moto.Server) string {
	t.Helper()
	do := func(command string) []byte { return server.AWS(t, strings.Fields(command)...) }
	for _, name := range []string{"orders", "carts"} {
		do("dynamodb create-table --table-name " + name + " --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH --billing-mode PAY_PER_REQUEST")
	}
	do("dynamodb update-continuous-backups --table-name orders --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true")
	do("dynamodb update-table --table-name orders --deletion-protection-enabled")
	for _, name := range []string{"archive", "drop"} {
		do("s3api create-bucket --bucket " + name + " --create-bucket-configuration LocationConstraint=" + moto.HomeRegion)
	}
	do("s3api put-bucket-versioning --bucket archive --versioning-configuration Status=Enabled")
	do("redshift create-cluster --cluster-identifier reports --node-type ra3.xlplus --master-username admin --master-user-password Secret-123 --automated-snapshot-retention-period 14")
	do("redshift create-cluster --cluster-identifier staging --node-type ra3.xlplus --master-username admin --master-user-password Secret-123")
	var volume struct{ VolumeId string }
	decode(t, do("ec2 create-volume --size 1 --availability-zone "+moto.HomeRegion+"a"), &volume)
	var private, public struct{ SnapshotId string }
	decode(t, do("ec2 create-snapshot --volume-id "+volume.VolumeId), &private)
	decode(t, do("ec2 create-snapshot --volume-id "+volume.VolumeId), &public)
	do("ec2 modify-snapshot-attribute --attribute createVolumePermission --operation-type add --group-names all --snapshot-id " + public.SnapshotId)
	return public.SnapshotId
}

// readBack tells the verdicts that follow from what the AWS CLI reads.
func readBack(t *testing.T, server *moto.Server) []string {
	t.Helper()
	var want []string
	say := func(control, id string, passes bool) {
		want = append(want, control+" "+id+" "+map[bool]string{true: "PASSED", false: "FAILED"}[passes])
	}
	for _, name := range []string{"orders", "carts"} {
		var backups struct {
			ContinuousBackupsDescription struct {
				PointInTimeRecoveryDescription struct{ PointInTimeRecoveryStatus string }
			}
		}
		decode(t, server.AWS(t, "dynamodb", "describe-continuous-backups", "--table-name", name), &backups)
		say("DynamoDB.2", name, backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == "ENABLED")
		var table struct {
			Table struct{ DeletionProtectionEnabled bool }
		}
		decode(t, server.AWS(t, "dynamodb", "describe-table", "--table-name", name), &table)
		say("DynamoDB.6", name, table.Table.DeletionProtectionEnabled)
	}
	var warehouses struct {
		Clusters []struct {
			ClusterIdentifier                string
			AutomatedSnapshotRetentionPeriod int
		}
	}
	decode(t, server.AWS(t, "redshift", "describe-clusters"), &warehouses)
	for _, c := range warehouses.Clusters {
		say("Redshift.3", c.ClusterIdentifier, c.AutomatedSnapshotRetentionPeriod >= 7)
	}
	for name, versioned := range map[string]bool{"archive": true, "drop": false} {
		say("S3.14", name, versioned)
		say("S3.15", name, false)
	}
	say("EC2.1", moto.HomeRegion, false)
	slices.Sort(want)
	if len(warehouses.Clusters) != 2 {
		t.Fatalf("the AWS CLI reads %d warehouses, want 2", len(warehouses.Clusters))
	}
	return want
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("decode %s: %v", data, err)
	}
}

// TestWhatTheLabMustStandInFor records what moto does not do, so that a new
// version which does is noticed. These services are shown on the lab alone.
func TestWhatTheLabMustStandInFor(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	cfg := aws.Config{
		Region: moto.HomeRegion, BaseEndpoint: aws.String(server.Endpoint), HTTPClient: awsconn.PlainBodies(nil),
		Credentials: credentials.NewStaticCredentialsProvider(moto.AccessKeyID, moto.SecretAccessKey, ""),
		Retryer:     func() aws.Retryer { return retry.AddWithMaxAttempts(retry.NewStandard(), 1) },
	}
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"the switch that blocks public snapshots": func() error {
			_, err := ec2.NewFromConfig(cfg).GetSnapshotBlockPublicAccessState(ctx, &ec2.GetSnapshotBlockPublicAccessStateInput{})
			return err
		},
		"protected resources of AWS Backup": func() error {
			_, err := backup.NewFromConfig(cfg).ListProtectedResources(ctx, &backup.ListProtectedResourcesInput{})
			return err
		},
		"selections of AWS Backup": func() error {
			_, err := backup.NewFromConfig(cfg).ListBackupSelections(ctx, &backup.ListBackupSelectionsInput{BackupPlanId: aws.String("none")})
			return err
		},
		"backup policies of EFS": func() error {
			_, err := efs.NewFromConfig(cfg).PutBackupPolicy(ctx, &efs.PutBackupPolicyInput{
				FileSystemId: aws.String("fs-1"), BackupPolicy: &efstypes.BackupPolicy{Status: efstypes.StatusEnabled},
			})
			return err
		},
		"changes of ElastiCache": func() error {
			_, err := elasticache.NewFromConfig(cfg).ModifyReplicationGroup(ctx, &elasticache.ModifyReplicationGroupInput{ReplicationGroupId: aws.String("none")})
			return err
		},
		"changes of FSx": func() error {
			_, err := fsx.NewFromConfig(cfg).UpdateFileSystem(ctx, &fsx.UpdateFileSystemInput{FileSystemId: aws.String("fs-0123456789abcdef0")})
			return err
		},
	} {
		err := call()
		if err == nil {
			t.Errorf("%s: moto answers now", name)
			continue
		}
		if said := fmt.Sprint(err); strings.Contains(said, "connection refused") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
