package reporttest

import (
	"fmt"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Hostile is text that would do harm in a terminal, a page, a spreadsheet, a
// comment or a log if a format passed it on as it is.
const Hostile = "=cmd|'/C calc'!A0\n\x1b[31m<script>alert(1)</script>|`@everyone`\u202e](https://evil.example) ]]> \x9b2J\u009b\u2028"

// Now is the moment at which the streams are written.
func Now() time.Time { return time.Date(2026, 11, 22, 10, 5, 0, 0, time.UTC) }

// Scan is a stream under construction: it hands messages on and counts them.
type Scan struct {
	handler finding.Handler
	tally   finding.Tally
	err     error
}

// Begin opens a stream with the header of the fixtures.
func Begin(h finding.Handler, controls ...finding.Control) *Scan {
	s := &Scan{handler: h}
	s.err = h.Begin(&finding.Header{
		Tool: "holdfast", Version: "0.1.0",
		Started:  time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC),
		Controls: controls,
	})
	return s
}

// Finding hands on one finding.
func (s *Scan) Finding(f finding.Finding) {
	if s.err == nil {
		f.ID = finding.NewID(f.Control, &f.Resource)
		s.tally.Add(&f)
		s.err = s.handler.Finding(&f)
	}
}

// Gap hands on one gap.
func (s *Scan) Gap(g finding.Gap) {
	if s.err == nil {
		s.tally.Gaps++
		s.err = s.handler.Gap(&g)
	}
}

// End closes the stream with a footer that carries the counts.
func (s *Scan) End(f finding.Footer) error {
	if s.err != nil {
		return s.err
	}
	f.Finished = time.Date(2026, 11, 22, 10, 0, 42, 0, time.UTC)
	f.Tally = s.tally
	return s.handler.End(&f)
}

// Cluster names a Neptune cluster in an account and region.
func Cluster(account, region, id string) resource.Ref {
	return live("AWS::Neptune::DBCluster", "cluster", account, region, id)
}

// Snapshot names a Neptune cluster snapshot in an account and region.
func Snapshot(account, region, id string) resource.Ref {
	return live("AWS::Neptune::DBClusterSnapshot", "cluster-snapshot", account, region, id)
}

func live(typ, kind, account, region, id string) resource.Ref {
	partition := "aws"
	if region == "cn-north-1" {
		partition = "aws-cn"
	}
	return resource.Ref{
		Type: typ, ID: id, Account: account, Region: region, Partition: partition,
		ARN: fmt.Sprintf("arn:%s:rds:%s:%s:%s:%s", partition, region, account, kind, id),
	}
}

// Retention is the evidence for Neptune.5.
func Retention(days int64, isDefault bool) []finding.Evidence {
	return []finding.Evidence{{
		Property: "BackupRetentionPeriod", Actual: resource.OfInt(days), Default: isDefault,
		Expected: "at least 7 days", Unit: "days", Read: "rds:DescribeDBClusters",
	}}
}

// Empty is a scan that found nothing at all.
func Empty(h finding.Handler) error {
	return Begin(h, Controls()[:3]...).End(finding.Footer{Coverage: finding.Coverage{
		Unit: "account-regions", Total: 3, Read: 3, Calls: 6,
		Accounts: []string{"111122223333"}, Regions: []string{"eu-central-1", "eu-west-1", "us-east-1"},
	}})
}

// Passing is a scan in which everything passed.
func Passing(h finding.Handler) error {
	s := Begin(h, Controls()[1])
	for i := range 3 {
		s.Finding(finding.Finding{
			Control: "Neptune.5", Title: Controls()[1].Title, Severity: finding.Medium, Status: finding.Passed,
			Resource: Cluster("111122223333", "eu-west-1", fmt.Sprintf("graph-%d", i)), Evidence: Retention(14, false),
		})
	}
	return s.End(finding.Footer{Coverage: finding.Coverage{
		Unit: "account-regions", Total: 1, Read: 1, Resources: 3, Calls: 1,
		Accounts: []string{"111122223333"}, Regions: []string{"eu-west-1"},
	}})
}

// Dark is a scan that could read nothing.
func Dark(h finding.Handler) error {
	s := Begin(h, Controls()[1])
	s.Gap(finding.Gap{
		Reason: finding.GapExpired, Code: "ExpiredToken", Operation: "sts:GetCallerIdentity",
		Detail: "The security token included in the request is expired", Try: "aws sso login --profile audit",
	})
	return s.End(finding.Footer{Coverage: finding.Coverage{Unit: "account-regions", Total: 1}})
}

// Many is a scan of n clusters of which two thirds fail one control.
func Many(n int) func(finding.Handler) error {
	return func(h finding.Handler) error {
		s := Begin(h, Controls()[1])
		for i := range n {
			status, days := finding.Failed, int64(1)
			if i%3 == 2 {
				status, days = finding.Passed, 35
			}
			s.Finding(finding.Finding{
				Control: "Neptune.5", Title: Controls()[1].Title, Severity: finding.Medium, Status: status,
				Resource: Cluster("111122223333", "eu-west-1", fmt.Sprintf("graph-%07d", i)),
				Evidence: Retention(days, false),
			})
		}
		return s.End(finding.Footer{Coverage: finding.Coverage{
			Unit: "account-regions", Total: 1, Read: 1, Resources: n, Calls: (n + 99) / 100,
			Accounts: []string{"111122223333"}, Regions: []string{"eu-west-1"},
		}})
	}
}
