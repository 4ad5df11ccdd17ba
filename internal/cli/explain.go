package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/terminal"
	"github.com/spf13/cobra"
)

func newExplainCommand(app *App) *cobra.Command {
	return app.controlCommand(false, explain, &cobra.Command{
		Use:   "explain ID…",
		Short: "Tell what a control checks, why it matters and how to fix it",
		Long: `Tell what a control checks, why that matters, how a person fixes it by hand, and
what Holdfast would do instead: with its impact, its cost and its way back.`,
		Example: `  holdfast explain Neptune.5
  holdfast explain 'Neptune.*'
  holdfast explain Neptune.5 --param Neptune.5.minimumBackupRetentionPeriod=14`,
	})
}

// explain tells a person everything about one control.
func explain(p *terminal.Page, v *controlView) {
	titleLine(p, v)
	p.Heading("What it checks")
	p.Prose(v.Checks)
	p.Heading("Why it matters")
	p.Prose(v.Why)
	if len(v.How) > 0 {
		p.Heading("How to fix it by hand")
		for i, step := range v.How {
			p.Step(i+1, step)
		}
	}
	explainFix(p, v)
	parameters(p, v)
	p.Heading("What Holdfast reads")
	p.Facts(readFacts(v)...)
	if len(v.Related) > 0 {
		p.Heading("Related controls")
		var facts []terminal.Fact
		for _, r := range v.Related {
			facts = append(facts, terminal.Fact{Name: r.ID, Text: r.Why})
		}
		p.Facts(facts...)
	}
	p.Heading("Where it comes from")
	p.Facts(originFacts(v)...)
	for _, link := range v.Links {
		p.Command(link)
	}
}

func titleLine(p *terminal.Page, v *controlView) {
	p.Row(0, []page.Cell{
		{Text: v.ID, Width: page.Width(v.ID), Style: page.Bold},
		{Text: string(v.Severity), Width: len(v.Severity), Style: severityStyle(v.Severity)},
	}, v.Title)
}

// severityStyle is calm for all but what cannot wait.
func severityStyle(s finding.Severity) page.Style {
	switch s {
	case finding.Critical:
		return page.Worst
	case finding.High:
		return page.Bad
	case finding.Medium:
		return page.Warn
	default:
		return page.Dim
	}
}

func explainFix(p *terminal.Page, v *controlView) {
	p.Heading("What Holdfast would do")
	f := v.Fix
	if f == nil {
		p.Prose("Nothing by itself: this control has no fix that can be planned.")
		return
	}
	p.Prose(f.Summary + ".")
	if !f.Live {
		explainCodeFix(p, v)
		return
	}
	p.Facts(
		terminal.Fact{Name: "Manner", Text: manner(f)},
		terminal.Fact{Name: "Risk", Text: f.Risk},
		terminal.Fact{Name: "Downtime", Text: f.Downtime},
		terminal.Fact{Name: "Clients", Text: f.Clients},
		terminal.Fact{Name: "Cost", Text: f.Cost},
		terminal.Fact{Name: "Undo", Text: undo(v)},
		terminal.Fact{Name: "Consent", Text: f.Accept},
	)
	p.Blank()
	p.Command("holdfast fix plan --control " + v.ID + v.overrides() + " --out plan.json")
	apply := "holdfast fix apply plan.json"
	if f.Accept != "" {
		apply += " --accept " + v.ID
	}
	p.Command(apply)
}

// explainCodeFix tells of a fix that Holdfast does not make in an account.
func explainCodeFix(p *terminal.Page, v *controlView) {
	f := v.Fix
	how := "In an account a person does it, by the steps above. In code, Holdfast writes the value where it is defined."
	if f.Replaces || len(f.Set) == 0 {
		how = "A person does it, by the steps above."
	}
	p.Facts(
		terminal.Fact{Name: "Manner", Text: how},
		terminal.Fact{Name: "Risk", Text: f.Risk},
		terminal.Fact{Name: "Downtime", Text: f.Downtime},
		terminal.Fact{Name: "Clients", Text: f.Clients},
		terminal.Fact{Name: "Cost", Text: f.Cost},
	)
	if !f.Replaces && len(f.Set) > 0 {
		p.Blank()
		p.Command("holdfast fix plan DIRECTORY --control " + v.ID + v.overrides())
	}
}

// overrides are the flags that set what is not at its default.
func (v *controlView) overrides() string {
	var flags strings.Builder
	for _, p := range v.Parameters {
		if p.Value != p.Default {
			fmt.Fprintf(&flags, " --param %s.%s=%v", v.ID, p.Name, p.Value)
		}
	}
	return flags.String()
}

// manner tells how much of the fix is left to a person.
func manner(f *fixView) string {
	switch {
	case f.Guided:
		return "guided: checked steps build a replacement beside the original; when to part with the original is up to you"
	case f.Procedure != "":
		return "step by step, each one checked before the next"
	default:
		return "one call that sends this one setting and nothing else"
	}
}

func undo(v *controlView) string {
	if v.Fix.UndoImpact != "" {
		return undoable(v) + "; " + v.Fix.UndoImpact
	}
	return undoable(v)
}

func undoable(v *controlView) string {
	switch {
	case v.Fix.Loses != "":
		return "loses " + v.Fix.Loses + "; needs --accept-loss"
	case v.Fix.Exposes != "":
		return "exposes " + v.Fix.Exposes + "; needs --accept " + v.ID
	default:
		return "holdfast fix rollback takes it back from the journal"
	}
}

func parameters(p *terminal.Page, v *controlView) {
	if len(v.Parameters) == 0 {
		return
	}
	p.Heading("Parameters")
	for _, one := range v.Parameters {
		p.Facts(terminal.Fact{Name: one.Name, Text: one.text()})
	}
	first := v.Parameters[0]
	p.Command(fmt.Sprintf("holdfast scan --param %s.%s=%s", v.ID, first.Name, first.another()))
}

func (p *parameterView) text() string {
	value := fmt.Sprintf("%v by default", p.Default)
	if p.Default == "" {
		value = "not set by default"
	}
	if p.Value != p.Default {
		value = fmt.Sprintf("%v here, %s", p.Value, value)
	}
	switch {
	case len(p.Values) > 0:
		return fmt.Sprintf("%s; %s, %s are allowed", p.About, value, strings.Join(p.Values, ", "))
	case p.Min == nil:
		return fmt.Sprintf("%s; %s, true or false", p.About, value)
	}
	unit := ""
	if p.Unit != "" {
		unit = " " + p.Unit
	}
	return fmt.Sprintf("%s; %s, %d to %d%s are allowed", p.About, value, *p.Min, *p.Max, unit)
}

// another is a value that somebody might set.
func (p *parameterView) another() string {
	if n, ok := p.Value.(int64); ok && p.Max != nil {
		return fmt.Sprint(min(2*n, *p.Max))
	}
	if len(p.Values) > 0 {
		return p.Values[0]
	}
	return "true"
}

func readFacts(v *controlView) []terminal.Fact {
	facts := make([]terminal.Fact, len(v.Reads))
	for i, read := range v.Reads {
		facts[i] = terminal.Fact{Name: read.Operation, Text: strings.Join(read.Properties, ", ")}
		if len(read.Properties) == 0 {
			facts[i].Text = "to find the resources"
		}
	}
	return facts
}

func originFacts(v *controlView) []terminal.Fact {
	rule := ""
	if v.ConfigRule != nil {
		rule = v.ConfigRule.Name + " on " + v.ConfigRule.ResourceType + ", " + schedule(v.ConfigRule.Schedule)
	}
	return []terminal.Fact{
		{Name: "Category", Text: v.Category},
		{Name: "Resource", Text: v.ResourceType},
		{Name: "Config rule", Text: rule},
		{Name: "Standards", Text: strings.Join(v.Standards, ", ")},
		{Name: "Elsewhere", Text: elsewhere(v.Elsewhere)},
		{Name: "Requirements", Text: strings.Join(shortRequirements(v.Requirements), ", ")},
		{Name: "File", Text: v.File},
	}
}

// elsewhere names the checks of other tools that judge the same.
func elsewhere(ids map[string][]string) string {
	var parts []string
	for _, tool := range slices.Sorted(maps.Keys(ids)) {
		parts = append(parts, strings.ToUpper(tool[:1])+tool[1:]+" "+strings.Join(ids[tool], ", "))
	}
	return strings.Join(parts, "; ")
}

func schedule(name string) string {
	if name == "periodic" {
		return "from time to time"
	}
	return "at each change"
}

// shortRequirements leaves out the name of a catalogue of requirements where
// the one before had the same: NIST.800-53.r5 CP-10, CP-6(2).
func shortRequirements(requirements []string) []string {
	var out []string
	former := ""
	for _, requirement := range requirements {
		catalogue, number, found := strings.Cut(requirement, " ")
		if found && catalogue == former {
			out = append(out, number)
		} else {
			out = append(out, terminal.Unbroken(requirement))
		}
		former = catalogue
	}
	return out
}
