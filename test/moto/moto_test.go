package moto_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/holdfast-aws/holdfast/test/moto"
)

func TestSeededAccount(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	truth := server.Seed(t)

	t.Run("has every engine in every region", func(t *testing.T) { checkCounts(t, truth) })
	t.Run("has every combination of settings", func(t *testing.T) { checkCombinations(t, truth) })
	t.Run("has snapshots in every state of sharing", func(t *testing.T) { checkSharing(t, truth) })
	t.Run("is what the AWS CLI reads", func(t *testing.T) { checkAgainstCLI(t, server, truth) })
}

func checkCounts(t *testing.T, truth moto.Truth) {
	got := map[string]int{}
	for _, c := range truth.Clusters {
		got[c.Region+" "+c.Engine]++
	}
	want := map[string]int{
		"eu-central-1 neptune": 250, "eu-central-1 aurora-mysql": 15, "eu-central-1 aurora-postgresql": 15,
		"ap-southeast-2 neptune": 24, "ap-southeast-2 aurora-mysql": 2, "ap-southeast-2 aurora-postgresql": 1,
		"us-east-1 neptune": 24, "us-east-1 aurora-mysql": 2, "us-east-1 aurora-postgresql": 1,
		"us-west-2 neptune": 24, "us-west-2 aurora-mysql": 2, "us-west-2 aurora-postgresql": 1,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("clusters by region and engine (-want +got):\n%s", diff)
	}
	if got, want := len(truth.ParameterGroups), 2*len(truth.Regions); got != want {
		t.Errorf("parameter groups: got %d, want %d", got, want)
	}
}

func checkCombinations(t *testing.T, truth moto.Truth) {
	type combination struct {
		retention                    int
		protected, copied, encrypted bool
		members                      int
	}
	got := map[combination]bool{}
	zones := map[bool]int{}
	for _, c := range truth.ClustersOf("neptune") {
		if c.Region == moto.HomeRegion {
			got[combination{c.BackupRetentionPeriod, c.DeletionProtection, c.CopyTagsToSnapshot, c.StorageEncrypted, len(c.Members)}] = true
			zones[c.MultiAZ]++
		}
	}
	if want := 4 * 2 * 2 * 2 * 3; len(got) != want {
		t.Errorf("combinations: got %d, want %d", len(got), want)
	}
	if zones[true] == 0 || zones[false] == 0 {
		t.Errorf("clusters by whether they span zones: got %v, want some of both", zones)
	}
}

func checkSharing(t *testing.T, truth moto.Truth) {
	got := map[string]int{}
	for _, s := range truth.SnapshotsOf("neptune") {
		if s.Type == "manual" {
			got[fmt.Sprint(s.SharedWith, " encrypted ", s.StorageEncrypted)]++
		}
	}
	want := map[string]int{ // in four regions
		"[all] encrypted false":              8,
		"[210987654321 all] encrypted false": 4,
		"[210987654321] encrypted false":     4,
		"[210987654321] encrypted true":      4,
		"[] encrypted false":                 4,
		"[] encrypted true":                  4,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("manual snapshots by sharing (-want +got):\n%s", diff)
	}
}

// cliCluster is what the AWS CLI says of a cluster.
type cliCluster struct {
	DBClusterIdentifier, Engine                                       string
	BackupRetentionPeriod                                             int
	DeletionProtection, CopyTagsToSnapshot, StorageEncrypted, MultiAZ bool
}

func checkAgainstCLI(t *testing.T, server *moto.Server, truth moto.Truth) {
	for _, region := range truth.Regions {
		var answer struct{ DBClusters []cliCluster }
		decode(t, server.AWS(t, "rds", "describe-db-clusters", "--region", region), &answer)
		slices.SortFunc(answer.DBClusters, func(a, b cliCluster) int {
			return strings.Compare(a.DBClusterIdentifier, b.DBClusterIdentifier)
		})
		var want []cliCluster
		for _, c := range truth.Clusters {
			if c.Region == region {
				want = append(want, cliCluster{c.ID, c.Engine, c.BackupRetentionPeriod, c.DeletionProtection,
					c.CopyTagsToSnapshot, c.StorageEncrypted, c.MultiAZ})
			}
		}
		if diff := cmp.Diff(want, answer.DBClusters); diff != "" {
			t.Errorf("clusters in %s: boto3 (-) and the AWS CLI (+) disagree:\n%s", region, diff)
		}
	}
}

// TestTwoServersAreSeededAlike shows that the seed is the same in every run, and that servers share nothing.
func TestTwoServersAreSeededAlike(t *testing.T) {
	t.Parallel()
	first, second := moto.Start(t), moto.Start(t)
	one := withoutAutomatedSnapshots(first.Seed(t)) // their ids hold the time
	if got := second.ReadBack(t); len(got.Clusters) != 0 {
		t.Fatalf("clusters on a server that nobody filled: got %d, want none", len(got.Clusters))
	}
	two := withoutAutomatedSnapshots(second.Seed(t))
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("two runs of the seed differ:\n%s", diff)
	}
}

func TestReadBackShowsWhatTheCLIChanged(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	before := server.Seed(t)
	if got := moto.Diff(before, server.ReadBack(t)); len(got) != 0 {
		t.Fatalf("differences before any change: got %v, want none", got)
	}

	server.AWS(t, "neptune", "modify-db-cluster", "--db-cluster-identifier", "graph-000", "--backup-retention-period", "7")
	server.AWS(t, "neptune", "modify-db-cluster-snapshot-attribute", "--region", "us-east-1",
		"--db-cluster-snapshot-identifier", "public-and-partner", "--attribute-name", "restore", "--values-to-remove", "all")
	server.AWS(t, "neptune", "delete-db-cluster-snapshot", "--db-cluster-snapshot-identifier", "public-2")

	var got []string
	for _, d := range moto.Diff(before, server.ReadBack(t)) {
		got = append(got, d.String())
	}
	want := []string{
		"arn:aws:rds:eu-central-1:123456789012:cluster-snapshot:public-2 is gone",
		"arn:aws:rds:eu-central-1:123456789012:cluster:graph-000 BackupRetentionPeriod: 1 → 7",
		"arn:aws:rds:us-east-1:123456789012:cluster-snapshot:public-and-partner SharedWith: [210987654321 all] → [210987654321]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestServerEndsWithItsTest(t *testing.T) {
	t.Parallel()
	var endpoint string
	t.Run("a test with a server", func(t *testing.T) {
		endpoint = moto.Start(t).Endpoint
	})
	u, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	if conn, err := net.Dial("tcp", u.Host); err == nil {
		_ = conn.Close()
		t.Errorf("%s still answers after its test", endpoint)
	}
}

// TestKnownUnfaithful records where moto is not AWS, so that a new version which mends one of these points is
// noticed and the scenarios can use it.
func TestKnownUnfaithful(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	for _, id := range []string{"graph-a", "graph-b", "graph-c"} {
		server.AWS(t, "neptune", "create-db-cluster", "--engine", "neptune", "--db-cluster-identifier", id)
	}

	var page struct {
		DBClusters []cliCluster
		Marker     string
	}
	decode(t, server.AWS(t, "neptune", "describe-db-clusters", "--no-paginate", "--max-records", "2"), &page)
	if len(page.DBClusters) != 3 || page.Marker != "" {
		t.Errorf("a page of 2 clusters: got %d and marker %q; moto used to ignore paging", len(page.DBClusters), page.Marker)
	}

	var changed struct {
		DBCluster struct {
			EnabledCloudwatchLogsExports     []string
			IAMDatabaseAuthenticationEnabled bool
		}
	}
	decode(t, server.AWS(t, "neptune", "modify-db-cluster", "--db-cluster-identifier", "graph-a",
		"--enable-iam-database-authentication", "--cloudwatch-logs-export-configuration", `{"EnableLogTypes":["audit"]}`), &changed)
	if c := changed.DBCluster; len(c.EnabledCloudwatchLogsExports) != 0 || c.IAMDatabaseAuthenticationEnabled {
		t.Errorf("log export and IAM authentication after a change: got %+v; moto used to drop both", c)
	}
}

func TestDiffNamesNewResources(t *testing.T) {
	t.Parallel()
	cluster := moto.Cluster{ARN: "arn:aws:rds:us-east-1:123456789012:cluster:copy", ID: "copy"}
	got := moto.Diff(moto.Truth{}, moto.Truth{Clusters: []moto.Cluster{cluster}})
	if len(got) != 1 || got[0].String() != cluster.ARN+" is new" {
		t.Errorf("difference: got %v, want one new resource", got)
	}
}

func withoutAutomatedSnapshots(t moto.Truth) moto.Truth {
	t.Snapshots = slices.DeleteFunc(t.Snapshots, func(s moto.Snapshot) bool { return s.Type == "automated" })
	return t
}

func decode(t *testing.T, data []byte, into any) {
	t.Helper()
	if err := json.Unmarshal(data, into); err != nil {
		t.Fatalf("decode %s: %v", data, err)
	}
}
