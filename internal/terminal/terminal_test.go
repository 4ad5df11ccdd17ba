package terminal

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestStyleColoursOnlyWhenAsked(t *testing.T) {
	t.Parallel()
	plain, coloured := NewStyle(false), NewStyle(true)
	for name, pair := range map[string][2]string{
		"bold":     {plain.Bold("x"), coloured.Bold("x")},
		"faint":    {plain.Faint("x"), coloured.Faint("x")},
		"red":      {plain.Red("x"), coloured.Red("x")},
		"bold red": {plain.BoldRed("x"), coloured.BoldRed("x")},
		"yellow":   {plain.Yellow("x"), coloured.Yellow("x")},
		"green":    {plain.Green("x"), coloured.Green("x")},
		"cyan":     {plain.Cyan("x"), coloured.Cyan("x")},
	} {
		if pair[0] != "x" {
			t.Errorf("%s without colour is %q", name, pair[0])
		}
		if !strings.HasPrefix(pair[1], "\x1b[") || !strings.HasSuffix(pair[1], "x\x1b[0m") {
			t.Errorf("%s in colour is %q", name, pair[1])
		}
	}
}

func TestPageHangsLinesUnderTheirText(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := NewPage(&out, 40, false)
	p.Line("Title")
	p.Heading("How")
	p.Step(9, "The ninth step is long enough to need a second line.")
	p.Step(10, "Short.")
	p.Prose("Requirements are kept whole: " + Unbroken("PCI DSS v4.0.1/10.3.3"))
	p.Heading("Impact")
	p.Facts(Fact{"Cost", "about twelve dollars per month, and more"}, Fact{"Nothing at all", ""}, Fact{"Downtime", "none"})
	p.Command("holdfast fix plan --control Neptune.5 --out plan.json")
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	want := `Title

How
   9. The ninth step is long enough to
      need a second line.
  10. Short.
  Requirements are kept whole:
  PCI DSS v4.0.1/10.3.3

Impact
  Cost      about twelve dollars per
            month, and more
  Downtime  none
  holdfast fix plan --control Neptune.5 --out plan.json
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}

func TestFactsStandBelowTheirNamesWhereItIsNarrow(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := NewPage(&out, 40, false)
	p.Facts(Fact{"rds:DescribeDBClusters", "IamAuthEnabled, PendingIamAuthEnabled"})
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	want := `  rds:DescribeDBClusters
    IamAuthEnabled,
    PendingIamAuthEnabled
`
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}

func TestColourDoesNotMoveTheText(t *testing.T) {
	t.Parallel()
	var plain, coloured strings.Builder
	for _, p := range []*Page{NewPage(&plain, 40, false), NewPage(&coloured, 40, true)} {
		p.Heading("Impact")
		p.Facts(Fact{"Downtime", "none for clients that sign, all others are locked out"})
		p.Command("holdfast scan")
		if err := p.Flush(); err != nil {
			t.Fatal(err)
		}
	}
	bare := coloured.String()
	for _, code := range []string{"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[36m"} {
		bare = strings.ReplaceAll(bare, code, "")
	}
	if bare != plain.String() || bare == coloured.String() {
		t.Errorf("got\n%s\nwant\n%s", bare, plain.String())
	}
}

func TestProseIsNeverSetWiderThanTheMeasure(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	p := NewPage(&out, 200, false)
	p.Prose(strings.Repeat("word ", 100))
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > Measure {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
