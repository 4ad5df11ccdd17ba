package live_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/lab"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const account, region = "111122223333", "eu-west-1"

// clusters is a service that reads clusters and changes their retention.
type clusters struct {
	allowed error
	// seen is the account that answers say they come from.
	seen string
}

func (clusters) Types() []string      { return []string{"Test::Cluster"} }
func (clusters) Operations() []string { return []string{"rds:ModifyDBCluster"} }
func (clusters) Reads() []string      { return []string{"rds:DescribeDBClusters"} }

func (c clusters) Read(ctx context.Context, place awsconn.Place, ref resource.Ref, _ []string) (*resource.Resource, error) {
	_, err := rds.NewFromConfig(place.Config).DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{DBClusterIdentifier: aws.String(ref.ID)})
	if err != nil {
		return nil, err
	}
	ref.Account = c.seen
	return &resource.Resource{Ref: ref}, nil
}

func (c clusters) Check(context.Context, awsconn.Place, string, map[string]resource.Value) error {
	return c.allowed
}

func (clusters) Call(ctx context.Context, place awsconn.Place, _ string, params map[string]resource.Value) error {
	id, _ := params["DBClusterIdentifier"].Text()
	_, err := rds.NewFromConfig(place.Config).ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String(id), BackupRetentionPeriod: aws.Int32(7)})
	return err
}

type places struct{ url string }

func (p places) Place(account, region string) (awsconn.Place, error) {
	if account == "" {
		return awsconn.Place{}, errors.New("no account")
	}
	return awsconn.Place{Account: account, Region: region, Config: aws.Config{
		HTTPClient: awsconn.PlainBodies(nil),
		Region:     region, BaseEndpoint: aws.String(p.url), Credentials: credentials.NewStaticCredentialsProvider(lab.AccessKey(account), "secret", ""),
	}}, nil
}

func serve(t *testing.T, service live.Service) (*lab.Lab, *live.Applier) {
	t.Helper()
	world := lab.NewWorld(nil)
	world.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph"})
	served, err := lab.Start(t.Context(), lab.Options{World: world})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := served.Close(); err != nil {
			t.Error(err)
		}
	})
	applier, err := live.New(places{served.URL}, []live.Service{service})
	if err != nil {
		t.Fatal(err)
	}
	return served, applier
}

func raise(id string) *fix.Call {
	return &fix.Call{Operation: "rds:ModifyDBCluster", Account: account, Region: region,
		Parameters: map[string]resource.Value{"DBClusterIdentifier": resource.OfString(id)}}
}

func callError(t *testing.T, err error) *fix.CallError {
	t.Helper()
	var out *fix.CallError
	if !errors.As(err, &out) {
		t.Fatalf("%T is no CallError: %v", err, err)
	}
	return out
}

func TestFailedCallsTellWhetherTheyMayHaveTakenEffect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		fault     lab.Fault
		code      string
		uncertain bool
		attempts  int
	}{
		{"denied", lab.Fault{Effect: lab.Denied}, "AccessDenied", false, 1},
		{"expired", lab.Fault{Effect: lab.ExpiredCredentials}, "ExpiredToken", false, 1},
		{"server error", lab.Fault{Effect: lab.ServerError}, "InternalFailure", true, 1},
		{"unavailable", lab.Fault{Effect: lab.Unavailable}, "ServiceUnavailable", true, 1},
		{"cut before", lab.Fault{Effect: lab.CutBefore}, "", true, 1},
		{"cut after", lab.Fault{Effect: lab.CutAfter}, "", true, 1},
		{"no XML", lab.Fault{Effect: lab.Garbage}, "", true, 1},
		{"busy", lab.Fault{Effect: lab.Refused, Error: &lab.Error{Status: 400, Code: "InvalidDBClusterStateFault", Message: "busy"}}, "InvalidDBClusterStateFault", false, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			served, applier := serve(t, clusters{seen: account})
			test.fault.Operation = "ModifyDBCluster"
			served.Inject(test.fault)
			got := callError(t, applier.Call(t.Context(), raise("graph")))
			if got.Code != test.code || got.Uncertain != test.uncertain || got.Operation != "rds:ModifyDBCluster" {
				t.Errorf("%+v", got)
			}
			if n := served.CallCount(lab.Match{Operation: "ModifyDBCluster"}); n != test.attempts {
				t.Errorf("%d attempts", n)
			}
		})
	}
}

func TestThrottledCallIsRepeatedUntilItPasses(t *testing.T) {
	t.Parallel()
	served, applier := serve(t, clusters{seen: account})
	served.Inject(lab.Fault{Match: lab.Match{Operation: "ModifyDBCluster"}, Effect: lab.Throttle, First: 3})
	if err := applier.Call(t.Context(), raise("graph")); err != nil {
		t.Fatal(err)
	}
	if n := served.CallCount(lab.Match{Operation: "ModifyDBCluster"}); n != 4 {
		t.Errorf("%d attempts", n)
	}
}

func TestCallThatIsRefusedHereIsNotSent(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		service clusters
		call    *fix.Call
		want    string
	}{
		"unknown operation": {clusters{}, &fix.Call{Operation: "rds:DeleteDBCluster", Account: account, Region: region}, "no service makes this call"},
		"check":             {clusters{allowed: errors.New("it is no Neptune cluster")}, raise("graph"), "it is no Neptune cluster; nothing was sent"},
		"no credentials":    {clusters{}, &fix.Call{Operation: "rds:ModifyDBCluster", Region: region}, "no account; nothing was sent"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			served, applier := serve(t, test.service)
			got := callError(t, applier.Call(t.Context(), test.call))
			if got.Uncertain || !strings.Contains(got.Message, test.want) {
				t.Errorf("%+v", got)
			}
			if n := served.CallCount(lab.Match{}); n != 0 {
				t.Errorf("%d calls were made", n)
			}
		})
	}
}

func TestResourceOfAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	_, applier := serve(t, clusters{seen: "444455556666"})
	_, err := applier.Read(t.Context(), resource.Ref{Type: "Test::Cluster", ID: "graph", Account: account, Region: region}, nil)
	var elsewhere *live.PlaceError
	if !errors.As(err, &elsewhere) || elsewhere.Hint() == "" || !strings.Contains(err.Error(), "444455556666") {
		t.Errorf("%v", err)
	}
}

func TestReadErrorsNameTheCall(t *testing.T) {
	t.Parallel()
	_, applier := serve(t, clusters{seen: account})
	_, err := applier.Read(t.Context(), resource.Ref{Type: "Test::Cluster", ID: "none", Account: account, Region: region}, nil)
	if got := callError(t, err); got.Operation != "rds:DescribeDBClusters" || got.Code != "DBClusterNotFoundFault" || got.Request == "" {
		t.Errorf("%+v", got)
	}
	if _, err := applier.Read(t.Context(), resource.Ref{Type: "Test::Other", ID: "x", Account: account, Region: region}, nil); err == nil || !strings.Contains(err.Error(), "no service reads") {
		t.Errorf("%v", err)
	}
}

func TestCancelledCallIsUncertain(t *testing.T) {
	t.Parallel()
	served, applier := serve(t, clusters{seen: account})
	served.Inject(lab.Fault{Match: lab.Match{Operation: "ModifyDBCluster"}, Latency: time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if got := callError(t, applier.Call(ctx, raise("graph"))); !got.Uncertain {
		t.Errorf("%+v", got)
	}
}

func TestTwoServicesCannotDeclareTheSame(t *testing.T) {
	t.Parallel()
	if _, err := live.New(places{}, []live.Service{clusters{}, clusters{}}); err == nil {
		t.Error("accepted")
	}
}

func TestAllowedIsReadsAndWrites(t *testing.T) {
	t.Parallel()
	if got := live.Allowed([]live.Service{clusters{}}); !slices.Equal(got, []string{"rds:DescribeDBClusters", "rds:ModifyDBCluster"}) {
		t.Errorf("%v", got)
	}
}

// papers is another service that makes the call of clusters, for its own type.
type papers struct{ clusters }

func (papers) Types() []string { return []string{"Test::Paper"} }

func (papers) Check(context.Context, awsconn.Place, string, map[string]resource.Value) error {
	return errors.New("it is no paper")
}

func TestACallGoesToTheServiceOfItsResourceType(t *testing.T) {
	t.Parallel()
	served, _ := serve(t, clusters{})
	both, err := live.New(places{served.URL}, []live.Service{clusters{allowed: errors.New("it is no cluster")}, papers{}})
	if err != nil {
		t.Fatal(err)
	}
	for typ, want := range map[string]string{
		"Test::Cluster": "it is no cluster", "Test::Paper": "it is no paper",
		"Test::Stone": "no service makes this call for Test::Stone", "": "does not say for which resource type",
	} {
		call := raise("graph")
		call.Type = typ
		if got := callError(t, both.Call(t.Context(), call)); !strings.Contains(got.Message, want) {
			t.Errorf("for %q: %s", typ, got.Message)
		}
	}
	if n := served.CallCount(lab.Match{}); n != 0 {
		t.Errorf("%d calls were made", n)
	}
	if _, err := live.New(places{served.URL}, []live.Service{clusters{}, clusters{}}); err == nil {
		t.Error("two services read one type")
	}
}
