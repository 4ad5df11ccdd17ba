package ocsf_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/ocsf"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func format(b *bytes.Buffer) finding.Handler { return ocsf.New(report.Options{}, b) }

func streams() map[string]func(finding.Handler) error {
	return map[string]func(finding.Handler) error{
		"rich.json": reporttest.Rich, "empty.json": reporttest.Empty, "dark.json": reporttest.Dark,
	}
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, stream := range streams() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name, reporttest.Write(t, stream, format))
		})
	}
}

func TestEventsFitThePublishedSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("testdata/schemas/compliance_finding-1.6.0.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, stream := range streams() {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(reporttest.Write(t, stream, format)))
		if err != nil {
			t.Fatal(err)
		}
		for i, event := range document.([]any) {
			if err := schema.Validate(event); err != nil {
				t.Errorf("%s, event %d: %v", name, i, err)
			}
		}
	}
}

func TestEachOutcomeInTheWordsOfTheFramework(t *testing.T) {
	t.Parallel()
	var events []struct {
		SeverityID int `json:"severity_id"`
		Status     string
		TypeUID    int `json:"type_uid"`
		Compliance struct {
			StatusID int `json:"status_id"`
			Status   string
		}
		FindingInfo struct{ UID string } `json:"finding_info"`
		Cloud       struct {
			Account *struct{ UID string }
		}
	}
	if err := json.Unmarshal(reporttest.Write(t, reporttest.Rich, format), &events); err != nil {
		t.Fatal(err)
	}
	got, ids, withAccount := make(map[string]int), make(map[string]bool), 0
	for _, e := range events {
		got[fmt.Sprint(e.Compliance.StatusID, " ", e.Compliance.Status, " ", e.Status, " ", e.SeverityID)]++
		ids[e.FindingInfo.UID] = true
		if e.TypeUID != 200301 {
			t.Errorf("type %d", e.TypeUID)
		}
		if e.Cloud.Account != nil {
			withAccount++
		}
	}
	want := map[string]int{
		"3 Fail New 5": 1, "3 Fail New 4": 1, "3 Fail New 3": 2, "3 Fail Suppressed 3": 1, "1 Pass Resolved 1": 4,
		"2 Warning New 3": 1, "0 Unknown New 5": 1, "0 Unknown New 3": 1, "0 Unknown New 1": 3,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if len(ids) != len(events) || withAccount != len(events)-3 {
		t.Errorf("%d events, %d ids, %d with an account", len(events), len(ids), withAccount)
	}
}
