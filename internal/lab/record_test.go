package lab_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

func TestCallsAreRecorded(t *testing.T) {
	t.Parallel()
	b := graph(t)
	b.Inject(lab.Fault{Match: lab.Match{Operation: "ModifyDBCluster"}, Effect: lab.CutAfter})
	b.one("graph")
	if err := b.raise(); err == nil {
		t.Fatal("no cut")
	}
	_, err := b.rds().ListTagsForResource(t.Context(), &rds.ListTagsForResourceInput{ResourceName: aws.String(graphARN + "x")})
	wantCode(t, err, "DBClusterNotFoundFault")
	calls := b.Calls()
	if len(calls) != 3 {
		t.Fatalf("%d calls", len(calls))
	}
	if c := calls[0]; c.Account != account || c.Region != region || c.Service != "rds" || c.Operation != "DescribeDBClusters" ||
		c.Params["DBClusterIdentifier"] != "graph" || c.Status != 200 || c.Caller != "arn:aws:iam::"+account+":user/lab" || c.UserAgent == "" {
		t.Errorf("first call: %+v", c)
	}
	if c := calls[1]; c.Status != 0 || c.Fault != lab.CutAfter || c.Params["BackupRetentionPeriod"] != "7" {
		t.Errorf("cut call: %+v", c)
	}
	if c := calls[2]; c.Status != 404 || c.Code != "DBClusterNotFoundFault" {
		t.Errorf("refused call: %+v", c)
	}
	if n := b.CallCount(lab.Match{Operation: "*DBCluster*"}); n != 2 {
		t.Errorf("counted %d", n)
	}
	if got := b.Actions(); len(got) != 3 || got["rds:ModifyDBCluster"] != 1 {
		t.Errorf("actions %v", got)
	}
	b.ResetCalls()
	if len(b.Calls()) != 0 || b.CallCount(lab.Match{}) != 0 {
		t.Error("calls outlive the reset")
	}
}
