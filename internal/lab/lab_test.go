package lab_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/aws/smithy-go"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/lab"
)

const (
	account = "111122223333"
	other   = "444455556666"
	region  = "eu-west-1"
)

// bench is a lab under test with a clock that is moved by hand.
type bench struct {
	*lab.Lab
	t     *testing.T
	clock *clock
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func newWorld() (*lab.World, *clock) {
	c := &clock{at: time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)}
	return lab.NewWorld(c.now), c
}

func start(t *testing.T, o lab.Options, c *clock) *bench {
	t.Helper()
	l, err := lab.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return &bench{Lab: l, t: t, clock: c}
}

// config is an SDK configuration that signs as the account and does not retry.
func (b *bench) config(account, region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(b.URL),
		HTTPClient:   awsconn.PlainBodies(nil),
		Credentials:  credentials.NewStaticCredentialsProvider(lab.AccessKey(account), "secret", ""),
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
}

func (b *bench) rds() *rds.Client { return rds.NewFromConfig(b.config(account, region)) }

func (b *bench) patient() *rds.Client {
	c := b.config(account, region)
	c.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 10
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return time.Millisecond, nil })
			o.RateLimiter = noLimit{}
		})
	}
	return rds.NewFromConfig(c)
}

type noLimit struct{}

func (noLimit) GetToken(context.Context, uint) (func() error, error) {
	return func() error { return nil }, nil
}
func (noLimit) AddTokens(uint) error { return nil }

// one describes a single cluster.
func (b *bench) one(id string) types.DBCluster {
	b.t.Helper()
	out, err := b.rds().DescribeDBClusters(b.t.Context(), &rds.DescribeDBClustersInput{DBClusterIdentifier: &id})
	if err != nil {
		b.t.Fatal(err)
	}
	if len(out.DBClusters) != 1 {
		b.t.Fatalf("got %d clusters, want one", len(out.DBClusters))
	}
	return out.DBClusters[0]
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Fatalf("got error %v, want code %s", err, code)
	}
}

func ids(clusters []types.DBCluster) []string {
	var out []string
	for _, c := range clusters {
		out = append(out, aws.ToString(c.DBClusterIdentifier))
	}
	return out
}

func TestClustersArePaged(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region)
	for i := range 250 {
		engine := "neptune"
		if i%5 == 0 {
			engine = "aurora-mysql"
		}
		r.AddCluster(lab.Cluster{ID: fmt.Sprintf("db-%03d", i), Engine: engine})
	}
	b := start(t, lab.Options{World: w}, c)
	for _, tt := range []struct {
		name         string
		size         *int32
		filter       []types.Filter
		pages, total int
	}{
		{name: "by a hundred unless told", pages: 3, total: 250},
		{name: "by twenty", size: aws.Int32(20), pages: 13, total: 250},
		{name: "by fifty, exactly filled", size: aws.Int32(50), pages: 5, total: 250},
		{name: "filtered by engine", pages: 2, total: 200,
			filter: []types.Filter{{Name: aws.String("engine"), Values: []string{"neptune"}}}},
		{name: "filtered by two engines", pages: 3, total: 250,
			filter: []types.Filter{{Name: aws.String("engine"), Values: []string{"neptune", "aurora-mysql"}}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			p := rds.NewDescribeDBClustersPaginator(b.rds(), &rds.DescribeDBClustersInput{MaxRecords: tt.size, Filters: tt.filter})
			seen := map[string]bool{}
			pages := 0
			for p.HasMorePages() {
				out, err := p.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				pages++
				for _, id := range ids(out.DBClusters) {
					seen[id] = true
				}
			}
			if pages != tt.pages || len(seen) != tt.total {
				t.Errorf("got %d clusters on %d pages, want %d on %d", len(seen), pages, tt.total, tt.pages)
			}
		})
	}
}

func TestClusterIsShownWhole(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	a := w.Account(account)
	a.Region(region).AddParameterGroup(lab.ParameterGroup{Name: "audited", Family: "neptune1.3"}).
		AddCluster(lab.Cluster{ID: "Graph", BackupRetentionPeriod: 7, DeletionProtection: true, CopyTagsToSnapshot: true,
			IAMAuth: true, StorageEncrypted: true, LogExports: []string{"audit"}, ParameterGroup: "audited",
			Zones: []string{"a", "b"}, Tags: lab.Tags{"team": "<graph> & co", "env": "prod"}})
	a.AddGlobalCluster(lab.GlobalCluster{ID: "world", Members: []string{"arn:aws:rds:eu-west-1:" + account + ":cluster:graph"}})
	b := start(t, lab.Options{World: w}, c)
	got := b.one("arn:aws:rds:eu-west-1:" + account + ":cluster:GRAPH")
	check := map[string]bool{
		"id":         aws.ToString(got.DBClusterIdentifier) == "graph",
		"arn":        aws.ToString(got.DBClusterArn) == "arn:aws:rds:eu-west-1:"+account+":cluster:graph",
		"retention":  aws.ToInt32(got.BackupRetentionPeriod) == 7,
		"protection": aws.ToBool(got.DeletionProtection),
		"copy tags":  aws.ToBool(got.CopyTagsToSnapshot),
		"iam":        aws.ToBool(got.IAMDatabaseAuthenticationEnabled),
		"encrypted":  aws.ToBool(got.StorageEncrypted) && aws.ToString(got.KmsKeyId) != "",
		"logs":       len(got.EnabledCloudwatchLogsExports) == 1 && got.EnabledCloudwatchLogsExports[0] == "audit",
		"multi-az":   aws.ToBool(got.MultiAZ) && len(got.DBClusterMembers) == 2,
		"writer":     aws.ToBool(got.DBClusterMembers[0].IsClusterWriter) && !aws.ToBool(got.DBClusterMembers[1].IsClusterWriter),
		"tags":       len(got.TagList) == 2 && aws.ToString(got.TagList[0].Key) == "env" && aws.ToString(got.TagList[1].Value) == "<graph> & co",
		"global":     aws.ToString(got.GlobalClusterIdentifier) == "world",
		"pending":    got.PendingModifiedValues == nil,
		"earliest":   aws.ToTime(got.EarliestRestorableTime).Equal(c.now().Add(-7 * 24 * time.Hour)),
		"latest":     aws.ToTime(got.LatestRestorableTime).Equal(c.now().Add(-5 * time.Minute)),
		"zones":      len(got.AvailabilityZones) == 3,
		"resource":   len(aws.ToString(got.DbClusterResourceId)) > 20,
		"port":       aws.ToInt32(got.Port) == 8182,
	}
	for what, ok := range check {
		if !ok {
			t.Errorf("%s is wrong in %+v", what, got)
		}
	}
}

func TestRefusalsAreTyped(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	w.Account(account).Region(region).
		AddCluster(lab.Cluster{ID: "up"}).
		AddCluster(lab.Cluster{ID: "down", Status: "stopped"}).
		AddCluster(lab.Cluster{ID: "owned", Engine: "aurora-mysql", AWSBackupRecoveryPointARN: "arn:aws:backup:eu-west-1:1:recovery-point:x"}).
		AddSnapshot(lab.Snapshot{ID: "secret", ClusterID: "up", StorageEncrypted: true}).
		AddSnapshot(lab.Snapshot{ID: "plain", ClusterID: "up"}).
		AddSnapshot(lab.Snapshot{ID: "rds:up-2026-11-20", ClusterID: "up", Type: "automated"})
	b := start(t, lab.Options{World: w}, c)
	k := b.rds()
	ctx := t.Context()
	modify := func(in rds.ModifyDBClusterInput) error { _, err := k.ModifyDBCluster(ctx, &in); return err }
	share := func(id string, add, remove []string) error {
		_, err := k.ModifyDBClusterSnapshotAttribute(ctx, &rds.ModifyDBClusterSnapshotAttributeInput{
			DBClusterSnapshotIdentifier: &id, AttributeName: aws.String("restore"), ValuesToAdd: add, ValuesToRemove: remove})
		return err
	}
	t.Run("cluster that does not exist", func(t *testing.T) {
		var missing *types.DBClusterNotFoundFault
		if err := modify(rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("ghost")}); !errors.As(err, &missing) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("snapshot that does not exist", func(t *testing.T) {
		var missing *types.DBClusterSnapshotNotFoundFault
		if err := share("ghost", []string{"all"}, nil); !errors.As(err, &missing) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("stopped cluster", func(t *testing.T) {
		var state *types.InvalidDBClusterStateFault
		if err := modify(rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("down"), BackupRetentionPeriod: aws.Int32(7)}); !errors.As(err, &state) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("parameter group that does not exist", func(t *testing.T) {
		var missing *types.DBClusterParameterGroupNotFoundFault
		if err := modify(rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("up"), DBClusterParameterGroupName: aws.String("ghost")}); !errors.As(err, &missing) {
			t.Errorf("got %v", err)
		}
	})
	up := aws.String("up")
	for name, tt := range map[string]struct {
		err  error
		code string
	}{
		"retention of zero": {modify(rds.ModifyDBClusterInput{DBClusterIdentifier: up, BackupRetentionPeriod: aws.Int32(0)}), "InvalidParameterValue"},
		"retention of 36":   {modify(rds.ModifyDBClusterInput{DBClusterIdentifier: up, BackupRetentionPeriod: aws.Int32(36)}), "InvalidParameterValue"},
		"log type of another engine": {modify(rds.ModifyDBClusterInput{DBClusterIdentifier: up,
			CloudwatchLogsExportConfiguration: &types.CloudwatchLogsExportConfiguration{EnableLogTypes: []string{"postgresql"}}}), "InvalidParameterCombination"},
		"windows that overlap": {modify(rds.ModifyDBClusterInput{DBClusterIdentifier: up, PreferredBackupWindow: aws.String("05:15-05:45")}), "InvalidParameterValue"},
		"retention that AWS Backup owns": {modify(rds.ModifyDBClusterInput{DBClusterIdentifier: aws.String("owned"),
			BackupRetentionPeriod: aws.Int32(9)}), "InvalidParameterValue"},
		"public and encrypted": {share("secret", []string{"all"}, nil), "InvalidParameterValue"},
		"added and removed":    {share("plain", []string{"all"}, []string{"all"}), "InvalidParameterCombination"},
		"automated, shared":    {share("rds:up-2026-11-20", []string{"all"}, nil), "InvalidDBClusterSnapshotStateFault"},
		"page too small": {func() error {
			_, err := k.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{MaxRecords: aws.Int32(5)})
			return err
		}(), "InvalidParameterValue"},
		"unknown filter": {func() error {
			_, err := k.DescribeDBClusters(ctx, &rds.DescribeDBClustersInput{Filters: []types.Filter{{Name: aws.String("nope"), Values: []string{"x"}}}})
			return err
		}(), "InvalidParameterValue"},
		"operation not served": {func() error { _, err := k.DescribeEvents(ctx, &rds.DescribeEventsInput{}); return err }(), "InvalidAction"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, tt.err, tt.code) })
	}
	if n := len(b.Writes("arn:aws:rds:eu-west-1:" + account + ":cluster:up")); n != 0 {
		t.Errorf("%d writes took effect", n)
	}
}
