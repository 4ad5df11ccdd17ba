package planfile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
	"github.com/holdfast-aws/holdfast/services"
)

func identities(t *testing.T, file string) ([]planfile.Identity, error) {
	t.Helper()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
	return planfile.Identities(t.Context(), file, terraform.NewMapping(catalogue.Types, nil))
}

// raw is a raw state of resources in the form of version 4.
func raw(resources ...string) string {
	return `{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","resources":[` + strings.Join(resources, ",") + `]}`
}

func TestAStateTellsWhatItsInstancesAreCalled(t *testing.T) {
	t.Parallel()
	const (
		arn   = "arn:aws:rds:eu-west-1:111122223333:cluster:a"
		type1 = "AWS::Neptune::DBCluster"
	)
	one := func(attributes, more string) string {
		return fmt.Sprintf(`{"mode":"managed","type":"aws_neptune_cluster","name":"x","instances":[{"attributes":{%s}%s}]}`, attributes, more)
	}
	here := planfile.Identity{Type: type1, Address: "aws_neptune_cluster.x", ARN: arn, ID: "a", UID: "cluster-A", Account: "111122223333", Region: "eu-west-1", Line: 1}
	for name, test := range map[string]struct {
		text string
		want []planfile.Identity
	}{
		"a raw state": {raw(one(`"arn":"`+arn+`","id":"a","cluster_resource_id":"cluster-A","master_password":"secret"`, "")), []planfile.Identity{here}},
		"a state that was shown": {`{"format_version":"1.0","terraform_version":"1.11.4","values":{"root_module":{"child_modules":[{"resources":[
			{"address":"module.m[\"k\"].aws_neptune_cluster.x","mode":"managed","type":"aws_neptune_cluster","values":{"arn":"` + arn + `","id":"a"}}]}]}}}`,
			[]planfile.Identity{{Type: type1, Address: `module.m["k"].aws_neptune_cluster.x`, ARN: arn, ID: "a", Account: "111122223333", Region: "eu-west-1", Line: 2}}},
		"a snapshot keeps its ARN under another name": {raw(`{"mode":"managed","type":"aws_neptune_cluster_snapshot","name":"x","instances":[{"attributes":{"db_cluster_snapshot_arn":"arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:a","id":"a"}}]}`),
			[]planfile.Identity{{Type: "AWS::Neptune::DBClusterSnapshot", Address: "aws_neptune_cluster_snapshot.x", ARN: "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:a", ID: "a", Account: "111122223333", Region: "eu-west-1", Line: 1}}},
		"everything sensitive": {raw(one(`"arn":"`+arn+`","id":"a"`, `,"sensitive_attributes":[[]]`)), []planfile.Identity{{Type: type1, Address: "aws_neptune_cluster.x", Line: 1}}},
		"the ARN sensitive": {raw(one(`"arn":"`+arn+`","id":"a"`, `,"sensitive_attributes":[[{"type":"get_attr","value":"arn"}]]`)),
			[]planfile.Identity{{Type: type1, Address: "aws_neptune_cluster.x", ID: "a", Line: 1}}},
		"one that names no place beside one that does": {raw(one(`"arn":"`+arn+`","id":"a","cluster_resource_id":"cluster-A"`, ""), strings.Replace(one(`"id":"b"`, ""), `"x"`, `"y"`, 1)),
			[]planfile.Identity{here, {Type: type1, Address: "aws_neptune_cluster.y", ID: "b", Account: "111122223333", Region: "eu-west-1", Line: 1}}},
		"one that names no place beside two that differ": {raw(one(`"arn":"`+arn+`","id":"a","cluster_resource_id":"cluster-A"`, ""), strings.Replace(one(`"id":"b"`, ""), `"x"`, `"y"`, 1), strings.Replace(one(`"arn":"`+strings.Replace(arn, "eu-west-1", "us-east-1", 1)+`"`, ""), `"x"`, `"z"`, 1)),
			[]planfile.Identity{here, {Type: type1, Address: "aws_neptune_cluster.y", ID: "b", Account: "111122223333", Line: 1},
				{Type: type1, Address: "aws_neptune_cluster.z", ARN: strings.Replace(arn, "eu-west-1", "us-east-1", 1), Account: "111122223333", Region: "us-east-1", Line: 1}}},
		"data sources, other types and what was replaced": {raw(strings.Replace(one(`"id":"a"`, ""), "managed", "data", 1), strings.Replace(one(`"id":"a"`, ""), "aws_neptune_cluster", "aws_iam_role", 1), one(`"id":"a"`, `,"deposed":"1234"`)), nil},
		"nothing": {raw(), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := identities(t, write(t, "x.tfstate", []byte(test.text)))
			if diff := cmp.Diff(test.want, got); diff != "" || err != nil {
				t.Errorf("%v; identities (-want +got):\n%s", err, diff)
			}
		})
	}
}

func TestAStateThatCannotBeUsedSaysWhatToDo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, cause string }{
		"a plan":        {`{"format_version":"1.2","planned_values":{},"resource_changes":[]}`, "this is a plan"},
		"cut short":     {`{"version":4,"resources":[{`, "cut short"},
		"another file":  {`{"hello":1}`, "neither a plan nor a state"},
		"an old state":  {`{"version":3,"terraform_version":"0.11.0","serial":1}`, "only 4"},
		"an empty file": {``, "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := identities(t, write(t, "x.tfstate", []byte(test.text)))
			var fault *planfile.StateError
			if !errors.As(err, &fault) || !strings.Contains(fault.Error(), test.cause) || fault.Hint() == "" {
				t.Errorf("%v", err)
			}
		})
	}
	if _, err := identities(t, "there/is/no/such/file"); err == nil {
		t.Error("a file that is not there was read")
	}
}
