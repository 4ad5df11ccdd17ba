package cloudformation

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"regexp"
	"sort"
	"strings"

	"gopkg.in/yaml.v3"
)

const (
	// maxDepth bounds how deep values are nested, in the file and while they
	// are evaluated.
	maxDepth = 100
	// maxMerged bounds how many fields merge keys (<<) may add in one file.
	maxMerged = 100_000
)

// document is one parsed file.
type document struct {
	file string
	root *yaml.Node
	// ends holds the last line of collections whose end is not the end of their
	// last item.
	ends map[*yaml.Node]int
	// said are the remarks among the comments.
	said []comment
}

// SyntaxError is a file that cannot be read as YAML or JSON, or that breaks a
// rule that both have.
type SyntaxError struct {
	File  string
	Line  int // from 1
	Cause string
}

func (e *SyntaxError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Cause) }

// parse reads YAML or JSON into nodes. What starts with a bracket and is named
// .json is JSON; other text that starts with one may be either.
func parse(file string, data []byte) (*document, error) {
	d := &document{file: file, ends: make(map[*yaml.Node]int)}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if bytes.IndexByte(data, 0) >= 0 && !bytes.HasPrefix(data, []byte("\xff\xfe")) && !bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return nil, d.fault(1, "the file holds bytes that are no text")
	}
	err := d.parse(data)
	if err != nil {
		return nil, err
	}
	if err := (&checker{document: d}).check(d.root, 0); err != nil {
		return nil, err
	}
	if err := (&merger{document: d, state: make(map[*yaml.Node]mergeState)}).flatten(d.root); err != nil {
		return nil, err
	}
	return d, nil
}

func (d *document) parse(data []byte) error {
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	if len(trimmed) == 0 || trimmed[0] != '{' && trimmed[0] != '[' {
		return d.parseYAML(data)
	}
	err := d.parseJSON(data)
	if err == nil || strings.HasSuffix(strings.ToLower(d.file), ".json") {
		return err
	}
	if d.parseYAML(data) == nil {
		return nil
	}
	return err
}

func (d *document) fault(line int, format string, args ...any) error {
	return &SyntaxError{File: d.file, Line: max(1, line), Cause: fmt.Sprintf(format, args...)}
}

var yamlLine = regexp.MustCompile(`^yaml: (?:line \d+: )?`)

func (d *document) parseYAML(data []byte) error {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var top, second yaml.Node
	err := decoder.Decode(&top)
	switch {
	case errors.Is(err, io.EOF):
		return d.fault(1, "the file is empty")
	case err != nil:
		return d.yamlFault(data, err)
	}
	switch err := decoder.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return d.yamlFault(data, err)
	default:
		return d.fault(second.Line, "a second document begins; a template is one")
	}
	d.root = top.Content[0]
	d.said = d.comments(data)
	return nil
}

// yamlFault says where YAML is broken. The parser names the line where the
// value begins in which it gave up, which may be the whole file; the line that
// it gave up at is the first with which the text breaks in the same way.
func (d *document) yamlFault(data []byte, err error) error {
	cause := func(err error) string { return yamlLine.ReplaceAllString(err.Error(), "") }
	lines := bytes.SplitAfter(data, []byte("\n"))
	length := make([]int, len(lines)+1)
	for i, line := range lines {
		length[i+1] = length[i] + len(line)
	}
	first := sort.Search(len(lines), func(n int) bool {
		var ignored yaml.Node
		broken := yaml.Unmarshal(data[:length[n+1]], &ignored)
		return broken != nil && cause(broken) == cause(err)
	})
	return d.fault(min(first+1, len(lines)), "%s", cause(err))
}

// checker holds a document to what templates have in common.
type checker struct{ *document }

func (c *checker) check(n *yaml.Node, depth int) error {
	if depth > maxDepth {
		return c.fault(n.Line, "values are nested deeper than %d levels", maxDepth)
	}
	if n.Kind == yaml.MappingNode {
		if err := c.keys(n); err != nil {
			return err
		}
	}
	for _, item := range n.Content {
		if err := c.check(item, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// keys refuses a mapping with two fields of one name: whichever counted, a
// reader would have seen the other.
func (c *checker) keys(n *yaml.Node) error {
	lines := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return c.fault(key.Line, "the name of a field is a text")
		}
		if first, twice := lines[key.Value]; twice {
			return c.fault(key.Line, "%q was set before, in line %d", key.Value, first)
		}
		lines[key.Value] = key.Line
	}
	return nil
}

type mergeState uint8

const (
	merging mergeState = iota + 1
	merged
)

// merger puts the fields that YAML merge keys stand for in their place.
type merger struct {
	*document
	state map[*yaml.Node]mergeState
	added int
}

func (m *merger) flatten(n *yaml.Node) error {
	switch m.state[n] {
	case merged:
		return nil
	case merging:
		return m.fault(n.Line, "a value contains itself")
	}
	m.state[n] = merging
	if n.Kind == yaml.AliasNode {
		if err := m.flatten(n.Alias); err != nil {
			return err
		}
	}
	for _, item := range n.Content {
		if err := m.flatten(item); err != nil {
			return err
		}
	}
	m.state[n] = merged
	if n.Kind != yaml.MappingNode {
		return nil
	}
	return m.merge(n)
}

func (m *merger) merge(n *yaml.Node) error {
	var from []*yaml.Node
	own := make([]*yaml.Node, 0, len(n.Content))
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], target(n.Content[i+1])
		switch {
		case key.Tag != "!!merge":
			own = append(own, key, n.Content[i+1])
		case value.Kind == yaml.SequenceNode:
			from = append(from, value.Content...)
		default:
			from = append(from, value)
		}
	}
	if from == nil {
		return nil
	}
	seen := make(map[string]bool)
	for i := 0; i < len(own); i += 2 {
		seen[own[i].Value] = true
	}
	for _, other := range from {
		other = target(other)
		if other.Kind != yaml.MappingNode {
			return m.fault(n.Line, "a merge key (<<) takes fields or a list of fields")
		}
		for key, value := range fields(other) {
			if seen[key.Value] {
				continue
			}
			seen[key.Value] = true
			if m.added++; m.added > maxMerged {
				return m.fault(n.Line, "merge keys (<<) add more than %d fields", maxMerged)
			}
			own = append(own, key, value)
		}
	}
	n.Content = own
	return nil
}

// target follows an alias to what it stands for.
func target(n *yaml.Node) *yaml.Node {
	for n != nil && n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// fields yields the fields of a mapping, and nothing of anything else.
func fields(n *yaml.Node) iter.Seq2[*yaml.Node, *yaml.Node] {
	return func(yield func(key, value *yaml.Node) bool) {
		if n = target(n); n == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(n.Content[i], n.Content[i+1]) {
				return
			}
		}
	}
}

// field returns the value of a field, or nil.
func field(n *yaml.Node, name string) *yaml.Node {
	_, value := fieldNode(n, name)
	return value
}

// fieldNode returns the name and the value of a field, or nothing.
func fieldNode(n *yaml.Node, name string) (key, value *yaml.Node) {
	for key, value := range fields(n) {
		if key.Value == name {
			return key, target(value)
		}
	}
	return nil, nil
}

// textOf returns the text of a field that holds a plain one, or "".
func textOf(n *yaml.Node, name string) string {
	if value := field(n, name); value != nil && value.Kind == yaml.ScalarNode {
		return value.Value
	}
	return ""
}

// lastLine is the last line of a node.
func (d *document) lastLine(n *yaml.Node) int {
	last := n.Line
	for {
		last = max(last, n.Line, d.ends[n])
		if len(n.Content) == 0 {
			break
		}
		n = n.Content[len(n.Content)-1]
	}
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		last += strings.Count(strings.TrimRight(n.Value, "\n"), "\n") + 1
	}
	return last
}
