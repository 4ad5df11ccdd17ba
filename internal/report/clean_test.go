package report_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func TestCleanWritesOutWhatActsAndKeepsWhatShows(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"graph-prod": "graph-prod", "über 図 😀": "über 図 😀", "a\u00a0b": "a b",
		"\x1b[31m": `\x1b[31m`, "a\r\nb\tc": `a\r\nb\tc`, "\u202eevil": `\u202eevil`, "\u200b": `\u200b`,
		"\x9b2J": `\x9b2J`, "\u009b": `\u009b`, "\u2028": `\u2028`, "\x00\x7f": `\x00\x7f`, "\U000e0041": `\U000e0041`,
	} {
		if got := report.Clean(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
}

func TestShortenAndCutShowThatSomethingIsMissing(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]string{
		report.Shorten("abcdefgh", 8): "abcdefgh", report.Shorten("abcdefghi", 8): "abcd…ghi", report.Shorten("図図図図", 3): "図…図",
		report.Shorten("abc", 1): "…", report.Cut("abcdef", 6): "abcdef", report.Cut("abcdefg", 6): "abc…", report.Cut("éééé", 6): "é…",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add(reporttest.Hostile)
	f.Fuzz(func(t *testing.T, text string) {
		clean := report.Clean(text)
		if !utf8.ValidString(clean) || strings.ContainsAny(clean, "\n\r\t\x1b\u202e\u2028\u200b") {
			t.Errorf("%q became %q", text, clean)
		}
		if report.Clean(clean) != clean {
			t.Errorf("cleaning %q twice changes it", text)
		}
		for _, limit := range []int{1, 2, 7, 100} {
			if n := utf8.RuneCountInString(report.Shorten(clean, limit)); n > limit {
				t.Errorf("Shorten to %d gives %d", limit, n)
			}
			if cut := report.Cut(clean, limit+3); len(cut) > limit+3 || !utf8.ValidString(cut) {
				t.Errorf("Cut to %d gives %q", limit+3, cut)
			}
		}
	})
}
