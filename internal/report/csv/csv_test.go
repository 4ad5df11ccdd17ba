package csv_test

import (
	"bytes"
	stdcsv "encoding/csv"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/csv"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func format(b *bytes.Buffer) finding.Handler { return csv.New(report.Options{}, b) }

func TestGolden(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(finding.Handler) error{
		"rich.csv": reporttest.Rich, "empty.csv": reporttest.Empty, "dark.csv": reporttest.Dark,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reporttest.Golden(t, name, reporttest.Write(t, stream, format))
		})
	}
}

func read(t *testing.T) []map[string]string {
	t.Helper()
	records, err := stdcsv.NewReader(bytes.NewReader(reporttest.Write(t, reporttest.Rich, format))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, record := range records[1:] {
		row := make(map[string]string)
		for i, name := range records[0] {
			row[name] = record[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func TestFindingsAndGapsAreRows(t *testing.T) {
	t.Parallel()
	byStatus := make(map[string]int)
	for _, row := range read(t) {
		byStatus[row["status"]]++
		if row["status"] == "GAP" && (row["missing"] == "" || row["try"] == "") {
			t.Errorf("a gap without cause or act: %v", row)
		}
	}
	if byStatus["GAP"] != 3 || byStatus["FAILED"] != 5 || byStatus["NOT_AVAILABLE"] != 2 || byStatus["PASSED"] != 4 {
		t.Errorf("rows %v", byStatus)
	}
}

func TestNoCellIsAFormulaOrBreaksItsLine(t *testing.T) {
	t.Parallel()
	for _, row := range read(t) {
		for name, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@\t\r", rune(strings.TrimLeft(cell, " ")[0])) {
				t.Errorf("%s is a formula: %q", name, cell)
			}
			if strings.ContainsAny(cell, "\r\n\x1b") {
				t.Errorf("%s holds a control character: %q", name, cell)
			}
		}
	}
}

func TestAFormulaBehindSpacesIsNeutralToo(t *testing.T) {
	t.Parallel()
	out := reporttest.Write(t, func(h finding.Handler) error {
		s := reporttest.Begin(h)
		for _, id := range []string{"  =1+1", "＝1", "+1", "plain", "-"} {
			s.Finding(finding.Finding{Control: "C.1", Status: finding.Failed, Resource: reporttest.Cluster("1", "r", id)})
		}
		return s.End(finding.Footer{})
	}, format)
	for _, want := range []string{",'  =1+1,", ",'＝1,", ",'+1,", ",plain,", ",'-,"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}
