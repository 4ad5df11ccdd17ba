package recover

import (
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const (
	// rowsPerList is how many resources of one kind are listed unless all are
	// wanted, and pointsPerItem how many points of one are then.
	rowsPerList   = 50
	indent        = 2
	labelWidth    = len("AWS Backup")
	momentPattern = "2006-01-02 15:04 UTC"
)

type writer struct {
	*page.Page
	rows    int
	verbose bool
	asOf    time.Time
	moment  time.Time
}

// WriteText writes the inventory for a person: without a moment every resource
// with what it can be restored from, otherwise first those without a clean point.
func (v *Inventory) WriteText(options report.Options, out io.Writer) error {
	w := &writer{Page: page.New(out, options.Width, options.Color), rows: rowsPerList, verbose: options.Verbose, asOf: v.AsOf, moment: v.Moment}
	if w.verbose {
		w.rows = max(len(v.Items), len(v.Left), len(v.Gaps))
	}
	if v.Moment.IsZero() {
		w.section("RESTORE POINTS", page.Bold, "what each could be restored from", v.Items)
	} else {
		w.section("NO CLEAN POINT", page.Bad, "nothing at or before "+at(v.Moment)+" can be restored", v.judged(None))
		w.section("NOT TOLD", page.Warn, "what was read has no clean point, and something was not read", v.judged(NotTold))
		w.section("CLEAN POINT", page.Good, "restorable to a state at or before "+at(v.Moment), v.judged(Clean))
	}
	w.section("LEFT OF OTHERS", page.Bold, "not found, and something of it is kept", v.Left)
	w.gaps(v.Gaps)
	w.summary(v)
	return w.Flush()
}

// judged lists the items with a verdict.
func (v *Inventory) judged(verdict Verdict) []*Item {
	var items []*Item
	for _, item := range v.Items {
		if item.Answer.Verdict == verdict {
			items = append(items, item)
		}
	}
	return items
}

func (w *writer) section(title string, style page.Style, meaning string, items []*Item) {
	if len(items) == 0 {
		return
	}
	w.Row(0, []page.Cell{{Text: title, Width: len(title), Style: style}}, report.Plural(len(items), "resource")+": "+meaning)
	w.Blank()
	for _, item := range items[:min(len(items), w.rows)] {
		w.item(item)
	}
	if left := len(items) - w.rows; left > 0 {
		w.Text(indent, page.Plain, "… and "+report.Count(left)+" more (--verbose lists all)")
	}
	w.Blank()
}

func (w *writer) item(item *Item) {
	w.Items(indent, page.Bold, named(&item.Resource))
	if item.Gone != "" {
		w.row("Gone", page.Warn, item.Gone)
	}
	if item.Answer != nil {
		w.answer(item)
	}
	w.window(item)
	w.points(item)
	if item.Answer == nil {
		for _, what := range item.Unread {
			w.row("Not read", page.Warn, what)
		}
	}
	for _, note := range item.Notes {
		w.row("Note", page.Warn, note)
	}
	w.Blank()
}

// row writes a label and its sentence.
func (w *writer) row(label string, style page.Style, text string) {
	w.Row(2*indent, []page.Cell{{Text: label, Width: labelWidth, Style: style}}, report.Clean(text))
}

// answer writes what can be saved.
func (w *writer) answer(item *Item) {
	a := item.Answer
	switch a.Verdict {
	case Clean:
		from := "continuous backup"
		if a.ID != "" {
			from = how(a.How) + " " + a.ID
		}
		if a.Account != item.Resource.Account || a.Region != item.Resource.Region {
			from += " in " + a.Account + " " + a.Region
		}
		w.row("Restore", page.Good, "to "+at(a.At)+" from "+from)
		w.row("Lost", page.Plain, w.lost(a))
	case None:
		text := "there is no point at all"
		if !a.Next.IsZero() {
			text = "the first point is " + at(a.Next) + ", " + Span(a.Next.Sub(w.moment)) + " after the moment"
		}
		w.row("Restore", page.Bad, text)
		if a.Elsewhere {
			w.row("Not told", page.Warn, "copies may lie in other places, which were not all read: see the gaps")
		}
	}
	for _, doubt := range a.Doubts {
		w.row("Not told", page.Warn, doubt)
	}
}

// lost tells what was written between the clean point and the moment.
func (w *writer) lost(a *Answer) string {
	gap := w.moment.Sub(a.At)
	if gap == 0 && !a.AtLeast {
		return "nothing before the moment"
	}
	bound := ""
	switch {
	case a.AtMost && a.AtLeast:
		bound = "about "
	case a.AtMost:
		bound = "at most "
	case a.AtLeast:
		bound = "at least "
	}
	text := bound + Span(gap) + " before the moment"
	if a.AtLeast {
		text += ": it is a copy, of data older than its time"
	}
	return text
}

func (w *writer) window(item *Item) {
	style := page.Plain
	text := item.Window.Why
	switch {
	case item.Gone != "" || !item.kind.continuous:
		return
	case item.Window.Sight == Usable:
		text = at(item.Window.Earliest) + " to " + at(item.Window.Latest)
	case item.Window.Sight == Unknown:
		style = page.Warn
		switch upTo := "up to " + at(item.Window.Latest); {
		case item.Window.Latest.IsZero():
		case item.Answer != nil: // its doubts tell why
			text = upTo
		default:
			text = upTo + "; " + text
		}
	}
	w.row("Continuous", style, text)
	r := item.Retention
	if r == nil {
		return
	}
	text = report.Plural(int(r.Configured), "day") + " configured"
	if r.Effective != nil {
		text += ", " + strconv.FormatFloat(*r.Effective, 'f', 1, 64) + " effective"
	}
	if r.Pending != nil {
		text += ", " + report.Plural(int(*r.Pending), "day") + " pending"
	}
	w.row("Retention", page.Plain, text)
	if s := r.Short; s != nil {
		w.row("Shorter", page.Warn, s.Text+"; all "+report.Plural(int(r.Configured), "day")+" are there on "+s.FullOn.Format(time.DateOnly))
	}
}

// points counts the points of each kind, or lists them all.
func (w *writer) points(item *Item) {
	for _, kind := range []How{Manual, Automated, Snapshot, AWSBackup} {
		var usable, others []*Point
		for _, p := range item.Points {
			switch {
			case p.How != kind:
			case p.Sight == Usable:
				usable = append(usable, p)
			default:
				others = append(others, p)
			}
		}
		if len(usable)+len(others) == 0 {
			continue
		}
		w.row(label(kind), page.Plain, counted(usable, others))
		if w.verbose {
			for _, p := range slices.Concat(usable, others) {
				w.Text(3*indent, page.Dim, point(p))
			}
		}
	}
}

// counted tells how many points there are, and of when.
func counted(usable, others []*Point) string {
	var parts []string
	if n := len(usable); n > 0 {
		text := report.Count(n) + ", " + at(usable[n-1].At)
		if n > 1 {
			text += " to " + at(usable[0].At)
		}
		parts = append(parts, text)
	}
	copies := 0
	for _, p := range usable {
		if p.Copy {
			copies++
		}
	}
	if copies > 0 {
		parts = append(parts, report.Count(copies)+" copied")
	}
	reasons := make(map[string]int)
	for _, p := range others {
		reasons[p.Why]++
	}
	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		parts = append(parts, report.Count(reasons[why])+" not counted ("+why+")")
	}
	return strings.Join(parts, "; ")
}

// point writes one point.
func point(p *Point) string {
	parts := []string{"no time", p.ID, strings.TrimSpace(p.Account + " " + p.Region)}
	if !p.At.IsZero() {
		parts[0] = at(p.At)
	}
	if p.Vault != "" {
		parts = append(parts, "vault "+p.Vault)
	}
	if p.Copy {
		parts = append(parts, "copy")
	}
	if p.Encrypted != nil && !*p.Encrypted {
		parts = append(parts, "not encrypted")
	}
	if p.Why != "" {
		parts = append(parts, p.Why)
	}
	return report.Clean(strings.Join(parts, " · "))
}

func label(kind How) string {
	return map[How]string{Manual: "Manual", Automated: "Automated", Snapshot: "Snapshots", AWSBackup: "AWS Backup"}[kind]
}

func how(kind How) string {
	return map[How]string{Manual: "manual snapshot", Automated: "automated snapshot", Snapshot: "snapshot", AWSBackup: "AWS Backup's"}[kind]
}

func named(ref *resource.Ref) string {
	id := ref.ID
	if id == "" {
		id = ref.UID
	}
	return report.Clean(id) + " · " + report.Thing(ref.Type) + " · " + report.Place(ref)
}

func at(t time.Time) string { return t.UTC().Format(momentPattern) }

// gaps tells what could not be read.
func (w *writer) gaps(gaps []finding.Gap) {
	if len(gaps) == 0 {
		return
	}
	title := "GAPS"
	w.Row(0, []page.Cell{{Text: title, Width: len(title), Style: page.Warn}}, "could not be read: what lies there is not counted as missing")
	w.Blank()
	for i := range gaps[:min(len(gaps), w.rows)] {
		gap := &gaps[i]
		w.Text(indent, page.Warn, report.GapPlace(gap))
		text := report.Cause(gap)
		if gap.Type != "" {
			text = report.Thing(gap.Type) + ": " + text
		}
		w.Text(2*indent, page.Plain, text)
		if gap.Permission != "" {
			w.Text(2*indent, page.Plain, "Grant "+report.Clean(gap.Permission))
		}
		if gap.Try != "" {
			w.Text(2*indent, page.Plain, "Try "+report.Clean(gap.Try))
		}
	}
	if left := len(gaps) - w.rows; left > 0 {
		w.Text(indent, page.Warn, "… and "+report.Count(left)+" more")
	}
	w.Blank()
}

func (w *writer) summary(v *Inventory) {
	s := v.Summary()
	if !v.Moment.IsZero() && s.Resources > 0 {
		w.Text(0, page.Plain, "What was written from "+at(v.Moment)+" to "+at(v.AsOf)+" ("+Span(v.AsOf.Sub(v.Moment))+") is lost wherever an older state is restored.")
	}
	style := page.Good
	switch {
	case s.None > 0:
		style = page.Bad
	case v.Incomplete():
		style = page.Warn
	case s.Resources == 0:
		style = page.Plain
	}
	var parts []string
	switch {
	case s.Resources == 0:
		parts = []string{"Nothing was found that could be restored"}
	case v.Moment.IsZero():
		parts = []string{report.Plural(s.Resources, "resource"), report.Count(s.Unknown) + " not told in full"}
	default:
		parts = []string{report.Count(s.Clean) + " with a clean point", report.Count(s.None) + " without", report.Count(s.Unknown) + " not told"}
	}
	if s.Short > 0 {
		parts = append(parts, report.Plural(s.Short, "window")+" shorter than configured")
	}
	if s.Gaps > 0 {
		parts = append(parts, report.Plural(s.Gaps, "gap"))
	}
	w.Items(0, style, strings.Join(parts, " · "))
	for _, why := range slices.Sorted(maps.Keys(v.LeftOut)) {
		w.Text(0, page.Dim, "Left out: "+why+" ("+report.Count(v.LeftOut[why])+")")
	}
	style = page.Plain
	if v.Coverage.Read < v.Coverage.Total {
		style = page.Warn
	}
	w.Items(0, style, "As of "+at(v.AsOf)+" · "+report.CoverageLine(&v.Coverage))
}
