package lab_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

func TestGeneratedClustersAreListedOnceThoughChanged(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "zeta"})
	r.Generate(lab.Scale{Clusters: 1050, Members: 2, Vary: func(i int, c *lab.Cluster) {
		c.BackupRetentionPeriod = 1 + i%10
		if i%2 == 1 {
			c.Engine = "aurora-postgresql"
		}
	}})
	b := start(t, lab.Options{World: w, Record: lab.RecordCounts}, c)
	k, ctx := b.rds(), t.Context()
	p := rds.NewDescribeDBClustersPaginator(k, &rds.DescribeDBClustersInput{})
	seen := map[string]int{}
	for p.HasMorePages() {
		out, err := p.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range ids(out.DBClusters) {
			seen[id]++
		}
		// Changing one that is behind and one that is ahead must move none.
		for _, id := range []string{"scale-00000003", "scale-00000900"} {
			if _, err := k.ModifyDBCluster(ctx, &rds.ModifyDBClusterInput{DBClusterIdentifier: &id, BackupRetentionPeriod: aws.Int32(35)}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(seen) != 1051 {
		t.Errorf("saw %d clusters", len(seen))
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("saw %s %d times", id, n)
		}
	}
	if got := b.one("scale-00000900"); aws.ToInt32(got.BackupRetentionPeriod) != 35 || len(got.DBClusterMembers) != 2 {
		t.Errorf("changed cluster has %d days", aws.ToInt32(got.BackupRetentionPeriod))
	}
	if got, ok := b.Cluster(account, region, "scale-00000017"); !ok || got.BackupRetentionPeriod != 8 || !got.MultiAZ {
		t.Errorf("generated cluster: %+v", got)
	}
	instances := rds.NewDescribeDBInstancesPaginator(k, &rds.DescribeDBInstancesInput{
		Filters: []types.Filter{{Name: aws.String("engine"), Values: []string{"neptune"}}}})
	n := 0
	for instances.HasMorePages() {
		out, err := instances.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n += len(out.DBInstances)
	}
	if n != 1050 {
		t.Errorf("%d instances of neptune clusters, want 1050", n)
	}
	if len(b.Calls()) != 0 || b.CallCount(lab.Match{Operation: "DescribeDBClusters"}) < 11 {
		t.Error("counting kept the calls")
	}
}

// BenchmarkClusterPages serves full pages of generated clusters without a network between.
func BenchmarkClusterPages(b *testing.B) {
	w, _ := newWorld()
	w.Account(account).Region(region).Generate(lab.Scale{Clusters: 100_000, Vary: func(i int, c *lab.Cluster) {
		c.BackupRetentionPeriod = 1 + i%10
	}})
	l := lab.New(lab.Options{World: w, Record: lab.RecordCounts, Pause: -1})
	var next string
	b.ReportAllocs()
	for b.Loop() {
		body := "Action=DescribeDBClusters&Version=2014-10-31"
		if next != "" {
			body += "&Marker=" + next
		}
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20261120/%s/rds/aws4_request, SignedHeaders=host, Signature=x", lab.AccessKey(account), region))
		rec := httptest.NewRecorder()
		rec.Body = nil
		sink := &page{ResponseWriter: rec}
		l.ServeHTTP(sink, req)
		next = sink.marker
		b.SetBytes(int64(sink.n))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
}

// page takes an answer and keeps only its marker.
type page struct {
	http.ResponseWriter
	n      int
	marker string
}

func (p *page) Write(data []byte) (int, error) {
	p.n = len(data)
	tail := string(data[max(0, len(data)-400):])
	_, rest, _ := strings.Cut(tail, "<Marker>")
	p.marker, _, _ = strings.Cut(rest, "</Marker>")
	return len(data), nil
}
