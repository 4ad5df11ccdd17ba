package control

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"gopkg.in/yaml.v3"
)

// problems collects every fault of a load.
type problems struct{ list []error }

func (p *problems) add(f file, field, format string, args ...any) {
	p.at(f, f.line(field), field, fmt.Sprintf(format, args...))
}

// at adds a fault as file:line: field: text; what is not known is left out.
func (p *problems) at(f file, line int, field, text string) {
	if field != "" {
		text = field + ": " + text
	}
	if line > 0 {
		p.list = append(p.list, fmt.Errorf("%s:%d: %s", f.name, line, text))
		return
	}
	p.list = append(p.list, fmt.Errorf("%s: %s", f.name, text))
}

func (p *problems) err() error { return errors.Join(p.list...) }

// decode reads a whole file strictly: an unknown or doubled field, a second
// document or something behind the first is a fault.
func (p *problems) decode(f file, into any) bool {
	decoder := yaml.NewDecoder(bytes.NewReader(f.data))
	decoder.KnownFields(true)
	err := decoder.Decode(into)
	if errors.Is(err, io.EOF) {
		p.at(f, 0, "", "the file is empty")
		return false
	}
	if err != nil {
		p.yaml(f, err)
		return false
	}
	var rest yaml.Node
	switch err := decoder.Decode(&rest); {
	case err == nil:
		p.at(f, rest.Line, "", "the file holds more than one document")
	case !errors.Is(err, io.EOF):
		p.yaml(f, err)
	default:
		return true
	}
	return false
}

var (
	yamlPlace   = regexp.MustCompile(`^(?:yaml: )?line (\d+): (.*)$`)
	yamlUnknown = regexp.MustCompile(`^field (.+) not found in type control\.(\w+)$`)
	yamlKind    = regexp.MustCompile("^cannot unmarshal (!!\\w+)(?: `(.*)`)? into (.+)$")
	// yamlParser marks the faults whose lines the library counts from 0.
	yamlParser = regexp.MustCompile(`^did not find expected (key|node content|',' or|'-' indicator|<)`)
)

// yaml turns the YAML library's faults, which speak of Go types, into faults
// with file, line and field.
func (p *problems) yaml(f file, err error) {
	var many *yaml.TypeError
	texts := []string{err.Error()}
	if errors.As(err, &many) {
		texts = many.Errors
	}
	for _, text := range texts {
		line := 0
		if m := yamlPlace.FindStringSubmatch(text); m != nil {
			line, _ = strconv.Atoi(m[1])
			text = m[2]
		}
		if yamlParser.MatchString(text) {
			line++
		}
		field := f.fieldAt(line, func(*yaml.Node) bool { return true })
		if m := yamlUnknown.FindStringSubmatch(text); m != nil {
			field, text = m[1], "there is no such field here"
		} else if m := yamlKind.FindStringSubmatch(text); m != nil {
			shown := strings.TrimSuffix(m[2], "...") // the library shortens long values
			field = f.fieldAt(line, func(n *yaml.Node) bool { return n.ShortTag() == m[1] && strings.HasPrefix(n.Value, shown) })
			text = kindFault(m[1], m[2], m[3])
		}
		p.at(f, line, field, strings.TrimPrefix(text, "yaml: "))
	}
}

// kindFault tells that a value is of another kind than its field.
func kindFault(tag, value, goType string) string {
	found := map[string]string{"!!map": "a map", "!!seq": "a list", "!!null": "nothing"}[tag]
	if found == "" {
		found = strconv.Quote(value)
	}
	want := "a map"
	switch {
	case strings.HasPrefix(goType, "[]"):
		want = "a list"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		want = "a whole number"
	case goType == "bool":
		want = "true or false"
	case goType == "string", goType == "finding.Severity", goType == "finding.Status":
		want = "text"
	}
	return found + " is not " + want
}

// fieldAt names the first field on a line, such as fix.impact.cost, whose value
// is the one looked for; "" when there is none.
func (f *file) fieldAt(line int, is func(*yaml.Node) bool) string {
	found := ""
	walk(f.tree(), "", func(path string, node *yaml.Node) bool {
		if found == "" && node.Line == line && is(node) {
			found = path
		}
		return found == ""
	})
	return found
}

// walk visits the fields below a node, each with its path, in the file's order,
// as long as visit returns true.
func walk(node *yaml.Node, path string, visit func(path string, node *yaml.Node) bool) {
	if node == nil || path != "" && !visit(path, node) {
		return
	}
	for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
		walk(node.Content[i+1], strings.TrimPrefix(path+"."+node.Content[i].Value, "."), visit)
	}
	for i := 0; node.Kind == yaml.SequenceNode && i < len(node.Content); i++ {
		walk(node.Content[i], fmt.Sprintf("%s[%d]", path, i), visit)
	}
}

// hidden reports characters that a reader cannot see, such as an escape
// sequence that would act on a terminal. Texts are shown as they are.
func (p *problems) hidden(f file) {
	walk(f.tree(), "", func(path string, node *yaml.Node) bool {
		for _, r := range node.Value {
			if r != '\n' && !unicode.IsPrint(r) {
				p.at(f, node.Line, path, fmt.Sprintf("holds the character %U, which cannot be shown", r))
				break
			}
		}
		return true
	})
}

var wholeFields = regexp.MustCompile(`^(parameters\..*\.(default|min|max)|properties\..*\.(min|max)|cases\[\d+\]\.params\..*)$`)

// fractions reports fractions where whole numbers belong: the YAML library
// would cut 7.9 to 7 without a word.
func (p *problems) fractions(f file) {
	walk(f.tree(), "", func(path string, node *yaml.Node) bool {
		if node.ShortTag() == "!!float" && wholeFields.MatchString(path) {
			p.at(f, node.Line, path, strconv.Quote(node.Value)+" is not a whole number")
		}
		return true
	})
}
