package rds_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/services"
)

// said lists what a scan says: control, resource, status, and for what could
// not be judged the input that would settle it.
type said struct {
	t     *testing.T
	lines []string
}

func (*said) Begin(*finding.Header) error { return nil }
func (*said) End(*finding.Footer) error   { return nil }

func (s *said) Gap(g *finding.Gap) error {
	s.t.Errorf("gap: %+v", *g)
	return nil
}

func (s *said) Finding(f *finding.Finding) error {
	line := strings.Join([]string{f.Control, f.Resource.ID, string(f.Status)}, " ")
	for _, m := range f.Missing {
		line += " " + m.Property + ": " + m.Settle
	}
	s.lines = append(s.lines, line)
	return nil
}

// judge scans one file of code, whose name tells what it is.
func judge(t *testing.T, name, text string, ids ...string) []string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := catalogue.Select(control.Selection{IDs: ids})
	if err != nil {
		t.Fatal(err)
	}
	params, err := catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	judge, err := engine.New(catalogue, chosen, params)
	if err != nil {
		t.Fatal(err)
	}
	var source scan.Source = cloudformation.New([]string{folder}, cloudformation.Options{Types: catalogue.Types, Joiners: services.CloudFormationJoiners()})
	if filepath.Ext(name) == ".tf" {
		source = directory.New([]string{folder}, terraform.NewMapping(catalogue.Types, services.TerraformJoiners()), directory.Options{})
	}
	s := &said{t: t}
	_, err = scan.Run(context.Background(), scan.Options{
		Source: source, Engine: judge, Handler: s, Concurrency: 1,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(s.lines)
	return s.lines
}

func TestWhatTerraformTakesOverFromElsewhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code     string
		controls []string
		want     []string
	}{
		"an instance that leaves the retention out has no backups": {
			`resource "aws_db_instance" "a" { engine = "mysql" }`, []string{"RDS.11"},
			[]string{"RDS.11 aws_db_instance.a FAILED"},
		},
		"a replica is excused from backups and encrypted as its source is": {
			`resource "aws_db_instance" "a" {
  identifier              = "orders"
  engine                  = "mysql"
  storage_encrypted       = true
  backup_retention_period = 7
}
resource "aws_db_instance" "b" { replicate_source_db = aws_db_instance.a.identifier }
resource "aws_db_instance" "c" { replicate_source_db = aws_db_instance.a.arn }`, []string{"RDS.3", "RDS.8", "RDS.11"},
			[]string{
				"RDS.11 aws_db_instance.a PASSED",
				"RDS.3 aws_db_instance.a PASSED", "RDS.3 aws_db_instance.b PASSED", "RDS.3 aws_db_instance.c PASSED",
				"RDS.8 aws_db_instance.a FAILED", "RDS.8 aws_db_instance.b FAILED", "RDS.8 aws_db_instance.c FAILED",
			},
		},
		"a replica of something that is not in the code": {
			`resource "aws_db_instance" "b" { replicate_source_db = "orders" }`, []string{"RDS.3", "RDS.8", "RDS.11"},
			[]string{
				"RDS.3 aws_db_instance.b NOT_AVAILABLE StorageEncrypted: replicate_source_db of aws_db_instance.b",
				"RDS.8 aws_db_instance.b NOT_AVAILABLE Engine: replicate_source_db of aws_db_instance.b",
			},
		},
		"an instance restored from a snapshot keeps what nobody knows here": {
			`resource "aws_db_instance" "a" {
  engine              = "mysql"
  snapshot_identifier = "orders-kept"
}`, []string{"RDS.3", "RDS.8", "RDS.11"},
			[]string{
				"RDS.11 aws_db_instance.a NOT_AVAILABLE BackupRetentionPeriod: snapshot_identifier of aws_db_instance.a",
				"RDS.3 aws_db_instance.a NOT_AVAILABLE StorageEncrypted: snapshot_identifier of aws_db_instance.a",
				"RDS.8 aws_db_instance.a FAILED",
			},
		},
		"an instance restored to a moment": {
			`resource "aws_db_instance" "a" {
  engine                  = "mysql"
  backup_retention_period = 7
  restore_to_point_in_time { source_db_instance_identifier = "orders" }
}`, []string{"RDS.3", "RDS.11"},
			[]string{"RDS.11 aws_db_instance.a PASSED", "RDS.3 aws_db_instance.a NOT_AVAILABLE StorageEncrypted: restore_to_point_in_time of aws_db_instance.a"},
		},
		"a cluster restored from a snapshot": {
			`resource "aws_rds_cluster" "a" {
  engine              = "aurora-mysql"
  snapshot_identifier = "shop-kept"
}
resource "aws_rds_cluster_instance" "a" {
  cluster_identifier = aws_rds_cluster.a.id
  engine             = aws_rds_cluster.a.engine
}`, []string{"RDS.3", "RDS.11", "RDS.27", "RDS.50"},
			[]string{
				"RDS.27 aws_rds_cluster.a NOT_AVAILABLE StorageEncrypted: snapshot_identifier of aws_rds_cluster.a",
				"RDS.3 aws_rds_cluster_instance.a NOT_AVAILABLE StorageEncrypted: snapshot_identifier of aws_rds_cluster.a",
				"RDS.50 aws_rds_cluster.a NOT_AVAILABLE BackupRetentionPeriod: backup_retention_period of aws_rds_cluster.a",
			},
		},
		"a key given to a restore encrypts": {
			`resource "aws_rds_cluster" "a" {
  engine              = "aurora-mysql"
  snapshot_identifier = "shop-kept"
  kms_key_id          = "arn:aws:kms:eu-west-1:111122223333:key/0d5f3c1e"
}`, []string{"RDS.27"}, []string{"RDS.27 aws_rds_cluster.a PASSED"},
		},
		"the first kind of Aurora Serverless is always encrypted": {
			`resource "aws_rds_cluster" "a" {
  engine      = "aurora-mysql"
  engine_mode = "serverless"
}`, []string{"RDS.27"}, []string{"RDS.27 aws_rds_cluster.a PASSED"},
		},
		"a Multi-AZ DB cluster needs no instances": {
			`variable "engine" { default = "postgres" }
resource "aws_rds_cluster" "a" { engine = var.engine }`, []string{"RDS.15", "RDS.47"},
			[]string{"RDS.15 aws_rds_cluster.a PASSED", "RDS.47 aws_rds_cluster.a FAILED"},
		},
		"an engine that nobody knows settles nothing": {
			`variable "engine" {}
resource "aws_rds_cluster" "a" { engine = var.engine }`, []string{"RDS.7", "RDS.16"},
			[]string{"RDS.16 aws_rds_cluster.a NOT_AVAILABLE Engine: variable engine", "RDS.7 aws_rds_cluster.a FAILED"},
		},
		"an engine in capital letters is the same engine": {
			`resource "aws_db_instance" "a" { engine = "MySQL" }
resource "aws_rds_cluster" "c" { engine = "Postgres" }`, []string{"RDS.8", "RDS.15", "RDS.47"},
			[]string{"RDS.15 aws_rds_cluster.c PASSED", "RDS.47 aws_rds_cluster.c FAILED", "RDS.8 aws_db_instance.a FAILED"},
		},
		"a member of a cluster that nobody knows is a member": {
			`variable "cluster" {}
resource "aws_rds_cluster_instance" "a" {
  cluster_identifier = var.cluster
  engine             = "aurora-mysql"
}`, []string{"RDS.3", "RDS.5", "RDS.8", "RDS.11", "RDS.17", "RDS.26"},
			[]string{"RDS.3 aws_rds_cluster_instance.a NOT_AVAILABLE StorageEncrypted: variable cluster"},
		},
		"a member has no argument for deletion protection": {
			`resource "aws_rds_cluster_instance" "a" {
  cluster_identifier = "ledger"
  engine             = "postgres"
}`, []string{"RDS.8"},
			[]string{"RDS.8 aws_rds_cluster_instance.a NOT_AVAILABLE DeletionProtection: a scan of the live account"},
		},
		"a replica of another cluster is made anew, and keeps backups for a day": {
			`resource "aws_rds_cluster" "a" {
  engine                        = "aurora-mysql"
  replication_source_identifier = "arn:aws:rds:us-east-1:111122223333:cluster:shop"
}`, []string{"RDS.27", "RDS.50"},
			[]string{
				"RDS.27 aws_rds_cluster.a NOT_AVAILABLE StorageEncrypted: replication_source_identifier of aws_rds_cluster.a",
				"RDS.50 aws_rds_cluster.a FAILED",
			},
		},
		"a backup plan of the same code takes an instance by its ARN, by all instances, or by a tag": {
			`resource "aws_db_instance" "a" { engine = "mysql" }
resource "aws_db_instance" "b" {
  engine     = "mysql"
  identifier = "orders"
}
resource "aws_db_instance" "c" {
  engine = "mysql"
  tags   = { backup = "daily" }
}
resource "aws_backup_selection" "a" {
  plan_id   = "p"
  resources = [aws_db_instance.a.arn, "arn:aws:rds:*:*:db:orders"]
}
resource "aws_backup_selection" "b" {
  plan_id = "q"
  selection_tag {
    type  = "STRINGEQUALS"
    key   = "backup"
    value = "daily"
  }
}`, []string{"RDS.26"},
			[]string{"RDS.26 aws_db_instance.a PASSED", "RDS.26 aws_db_instance.b PASSED", "RDS.26 aws_db_instance.c PASSED"},
		},
		"a backup plan that takes something else settles nothing": {
			`resource "aws_db_instance" "a" {
  engine     = "mysql"
  identifier = "orders"
}
resource "aws_backup_selection" "a" {
  plan_id   = "p"
  resources = ["arn:aws:rds:*:*:instance:*", "arn:aws:rds:*:*:cluster:*"]
}`, []string{"RDS.26"},
			[]string{"RDS.26 aws_db_instance.a NOT_AVAILABLE BackupPlans: a scan of the live account"},
		},
		"snapshots and their copies": {
			`resource "aws_db_snapshot" "a" {
  db_instance_identifier = "elsewhere"
  shared_accounts        = ["all"]
}
resource "aws_db_snapshot_copy" "b" {
  source_db_snapshot_identifier = aws_db_snapshot.a.db_snapshot_arn
  kms_key_id                    = "arn:aws:kms:eu-west-1:111122223333:key/0d5f3c1e"
}
resource "aws_db_snapshot_copy" "c" { source_db_snapshot_identifier = "orders-kept" }`, []string{"RDS.1", "RDS.4"},
			[]string{
				"RDS.1 aws_db_snapshot.a FAILED", "RDS.1 aws_db_snapshot_copy.b PASSED", "RDS.1 aws_db_snapshot_copy.c PASSED",
				"RDS.4 aws_db_snapshot.a NOT_AVAILABLE StorageEncrypted: db_instance_identifier of aws_db_snapshot.a",
				"RDS.4 aws_db_snapshot_copy.b PASSED",
				"RDS.4 aws_db_snapshot_copy.c NOT_AVAILABLE StorageEncrypted: source_db_snapshot_identifier of aws_db_snapshot_copy.c",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, judge(t, "main.tf", test.code, test.controls...)); diff != "" {
				t.Errorf("want (-), got (+)\n%s", diff)
			}
		})
	}
}

func TestWhatATemplateTakesOverFromElsewhere(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		code     string
		controls []string
		want     []string
	}{
		"an instance that leaves the retention out keeps one day": {
			`
  A: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql}}`, []string{"RDS.11"}, []string{"RDS.11 A FAILED"},
		},
		"a replica": {
			`
  A: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, StorageEncrypted: true, BackupRetentionPeriod: 7}}
  B: {Type: AWS::RDS::DBInstance, Properties: {SourceDBInstanceIdentifier: !Ref A}}`, []string{"RDS.3", "RDS.8", "RDS.11"},
			[]string{"RDS.11 A PASSED", "RDS.3 A PASSED", "RDS.3 B PASSED", "RDS.8 A FAILED", "RDS.8 B FAILED"},
		},
		"a restore to a moment is no replica": {
			`
  A: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, SourceDBInstanceIdentifier: orders, UseLatestRestorableTime: true}}`, []string{"RDS.11"},
			[]string{"RDS.11 A NOT_AVAILABLE BackupRetentionPeriod: SourceDBInstanceIdentifier of A"},
		},
		"a restore from a snapshot": {
			`
  A: {Type: AWS::RDS::DBInstance, Properties: {DBSnapshotIdentifier: orders-kept, BackupRetentionPeriod: 7}}`, []string{"RDS.3", "RDS.8", "RDS.11"},
			[]string{
				"RDS.11 A PASSED", "RDS.3 A NOT_AVAILABLE StorageEncrypted: DBSnapshotIdentifier of A",
				"RDS.8 A NOT_AVAILABLE Engine: DBSnapshotIdentifier of A",
			},
		},
		"members of a cluster": {
			`
  C: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-postgresql, StorageEncrypted: true}}
  A: {Type: AWS::RDS::DBInstance, Properties: {Engine: aurora-postgresql, DBClusterIdentifier: !Ref C, AvailabilityZone: eu-west-1a}}
  B: {Type: AWS::RDS::DBInstance, Properties: {Engine: aurora-postgresql, DBClusterIdentifier: !Ref C, AvailabilityZone: eu-west-1b}}`,
			[]string{"RDS.3", "RDS.5", "RDS.8", "RDS.11", "RDS.15", "RDS.17"},
			[]string{"RDS.15 C PASSED", "RDS.3 A PASSED", "RDS.3 B PASSED"},
		},
		"an engine in capital letters is the same engine": {
			`
  A: {Type: AWS::RDS::DBInstance, Properties: {Engine: MySQL}}
  C: {Type: AWS::RDS::DBCluster, Properties: {Engine: Aurora-MySQL}}
  M: {Type: AWS::RDS::DBCluster, Properties: {Engine: Postgres}}`, []string{"RDS.8", "RDS.14", "RDS.15", "RDS.16", "RDS.47"},
			[]string{"RDS.14 C FAILED", "RDS.15 C FAILED", "RDS.15 M PASSED", "RDS.16 C FAILED", "RDS.47 M FAILED", "RDS.8 A FAILED"},
		},
		"an Aurora instance of a cluster in another stack is a member": {
			`
  A: {Type: AWS::RDS::DBInstance, Properties: {Engine: aurora-mysql, DBClusterIdentifier: !ImportValue shop}}`,
			[]string{"RDS.3", "RDS.5", "RDS.11", "RDS.17", "RDS.26"},
			[]string{"RDS.3 A NOT_AVAILABLE StorageEncrypted: the export shop"},
		},
		"a replica of another cluster is made anew, and keeps backups for a day": {
			`
  C: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql, ReplicationSourceIdentifier: "arn:aws:rds:us-east-1:111122223333:cluster:shop"}}`,
			[]string{"RDS.50"}, []string{"RDS.50 C FAILED"},
		},
		"a replica that says it is no restore": {
			`
  A: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, SourceDBInstanceIdentifier: orders, UseLatestRestorableTime: false}}`, []string{"RDS.11", "RDS.17"},
			[]string{"RDS.17 A FAILED"},
		},
		"a backup plan of the same stack": {
			`
  A: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql}}
  B: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, Tags: [{Key: backup, Value: daily}]}}
  C: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, DBInstanceIdentifier: orders}}
  S: {Type: AWS::Backup::BackupSelection, Properties: {BackupPlanId: p, BackupSelection: {Resources: [!GetAtt A.DBInstanceArn]}}}
  T: {Type: AWS::Backup::BackupSelection, Properties: {BackupPlanId: p, BackupSelection: {ListOfTags: [{ConditionType: STRINGEQUALS, ConditionKey: backup, ConditionValue: daily}]}}}`,
			[]string{"RDS.26"},
			[]string{"RDS.26 A PASSED", "RDS.26 B PASSED", "RDS.26 C NOT_AVAILABLE BackupPlans: a scan of the live account"},
		},
		"a cluster made from a snapshot keeps what nobody knows here": {
			`
  C: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql, SnapshotIdentifier: shop-kept}}`, []string{"RDS.27", "RDS.50"},
			[]string{
				"RDS.27 C NOT_AVAILABLE StorageEncrypted: SnapshotIdentifier shop-kept",
				"RDS.50 C NOT_AVAILABLE BackupRetentionPeriod: BackupRetentionPeriod of C",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, judge(t, "template.yaml", "AWSTemplateFormatVersion: \"2010-09-09\"\nResources:"+test.code+"\n", test.controls...)); diff != "" {
				t.Errorf("want (-), got (+)\n%s", diff)
			}
		})
	}
}

func TestEachKindOfSnapshotIsNamedToSecurityHubAsWhatItIs(t *testing.T) {
	t.Parallel()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	e, err := engine.New(catalogue, []*control.Control{catalogue.Find("RDS.1")}, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := e.Controls()[0]
	want := map[string]string{
		"AWS::RDS::DBClusterSnapshot": "AwsRdsDbClusterSnapshot", "AWS::Neptune::DBClusterSnapshot": "AwsRdsDbClusterSnapshot",
		"AWS::DocDB::DBClusterSnapshot": "AwsRdsDbClusterSnapshot",
	}
	if diff := cmp.Diff(want, got.AlsoASFF); diff != "" || got.ASFFType != "AwsRdsDbSnapshot" {
		t.Errorf("%s, and want (-), got (+)\n%s", got.ASFFType, diff)
	}
}
