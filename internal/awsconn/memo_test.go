package awsconn

import (
	"sync"
	"testing"
)

func TestAMemoReadsOnceHoweverManyAsk(t *testing.T) {
	t.Parallel()
	memo, reads := NewMemo(), 0
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if got := Recall(memo, "plans", func() (int, bool) { reads++; return 7, true }); got != 7 {
				t.Errorf("recalled %d", got)
			}
		})
	}
	group.Wait()
	if reads != 1 {
		t.Errorf("%d reads", reads)
	}
}

func TestAMemoKeepsNoFailureAndConfusesNoKeys(t *testing.T) {
	t.Parallel()
	memo, reads := NewMemo(), 0
	fail := func() (string, bool) { reads++; return "failed", false }
	Recall(memo, "buckets", fail)
	Recall(memo, "buckets", fail)
	if reads != 2 {
		t.Errorf("a failure was read %d times, want 2", reads)
	}
	if got := Recall(memo, "buckets", func() (string, bool) { return "read", true }); got != "read" {
		t.Errorf("recalled %q", got)
	}
	if got := Recall(memo, "plans", func() (string, bool) { return "others", true }); got != "others" {
		t.Errorf("recalled %q under another key", got)
	}
	if got := Recall[int](nil, "buckets", func() (int, bool) { return 1, true }); got != 1 {
		t.Errorf("without a memo %d", got)
	}
}

func TestActionsAreNamedAsPoliciesNameThem(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]string{
		"rds:DescribeDBClusters":             "rds:DescribeDBClusters",
		"efs:DescribeBackupPolicy":           "elasticfilesystem:DescribeBackupPolicy",
		"s3:ListBuckets":                     "s3:ListAllMyBuckets",
		"s3:GetBucketVersioning":             "s3:GetBucketVersioning",
		"s3:GetObjectLockConfiguration":      "s3:GetBucketObjectLockConfiguration",
		"backup:ListProtectedResources":      "backup:ListProtectedResources",
		"dynamodb:DescribeContinuousBackups": "dynamodb:DescribeContinuousBackups",
	} {
		if got := Action(operation); got != want {
			t.Errorf("%s is allowed by %s, want %s", operation, got, want)
		}
	}
}

func TestAnOperationWithALimitOfItsOwnHasItsOwnLane(t *testing.T) {
	t.Parallel()
	b := newBudget(20)
	own, service := b.lane("a", "r", "dynamodb:DescribeContinuousBackups"), b.lane("a", "r", "dynamodb:ListTables")
	if own == service || own.ceiling != 10 || service.ceiling != 20 {
		t.Errorf("ceilings %v and %v", own.ceiling, service.ceiling)
	}
	if slow := newBudget(3).lane("a", "r", "dynamodb:DescribeContinuousBackups"); slow.ceiling != 3 {
		t.Errorf("with a rate of 3 the ceiling is %v", slow.ceiling)
	}
	if free := newBudget(-1).lane("a", "r", "dynamodb:DescribeContinuousBackups"); free != nil && free.ceiling < 1000 {
		t.Errorf("without a rate the ceiling is %v", free.ceiling)
	}
}
