package markdown

import (
	"regexp"
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/report/reporttest"
)

func hostile() []string {
	return []string{
		reporttest.Hostile, "- item", "# heading", "a | b", `a\|b`, "`code`", "``", "*b*_i_~s~", "[t](https://evil.example)",
		"![i](//x)", "<b>", "&lt;", "@everyone", "#12", "www.evil.example", "$x$", "```", "\r\n\n# x", `\`,
	}
}

func TestTextLeavesNothingActive(t *testing.T) {
	t.Parallel()
	quiet := regexp.MustCompile(`\\.|&(amp|lt|gt|#8203);`)
	for _, in := range hostile() {
		out := text(in)
		rest := quiet.ReplaceAllString(out, "")
		if strings.ContainsAny(rest, "`*_[]<>|~$@#&\n\r") || strings.HasPrefix(rest, "- ") {
			t.Errorf("%q became %q", in, out)
		}
		if strings.Contains(out, "://") || strings.Contains(out, "www.") {
			t.Errorf("%q became a link: %q", in, out)
		}
	}
}

func TestMarkupLeavesNoTagAndNoMention(t *testing.T) {
	t.Parallel()
	for _, in := range hostile() {
		out := markup(in)
		if strings.ContainsAny(out, "<>\n\r") || strings.Contains(out, "@e") || strings.Contains(out, "://") {
			t.Errorf("%q became %q", in, out)
		}
	}
}

func TestCodeStaysInsideItsSpanAndItsCell(t *testing.T) {
	t.Parallel()
	for _, in := range hostile() {
		out := code(in)
		if inner, ok := strings.CutPrefix(out, "`"); ok {
			if strings.ContainsAny(strings.TrimSuffix(inner, "`"), "`|\n\r") {
				t.Errorf("%q became %q", in, out)
			}
			continue
		}
		if want := "<code>" + text(in) + "</code>"; out != want {
			t.Errorf("%q became %q", in, out)
		}
	}
}
