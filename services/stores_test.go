package services

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live"
)

const storesAccount, storesRegion = "111122223333", "eu-west-1"

// told keeps what a scan says.
type told struct {
	findings []finding.Finding
	gaps     []finding.Gap
}

func (*told) Begin(*finding.Header) error        { return nil }
func (t *told) Finding(f *finding.Finding) error { t.findings = append(t.findings, *f); return nil }
func (t *told) Gap(g *finding.Gap) error         { t.gaps = append(t.gaps, *g); return nil }
func (*told) End(*finding.Footer) error          { return nil }

// verdicts lists "control id status" of every finding.
func (t *told) verdicts() []string {
	var out []string
	for i := range t.findings {
		f := &t.findings[i]
		out = append(out, f.Control+" "+f.Resource.ID+" "+string(f.Status))
	}
	return out
}

func (t *told) of(control, id string) *finding.Finding {
	for i := range t.findings {
		if f := &t.findings[i]; f.Control == control && f.Resource.ID == id {
			return f
		}
	}
	return &finding.Finding{Status: "no finding"}
}

func startLab(t *testing.T, world *lab.World) *lab.Lab {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{World: world})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func labOptions(l *lab.Lab, regions ...string) awsconn.Options {
	return awsconn.Options{
		Regions: regions, Allowed: live.Reads(Readers()), Rate: -1,
		Fixed: &awsconn.Fixed{Endpoint: l.URL, Region: storesRegion, AccessKey: lab.AccessKey(storesAccount), SecretKey: "lab"},
	}
}

// scanLive judges what a session reads, as a scan does.
func scanLive(t *testing.T, o awsconn.Options, overrides []string, controls ...string) *told {
	t.Helper()
	catalogue := builtIn(t)
	chosen, err := catalogue.Select(control.Selection{IDs: controls})
	if err != nil {
		t.Fatal(err)
	}
	params, err := catalogue.ParseParams(overrides)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	session, err := awsconn.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	out := &told{}
	if _, err := scan.Run(context.Background(), scan.Options{
		Source: live.New(session, Readers()), Engine: judge, Handler: out, Concurrency: 8, Now: time.Now, Calls: session.CallCount,
	}); err != nil {
		t.Fatal(err)
	}
	return out
}

// storesControls are the controls over what is kept outside databases of the
// shared control plane.
func storesControls() []string {
	return []string{"Backup.*", "DynamoDB.*", "EC2.*", "EFS.*", "ElastiCache.*", "FSx.*", "Redshift.*", "S3.*"}
}

// estate is a region with something of everything.
func estate() *lab.World {
	world := lab.NewWorld(func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) })
	a := world.Account(storesAccount)
	r := a.Region(storesRegion)
	night := time.Date(2026, 11, 22, 5, 40, 0, 0, time.UTC)
	r.AddTable(lab.Table{Name: "orders", Recovery: true, DeletionProtection: true, Tags: lab.Tags{"backup": "daily"}}).
		AddTable(lab.Table{Name: "carts"}).
		AddTable(lab.Table{Name: "leaving", Status: "DELETING"}).
		AddProtected(lab.Protected{ARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/orders", Type: "DynamoDB", Last: night}).
		AddProtected(lab.Protected{ARN: "arn:aws:dynamodb:eu-west-1:111122223333:table/carts", Type: "DynamoDB", Last: night.AddDate(0, -3, 0)})
	r.AddBackupPlan(lab.BackupPlan{Name: "daily", Vaults: []string{"safe"}, Selections: []lab.BackupSelection{
		{Name: "by-tag", Tags: lab.Tags{"backup": "daily"}},
		{Name: "by-name", Resources: []string{"arn:aws:ec2:*:*:volume/*"}, NotResources: []string{"arn:aws:ec2:*:*:volume/vol-scratch"}},
	}}).AddBackupVault(lab.BackupVault{Name: "safe", Locked: true, Points: []lab.RecoveryPoint{
		{ARN: "arn:aws:backup:eu-west-1:111122223333:recovery-point:one", ResourceType: "DynamoDB", Encrypted: true, Created: night},
		{ARN: "arn:aws:ec2:eu-west-1::snapshot/snap-plain", ResourceType: "EBS", Created: night},
	}}).AddBackupVault(lab.BackupVault{Name: "Default"})
	r.AddVolume(lab.Volume{ID: "vol-data"}).AddVolume(lab.Volume{ID: "vol-scratch"}).AddVolume(lab.Volume{ID: "vol-spare", State: "available"}).
		AddEBSSnapshot(lab.EBSSnapshot{ID: "snap-private"}).
		AddEBSSnapshot(lab.EBSSnapshot{ID: "snap-partner", SharedWith: []string{"444455556666"}}).
		AddEBSSnapshot(lab.EBSSnapshot{ID: "snap-public", SharedWith: []string{"444455556666", "all"}})
	r.AddReplicationGroup(lab.ReplicationGroup{ID: "sessions", RetentionLimit: 3}).AddReplicationGroup(lab.ReplicationGroup{ID: "queues"}).
		AddCacheCluster(lab.CacheCluster{ID: "lone"}).AddCacheCluster(lab.CacheCluster{ID: "sessions-001", Group: "sessions"}).
		AddCacheCluster(lab.CacheCluster{ID: "pages", Engine: "memcached"})
	r.AddWarehouse(lab.Warehouse{ID: "reports", Retention: 14}).AddWarehouse(lab.Warehouse{ID: "staging", Pending: 7}).
		AddWarehouse(lab.Warehouse{ID: "bare", NoBackups: true, NodeType: "dc2.large"})
	r.AddFileSystem(lab.FileSystem{ID: "fs-home", BackupPolicy: "ENABLED", Tags: lab.Tags{"backup": "daily"}}).
		AddFileSystem(lab.FileSystem{ID: "fs-onezone"}).AddFileSystem(lab.FileSystem{ID: "fs-rising", BackupPolicy: "ENABLING"})
	r.AddFSx(lab.FSxFileSystem{ID: "fs-zfs", Type: "OPENZFS", CopyTagsToBackups: true}).
		AddFSx(lab.FSxFileSystem{ID: "fs-zfs-all", Type: "OPENZFS", CopyTagsToBackups: true, CopyTagsToVolumes: true}).
		AddFSx(lab.FSxFileSystem{ID: "fs-lustre", Type: "LUSTRE", Deployment: "SCRATCH_2"}).
		AddFSx(lab.FSxFileSystem{ID: "fs-windows", Type: "WINDOWS"})
	a.AddBucket(lab.Bucket{Name: "archive", Region: storesRegion, Versioning: "Enabled", Lock: true, LockMode: "GOVERNANCE"}).
		AddBucket(lab.Bucket{Name: "drop", Region: storesRegion}).
		AddBucket(lab.Bucket{Name: "old", Region: storesRegion, Versioning: "Suspended"}).
		AddBucket(lab.Bucket{Name: "elsewhere", Region: "us-east-1"})
	return world
}

func TestAnEstateIsJudgedAsSecurityHubJudgesIt(t *testing.T) {
	t.Parallel()
	l := startLab(t, estate())
	got := scanLive(t, labOptions(l, storesRegion), nil, storesControls()...)
	want := strings.Split(strings.TrimSpace(`
Backup.1 recovery-point:one PASSED
Backup.1 snapshot/snap-plain FAILED
DynamoDB.2 carts FAILED
DynamoDB.2 leaving FAILED
DynamoDB.2 orders PASSED
DynamoDB.4 carts FAILED
DynamoDB.4 orders PASSED
DynamoDB.6 carts FAILED
DynamoDB.6 leaving FAILED
DynamoDB.6 orders PASSED
EC2.1 eu-west-1 FAILED
EC2.182 eu-west-1 FAILED
EC2.28 vol-data PASSED
EC2.28 vol-scratch FAILED
EFS.2 fs-home PASSED
EFS.2 fs-onezone FAILED
EFS.2 fs-rising FAILED
EFS.7 fs-home PASSED
EFS.7 fs-onezone FAILED
EFS.7 fs-rising FAILED
ElastiCache.1 lone FAILED
ElastiCache.1 queues FAILED
ElastiCache.1 sessions PASSED
FSx.1 fs-zfs FAILED
FSx.1 fs-zfs-all PASSED
FSx.2 fs-lustre FAILED
Redshift.3 bare FAILED
Redshift.3 reports PASSED
Redshift.3 staging FAILED
S3.14 archive PASSED
S3.14 drop FAILED
S3.14 old FAILED
S3.15 archive PASSED
S3.15 drop FAILED
S3.15 old FAILED`), "\n")
	verdicts := got.verdicts()
	slices.Sort(verdicts)
	if diff := cmp.Diff(want, verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
	for i := range got.gaps {
		t.Errorf("gap %+v", got.gaps[i])
	}
	for _, note := range []struct{ control, id, note string }{
		{"DynamoDB.4", "carts", "no plan renews it"},
		{"EC2.28", "vol-data", "holds no backup of it yet"},
		{"EFS.7", "fs-rising", "does not count yet"},
		{"FSx.2", "fs-lustre", "scratch"},
		{"Redshift.3", "staging", "goes from 1 to 7"},
		{"S3.14", "old", "on once"},
	} {
		if notes := strings.Join(got.of(note.control, note.id).Notes, " "); !strings.Contains(notes, note.note) {
			t.Errorf("%s of %s notes %q, not %q", note.control, note.id, notes, note.note)
		}
	}
	if public := got.of("EC2.1", storesRegion).Evidence[0].Actual.String(); public != "[snap-public]" {
		t.Errorf("public snapshots %s", public)
	}
}

// TestNoCallIsMadeTwice counts the calls of all these controls together.
func TestNoCallIsMadeTwice(t *testing.T) {
	t.Parallel()
	l := startLab(t, estate())
	scanLive(t, labOptions(l, storesRegion), nil, storesControls()...)
	want := map[string]int{
		"sts:GetCallerIdentity": 1,
		// Three tables; the tags of those that a selection by tag must decide about.
		"dynamodb:ListTables": 1, "dynamodb:DescribeTable": 3, "dynamodb:DescribeContinuousBackups": 3, "dynamodb:ListTagsOfResource": 3,
		// One plan with two selections, for tables, volumes and file systems together.
		"backup:ListBackupPlans": 1, "backup:ListBackupSelections": 1, "backup:GetBackupSelection": 2, "backup:DescribeRegionSettings": 1,
		"backup:GetBackupPlan": 1, "backup:ListProtectedResources": 1,
		// The vaults are read for the plans, and for the recovery points in them.
		"backup:ListBackupVaults": 2, "backup:ListRecoveryPointsByBackupVault": 2,
		"ec2:DescribeVolumes": 1, "ec2:DescribeSnapshots": 1, "ec2:DescribeSnapshotAttribute": 1, "ec2:GetSnapshotBlockPublicAccessState": 1,
		"elasticache:DescribeReplicationGroups": 1, "elasticache:DescribeCacheClusters": 1,
		"redshift:DescribeClusters": 1, "fsx:DescribeFileSystems": 1,
		"elasticfilesystem:DescribeFileSystems": 1, "elasticfilesystem:DescribeBackupPolicy": 3,
		"s3:ListAllMyBuckets": 1, "s3:GetBucketVersioning": 3, "s3:GetBucketObjectLockConfiguration": 3,
	}
	if diff := cmp.Diff(want, l.Actions()); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestBucketsAreListedOnceForAllRegions(t *testing.T) {
	t.Parallel()
	l := startLab(t, estate())
	got := scanLive(t, labOptions(l, storesRegion, "us-east-1", "eu-central-1"), nil, "S3.14")
	if lists := l.CallCount(lab.Match{Operation: "ListBuckets"}); lists != 1 || len(got.findings) != 4 || len(got.gaps) != 0 {
		t.Errorf("%d lists, verdicts %v, gaps %+v", lists, got.verdicts(), got.gaps)
	}
	if region := got.of("S3.14", "elsewhere").Resource.Region; region != "us-east-1" {
		t.Errorf("the bucket elsewhere is in %s", region)
	}
}

func TestALockedVaultIsAskedForByAParameter(t *testing.T) {
	t.Parallel()
	world := estate()
	world.Account(storesAccount).Region(storesRegion).AddBackupPlan(lab.BackupPlan{Name: "open", Vaults: []string{"Default"}, Selections: []lab.BackupSelection{
		{Name: "scratch", Resources: []string{"arn:aws:ec2:eu-west-1:111122223333:volume/vol-scratch"}},
	}})
	l := startLab(t, world)
	got := scanLive(t, labOptions(l, storesRegion), []string{"EC2.28.backupVaultLockCheck=true", "S3.15.mode=compliance"}, "EC2.28", "S3.15")
	for id, want := range map[string]finding.Status{"vol-data": finding.Passed, "vol-scratch": finding.Failed} {
		if status := got.of("EC2.28", id).Status; status != want {
			t.Errorf("%s is %s", id, status)
		}
	}
	if f := got.of("S3.15", "archive"); f.Status != finding.Failed {
		t.Errorf("a bucket in governance mode is %s where compliance is asked for", f.Status)
	}
}

// TestOneUnreadResourceIsUnknownAndItsNeighboursAreJudged breaks the call about
// one resource at a time.
func TestOneUnreadResourceIsUnknownAndItsNeighboursAreJudged(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ control, operation, resource, id, permission string }{
		{"DynamoDB.2", "DescribeContinuousBackups", "orders", "orders", "dynamodb:DescribeContinuousBackups"},
		{"DynamoDB.6", "DescribeTable", "orders", "orders", "dynamodb:DescribeTable"},
		{"DynamoDB.4", "ListTagsOfResource", "*table/orders", "orders", "dynamodb:ListTagsOfResource"},
		{"EFS.7", "DescribeBackupPolicy", "fs-home", "fs-home", "elasticfilesystem:DescribeBackupPolicy"},
		{"S3.14", "GetBucketVersioning", "archive", "archive", "s3:GetBucketVersioning"},
		{"S3.15", "GetObjectLockConfiguration", "archive", "archive", "s3:GetBucketObjectLockConfiguration"},
		{"EC2.1", "DescribeSnapshotAttribute", "snap-public", storesRegion, "ec2:DescribeSnapshotAttribute"},
	} {
		t.Run(test.control, func(t *testing.T) {
			t.Parallel()
			l := startLab(t, estate())
			sound := scanLive(t, labOptions(l, storesRegion), nil, test.control)
			l.Inject(lab.Fault{Match: lab.Match{Operation: test.operation}, Resource: test.resource, Effect: lab.Denied})
			got := scanLive(t, labOptions(l, storesRegion), nil, test.control)
			if f := got.of(test.control, test.id); f.Status != finding.NotAvailable {
				t.Errorf("%s is %s", test.id, f.Status)
			}
			for i := range sound.findings {
				if f := &sound.findings[i]; f.Resource.ID != test.id && got.of(f.Control, f.Resource.ID).Status != f.Status {
					t.Errorf("its neighbour %s is %s, not %s", f.Resource.ID, got.of(f.Control, f.Resource.ID).Status, f.Status)
				}
			}
			if len(got.gaps) != 1 || got.gaps[0].Reason != finding.GapDenied || got.gaps[0].Resource == "" || got.gaps[0].Permission != test.permission {
				t.Errorf("gaps %+v", got.gaps)
			}
		})
	}
}

func TestADeniedListIsAGapAndNeverAnEmptyAccount(t *testing.T) {
	t.Parallel()
	for control, action := range map[string]string{
		"Backup.1": "backup:ListBackupVaults", "DynamoDB.6": "dynamodb:ListTables", "EC2.182": "ec2:GetSnapshotBlockPublicAccessState",
		"EFS.7": "efs:DescribeFileSystems", "FSx.1": "fsx:DescribeFileSystems", "Redshift.3": "redshift:DescribeClusters", "S3.14": "s3:ListBuckets",
	} {
		t.Run(control, func(t *testing.T) {
			t.Parallel()
			l := startLab(t, estate())
			_, operation, _ := strings.Cut(action, ":")
			l.Inject(lab.Fault{Match: lab.Match{Operation: operation}, Effect: lab.Denied})
			got := scanLive(t, labOptions(l, storesRegion), nil, control)
			if len(got.findings) != 0 || len(got.gaps) != 1 {
				t.Fatalf("verdicts %v, gaps %+v", got.verdicts(), got.gaps)
			}
			if gap := got.gaps[0]; gap.Operation != action || gap.Permission != awsconn.Action(action) || !slices.Equal(gap.Controls, []string{control}) {
				t.Errorf("gap %+v", gap)
			}
		})
	}
}

func TestPlansThatCannotBeReadAreNoMissingPlans(t *testing.T) {
	t.Parallel()
	for operation, want := range map[string]map[string]finding.Status{
		"ListBackupPlans":      {"orders": finding.NotAvailable, "carts": finding.NotAvailable},
		"ListBackupSelections": {"orders": finding.NotAvailable, "carts": finding.NotAvailable},
		"GetBackupSelection":   {"orders": finding.NotAvailable, "carts": finding.NotAvailable},
		// A selection by tags alone takes nothing of a kind that is turned off.
		"DescribeRegionSettings": {"orders": finding.NotAvailable, "carts": finding.NotAvailable},
		// What only notes rest on does not decide.
		"ListProtectedResources": {"orders": finding.Passed, "carts": finding.Failed},
		"GetBackupPlan":          {"orders": finding.Passed, "carts": finding.Failed},
	} {
		t.Run(operation, func(t *testing.T) {
			t.Parallel()
			l := startLab(t, estate())
			l.Inject(lab.Fault{Match: lab.Match{Service: "backup", Operation: operation}, Effect: lab.Denied})
			got := scanLive(t, labOptions(l, storesRegion), nil, "DynamoDB.4")
			for id, status := range want {
				if f := got.of("DynamoDB.4", id); f.Status != status {
					t.Errorf("%s is %s, not %s", id, f.Status, status)
				}
			}
			if len(got.gaps) == 0 {
				t.Error("there is no gap")
			}
		})
	}
}

func TestEveryPageIsRead(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	r := world.Account(storesAccount).Region(storesRegion)
	for i := range 250 {
		id := fmt.Sprintf("n%03d", i)
		r.AddTable(lab.Table{Name: id}).AddWarehouse(lab.Warehouse{ID: id}).AddFSx(lab.FSxFileSystem{ID: id, Type: "OPENZFS"}).
			AddReplicationGroup(lab.ReplicationGroup{ID: id}).AddFileSystem(lab.FileSystem{ID: id})
	}
	l := startLab(t, world)
	controls := []string{"DynamoDB.6", "Redshift.3", "FSx.1", "ElastiCache.1", "EFS.7"}
	got := scanLive(t, labOptions(l, storesRegion), nil, controls...)
	if len(got.findings) != 5*250 || len(got.gaps) != 0 {
		t.Errorf("%d findings, gaps %+v", len(got.findings), got.gaps)
	}
	for _, operation := range []string{"ListTables", "DescribeClusters", "DescribeReplicationGroups"} {
		if n := l.CallCount(lab.Match{Operation: operation}); n != 3 {
			t.Errorf("%s was called %d times for three pages", operation, n)
		}
	}
}

func TestAnOddResourceHidesNoNeighbour(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ control, operation, id, field string }{
		{"Redshift.3", "DescribeClusters", "reports", "AutomatedSnapshotRetentionPeriod"},
		{"ElastiCache.1", "DescribeReplicationGroups", "sessions", "SnapshotRetentionLimit"},
		{"DynamoDB.2", "DescribeContinuousBackups", "orders", "PointInTimeRecoveryStatus"},
		{"DynamoDB.6", "DescribeTable", "orders", "DeletionProtectionEnabled"},
		{"EFS.7", "DescribeBackupPolicy", "fs-home", "Status"},
		{"FSx.1", "DescribeFileSystems", "fs-zfs-all", "CopyTagsToVolumes"},
	} {
		t.Run(test.control, func(t *testing.T) {
			t.Parallel()
			l := startLab(t, estate())
			sound := len(scanLive(t, labOptions(l, storesRegion), nil, test.control).findings)
			l.Inject(lab.Fault{
				Match: lab.Match{Operation: test.operation}, Resource: test.id, Effect: lab.OddResource,
				Odd: &lab.Odd{Omit: []string{test.field}},
			})
			got := scanLive(t, labOptions(l, storesRegion), nil, test.control)
			f := got.of(test.control, test.id)
			if f.Status != finding.NotAvailable || len(f.Missing) != 1 || f.Missing[0].Reason != resource.ReasonOmitted && f.Missing[0].Reason != resource.ReasonFailed {
				t.Errorf("%s is %s, missing %+v", test.id, f.Status, f.Missing)
			}
			if len(got.findings) != sound {
				t.Errorf("%d findings, %d without the odd one", len(got.findings), sound)
			}
		})
	}
}

func TestASnapshotIsNotPrivateBecauseAWSDoesNotSay(t *testing.T) {
	t.Parallel()
	l := startLab(t, estate())
	l.Inject(lab.Fault{
		Match: lab.Match{Operation: "DescribeSnapshotAttribute"}, Resource: "snap-public", Effect: lab.OddResource,
		Odd: &lab.Odd{Omit: []string{"createVolumePermission"}},
	})
	got := scanLive(t, labOptions(l, storesRegion), nil, "EC2.1")
	if f := got.of("EC2.1", storesRegion); f.Status != finding.NotAvailable || len(got.gaps) != 1 || got.gaps[0].Reason != finding.GapMalformed {
		t.Errorf("%s, gaps %+v", f.Status, got.gaps)
	}
}

func TestAnUnreadVaultIsNamedAndHidesNoOther(t *testing.T) {
	t.Parallel()
	l := startLab(t, estate())
	sound := scanLive(t, labOptions(l, storesRegion), nil, "Backup.1")
	l.Inject(lab.Fault{Match: lab.Match{Operation: "ListRecoveryPointsByBackupVault"}, Effect: lab.Denied, First: 1})
	got := scanLive(t, labOptions(l, storesRegion), nil, "Backup.1")
	if len(got.gaps) != 1 || !strings.Contains(got.gaps[0].Detail, "backup vault ") || len(sound.findings) == 0 {
		t.Errorf("gaps %+v", got.gaps)
	}
}

func TestABucketIsAskedWhereItIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		odd   lab.Odd
		calls map[string]int
	}{
		"the list tells another region, and S3 sends the caller on": {
			lab.Odd{Raw: map[string]string{"BucketRegion": storesRegion}}, map[string]int{"GetBucketVersioning": 2},
		},
		"the list does not tell the region": {
			lab.Odd{Omit: []string{"BucketRegion"}}, map[string]int{"GetBucketVersioning": 1, "GetBucketLocation": 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := lab.NewWorld(nil)
			world.Account(storesAccount).AddBucket(lab.Bucket{Name: "moved", Versioning: "Enabled"})
			l := startLab(t, world)
			l.Inject(lab.Fault{Match: lab.Match{Operation: "ListBuckets"}, Resource: "moved", Effect: lab.OddResource, Odd: &test.odd})
			got := scanLive(t, labOptions(l, storesRegion, "us-east-1"), nil, "S3.14")
			if f := got.of("S3.14", "moved"); f.Status != finding.Passed || f.Resource.Region != "us-east-1" || len(got.findings) != 1 {
				t.Errorf("verdicts %v, region %s, gaps %+v", got.verdicts(), f.Resource.Region, got.gaps)
			}
			for operation, want := range test.calls {
				if n := l.CallCount(lab.Match{Operation: operation}); n != want {
					t.Errorf("%s was called %d times, want %d", operation, n, want)
				}
			}
		})
	}
}

func TestABucketThatSentTheCallerOnIsAskedThereAtOnce(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(storesAccount).AddBucket(lab.Bucket{Name: "moved", Versioning: "Enabled"})
	l := startLab(t, world)
	l.Inject(lab.Fault{
		Match: lab.Match{Operation: "ListBuckets"}, Resource: "moved", Effect: lab.OddResource,
		Odd: &lab.Odd{Raw: map[string]string{"BucketRegion": storesRegion}},
	})
	got := scanLive(t, labOptions(l, storesRegion, "us-east-1"), nil, "S3.14", "S3.15")
	if n := l.CallCount(lab.Match{Operation: "GetObjectLockConfiguration"}); n != 1 || len(got.findings) != 2 || len(got.gaps) != 0 {
		t.Errorf("%d calls, verdicts %v, gaps %+v", n, got.verdicts(), got.gaps)
	}
}

// A plan belongs to its region: those of others can neither be read there nor
// hide the ones that count.
func TestEveryRegionIsJudgedByItsOwnPlans(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	regions := []string{"eu-central-1", storesRegion, "us-east-1"}
	for _, name := range regions {
		world.Account(storesAccount).Region(name).AddTable(lab.Table{Name: "in-" + name}).AddTable(lab.Table{Name: "out-" + name}).
			AddBackupPlan(lab.BackupPlan{Name: "plan-" + name, Selections: []lab.BackupSelection{{
				Name: "one", Resources: []string{"arn:aws:dynamodb:*:*:table/in-" + name},
			}}})
	}
	l := startLab(t, world)
	got := scanLive(t, labOptions(l, regions...), nil, "DynamoDB.4")
	for _, name := range regions {
		if in, out := got.of("DynamoDB.4", "in-"+name), got.of("DynamoDB.4", "out-"+name); in.Status != finding.Passed || out.Status != finding.Failed {
			t.Errorf("%s: in the plan %s, in none %s", name, in.Status, out.Status)
		}
	}
	if plans := l.CallCount(lab.Match{Operation: "ListBackupPlans"}); plans != 3 || len(got.gaps) != 0 {
		t.Errorf("%d lists of plans, gaps %+v", plans, got.gaps)
	}
}
