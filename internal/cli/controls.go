package cli

import (
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/terminal"
	"github.com/spf13/cobra"
)

func newControlsCommand(app *App) *cobra.Command {
	command := &cobra.Command{
		Use:   "controls",
		Short: "List, show and test controls",
		Long: `List the controls, show everything about one, and test controls of your own.

A control is one YAML file; --controls DIR adds the files of a directory.`,
	}
	command.AddCommand(newControlsListCommand(app), newControlsShowCommand(app), newControlsTestCommand(app))
	return command
}

// controlCommand completes a command that tells of each control it is given, in
// JSON with the cases or without.
func (app *App) controlCommand(cases bool, tell func(*terminal.Page, *controlView), command *cobra.Command) *cobra.Command {
	var format string
	addFormat(command.Flags(), &format)
	app.settings.addParams(command.Flags())
	command.ValidArgsFunction = app.completeControls
	command.RunE = func(cmd *cobra.Command, ids []string) error {
		if len(ids) == 0 {
			return usage(cmd.CommandPath()+" Neptune.5", "%s needs the id of a control", cmd.Name())
		}
		if err := checkFormat(cmd, format); err != nil {
			return err
		}
		views, err := app.named(ids)
		if err != nil {
			return err
		}
		if format == "json" {
			if !cases {
				for i := range views {
					views[i].Cases = nil
				}
			}
			return writeJSON(app.Stdout, map[string]any{"controls": views})
		}
		p := terminal.NewPage(app.Stdout, app.Width, app.Color)
		for i := range views {
			if i > 0 {
				divide(p)
			}
			tell(p, &views[i])
		}
		return p.Flush()
	}
	return command
}

// divide sets one control apart from the next.
func divide(p *terminal.Page) {
	p.Blank()
	p.Line(p.Faint(strings.Repeat("─", min(p.Width(), terminal.Measure))))
	p.Blank()
}

func newControlsListCommand(app *App) *cobra.Command {
	var format string
	command := &cobra.Command{
		Use:   "list",
		Short: "List the controls",
		Example: `  holdfast controls list
  holdfast controls list --standard FSBP --severity HIGH,CRITICAL
  holdfast controls list --format json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkFormat(cmd, format); err != nil {
				return err
			}
			catalogue, chosen, _, err := app.selection()
			if err != nil {
				return err
			}
			if format == "json" {
				return writeJSON(app.Stdout, map[string]any{"controls": rows(chosen)})
			}
			p := terminal.NewPage(app.Stdout, app.Width, app.Color)
			listControls(p, rows(chosen), len(catalogue.Controls))
			return p.Flush()
		},
	}
	app.settings.addSelection(command.Flags())
	addFormat(command.Flags(), &format)
	return command
}

// controlRow is what a list tells of a control.
type controlRow struct {
	ID           string           `json:"id"`
	Severity     finding.Severity `json:"severity"`
	Title        string           `json:"title"`
	ResourceType string           `json:"resourceType"`
	ConfigRule   string           `json:"configRule,omitempty"`
	Category     string           `json:"category"`
	Standards    []string         `json:"standards,omitempty"`
	// Fix is automatic, guided or none.
	Fix    string `json:"fix"`
	Custom bool   `json:"custom"`
}

func rows(chosen []*control.Control) []controlRow {
	out := make([]controlRow, len(chosen))
	for i, c := range chosen {
		out[i] = controlRow{
			ID: c.ID, Severity: c.Severity, Title: c.Title, ResourceType: c.Resource,
			ConfigRule: c.Config.Rule, Category: c.Category, Standards: c.Standards, Fix: fixKind(c), Custom: c.Custom,
		}
	}
	return out
}

func fixKind(c *control.Control) string {
	switch {
	case c.Fix == nil:
		return "none"
	case c.Fix.Guided:
		return "guided"
	default:
		return "automatic"
	}
}

// standardsWidth is the width in columns that the standards of a control need
// beside the rest, for the control to take one line in a list.
const standardsWidth = 28

// listControls sets a list: one line for each control where the page is wide,
// otherwise what is less looked for below the title.
func listControls(p *terminal.Page, rows []controlRow, all int) {
	var id, severity, title, typ int
	for _, row := range rows {
		id, severity = max(id, page.Width(row.ID)), max(severity, len(row.Severity))
		title, typ = max(title, page.Width(row.Title)), max(typ, page.Width(row.ResourceType))
	}
	oneLine := id + severity + title + typ + 4*2 + standardsWidth
	for _, row := range rows {
		cells := []page.Cell{
			{Text: row.ID, Width: id, Style: page.Bold},
			{Text: string(row.Severity), Width: severity, Style: severityStyle(row.Severity)},
		}
		standards := strings.Join(row.Standards, ", ")
		if p.Width() >= oneLine {
			p.Row(0, append(cells, page.Cell{Text: row.Title, Width: title}, page.Cell{Text: row.ResourceType, Width: typ, Style: page.Dim}), standards)
			continue
		}
		p.Row(0, cells, row.Title)
		below := row.ResourceType[strings.LastIndex(row.ResourceType, ":")+1:]
		if standards != "" {
			below += " · " + standards
		}
		p.Text(id+severity+4, page.Dim, below)
	}
	p.Blank()
	if len(rows) == all {
		p.Line(report.Plural(all, "control"))
	} else {
		p.Line(report.Count(len(rows)) + " of " + report.Plural(all, "control"))
	}
	p.Command("holdfast explain " + rows[0].ID)
}
