package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Code writes what a plan changes in source code: each edit with what it is
// for, the difference, and what is left to a person.
func Code(out io.Writer, p *code.Plan, o Options) error {
	w := &writer{Page: page.New(out, o.Width, o.Color), verbose: o.Verbose}
	w.codeHead(p)
	for i := range p.Edits {
		w.edit(&p.Edits[i])
	}
	if len(p.Patches) > 0 {
		w.Blank()
	}
	for i := range p.Patches {
		w.patch(p.Patches[i].Diff)
	}
	w.codeLeft(p.Left)
	return w.Flush()
}

func (w *writer) codeHead(p *code.Plan) {
	if len(p.Edits) == 0 {
		w.Text(0, page.Bold, "Nothing to change in the code.")
		return
	}
	w.Text(0, page.Bold, fmt.Sprintf("%s in %s. Scanned again with them, %s.",
		report.Plural(len(p.Edits), "edit"), report.Plural(len(p.Patches), "file"), passes(p)))
	w.Blank()
}

// passes tells how many findings the edits make pass.
func passes(p *code.Plan) string {
	findings := make(map[string]bool)
	for i := range p.Edits {
		for j := range p.Edits[i].Resources {
			for _, id := range p.Edits[i].Controls {
				findings[finding.NewID(id, &p.Edits[i].Resources[j])] = true
			}
		}
	}
	if len(findings) == 1 {
		return "one finding passes"
	}
	return fmt.Sprintf("%d findings pass", len(findings))
}

// named is how many resources of an edit are written out.
const named = 3

func (w *writer) edit(e *code.Edit) {
	verb := fmt.Sprintf("%s → %s", value(e.Before, ""), value(e.After, ""))
	if e.Insert {
		verb = value(e.After, "") + ", which is not there yet"
	}
	w.Line(w.Paint(page.Bold, fmt.Sprintf("%s:%d", report.Clean(e.File), e.Line)))
	w.Text(indent, page.Plain, fmt.Sprintf("%s: %s %s", report.Clean(e.Address), report.Clean(e.Name), verb))
	var addresses []string
	for i := range e.Resources {
		if i == named && !w.verbose {
			addresses = append(addresses, fmt.Sprintf("%d more", len(e.Resources)-named))
			break
		}
		addresses = append(addresses, report.Clean(address(&e.Resources[i])))
	}
	w.Text(indent, page.Dim, strings.Join(e.Controls, ", ")+" of "+strings.Join(addresses, ", "))
}

func address(ref *resource.Ref) string {
	if ref.Origin.Address != "" {
		return ref.Origin.Address
	}
	return ref.ID
}

// patch writes a difference. Its lines are code and are not wrapped.
func (w *writer) patch(diff string) {
	for line := range strings.Lines(diff) {
		line = strings.ReplaceAll(strings.TrimRight(line, "\r\n"), "\t", "    ")
		style := page.Plain
		switch {
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"):
			style = page.Bold
		case strings.HasPrefix(line, "+"):
			style = page.Good
		case strings.HasPrefix(line, "-"):
			style = page.Bad
		case strings.HasPrefix(line, "@@"):
			style = page.Quiet
		}
		w.Line(w.Paint(style, report.Clean(line)))
	}
}

// codeLeft writes what is left to a person: each place once, with all that is
// left there for one reason.
func (w *writer) codeLeft(left []code.Left) {
	if len(left) == 0 {
		return
	}
	w.Blank()
	w.Text(0, page.Bold, "Left to you")
	for _, group := range reasons(left) {
		first := group[0][0]
		w.Line(w.Paint(page.Bold, fmt.Sprintf("%s:%d", report.Clean(first.File), first.Line)))
		for _, same := range group {
			w.Text(indent, page.Plain, w.about(same))
		}
		w.Text(indent, page.Dim, report.Clean(first.Detail))
	}
}

// about names the controls and the resources of what is left.
func (w *writer) about(same []*code.Left) string {
	var controls, addresses []string
	for _, l := range same {
		controls = append(controls, report.Clean(l.Control))
		addresses = append(addresses, report.Clean(address(&l.Resource)))
	}
	addresses = distinct(addresses)
	if n := len(addresses); n > named && !w.verbose {
		addresses = append(addresses[:named], fmt.Sprintf("%d more", n-named))
	}
	return strings.Join(distinct(controls), ", ") + " of " + strings.Join(addresses, ", ")
}

// distinct leaves out what was there before.
func distinct(texts []string) []string {
	var kept []string
	for _, text := range texts {
		if !slices.Contains(kept, text) {
			kept = append(kept, text)
		}
	}
	return kept
}

// reasons puts together what is left at one place for one reason, and in that
// the resources of which the same controls are left.
func reasons(left []code.Left) [][][]*code.Left {
	type place struct {
		file   string
		line   int
		detail string
	}
	var order []place
	at := make(map[place][]*code.Left)
	for i := range left {
		l := &left[i]
		key := place{l.File, l.Line, l.Detail}
		if at[key] == nil {
			order = append(order, key)
		}
		at[key] = append(at[key], l)
	}
	groups := make([][][]*code.Left, 0, len(order))
	for _, key := range order {
		groups = append(groups, byControls(at[key]))
	}
	return groups
}

// byControls puts resources together of which the same controls are left.
func byControls(left []*code.Left) [][]*code.Left {
	controls := make(map[string]string) // by resource
	for _, l := range left {
		controls[l.Resource.Key()] += l.Control + " "
	}
	var order []string
	groups := make(map[string][]*code.Left)
	for _, l := range left {
		ids := controls[l.Resource.Key()]
		if groups[ids] == nil {
			order = append(order, ids)
		}
		groups[ids] = append(groups[ids], l)
	}
	sorted := make([][]*code.Left, 0, len(order))
	for _, ids := range order {
		sorted = append(sorted, groups[ids])
	}
	return sorted
}
