package page

import (
	"strings"
	"testing"
)

func TestWrapKeepsEveryWordAndTheWidth(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"words":       "Neptune DB clusters should have automated backups enabled",
		"a long word": "see arn:aws:rds:eu-west-1:111122223333:cluster:a-very-long-identifier-that-fits-nowhere now",
		"wide":        "クラスタ 図 バックアップ保持期間が短い",
		"empty":       "",
		"spaces":      "  a   b  ",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for width := 2; width < 30; width++ {
				lines := Wrap(text, width)
				for _, line := range lines {
					if Width(line) > width || line != strings.TrimSpace(line) {
						t.Errorf("width %d: line %q", width, line)
					}
				}
				flat := func(s string) string { return strings.ReplaceAll(s, " ", "") }
				if got := flat(strings.Join(lines, "")); got != flat(text) {
					t.Errorf("width %d: text became %q", width, got)
				}
			}
		})
	}
}

func TestFitCutsTheMiddleAndShowsIt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		text  string
		width int
		want  string
	}{
		{"graph-prod", 10, "graph-prod"},
		{"arn:aws:rds:eu-west-1:1:cluster:graph", 15, "arn:aws…r:graph"},
		{"図図図図図図", 7, "図…図図"},
		{"abc", 1, "…"},
	} {
		if got := Fit(test.text, test.width); got != test.want {
			t.Errorf("Fit(%q, %d) = %q, want %q", test.text, test.width, got, test.want)
		}
	}
}

func TestRowsAlignHangAndEndWithoutSpaces(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	p := New(&b, 40, false)
	p.Row(2, []Cell{{Text: "FAILED", Width: 8}, {Text: "図", Width: 4}}, "one two three four five six", "seven")
	p.Row(2, []Cell{{Text: "PASSED", Width: 8}})
	p.Blank()
	p.Blank()
	p.Line("end")
	if err := p.Flush(); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"  FAILED    図    one two three four",
		"                    five six",
		"                  seven",
		"  PASSED",
		"",
		"end",
		"",
	}, "\n")
	if b.String() != want {
		t.Errorf("got\n%s\nwant\n%s", b.String(), want)
	}
}

func TestColoursOnlyWhereAllowed(t *testing.T) {
	t.Parallel()
	if got := New(nil, 0, false).Paint(Bad, "x"); got != "x" {
		t.Errorf("painted %q without colour", got)
	}
	if got := New(nil, 0, true).Paint(Bad, "x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("painted %q", got)
	}
}
