package hcl

import (
	"bytes"
	"strings"
)

// add adds members behind the last one of an object, in the way in which
// its members are written.
func (b *jsonBody) add(e *editor, a *addition) error {
	object := b.node
	var out strings.Builder
	outer := string(indentAt(e.content, object.start))
	several := bytes.IndexByte(e.content[object.start:object.end], '\n') >= 0 || len(object.members) == 0 && bytes.IndexByte(e.content, '\n') >= 0
	indent := outer + e.unit
	if len(object.members) > 0 {
		indent = string(indentAt(e.content, object.members[0].start))
	}
	colon := e.colon(object)
	for i, one := range a.values {
		text, err := e.text(one.value)
		if err != nil {
			return err
		}
		member := ""
		for _, name := range one.path[:len(one.path)-1] {
			member += jsonText(name) + colon + "{"
		}
		member += jsonText(one.path[len(one.path)-1]) + colon + text + strings.Repeat("}", len(one.path)-1)
		if i > 0 || len(object.members) > 0 {
			out.WriteString(",")
		}
		switch {
		case several:
			out.WriteString(e.lineEnd + indent)
		case colon != ":" && out.Len() > 0:
			out.WriteString(" ")
		}
		out.WriteString(member)
	}
	if len(object.members) > 0 {
		at := object.members[len(object.members)-1].value.end
		e.splices = append(e.splices, splice{start: at, end: at, text: out.String()})
		return nil
	}
	if several {
		out.WriteString(e.lineEnd + outer)
	}
	e.splices = append(e.splices, splice{start: object.start + 1, end: object.end - 1, text: out.String()})
	return nil
}

// colon is what stands between key and value in an object.
func (e *editor) colon(object *jsonNode) string {
	for _, m := range object.members {
		key := jsonReader{content: e.content, at: m.start}
		key.text()
		if between := string(e.content[key.at:m.value.start]); !strings.Contains(between, "\n") {
			return between
		}
	}
	return ": "
}
