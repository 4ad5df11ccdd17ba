package gitlab_test

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/gitlab"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

func format(b *bytes.Buffer) finding.Handler { return gitlab.New(report.Options{}, b) }

func streams() map[string]func(finding.Handler) error {
	return map[string]func(finding.Handler) error{
		"rich.json": reporttest.Rich, "empty.json": reporttest.Empty, "dark.json": reporttest.Dark,
		"passing.json": reporttest.Passing,
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

type issue struct {
	Description string
	CheckName   string `json:"check_name"`
	Fingerprint string
	Severity    string
	Location    struct {
		Path  string
		Lines struct{ Begin, End int }
	}
}

func read(t *testing.T, stream func(finding.Handler) error, format func(*bytes.Buffer) finding.Handler) []issue {
	t.Helper()
	var issues []issue
	if err := json.Unmarshal(reporttest.Write(t, stream, format), &issues); err != nil {
		t.Fatal(err)
	}
	return issues
}

// GitLab judges each item by its schema, and its documentation asks for more: a
// severity of five, a line from 1, a path below the repository, a fingerprint of
// its own.
func TestEachIssueIsOneThatGitLabTakes(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile("testdata/schemas/codeclimate.json")
	if err != nil {
		t.Fatal(err)
	}
	severity := regexp.MustCompile(`^(info|minor|major|critical|blocker)$`)
	for name, stream := range streams() {
		document, err := jsonschema.UnmarshalJSON(bytes.NewReader(reporttest.Write(t, stream, format)))
		if err != nil {
			t.Fatal(err)
		}
		for i, item := range document.([]any) {
			if err := schema.Validate(item); err != nil {
				t.Errorf("%s, item %d: %v", name, i, err)
			}
		}
		seen := make(map[string]bool)
		for _, i := range read(t, stream, format) {
			if !severity.MatchString(i.Severity) || i.Location.Lines.Begin < 1 || i.CheckName == "" || i.Description == "" {
				t.Errorf("%s: %+v", name, i)
			}
			if p := i.Location.Path; p == "" || strings.HasPrefix(p, "/") || strings.HasPrefix(p, "./") || strings.Contains(p, `\`) {
				t.Errorf("%s: path %q", name, p)
			}
			if seen[i.Fingerprint] || i.Fingerprint == "" {
				t.Errorf("%s: fingerprint %q stands twice or is empty", name, i.Fingerprint)
			}
			seen[i.Fingerprint] = true
		}
	}
}

func TestOnlyWhatCountsOrIsNotKnownIsAnIssue(t *testing.T) {
	t.Parallel()
	bySeverity := make(map[string]int)
	gaps := 0
	for _, i := range read(t, reporttest.Rich, format) {
		bySeverity[i.Severity]++
		if i.CheckName == "holdfast-gap" {
			gaps++
		}
		if strings.Contains(i.Description, "graph-sandbox") && i.Severity != "info" {
			t.Errorf("an accepted failure is an issue: %s", i.Description)
		}
	}
	if gaps != 3 || bySeverity["blocker"] != 1 || bySeverity["critical"] != 1 || bySeverity["major"] != 2 || bySeverity["info"] != 6 {
		t.Errorf("%d gaps, issues by severity %v", gaps, bySeverity)
	}
}

func TestTwoGapsOfOneFileAreTwoIssues(t *testing.T) {
	t.Parallel()
	issues := read(t, func(h finding.Handler) error {
		s := reporttest.Begin(h)
		for _, detail := range []string{"line 3: a bracket is missing", "line 9: a quote is missing"} {
			s.Gap(finding.Gap{File: "main.tf", Reason: finding.GapMalformed, Detail: detail})
		}
		return s.End(finding.Footer{})
	}, format)
	if len(issues) != 2 || issues[0].Fingerprint == issues[1].Fingerprint || issues[0].Location.Path != "main.tf" {
		t.Errorf("%+v", issues)
	}
}

func TestPathsStartAtTheRepositoryAndLinesAtTheProperty(t *testing.T) {
	t.Parallel()
	f := finding.Finding{
		Control: "Neptune.5", Title: "title", Severity: finding.Medium, Status: finding.Failed,
		Resource: resource.Ref{Type: "AWS::Neptune::DBCluster", ID: "main", Origin: resource.Origin{File: "main.tf", Line: 3, EndLine: 9}},
		Evidence: reporttest.Retention(1, false),
	}
	stream := func(h finding.Handler) error {
		s := reporttest.Begin(h)
		s.Finding(f)
		return s.End(finding.Footer{})
	}
	format := func(b *bytes.Buffer) finding.Handler {
		return gitlab.New(report.Options{Dir: "/srv/repo/live/eu", Root: "/srv/repo"}, b)
	}
	block := read(t, stream, format)[0].Location
	if block.Path != "live/eu/main.tf" || block.Lines.Begin != 3 || block.Lines.End != 0 {
		t.Errorf("the resource stands at %+v", block)
	}
	f.Evidence[0].Origin = resource.Origin{File: "main.tf", Line: 5, EndLine: 5}
	if property := read(t, stream, format)[0].Location; property.Lines.Begin != 5 {
		t.Errorf("the property stands at %+v", property)
	}
}

func BenchmarkFinding(b *testing.B) {
	if err := reporttest.Bench(b, gitlab.New(report.Options{}, new(bytes.Buffer))); err != nil {
		b.Fatal(err)
	}
}
