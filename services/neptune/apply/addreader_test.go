package apply_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/services/neptune/apply"
)

func TestReaderIsAddedInAnotherZoneLikeTheWriter(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{Describes: 2})
	b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a", "a"}, InstanceClass: "db.r5.xlarge", Tags: lab.Tags{"team": "graph", "aws:cloudformation:stack-name": "s"}})
	before := b.state()
	p := b.plan("Neptune.9", clusterRef(b, "graph"))
	c := b.change(p)
	if c.Cost == nil || !c.Cost.Known || c.Cost.Low != 508.08 || c.Cost.High != 508.08 {
		t.Errorf("two thirds of a dollar an hour come to %+v a month", c.Cost)
	}
	if !strings.Contains(c.Cost.Basis, "us-east-1") || !strings.Contains(c.Cost.Basis, "the price in eu-west-1 differs") {
		t.Errorf("the basis does not say whose price it is: %s", c.Cost.Basis)
	}
	if c.Accept == "" {
		t.Error("a monthly cost needs no acceptance")
	}
	run := b.applied(p)
	b.wantWrites(map[string]int{"rds:CreateDBInstance": 1})
	reader, ok := b.region.Instance("graph-reader-b")
	if !ok || reader.Zone != "eu-west-1b" || reader.Class != "db.r5.xlarge" || reader.PromotionTier != 1 {
		t.Errorf("the reader is %+v", reader)
	}
	if reader.Tags["team"] != "graph" || !strings.HasPrefix(reader.Tags[apply.MadeTag], c.ID) || len(reader.Tags) != 2 {
		t.Errorf("the reader has the tags %v", reader.Tags)
	}
	b.undone(run)
	b.wantWrites(map[string]int{"rds:CreateDBInstance": 1, "rds:DeleteDBInstance": 1})
	b.wantSame(before)
}

func TestReaderIsNotPlannedWhereItCannotHelp(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		prepare        func(*bench)
		reason, detail string
	}{
		{"no instance", func(b *bench) { b.region.AddCluster(lab.Cluster{ID: "graph"}) }, fix.SkipState, "has no writer"},
		{"sixteen instances", func(b *bench) {
			b.region.AddCluster(lab.Cluster{ID: "graph"})
			for i := range 16 {
				b.region.AddInstance(lab.Instance{ID: fmt.Sprintf("graph-%02d", i), ClusterID: "graph"})
			}
		}, fix.SkipState, "15 readers"},
		{"stopped", func(b *bench) {
			b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}, Status: "stopped"})
		}, fix.SkipState, "starts by itself"},
		{"denied instances", func(b *bench) {
			b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
			b.lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBInstances"}, Effect: lab.Denied})
		}, fix.SkipUnread, "rds:DescribeDBInstances"},
		{"instance without a zone", func(b *bench) {
			b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}})
			b.lab.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBInstances"}, Effect: lab.OddResource, Odd: &lab.Odd{Omit: []string{"AvailabilityZone"}}})
		}, fix.SkipUnread, "in which zone"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			test.prepare(b)
			got := b.skipped(b.plan("Neptune.9", clusterRef(b, "graph")))
			if got.Reason != test.reason || !strings.Contains(got.Detail, test.detail) {
				t.Errorf("skipped for %s: %s", got.Reason, got.Detail)
			}
		})
	}
}

func TestCostOfAClassThatTheListLacksIsCalledUnknown(t *testing.T) {
	t.Parallel()
	for class, want := range map[string]fix.Cost{
		"db.r6g.large":  {Low: 219.73, High: 254.04, Known: true}, // published prices disagree
		"db.t3.medium":  {Low: 71.54, High: 71.54, Known: true},
		"db.x2g.xlarge": {},
	} {
		t.Run(class, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, lab.Settle{})
			b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}, InstanceClass: class})
			got := *b.change(b.plan("Neptune.9", clusterRef(b, "graph"))).Cost
			if !want.Known && !strings.Contains(got.Basis, "https://aws.amazon.com/neptune/pricing/") {
				t.Errorf("nothing says where to look: %s", got.Basis)
			}
			got.Basis = ""
			if got != want {
				t.Errorf("%+v, not %+v", got, want)
			}
		})
	}
}

func TestServerlessReaderCostsItsLeastCapacity(t *testing.T) {
	t.Parallel()
	b := newBench(t, lab.Settle{})
	b.region.AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}, InstanceClass: "db.serverless", ServerlessMin: 2.5, ServerlessMax: 16})
	got := *b.change(b.plan("Neptune.9", clusterRef(b, "graph"))).Cost
	if !got.Known || got.Low != 293.46 || !strings.Contains(got.Basis, "2.5 capacity units") {
		t.Errorf("%+v", got)
	}
}
