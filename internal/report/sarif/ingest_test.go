package sarif_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/holdfast-aws/holdfast/internal/report/sarif"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// upload is a log as GitHub code scanning takes it in.
type upload struct {
	Runs []struct {
		AutomationDetails *struct{ ID string }
		Tool              struct {
			Driver struct {
				Name  string
				Rules []struct {
					ID                                string
					ShortDescription, FullDescription struct{ Text string }
					Help                              struct{ Text, Markdown string }
					Properties                        struct {
						SecuritySeverity string `json:"security-severity"`
						Precision        string
						Tags             []string
					}
				}
			}
		}
		Results []struct {
			RuleID              string
			RuleIndex           *int
			Level               string
			Message             struct{ Text string }
			Locations           []place
			RelatedLocations    []place
			PartialFingerprints map[string]string
		}
	}
}

type place struct {
	ID               int
	PhysicalLocation *struct {
		ArtifactLocation struct{ URI, URIBaseID string }
		Region           *struct{ StartLine, EndLine int }
	}
	Message *struct{ Text string }
}

// ingest holds a log to what GitHub documents of its code scanning: what it
// rejects, what it cuts, and what it needs to show an alert on a line.
func ingest(t *testing.T, data []byte) upload {
	t.Helper()
	var log upload
	if err := json.Unmarshal(data, &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) == 0 || len(log.Runs) > 20 {
		t.Fatalf("%d runs, of at most 20", len(log.Runs))
	}
	categories := make(map[string]bool)
	for i := range log.Runs {
		run := &log.Runs[i]
		category := ""
		if run.AutomationDetails != nil {
			category = run.AutomationDetails.ID
		}
		if categories[category] {
			t.Errorf("two runs have the category %q", category)
		}
		categories[category] = true
		if len(run.Results) > 25_000 || len(run.Tool.Driver.Rules) > 25_000 || run.Tool.Driver.Name == "" {
			t.Errorf("run %d: %d results, %d rules", i, len(run.Results), len(run.Tool.Driver.Rules))
		}
		for _, rule := range run.Tool.Driver.Rules {
			score, err := strconv.ParseFloat(rule.Properties.SecuritySeverity, 64)
			if s := rule.Properties.SecuritySeverity; s != "" && (err != nil || score < 0 || score > 10) {
				t.Errorf("%s: security-severity %q", rule.ID, s)
			}
			if len(rule.Properties.Tags) > 10 || len(rule.ShortDescription.Text) > 1024 || len(rule.FullDescription.Text) > 1024 || rule.ShortDescription.Text == "" {
				t.Errorf("%s: tags or descriptions that are cut or refused", rule.ID)
			}
		}
		for _, r := range run.Results {
			if r.RuleIndex == nil || run.Tool.Driver.Rules[*r.RuleIndex].ID != r.RuleID || r.Message.Text == "" || len(r.PartialFingerprints) == 0 {
				t.Errorf("%s: without its rule, message or fingerprint", r.RuleID)
			}
			if len(r.Locations) != 1 || len(r.RelatedLocations) > 1000 {
				t.Fatalf("%s: %d locations", r.RuleID, len(r.Locations))
			}
			ingestPlaces(t, r.Message.Text, append(r.RelatedLocations, r.Locations...))
		}
	}
	return log
}

// ingestPlaces holds places to what an alert needs: a path below the checkout,
// a line, and for related ones a number by which the message links to them.
func ingestPlaces(t *testing.T, message string, places []place) {
	t.Helper()
	scheme := regexp.MustCompile(`^([a-zA-Z][a-zA-Z0-9+.-]*:|/)`)
	linked := make(map[string]bool)
	for _, link := range regexp.MustCompile(`\]\((\d+)\)`).FindAllStringSubmatch(message, -1) {
		linked[link[1]] = true
	}
	for _, p := range places {
		if p.PhysicalLocation == nil || p.PhysicalLocation.Region == nil || p.PhysicalLocation.Region.StartLine < 1 {
			t.Errorf("no place to show: %+v in %q", p, message)
			continue
		}
		if at := p.PhysicalLocation.ArtifactLocation; at.URI == "" || scheme.MatchString(at.URI) || at.URIBaseID != "%SRCROOT%" {
			t.Errorf("not below the checkout: %+v", at)
		}
		if p.ID > 0 && (!linked[strconv.Itoa(p.ID)] || p.Message == nil) {
			t.Errorf("the message does not link to place %d: %q", p.ID, message)
		}
	}
}

func TestGitHubTakesEveryLog(t *testing.T) {
	t.Parallel()
	for name, stream := range streams() {
		for _, format := range []func(*bytes.Buffer) finding.Handler{format, verbose} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				ingest(t, reporttest.Write(t, stream, format))
			})
		}
	}
}

func TestMoreResultsThanOneRunTakesAreSpreadOverRuns(t *testing.T) {
	t.Parallel()
	log := ingest(t, reporttest.Write(t, reporttest.Many(90_000), format))
	if len(log.Runs) != 3 || len(log.Runs[0].Results) != 25_000 || len(log.Runs[2].Results) != 10_000 {
		t.Fatalf("%d runs", len(log.Runs))
	}
	if log.Runs[0].AutomationDetails != nil || log.Runs[2].AutomationDetails.ID != "holdfast/part-3" {
		t.Errorf("runs are told apart by %+v and %+v", log.Runs[0].AutomationDetails, log.Runs[2].AutomationDetails)
	}
}

func TestRulesKeepWhatGitHubCuts(t *testing.T) {
	t.Parallel()
	long := finding.Control{ID: "Long.1", Title: strings.Repeat("title ", 400), Checks: strings.Repeat("é", 2000), Severity: finding.High}
	for i := range 30 {
		long.Standards = append(long.Standards, fmt.Sprintf("standard-%d", i))
	}
	ingest(t, reporttest.Write(t, func(h finding.Handler) error {
		return reporttest.Begin(h, long).End(finding.Footer{})
	}, format))
}

func TestAnAlertStandsOnThePropertyAndLinksToWhatDecides(t *testing.T) {
	t.Parallel()
	f := finding.Finding{
		Control: "Neptune.5", Severity: finding.Medium, Status: finding.Failed, Evidence: reporttest.Retention(1, false),
		Resource: resource.Ref{
			Type: "AWS::Neptune::DBCluster", ID: "main",
			Origin: resource.Origin{File: "modules/graph/main.tf", Line: 3, EndLine: 21, Address: "module.graph.aws_neptune_cluster.main"},
		},
	}
	f.Evidence[0].Origin = resource.Origin{
		File: "modules/graph/main.tf", Line: 7, EndLine: 7,
		Defined: &resource.Origin{File: "../shared (new)/variables.tf", Line: 12, EndLine: 12},
	}
	at := report.Options{Dir: "/srv/repo/infra", Root: "/srv/repo"}
	log := ingest(t, reporttest.Write(t, func(h finding.Handler) error {
		s := reporttest.Begin(h, reporttest.Controls()...)
		s.Finding(f)
		return s.End(finding.Footer{Coverage: finding.Coverage{Total: 1, Read: 1}})
	}, func(b *bytes.Buffer) finding.Handler { return sarif.New(at, b) }))
	r := log.Runs[0].Results[0]
	property, block, decides := r.Locations[0], r.RelatedLocations[0], r.RelatedLocations[1]
	if p := property.PhysicalLocation; p.ArtifactLocation.URI != "infra/modules/graph/main.tf" || p.Region.StartLine != 7 {
		t.Errorf("the alert stands at %+v", p)
	}
	if p := block.PhysicalLocation; p.Region.StartLine != 3 || p.Region.EndLine != 21 {
		t.Errorf("the resource stands at %+v", p)
	}
	if p := decides.PhysicalLocation; p.ArtifactLocation.URI != "shared%20%28new%29/variables.tf" && p.ArtifactLocation.URI != "shared%20(new)/variables.tf" || p.Region.StartLine != 12 {
		t.Errorf("the value is decided at %+v", p)
	}
	if !strings.HasSuffix(r.Message.Text, " See [the resource](1) and [what decides BackupRetentionPeriod](2).") {
		t.Errorf("message %q", r.Message.Text)
	}
}
