package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/test/moto"
)

// stores is what the AWS CLI reads of the tables, warehouses and buckets of a
// region: the settings that fixes change, and one that none does.
type stores struct {
	Recovery   map[string]string
	Period     map[string]int
	Protected  map[string]bool
	Billing    map[string]string
	Retention  map[string]int
	Versioning map[string]string
}

// TestStoresAreFixedAsTheAWSCLIReadsThem plans, applies, proves and takes back
// the fixes of DynamoDB, Redshift and S3 on a server that nobody here wrote.
//
// moto knows neither the switch that blocks public snapshots nor changes of
// ElastiCache, EFS and FSx: those are proven on the lab. Nor does it tell the ids
// of tables and warehouses, without which nothing is planned; they are added on
// the way.
func TestStoresAreFixedAsTheAWSCLIReadsThem(t *testing.T) {
	t.Parallel()
	server := moto.Start(t)
	fillStores(t, server)
	before := readStores(t, server)
	identified := *server
	identified.Endpoint = withIDs(t, server.Endpoint)
	h := &motoLoop{t: t, server: &identified, folder: t.TempDir()}
	plan := filepath.Join(h.folder, "plan.json")
	h.holdfast(0, "fix", "plan", "--control", "DynamoDB.2,DynamoDB.6,Redshift.3,S3.14", "--region", moto.HomeRegion, "--out", plan)
	if diff := cmp.Diff(before, readStores(t, server)); diff != "" {
		t.Fatalf("planning changed the account: %s", diff)
	}
	run := applyStores(h, plan)
	want := stores{
		Recovery:   map[string]string{"orders": "ENABLED", "carts": "ENABLED"},
		Period:     map[string]int{"orders": 7, "carts": 35},
		Protected:  map[string]bool{"orders": true, "carts": true},
		Billing:    before.Billing,
		Retention:  map[string]int{"reports": 14, "staging": 7},
		Versioning: map[string]string{"archive": "Enabled", "drop": "Enabled", "once": "Enabled"},
	}
	if diff := cmp.Diff(want, readStores(t, server)); diff != "" {
		t.Errorf("the run did other than it should (-want +read): %s", diff)
	}
	again := filepath.Join(h.folder, "again.json")
	h.holdfast(0, "fix", "plan", "--control", "DynamoDB.2,DynamoDB.6,Redshift.3,S3.14", "--region", moto.HomeRegion, "--out", again)
	if out := h.holdfast(0, "fix", "apply", again, "--yes"); !strings.Contains(string(out), "no change") {
		t.Errorf("planned again, there is something to do: %s", out)
	}
	h.holdfast(0, "fix", "rollback", run, "--yes", "--accept-loss")
	before.Versioning["drop"] = "Suspended" // what was on once is never off again
	if diff := cmp.Diff(before, readStores(t, server)); diff != "" {
		t.Errorf("the rollback did other than it should (-want +read): %s", diff)
	}
}

// withIDs stands before moto and adds the ids that AWS gives: of the name alone,
// so that they stay what they are.
func withIDs(t *testing.T, endpoint string) string {
	t.Helper()
	target, err := url.Parse(endpoint)
	if err != nil {
		t.Fatal(err)
	}
	table := regexp.MustCompile(`"TableName": ?"([^"]+)"`)
	warehouse := regexp.MustCompile(`<ClusterIdentifier>([^<]+)</ClusterIdentifier>`)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(r *http.Response) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		body = table.ReplaceAll(body, []byte(`$0, "TableId": "id-of-$1"`))
		body = warehouse.ReplaceAll(body, []byte(`$0<ClusterNamespaceArn>arn:aws:redshift:::namespace:$1</ClusterNamespaceArn>`))
		for _, sum := range []string{"X-Amz-Crc32", "Content-Length"} {
			r.Header.Del(sum)
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		return nil
	}
	served := httptest.NewServer(proxy)
	t.Cleanup(served.Close)
	return served.URL
}

func applyStores(h *motoLoop, plan string) (run string) {
	h.t.Helper()
	var applied struct {
		Run string `json:"run"`
	}
	out := h.holdfast(0, "fix", "apply", plan, "--yes", "--format", "json")
	if err := json.Unmarshal(out, &applied); err != nil {
		h.t.Fatal(err)
	}
	return applied.Run
}

func fillStores(t *testing.T, server *moto.Server) {
	t.Helper()
	do := func(command string) { server.AWS(t, strings.Fields(command)...) }
	for _, name := range []string{"orders", "carts"} {
		do("dynamodb create-table --table-name " + name + " --attribute-definitions AttributeName=id,AttributeType=S --key-schema AttributeName=id,KeyType=HASH --billing-mode PAY_PER_REQUEST")
	}
	do("dynamodb update-continuous-backups --table-name orders --point-in-time-recovery-specification PointInTimeRecoveryEnabled=true,RecoveryPeriodInDays=7")
	for _, name := range []string{"archive", "drop", "once"} {
		do("s3api create-bucket --bucket " + name + " --create-bucket-configuration LocationConstraint=" + moto.HomeRegion)
	}
	do("s3api put-bucket-versioning --bucket archive --versioning-configuration Status=Enabled")
	do("s3api put-bucket-versioning --bucket once --versioning-configuration Status=Suspended")
	do("redshift create-cluster --cluster-identifier reports --node-type ra3.xlplus --master-username admin --master-user-password Secret-123 --automated-snapshot-retention-period 14")
	do("redshift create-cluster --cluster-identifier staging --node-type ra3.xlplus --master-username admin --master-user-password Secret-123")
}

func readStores(t *testing.T, server *moto.Server) stores {
	t.Helper()
	read := func(into any, command string) {
		t.Helper()
		out := server.AWS(t, strings.Fields(command)...)
		if len(out) == 0 {
			out = []byte("{}") // what the AWS CLI writes for a bucket that never had versions
		}
		if err := json.Unmarshal(out, into); err != nil {
			t.Fatalf("%s: %v in %s", command, err, out)
		}
	}
	s := stores{
		Recovery: make(map[string]string), Period: make(map[string]int), Protected: make(map[string]bool),
		Billing: make(map[string]string), Retention: make(map[string]int), Versioning: make(map[string]string),
	}
	for _, name := range []string{"orders", "carts"} {
		var backups struct {
			ContinuousBackupsDescription struct {
				PointInTimeRecoveryDescription struct {
					PointInTimeRecoveryStatus string
					RecoveryPeriodInDays      int
				}
			}
		}
		read(&backups, "dynamodb describe-continuous-backups --table-name "+name)
		recovery := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription
		s.Recovery[name], s.Period[name] = recovery.PointInTimeRecoveryStatus, recovery.RecoveryPeriodInDays
		var table struct {
			Table struct {
				DeletionProtectionEnabled bool
				BillingModeSummary        struct{ BillingMode string }
			}
		}
		read(&table, "dynamodb describe-table --table-name "+name)
		s.Protected[name], s.Billing[name] = table.Table.DeletionProtectionEnabled, table.Table.BillingModeSummary.BillingMode
	}
	var warehouses struct {
		Clusters []struct {
			ClusterIdentifier                string
			AutomatedSnapshotRetentionPeriod int
		}
	}
	read(&warehouses, "redshift describe-clusters")
	for _, c := range warehouses.Clusters {
		s.Retention[c.ClusterIdentifier] = c.AutomatedSnapshotRetentionPeriod
	}
	for _, name := range []string{"archive", "drop", "once"} {
		var versioning struct{ Status string }
		read(&versioning, "s3api get-bucket-versioning --bucket "+name)
		s.Versioning[name] = versioning.Status
	}
	return s
}
