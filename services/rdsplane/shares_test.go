package rdsplane

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
)

func TestOnlyManualUnencryptedSnapshotsCanBePublic(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		snapshot types.DBClusterSnapshot
		want     bool
	}{
		"manual":                         {types.DBClusterSnapshot{SnapshotType: aws.String("manual"), StorageEncrypted: aws.Bool(false)}, true},
		"manual, encryption not told":    {types.DBClusterSnapshot{SnapshotType: aws.String("manual")}, true},
		"manual and encrypted":           {types.DBClusterSnapshot{SnapshotType: aws.String("manual"), StorageEncrypted: aws.Bool(true)}, false},
		"nothing told":                   {types.DBClusterSnapshot{}, true},
		"automated":                      {types.DBClusterSnapshot{SnapshotType: aws.String("automated")}, false},
		"taken by AWS Backup, encrypted": {types.DBClusterSnapshot{SnapshotType: aws.String("awsbackup"), StorageEncrypted: aws.Bool(true)}, false},
	} {
		if got := CanBePublic(test.snapshot.SnapshotType, test.snapshot.StorageEncrypted); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
