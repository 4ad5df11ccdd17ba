package live_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/services"
)

const account, region = "111122223333", "eu-west-1"

// result keeps what a scan says.
type result struct {
	begin    func() // called when the accounts and regions are listed
	findings []finding.Finding
	gaps     []finding.Gap
	footer   *finding.Footer
}

func (r *result) Begin(*finding.Header) error      { r.begin(); return nil }
func (r *result) Finding(f *finding.Finding) error { r.findings = append(r.findings, *f); return nil }
func (r *result) Gap(g *finding.Gap) error         { r.gaps = append(r.gaps, *g); return nil }
func (r *result) End(f *finding.Footer) error      { r.footer = f; return nil }

// verdicts lists "control id status" of every finding.
func (r *result) verdicts() []string {
	var out []string
	for i := range r.findings {
		f := &r.findings[i]
		out = append(out, f.Control+" "+f.Resource.ID+" "+string(f.Status))
	}
	return out
}

func start(t testing.TB, world *lab.World) *lab.Lab {
	t.Helper()
	l, err := lab.Start(t.Context(), lab.Options{World: world})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func options(l *lab.Lab, regions ...string) awsconn.Options {
	return awsconn.Options{
		Regions: regions, Allowed: live.Reads(services.Readers()), Rate: -1,
		Fixed: &awsconn.Fixed{Endpoint: l.URL, Region: region, AccessKey: lab.AccessKey(account), SecretKey: "lab"},
	}
}

func run(ctx context.Context, t testing.TB, o awsconn.Options, controls ...string) *result {
	t.Helper()
	out := &result{begin: func() {}}
	out.read(ctx, t, o, controls...)
	return out
}

func (r *result) read(ctx context.Context, t testing.TB, o awsconn.Options, controls ...string) {
	t.Helper()
	catalogue, err := control.Load(services.Controls())
	if err != nil {
		t.Fatal(err)
	}
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
	session, err := awsconn.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	_, err = scan.Run(ctx, scan.Options{
		Source: live.New(session, services.Readers()), Engine: judge, Handler: r,
		Concurrency: 8, Now: time.Now, Calls: session.CallCount,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestEveryClusterIsSeenBeyondTheFirstPage(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).Generate(lab.Scale{Clusters: 250, Members: 1})
	l := start(t, world)
	got := run(t.Context(), t, options(l, region), "Neptune.5")
	if len(got.findings) != 250 || len(got.gaps) != 0 {
		t.Errorf("%d findings and %d gaps", len(got.findings), len(got.gaps))
	}
	if calls := l.CallCount(lab.Match{Service: "rds"}); calls != 3 {
		t.Errorf("%d calls for three pages", calls)
	}
}

func TestLargeAnswersOfAFastEndpointAreReadWhole(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).Generate(lab.Scale{Clusters: 20_000, Members: 2})
	l, err := lab.Start(t.Context(), lab.Options{World: world, Pause: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	got := run(t.Context(), t, options(l, region), "Neptune.5")
	if calls := l.CallCount(lab.Match{Service: "rds"}); len(got.findings) != 20_000 || calls != 200 {
		t.Errorf("%d findings with %d calls for 200 pages", len(got.findings), calls)
	}
}

func TestADeniedRegionIsAGapAndTheOthersAreJudged(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	regions := []string{"eu-central-1", "eu-west-1", "eu-west-2", "us-east-1", "us-west-2"}
	for _, name := range regions {
		world.Account(account).Region(name).AddCluster(lab.Cluster{ID: "graph-" + name})
	}
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Region: "eu-west-2", Service: "rds"}, Effect: lab.Denied})
	got := run(t.Context(), t, options(l, regions...), "Neptune.5")
	if len(got.findings) != 4 || len(got.gaps) != 1 {
		t.Fatalf("%d findings, %d gaps: %+v", len(got.findings), len(got.gaps), got.gaps)
	}
	gap := got.gaps[0]
	if gap.Reason != finding.GapDenied || gap.Region != "eu-west-2" || gap.Operation != "rds:DescribeDBClusters" || gap.Permission != "rds:DescribeDBClusters" {
		t.Errorf("gap %+v", gap)
	}
	if c := got.footer.Coverage; c.Read != 4 || c.Total != 5 {
		t.Errorf("coverage %+v", c)
	}
	if !slices.Equal(gap.Controls, []string{"Neptune.5"}) {
		t.Errorf("the gap names controls %v", gap.Controls)
	}
}

func TestOneOddClusterHidesNoNeighbour(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	place := world.Account(account).Region(region)
	for i := range 50 {
		place.AddCluster(lab.Cluster{ID: fmt.Sprintf("graph-%02d", i), BackupRetentionPeriod: 7})
	}
	l := start(t, world)
	l.Inject(lab.Fault{
		Match: lab.Match{Operation: "DescribeDBClusters"}, Resource: "graph-03", Effect: lab.OddResource,
		Odd: &lab.Odd{Omit: []string{"BackupRetentionPeriod"}},
	})
	got := run(t.Context(), t, options(l, region), "Neptune.5")
	passed := 0
	for i := range got.findings {
		f := &got.findings[i]
		switch {
		case f.Status == finding.Passed:
			passed++
		case f.Resource.ID != "graph-03" || f.Status != finding.NotAvailable || len(f.Missing) != 1 || f.Missing[0].Property != "BackupRetentionPeriod":
			t.Errorf("odd finding %+v", f)
		}
	}
	if passed != 49 || len(got.findings) != 50 {
		t.Errorf("%d of %d passed", passed, len(got.findings))
	}
}

func TestAnUnreadSnapshotIsNeverCalledPrivate(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	place := world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	for _, id := range []string{"a-public", "b-public", "c-public"} {
		place.AddSnapshot(lab.Snapshot{ID: id, ClusterID: "graph", SharedWith: []string{"all", "444455556666"}})
	}
	place.AddSnapshot(lab.Snapshot{ID: "d-private", ClusterID: "graph"})
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusterSnapshotAttributes"}, Resource: "a-public", Effect: lab.Denied})
	got := run(t.Context(), t, options(l, region), "Neptune.3")
	want := []string{"Neptune.3 a-public NOT_AVAILABLE", "Neptune.3 b-public FAILED", "Neptune.3 c-public FAILED", "Neptune.3 d-private PASSED"}
	if !slices.Equal(got.verdicts(), want) {
		t.Errorf("verdicts %v", got.verdicts())
	}
	if len(got.gaps) != 1 || !strings.HasSuffix(got.gaps[0].Resource, "cluster-snapshot:a-public") {
		t.Errorf("gaps %+v", got.gaps)
	}
}

func TestSnapshotsCarryTheARNOfTheirService(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"}).AddSnapshot(lab.Snapshot{ID: "kept", ClusterID: "graph"})
	got := run(t.Context(), t, options(start(t, world), region), "Neptune.6")
	if want := "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:kept"; len(got.findings) != 1 || got.findings[0].Resource.ARN != want {
		t.Errorf("got %+v", got.findings)
	}
}

func TestOtherEnginesAreNotJudgedAsNeptune(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).
		AddCluster(lab.Cluster{ID: "graph"}).
		AddCluster(lab.Cluster{ID: "orders", Engine: "aurora-mysql"}).
		AddCluster(lab.Cluster{ID: "documents", Engine: "docdb"})
	got := run(t.Context(), t, options(start(t, world), region), "Neptune.5")
	if want := []string{"Neptune.5 graph FAILED"}; !slices.Equal(got.verdicts(), want) {
		t.Errorf("verdicts %v", got.verdicts())
	}
}

func TestOnlyTheCallsThatTheControlsNeedAreMade(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		controls []string
		want     map[string]int
	}{
		"clusters alone":            {[]string{"Neptune.5", "Neptune.4", "Neptune.8"}, map[string]int{"DescribeDBClusters": 1}},
		"snapshots, no attributes":  {[]string{"Neptune.6"}, map[string]int{"DescribeDBClusterSnapshots": 1}},
		"attributes of shareables":  {[]string{"Neptune.3"}, map[string]int{"DescribeDBClusterSnapshots": 1, "DescribeDBClusterSnapshotAttributes": 1}},
		"one call per custom group": {[]string{"Neptune.2"}, map[string]int{"DescribeDBClusters": 1, "DescribeDBClusterParameters": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := lab.NewWorld(nil)
			place := world.Account(account).Region(region).AddParameterGroup(lab.ParameterGroup{Name: "ours"})
			for i := range 5 {
				place.AddCluster(lab.Cluster{ID: fmt.Sprintf("graph-%d", i), ParameterGroup: "ours", LogExports: []string{"audit"}})
			}
			place.AddCluster(lab.Cluster{ID: "plain"})
			place.AddCluster(lab.Cluster{ID: "sealed", StorageEncrypted: true})
			place.AddSnapshot(lab.Snapshot{ID: "open", ClusterID: "plain"})
			place.AddSnapshot(lab.Snapshot{ID: "closed", ClusterID: "sealed"})
			l := start(t, world)
			got := run(t.Context(), t, options(l, region), test.controls...)
			if len(got.gaps) > 0 {
				t.Errorf("gaps %+v", got.gaps)
			}
			calls := make(map[string]int)
			for _, call := range l.Calls() {
				if call.Service == "rds" {
					calls[call.Operation]++
				}
			}
			if fmt.Sprint(calls) != fmt.Sprint(test.want) {
				t.Errorf("calls %v, want %v", calls, test.want)
			}
		})
	}
}

func TestThrottlingSlowsAScanAndChangesNoVerdict(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).Generate(lab.Scale{Clusters: 500, Members: 1})
	l := start(t, world)
	calm := run(t.Context(), t, options(l, region), "Neptune.5")
	l.Inject(lab.Fault{Match: lab.Match{Service: "rds"}, Effect: lab.Throttle, Probability: 0.5})
	throttled := run(t.Context(), t, options(l, region), "Neptune.5")
	if len(throttled.gaps) != 0 || !slices.Equal(calm.verdicts(), throttled.verdicts()) {
		t.Errorf("%d gaps, %d against %d verdicts", len(throttled.gaps), len(throttled.findings), len(calm.findings))
	}
}

func TestEachKindOfFailureIsItsOwnGap(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		fault lab.Fault
		want  string
	}{
		"expired credentials":    {lab.Fault{Effect: lab.ExpiredCredentials}, finding.GapExpired},
		"region not opted in":    {lab.Fault{Effect: lab.DisabledRegion}, finding.GapRegion},
		"no subscription":        {lab.Fault{Effect: lab.OptInRequired}, finding.GapRegion},
		"no answer in time":      {lab.Fault{Latency: 3 * time.Second}, finding.GapTimeout},
		"an answer that is none": {lab.Fault{Effect: lab.Garbage}, finding.GapMalformed},
		"servers that fail":      {lab.Fault{Effect: lab.ServerError}, finding.GapFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := lab.NewWorld(nil)
			world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
			world.Account(account).Region("us-east-1").AddCluster(lab.Cluster{ID: "other"})
			l := start(t, world)
			test.fault.Match = lab.Match{Service: "rds", Region: region}
			l.Inject(test.fault)
			o := options(l, region, "us-east-1")
			if test.fault.Latency > 0 {
				o.AttemptTimeout = time.Second
			}
			got := run(t.Context(), t, o, "Neptune.5")
			if len(got.gaps) != 1 || got.gaps[0].Reason != test.want {
				t.Errorf("gaps %+v, want one of %s", got.gaps, test.want)
			}
			if len(got.findings) != 1 {
				t.Errorf("the healthy region has %d findings", len(got.findings))
			}
		})
	}
}

func TestHalfPagesLoseNothing(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).Generate(lab.Scale{Clusters: 130, Members: 1})
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Service: "rds"}, Effect: lab.HalfPage})
	if got := run(t.Context(), t, options(l, region), "Neptune.5"); len(got.findings) != 130 {
		t.Errorf("%d of 130 clusters", len(got.findings))
	}
}

func TestAllMeansEveryEnabledRegionAndNamesTheOthers(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region("eu-west-1").AddCluster(lab.Cluster{ID: "graph"})
	world.Account(account).Region("ap-east-1").NotOptedIn()
	l := start(t, world)
	got := run(t.Context(), t, options(l, "all"), "Neptune.5")
	if len(got.findings) != 1 || len(got.gaps) != 0 || !slices.Contains(got.footer.Coverage.NotOptedIn, "ap-east-1") {
		t.Errorf("%d findings, gaps %+v, coverage %+v", len(got.findings), got.gaps, got.footer.Coverage)
	}
}

func TestAnAccountThatCannotBeEnteredIsAGap(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	for _, id := range []string{account, "444455556666", "777788889999"} {
		world.Account(id).AddRole(lab.Role{Name: "read"}).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	}
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "AssumeRole"}, Resource: "*777788889999*", Effect: lab.Denied})
	o := options(l, region)
	o.Roles = []string{"arn:aws:iam::444455556666:role/read", "arn:aws:iam::777788889999:role/read"}
	got := run(t.Context(), t, o, "Neptune.5")
	if len(got.findings) != 1 || got.findings[0].Resource.Account != "444455556666" {
		t.Errorf("findings %v", got.verdicts())
	}
	if len(got.gaps) != 1 || got.gaps[0].Account != "777788889999" || got.gaps[0].Operation != "sts:AssumeRole" {
		t.Errorf("gaps %+v", got.gaps)
	}
}

func TestTheSameAccountGivesTheSameOutput(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	regions := []string{"eu-central-1", "eu-west-1", "us-east-1"}
	for i, name := range regions {
		world.Account(account).Region(name).Generate(lab.Scale{Clusters: 120 * (3 - i), Members: 1})
	}
	l := start(t, world)
	first := run(t.Context(), t, options(l, regions...), "Neptune.5")
	for range 3 {
		if again := run(t.Context(), t, options(l, regions...), "Neptune.5"); !slices.Equal(first.verdicts(), again.verdicts()) {
			t.Fatal("the order of the findings changes")
		}
	}
}

func TestAnInterruptedScanSaysWhatItDidNotRead(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	for _, name := range []string{"eu-central-1", "eu-west-1", "us-east-1"} {
		world.Account(account).Region(name).AddCluster(lab.Cluster{ID: "graph"})
	}
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Service: "rds"}, Latency: time.Minute})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	got := &result{begin: func() { time.AfterFunc(50*time.Millisecond, cancel) }}
	got.read(ctx, t, options(l, "eu-central-1", "eu-west-1", "us-east-1"), "Neptune.5")
	if len(got.findings) != 0 || len(got.gaps) != 3 || got.footer.Coverage.Read != 0 {
		t.Errorf("findings %v, gaps %+v", got.verdicts(), got.gaps)
	}
}

func TestAScanCannotWrite(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account)
	l := start(t, world)
	session, err := awsconn.Open(t.Context(), options(l, region))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := session.Accounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := l.CallCount(lab.Match{})
	err = writeThrough(t, session)
	if err == nil || !strings.Contains(err.Error(), "rds:ModifyDBCluster is not among the operations") {
		t.Errorf("got %v", err)
	}
	if l.CallCount(lab.Match{}) != before {
		t.Error("the refused call was sent")
	}
}
