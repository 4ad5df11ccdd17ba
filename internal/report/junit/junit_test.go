package junit_test

import (
	"bytes"
	"encoding/xml"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/junit"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func format(b *bytes.Buffer) finding.Handler { return junit.New(report.Options{}, b) }

func streams() map[string]func(finding.Handler) error {
	return map[string]func(finding.Handler) error{
		"rich.xml": reporttest.Rich, "empty.xml": reporttest.Empty, "dark.xml": reporttest.Dark,
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
	schema := readSchema(t)
	for name, stream := range streams() {
		if err := schema.validate(bytes.NewReader(reporttest.Write(t, stream, format))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := schema.validate(bytes.NewReader(reporttest.Write(t, reporttest.Many(4000), format))); err != nil {
		t.Errorf("many: %v", err)
	}
}

type document struct {
	Suites []struct {
		Name     string `xml:"name,attr"`
		Tests    int    `xml:"tests,attr"`
		Failures int    `xml:"failures,attr"`
		Errors   int    `xml:"errors,attr"`
		Skipped  int    `xml:"skipped,attr"`
		Cases    []struct {
			Name    string `xml:"name,attr"`
			Failure *struct {
				Message string `xml:"message,attr"`
				Text    string `xml:",chardata"`
			} `xml:"failure"`
			Error   *struct{} `xml:"error"`
			Skipped *struct {
				Message string `xml:"message,attr"`
			} `xml:"skipped"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

func read(t *testing.T, stream func(finding.Handler) error) document {
	t.Helper()
	var d document
	if err := xml.Unmarshal(reporttest.Write(t, stream, format), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCountsAgreeWithTheCases(t *testing.T) {
	t.Parallel()
	for name, stream := range map[string]func(finding.Handler) error{"rich": reporttest.Rich, "many": reporttest.Many(4000)} {
		for _, suite := range read(t, stream).Suites {
			failures, errors, skipped := 0, 0, 0
			for _, c := range suite.Cases {
				if c.Failure != nil {
					failures++
				}
				if c.Error != nil {
					errors++
				}
				if c.Skipped != nil {
					skipped++
				}
			}
			if suite.Tests != len(suite.Cases) || suite.Failures != failures || suite.Errors != errors || suite.Skipped != skipped {
				t.Errorf("%s: suite %s says %d/%d/%d/%d, holds %d/%d/%d/%d", name, suite.Name,
					suite.Tests, suite.Failures, suite.Errors, suite.Skipped, len(suite.Cases), failures, errors, skipped)
			}
		}
	}
}

func TestUnjudgedAndGapsAreErrorsAndExceptedIsSkippedWithItsReason(t *testing.T) {
	t.Parallel()
	d := read(t, reporttest.Rich)
	errors, reason := 0, ""
	for _, suite := range d.Suites {
		errors += suite.Errors
		for _, c := range suite.Cases {
			if c.Skipped != nil {
				reason = c.Skipped.Message
			}
		}
	}
	if errors != 2+1+3 {
		t.Errorf("%d errors, expected 2 not available, 1 warning and 3 gaps", errors)
	}
	if !strings.Contains(reason, "throw-away data") || !strings.Contains(reason, "2026-12-01") {
		t.Errorf("skipped because %q", reason)
	}
	if last := d.Suites[len(d.Suites)-1]; !strings.HasPrefix(last.Name, "Gaps") || last.Errors != 3 {
		t.Errorf("last suite %s with %d errors", last.Name, last.Errors)
	}
}

func TestWhatIsNotListedStillFails(t *testing.T) {
	t.Parallel()
	cases := read(t, reporttest.Many(4000)).Suites[0].Cases
	for _, c := range cases {
		if c.Name == "1,667 more failed, not listed here" && c.Failure != nil {
			return
		}
	}
	t.Errorf("nothing speaks for the failures that are not listed; last case %q", cases[len(cases)-1].Name)
}
