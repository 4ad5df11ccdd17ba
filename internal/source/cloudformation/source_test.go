package cloudformation_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

func TestTagsOfAResource(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{
		"t.yaml": `
Parameters: {Open: {Type: String}}
Resources:
  List: {Type: "AWS::Neptune::DBCluster", Properties: {Tags: [{Key: env, Value: prod}, {Key: n, Value: 7}]}}
  None: {Type: "AWS::Neptune::DBCluster"}
  Open: {Type: "AWS::Neptune::DBCluster", Properties: {Tags: [{Key: env, Value: !Ref Open}]}}
`,
		"p.json": `{"Parameters": {}, "Tags": {"env": "test", "owner": "graph"}}`,
	})
	for name, test := range map[string]struct {
		files []string
		want  map[string]string
	}{
		"its own": {nil, map[string]string{"List": "{env=prod, n=7}", "None": "absent", "Open": "unknown"}},
		"and those of the stack": {[]string{filepath.Join(dir, "p.json")}, map[string]string{
			"List": "{env=prod, n=7, owner=graph}", "None": "{env=test, owner=graph}", "Open": "unknown",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := resources(t, cloudformation.Options{ParameterFiles: test.files}, resource.Wants{"Thing": {"Tags"}}, filepath.Join(dir, "t.yaml"))
			found := make(map[string]string)
			for _, r := range got.found {
				found[r.ID] = r.Get("Tags").String()
			}
			if diff := cmp.Diff(test.want, found); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestWhatAResourceTellsOfItsPlace(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"t.yaml": "Resources:\n  A:\n    Type: AWS::Neptune::DBCluster\n"})
	got := resources(t, cloudformation.Options{Parameters: map[string]string{"AWS::Region": "cn-north-1", "AWS::AccountId": "111122223333"}},
		resource.Wants{"Thing": {"Ghost", "Name"}, "Nameless": {}}, filepath.Join(dir, "t.yaml"))
	want := resource.Ref{
		Type: "Thing", ID: "A", Account: "111122223333", Region: "cn-north-1", Partition: "aws-cn",
		Origin: resource.Origin{File: filepath.Join(dir, "t.yaml"), Line: 2, EndLine: 3, Address: "A"},
	}
	if diff := cmp.Diff(want, got.found[0].Ref); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	// A property that is always there and that templates cannot state is
	// unknown, not absent.
	if missing := got.found[0].Get("Ghost").Missing(); missing == nil || missing.Settle == "" {
		t.Errorf("Ghost is %s", got.found[0].Get("Ghost"))
	}
}

func TestPropertiesWithinProperties(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"t.yaml": `
Parameters: {On: {Type: String, Default: "true"}}
Resources:
  A:
    Type: AWS::DynamoDB::Table
    Properties:
      PointInTimeRecoverySpecification:
        RecoveryPeriodInDays: 7
        PointInTimeRecoveryEnabled: !Ref On
  B: {Type: "AWS::DynamoDB::Table", Properties: {PointInTimeRecoverySpecification: {RecoveryPeriodInDays: 7}}}
  C: {Type: "AWS::DynamoDB::Table"}
`})
	got := resources(t, cloudformation.Options{}, resource.Wants{"Table": {"Recoverable"}}, filepath.Join(dir, "t.yaml"))
	var values []string
	for _, r := range got.found {
		values = append(values, r.Get("Recoverable").String())
	}
	if strings.Join(values, " ") != "true absent absent" {
		t.Errorf("got %q", values)
	}
	at := got.found[0].Where["Recoverable"]
	if at.Line != 9 || at.Defined == nil || at.Defined.Line != 2 {
		t.Errorf("it stands in %+v, defined in %+v", at, at.Defined)
	}
}

// A serverless table becomes a table that nobody can see yet: a gap, but only
// for those who ask for tables.
func TestServerlessTablesAreTold(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"t.yaml": "Transform: AWS::Serverless-2016-10-31\nResources:\n  A: {Type: \"AWS::Serverless::SimpleTable\"}\n"})
	for want, wants := range map[int]resource.Wants{1: {"Table": {"Recoverable"}}, 0: {"Thing": {"Name"}}} {
		got := resources(t, cloudformation.Options{}, wants, filepath.Join(dir, "t.yaml"))
		if len(got.gaps) != want {
			t.Errorf("gaps %+v, want %d", got.gaps, want)
		}
	}
}

func TestAnInterruptedReadIsAGap(t *testing.T) {
	t.Parallel()
	dir := write(t, map[string]string{"t.yaml": "Resources:\n  A: {Type: \"AWS::Neptune::DBCluster\"}\n"})
	listing, err := cloudformation.New([]string{dir}, cloudformation.Options{}).List(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	out := &kept{}
	if err := listing.Units[0].Read(ctx, out); err != nil {
		t.Fatal(err)
	}
	if len(out.gaps) != 1 || out.gaps[0].Reason != finding.GapInterrupted || out.gaps[0].File == "" {
		t.Errorf("gaps %+v", out.gaps)
	}
}

// Templates that nest one another widely come to an end, and say so.
func TestStacksThatMultiply(t *testing.T) {
	t.Parallel()
	var wide strings.Builder
	wide.WriteString("Resources:\n  Graph: {Type: \"AWS::Neptune::DBCluster\"}\n")
	files := map[string]string{"0.yaml": wide.String()}
	for level, next := 1, "0.yaml"; level < 10; level++ {
		var text strings.Builder
		text.WriteString("Resources:\n")
		for i := range 20 {
			text.WriteString("  S" + string(rune('a'+i)) + ": {Type: \"AWS::CloudFormation::Stack\", Properties: {TemplateURL: " + next + "}}\n")
		}
		next = string(rune('0'+level)) + ".yaml"
		files[next] = text.String()
	}
	dir := write(t, files)
	got := resources(t, cloudformation.Options{}, resource.Wants{"Thing": {"Name"}}, filepath.Join(dir, "9.yaml"))
	if len(got.found) == 0 || len(got.found) > 5_000 || len(got.gaps) == 0 {
		t.Errorf("%d resources, %d gaps", len(got.found), len(got.gaps))
	}
}

func TestOmittedRetentionFailsAndAnOpenOneNamesItsParameter(t *testing.T) {
	t.Parallel()
	got := one(t, `
Parameters:
  Days: {Type: Number}
Resources:
  Omitted: {Type: "AWS::Neptune::DBCluster"}
  Open: {Type: "AWS::Neptune::DBCluster", Properties: {BackupRetentionPeriod: !Ref Days}}
`, cloudformation.Options{})
	omitted := got.of(t, "Neptune.5", "Omitted")
	if omitted.Status != finding.Failed || omitted.Evidence[0].Actual.String() != "1" || !omitted.Evidence[0].Default {
		t.Errorf("omitted: %s on %+v", omitted.Status, omitted.Evidence)
	}
	open := got.of(t, "Neptune.5", "Open")
	if open.Status != finding.NotAvailable || settles(open) != "parameter Days" {
		t.Errorf("open: %s, settled by %q", open.Status, settles(open))
	}
}
