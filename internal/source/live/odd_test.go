package live_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/lab"
)

// tamper puts something between the scan and the lab that rewrites the answers
// to one operation.
func tamper(t *testing.T, l *lab.Lab, operation string, rewrite func(body []byte) []byte) string {
	t.Helper()
	target, err := url.Parse(l.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	proxy.ModifyResponse = func(response *http.Response) error {
		if asked, _ := response.Request.Context().Value(askedKey{}).(string); !strings.Contains(asked, "Action="+operation+"&") {
			return nil
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			return err
		}
		body = rewrite(body)
		response.StatusCode = http.StatusOK
		response.Body = io.NopCloser(bytes.NewReader(body))
		response.ContentLength = int64(len(body))
		response.Header.Set("Content-Length", strconv.Itoa(len(body)))
		return nil
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), askedKey{}, string(body))))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

type askedKey struct{}

func TestAnAnswerThatHoldsNoListIsNeverAnEmptyAccount(t *testing.T) {
	t.Parallel()
	for name, rewrite := range map[string]func([]byte) []byte{
		"no body at all": func([]byte) []byte { return nil },
		"no list": func(body []byte) []byte {
			return regexp.MustCompile(`(?s)<DBClusters>.*</DBClusters>`).ReplaceAll(body, nil)
		},
		"another document": func([]byte) []byte { return []byte("<html><body>Sign in to the guest network</body></html>") },
		"cut short":        func(body []byte) []byte { return body[:len(body)/2] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := lab.NewWorld(nil)
			world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
			o := options(start(t, world), region)
			o.Fixed.Endpoint = tamper(t, start(t, world), "DescribeDBClusters", rewrite)
			got := run(t.Context(), t, o, "Neptune.5")
			if len(got.findings) != 0 || len(got.gaps) != 1 || got.gaps[0].Reason != finding.GapMalformed {
				t.Errorf("findings %v, gaps %+v", got.verdicts(), got.gaps)
			}
		})
	}
}

func TestAnEmptyAccountIsNoGap(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region)
	if got := run(t.Context(), t, options(start(t, world), region), "Neptune.*"); len(got.findings)+len(got.gaps) != 0 {
		t.Errorf("findings %v, gaps %+v", got.verdicts(), got.gaps)
	}
}

func TestSharesThatTheAnswerDoesNotHoldAreUnknown(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"}).
		AddSnapshot(lab.Snapshot{ID: "open", ClusterID: "graph", SharedWith: []string{"all"}})
	l := start(t, world)
	o := options(l, region)
	o.Fixed.Endpoint = tamper(t, l, "DescribeDBClusterSnapshotAttributes", func([]byte) []byte { return nil })
	got := run(t.Context(), t, o, "Neptune.3")
	if want := []string{"Neptune.3 open NOT_AVAILABLE"}; !slices.Equal(got.verdicts(), want) {
		t.Errorf("verdicts %v", got.verdicts())
	}
}

func TestNoRegionAtAllIsAGap(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	l := start(t, world)
	o := options(l, "all")
	o.Fixed.Endpoint = tamper(t, l, "DescribeRegions", func([]byte) []byte { return nil })
	got := run(t.Context(), t, o, "Neptune.5")
	if len(got.gaps) != 1 || got.gaps[0].Operation != "ec2:DescribeRegions" || got.footer.Coverage.Total != 1 || got.footer.Coverage.Read != 0 {
		t.Errorf("gaps %+v, coverage %+v", got.gaps, got.footer.Coverage)
	}
}

func TestDeniedDescribeRegionsNamesEveryControl(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeRegions"}, Effect: lab.Denied})
	got := run(t.Context(), t, options(l, "all"), "Neptune.3", "Neptune.5")
	if len(got.gaps) != 1 || !slices.Equal(got.gaps[0].Controls, []string{"Neptune.3", "Neptune.5"}) {
		t.Fatalf("gaps %+v", got.gaps)
	}
	if try := got.gaps[0].Try; !strings.Contains(try, "ec2:DescribeRegions") || !strings.Contains(try, "--region") {
		t.Errorf("try %q", try)
	}
}

func TestAMarkerThatNeverMovesEndsInAGap(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).Generate(lab.Scale{Clusters: 150, Members: 1})
	l := start(t, world)
	o := options(l, region)
	var first []byte
	o.Fixed.Endpoint = tamper(t, l, "DescribeDBClusters", func(body []byte) []byte {
		if first == nil {
			first = body
		}
		return first
	})
	got := run(t.Context(), t, o, "Neptune.5")
	if len(got.gaps) != 1 || got.gaps[0].Reason != finding.GapMalformed || len(got.findings) != 100 {
		t.Errorf("%d findings, gaps %+v", len(got.findings), got.gaps)
	}
}

func TestAClusterThatStandsOnTwoPagesIsJudgedOnce(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).Generate(lab.Scale{Clusters: 250, Members: 1})
	l := start(t, world)
	o := options(l, region)
	last := regexp.MustCompile(`(?s)<DBCluster>.*?</DBCluster>`)
	var before []byte // the last cluster of the page before
	o.Fixed.Endpoint = tamper(t, l, "DescribeDBClusters", func(body []byte) []byte {
		all := last.FindAll(body, -1)
		out := bytes.Replace(body, []byte("<DBClusters>"), append([]byte("<DBClusters>"), before...), 1)
		before = bytes.Clone(all[len(all)-1])
		return out
	})
	got := run(t.Context(), t, o, "Neptune.5")
	verdicts := got.verdicts()
	slices.Sort(verdicts)
	if len(verdicts) != 250 || len(slices.Compact(verdicts)) != 250 || got.footer.Coverage.Resources != 250 {
		t.Errorf("%d verdicts on %d resources", len(verdicts), got.footer.Coverage.Resources)
	}
}

func TestALaterPageThatFailsLeavesTheEarlierOnesJudgedAndAGap(t *testing.T) {
	t.Parallel()
	for name, effect := range map[string]lab.Effect{
		"garbage": lab.Garbage, "cut in the middle": lab.CutMiddle, "denied": lab.Denied, "credentials expire": lab.ExpiredCredentials,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			world := lab.NewWorld(nil)
			world.Account(account).Region(region).Generate(lab.Scale{Clusters: 350, Members: 1})
			l := start(t, world)
			l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusters"}, Skip: 2, Effect: effect})
			got := run(t.Context(), t, options(l, region), "Neptune.5")
			if len(got.findings) != 200 || len(got.gaps) != 1 || got.footer.Coverage.Read != 0 {
				t.Errorf("%d findings, gaps %+v, coverage %+v", len(got.findings), got.gaps, got.footer.Coverage)
			}
		})
	}
}

func TestASnapshotDeletedAfterItWasListedIsGoneAndNotUnknown(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	place := world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	for _, id := range []string{"a", "b", "c"} {
		place.AddSnapshot(lab.Snapshot{ID: id, ClusterID: "graph"})
	}
	l := start(t, world)
	l.Inject(lab.Fault{
		Match: lab.Match{Operation: "DescribeDBClusterSnapshotAttributes"}, Resource: "b", Effect: lab.Refused,
		Error: &lab.Error{Status: 404, Code: "DBClusterSnapshotNotFoundFault", Message: "b not found"},
	})
	got := run(t.Context(), t, options(l, region), "Neptune.3", "Neptune.6")
	want := []string{"Neptune.3 a PASSED", "Neptune.6 a FAILED", "Neptune.3 c PASSED", "Neptune.6 c FAILED"}
	if !slices.Equal(got.verdicts(), want) || len(got.gaps) != 0 {
		t.Errorf("verdicts %v, gaps %+v", got.verdicts(), got.gaps)
	}
}

func TestAGapNamesOnlyTheControlsThatNeededTheRead(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).AddParameterGroup(lab.ParameterGroup{Name: "ours"}).
		AddCluster(lab.Cluster{ID: "graph", ParameterGroup: "ours", LogExports: []string{"audit"}}).
		AddSnapshot(lab.Snapshot{ID: "kept", ClusterID: "graph"})
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusterParameters"}, Effect: lab.Denied})
	l.Inject(lab.Fault{Match: lab.Match{Operation: "DescribeDBClusterSnapshotAttributes"}, Effect: lab.Denied})
	got := run(t.Context(), t, options(l, region))
	named := make(map[string]string)
	for _, gap := range got.gaps {
		named[gap.Operation] = strings.Join(gap.Controls, " ")
	}
	if named["rds:DescribeDBClusterParameters"] != "Neptune.2" || named["rds:DescribeDBClusterSnapshotAttributes"] != "Neptune.3 RDS.1" {
		t.Errorf("gaps name %v", named)
	}
}

func TestARoleGivenTwiceIsReadOnce(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).AddRole(lab.Role{Name: "read"}).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	o := options(start(t, world), region, region)
	o.Roles = []string{"arn:aws:iam::" + account + ":role/read", "arn:aws:iam::" + account + ":role/read"}
	if got := run(t.Context(), t, o, "Neptune.5"); len(got.findings) != 1 || got.footer.Coverage.Total != 1 {
		t.Errorf("verdicts %v, coverage %+v", got.verdicts(), got.footer.Coverage)
	}
}

func TestOptionsThatCannotBeAreRefusedBeforeAnyCall(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	world.Account(account).AddRole(lab.Role{Name: "read"}).AddRole(lab.Role{Name: "other"})
	l := start(t, world)
	role := func(name string) string { return "arn:aws:iam::" + account + ":role/" + name }
	for name, test := range map[string]struct {
		roles, regions []string
		want           string
	}{
		"two roles of one account": {[]string{role("read"), role("other")}, []string{region}, "are in the same account"},
		"a role that is none":      {[]string{role("read"), "HoldfastAudit"}, []string{region}, "is no role ARN"},
		"a region that is none":    {nil, []string{region, "Ireland"}, "is no region name"},
	} {
		o := options(l, test.regions...)
		o.Roles = test.roles
		session, err := awsconn.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var hinted interface{ Hint() string }
		_, _, err = session.Accounts(t.Context())
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v", name, err)
		} else if hinted, _ = err.(interface{ Hint() string }); hinted == nil || hinted.Hint() == "" {
			t.Errorf("%s: no hint", name)
		}
	}
	if calls := l.CallCount(lab.Match{}); calls != 0 {
		t.Errorf("%d calls were made", calls)
	}
}

func TestAnAccountThatCannotBeEnteredCountsWithEveryNamedRegion(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	for _, id := range []string{account, "444455556666", "777788889999"} {
		world.Account(id).AddRole(lab.Role{Name: "read"}).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	}
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Operation: "AssumeRole"}, Resource: "*777788889999*", Effect: lab.Denied})
	o := options(l, region, "us-east-1", "us-west-2")
	o.Roles = []string{"arn:aws:iam::444455556666:role/read", "arn:aws:iam::777788889999:role/read"}
	got := run(t.Context(), t, o, "Neptune.3", "Neptune.5")
	if c := got.footer.Coverage; c.Read != 3 || c.Total != 6 {
		t.Errorf("%d of %d account-regions read, want 3 of 6", c.Read, c.Total)
	}
	if len(got.gaps) != 1 || !slices.Equal(got.gaps[0].Controls, []string{"Neptune.3", "Neptune.5"}) {
		t.Errorf("gaps %+v", got.gaps)
	}
}

func TestCredentialsThatExpireMidScanLeaveGapsAndNoFalseVerdict(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	regions := []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"}
	for _, name := range regions {
		world.Account(account).Region(name).AddCluster(lab.Cluster{ID: "graph-" + name})
	}
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Service: "rds"}, Skip: 2, Effect: lab.ExpiredCredentials})
	got := run(t.Context(), t, options(l, regions...), "Neptune.5")
	if len(got.findings) != 2 || len(got.gaps) != 2 || got.footer.Coverage.Read != 2 {
		t.Errorf("verdicts %v, gaps %+v", got.verdicts(), got.gaps)
	}
	for _, gap := range got.gaps {
		if gap.Reason != finding.GapExpired || !strings.Contains(gap.Try, "aws sso login") {
			t.Errorf("gap %+v", gap)
		}
	}
	if calls := l.CallCount(lab.Match{Service: "rds"}); calls != 4 {
		t.Errorf("%d calls: an expired token was tried again", calls)
	}
}

func TestAnInterruptBeforeTheFirstAnswerIsCalledThat(t *testing.T) {
	t.Parallel()
	world := lab.NewWorld(nil)
	l := start(t, world)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	session, err := awsconn.Open(t.Context(), options(l, region))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := session.Accounts(ctx); err == nil || err.Error() != "interrupted before anything was read" {
		t.Errorf("got %v", err)
	}
}

func TestAnInterruptedScanLeavesNoGoroutineBehind(t *testing.T) {
	world := lab.NewWorld(nil)
	regions := []string{"eu-central-1", "eu-west-1", "us-east-1", "us-west-2"}
	for _, name := range regions {
		world.Account(account).Region(name).Generate(lab.Scale{Clusters: 500, Members: 1})
	}
	l := start(t, world)
	l.Inject(lab.Fault{Match: lab.Match{Service: "rds"}, Latency: 20 * time.Millisecond})
	for range 3 {
		time.Sleep(100 * time.Millisecond) // calls of the round before come to their end
		l.ResetCalls()
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for l.CallCount(lab.Match{Service: "rds"}) == 0 {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
		if got := run(ctx, t, options(l, regions...), "Neptune.5"); len(got.gaps) == 0 {
			t.Error("the scan was not interrupted")
		}
		cancel()
	}
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, owner := range []string{"internal/scan.", "services/neptune.", "internal/source/live.(*"} {
		if n := strings.Count(string(stacks), owner); n > 0 {
			t.Errorf("%d goroutines of %s are left:\n%s", n, owner, stacks)
		}
	}
}
