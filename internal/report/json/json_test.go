package json_test

import (
	"bytes"
	stdjson "encoding/json"
	"io"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/json"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func format(b *bytes.Buffer) finding.Handler { return json.New(report.Options{}, b) }

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(finding.Handler) error{
		"rich.json": reporttest.Rich, "empty.json": reporttest.Empty, "dark.json": reporttest.Dark,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name, reporttest.Write(t, stream, format))
		})
	}
}

// The names that scripts rely on.
func TestDocumentHasTheShapeThatScriptsRead(t *testing.T) {
	t.Parallel()
	var document struct {
		Findings []struct {
			Control, Status, Severity string
			Resource                  struct {
				Type, ID, ARN, Account, Region string
				Origin                         struct {
					File    string
					Line    int
					Address string
				}
			}
			Evidence []struct{ Property string }
		}
		Gaps     []struct{ Reason string }
		Coverage struct{ Total, Read int }
		Summary  struct{ Failed, Gaps int }
	}
	if err := stdjson.Unmarshal(reporttest.Write(t, reporttest.Rich, format), &document); err != nil {
		t.Fatal(err)
	}
	first := document.Findings[0]
	if first.Control != "Neptune.5" || first.Status != "FAILED" || first.Severity != "MEDIUM" ||
		first.Resource.Type != "AWS::Neptune::DBCluster" || first.Resource.Origin.Line != 3 ||
		first.Resource.Origin.Address != "module.graph.aws_neptune_cluster.main" ||
		first.Evidence[0].Property != "BackupRetentionPeriod" {
		t.Errorf("first finding %+v", first)
	}
	if len(document.Gaps) != 3 || document.Summary.Gaps != 3 || document.Coverage.Read != 5 || document.Summary.Failed != 4 {
		t.Errorf("gaps %d, coverage %+v, summary %+v", len(document.Gaps), document.Coverage, document.Summary)
	}
}

func TestAnEmptyScanHasEmptyListsAndNoNulls(t *testing.T) {
	t.Parallel()
	out := reporttest.Write(t, reporttest.Empty, format)
	if bytes.Contains(out, []byte("null")) || !bytes.Contains(out, []byte(`"findings":[],`)) || !bytes.Contains(out, []byte(`"gaps":[],`)) {
		t.Errorf("got %s", out)
	}
}

func TestWriteErrorsComeBack(t *testing.T) {
	t.Parallel()
	if err := reporttest.Many(1000)(json.New(report.Options{}, brokenPipe{})); err == nil {
		t.Error("a broken pipe went unnoticed")
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func BenchmarkFinding(b *testing.B) {
	h := json.New(report.Options{}, io.Discard)
	if err := reporttest.Bench(b, h); err != nil {
		b.Fatal(err)
	}
}
