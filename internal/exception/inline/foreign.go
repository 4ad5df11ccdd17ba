package inline

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/exception"
)

var checkovIDs = regexp.MustCompile(`^ *([A-Za-z_0-9]+(?: *, *[A-Za-z_0-9]+)*)`)

// checkov reads what follows "checkov:skip=": ids, and behind a colon the
// comment, up to the next note of the line.
func (r *reader) checkov(body string) ([]note, int) {
	m := checkovIDs.FindStringSubmatch(body)
	if m == nil {
		return nil, 0
	}
	end := len(body)
	if next := begin.FindStringIndex(body); next != nil {
		end = next[0]
	}
	end = max(end, len(m[0]))
	comment := ""
	if rest := body[len(m[0]):end]; strings.HasPrefix(rest, ":") {
		comment = unquoted(rest[1:])
	}
	var notes []note
	for id := range strings.SplitSeq(m[1], ",") {
		if n, known := r.skip(strings.TrimSpace(id), comment); known {
			notes = append(notes, n)
		}
	}
	return notes, end
}

// skip is one check that Checkov was told to skip. It is not known when no
// control judges the same.
func (r *reader) skip(id, comment string) (note, bool) {
	n := note{controls: r.foreign[control.Checkov+":"+canonical(id)], foreign: id, reason: comment}
	if n.reason == "" {
		n.reason = "Checkov skip " + id + " without a comment"
	}
	return n, len(n.controls) > 0
}

// unquoted is a comment without the quotation marks around it.
func unquoted(text string) string {
	text = strings.TrimSpace(text)
	if len(text) >= 2 && text[0] == text[len(text)-1] && (text[0] == '"' || text[0] == '\'') {
		text = text[1 : len(text)-1]
	}
	return strings.TrimSpace(text)
}

// trivy reads what follows "trivy:ignore:": an id or a glob, conditions in
// brackets, and pairs such as exp:2027-01-31. Words behind it, up to the next
// note of the line, are the reason.
func (r *reader) trivy(body string) ([]note, int) {
	end := len(body)
	if next := begin.FindStringIndex(body); next != nil {
		end = next[0]
	}
	word, comment, _ := strings.Cut(body[:end], " ")
	parts := strings.Split(word, ":")
	id, conditions, _ := strings.Cut(parts[0], "[")
	n := note{foreign: id, reason: unquoted(comment), controls: r.trivyControls(id), loose: strings.ContainsAny(id, `*?[\`)}
	if len(n.controls) == 0 {
		return nil, end
	}
	if n.reason == "" {
		n.reason = "Trivy ignore " + id + " without a comment"
	}
	n.conditions = pairs(conditions)
	for i := 1; i+1 < len(parts); i += 2 {
		switch parts[i] {
		case "exp":
			n.setDay(parts[i+1])
		case "ws":
			if parts[i+1] != "*" {
				n.fail("it is for the workspace %q, and which one the code is for is not known", parts[i+1])
			}
		}
	}
	if len(parts)%2 == 0 {
		n.fail("%q has no value", parts[len(parts)-1])
	}
	return []note{n}, end
}

// trivyControls are the controls that have an id of Trivy's which matches.
func (r *reader) trivyControls(pattern string) []string {
	var found []string
	for _, key := range r.order {
		id, isTrivy := strings.CutPrefix(key, control.Trivy+":")
		if isTrivy && exception.Glob(canonical(pattern), id) {
			found = append(found, r.foreign[key]...)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// pairs reads what stands in brackets: a=b,c=d]. A pair that is none holds of
// nothing.
func pairs(text string) map[string]string {
	if text == "" {
		return nil
	}
	out := make(map[string]string)
	for pair := range strings.SplitSeq(strings.TrimSuffix(text, "]"), ",") {
		name, value, _ := strings.Cut(pair, "=")
		out[strings.TrimSpace(name)] = unquoted(value)
	}
	return out
}

// scope says in words what a note of another tool is here.
func (n *note) scope(control string) string {
	if n.foreign == "" {
		return control
	}
	return fmt.Sprintf("%s (as %s)", control, n.foreign)
}
