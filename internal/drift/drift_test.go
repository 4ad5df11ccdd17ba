package drift

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/pair"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	clusterType = "AWS::Neptune::DBCluster"
	account     = "111122223333"
	region      = "eu-west-1"
	main        = "aws_neptune_cluster.main"
)

// account of clusters, some of which cannot be read.
type world struct {
	live []*resource.Resource
	gaps []finding.Gap
}

func (w world) List(context.Context, resource.Wants) (*scan.Listing, error) {
	place := scan.Place{Account: account, Region: region}
	return &scan.Listing{
		PlaceName: "account-regions", Places: []scan.Place{place, {Account: account, Region: "us-east-1"}}, Gaps: w.gaps,
		Units: []scan.Unit{{Place: place, Read: func(_ context.Context, sink scan.Sink) error { return sink.Resources(w.live) }}},
	}, nil
}

func cluster(id string, days int64, tags ...string) *resource.Resource {
	fields := make(map[string]resource.Value)
	for i := 0; i < len(tags); i += 2 {
		fields[tags[i]] = resource.OfString(tags[i+1])
	}
	return &resource.Resource{
		Ref:        resource.Ref{Type: clusterType, ID: id, ARN: arn(region, id), Account: account, Region: region},
		Properties: map[string]resource.Value{"BackupRetentionPeriod": resource.OfInt(days), "Tags": resource.OfMap(fields)},
	}
}

func arn(region, id string) string { return "arn:aws:rds:" + region + ":" + account + ":cluster:" + id }

func made(stack, id string) []string {
	return []string{"aws:cloudformation:stack-name", stack, "aws:cloudformation:logical-id", id}
}

func inCodeAt(file, address string, days resource.Value) *resource.Resource {
	return &resource.Resource{
		Ref:        resource.Ref{Type: clusterType, ID: address, Origin: resource.Origin{File: file, Line: 3, Address: address}},
		Properties: map[string]resource.Value{"BackupRetentionPeriod": days},
		Where:      map[string]resource.Origin{"BackupRetentionPeriod": {File: file, Line: 5, Defined: &resource.Origin{File: "vars.tf", Line: 2, Address: "var.days"}}},
	}
}

func claimOf(address, id string) pair.Claim {
	return pair.Claim{Type: clusterType, Address: address, ARN: arn(region, id), ID: id, Account: account, Region: region,
		State: resource.Origin{File: "prod.tfstate", Line: 7}}
}

// sevenDays is a control that asks for a week.
type sevenDays struct{}

func (sevenDays) Evaluate(r *resource.Resource, say func(*finding.Finding) error) error {
	f := &finding.Finding{Control: "Test.1", Severity: finding.Medium, Status: finding.Failed, Evidence: []finding.Evidence{{Property: "BackupRetentionPeriod"}}}
	switch days, _ := r.Get("BackupRetentionPeriod").Int(); {
	case r.Get("BackupRetentionPeriod").Kind() == resource.Unknown:
		f.Status = finding.NotAvailable
	case days >= 7:
		f.Status = finding.Passed
	}
	return say(f)
}

// side is what the code and what belongs to it are.
type side struct {
	claims    []pair.Claim
	stacks    []pair.Stack
	terraform []*resource.Resource
	templates []*resource.Resource
	gaps      []finding.Gap
}

func find(t *testing.T, s side, w world) *Drift {
	t.Helper()
	m := pair.New(map[string]*control.Type{clusterType: {Name: clusterType, Properties: map[string]*control.Property{
		"BackupRetentionPeriod": {Type: "int", Unit: "days", Default: resource.OfInt(1), Terraform: "backup_retention_period", CloudFormation: "BackupRetentionPeriod"},
		"Tags":                  {Type: "map(string)"},
	}}})
	for _, one := range s.claims {
		m.Claim(one)
	}
	for _, one := range s.stacks {
		m.Stack(one)
	}
	var code []*pair.Codebase
	for _, held := range []*pair.Codebase{
		{Language: pair.Terraform, PlaceName: "files", Resources: s.terraform, Gaps: s.gaps},
		{Language: pair.CloudFormation, PlaceName: "files", Resources: s.templates},
	} {
		for _, r := range held.Resources {
			m.Code(held.Language, r)
			held.Places = append(held.Places, scan.Place{File: r.Origin.File})
		}
		code = append(code, held)
	}
	d, err := Find(t.Context(), Options{
		Matcher: m, Code: code, Stated: len(s.claims) > 0, Judge: sevenDays{}, Live: w, Concurrency: 1,
		Tool: "holdfast", Version: "test", Now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC),
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// brief tells a drift in a line.
func brief(d *Drift) string {
	s := d.Summary()
	return fmt.Sprintf("%d pairs, %d same, %d different, %d missing, %d lost, %d unsettled, %d undecided, %d unclaimed, %d gaps",
		s.Pairs, s.Same, s.Different, s.Missing, s.Lost, s.Unsettled, s.Undecided, s.Unclaimed, s.Gaps)
}

func TestWhatIsDriftAndWhatIsOnlyNotKnown(t *testing.T) {
	t.Parallel()
	one := []*resource.Resource{inCodeAt("main.tf", main, resource.OfInt(7))}
	open := resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Settle: "variable days"})
	denied := finding.Gap{Account: account, Region: region, Type: clusterType, Reason: finding.GapDenied}
	elsewhere := claimOf(main, "a")
	elsewhere.ARN, elsewhere.Account = strings.Replace(elsewhere.ARN, account, "999988887777", 1), "999988887777"
	nameless := pair.Claim{Type: clusterType, Address: main, State: resource.Origin{File: "prod.tfstate"}}
	uncertain := inCodeAt("main.tf", "aws_neptune_cluster.maybe", resource.OfInt(7))
	uncertain.Uncertain = &resource.Missing{Detail: "variable many has no value"}
	graph := pair.Stack{Name: "graph", Template: "t.yaml"}
	template := []*resource.Resource{inCodeAt("t.yaml", "Cluster", resource.OfInt(7))}
	nested := inCodeAt("data.yaml", "Data/Cluster", resource.OfInt(7))
	nested.Origin.Root = "t.yaml"
	for name, test := range map[string]struct {
		side
		world
		want            string
		drift, complete bool
		says            string
	}{
		"the same on both sides": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: one}, world{live: []*resource.Resource{cluster("a", 7)}},
			"1 pairs, 1 same, 0 different, 0 missing, 0 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", false, true, ""},
		"changed by hand": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: one}, world{live: []*resource.Resource{cluster("a", 1), cluster("b", 1)}},
			"1 pairs, 0 same, 1 different, 0 missing, 0 lost, 0 unsettled, 0 undecided, 1 unclaimed, 0 gaps", true, true, "code PASSED, account FAILED"},
		"changed in the code alone": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: one}, world{live: []*resource.Resource{cluster("a", 14)}},
			"1 pairs, 0 same, 1 different, 0 missing, 0 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", true, true, "7 days (vars.tf:2)"},
		"open in the code": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: []*resource.Resource{inCodeAt("main.tf", main, open)}}, world{live: []*resource.Resource{cluster("a", 7)}},
			"1 pairs, 0 same, 0 different, 0 missing, 0 lost, 1 unsettled, 0 undecided, 0 unclaimed, 0 gaps", false, false, "variable days"},
		"deleted by hand": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: one}, world{},
			"0 pairs, 0 same, 0 different, 1 missing, 0 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", true, true, "the account no longer has"},
		"not deployed yet": {
			side{claims: []pair.Claim{claimOf("aws_neptune_cluster.b", "b")}, terraform: one}, world{},
			"0 pairs, 0 same, 0 different, 1 missing, 0 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", true, true, "not deployed yet"},
		"nobody knows how many there are to be": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: append([]*resource.Resource{uncertain}, one...)}, world{live: []*resource.Resource{cluster("a", 7)}},
			"1 pairs, 1 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 0 unclaimed, 0 gaps", false, false, "variable many has no value"},
		"its region could not be read": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: one}, world{gaps: []finding.Gap{denied}},
			"0 pairs, 0 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 0 unclaimed, 1 gaps", false, false, "could not be read in full"},
		"the state is of another account": {
			side{claims: []pair.Claim{elsewhere}, terraform: one}, world{live: []*resource.Resource{cluster("a", 1)}},
			"0 pairs, 0 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 1 unclaimed, 0 gaps", false, false, "999988887777 eu-west-1, which was not looked at"},
		"the state does not tell which it is": {
			side{claims: []pair.Claim{nameless}, terraform: one}, world{live: []*resource.Resource{cluster("a", 1)}},
			"0 pairs, 0 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 1 unclaimed, 0 gaps", false, false, "does not tell which it is"},
		"two states of one root, as of two workspaces": {
			side{claims: []pair.Claim{claimOf(main, "a"), claimOf(main, "b")}, terraform: one}, world{live: []*resource.Resource{cluster("a", 7), cluster("b", 1)}},
			"2 pairs, 1 same, 1 different, 0 missing, 0 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", true, true, ""},
		"no state": {
			side{stacks: []pair.Stack{graph}, terraform: one, templates: template}, world{live: []*resource.Resource{cluster("a", 7, made("graph", "Cluster")...)}},
			"1 pairs, 1 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 0 unclaimed, 0 gaps", false, false, "no state was given for it"},
		"no stack": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: one, templates: template}, world{live: []*resource.Resource{cluster("a", 7)}},
			"1 pairs, 1 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 0 unclaimed, 0 gaps", false, false, "no stack was named"},
		"taken out of the code": {
			side{claims: []pair.Claim{claimOf(main, "a"), claimOf("aws_neptune_cluster.b", "b")}, terraform: one}, world{live: []*resource.Resource{cluster("a", 7), cluster("b", 7)}},
			"1 pairs, 1 same, 0 different, 0 missing, 1 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", true, true, "the next terraform apply deletes it"},
		"perhaps in code that could not be read": {
			side{claims: []pair.Claim{claimOf(main, "a"), claimOf("aws_neptune_cluster.b", "b")}, terraform: one, gaps: []finding.Gap{{File: "main.tf", Reason: finding.GapMalformed}}},
			world{live: []*resource.Resource{cluster("a", 7), cluster("b", 7)}},
			"1 pairs, 1 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 0 unclaimed, 1 gaps", false, false, "not all of the code could be read"},
		"in two places of the code": {
			side{claims: []pair.Claim{claimOf(main, "a")}, terraform: append([]*resource.Resource{inCodeAt("two/main.tf", main, resource.OfInt(7))}, one...)},
			world{live: []*resource.Resource{cluster("a", 1)}},
			"0 pairs, 0 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 0 unclaimed, 0 gaps", false, false, "two/main.tf:3"},
		"a stack that lost a resource": {
			side{stacks: []pair.Stack{graph}, templates: template}, world{},
			"0 pairs, 0 same, 0 different, 1 missing, 0 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", true, true, "tagged as this resource of the stack graph"},
		"a stack that was deleted and kept its cluster": {
			side{stacks: []pair.Stack{graph}, templates: template},
			world{live: []*resource.Resource{cluster("a", 7, made("graph", "Cluster")...), cluster("b", 1, made("graph", "Cluster")...)}},
			"0 pairs, 0 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 0 unclaimed, 0 gaps", false, false, "b in 111122223333 eu-west-1"},
		"a nested stack": {
			side{stacks: []pair.Stack{graph}, templates: []*resource.Resource{nested}}, world{live: []*resource.Resource{cluster("a", 7, made("graph-Data-1QXYZ8G4J2K7", "Cluster")...)}},
			"1 pairs, 1 same, 0 different, 0 missing, 0 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", false, true, ""},
		"a nested stack under a name that does not tell": {
			side{stacks: []pair.Stack{graph}, templates: []*resource.Resource{nested}}, world{live: []*resource.Resource{cluster("a", 7, made("graph-Da-1QXYZ8G4J2K7", "Cluster")...)}},
			"0 pairs, 0 same, 0 different, 0 missing, 0 lost, 0 unsettled, 1 undecided, 0 unclaimed, 0 gaps", false, false, "may be nested in graph"},
		"nothing on either side": {
			side{claims: []pair.Claim{claimOf("aws_neptune_cluster.b", "b")}}, world{},
			"0 pairs, 0 same, 0 different, 0 missing, 0 lost, 0 unsettled, 0 undecided, 0 unclaimed, 0 gaps", false, true, "Nothing to compare"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := find(t, test.side, test.world)
			if got := brief(d); got != test.want || d.Found(finding.Low) != test.drift || d.Incomplete() == test.complete {
				t.Errorf("got %s (drift %v, incomplete %v), want %s (drift %v, incomplete %v)",
					got, d.Found(finding.Low), d.Incomplete(), test.want, test.drift, !test.complete)
			}
			if d.Found(finding.High) && len(d.Missing)+len(d.Lost) == 0 {
				t.Error("a control of medium severity counts as high")
			}
			text := strings.Join(strings.Fields(written(t, d, report.Options{Width: 100})), " ")
			if !strings.Contains(text, test.says) {
				t.Errorf("%q is not said:\n%s", test.says, text)
			}
		})
	}
}

func written(t *testing.T, d *Drift, o report.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := d.WriteText(o, &out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// rich has something under every heading.
func rich(t *testing.T) *Drift {
	maybe := inCodeAt("main.tf", "aws_neptune_cluster.open", resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Detail: "variable days has no value and no default", Settle: "variable days"}))
	left := inCodeAt("main.tf", "aws_neptune_cluster.left", resource.Value{})
	left.Where = nil
	return find(t, side{
		claims: []pair.Claim{
			claimOf(main, "graph"), claimOf("aws_neptune_cluster.open", "open"), claimOf("aws_neptune_cluster.left", "left"),
			claimOf("aws_neptune_cluster.gone", "gone"), claimOf("aws_neptune_cluster.lost", "lost"), claimOf("aws_neptune_cluster.one", "both"), claimOf("aws_neptune_cluster.two", "both"),
		},
		terraform: []*resource.Resource{
			inCodeAt("modules/graph/with-a-long-name/main.tf", main, resource.OfInt(7)), maybe, left, inCodeAt("main.tf", "aws_neptune_cluster.gone", resource.OfInt(7)),
		},
	}, world{
		live: []*resource.Resource{cluster("graph", 1), cluster("open", 7), cluster("left", 14), cluster("lost", 7), cluster("both", 7), cluster("nobody", 7), cluster("evil\x1b[31m\u202e", 7)},
		gaps: []finding.Gap{{Account: account, Region: "us-east-1", Operation: "rds:DescribeDBClusters", Reason: finding.GapDenied, Permission: "rds:DescribeDBClusters"}},
	})
}

func TestTheTextOfADrift(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]report.Options{"wide": {Width: 120}, "narrow": {Width: 40}, "color": {Width: 80, Color: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name+".txt", written(t, rich(t), options))
		})
	}
}

func TestADriftAsJSON(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := rich(t).WriteJSON(&out); err != nil {
		t.Fatal(err)
	}
	var document map[string]any
	if err := json.Unmarshal(out.Bytes(), &document); err != nil {
		t.Fatal(err)
	}
	golden(t, "drift.json", out.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
