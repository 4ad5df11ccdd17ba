package cli

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// controlView is a control as the commands that show controls know it, in text
// and in JSON: parameters are filled in, and what follows from the control is
// spelt out.
type controlView struct {
	ID           string            `json:"id"`
	Title        string            `json:"title"`
	Severity     finding.Severity  `json:"severity"`
	Category     string            `json:"category"`
	ResourceType string            `json:"resourceType"`
	ConfigRule   *ruleView         `json:"configRule,omitempty"`
	Standards    []string          `json:"standards,omitempty"`
	Requirements []string          `json:"requirements,omitempty"`
	Parameters   []parameterView   `json:"parameters,omitempty"`
	Checks       string            `json:"checks"`
	Why          string            `json:"why"`
	How          []string          `json:"how,omitempty"`
	Applies      string            `json:"applies,omitempty"`
	Check        string            `json:"check"`
	Expect       map[string]string `json:"expect,omitempty"`
	Notes        []noteView        `json:"notes,omitempty"`
	Fix          *fixView          `json:"fix,omitempty"`
	Reads        []readView        `json:"reads"`
	Related      []relatedView     `json:"related,omitempty"`
	// Elsewhere are the ids of checks of other tools that judge the same.
	Elsewhere map[string][]string `json:"elsewhere,omitempty"`
	Links     []string            `json:"links,omitempty"`
	Cases     []caseView          `json:"cases,omitempty"`
	// File is where one of the user's own controls stands.
	File string `json:"file,omitempty"`
}

type ruleView struct {
	Name         string `json:"name"`
	ResourceType string `json:"resourceType"`
	Schedule     string `json:"schedule"`
}

type parameterView struct {
	Name    string `json:"name"`
	About   string `json:"about"`
	Unit    string `json:"unit,omitempty"`
	Value   any    `json:"value"`
	Default any    `json:"default"`
	// Min and Max are the range of a number, Values the words of an enum.
	Min    *int64   `json:"min,omitempty"`
	Max    *int64   `json:"max,omitempty"`
	Values []string `json:"values,omitempty"`
}

type noteView struct {
	Status  finding.Status `json:"status,omitempty"`
	When    string         `json:"when"`
	Say     string         `json:"say"`
	Unknown string         `json:"unknown,omitempty"`
}

type fixView struct {
	Summary   string            `json:"summary"`
	Set       map[string]string `json:"set,omitempty"`
	Procedure string            `json:"procedure,omitempty"`
	Guided    bool              `json:"guided"`
	Risk      string            `json:"risk"`
	Downtime  string            `json:"downtime"`
	Clients   string            `json:"clients,omitempty"`
	Cost      string            `json:"cost,omitempty"`
	Replaces  bool              `json:"replaces"`
	Accept    string            `json:"accept,omitempty"`
	Loses     string            `json:"undoLoses,omitempty"`
	Exposes   string            `json:"undoExposes,omitempty"`
	// UndoImpact is what those who use the resource notice of an undo.
	UndoImpact string `json:"undoImpact,omitempty"`
	// Live is true when Holdfast plans and applies the fix in an account.
	Live bool `json:"live"`
}

// readView is an AWS call and the properties that it yields.
type readView struct {
	Operation  string   `json:"operation"`
	Properties []string `json:"properties"`
}

type relatedView struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}

type caseView struct {
	Name   string         `json:"name"`
	Given  string         `json:"given"`
	Params map[string]any `json:"params,omitempty"`
	Want   string         `json:"want"`
	Note   string         `json:"note,omitempty"`
	Fixed  string         `json:"fixed,omitempty"`
}

// named returns the views of the controls that the ids and globs name.
func (app *App) named(ids []string) ([]controlView, error) {
	catalogue, err := app.Catalogue()
	if err != nil {
		return nil, err
	}
	chosen, err := catalogue.Select(control.Selection{IDs: ids})
	if err != nil {
		return nil, err
	}
	params, err := catalogue.ParseParams(app.settings.params)
	if err != nil {
		return nil, err
	}
	planners := app.Parts.Planners(fix.Choices{})
	views := make([]controlView, len(chosen))
	for i, c := range chosen {
		reads, err := readsOf(catalogue, c, params)
		if err != nil {
			return nil, err
		}
		views[i] = newControlView(c, params[c.ID])
		if views[i].Fix != nil {
			views[i].Fix.Live = planners.For(c, c.Resource) != nil
		}
		views[i].Reads = reads
	}
	return views, nil
}

// readsOf lists the calls that judging a control takes, the list call first.
func readsOf(catalogue *control.Catalogue, c *control.Control, params control.Params) ([]readView, error) {
	judge, err := engine.New(catalogue, []*control.Control{c}, params)
	if err != nil {
		return nil, err
	}
	calls, lists := make(map[string][]string), make(map[string]bool)
	for _, name := range c.Types() {
		typ := catalogue.Types[name]
		lists[typ.List] = true
		calls[typ.List] = slices.Clone(calls[typ.List])
		for _, property := range judge.Wants()[name] {
			for _, operation := range typ.ReadsOf(property) {
				if !slices.Contains(calls[operation], property) {
					calls[operation] = append(calls[operation], property)
				}
			}
		}
	}
	reads := make([]readView, 0, len(calls))
	for _, operation := range slices.Sorted(maps.Keys(calls)) {
		reads = append(reads, readView{operation, calls[operation]})
	}
	slices.SortStableFunc(reads, func(a, b readView) int {
		return cmp.Compare(order(!lists[a.Operation]), order(!lists[b.Operation]))
	})
	return reads, nil
}

func newParameterView(name string, p *control.Parameter, value int64) parameterView {
	v := parameterView{
		Name: name, About: flat(p.About), Unit: p.Unit, Value: p.Native(value), Default: p.Native(p.Default), Values: p.Values,
	}
	if p.Type == "int" {
		v.Min, v.Max = p.Min, p.Max
	}
	return v
}

func order(later bool) int {
	if later {
		return 1
	}
	return 0
}

func newControlView(c *control.Control, values map[string]int64) controlView {
	fill := func(text string) string { return flat(c.Fill(text, values)) }
	v := controlView{
		ID: c.ID, Title: c.Title, Severity: c.Severity, Category: c.Category, ResourceType: c.Resource,
		Standards: c.Standards, Requirements: c.Requirements,
		Checks: fill(c.Checks), Why: fill(c.Why), Applies: flat(c.Applies), Check: flat(c.Check),
		Expect: make(map[string]string), Elsewhere: c.Elsewhere, Links: links(c),
	}
	if c.Config.Rule != "" {
		v.ConfigRule = &ruleView{c.Config.Rule, c.Config.ResourceType, c.Config.Schedule}
	}
	if c.Custom {
		v.File = c.File
	}
	for _, name := range c.ParameterNames() {
		p := c.Parameters[name]
		v.Parameters = append(v.Parameters, newParameterView(name, p, values[name]))
	}
	for _, step := range c.How {
		v.How = append(v.How, fill(step))
	}
	for property, text := range c.Expect {
		v.Expect[property] = fill(text)
	}
	for _, n := range c.Notes {
		v.Notes = append(v.Notes, noteView{n.Status, flat(n.When), fill(n.Say), fill(n.Unknown)})
	}
	if c.Fix != nil {
		v.Fix = newFixView(c.Fix, fill)
	}
	for _, id := range slices.SortedFunc(maps.Keys(c.Related), control.CompareIDs) {
		v.Related = append(v.Related, relatedView{id, flat(c.Related[id])})
	}
	for i := range c.Cases {
		v.Cases = append(v.Cases, newCaseView(c, &c.Cases[i]))
	}
	return v
}

func newFixView(f *control.Fix, fill func(string) string) *fixView {
	return &fixView{
		Summary: fill(f.Summary), Set: f.Set, Procedure: f.Procedure, Guided: f.Guided, Risk: f.Risk,
		Downtime: fill(f.Impact.Downtime), Clients: fill(f.Impact.Clients), Cost: fill(f.Impact.Cost), Replaces: f.Impact.Replaces,
		Accept: fill(f.Accept), Loses: fill(f.Undo.Loses), Exposes: fill(f.Undo.Exposes), UndoImpact: fill(f.Undo.Impact),
	}
}

func newCaseView(of *control.Control, c *control.Case) caseView {
	v := caseView{Name: c.Name, Given: valuesText(c.Properties), Want: c.Want, Fixed: valuesText(c.FixedTo)}
	for name, text := range c.Params {
		if value, err := of.ParameterValue(name, text); err == nil { // the catalogue was proven when it was made
			if v.Params == nil {
				v.Params = make(map[string]any, len(c.Params))
			}
			v.Params[name] = value
		}
	}
	if c.Note != control.NoNote {
		v.Note = c.Note
	}
	return v
}

// links are the pages where AWS describes a control. A user's own has none.
func links(c *control.Control) []string {
	if c.Custom {
		return nil
	}
	list := []string{report.HelpURL(c.ID)}
	if c.Config.Rule != "" {
		list = append(list, "https://docs.aws.amazon.com/config/latest/developerguide/"+c.Config.Rule+".html")
	}
	return list
}

// flat puts a text of several lines on one.
func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// addFormat adds --format for commands that print text or JSON.
func addFormat(flags *pflag.FlagSet, format *string) {
	flags.StringVarP(format, "format", "f", "text", "format: text or json")
}

// checkFormat refuses every other format by name.
func checkFormat(cmd *cobra.Command, format string) error {
	if format == "text" || format == "json" {
		return nil
	}
	return usage(cmd.CommandPath()+" --format json", "--format: %q is neither text nor json", format)
}

func writeJSON(out io.Writer, document any) error {
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(document)
}

// completeControls offers control ids with their titles to the shell.
func (app *App) completeControls(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	catalogue, err := app.Catalogue()
	if err != nil {
		return nil, cobra.ShellCompDirectiveError
	}
	ids := make([]string, len(catalogue.Controls))
	for i, c := range catalogue.Controls {
		ids[i] = fmt.Sprintf("%s\t%s", c.ID, c.Title)
	}
	return ids, cobra.ShellCompDirectiveNoFileComp
}
