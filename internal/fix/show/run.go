package show

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/report/page"
)

// Run writes how far a run is. It ends with the counts and the commands that
// lead on.
func Run(out io.Writer, s *fix.RunStatus, o Options) error {
	w := &writer{Page: page.New(out, o.Width, o.Color), verbose: o.Verbose}
	w.Items(0, page.Plain, strings.Join([]string{w.Paint(page.Bold, "Run "+s.Run), w.Paint(runStyle(s.State), runWords(s.State)), "plan " + short(s.Digest)}, " · "))
	w.Blank()
	w.rolling = len(s.Undos) > 0 || slices.ContainsFunc(s.Sessions, func(s fix.SessionStatus) bool { return s.Mode == fix.ModeRollback })
	shown := 0
	for i := range s.Changes {
		c := &s.Changes[i]
		if !w.worth(c, len(s.Changes)) {
			continue
		}
		if shown == 0 || i == 0 || s.Changes[i-1].Resource.Key() != c.Resource.Key() || !w.worth(&s.Changes[i-1], len(s.Changes)) {
			w.Blank()
			w.resource(&c.Resource)
		}
		shown++
		w.changeStatus(c)
	}
	w.Blank()
	if hidden := len(s.Changes) - shown; hidden > 0 {
		w.Text(0, page.Dim, report.Plural(hidden, "change")+" as planned are not listed (--verbose lists all)")
	}
	w.sessions(s.Sessions)
	if w.rolling {
		w.total("Applied", counts(s.Counts))
		w.total("Undone", counts(s.Undos))
	} else {
		w.total("Result", counts(s.Counts))
	}
	if len(s.Source) > 0 {
		advice := "changed too"
		if w.rolling {
			advice = "changed too: take that back with your version control, or the next deployment sets it again"
		}
		w.total("Code", report.Clean(strings.Join(s.Source, ", "))+" "+advice)
	}
	label := ""
	for _, next := range s.Next {
		switch takesBack := strings.HasPrefix(next, "holdfast fix rollback "); {
		case takesBack && len(s.Undos) == 0:
			label = "Undo"
		case label == "":
			label = "Next"
		default:
			label = " "
		}
		w.Line(w.Paint(page.Bold, page.Pad(label, labelWidth+2)) + w.Paint(page.Quiet, next))
	}
	return w.Flush()
}

// worth reports whether a change is listed: in a long run only what needs an eye.
func (w *writer) worth(c *fix.ChangeStatus, total int) bool {
	return w.verbose || total <= inFull || outcome(c) != fix.StateVerified && outcome(c) != fix.StateUndone || len(c.Drift) > 0
}

// outcome is the state that counts now.
func outcome(c *fix.ChangeStatus) fix.State {
	if c.Undo != "" {
		return c.Undo
	}
	return c.State
}

const stateWidth = len("not-verified")

func (w *writer) changeStatus(c *fix.ChangeStatus) {
	if w.rolling && c.Undo == "" {
		w.untouched(c)
		return
	}
	state, id := string(outcome(c)), report.Clean(c.Control)
	w.Row(indent, []page.Cell{
		{Text: strings.ToUpper(state), Width: stateWidth, Style: stateStyle(outcome(c))},
		{Text: id, Width: page.Width(id), Style: page.Bold},
	}, w.did(c))
	at := indent + stateWidth + 2
	w.lines(at, c.Note)
	if c.Problem != nil {
		w.Text(at, page.Plain, report.Clean(c.Problem.String()))
		w.lead(at, "Next: ", c.Problem.Next)
	}
	for i := range c.Moves {
		w.Text(at, page.Plain, "expected: "+report.Clean(c.Moves[i].Expected)+"; found: "+report.Clean(c.Moves[i].Found))
	}
	for i := range c.Drift {
		w.Text(at, page.Warn, "also changed meanwhile, by somebody else: "+report.Clean(c.Drift[i].Expected+", "+c.Drift[i].Found))
	}
	if c.Restorable != nil && c.Undo == "" {
		w.Text(at, page.Plain, c.Restorable.String())
	}
	if c.Compliance != "" && c.Undo == "" && c.State != fix.StateVerified {
		w.lead(at, "The control says now: ", string(c.Compliance))
	}
	if len(c.Steps) > 1 && (w.verbose || outcome(c) != fix.StateVerified && outcome(c) != fix.StateUndone && c.State != fix.StateNotStarted && c.State != fix.StateSkipped) {
		w.stepStates(at, c)
	}
}

// untouched writes a change of which a rollback found nothing to take back.
func (w *writer) untouched(c *fix.ChangeStatus) {
	id := report.Clean(c.Control)
	w.Row(indent, []page.Cell{
		{Text: "UNTOUCHED", Width: stateWidth, Style: page.Dim},
		{Text: id, Width: page.Width(id), Style: page.Bold},
	}, "there is nothing to take back")
}

func (w *writer) lead(at int, label, text string) {
	if text != "" {
		w.Text(at, page.Plain, label+report.Clean(text))
	}
}

// did tells what the change is about; after a rollback, the way back.
func (w *writer) did(c *fix.ChangeStatus) string {
	change := fix.Change{Summary: c.Summary, Sets: slices.Clone(c.Sets)}
	for i := range change.Sets {
		if set := &change.Sets[i]; c.Undo == fix.StateUndone {
			set.Before, set.After = set.After, set.Before
		}
	}
	return w.moves(&change)
}

// stepStates lists the steps of a change that is not through, up to the one
// where it stands.
func (w *writer) stepStates(at int, c *fix.ChangeStatus) {
	for i := range c.Steps {
		s := &c.Steps[i]
		if s.Back && c.Undo == "" {
			continue
		}
		state, done := s.State, !s.Done.IsZero()
		if c.Undo != "" {
			state, done = s.Undo.State, !s.Undo.Done.IsZero()
		} else if !done && c.State == fix.StateWaiting {
			state = fix.StateWaiting
		}
		mark, text := "→", report.Clean(s.Title)
		switch {
		case done:
			mark = "✓"
		case state == "":
			mark = " "
		default:
			text += " (" + string(state) + ")"
		}
		w.Row(at, []page.Cell{{Text: mark, Width: 1, Style: stateStyle(state)}, {Text: s.ID + ".", Width: 3}}, text)
		if left := len(c.Steps) - i - 1; !done && c.Undo == "" && left > 0 && !w.verbose {
			w.Text(at, page.Dim, "   then "+report.Plural(left, "more step"))
			return
		}
	}
}

func (w *writer) sessions(list []fix.SessionStatus) {
	for i := range list {
		s := &list[i]
		if s.Note == "" && !w.verbose {
			continue
		}
		text := s.Mode + " of " + s.Began.Format("2006-01-02 15:04:05") + " UTC"
		switch {
		case s.Ended.IsZero():
			text += ": it was killed, or still works"
		case s.Note != "":
			text += ": " + s.Note
		}
		w.Text(0, page.Dim, text)
	}
}

// order is that of the states in a count, the best first.
func order() []fix.State {
	return []fix.State{
		fix.StateVerified, fix.StateUndone, fix.StatePending, fix.StateWaiting, fix.StateSkipped, fix.StateInterrupted,
		fix.StateRunning, fix.StateNotStarted, fix.StateRefused, fix.StateFailed, fix.StateNotVerified, fix.StateUnconfirmed,
		fix.StateUnclear, fix.StateFinal,
	}
}

func counts(of map[fix.State]int) string {
	var parts []string
	for _, state := range order() {
		if n := of[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, strings.ReplaceAll(string(state), "-", " ")))
		}
	}
	if len(parts) == 0 {
		return "no change"
	}
	return strings.Join(parts, ", ")
}

func stateStyle(s fix.State) page.Style {
	switch {
	case s == fix.StateVerified || s == fix.StateUndone || s == fix.StateDone:
		return page.Good
	case s.Bad():
		return page.Bad
	case s == fix.StateNotStarted:
		return page.Dim
	default:
		return page.Warn
	}
}

func runStyle(state string) page.Style {
	switch state {
	case fix.RunComplete, fix.RunRolledBack:
		return page.Good
	case fix.RunFailed:
		return page.Bad
	default:
		return page.Warn
	}
}

func runWords(state string) string {
	words := map[string]string{
		fix.RunWorking: "a process works on it now", fix.RunComplete: "complete", fix.RunIncomplete: "not complete",
		fix.RunFailed: "something went wrong", fix.RunStopped: "stopped in the middle", fix.RunRolledBack: "rolled back",
	}
	return words[state]
}

// Runs writes the list of runs.
func Runs(out io.Writer, runs []fix.RunSummary, o Options) error {
	w := &writer{Page: page.New(out, o.Width, o.Color), verbose: o.Verbose}
	if len(runs) == 0 {
		w.Line("The journal holds no run.")
		return w.Flush()
	}
	for i := range runs {
		r := &runs[i]
		result := counts(r.Counts)
		if len(r.Undos) > 0 {
			result += "; rollback: " + counts(r.Undos)
		}
		w.Row(0, []page.Cell{
			{Text: r.ID, Width: page.Width(r.ID), Style: page.Bold},
			{Text: r.State, Width: len(fix.RunRolledBack), Style: runStyle(r.State)},
		}, result)
	}
	return w.Flush()
}

// Notice writes one line about the work under way, or nothing when it is not
// worth a line.
func Notice(n fix.Notice, o Options) string {
	if n.Change == nil {
		return ""
	}
	about := report.Clean(n.Change.Resource.ID) + "  " + report.Clean(n.Change.Control) + "  "
	switch {
	case n.Wait != "":
		return about + fmt.Sprintf("%s (%s of at most %s)", n.Wait, n.Elapsed.Round(1e9), n.Limit.Round(1e9))
	case n.Event.Kind == fix.EventIntent && n.Undo:
		return about + "taking back: " + report.Clean(n.Step.Title)
	case n.Event.Kind == fix.EventIntent:
		return about + report.Clean(n.Step.Title)
	case n.Event.Kind == fix.EventChange:
		w := page.New(io.Discard, o.Width, o.Color)
		return about + w.Paint(stateStyle(n.Event.State), strings.ReplaceAll(string(n.Event.State), "-", " "))
	default:
		return ""
	}
}
