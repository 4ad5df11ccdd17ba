package ndjson_test

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/ndjson"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func format(b *bytes.Buffer) finding.Handler { return ndjson.New(report.Options{}, b) }

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(finding.Handler) error{
		"rich.ndjson": reporttest.Rich, "empty.ndjson": reporttest.Empty, "dark.ndjson": reporttest.Dark,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name, reporttest.Write(t, stream, format))
		})
	}
}

func TestEveryLineIsOneMessageAndTheFirstSaysTheFormat(t *testing.T) {
	t.Parallel()
	out := string(reporttest.Write(t, reporttest.Rich, format))
	lines := strings.Split(strings.TrimSuffix(out, "\n"), "\n")
	for i, line := range lines {
		var message map[string]json.RawMessage
		if err := json.Unmarshal([]byte(line), &message); err != nil || len(message) != 1 {
			t.Errorf("line %d holds %d messages: %v", i+1, len(message), err)
		}
	}
	if !strings.HasPrefix(lines[0], `{"scan":{"format":1,"tool":"holdfast"`) || !strings.HasPrefix(lines[len(lines)-1], `{"summary":`) {
		t.Errorf("first line %q, last line %q", lines[0], lines[len(lines)-1])
	}
}

func BenchmarkFinding(b *testing.B) {
	if err := reporttest.Bench(b, ndjson.New(report.Options{}, io.Discard)); err != nil {
		b.Fatal(err)
	}
}
