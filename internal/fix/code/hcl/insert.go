package hcl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// add adds arguments to a block: behind its last plain argument, or first
// of all where it has none. Missing blocks are added behind the others.
func (b *nativeBody) add(e *editor, a *addition) error {
	block := b.block
	outer := string(indentAt(e.content, block.TypeRange.Start.Byte))
	indent := outer + e.unit
	if first := firstChild(block.Body); first > block.OpenBraceRange.End.Byte && e.onOwnLine(first) {
		indent = string(indentAt(e.content, first))
	}
	var arguments, blocks []added
	for _, one := range a.values {
		if len(one.path) == 1 {
			arguments = append(arguments, one)
		} else {
			blocks = append(blocks, one)
		}
	}
	nested, err := e.blockLines(blocks, indent)
	if err != nil {
		return err
	}
	if foldedUp(block) {
		return e.unfold(block, outer, indent, arguments, nested)
	}
	after := place(block)
	lines, err := e.argumentLines(arguments, indent, after)
	if err != nil {
		return err
	}
	if lines != "" {
		at := e.nextLine(block.OpenBraceRange.End.Byte)
		if after != nil {
			at = e.nextLine(after.SrcRange.End.Byte)
			if slices.Contains(meta, after.Name) {
				lines = e.lineEnd + lines
			}
		} else if len(block.Body.Blocks) > 0 {
			lines += e.lineEnd
		}
		e.splices = append(e.splices, splice{start: at, end: at, text: lines})
	}
	if nested != "" {
		at := block.CloseBraceRange.Start.Byte
		at -= len(indentBefore(e.content, at))
		if len(block.Body.Attributes)+len(block.Body.Blocks)+len(arguments) > 0 {
			nested = e.lineEnd + nested
		}
		e.splices = append(e.splices, splice{start: at, end: at, text: nested})
	}
	return nil
}

// meta are arguments that Terraform reads itself and people write first.
var meta = []string{"count", "for_each", "provider", "source", "version", "providers"}

// late are arguments that people write last.
var late = []string{"tags", "depends_on"}

// place is the argument of a block behind which another one is added; nil for
// none.
func place(block *hclsyntax.Block) *hclsyntax.Attribute {
	firstBlock := block.CloseBraceRange.Start.Byte
	for _, inner := range block.Body.Blocks {
		firstBlock = min(firstBlock, inner.TypeRange.Start.Byte)
	}
	rank := func(a *hclsyntax.Attribute) int {
		switch {
		case a.SrcRange.Start.Byte > firstBlock || slices.Contains(late, a.Name):
			return 0
		case slices.Contains(meta, a.Name):
			return 1
		case a.SrcRange.Start.Line != a.SrcRange.End.Line:
			return 2
		default:
			return 3
		}
	}
	var best *hclsyntax.Attribute
	for _, a := range block.Body.Attributes {
		if rank(a) > 0 && (best == nil || rank(a) > rank(best) || rank(a) == rank(best) && a.SrcRange.Start.Byte > best.SrcRange.Start.Byte) {
			best = a
		}
	}
	return best
}

// argumentLines writes arguments, with the equals signs below that of the one
// that they follow.
func (e *editor) argumentLines(arguments []added, indent string, after *hclsyntax.Attribute) (string, error) {
	width := 0
	for _, one := range arguments {
		width = max(width, len(one.path[0])+1)
	}
	if after != nil && after.SrcRange.Start.Line == after.SrcRange.End.Line {
		width = max(width, after.EqualsRange.Start.Byte-after.NameRange.Start.Byte)
	}
	var out strings.Builder
	for _, one := range arguments {
		text, err := e.text(one.value)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&out, "%s%-*s= %s%s", indent, width, one.path[0], text, e.lineEnd)
	}
	return out.String(), nil
}

// blockLines writes nested blocks; values with the same first name share one.
func (e *editor) blockLines(values []added, indent string) (string, error) {
	var out strings.Builder
	for len(values) > 0 {
		name := values[0].path[0]
		n := 0
		var direct, deeper []added
		for ; n < len(values) && values[n].path[0] == name; n++ {
			one := added{path: values[n].path[1:], value: values[n].value}
			if len(one.path) == 1 {
				direct = append(direct, one)
			} else {
				deeper = append(deeper, one)
			}
		}
		values = values[n:]
		arguments, err := e.argumentLines(direct, indent+e.unit, nil)
		if err != nil {
			return "", err
		}
		blocks, err := e.blockLines(deeper, indent+e.unit)
		if err != nil {
			return "", err
		}
		if arguments != "" && blocks != "" {
			arguments += e.lineEnd
		}
		out.WriteString(indent + name + " {" + e.lineEnd + arguments + blocks + indent + "}" + e.lineEnd)
		if len(values) > 0 {
			out.WriteString(e.lineEnd)
		}
	}
	return out.String(), nil
}

// unfold writes a block of one line over several.
func (e *editor) unfold(block *hclsyntax.Block, outer, indent string, arguments []added, nested string) error {
	start, end := block.OpenBraceRange.End.Byte, block.CloseBraceRange.Start.Byte
	lines, err := e.argumentLines(arguments, indent, nil)
	if err != nil {
		return err
	}
	inside := e.content[start:end]
	if nested != "" && lines+strings.TrimSpace(string(inside)) != "" {
		nested = e.lineEnd + nested
	}
	if trimmed := bytes.TrimSpace(inside); len(trimmed) > 0 {
		first := start + bytes.Index(inside, trimmed)
		e.splices = append(e.splices, splice{start: start, end: first, text: e.lineEnd + indent})
		start = first + len(trimmed)
	}
	e.splices = append(e.splices, splice{start: start, end: end, text: e.lineEnd + lines + nested + outer})
	return nil
}

// foldedUp reports whether a block is written on one line, or with its only
// argument on that of the opening brace.
func foldedUp(block *hclsyntax.Block) bool {
	for _, a := range block.Body.Attributes {
		if a.SrcRange.Start.Line == block.OpenBraceRange.Start.Line {
			return true
		}
	}
	return block.OpenBraceRange.Start.Line == block.CloseBraceRange.Start.Line
}

// firstChild is the offset of the first argument or block of a body; 0 for none.
func firstChild(in *hclsyntax.Body) int {
	first := 0
	note := func(at int) {
		if first == 0 || at < first {
			first = at
		}
	}
	for _, a := range in.Attributes {
		note(a.SrcRange.Start.Byte)
	}
	for _, b := range in.Blocks {
		note(b.TypeRange.Start.Byte)
	}
	return first
}

// nextLine is the offset behind the line that an offset is in.
func (e *editor) nextLine(offset int) int {
	if offset > 0 && e.content[offset-1] == '\n' {
		return offset // a text over several lines ends with its last one
	}
	if end := e.commentEnd(offset); end > 0 {
		return e.nextLine(end)
	}
	if n := bytes.IndexByte(e.content[offset:], '\n'); n >= 0 {
		return offset + n + 1
	}
	return len(e.content)
}

// commentEnd is the end of a comment that begins on the line of an offset and
// goes on below it; 0 when there is none.
func (e *editor) commentEnd(offset int) int {
	line, _, _ := bytes.Cut(e.content[offset:], []byte("\n"))
	for at := 0; at < len(line); at++ {
		switch rest := line[at:]; {
		case rest[0] == '#' || bytes.HasPrefix(rest, []byte("//")):
			return 0
		case bytes.HasPrefix(rest, []byte("/*")):
			n := bytes.Index(rest[2:], []byte("*/"))
			if n < 0 {
				return offset + at + bytes.Index(e.content[offset+at:], []byte("*/")) + 2
			}
			at += n + 3
		}
	}
	return 0
}

func (e *editor) onOwnLine(offset int) bool {
	return len(indentBefore(e.content, offset)) == offset-bytes.LastIndexByte(e.content[:offset], '\n')-1
}

// indentAt is the white space that the line of an offset begins with.
func indentAt(content []byte, offset int) []byte {
	line := content[bytes.LastIndexByte(content[:offset], '\n')+1:]
	return line[:len(line)-len(bytes.TrimLeft(line, " \t"))]
}

// indentBefore is the white space between the start of a line, or what stands
// before on it, and an offset.
func indentBefore(content []byte, offset int) []byte {
	line := content[bytes.LastIndexByte(content[:offset], '\n')+1 : offset]
	return line[len(bytes.TrimRight(line, " \t")):]
}

func nativeText(text string) string {
	return string(hclwrite.TokensForValue(cty.StringVal(text)).Bytes())
}

// jsonText writes a text as JSON, with < and > as they are.
func jsonText(text string) string {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a text always can
	return strings.TrimSuffix(out.String(), "\n")
}
