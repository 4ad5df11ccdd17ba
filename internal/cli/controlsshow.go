package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/terminal"
	"github.com/spf13/cobra"
)

func newControlsShowCommand(app *App) *cobra.Command {
	return app.controlCommand(true, showControl, &cobra.Command{
		Use:   "show ID…",
		Short: "Show controls as they are written: expression, parameters, requirements, cases",
		Example: `  holdfast controls show Neptune.5
  holdfast controls show 'Neptune.*' --format json`,
	})
}

// showControl sets a control as it is written in its file.
func showControl(p *terminal.Page, v *controlView) {
	titleLine(p, v)
	p.Blank()
	p.Facts(originFacts(v)...)
	if v.Applies != "" {
		p.Heading("Applies where")
		p.Prose(v.Applies)
	}
	p.Heading("Check")
	p.Prose(v.Check)
	for _, property := range slices.Sorted(maps.Keys(v.Expect)) {
		p.Facts(terminal.Fact{Name: "expects", Text: property + ": " + v.Expect[property]})
	}
	parameters(p, v)
	p.Heading("Reads")
	p.Facts(readFacts(v)...)
	showNotes(p, v.Notes)
	showFix(p, v.Fix)
	p.Heading(fmt.Sprintf("Cases (%d)", len(v.Cases)))
	for i := range v.Cases {
		showCase(p, &v.Cases[i])
	}
}

func showNotes(p *terminal.Page, notes []noteView) {
	if len(notes) == 0 {
		return
	}
	p.Heading("Notes")
	for i, n := range notes {
		if i > 0 {
			p.Blank()
		}
		status := "any status"
		if n.Status != "" {
			status = string(n.Status)
		}
		p.Facts(
			terminal.Fact{Name: "beside", Text: status},
			terminal.Fact{Name: "when", Text: n.When},
			terminal.Fact{Name: "says", Text: n.Say},
			terminal.Fact{Name: "unread", Text: n.Unknown},
		)
	}
}

func showFix(p *terminal.Page, f *fixView) {
	if f == nil {
		return
	}
	p.Heading("Fix")
	facts := []terminal.Fact{{Name: "summary", Text: f.Summary}, {Name: "procedure", Text: f.Procedure}}
	for _, property := range slices.Sorted(maps.Keys(f.Set)) {
		facts = append(facts, terminal.Fact{Name: "sets", Text: property + " = " + flat(f.Set[property])})
	}
	facts = append(facts,
		terminal.Fact{Name: "manner", Text: manner(f)},
		terminal.Fact{Name: "risk", Text: f.Risk},
		terminal.Fact{Name: "downtime", Text: f.Downtime},
		terminal.Fact{Name: "clients", Text: f.Clients},
		terminal.Fact{Name: "cost", Text: f.Cost},
		terminal.Fact{Name: "consent", Text: f.Accept},
		terminal.Fact{Name: "undo loses", Text: f.Loses},
		terminal.Fact{Name: "undo exposes", Text: f.Exposes},
		terminal.Fact{Name: "undoing", Text: f.UndoImpact},
	)
	p.Facts(facts...)
}

func showCase(p *terminal.Page, c *caseView) {
	details := []string{c.Name, "given " + c.Given}
	if c.Given == "" {
		details[1] = "given nothing"
	}
	for _, name := range slices.Sorted(maps.Keys(c.Params)) {
		details[1] += fmt.Sprintf(" with %s=%v", name, c.Params[name])
	}
	if c.Fixed != "" {
		details = append(details, "fixed "+c.Fixed)
	}
	if c.Note != "" {
		details = append(details, "says “"+c.Note+"”")
	}
	p.Row(2, []page.Cell{{Text: c.Want, Width: len(finding.NotAvailable), Style: statusStyle(c.Want)}}, details...)
}

func statusStyle(status string) page.Style {
	switch finding.Status(status) {
	case finding.Passed:
		return page.Good
	case finding.Failed:
		return page.Bad
	default:
		return page.Warn
	}
}

// valuesText writes properties for a person: "Days 2, On true"; "" for none.
func valuesText(values map[string]resource.Value) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		parts = append(parts, name+" "+values[name].String())
	}
	return strings.Join(parts, ", ")
}
