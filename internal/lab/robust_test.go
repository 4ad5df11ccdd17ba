package lab_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"

	"github.com/holdfast-aws/holdfast/internal/lab"
)

// signed is a request as a client of the account would sign it.
func signed(service, body string) *http.Request {
	req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	req.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/20261120/%s/%s/aws4_request, SignedHeaders=host, Signature=x",
		lab.AccessKey(account), region, service))
	return req
}

func TestKeysAnswerInJSON(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	arn := w.Account(account).Region(region).AddKey(lab.Key{Alias: "alias/graph", Disabled: true})
	b := start(t, lab.Options{World: w}, c)
	ask := func(operation, body string) (int, map[string]any) {
		t.Helper()
		req := signed("kms", body)
		req.Header.Set("X-Amz-Target", "TrentService."+operation)
		rec := httptest.NewRecorder()
		b.ServeHTTP(rec, req)
		var got map[string]any
		if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
			t.Fatal(err)
		}
		return rec.Code, got
	}
	if _, got := ask("DescribeKey", `{"KeyId":"alias/graph"}`); got["KeyMetadata"].(map[string]any)["Arn"] != arn ||
		got["KeyMetadata"].(map[string]any)["KeyState"] != "Disabled" {
		t.Errorf("key: %v", got)
	}
	if status, got := ask("DescribeKey", `{"KeyId":"alias/ghost"}`); status != 400 || got["__type"] != "NotFoundException" {
		t.Errorf("missing key: %d %v", status, got)
	}
	if _, got := ask("ListAliases", `{}`); len(got["Aliases"].([]any)) != 2 {
		t.Errorf("aliases: %v", got)
	}
	b.Inject(lab.Fault{Match: lab.Match{Service: "kms"}, Effect: lab.Throttle})
	if status, got := ask("ListAliases", `{}`); status != 400 || got["__type"] != "ThrottlingException" {
		t.Errorf("throttled: %d %v", status, got)
	}
}

func TestServingWhileEverythingChanges(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	r := w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a", "b"}}).
		Generate(lab.Scale{Clusters: 300})
	b := start(t, lab.Options{World: w, Settle: lab.Settle{Describes: 1}, Pause: -1}, c)
	var wg sync.WaitGroup
	serve := func(body string) {
		b.ServeHTTP(httptest.NewRecorder(), signed("rds", body))
	}
	for worker := range 4 {
		wg.Go(func() {
			for i := range 50 {
				serve("Action=DescribeDBClusters")
				serve(fmt.Sprintf("Action=ModifyDBCluster&DBClusterIdentifier=scale-%08d&BackupRetentionPeriod=9", worker*50+i))
				serve("Action=ModifyDBCluster&DBClusterIdentifier=graph&EnableIAMDatabaseAuthentication=true")
				serve("Action=DescribeDBInstances")
				serve("Action=DescribeDBClusterSnapshots&SnapshotType=public")
				remove := b.Inject(lab.Fault{Effect: lab.Throttle, Every: 7})
				r.AddSnapshot(lab.Snapshot{ID: fmt.Sprintf("s-%d-%d", worker, i), ClusterID: "graph"})
				r.Clusters()
				b.CallCount(lab.Match{})
				remove()
				c.pass(1)
			}
		})
	}
	wg.Wait()
	if len(r.Snapshots()) != 200 {
		t.Errorf("%d snapshots", len(r.Snapshots()))
	}
}

// TestPagingALargeRegionHoldsNothing measures the heap, so nothing may run beside it.
func TestPagingALargeRegionHoldsNothing(t *testing.T) {
	w, _ := newWorld()
	w.Account(account).Region(region).Generate(lab.Scale{Clusters: 20_000})
	l := lab.New(lab.Options{World: w, Record: lab.RecordCounts, Pause: -1})
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	marker, total := "", 0
	walk := func(pages int) {
		for range pages {
			body := "Action=DescribeDBClusters"
			if marker != "" {
				body += "&Marker=" + marker
			}
			sink := &page{ResponseWriter: httptest.NewRecorder()}
			l.ServeHTTP(sink, signed("rds", body))
			marker = sink.marker
			total++
		}
	}
	walk(20)
	before := heap()
	walk(180)
	if grown := int64(heap()) - int64(before); grown > 4<<20 {
		t.Errorf("the heap grew by %d bytes over 180 pages", grown)
	}
	if marker != "" || l.CallCount(lab.Match{}) != total {
		t.Errorf("marker %q after %d calls", marker, l.CallCount(lab.Match{}))
	}
}

func TestCloseTwice(t *testing.T) {
	t.Parallel()
	l, err := lab.Start(t.Context(), lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestContextEndsServing(t *testing.T) {
	t.Parallel()
	b := graph(t)
	if _, err := b.list(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	l, err := lab.Start(ctx, lab.Options{})
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if _, err := http.Get(l.URL); err == nil {
		t.Error("still served")
	}
}

// FuzzRequest throws any form and any signature at the lab: it must answer, in well-formed XML or JSON.
func FuzzRequest(f *testing.F) {
	w, _ := newWorld()
	w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph", Zones: []string{"a"}}).
		AddSnapshot(lab.Snapshot{ID: "s", ClusterID: "graph"}).Generate(lab.Scale{Clusters: 30})
	l := lab.New(lab.Options{World: w, Record: lab.RecordCounts, Pause: -1})
	sign := signed("rds", "").Header.Get("Authorization")
	for _, body := range []string{
		"Action=DescribeDBClusters&MaxRecords=20&Marker=YTpncmFwaA&Filters.Filter.1.Name=engine&Filters.Filter.1.Values.Value.1=neptune",
		"Action=ModifyDBCluster&DBClusterIdentifier=graph&PreferredBackupWindow=01:00-02:00&PreferredMaintenanceWindow=sun:01:30-sun:02:00",
		"Action=ModifyDBClusterSnapshotAttribute&DBClusterSnapshotIdentifier=s&AttributeName=restore&ValuesToAdd.AttributeValue.1=all",
		"Action=RestoreDBClusterFromSnapshot&DBClusterIdentifier=n&SnapshotIdentifier=s&Engine=neptune&KmsKeyId=alias%2Faws%2Frds",
		"Action=RestoreDBClusterToPointInTime&SourceDBClusterIdentifier=graph&DBClusterIdentifier=p&RestoreToTime=2026-11-20T00:00:00Z",
		"Action=CreateDBInstance&DBInstanceIdentifier=i&DBClusterIdentifier=graph&Engine=neptune&DBInstanceClass=db.r5.large",
		"Action=ListTagsForResource&ResourceName=arn:aws:rds:eu-west-1:111122223333:cluster:graph", "Action=%zz", "=&&&;", "Action=\x00<",
	} {
		f.Add(sign, "", body)
	}
	f.Add(strings.Replace(sign, "/rds/", "/kms/", 1), "TrentService.DescribeKey", `{"KeyId":"x"}`)
	f.Add(strings.Replace(sign, "/rds/", "/sts/", 1), "", "Action=AssumeRole&RoleArn=arn:aws:iam::111122223333:role/x&RoleSessionName=s")
	f.Add(strings.Replace(sign, "/rds/", "/ec2/", 1), "", "Action=DescribeRegions&Filter.1.Name=region-name&Filter.1.Value.1=eu-west-1")
	f.Fuzz(func(t *testing.T, authorization, target, body string) {
		req := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		req.Header.Set("Authorization", authorization)
		req.Header.Set("X-Amz-Target", target)
		rec := httptest.NewRecorder()
		l.ServeHTTP(rec, req)
		if strings.Contains(rec.Header().Get("Content-Type"), "json") {
			if !json.Valid(rec.Body.Bytes()) {
				t.Errorf("no JSON: %s", rec.Body)
			}
			return
		}
		d := xml.NewDecoder(rec.Body)
		for {
			_, err := d.Token()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatalf("no XML: %v in %s", err, rec.Body)
			}
		}
	})
}

func TestOddTextSurvivesTheWire(t *testing.T) {
	t.Parallel()
	w, c := newWorld()
	text := "a<b>&\"c\"'d'\te\nf é 漢"
	w.Account(account).Region(region).AddCluster(lab.Cluster{ID: "graph", Tags: lab.Tags{"note": text}})
	b := start(t, lab.Options{World: w}, c)
	out, err := b.rds().ListTagsForResource(t.Context(), &rds.ListTagsForResourceInput{ResourceName: aws.String(graphARN)})
	if err != nil || aws.ToString(out.TagList[0].Value) != text {
		t.Errorf("got %q, %v", aws.ToString(out.TagList[0].Value), err)
	}
}
