package text_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
	"github.com/holdfast-aws/holdfast/internal/report/text"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

func write(t *testing.T, stream func(finding.Handler) error, options report.Options) string {
	t.Helper()
	options.Now = reporttest.Now()
	return string(reporttest.Write(t, stream, func(b *bytes.Buffer) finding.Handler { return text.New(options, b) }))
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stream  func(finding.Handler) error
		options report.Options
	}{
		"rich-80.txt":       {reporttest.Rich, report.Options{Width: 80}},
		"rich-160.txt":      {reporttest.Rich, report.Options{Width: 160}},
		"rich-color.txt":    {reporttest.Rich, report.Options{Width: 80, Color: true}},
		"rich-verbose.txt":  {reporttest.Rich, report.Options{Width: 80, Verbose: true}},
		"rich-40.txt":       {reporttest.Rich, report.Options{Width: 40}},
		"empty.txt":         {reporttest.Empty, report.Options{}},
		"passing.txt":       {reporttest.Passing, report.Options{}},
		"dark.txt":          {reporttest.Dark, report.Options{}},
		"many-thousand.txt": {reporttest.Many(1000), report.Options{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name, []byte(write(t, test.stream, test.options)))
		})
	}
}

func TestLinesFitTheWidthAndEndClean(t *testing.T) {
	t.Parallel()
	for _, width := range []int{40, 60, 80, 100, 119, 120, 160, 240} {
		for i, line := range strings.Split(write(t, reporttest.Rich, report.Options{Width: width}), "\n") {
			command := strings.Contains(line, "holdfast fix plan")
			if page.Width(line) > width && !command {
				t.Errorf("width %d, line %d is %d wide: %q", width, i+1, page.Width(line), line)
			}
			if strings.TrimRight(line, " \t") != line {
				t.Errorf("width %d, line %d ends in space: %q", width, i+1, line)
			}
		}
	}
}

func TestHostileTextReachesNoTerminal(t *testing.T) {
	t.Parallel()
	out := write(t, reporttest.Rich, report.Options{Width: 80, Verbose: true})
	for _, r := range out {
		if r != '\n' && (r < ' ' || r == 0x7f || r == 0x9b || r == 0x202e) {
			t.Fatalf("the character %U came through", r)
		}
	}
}

func TestEveryColourIsClosedOnItsLine(t *testing.T) {
	t.Parallel()
	for line := range strings.SplitSeq(write(t, reporttest.Rich, report.Options{Color: true}), "\n") {
		if strings.Count(line, "\x1b[") != 2*strings.Count(line, "\x1b[0m") {
			t.Errorf("a colour runs past its line: %q", line)
		}
	}
}

func TestVerboseListsEveryRow(t *testing.T) {
	t.Parallel()
	const n = 300
	short := write(t, reporttest.Many(n), report.Options{})
	long := write(t, reporttest.Many(n), report.Options{Verbose: true})
	if rows := strings.Count(long, "graph-0"); rows != n {
		t.Errorf("verbose lists %d of %d", rows, n)
	}
	if !strings.Contains(short, "… and 180 more FAILED (--format ndjson shows all)") {
		t.Errorf("the short form does not say what it leaves out:\n%s", short)
	}
}

func TestTheLastLineIsCoverage(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(finding.Handler) error{
		"rich": reporttest.Rich, "empty": reporttest.Empty, "dark": reporttest.Dark,
	} {
		lines := strings.Split(strings.TrimSpace(write(t, stream, report.Options{})), "\n")
		if last := lines[len(lines)-1]; !strings.Contains(last, "read · ") {
			t.Errorf("%s ends with %q", name, last)
		}
	}
}

func TestNoHostileIDStandsInACommand(t *testing.T) {
	t.Parallel()
	out := write(t, func(h finding.Handler) error {
		s := reporttest.Begin(h)
		for _, id := range []string{"x'; rm -rf ~; '", "$(x)", "-rf", "Neptune.5"} {
			s.Finding(finding.Finding{Control: id, Severity: finding.High, Status: finding.Failed, Resource: reporttest.Cluster("1", "r", "c")})
		}
		return s.End(finding.Footer{})
	}, report.Options{})
	if !strings.Contains(out, "Next:  holdfast fix plan --control 'Neptune.5' --out plan.json\n       holdfast explain Neptune.5\n") {
		t.Errorf("got\n%s", out)
	}
}

// Instances of one module differ in the middle of their addresses.
func TestAddressesInCodeAreNeverOnlyShortened(t *testing.T) {
	t.Parallel()
	var findings []*finding.Finding
	for _, key := range []string{"audit", "users"} {
		address := `module.db["` + key + `"].module.db_instance.aws_db_instance.this[0]`
		findings = append(findings, &finding.Finding{
			Control: "Test.1", Status: finding.Failed, Severity: finding.Medium,
			Resource: resource.Ref{Type: "AWS::RDS::DBInstance", ID: address, Origin: resource.Origin{
				File: "modules/instance/inner/main.tf", Line: 4, EndLine: 12, Address: address,
			}},
		})
	}
	stream := func(h finding.Handler) error {
		if err := h.Begin(&finding.Header{Controls: []finding.Control{{ID: "Test.1", Title: "Things should be fine", Severity: finding.Medium}}}); err != nil {
			return err
		}
		for _, f := range findings {
			if err := h.Finding(f); err != nil {
				return err
			}
		}
		return h.End(&finding.Footer{Tally: finding.Tally{Failed: 2}})
	}
	for _, width := range []int{60, 80, 120, 200} {
		out := strings.Join(strings.Fields(write(t, stream, report.Options{Width: width})), "")
		for _, f := range findings {
			if !strings.Contains(out, f.Resource.ID) {
				t.Errorf("at %d columns %s does not stand in\n%s", width, f.Resource.ID, out)
			}
		}
	}
}

// Many controls that found nothing would hide what was found.
func TestManyControlsThatFoundNothingAreCountedByService(t *testing.T) {
	t.Parallel()
	stream := func(h finding.Handler) error {
		var controls []finding.Control
		for i := range 9 {
			controls = append(controls, finding.Control{ID: fmt.Sprintf("RDS.%d", i+1), Title: "title", Severity: finding.Low, ResourceType: "AWS::RDS::DBCluster"})
		}
		controls = append(controls, finding.Control{ID: "EFS.2", Title: "title", Severity: finding.Low, ResourceType: "AWS::EFS::FileSystem"})
		return reporttest.Begin(h, controls...).End(finding.Footer{Coverage: finding.Coverage{Unit: "files", Total: 2, Read: 2}})
	}
	short := write(t, stream, report.Options{Width: 120})
	if !strings.Contains(short, "Nothing to judge: no resource in the 2 files read, for EFS (1) · RDS (9).") {
		t.Errorf("short:\n%s", short)
	}
	if long := write(t, stream, report.Options{Width: 120, Verbose: true}); !strings.Contains(long, "EFS file system or RDS DB cluster") {
		t.Errorf("verbose:\n%s", long)
	}
}
