package report_test

import (
	"slices"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func TestEvidenceInPlainWords(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]finding.Evidence{
		"BackupRetentionPeriod is 1 day, expected at least 7 days": {
			Property: "BackupRetentionPeriod", Actual: resource.OfInt(1), Unit: "days", Expected: "at least 7 days"},
		"BackupRetentionPeriod is not set, which means 1 day, expected at least 7 days": {
			Property: "BackupRetentionPeriod", Actual: resource.OfInt(1), Unit: "days", Default: true, Expected: "at least 7 days"},
		"BackupRetentionPeriod is 35 days": {Property: "BackupRetentionPeriod", Actual: resource.OfInt(35), Unit: "days"},
		"KmsKeyId is not set":              {Property: "KmsKeyId"},
		"StorageEncrypted is false, expected true": {
			Property: "StorageEncrypted", Actual: resource.OfBool(false), Expected: "true"},
		"Exports is empty, expected audit among them": {
			Property: "Exports", Actual: resource.OfList(), Expected: "audit among them"},
		"Exports is [audit, slowquery]": {Property: "Exports", Actual: resource.OfStrings([]string{"audit", "slowquery"})},
		"Name is empty":                 {Property: "Name", Actual: resource.OfString("")},
		`Name is a\nb`:                  {Property: "Name", Actual: resource.OfString("a\nb")},
		"Days is sensitive and not shown, expected at least 7": {Property: "Days", Actual: resource.OfSecret(resource.OfInt(3)), Expected: "at least 7"},
		"Attributes is unknown":                                {Property: "Attributes", Actual: resource.OfUnknown(resource.Missing{Reason: resource.ReasonDenied})},
	} {
		if got := report.Sentence(&e); got != want {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestGroundsOfAVerdict(t *testing.T) {
	t.Parallel()
	evidence := []finding.Evidence{
		{Property: "Days", Actual: resource.OfInt(1), Expected: "at least 7"}, {Property: "Engine", Actual: resource.OfString("neptune")},
	}
	missing := []resource.Missing{{Property: "Tags", Reason: resource.ReasonDenied, Permission: "rds:List"}}
	for name, test := range map[string]struct {
		f    finding.Finding
		all  bool
		want []string
	}{
		"what the check expects":      {finding.Finding{Status: finding.Failed, Evidence: evidence}, false, []string{"Days is 1, expected at least 7"}},
		"all that it read":            {finding.Finding{Status: finding.Passed, Evidence: evidence}, true, []string{"Days is 1, expected at least 7", "Engine is neptune"}},
		"not judged: only what lacks": {finding.Finding{Status: finding.NotAvailable, Evidence: evidence, Missing: missing}, true, []string{"Tags: the read was denied", "Grant rds:List"}},
		"not judged, nothing lacks":   {finding.Finding{Status: finding.NotAvailable, Evidence: evidence}, false, []string{"Days is 1, expected at least 7"}},
		"undecided: both":             {finding.Finding{Status: finding.Warning, Evidence: evidence, Missing: missing}, false, []string{"Days is 1, expected at least 7", "Tags: the read was denied", "Grant rds:List"}},
		"nothing":                     {finding.Finding{Status: finding.Failed}, true, nil},
	} {
		if got := report.Grounds(&test.f, test.all); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func TestVerdictOfAScan(t *testing.T) {
	t.Parallel()
	for want, tally := range map[string]finding.Tally{
		"1 failure":      {Failed: 1, Gaps: 1},
		"nothing failed": {Passed: 1},
		"nothing failed, but not everything could be judged": {Passed: 1, NotAvailable: 1},
		"nothing to judge": {},
	} {
		if got := report.Verdict(&tally); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWhatIsMissingAndWhatWouldSettleIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		missing      resource.Missing
		lack, remedy string
	}{
		{resource.Missing{Property: "Attributes", Reason: resource.ReasonDenied, Operation: "rds:Describe", Permission: "rds:Describe", Detail: "AccessDenied"},
			"Attributes: rds:Describe was denied (AccessDenied)", "Grant rds:Describe"},
		{resource.Missing{Property: "Days", Reason: resource.ReasonUnresolved, Settle: "-var days=N"},
			"Days: the code leaves it open", "Settle it with -var days=N"},
		{resource.Missing{Reason: resource.ReasonFailed, Operation: "rds:Describe"}, "rds:Describe failed", ""},
		{resource.Missing{Property: "MultiAZ", Reason: resource.ReasonOmitted}, "MultiAZ: the service answered without it", ""},
		{resource.Missing{Property: "P", Reason: resource.ReasonNotRead, Operation: "rds:X"}, "P: rds:X was not called", ""},
		{resource.Missing{Property: "P", Reason: resource.ReasonNotRead}, "P: it was not read", ""},
		{resource.Missing{Property: "P", Reason: resource.ReasonDenied}, "P: the read was denied", ""},
		{resource.Missing{Property: "P", Reason: resource.ReasonMalformed}, "P: it has an unexpected form", ""},
		{resource.Missing{Property: "P", Reason: "odd"}, "P: odd", ""},
	} {
		if got := report.Lack(&test.missing); got != test.lack {
			t.Errorf("got %q, want %q", got, test.lack)
		}
		if got := report.Remedy(&test.missing); got != test.remedy {
			t.Errorf("got %q, want %q", got, test.remedy)
		}
	}
}

func TestAcceptedSaysWhoUntilWhenWhyAndWhere(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 23, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		until string
		now   time.Time
		want  string
	}{
		{"2026-12-01", now, "accepted by data until 2026-12-01 (9 days left): test data [holdfast.yaml:4]"},
		{"2026-11-22", now, "accepted by data until 2026-11-22 (0 days left): test data [holdfast.yaml:4]"},
		{"2026-11-23", now, "accepted by data until 2026-11-23 (1 day left): test data [holdfast.yaml:4]"},
		{"2027-11-22", now, "accepted by data until 2027-11-22: test data [holdfast.yaml:4]"},
		{"", now, "accepted by data without expiry: test data [holdfast.yaml:4]"},
		{"2026-12-01", time.Time{}, "accepted by data until 2026-12-01: test data [holdfast.yaml:4]"},
	} {
		e := finding.Exception{Source: "holdfast.yaml:4", Reason: "test data", Owner: "data", Until: test.until}
		if got := report.Accepted(&e, test.now); got != test.want {
			t.Errorf("got  %q\nwant %q", got, test.want)
		}
	}
}

func TestCountsAndPlurals(t *testing.T) {
	t.Parallel()
	for want, got := range map[string]string{
		"0": report.Count(0), "999": report.Count(999), "1,240": report.Count(1240), "-12,345,678": report.Count(-12345678), "-999": report.Count(-999),
		"1 account-region": report.Plural(1, "account-regions"), "2 files": report.Plural(2, "file"),
		"3 policies": report.Plural(3, "policy"), "2 keys": report.Plural(2, "keys"), "2 days": report.Plural(2, "day"), "1 day": report.Plural(1, "days"), "0 gaps": report.Plural(0, "gap"),
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestThingsAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"AWS::Neptune::DBCluster": "Neptune DB cluster", "AWS::Neptune::DBClusterSnapshot": "Neptune DB cluster snapshot",
		"AWS::S3::Bucket": "S3 bucket", "AWS::EC2::VPC": "EC2 VPC", "AWS::ElastiCache::ReplicationGroup": "ElastiCache replication group",
		"bucket": "bucket", "": "",
	} {
		if got := report.Thing(in); got != want {
			t.Errorf("%s is %q, want %q", in, got, want)
		}
	}
}

func TestSummaryAndCoverageLines(t *testing.T) {
	t.Parallel()
	tally := finding.Tally{Failed: 3, FailedBySeverity: map[finding.Severity]int{finding.Medium: 2, finding.Critical: 1}, NotAvailable: 1, Warning: 2, Excepted: 4, Passed: 1200, Gaps: 1}
	if got := report.SummaryLine(&tally); got != "3 failed (1 critical, 2 medium) · 1 not available · 2 warnings · 4 excepted · 1,200 passed · 1 gap" {
		t.Errorf("got %q", got)
	}
	if got := report.SummaryLine(&finding.Tally{}); got != "0 failed · 0 passed" {
		t.Errorf("got %q", got)
	}
	for want, coverage := range map[string]finding.Coverage{
		"312 of 318 account-regions read · 1,240 resources · 45 calls": {Unit: "account-regions", Total: 318, Read: 312, Resources: 1240, Calls: 45},
		"1 of 1 file read · 1 resource":                                {Unit: "files", Total: 1, Read: 1, Resources: 1},
		"0 of 0 places read · 0 resources · 2 regions not opted in":    {NotOptedIn: []string{"a", "b"}},
	} {
		if got := report.CoverageLine(&coverage); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestEveryReasonForAGapHasWords(t *testing.T) {
	t.Parallel()
	seen := make(map[string]string)
	for _, reason := range []string{
		finding.GapDenied, finding.GapPolicy, finding.GapExpired, finding.GapThrottled, finding.GapTimeout, finding.GapRegion,
		finding.GapUnreachable, finding.GapMalformed, finding.GapFailed, finding.GapInterrupted, "other",
	} {
		text := report.Cause(&finding.Gap{Operation: "rds:X", Reason: reason})
		if other, ok := seen[text]; ok {
			t.Errorf("%s and %s read the same: %s", reason, other, text)
		}
		seen[text] = reason
	}
	gap := finding.Gap{Reason: finding.GapDenied, Code: "AccessDenied", Detail: "no\nway"}
	if got := report.Cause(&gap); got != `reading was denied (AccessDenied: no\nway)` {
		t.Errorf("got %q", got)
	}
	if got := report.GapPlace(&gap); got != "everywhere" {
		t.Errorf("got %q", got)
	}
}

func TestGapIDsAreStableAndTellGapsApart(t *testing.T) {
	t.Parallel()
	gap := finding.Gap{Account: "1", Region: "r", Operation: "rds:X", Reason: finding.GapDenied}
	later := gap
	later.Reason, later.Detail = finding.GapTimeout, "after 30 s"
	elsewhere := gap
	elsewhere.Region = "s"
	if report.GapID(&gap) != report.GapID(&later) || report.GapID(&gap) == report.GapID(&elsewhere) || len(report.GapID(&gap)) != 16 {
		t.Error("ids", report.GapID(&gap), report.GapID(&later), report.GapID(&elsewhere))
	}
}
