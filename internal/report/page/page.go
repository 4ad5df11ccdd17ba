package page

import (
	"bufio"
	"io"
	"strings"

	"github.com/clipperhouse/displaywidth"
)

const (
	defaultWidth = 80
	minWidth     = 40
)

// Style is the look of a piece of text.
type Style string

// The styles. Colours come from the terminal's own palette.
const (
	Plain   Style = ""
	Bold    Style = "1"
	Dim     Style = "2"
	Bad     Style = "31"   // red
	Good    Style = "32"   // green
	Warn    Style = "33"   // yellow
	Quiet   Style = "36"   // cyan
	Worst   Style = "1;31" // bold red
	Caution Style = "1;33" // bold yellow
)

// Page writes lines. It keeps the first write error, which Flush returns.
type Page struct {
	out   *bufio.Writer
	width int
	color bool
	blank bool // the last line was blank, or there is none yet
}

// New writes to out at a width in columns; 0 means 80, less than 40 means 40.
func New(out io.Writer, width int, color bool) *Page {
	if width <= 0 {
		width = defaultWidth
	}
	return &Page{out: bufio.NewWriter(out), width: max(width, minWidth), color: color, blank: true}
}

// Width is the width of the page in columns.
func (p *Page) Width() int { return p.width }

// Flush writes what is left and returns the first error.
func (p *Page) Flush() error { return p.out.Flush() }

// Paint gives text a style, or returns it as it is on a page without colour.
func (p *Page) Paint(style Style, text string) string {
	if !p.color || style == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(style) + "m" + text + "\x1b[0m"
}

// Line writes one line as it is.
func (p *Page) Line(text string) {
	text = strings.TrimRight(text, " ")
	p.blank = text == ""
	p.out.WriteString(text)
	p.out.WriteByte('\n')
}

// Blank writes an empty line, unless the last one was empty already.
func (p *Page) Blank() {
	if !p.blank {
		p.Line("")
	}
}

// Text writes wrapped text at an indent.
func (p *Page) Text(indent int, style Style, text string) {
	for _, line := range Wrap(text, p.width-indent) {
		p.Line(strings.Repeat(" ", indent) + p.Paint(style, line))
	}
}

// Items writes a list whose items stand apart by " · ", broken only between
// items.
func (p *Page) Items(indent int, style Style, items string) {
	const inside = "\u00a0"
	glued := strings.ReplaceAll(items, " ", inside)
	glued = strings.ReplaceAll(glued, inside+"·"+inside, inside+"· ")
	for _, line := range Wrap(glued, p.width-indent) {
		p.Line(strings.Repeat(" ", indent) + p.Paint(style, strings.ReplaceAll(line, inside, " ")))
	}
}

// Cell is one column of a row. Its text is shortened in the middle to its
// width.
type Cell struct {
	Text  string
	Width int
	Style Style
}

// Row writes cells beside each other after an indent and wraps the paragraphs
// in what is left of the line. Later lines of a paragraph stand two columns
// deeper.
func (p *Page) Row(indent int, cells []Cell, paragraphs ...string) {
	left := strings.Repeat(" ", indent)
	at := indent
	for _, cell := range cells {
		text := Fit(cell.Text, cell.Width)
		left += p.Paint(cell.Style, text) + strings.Repeat(" ", cell.Width-Width(text)+2)
		at += cell.Width + 2
	}
	if len(paragraphs) == 0 {
		p.Line(left)
	}
	for _, paragraph := range paragraphs {
		for i, line := range hang(paragraph, p.width-at) {
			if i > 0 {
				line = "  " + line
			}
			p.Line(left + line)
			left = strings.Repeat(" ", at)
		}
	}
}

// hang wraps a paragraph whose later lines are two columns narrower.
func hang(text string, width int) []string {
	lines := Wrap(text, width)
	if len(lines) < 2 {
		return lines
	}
	rest := strings.TrimPrefix(strings.TrimPrefix(text, lines[0]), " ")
	return append(lines[:1], Wrap(rest, width-2)...)
}

// Width counts the columns that text takes.
func Width(text string) int { return displaywidth.String(text) }

// Pad fills text with spaces up to a width.
func Pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-Width(text)))
}

// Wrap breaks text into lines of at most width columns, between words where it
// can. Longer words are broken, nothing is dropped.
func Wrap(text string, width int) []string {
	width = max(width, 1)
	var lines []string
	var line strings.Builder
	used := 0
	flush := func() {
		lines = append(lines, line.String())
		line.Reset()
		used = 0
	}
	for word := range strings.SplitSeq(text, " ") {
		if word == "" {
			continue
		}
		size := Width(word)
		if used > 0 && used+1+size > width {
			flush()
		}
		if used > 0 {
			line.WriteByte(' ')
			used++
		}
		for size > width-used {
			head := split(word, width-used)
			line.WriteString(head)
			flush()
			word = word[len(head):]
			size = Width(word)
		}
		line.WriteString(word)
		used += size
	}
	if used > 0 || len(lines) == 0 {
		flush()
	}
	return lines
}

// split returns the beginning of a word that fits into width columns, at
// least one character.
func split(word string, width int) string {
	end, used := 0, 0
	graphemes := displaywidth.StringGraphemes(word)
	for graphemes.Next() {
		if used += graphemes.Width(); used > width && end > 0 {
			break
		}
		end += len(graphemes.Value())
	}
	return word[:end]
}

// Fit shortens text to a width by cutting its middle out, shown as "…".
func Fit(text string, width int) string {
	if Width(text) <= width {
		return text
	}
	if width < 2 {
		return "…"
	}
	tail := (width - 1) / 2
	head := split(text, width-1-tail)
	rest := text[len(head):]
	for Width(rest) > width-1-Width(head) {
		rest = rest[len(split(rest, 1)):]
	}
	return head + "…" + rest
}
