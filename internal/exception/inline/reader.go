package inline

import (
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/exception"
	"github.com/holdfast-aws/holdfast/internal/nearest"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// reader understands remarks, with the controls that there are.
type reader struct {
	ids     []string            // of controls
	foreign map[string][]string // ids elsewhere, in one form → ids of controls
	order   []string            // the keys of foreign
}

func newReader(controls []*control.Control) *reader {
	r := &reader{foreign: make(map[string][]string)}
	for _, c := range controls {
		r.ids = append(r.ids, c.ID)
		for tool, ids := range c.Elsewhere {
			for _, id := range ids {
				key := tool + ":" + canonical(id)
				r.foreign[key] = append(r.foreign[key], c.ID)
			}
		}
	}
	for key := range r.foreign {
		r.order = append(r.order, key)
	}
	slices.Sort(r.order)
	return r
}

// canonical writes an id of another tool in one form: Trivy knows each of its
// own with AVD- before it and without.
func canonical(id string) string { return strings.TrimPrefix(strings.ToLower(id), "avd-") }

// read returns what a remark says. Text that speaks to no tool says nothing.
func (r *reader) read(remark *resource.Remark) []note {
	if remark.Name != "" {
		return r.metadata(remark)
	}
	var notes []note
	line := remark.Origin.Line
	for text := range strings.SplitSeq(remark.Text, "\n") {
		for _, one := range r.line(strings.TrimSpace(text)) {
			one.at = remark.Origin
			one.at.Line, one.at.EndLine = line, line
			notes = append(notes, one)
		}
		line++
	}
	return notes
}

// The words that begin a note.
var (
	begin    = regexp.MustCompile(`\b(?:(?i:(holdfast)):|(checkov|bridgecrew|cortex):skip=|(trivy|tfsec):ignore:)`)
	ownVerb  = regexp.MustCompile(`^(\s*)([A-Za-z-]+)`)
	fieldKey = regexp.MustCompile(`^([A-Za-z][A-Za-z_-]*)=`)
)

// line reads the notes in one line, of which there may be several.
func (r *reader) line(text string) []note {
	var notes []note
	for {
		at := begin.FindStringSubmatchIndex(text)
		if at == nil {
			return notes
		}
		body := text[at[1]:]
		var found []note
		var length int
		switch {
		case at[2] >= 0:
			found, length = r.own(body)
		case at[4] >= 0:
			found, length = r.checkov(body)
		default:
			found, length = r.trivy(body)
		}
		for i := range found {
			found[i].text = strings.TrimSpace(text[at[0] : at[1]+length])
		}
		notes = append(notes, found...)
		text = body[length:]
	}
}

// own reads what follows "holdfast:", and how much of it belongs to that.
func (r *reader) own(body string) ([]note, int) {
	m := ownVerb.FindStringSubmatch(body)
	if m == nil {
		return nil, 0 // prose
	}
	verb, rest := strings.ToLower(m[2]), body[len(m[0]):]
	n := note{file: verb == "ignore-file"}
	switch {
	case verb != "ignore" && verb != "ignore-file":
		if m[1] != "" {
			return nil, 0
		}
		n.fail("there is no holdfast:%s; there are holdfast:ignore and holdfast:ignore-file", m[2])
		return []note{n}, len(body) - len(rest)
	case rest != "" && strings.IndexByte(" \t", rest[0]) < 0:
		n.fail("after holdfast:%s comes a space and the ids of controls", verb)
		return []note{n}, len(body) - len(rest)
	}
	rest = r.fields(&n, rest)
	n.complete()
	return []note{n}, len(body) - len(rest)
}

// fields reads "Neptune.4,Neptune.5 reason="…" until=2027-01-31" into a note
// and returns what follows it.
func (r *reader) fields(n *note, text string) string {
	seen := make(map[string]bool)
	for {
		text = strings.TrimLeft(text, " \t")
		if text == "" || starts(text) {
			return text
		}
		m := fieldKey.FindStringSubmatch(text)
		if m == nil {
			word := text
			if end := strings.IndexAny(text, " \t"); end >= 0 {
				word = text[:end]
			}
			text = text[len(word):]
			if len(seen) > 0 {
				n.fail("%q does not belong here: a value of several words stands in quotation marks", word)
				continue
			}
			for name := range strings.SplitSeq(word, ",") {
				r.name(n, name)
			}
			continue
		}
		name := strings.ToLower(m[1])
		if seen[name] {
			n.fail("%s= stands here twice", name)
		}
		seen[name] = true
		var value string
		if value, text = fieldValue(n, text[len(m[0]):]); n.cause == "" {
			n.set(name, strings.TrimSpace(value))
		}
	}
}

// starts reports whether a text begins with the next note.
func starts(text string) bool {
	at := begin.FindStringIndex(text)
	return at != nil && at[0] == 0
}

// fieldValue takes a value off the front of a text: in quotation marks, or up
// to the next field, since a tag can hold none.
func fieldValue(n *note, text string) (value, rest string) {
	if text != "" && (text[0] == '"' || text[0] == '\'') {
		var out strings.Builder
		for i := 1; i < len(text); i++ {
			switch c := text[i]; {
			case c == text[0]:
				return out.String(), text[i+1:]
			case c == '\\' && i+1 < len(text):
				i++
				out.WriteByte(text[i])
			default:
				out.WriteByte(c)
			}
		}
		n.fail("a quotation mark is not closed on its line")
		return "", ""
	}
	end := 0
	for end < len(text) {
		next := strings.IndexAny(text[end:], " \t")
		if next < 0 {
			return text, ""
		}
		end += next
		after := strings.TrimLeft(text[end:], " \t")
		if starts(after) || fieldKey.MatchString(after) {
			return text[:end], after
		}
		end = len(text) - len(after)
	}
	return text, ""
}

// all stands for every control where a star may not stand, as in most tags.
const all = "all"

// name takes the name of a control, a glob over them, or an id of another tool
// that stands for some of them.
func (r *reader) name(n *note, name string) {
	if name == "" {
		return
	}
	if strings.EqualFold(name, all) {
		name = "*"
	}
	if _, err := path.Match(name, ""); err != nil {
		n.fail("%q is no glob", name)
		return
	}
	rule := exception.Rule{Control: name}
	if slices.ContainsFunc(r.ids, rule.IsFor) {
		n.controls = append(n.controls, name)
		return
	}
	for _, tool := range []string{control.Checkov, control.Trivy} {
		if known := r.foreign[tool+":"+canonical(name)]; known != nil {
			n.controls = append(n.controls, known...)
			return
		}
	}
	if near := nearest.Names(name, r.ids); len(near) > 0 {
		n.fail("no control matches %q; the nearest: %s", name, strings.Join(near, ", "))
		return
	}
	n.fail("no control matches %q", name)
}
