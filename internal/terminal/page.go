package terminal

import (
	"fmt"
	"io"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/report/page"
)

// Measure is the widest that prose is set, in columns. Longer lines tire the
// eye, however wide the terminal is.
const Measure = 96

// indent is how far text stands to the right of its heading.
const indent = 2

// Page takes headings, prose, steps and facts, and sets them to one width.
// Flush writes what is left and returns the first error of writing.
type Page struct {
	*page.Page
	Style
}

// NewPage writes to out at a width in columns; 0 means 80, less than 40 means 40.
func NewPage(out io.Writer, width int, color bool) *Page {
	return &Page{Page: page.New(out, width, color), Style: NewStyle(color)}
}

// Heading adds an empty line and a heading.
func (p *Page) Heading(text string) {
	p.Blank()
	p.Line(p.Bold(text))
}

// Prose adds an indented, wrapped paragraph.
func (p *Page) Prose(text string) { p.hang("", page.Plain, text) }

// Step adds one numbered step; its further lines stand under its text.
func (p *Page) Step(number int, text string) { p.hang(fmt.Sprintf("%2d. ", number), page.Plain, text) }

// Command adds a command or a link on a line of its own, never wrapped, so
// that it can be copied.
func (p *Page) Command(text string) { p.Line(strings.Repeat(" ", indent) + p.Cyan(text)) }

// Unbroken keeps a text together when it is wrapped.
func Unbroken(text string) string { return strings.ReplaceAll(text, " ", noBreak) }

const noBreak = "\u00a0"

// hang sets text after a mark, with the further lines under the text.
func (p *Page) hang(mark string, style page.Style, text string) {
	left := strings.Repeat(" ", indent)
	width := indent + page.Width(mark)
	for i, line := range page.Wrap(text, min(p.Width(), Measure)-width) {
		line = strings.ReplaceAll(line, noBreak, " ")
		if i == 0 {
			p.Line(left + p.Paint(style, mark) + line)
		} else {
			p.Line(strings.Repeat(" ", width) + line)
		}
	}
}

// Fact is a name with a text beside it.
type Fact struct{ Name, Text string }

// minFact is the least width of a fact's text beside its name; with less, it
// stands below.
const minFact = 24

// Facts adds names in one column with their texts, wrapped, in another. A fact
// without text is left out.
func (p *Page) Facts(facts ...Fact) {
	column := 0
	for _, fact := range facts {
		if fact.Text != "" {
			column = max(column, page.Width(fact.Name))
		}
	}
	below := p.Width()-indent-column-2 < minFact
	for _, fact := range facts {
		switch {
		case fact.Text == "":
		case below:
			p.Line(strings.Repeat(" ", indent) + p.Faint(fact.Name))
			p.hang(strings.Repeat(" ", indent), page.Plain, fact.Text)
		default:
			p.hang(page.Pad(fact.Name, column+2), page.Dim, fact.Text)
		}
	}
}
