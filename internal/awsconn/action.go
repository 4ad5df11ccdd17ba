package awsconn

import "strings"

// Action is the IAM action that allows an operation. Most have the same name;
// some services and operations are called otherwise in policies.
func Action(operation string) string {
	switch operation {
	case "s3:ListBuckets":
		return "s3:ListAllMyBuckets"
	case "s3:GetObjectLockConfiguration":
		return "s3:GetBucketObjectLockConfiguration"
	}
	if rest, found := strings.CutPrefix(operation, "efs:"); found {
		return "elasticfilesystem:" + rest
	}
	return operation
}
