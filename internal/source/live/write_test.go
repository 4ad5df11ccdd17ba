package live_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
)

// writeThrough tries to change a cluster over a session that may only read.
func writeThrough(t *testing.T, session *awsconn.Session) error {
	t.Helper()
	cfg, err := session.Config(t.Context(), account, region)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rds.NewFromConfig(cfg).ModifyDBCluster(t.Context(), &rds.ModifyDBClusterInput{
		DBClusterIdentifier: aws.String("graph"), BackupRetentionPeriod: aws.Int32(1),
	})
	return err
}
