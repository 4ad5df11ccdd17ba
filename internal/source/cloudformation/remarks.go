package cloudformation

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"sort"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// comment is a remark in a YAML file.
type comment struct {
	text   string
	line   int
	indent int // of a comment with a line of its own; -1 for one behind something
	// below is the line that the comment stands directly above, other comments
	// aside; 0 for none.
	below int
}

// comments finds the remarks among the comments of a YAML file. The parser
// gives comments to its nodes without their lines, so they are looked for in
// the text. Most files have none.
func (d *document) comments(data []byte) []comment {
	if !resource.Remarkable(data) {
		return nil
	}
	inText := make(map[int]bool)
	d.textLines(d.root, inText, 0)
	lines := strings.Split(string(bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))), "\n")
	below := belowComments(lines)
	var found []comment
	for i, line := range lines {
		at := hash(line)
		if at < 0 || inText[i+1] || !resource.Remarkable([]byte(line[at:])) {
			continue
		}
		c := comment{text: strings.TrimLeft(line[at:], "#"), line: i + 1, indent: -1}
		if isComment(line) {
			c.indent, c.below = at, below[i]
		}
		found = append(found, c)
	}
	return found
}

// textLines notes the lines that lie inside a text of several lines.
func (d *document) textLines(n *yaml.Node, lines map[int]bool, depth int) {
	if n.Kind == yaml.ScalarNode && n.Line > 0 {
		breaks := strings.Count(n.Value, "\n")
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
			breaks = 0
		}
		for line := n.Line + 1; line <= n.Line+breaks+1 && breaks > 0; line++ {
			lines[line] = true
		}
	}
	if depth <= maxDepth && n.Kind != yaml.AliasNode {
		for _, item := range n.Content {
			d.textLines(item, lines, depth+1)
		}
	}
}

// hash is where the comment of a line begins, or -1: at a hash behind a space
// that no quotation marks enclose.
func hash(line string) int {
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		before := byte(' ')
		if i > 0 {
			before = line[i-1]
		}
		switch c := line[i]; {
		case quote == '"' && c == '\\':
			i++
		case quote != 0:
			if twice := c == '\'' && i+1 < len(line) && line[i+1] == c; c == quote && !twice {
				quote = 0
			} else if c == quote {
				i++ // which stands for one
			}
		case c == '#' && (before == ' ' || before == '\t'):
			return i
		case (c == '"' || c == '\'') && strings.IndexByte(" \t[{,(:", before) >= 0:
			quote = c
		}
	}
	return -1
}

func isComment(line string) bool { return strings.HasPrefix(strings.TrimLeft(line, " \t"), "#") }

// belowComments tells, for each line that is a comment, the number of the line
// that it and the comments after it stand directly above; 0 for none.
func belowComments(lines []string) []int {
	below := make([]int, len(lines)+1)
	for i := len(lines) - 2; i >= 0; i-- {
		switch next := lines[i+1]; {
		case !isComment(lines[i]) || strings.TrimSpace(next) == "":
		case isComment(next):
			below[i] = below[i+1]
		default:
			below[i] = i + 2
		}
	}
	return below
}

// remarks are what is written in a template, by the name of the resource, or of
// the loop over resources, at which it stands.
type remarks struct {
	at  map[*yaml.Node][]resource.Remark
	all []placed
}

// placed is a remark with the resource or loop at which it stands.
type placed struct {
	resource.Remark
	key, body *yaml.Node // nil for none
}

// part is a resource or a loop over some, by its lines.
type part struct {
	key, body   *yaml.Node
	first, last int
	next        int // line of what follows
}

// parts lists the resources in the order of their lines.
func (t *template) parts() []part {
	var all []part
	for key, body := range fields(t.resources) {
		all = append(all, part{key: key, body: target(body), first: key.Line, last: t.lastLine(target(body))})
	}
	slices.SortFunc(all, func(a, b part) int { return cmp.Compare(a.first, b.first) })
	next := math.MaxInt
	for key := range fields(t.root) {
		if len(all) > 0 && key.Line > all[len(all)-1].first {
			next = min(next, key.Line)
		}
	}
	for i := len(all) - 1; i >= 0; i-- {
		all[i].next, next = next, all[i].first
	}
	return all
}

// place gives the comments of a file to the resources of its template.
func (t *template) place(comments []comment) {
	if len(comments) == 0 {
		return
	}
	t.noted.at = make(map[*yaml.Node][]resource.Remark)
	parts := t.parts()
	for _, c := range comments {
		one := placed{Remark: resource.Remark{Text: c.text, Origin: resource.Origin{File: t.file, Line: c.line, EndLine: c.line}}}
		if p := owner(parts, c); p != nil {
			one.key, one.body = p.key, p.body
			t.noted.at[p.key] = append(t.noted.at[p.key], one.Remark)
		}
		t.noted.all = append(t.noted.all, one)
	}
}

// owner finds the resource that a comment stands inside or directly above. Below
// the last line of a resource, a comment that is indented as far as what is in
// the resource still belongs to it.
func owner(parts []part, c comment) *part {
	after := sort.Search(len(parts), func(i int) bool { return parts[i].first > c.line })
	if after > 0 {
		p := &parts[after-1]
		if c.line <= p.last || c.indent >= p.key.Column && c.line < p.next {
			return p
		}
	}
	if after < len(parts) && parts[after].first == c.below {
		return &parts[after]
	}
	return nil
}

// tools are those whose metadata is handed on, by the names they have there.
func tools() []string { return []string{"checkov", "holdfast"} }

// metadata hands on what the Metadata of a resource or template says to tools,
// one remark for each item of a list.
func (d *document) metadata(n *yaml.Node) []resource.Remark {
	var found []resource.Remark
	add := func(name string, value *yaml.Node) {
		left := maxMetadata
		found = append(found, resource.Remark{
			Name: name, Value: plain(value, &left, 0), Origin: resource.Origin{File: d.file, Line: value.Line, EndLine: d.lastLine(value)},
		})
	}
	for _, tool := range tools() {
		said := field(field(n, "Metadata"), tool)
		if said == nil {
			continue
		}
		if said.Kind != yaml.MappingNode {
			add(tool, said)
		}
		for key, value := range fields(said) {
			value = target(value)
			if value.Kind != yaml.SequenceNode {
				add(tool+"."+key.Value, value)
				continue
			}
			for _, item := range value.Content {
				add(tool+"."+key.Value, target(item))
			}
		}
	}
	return found
}

// maxMetadata bounds the values in one item of metadata.
const maxMetadata = 1000

// plain is a value as it is written; functions mean nothing in metadata.
func plain(n *yaml.Node, left *int, depth int) resource.Value {
	n = target(n)
	if *left--; *left < 0 || depth > maxDepth {
		return resource.Value{}
	}
	switch n.Kind {
	case yaml.MappingNode:
		out := make(map[string]resource.Value)
		for key, value := range fields(n) {
			out[key.Value] = plain(value, left, depth+1)
		}
		return resource.OfMap(out)
	case yaml.SequenceNode:
		var items []resource.Value
		for _, item := range n.Content {
			items = append(items, plain(item, left, depth+1))
		}
		return resource.OfList(items...)
	default:
		return resource.OfString(n.Value)
	}
}

// remarksOn is what is said of one resource: at it, of the whole template, and
// at the nested stacks that lead here.
func (s *stack) remarksOn(one entry) []resource.Remark {
	found := s.metadata(one.body)
	found = append(found, s.noted.at[one.key]...)
	for _, placed := range s.noted.all {
		if placed.key != nil && placed.key != one.key && s.inside(one, placed.key, placed.body) {
			found = append(found, placed.Remark)
		}
	}
	return slices.Concat(found, s.metadata(s.root), s.remarks)
}

// inside reports whether a resource is made by a loop.
func (s *stack) inside(one entry, key, body *yaml.Node) bool {
	return one.loop != nil && key.Line <= one.key.Line && one.key.Line <= s.lastLine(body)
}

// fileRemarks are all that stand in the resource's file. Known holds the types
// that become resources: a comment at any other is stray.
func (s *stack) fileRemarks(known map[string]string) []resource.Remark {
	var all []resource.Remark
	for _, one := range s.noted.all {
		if one.key != nil {
			one.At = known[textOf(one.body, "Type")]
		}
		one.Stray = one.At == "" && (one.key == nil || !strings.HasPrefix(one.key.Value, "Fn::") && !nests(textOf(one.body, "Type")))
		all = append(all, one.Remark)
	}
	return all
}
