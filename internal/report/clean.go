package report

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// Clean makes text from an account or a file safe to show on one line of a
// terminal, a page or a document: control characters, escape sequences, line
// breaks, text-direction marks, invisible characters and invalid bytes are
// written out, as \n, \x1b or \u202e. Everything a reader can see stays.
func Clean(text string) string {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' {
			return clean(text)
		}
	}
	return text
}

func clean(text string) string {
	var b strings.Builder
	b.Grow(len(text) + 16)
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1:
			const digits = "0123456789abcdef"
			b.WriteString(`\x`)
			b.WriteByte(digits[text[0]>>4])
			b.WriteByte(digits[text[0]&15])
		case r == '\u00a0':
			b.WriteByte(' ')
		case strconv.IsPrint(r):
			b.WriteRune(r)
		default:
			quoted := strconv.QuoteRuneToASCII(r)
			b.WriteString(quoted[1 : len(quoted)-1])
		}
		text = text[size:]
	}
	return b.String()
}

// Limit is the greatest length, in characters, of one property value in the
// formats that people read. Longer ones lose their middle.
const Limit = 300

// Shorten cuts the middle out of text that is longer than limit characters and
// shows the cut as "…": the beginning and the end of an ARN tell most.
func Shorten(text string, limit int) string {
	if len(text) <= limit || utf8.RuneCountInString(text) <= limit {
		return text
	}
	if limit < 2 {
		return "…"
	}
	runes := []rune(text)
	tail := (limit - 1) / 2
	return string(runes[:limit-1-tail]) + "…" + string(runes[len(runes)-tail:])
}

// Cut ends text after limit bytes at a character's border and shows the cut as
// "…", for documents whose fields have a greatest length.
func Cut(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	end := limit - len("…")
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}
