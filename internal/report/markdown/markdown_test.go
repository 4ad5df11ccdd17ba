package markdown_test

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/markdown"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func format(b *bytes.Buffer) finding.Handler {
	return markdown.New(report.Options{Now: reporttest.Now()}, b)
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(finding.Handler) error{
		"rich.md": reporttest.Rich, "empty.md": reporttest.Empty, "dark.md": reporttest.Dark,
		"passing.md": reporttest.Passing, "many.md": reporttest.Many(1000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name, reporttest.Write(t, stream, format))
		})
	}
}

func TestNeverLongerThanAComment(t *testing.T) {
	t.Parallel()
	crowd := func(h finding.Handler) error {
		var controls []finding.Control
		for i := range 600 {
			controls = append(controls, finding.Control{ID: fmt.Sprintf("Crowd.%d", i), Title: strings.Repeat("title ", 40), Severity: finding.High})
		}
		s := reporttest.Begin(h, controls...)
		for _, control := range controls {
			for range 20 {
				s.Finding(finding.Finding{
					Control: control.ID, Title: control.Title, Severity: control.Severity, Status: finding.Failed,
					Resource: reporttest.Cluster("1", "r", strings.Repeat(reporttest.Hostile, 9)), Evidence: reporttest.Retention(1, false),
				})
			}
			s.Gap(finding.Gap{Account: "1", Reason: finding.GapDenied, Detail: strings.Repeat("x", 5000)})
		}
		return s.End(finding.Footer{})
	}
	out := string(reporttest.Write(t, crowd, format))
	if len(out) > 65_000 {
		t.Errorf("%d bytes", len(out))
	}
	if opened, closed := strings.Count(out, "<details"), strings.Count(out, "</details>"); opened != closed || opened == 0 {
		t.Errorf("%d details opened, %d closed", opened, closed)
	}
	for _, want := range []string{
		"<!-- holdfast -->\n", "12,000 failed", "600 gaps", "… and 570 gaps more", "controls more.",
		"controls more, for which a comment has no room",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("nothing says %q", want)
		}
	}
}

func TestFilesAreLinkedWhereTheForgeIsKnown(t *testing.T) {
	t.Parallel()
	options := report.Options{Now: reporttest.Now(), Dir: "/srv/repo/live", Root: "/srv/repo", Blob: "https://github.example/acme/infra/blob/4f1d2c0"}
	out := string(reporttest.Write(t, reporttest.Rich, func(b *bytes.Buffer) finding.Handler { return markdown.New(options, b) }))
	for _, want := range []string{
		"[`modules/graph/main.tf:3`](https://github.example/acme/infra/blob/4f1d2c0/live/modules/graph/main.tf#L3)",
		"](https://github.example/acme/infra/blob/4f1d2c0/live/a%20b/%C3%A9&%3C.tf#L1)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %s in\n%s", want, out)
		}
	}
}

// A bot looks for the first line of its own comment.
func TestTheFirstLineIsTheMarker(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(finding.Handler) error{"rich": reporttest.Rich, "empty": reporttest.Empty, "dark": reporttest.Dark} {
		if first, _, _ := strings.Cut(string(reporttest.Write(t, stream, format)), "\n"); first != "<!-- holdfast -->" {
			t.Errorf("%s begins with %q", name, first)
		}
	}
}

func TestRowsHaveTheirCells(t *testing.T) {
	t.Parallel()
	escaped := regexp.MustCompile(`\\.`)
	for line := range strings.SplitSeq(string(reporttest.Write(t, reporttest.Rich, format)), "\n") {
		if !strings.HasPrefix(line, "| ") || strings.Contains(line, "---") {
			continue
		}
		if cells := strings.Count(escaped.ReplaceAllString(line, ""), "|") - 1; cells != 4 && cells != 7 {
			t.Errorf("%d cells in %q", cells, line)
		}
	}
}
