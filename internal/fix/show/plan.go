package show

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Options say how to write.
type Options struct {
	// Width is that of the terminal in columns; 0 means 80.
	Width int
	Color bool
	// Verbose writes every change in full, however many there are, and the
	// steps of each.
	Verbose bool
}

const (
	indent = 2
	// labelWidth is the column of the words before each fact.
	labelWidth = len("Downtime")
	// inFull is how many changes are written with all their facts; of more,
	// the facts stand once per control and each change takes a line.
	inFull = 24
)

type writer struct {
	*page.Page
	verbose bool
	// rolling is true for a run whose rollback was begun.
	rolling bool
}

// Plan writes a plan. It ends with the totals, because they are read last.
func Plan(out io.Writer, p *fix.Plan, o Options) error {
	w := &writer{Page: page.New(out, o.Width, o.Color), verbose: o.Verbose}
	totals := p.Totals()
	w.planHead(p, &totals)
	switch {
	case len(p.Changes) == 0:
	case len(p.Changes) <= inFull || o.Verbose:
		w.byResource(p.Changes)
	default:
		w.byControl(p.Changes)
	}
	w.skipped(p.Skipped)
	w.gaps(p.Gaps)
	w.totals(&totals)
	return w.Flush()
}

func (w *writer) planHead(p *fix.Plan, t *fix.Totals) {
	if t.Changes == 0 {
		w.Text(0, page.Bold, "Nothing to change.")
		return
	}
	w.Text(0, page.Bold, fmt.Sprintf("%s on %s. Nothing is changed yet.",
		report.Plural(t.Changes, "change"), report.Plural(t.Resources, "resource")))
	w.Text(0, page.Dim, "Plan "+short(p.Digest)+" of "+p.Created.UTC().Format("2006-01-02 15:04")+" UTC")
	w.Blank()
}

// short is enough of a digest for a person to compare.
func short(digest string) string { return digest[:min(len(digest), 12)] }

// byResource writes the changes under their resources, and then once for each
// control what its changes mean.
func (w *writer) byResource(changes []fix.Change) {
	groups := group(changes)
	for i := range changes {
		c := &changes[i]
		if i == 0 || changes[i-1].Resource.Key() != c.Resource.Key() {
			w.Blank()
			w.resource(&c.Resource)
		}
		w.change(c, groups[c.Control])
	}
	w.Blank()
	w.Text(0, page.Bold, "What that means")
	for _, id := range slices.SortedFunc(maps.Keys(groups), control.CompareIDs) {
		w.meaning(groups[id])
	}
}

func group(changes []fix.Change) map[string][]*fix.Change {
	groups := make(map[string][]*fix.Change)
	for i := range changes {
		groups[changes[i].Control] = append(groups[changes[i].Control], &changes[i])
	}
	return groups
}

// meaning writes what is the same for every change of a control.
func (w *writer) meaning(group []*fix.Change) {
	w.heading(group[0])
	w.facts(group[0])
	for _, warning := range group[0].Warnings {
		if shared(group, warning) {
			w.fact(page.Warn, "Warning", warning)
		}
	}
	w.Blank()
}

// shared reports whether a warning stands with each of several changes.
func shared(group []*fix.Change, warning string) bool {
	return len(group) > 1 && !slices.ContainsFunc(group, func(c *fix.Change) bool { return !slices.Contains(c.Warnings, warning) })
}

// resource writes the line above the changes of one resource.
func (w *writer) resource(ref *resource.Ref) {
	w.Items(0, page.Bold, strings.Join(compact(report.Clean(ref.ID), report.Thing(ref.Type), report.Clean(ref.Account), report.Clean(ref.Region)), " · "))
}

func compact(items ...string) []string {
	return slices.DeleteFunc(items, func(s string) bool { return s == "" })
}

func (w *writer) change(c *fix.Change, group []*fix.Change) {
	id := report.Clean(c.Control)
	w.Row(indent, []page.Cell{{Text: id, Width: max(page.Width(id), labelWidth+indent), Style: page.Bold}}, w.moves(c))
	w.own(c, group)
	if len(c.Steps) > 1 || w.verbose {
		w.steps(c)
	}
}

// moves writes what changes: the properties, or the summary.
func (w *writer) moves(c *fix.Change) string {
	var parts []string
	for i := range c.Sets {
		parts = append(parts, report.Clean(c.Sets[i].Property)+" "+move(&c.Sets[i]))
	}
	if len(parts) == 0 {
		return report.Clean(c.Summary)
	}
	return strings.Join(parts, "; ")
}

func (w *writer) heading(c *fix.Change) {
	id := report.Clean(c.Control)
	w.Row(indent, []page.Cell{
		{Text: id, Width: page.Width(id), Style: page.Bold},
		{Text: string(c.Severity), Width: len(c.Severity), Style: severityStyle(c.Severity)},
	}, report.Clean(c.Summary))
}

func severityStyle(s finding.Severity) page.Style {
	switch {
	case s.Rank() >= finding.High.Rank():
		return page.Bad
	case s == finding.Medium:
		return page.Warn
	default:
		return page.Dim
	}
}

// move writes "1 → 7 days": the unit once, where both sides have it.
func move(set *fix.Setting) string {
	return value(set.Before, "") + " → " + value(set.After, set.Unit)
}

func value(v resource.Value, unit string) string {
	if v.Kind() == resource.Absent {
		return "nothing"
	}
	return report.Shown(v, unit)
}

func (w *writer) fact(style page.Style, label, text string) {
	if text != "" {
		w.Row(2*indent, []page.Cell{{Text: label, Width: labelWidth, Style: page.Dim}}, w.paint(style, report.Clean(text)))
	}
}

// paint colours a text only where it fits on one line: a colour must not run
// over the break.
func (w *writer) paint(style page.Style, text string) string {
	if page.Width(text) > w.Width()-2*indent-labelWidth-2 {
		return text
	}
	return w.Paint(style, text)
}

// facts writes what is the same for every resource of the control.
func (w *writer) facts(c *fix.Change) {
	w.fact(page.Plain, "Downtime", c.Impact.Downtime)
	w.fact(page.Plain, "Clients", c.Impact.Clients)
	if c.Impact.Replaces {
		w.fact(page.Warn, "Replaces", "the resource is replaced by another one")
	}
	if c.Cost == nil {
		w.fact(page.Plain, "Cost", c.Impact.Cost)
	}
	w.fact(page.Plain, "Risk", c.Risk)
	w.fact(page.Plain, "Undo", undoing(c))
	if c.Accept != "" {
		w.fact(page.Warn, "Needs", "--accept "+c.Control+": "+c.Accept)
	}
	if c.Guided {
		w.fact(page.Warn, "Guided", "some of the steps are yours; the run waits for you there")
	}
}

func undoing(c *fix.Change) string {
	if c.Undo.Impact != "" {
		return undoable(c) + "; " + c.Undo.Impact
	}
	return undoable(c)
}

func undoable(c *fix.Change) string {
	switch {
	case c.Undo.Loses != "":
		return "possible; loses " + c.Undo.Loses + " (--accept-loss)"
	case c.Undo.Exposes != "":
		return "possible; exposes " + c.Undo.Exposes + " (--accept " + c.Control + ")"
	}
	for i := range c.Steps {
		if c.Steps[i].Final != "" {
			return "not in full: " + c.Steps[i].Final
		}
	}
	return "possible, nothing is lost"
}

// own writes what belongs to this resource alone.
func (w *writer) own(c *fix.Change, group []*fix.Change) {
	if c.Cost != nil {
		w.fact(page.Plain, "Cost", cost(c.Cost))
	}
	for _, owner := range c.Owners {
		w.fact(page.Warn, "Owner", owner.Kind+" "+owner.Name+": "+owner.Advice)
	}
	for _, warning := range c.Warnings {
		if !shared(group, warning) {
			w.fact(page.Warn, "Warning", warning)
		}
	}
}

func cost(c *fix.Cost) string {
	if !c.Known {
		return "not known: " + c.Basis
	}
	return dollars(c.Low, c.High) + " per month: " + c.Basis
}

// dollars writes an amount or a range in USD.
func dollars(low, high float64) string {
	switch {
	case low == 0 && high == 0:
		return "nothing"
	case low == high:
		return fmt.Sprintf("%+.2f USD", low)
	case low == 0:
		return fmt.Sprintf("up to %+.2f USD", high)
	default:
		return fmt.Sprintf("%+.2f to %+.2f USD", low, high)
	}
}

// steps writes the sequence of a change.
func (w *writer) steps(c *fix.Change) {
	number := 0
	for i := range c.Steps {
		s := &c.Steps[i]
		if s.Call == nil && s.Manual == "" {
			continue // has only a way back
		}
		number++
		label := ""
		if number == 1 {
			label = "Steps"
		}
		cells := []page.Cell{{Text: label, Width: labelWidth, Style: page.Dim}, {Text: fmt.Sprintf("%2d.", number), Width: 3}}
		switch {
		case s.Manual != "":
			first, rest, _ := strings.Cut(s.Manual, "\n")
			w.Row(2*indent, cells, "YOU: "+report.Clean(first))
			w.lines(2*indent+labelWidth+2+len("10. ")+1, rest)
		case s.Impact != "":
			w.Row(2*indent, cells, report.Clean(s.Title+" ("+s.Impact+")"))
		default:
			w.Row(2*indent, cells, report.Clean(s.Title))
		}
	}
}

// lines writes text that has lines of its own. A line that is a command is not
// broken, so that it can be copied.
func (w *writer) lines(at int, text string) {
	for line := range strings.SplitSeq(text, "\n") {
		switch line = report.Clean(line); {
		case line == "":
		case isCommand(line):
			w.Line(strings.Repeat(" ", at) + w.Paint(page.Quiet, line))
		default:
			w.Text(at, page.Plain, line)
		}
	}
}

func isCommand(line string) bool {
	return slices.ContainsFunc([]string{"aws ", "holdfast ", "until ", "while "}, func(start string) bool { return strings.HasPrefix(line, start) })
}

// byControl writes the facts once per control and a line for each change.
func (w *writer) byControl(changes []fix.Change) {
	groups := group(changes)
	for _, id := range slices.SortedFunc(maps.Keys(groups), control.CompareIDs) {
		group := groups[id]
		w.meaning(group)
		width := 0
		for _, c := range group {
			width = max(width, page.Width(report.Clean(c.Resource.ID)))
		}
		for _, c := range group {
			w.brief(c, min(width, 32))
		}
		w.Blank()
	}
}

// brief writes a change on one line, with what must not be overlooked below.
func (w *writer) brief(c *fix.Change, width int) {
	moves := []string{w.moves(c)}
	if c.Cost != nil && c.Cost.Known && c.Cost.High > 0 {
		moves = append(moves, dollars(c.Cost.Low, c.Cost.High)+" per month")
	}
	for _, owner := range c.Owners {
		moves = append(moves, "owner: "+report.Clean(owner.Kind+" "+owner.Name))
	}
	w.Row(2*indent, []page.Cell{
		{Text: report.Clean(c.Resource.ID), Width: width},
		{Text: report.Clean(c.Resource.Region), Width: max(9, page.Width(c.Resource.Region)), Style: page.Dim},
	}, strings.Join(moves, "; "))
}

// skipped lists the failed findings that the plan leaves alone, by reason.
func (w *writer) skipped(list []fix.Skipped) {
	if len(list) == 0 {
		return
	}
	w.Blank()
	w.Text(0, page.Bold, report.Plural(len(list), "failed finding")+" left alone")
	for i := range list {
		s := &list[i]
		if i == inFull && !w.verbose {
			w.Text(indent, page.Dim, fmt.Sprintf("… and %d more (--verbose lists all, the plan file has them)", len(list)-inFull))
			break
		}
		id := report.Clean(s.Control)
		w.Row(indent, []page.Cell{{Text: id, Width: page.Width(id)}, {Text: s.Reason, Width: len(fix.SkipExcepted), Style: page.Warn}},
			report.Clean(s.Resource.ID)+": "+report.Clean(s.Detail))
	}
}

// gaps says that the plan is not complete.
// Gaps writes what could not be read, where the plan is for source code alone.
func Gaps(out io.Writer, list []finding.Gap, o Options) error {
	w := &writer{Page: page.New(out, o.Width, o.Color), verbose: o.Verbose}
	w.gaps(list)
	return w.Flush()
}

func (w *writer) gaps(list []finding.Gap) {
	if len(list) == 0 {
		return
	}
	w.Blank()
	w.Text(0, page.Caution, report.Plural(len(list), "place")+" could not be read: the plan says nothing about what is there")
	for i := range list {
		gap := &list[i]
		w.Text(indent, page.Warn, report.GapPlace(gap)+": "+report.Cause(gap))
	}
}

func (w *writer) totals(t *fix.Totals) {
	if t.Changes == 0 {
		return
	}
	w.Blank()
	w.total("Changes", tally(t.ByControl, control.CompareIDs))
	w.total("Risk", tally(t.ByRisk, func(a, b string) int { return cmp.Compare(riskRank(a), riskRank(b)) }))
	w.total("Cost", totalCost(t))
	if len(t.Accept) > 0 {
		w.total("Needs", "--accept "+strings.Join(t.Accept, " --accept ")+"; without it those changes are skipped")
	}
	if t.Guided > 0 {
		w.total("Guided", report.Plural(t.Guided, "change")+" in which some of the steps are yours")
	}
}

func (w *writer) total(label, text string) {
	w.Row(0, []page.Cell{{Text: label, Width: labelWidth, Style: page.Bold}}, text)
}

// tally writes counts without blanks in them, so that none is broken.
func tally(counts map[string]int, compare func(a, b string) int) string {
	var parts []string
	for _, name := range slices.SortedFunc(maps.Keys(counts), compare) {
		parts = append(parts, fmt.Sprintf("%d×%s", counts[name], report.Clean(name)))
	}
	return strings.Join(parts, ", ")
}

func riskRank(risk string) int { return slices.Index([]string{"high", "medium", "low"}, risk) }

func totalCost(t *fix.Totals) string {
	var parts []string
	if known := dollars(t.CostLow, t.CostHigh); t.CostHigh > 0 {
		parts = append(parts, known+" per month")
	}
	if t.CostUnknown > 0 {
		parts = append(parts, "not known for "+report.Plural(t.CostUnknown, "change"))
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, "; ")
}
