package services

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/directory"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
)

// judgeCode lists the verdicts about one file of code, whose name tells what it
// is.
func judgeCode(t *testing.T, name, text string, controls ...string) []string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	catalogue := builtIn(t)
	chosen, err := catalogue.Select(control.Selection{IDs: controls})
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
	var source scan.Source = cloudformation.New([]string{folder}, cloudformation.Options{Types: catalogue.Types, Joiners: CloudFormationJoiners()})
	mapping := terraform.NewMapping(catalogue.Types, TerraformJoiners())
	switch filepath.Ext(name) {
	case ".tf":
		source = directory.New([]string{folder}, mapping, directory.Options{})
	case ".json":
		source = planfile.New([]string{filepath.Join(folder, name)}, mapping)
	}
	var got told
	if _, err := scan.Run(t.Context(), scan.Options{
		Source: source, Engine: judge, Handler: &got, Concurrency: 1,
		Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) },
	}); err != nil {
		t.Fatal(err)
	}
	for i := range got.gaps {
		t.Errorf("gap %+v", got.gaps[i])
	}
	verdicts := got.verdicts()
	slices.Sort(verdicts)
	return verdicts
}

func TestWhatCodeOfStoresLeavesToAWS(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		terraform, template string
		controls            []string
		want                []string
	}{
		"a bucket made with Object Lock keeps versions": {
			terraform: `resource "aws_s3_bucket" "a" { object_lock_enabled = true }`,
			controls:  []string{"S3.14", "S3.15"},
			want:      []string{"S3.14 aws_s3_bucket.a PASSED", "S3.15 aws_s3_bucket.a PASSED"},
		},
		"a bucket without Object Lock keeps none": {
			terraform: `resource "aws_s3_bucket" "a" { object_lock_enabled = false }`,
			controls:  []string{"S3.14", "S3.15"},
			want:      []string{"S3.14 aws_s3_bucket.a FAILED", "S3.15 aws_s3_bucket.a FAILED"},
		},
		"a template makes a bucket with Object Lock": {
			template: `Resources:
  A: {Type: "AWS::S3::Bucket", Properties: {ObjectLockEnabled: true}}`,
			controls: []string{"S3.14", "S3.15"},
			want:     []string{"S3.14 A PASSED", "S3.15 A PASSED"},
		},
		"a template turns Object Lock on in its configuration": {
			template: `Resources:
  A: {Type: "AWS::S3::Bucket", Properties: {ObjectLockConfiguration: {ObjectLockEnabled: Enabled}}}`,
			controls: []string{"S3.14", "S3.15"},
			want:     []string{"S3.14 A PASSED", "S3.15 A PASSED"},
		},
		"a template says that Object Lock is off": {
			template: `Resources:
  A: {Type: "AWS::S3::Bucket", Properties: {ObjectLockEnabled: false}}`,
			controls: []string{"S3.14", "S3.15"},
			want:     []string{"S3.14 A FAILED", "S3.15 A FAILED"},
		},
		"a template leaves Object Lock to a parameter": {
			template: `Parameters: {Lock: {Type: String}}
Resources:
  A: {Type: "AWS::S3::Bucket", Properties: {ObjectLockEnabled: !Ref Lock}}`,
			controls: []string{"S3.14", "S3.15"},
			want:     []string{"S3.14 A NOT_AVAILABLE", "S3.15 A NOT_AVAILABLE"},
		},
		"a One Zone file system is backed up unless somebody says no": {
			terraform: `resource "aws_efs_file_system" "a" { availability_zone_name = "eu-west-1a" }`,
			controls:  []string{"EFS.2", "EFS.7"},
			want:      []string{"EFS.2 aws_efs_file_system.a PASSED", "EFS.7 aws_efs_file_system.a PASSED"},
		},
		"somebody says no": {
			terraform: `resource "aws_efs_file_system" "a" { availability_zone_name = "eu-west-1a" }
resource "aws_efs_backup_policy" "a" {
  file_system_id = aws_efs_file_system.a.id
  backup_policy { status = "DISABLED" }
}`,
			controls: []string{"EFS.7"},
			want:     []string{"EFS.7 aws_efs_file_system.a FAILED"},
		},
		"a template does not tell what becomes of a One Zone file system": {
			template: `Resources:
  A: {Type: "AWS::EFS::FileSystem", Properties: {AvailabilityZoneName: eu-west-1a}}
  B: {Type: "AWS::EFS::FileSystem"}`,
			controls: []string{"EFS.7"},
			want:     []string{"EFS.7 A NOT_AVAILABLE", "EFS.7 B FAILED"},
		},
		"a restored Redshift cluster takes over a retention": {
			template: `Resources:
  A: {Type: "AWS::Redshift::Cluster", Properties: {SnapshotIdentifier: kept}}
  B: {Type: "AWS::Redshift::Cluster", Properties: {SnapshotIdentifier: kept, AutomatedSnapshotRetentionPeriod: 7}}
  C: {Type: "AWS::Redshift::Cluster"}`,
			controls: []string{"Redshift.3"},
			want:     []string{"Redshift.3 A NOT_AVAILABLE", "Redshift.3 B PASSED", "Redshift.3 C FAILED"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, text := "main.tf", test.terraform
			if text == "" {
				file, text = "template.yaml", test.template
			}
			if diff := cmp.Diff(test.want, judgeCode(t, file, text, test.controls...)); diff != "" {
				t.Errorf("verdicts (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOnlyAPlanThatSurelyTakesItCounts(t *testing.T) {
	t.Parallel()
	const table = `resource "aws_dynamodb_table" "orders" {
  name = "orders"
  tags = { backup = "daily" }
}
resource "aws_backup_plan" "daily" { name = "daily" }
`
	for name, test := range map[string]struct{ selection, want string }{
		"everything":                        {`resources = ["*"]`, "PASSED"},
		"nothing said, which is everything": {``, "PASSED"},
		"everything but a table of this name in some account": {
			"resources = [\"*\"]\nnot_resources = [\"arn:aws:dynamodb:eu-west-1:111122223333:table/orders\"]", "NOT_AVAILABLE",
		},
		"everything but a table of another name": {
			"resources = [\"*\"]\nnot_resources = [\"arn:aws:dynamodb:eu-west-1:111122223333:table/carts\"]", "PASSED",
		},
		"a tag that it has, or databases": {
			"resources = [\"arn:aws:rds:*:*:db:*\"]\nselection_tag {\n type = \"STRINGEQUALS\"\n key = \"backup\"\n value = \"daily\"\n}", "PASSED",
		},
		"a condition that is not known": {
			"resources = [\"*\"]\ndynamic \"condition\" {\n for_each = var.conditions\n content {\n string_equals {\n key = condition.key\n value = condition.value\n }\n }\n}", "NOT_AVAILABLE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := table + "variable \"conditions\" {}\nresource \"aws_backup_selection\" \"s\" {\n name = \"s\"\n iam_role_arn = \"r\"\n plan_id = aws_backup_plan.daily.id\n" + test.selection + "\n}\n"
			if got := judgeCode(t, "main.tf", code, "DynamoDB.4"); !slices.Equal(got, []string{"DynamoDB.4 aws_dynamodb_table.orders " + test.want}) {
				t.Errorf("%v, want %s", got, test.want)
			}
		})
	}
}

func TestOnlyAPlanInATemplateThatSurelyTakesItCounts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ selection, want string }{
		"everything": {`{Resources: ["*"]}`, "PASSED"},
		"everything but a table of this name in some account": {
			`{Resources: ["*"], NotResources: ["arn:aws:dynamodb:eu-west-1:111122223333:table/orders"]}`, "NOT_AVAILABLE",
		},
		"conditions that are not known": {`{Resources: ["*"], Conditions: !If [Unknown, {StringEquals: []}, !Ref "AWS::NoValue"]}`, "NOT_AVAILABLE"},
		"one condition that is not known": {
			`{Resources: ["*"], Conditions: {StringEquals: !If [Unknown, [{ConditionKey: "aws:ResourceTag/a", ConditionValue: b}], !Ref "AWS::NoValue"]}}`, "NOT_AVAILABLE",
		},
		"tags that are not known": {`{ListOfTags: !If [Unknown, [{ConditionType: STRINGEQUALS, ConditionKey: a, ConditionValue: b}], !Ref "AWS::NoValue"]}`, "NOT_AVAILABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code := `Parameters: {P: {Type: String}}
Conditions: {Unknown: !Equals [!Ref P, x]}
Resources:
  Orders: {Type: "AWS::DynamoDB::Table", Properties: {TableName: orders}}
  Daily: {Type: "AWS::Backup::BackupPlan"}
  S: {Type: "AWS::Backup::BackupSelection", Properties: {BackupPlanId: !Ref Daily, BackupSelection: ` + test.selection + "}}\n"
			if got := judgeCode(t, "template.yaml", code, "DynamoDB.4"); !slices.Equal(got, []string{"DynamoDB.4 Orders " + test.want}) {
				t.Errorf("%v, want %s", got, test.want)
			}
		})
	}
}

// A plan calls known only after apply also what its code leaves out, where the
// provider takes over whatever AWS answers.
func TestWhatAPlanCallsUnknownIsNotThereWhereItsCodeLeavesItOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ typ, after, attribute, control, leftOut string }{
		"no versioning":                 {"aws_s3_bucket", `{"bucket":"a"}`, "versioning", "S3.14", "FAILED"},
		"no Object Lock":                {"aws_s3_bucket", `{"bucket":"a"}`, "object_lock_enabled", "S3.15", "FAILED"},
		"no recovery":                   {"aws_dynamodb_table", `{"name":"a"}`, "point_in_time_recovery", "DynamoDB.2", "FAILED"},
		"a cluster that is in no group": {"aws_elasticache_cluster", `{"engine":"redis"}`, "replication_group_id", "ElastiCache.1", "FAILED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for expressions, status := range map[string]string{
				`{}`: test.leftOut,
				`{"` + test.attribute + `":{"references":["data.x.y.z","data.x.y"]}}`: "NOT_AVAILABLE",
			} {
				plan := fmt.Sprintf(`{"format_version":"1.2","resource_changes":[{"address":"%[1]s.a","mode":"managed","type":"%[1]s","name":"a",
					"change":{"actions":["create"],"before":null,"after":%[2]s,"after_unknown":{"%[3]s":true}}}],
					"configuration":{"root_module":{"resources":[{"address":"%[1]s.a","mode":"managed","type":"%[1]s","name":"a","expressions":%[4]s}]}}}`,
					test.typ, test.after, test.attribute, expressions)
				if got := judgeCode(t, "plan.json", plan, test.control); !slices.Equal(got, []string{test.control + " " + test.typ + ".a " + status}) {
					t.Errorf("with the expressions %s: %v, want %s", expressions, got, status)
				}
			}
		})
	}
}

func TestASelectionInAPlanSaysNothingThatItsCodeLeavesOut(t *testing.T) {
	t.Parallel()
	for expressions, want := range map[string]string{
		`"resources":{"constant_value":["*"]}`: "PASSED",
		`"resources":{"constant_value":["*"]},"not_resources":{"references":["data.x.y.z","data.x.y"]}`: "NOT_AVAILABLE",
	} {
		plan := `{"format_version":"1.2","resource_changes":[
			{"address":"aws_dynamodb_table.a","mode":"managed","type":"aws_dynamodb_table","name":"a",
			 "change":{"actions":["create"],"before":null,"after":{"name":"a"},"after_unknown":{"arn":true}}},
			{"address":"aws_backup_selection.s","mode":"managed","type":"aws_backup_selection","name":"s",
			 "change":{"actions":["create"],"before":null,"after":{"resources":["*"]},"after_unknown":{"plan_id":true,"condition":true,"not_resources":true}}}],
			"configuration":{"root_module":{"resources":[
			{"address":"aws_dynamodb_table.a","mode":"managed","type":"aws_dynamodb_table","name":"a","expressions":{}},
			{"address":"aws_backup_selection.s","mode":"managed","type":"aws_backup_selection","name":"s","expressions":{` + expressions + `}}]}}}`
		if got := judgeCode(t, "plan.json", plan, "DynamoDB.4"); !slices.Equal(got, []string{"DynamoDB.4 aws_dynamodb_table.a " + want}) {
			t.Errorf("with %s: %v, want %s", expressions, got, want)
		}
	}
}
