package markdown

import (
	"html"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/report"
)

// gap is a zero-width space: it keeps GitHub from seeing a mention, a
// reference or an address, and a reader does not see it.
const gap = "&#8203;"

// text writes cleaned text so that it means only itself in Markdown, also in
// a table.
func text(s string) string {
	var b strings.Builder
	for i, r := range report.Clean(s) {
		switch r {
		case '&':
			b.WriteString("&amp;")
		case '<':
			b.WriteString("&lt;")
		case '>':
			b.WriteString("&gt;")
		case '@', '#':
			b.WriteString(`\` + string(r) + gap)
		case '\\', '`', '*', '_', '[', ']', '|', '~', '$':
			b.WriteString(`\` + string(r))
		case '-', '+', '=':
			if i == 0 { // a list or a heading begins so
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return unlink(b.String())
}

// markup writes cleaned text for a line of HTML, where Markdown is not read.
func markup(s string) string {
	var b strings.Builder
	for _, r := range report.Clean(s) {
		switch r {
		case '@', '#':
			b.WriteString(string(r) + gap)
		default:
			b.WriteString(html.EscapeString(string(r)))
		}
	}
	return unlink(b.String())
}

// unlink breaks what GitHub would turn into a link.
func unlink(s string) string {
	s = strings.ReplaceAll(s, "://", ":"+gap+"//")
	return strings.ReplaceAll(s, "www.", "www"+gap+".")
}

// code writes cleaned text as code that may stand in a table cell.
func code(s string) string {
	s = report.Clean(s)
	switch {
	case s == "":
		return ""
	case strings.ContainsAny(s, "`|"):
		return "<code>" + text(s) + "</code>"
	default:
		return "`" + s + "`"
	}
}
