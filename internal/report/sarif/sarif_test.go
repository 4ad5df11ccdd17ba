package sarif_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/holdfast-aws/holdfast/internal/report/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func format(b *bytes.Buffer) finding.Handler  { return sarif.New(report.Options{}, b) }
func verbose(b *bytes.Buffer) finding.Handler { return sarif.New(report.Options{Verbose: true}, b) }

func streams() map[string]func(finding.Handler) error {
	return map[string]func(finding.Handler) error{
		"rich.sarif": reporttest.Rich, "empty.sarif": reporttest.Empty, "dark.sarif": reporttest.Dark,
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

func TestFitsThePublishedSchema(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("testdata/schemas/sarif-schema-2.1.0.json")
	if err != nil {
		t.Fatal(err)
	}
	for name, stream := range streams() {
		for _, format := range []func(*bytes.Buffer) finding.Handler{format, verbose} {
			document, err := jsonschema.UnmarshalJSON(bytes.NewReader(reporttest.Write(t, stream, format)))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

type log struct {
	Runs []struct {
		Tool struct {
			Driver struct {
				Rules []struct{ ID string }
			}
		}
		Results []struct {
			RuleID              string
			RuleIndex           *int
			Kind, Level         string
			Message             struct{ Text string }
			PartialFingerprints map[string]string
			Locations           []struct {
				PhysicalLocation *struct {
					ArtifactLocation struct{ URI string }
					Region           struct{ StartLine int }
				}
				LogicalLocations []struct{ FullyQualifiedName string }
			}
			RelatedLocations []struct{ ID int }
			Suppressions     []struct{ Kind, Justification string }
		}
		Invocations []struct {
			ExecutionSuccessful        bool
			ToolExecutionNotifications []struct{ Message struct{ Text string } }
		}
	}
}

func read(t *testing.T, stream func(finding.Handler) error, format func(*bytes.Buffer) finding.Handler) log {
	t.Helper()
	var l log
	if err := json.Unmarshal(reporttest.Write(t, stream, format), &l); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestResultsSayKindLevelAndPlace(t *testing.T) {
	t.Parallel()
	run := read(t, reporttest.Rich, format).Runs[0]
	kinds := make(map[string]int)
	suppressed := 0
	for _, r := range run.Results {
		kinds[r.Kind+" "+r.Level]++
		suppressed += len(r.Suppressions)
		if r.RuleIndex == nil || run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Errorf("%s points at another rule", r.RuleID)
		}
		if len(r.PartialFingerprints["holdfastFinding/v1"]) != 16 {
			t.Errorf("no stable fingerprint: %v", r.PartialFingerprints)
		}
		if n := strings.Count(r.Message.Text, "]("); n != len(r.RelatedLocations) {
			t.Errorf("a message holds %d links to %d places: %q", n, len(r.RelatedLocations), r.Message.Text)
		}
	}
	want := map[string]int{"fail error": 2, "fail warning": 6, "open none": 2, "review none": 1}
	for kind, n := range want {
		if kinds[kind] != n {
			t.Errorf("%d results of %s, want %d; all: %v", kinds[kind], kind, n, kinds)
		}
	}
	if suppressed != 1 {
		t.Errorf("%d suppressions", suppressed)
	}
	first, hostile := run.Results[0].Locations[0], run.Results[2].Locations[0]
	if first.PhysicalLocation.ArtifactLocation.URI != "modules/graph/main.tf" || first.PhysicalLocation.Region.StartLine != 3 {
		t.Errorf("first result at %+v", first.PhysicalLocation)
	}
	if uri := hostile.PhysicalLocation.ArtifactLocation.URI; uri != "a%20b/%C3%A9&%3C.tf" {
		t.Errorf("hostile path became %q", uri)
	}
	if live := run.Results[3].Locations[0]; live.PhysicalLocation.ArtifactLocation.URI != "aws/111122223333/eu-west-1/graph-prod" || !strings.HasPrefix(live.LogicalLocations[0].FullyQualifiedName, "arn:aws:rds:") {
		t.Errorf("live result at %+v", live)
	}
}

func TestGapsAreNotificationsAndOnlyADarkRunIsUnsuccessful(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stream     func(finding.Handler) error
		gaps       int
		successful bool
	}{
		"some places were not read": {reporttest.Rich, 3, true},
		"nothing was read":          {reporttest.Dark, 1, false},
		"all was read":              {reporttest.Empty, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := read(t, test.stream, format).Runs[0]
			if got := run.Invocations[0]; got.ExecutionSuccessful != test.successful || len(got.ToolExecutionNotifications) != test.gaps {
				t.Errorf("%+v", got)
			}
			results := 0
			for _, r := range run.Results {
				if r.RuleID == "holdfast-gap" {
					results++
				}
			}
			if results != test.gaps {
				t.Errorf("%d gaps are results", results)
			}
		})
	}
}

func TestPassedFindingsAreResultsOnlyWhenAskedFor(t *testing.T) {
	t.Parallel()
	if n := len(read(t, reporttest.Passing, format).Runs[0].Results); n != 0 {
		t.Errorf("%d results", n)
	}
	if n := len(read(t, reporttest.Passing, verbose).Runs[0].Results); n != 3 {
		t.Errorf("%d results in verbose", n)
	}
}
