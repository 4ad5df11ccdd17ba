package lab_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/smithy-go"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

const graphARN = "arn:aws:rds:eu-west-1:" + account + ":cluster:graph"

func graph(t *testing.T) *bench {
	t.Helper()
	w, c := newWorld()
	w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"}).AddCluster(lab.Cluster{ID: "next"})
	return start(t, lab.Options{World: w, Seed: 7}, c)
}

func (b *bench) list() ([]string, error) {
	out, err := b.rds().DescribeDBClusters(b.t.Context(), &rds.DescribeDBClustersInput{})
	if err != nil {
		return nil, err
	}
	return ids(out.DBClusters), nil
}

func (b *bench) raise() error {
	_, err := b.rds().ModifyDBCluster(b.t.Context(), &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("graph"), BackupRetentionPeriod: aws.Int32(7)})
	return err
}

func TestFaultsRefuseInTheShapeOfTheProtocol(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		effect   lab.Effect
		rds, ec2 string
	}{
		{lab.Throttle, "Throttling", "RequestLimitExceeded"},
		{lab.ServerError, "InternalFailure", "InternalError"},
		{lab.Unavailable, "ServiceUnavailable", "ServiceUnavailable"},
		{lab.Denied, "AccessDenied", "UnauthorizedOperation"},
		{lab.ExpiredCredentials, "ExpiredToken", "RequestExpired"},
		{lab.DisabledRegion, "InvalidClientTokenId", "AuthFailure"},
		{lab.OptInRequired, "OptInRequired", "OptInRequired"},
	} {
		t.Run(string(tt.effect), func(t *testing.T) {
			t.Parallel()
			b := graph(t)
			remove := b.Inject(lab.Fault{Effect: tt.effect})
			_, err := b.list()
			wantCode(t, err, tt.rds)
			_, err = ec2.NewFromConfig(b.config(account, region)).DescribeRegions(t.Context(), &ec2.DescribeRegionsInput{})
			wantCode(t, err, tt.ec2)
			remove()
			if _, err := b.list(); err != nil {
				t.Errorf("after removing the fault: %v", err)
			}
		})
	}
}

func TestCutBeforeHasNoEffect(t *testing.T) {
	t.Parallel()
	b := graph(t)
	b.Inject(lab.Fault{Match: lab.Match{Operation: "Modify*"}, Effect: lab.CutBefore, First: 1})
	err := b.raise()
	var api smithy.APIError
	if err == nil || errors.As(err, &api) {
		t.Fatalf("got %v, want a broken connection", err)
	}
	if n := b.Writes(graphARN)["ModifyDBCluster"]; n != 0 {
		t.Errorf("%d writes took effect", n)
	}
}

func TestCutAfterTakesEffect(t *testing.T) {
	t.Parallel()
	for _, effect := range []lab.Effect{lab.CutAfter, lab.CutMiddle} {
		t.Run(string(effect), func(t *testing.T) {
			t.Parallel()
			b := graph(t)
			b.Inject(lab.Fault{Match: lab.Match{Operation: "ModifyDBCluster"}, Effect: effect, First: 1})
			if err := b.raise(); err == nil {
				t.Fatal("the answer arrived")
			}
			if n := b.Writes(graphARN)["ModifyDBCluster"]; n != 1 {
				t.Errorf("%d writes took effect, want 1", n)
			}
			if got := b.one("graph"); aws.ToInt32(got.BackupRetentionPeriod) != 7 {
				t.Errorf("retention is %d", aws.ToInt32(got.BackupRetentionPeriod))
			}
		})
	}
}

func TestThrottledHalfTheTimeStillSucceeds(t *testing.T) {
	t.Parallel()
	b := graph(t)
	b.Inject(lab.Fault{Effect: lab.Throttle, Probability: 0.5})
	for range 20 {
		if _, err := b.patient().DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{}); err != nil {
			t.Fatal(err)
		}
	}
	got := b.Statuses(lab.Match{Service: "rds"})
	if got[200] != 20 || got[400] < 5 {
		t.Errorf("statuses %v", got)
	}
}

func TestFaultsStrikeTheCallsTheyName(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		fault lab.Fault
		want  string // one letter per call: o for an answer, x for a refusal
	}{
		{"each", lab.Fault{}, "xxxxxx"},
		{"first two", lab.Fault{First: 2}, "xxoooo"},
		{"second and third", lab.Fault{Skip: 1, First: 2}, "oxxooo"},
		{"every third", lab.Fault{Every: 3}, "ooxoox"},
		{"another region", lab.Fault{Match: lab.Match{Region: "us-*"}}, "oooooo"},
		{"another account", lab.Fault{Match: lab.Match{Account: other}}, "oooooo"},
		{"the cluster", lab.Fault{Resource: "GRA*"}, "xxxxxx"},
		{"another cluster", lab.Fault{Resource: "next"}, "oooooo"},
		{"the operation", lab.Fault{Match: lab.Match{Account: account, Region: "eu-*-1", Service: "rds", Operation: "*DBCluster*s"}}, "xxxxxx"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := graph(t)
			tt.fault.Effect = lab.Throttle
			b.Inject(tt.fault)
			var got strings.Builder
			for range 6 {
				if _, err := b.rds().DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String("graph")}); err != nil {
					got.WriteByte('x')
				} else {
					got.WriteByte('o')
				}
			}
			if got.String() != tt.want {
				t.Errorf("got %s, want %s", got.String(), tt.want)
			}
		})
	}
}

func TestHalfPagesLoseNothing(t *testing.T) {
	t.Parallel()
	b := graph(t)
	b.Inject(lab.Fault{Effect: lab.HalfPage})
	p := rds.NewDescribeDBClusterParametersPaginator(b.rds(), &rds.DescribeDBClusterParametersInput{
		DBClusterParameterGroupName: aws.String("default.aurora-mysql8.0"), MaxRecords: aws.Int32(20)})
	names := map[string]bool{}
	pages := 0
	for p.HasMorePages() {
		out, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, x := range out.Parameters {
			names[aws.ToString(x.ParameterName)] = true
		}
	}
	if pages != 3 || len(names) != 27 {
		t.Errorf("%d parameters on %d pages", len(names), pages)
	}
}

func TestOddResourcesStandBesideSoundOnes(t *testing.T) {
	t.Parallel()
	b := graph(t)
	b.Inject(lab.Fault{Effect: lab.OddResource, Resource: "graph", Odd: &lab.Odd{Omit: []string{"BackupRetentionPeriod", "Engine"}}})
	out, err := b.rds().DescribeDBClusters(t.Context(), &rds.DescribeDBClustersInput{})
	if err != nil {
		t.Fatal(err)
	}
	odd, sound := out.DBClusters[0], out.DBClusters[1]
	if odd.BackupRetentionPeriod != nil || odd.Engine != nil || odd.Status == nil {
		t.Errorf("odd one: %+v", odd)
	}
	if sound.BackupRetentionPeriod == nil || sound.Engine == nil {
		t.Errorf("sound one: %+v", sound)
	}
}

func TestGarbageIsNoAnswer(t *testing.T) {
	t.Parallel()
	b := graph(t)
	b.Inject(lab.Fault{Effect: lab.Garbage})
	if got, err := b.list(); err == nil {
		t.Errorf("got %v", got)
	}
}

func TestLatencyDelaysAndEndsWithTheCaller(t *testing.T) {
	t.Parallel()
	b := graph(t)
	b.Inject(lab.Fault{Latency: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := b.rds().DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestUnsignedAndMalformedRequestsAreRefused(t *testing.T) {
	t.Parallel()
	b := graph(t)
	for _, tt := range []struct {
		name, authorization, body, code string
		status                          int
	}{
		{"unsigned", "", "Action=DescribeDBClusters", "MissingAuthenticationToken", 403},
		{"another algorithm", "Basic eDp5", "Action=DescribeDBClusters", "IncompleteSignature", 400},
		{"no credential", "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=x", "", "IncompleteSignature", 400},
		{"short scope", "AWS4-HMAC-SHA256 Credential=AKIA/rds, SignedHeaders=host, Signature=x", "", "IncompleteSignature", 400},
		{"unknown key", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261120/eu-west-1/rds/aws4_request, SignedHeaders=host, Signature=x", "Action=DescribeDBClusters", "InvalidClientTokenId", 403},
		{"account that does not exist", "AWS4-HMAC-SHA256 Credential=999999999999/20261120/eu-west-1/rds/aws4_request, SignedHeaders=host, Signature=x", "Action=DescribeDBClusters", "InvalidClientTokenId", 403},
		{"region not opted in", "AWS4-HMAC-SHA256 Credential=" + account + "/20261120/af-south-1/rds/aws4_request, SignedHeaders=host, Signature=x", "Action=DescribeDBClusters", "InvalidClientTokenId", 403},
		{"no action", "AWS4-HMAC-SHA256 Credential=" + account + "/20261120/eu-west-1/rds/aws4_request, SignedHeaders=host, Signature=x", "Version=2014-10-31", "MissingAction", 400},
		{"another service", "AWS4-HMAC-SHA256 Credential=" + account + "/20261120/eu-west-1/sqs/aws4_request, SignedHeaders=host, Signature=x", "Action=ListQueues", "InvalidAction", 400},
		{"body too large", "", strings.Repeat("x", 1<<20+1), "RequestEntityTooLarge", 413},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.URL+"/", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			if tt.authorization != "" {
				req.Header.Set("Authorization", tt.authorization)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			if resp.StatusCode != tt.status || resp.Header.Get("X-Amzn-Errortype") != tt.code {
				t.Errorf("got %d %s, want %d %s", resp.StatusCode, resp.Header.Get("X-Amzn-Errortype"), tt.status, tt.code)
			}
		})
	}
}
