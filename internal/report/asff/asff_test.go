package asff_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/securityhub"
	"github.com/aws/aws-sdk-go-v2/service/securityhub/types"
	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/asff"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// write runs a stream and returns the array and what End said was left out.
func write(t *testing.T, stream func(finding.Handler) error) ([]byte, *report.LeftOutError) {
	t.Helper()
	var b bytes.Buffer
	err := stream(asff.New(report.Options{}, &b))
	var left *report.LeftOutError
	if err != nil && !errors.As(err, &left) {
		t.Fatal(err)
	}
	return b.Bytes(), left
}

// swollen is a stream in which every text is far too long.
func swollen(h finding.Handler) error {
	long := strings.Repeat("é"+reporttest.Hostile, 200)
	control := reporttest.Controls()[1]
	control.Checks, control.Title = long, long
	control.How = []string{long, long}
	for range 40 {
		control.Requirements = append(control.Requirements, "NIST.800-53.r5 SI-12")
	}
	s := reporttest.Begin(h, control)
	evidence := make([]finding.Evidence, 0, 80)
	for i := range 80 {
		evidence = append(evidence, finding.Evidence{Property: fmt.Sprint(i, long), Actual: resource.OfString(long), Expected: long})
	}
	s.Finding(finding.Finding{
		Control: "Neptune.5", Title: long, Severity: finding.Critical, Status: finding.Failed,
		Resource: reporttest.Cluster("111122223333", "eu-west-1", long), Evidence: evidence, Notes: []string{long},
		Missing:   []resource.Missing{{Reason: resource.ReasonDenied, Detail: long}},
		Exception: &finding.Exception{Reason: long, Owner: long, Source: long},
	})
	s.Gap(finding.Gap{Account: "111122223333", Region: "us-gov-west-1", Operation: long, Reason: finding.GapDenied, Detail: long, Permission: long, Resource: long})
	return s.End(finding.Footer{})
}

func streams() map[string]func(finding.Handler) error {
	return map[string]func(finding.Handler) error{
		"rich": reporttest.Rich, "empty": reporttest.Empty, "dark": reporttest.Dark, "swollen": swollen,
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"rich", "empty"} {
		out, _ := write(t, streams()[name])
		reporttest.Golden(t, name+".json", out)
	}
}

// The SDK must know every member, accept the findings and send exactly what
// was written.
func TestTheSDKSendsEveryFindingUnchanged(t *testing.T) {
	t.Parallel()
	for name, stream := range streams() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, _ := write(t, stream)
			var findings []types.AwsSecurityFinding
			decoder := json.NewDecoder(bytes.NewReader(out))
			decoder.DisallowUnknownFields()
			if err := decoder.Decode(&findings); err != nil {
				t.Fatal(err)
			}
			if len(findings) == 0 {
				return
			}
			var ours, sent any
			if err := json.Unmarshal(out, &ours); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(send(t, findings), &sent); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(ours, sent.(map[string]any)["Findings"]); diff != "" {
				t.Errorf("the SDK sends something else (-written +sent):\n%s", diff)
			}
		})
	}
}

// send gives findings to BatchImportFindings and returns the body that would
// have gone to Security Hub.
func send(t *testing.T, findings []types.AwsSecurityFinding) []byte {
	t.Helper()
	var body []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"FailedCount":0,"SuccessCount":%d,"FailedFindings":[]}`, len(findings))
	}))
	defer server.Close()
	client := securityhub.New(securityhub.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(server.URL), Credentials: aws.AnonymousCredentials{},
	})
	answer, err := client.BatchImportFindings(t.Context(), &securityhub.BatchImportFindingsInput{Findings: findings})
	if err != nil {
		t.Fatal(err)
	}
	if int(*answer.SuccessCount) != len(findings) {
		t.Errorf("%d of %d taken", *answer.SuccessCount, len(findings))
	}
	return body
}

func TestLimitsOfTheFormatAreKept(t *testing.T) {
	t.Parallel()
	for name, stream := range streams() {
		out, _ := write(t, stream)
		var raw []json.RawMessage
		if err := json.Unmarshal(out, &raw); err != nil {
			t.Fatal(err)
		}
		for _, text := range raw {
			if len(text) > 240<<10 {
				t.Errorf("%s: a finding of %d bytes", name, len(text))
			}
			var f types.AwsSecurityFinding
			if err := json.Unmarshal(text, &f); err != nil {
				t.Fatal(err)
			}
			check := func(field string, value *string, limit int) {
				if value != nil && (len(*value) > limit || *value == "") {
					t.Errorf("%s: %s has %d bytes, limit %d", name, field, len(*value), limit)
				}
			}
			check("Title", f.Title, 256)
			check("Description", f.Description, 1024)
			check("Id", f.Id, 512)
			check("GeneratorId", f.GeneratorId, 512)
			check("Resources.Id", f.Resources[0].Id, 512)
			if f.Remediation != nil {
				check("Recommendation.Text", f.Remediation.Recommendation.Text, 512)
			}
			if f.Note != nil {
				check("Note.Text", f.Note.Text, 512)
			}
			for key, value := range f.ProductFields {
				check("ProductFields."+key[:5], &key, 128)
				check("ProductFields."+key[:5], &value, 2048)
			}
			if len(f.ProductFields) > 50 || len(f.Compliance.RelatedRequirements) > 32 {
				t.Errorf("%s: %d product fields, %d requirements", name, len(f.ProductFields), len(f.Compliance.RelatedRequirements))
			}
			for _, required := range []*string{f.SchemaVersion, f.Id, f.ProductArn, f.GeneratorId, f.AwsAccountId, f.CreatedAt, f.UpdatedAt, f.Title, f.Description} {
				if required == nil || *required == "" {
					t.Errorf("%s: a required member is empty in %s", name, text)
				}
			}
		}
	}
}

func TestEachOutcomeInSecurityHubsWords(t *testing.T) {
	t.Parallel()
	out, left := write(t, reporttest.Rich)
	var findings []types.AwsSecurityFinding
	if err := json.Unmarshal(out, &findings); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]int)
	for _, f := range findings {
		got[fmt.Sprintf("%s %s %s", f.Compliance.Status, f.Workflow.Status, f.Severity.Label)]++
		switch *f.GeneratorId {
		case "holdfast/Neptune.3":
			if *f.Resources[0].Type != "AwsRdsDbClusterSnapshot" || *f.Compliance.SecurityControlId != "Neptune.3" ||
				*f.Remediation.Recommendation.Url != "https://docs.aws.amazon.com/console/securityhub/Neptune.3/remediation" {
				t.Errorf("Neptune.3: %+v", f)
			}
		case "holdfast/gap":
			if *f.Resources[0].Id != "AWS::::Account:"+*f.AwsAccountId {
				t.Errorf("a gap stands on %s", *f.Resources[0].Id)
			}
		}
		if *f.Region == "cn-north-1" && *f.ProductArn != "arn:aws-cn:securityhub:cn-north-1:444455556666:product/444455556666/default" {
			t.Errorf("product %s", *f.ProductArn)
		}
	}
	want := map[string]int{
		"FAILED NEW CRITICAL": 1, "FAILED NEW MEDIUM": 1, "FAILED SUPPRESSED MEDIUM": 1, "PASSED RESOLVED INFORMATIONAL": 4,
		"WARNING NEW MEDIUM": 1, "NOT_AVAILABLE NEW CRITICAL": 1, "NOT_AVAILABLE NEW INFORMATIONAL": 3,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if left == nil || left.Findings != 3 || left.Gaps != 0 {
		t.Errorf("left out %+v, expected the three findings in code", left)
	}
}

func TestWhatHasNoAccountIsLeftOutAloud(t *testing.T) {
	t.Parallel()
	out, left := write(t, reporttest.Dark)
	if string(out) != "[]\n" {
		t.Errorf("wrote %s", out)
	}
	if left == nil || left.Error() != "write asff: left out 1 gap: Security Hub takes only what has an account and a region" || !strings.Contains(left.Hint(), "sarif") {
		t.Errorf("said %v", left)
	}
}
