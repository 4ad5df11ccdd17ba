package report_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func TestGroupsCountEverythingAndKeepAFew(t *testing.T) {
	t.Parallel()
	g := &report.Groups{Limit: 10}
	if err := reporttest.Many(100)(g); err != nil {
		t.Fatal(err)
	}
	group := g.Sorted()[0]
	if group.Failed.Count != 67 || len(group.Failed.Kept) != 10 || group.Failed.More() != 57 || group.Passed.Count != 33 || len(group.Passed.Kept) != 0 {
		t.Errorf("failed %d kept %d, passed %d kept %d", group.Failed.Count, len(group.Failed.Kept), group.Passed.Count, len(group.Passed.Kept))
	}
	if g.Judged() != 100 || !g.Live || g.Code {
		t.Errorf("judged %d, live %v, code %v", g.Judged(), g.Live, g.Code)
	}
}

func TestGroupsKeepEveryRowThatIsWanted(t *testing.T) {
	t.Parallel()
	for every, want := range map[bool][2]int{false: {5, 2}, true: {67, 33}} {
		g := new(report.Groups)
		g.Keep(every, 5, 2, 1)
		if err := reporttest.Many(100)(g); err != nil {
			t.Fatal(err)
		}
		group := g.Sorted()[0]
		if got := [2]int{len(group.Failed.Kept), len(group.Passed.Kept)}; got != want {
			t.Errorf("every row %v: kept %v, want %v", every, got, want)
		}
	}
}

func TestControlsAreFoundByFinding(t *testing.T) {
	t.Parallel()
	controls := report.ControlsOf(&finding.Header{Controls: reporttest.Controls()})
	if got := controls.Of(&finding.Finding{Control: "Neptune.5", Title: "other"}); got.ConfigRule == "" || got.Title == "other" {
		t.Errorf("got %+v", got)
	}
	if got := controls.Of(&finding.Finding{Control: "Acme.2", Title: "other"}); got.ID != "Acme.2" || got.Title != "other" {
		t.Errorf("got %+v", got)
	}
}

func TestGroupsAreSortedBySeverityThenByTheHeader(t *testing.T) {
	t.Parallel()
	g := &report.Groups{Limit: report.All, PassedLimit: report.All, GapLimit: 2}
	if err := reporttest.Rich(g); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, group := range g.Sorted() {
		got = append(got, group.Control.ID)
	}
	want := []string{"Neptune.3", "Acme.1", "Neptune.5", "Neptune.6", "Neptune.9", "Neptune.4"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if g.Gaps.Count != 3 || g.Gaps.More() != 1 || !g.Code {
		t.Errorf("gaps %d, more %d, code %v", g.Gaps.Count, g.Gaps.More(), g.Code)
	}
}

func TestAControlThatTheHeaderDoesNotNameHasItsGroup(t *testing.T) {
	t.Parallel()
	g := &report.Groups{Limit: 1}
	s := reporttest.Begin(g)
	s.Finding(finding.Finding{Control: "Acme.9", Title: "t", Severity: finding.Low, Status: finding.Warning, Resource: reporttest.Cluster("1", "r", "c")})
	if err := s.End(finding.Footer{}); err != nil {
		t.Fatal(err)
	}
	if group := g.Sorted()[0]; group.Control.Title != "t" || group.Open() != 1 || group.Total() != 1 {
		t.Errorf("group %+v", group)
	}
}

func TestLeftOutSaysWhatAndWhere(t *testing.T) {
	t.Parallel()
	for want, e := range map[string]report.LeftOutError{
		"write asff: left out 2 findings and 1 gap: why": {Format: "asff", Findings: 2, Gaps: 1, Why: "why"},
		"write asff: left out 1 finding: why":            {Format: "asff", Findings: 1, Why: "why"},
		"write asff: left out 3 gaps: why":               {Format: "asff", Gaps: 3, Why: "why"},
	} {
		err := errors.Join(nil, &e)
		var left *report.LeftOutError
		if err.Error() != want || !errors.As(err, &left) {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
