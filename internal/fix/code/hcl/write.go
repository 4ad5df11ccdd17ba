package hcl

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Write implements code.Language.
func (Language) Write(file string, content []byte, settings []code.Setting) ([]byte, error) {
	mark, content := splitMark(content)
	e := &editor{file: file, content: content, json: strings.HasSuffix(file, ".json"), lineEnd: "\n", unit: unitOf(content)}
	if bytes.Contains(content, []byte("\r\n")) {
		e.lineEnd = "\r\n"
	}
	if err := e.read(settings); err != nil {
		return nil, err
	}
	after, err := apply(content, e.splices)
	if err != nil {
		return nil, err
	}
	if !e.json {
		after = keepFormatted(content, after)
	}
	return append(slices.Clip(mark), after...), nil
}

// editor turns settings into splices.
type editor struct {
	file    string
	content []byte
	json    bool
	lineEnd string
	unit    string // how much deeper the file writes what is inside
	splices []splice
}

// unitOf is the indentation of the first indented line of a file.
func unitOf(content []byte) string {
	for line := range bytes.Lines(content) {
		indent := indentAt(line, 0)
		if rest := line[len(indent):]; len(indent) > 0 && len(bytes.TrimSpace(rest)) > 0 && rest[0] != '*' {
			if indent[0] == '\t' {
				return "\t"
			}
			return string(indent)
		}
	}
	return "  "
}

// An addition is what is to be added to one body.
type addition struct {
	offset int
	values []added
}

// added is one argument below the body, with the blocks on the way.
type added struct {
	path  []string
	value resource.Value
}

func (e *editor) read(settings []code.Setting) error {
	var additions []*addition
	byOffset := make(map[int]*addition)
	for _, s := range settings {
		fields := strings.Fields(s.Spot.Key)
		if len(fields) != 3 {
			return fmt.Errorf("%q is no spot", s.Spot.Key)
		}
		first, err := strconv.Atoi(fields[1])
		if err != nil || first < 0 || first > len(e.content) {
			return fmt.Errorf("%q is no spot of the file", s.Spot.Key)
		}
		if fields[0] == "in" {
			if byOffset[first] == nil {
				byOffset[first] = &addition{offset: first}
				additions = append(additions, byOffset[first])
			}
			byOffset[first].values = append(byOffset[first].values, added{path: strings.Split(fields[2], "."), value: s.Value})
			continue
		}
		end, err := strconv.Atoi(fields[2])
		if err != nil || end < first || end > len(e.content) {
			return fmt.Errorf("%q is no spot of the file", s.Spot.Key)
		}
		if err := e.replace(first, end, s.Value); err != nil {
			return err
		}
	}
	if len(additions) == 0 {
		return nil
	}
	doc, err := parse(e.file, e.content)
	if err != nil {
		return err
	}
	for _, a := range additions {
		slices.SortFunc(a.values, func(x, y added) int { return slices.Compare(x.path, y.path) })
		in := doc.body(a.offset)
		if in == nil {
			return fmt.Errorf("nothing can be added at offset %d of %s", a.offset, e.file)
		}
		if err := in.add(e, a); err != nil {
			return err
		}
	}
	return nil
}

// replace puts a value in the place of a literal, in the literal's own form.
func (e *editor) replace(start, end int, value resource.Value) error {
	old := e.content[start:end]
	if value.Kind() == resource.List && bytes.HasPrefix(old, []byte("[")) {
		return e.replaceList(start, end, value)
	}
	text, err := e.text(value)
	if err != nil {
		return err
	}
	if bytes.HasPrefix(old, []byte(`"`)) && !strings.HasPrefix(text, `"`) && value.Kind() != resource.List {
		text = `"` + text + `"`
	}
	more, gap := e.comment(end, len(text)-(end-start))
	e.splices = append(e.splices, splice{start: start, end: end + more, text: text + gap})
	return nil
}

// comment keeps a comment behind a value in its column, when there is room:
// it returns how much white space stands before it, and what is to stand there.
func (e *editor) comment(end, growth int) (width int, gap string) {
	rest := e.content[end:]
	width = len(rest) - len(bytes.TrimLeft(rest, " "))
	if next := rest[width:]; width < 2 || !bytes.HasPrefix(next, []byte("#")) && !bytes.HasPrefix(next, []byte("/")) {
		return 0, ""
	}
	return width, strings.Repeat(" ", max(1, width-growth))
}

// text writes a value in the syntax of the file.
func (e *editor) text(value resource.Value) (string, error) {
	switch value.Kind() {
	case resource.Bool, resource.Int, resource.Float:
		return value.String(), nil
	case resource.String:
		text, _ := value.Text()
		return e.quote(text), nil
	case resource.List:
		parts := make([]string, len(value.List()))
		for i, item := range value.List() {
			text, err := e.text(item)
			if err != nil {
				return "", err
			}
			parts[i] = text
		}
		return "[" + strings.Join(parts, ", ") + "]", nil
	default:
		return "", fmt.Errorf("%s is no value that can be written", value)
	}
}

// quote writes a text so that neither syntax sees a template in it.
func (e *editor) quote(text string) string {
	if e.json {
		text = strings.NewReplacer("${", "$${", "%{", "%%{").Replace(text)
		return jsonText(text)
	}
	return nativeText(text)
}

// keepFormatted formats the new content when the old one was formatted: a value
// of another length moves what is aligned with it.
func keepFormatted(before, after []byte) []byte {
	crlf := bytes.Count(before, []byte("\r\n"))
	if crlf > 0 && crlf != bytes.Count(before, []byte("\n")) {
		return after // ends of both kinds: which one would be right, nobody knows
	}
	plain := func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")) }
	if old := plain(before); !bytes.Equal(hclwrite.Format(old), old) {
		return after
	}
	formatted := hclwrite.Format(plain(after))
	if crlf > 0 {
		formatted = bytes.ReplaceAll(formatted, []byte("\n"), []byte("\r\n"))
	}
	return formatted
}
