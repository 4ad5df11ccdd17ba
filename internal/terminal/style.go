package terminal

import (
	"io"

	"github.com/holdfast-aws/holdfast/internal/report/page"
)

// Style colours text, or leaves it as it is. The colours are the terminal's
// own, because its owner chose them.
type Style struct{ page *page.Page }

// NewStyle makes a style that colours, or one that does not.
func NewStyle(color bool) Style { return Style{page.New(io.Discard, 0, color)} }

// Bold is for headings and names.
func (s Style) Bold(text string) string { return s.page.Paint(page.Bold, text) }

// Faint is for what may be skipped.
func (s Style) Faint(text string) string { return s.page.Paint(page.Dim, text) }

// Red is for failures.
func (s Style) Red(text string) string { return s.page.Paint(page.Bad, text) }

// BoldRed is for what cannot wait.
func (s Style) BoldRed(text string) string { return s.page.Paint(page.Worst, text) }

// Yellow is for warnings and for what is undecided.
func (s Style) Yellow(text string) string { return s.page.Paint(page.Warn, text) }

// Green is for what passed.
func (s Style) Green(text string) string { return s.page.Paint(page.Good, text) }

// Cyan is for commands that can be copied.
func (s Style) Cyan(text string) string { return s.page.Paint(page.Quiet, text) }
