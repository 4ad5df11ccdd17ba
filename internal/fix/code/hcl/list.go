package hcl

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// A listItem is one item of a list that is written out.
type listItem struct {
	start, end int
	value      resource.Value
}

// loses reports whether items go from a list that cannot be written anew,
// because of what is said between them.
func loses(text string, before, after resource.Value) bool {
	gone := slices.ContainsFunc(before.List(), func(item resource.Value) bool { return !after.Contains(item) })
	return gone && strings.ContainsAny(text, "\n#/")
}

// replaceList brings a list to the wanted one. Items that stay keep their place
// and what is said beside them.
func (e *editor) replaceList(start, end int, want resource.Value) error {
	items, err := e.items(start, end)
	if err != nil {
		return err
	}
	var have []resource.Value
	for _, item := range items {
		have = append(have, item.value)
	}
	stays := func(item listItem) bool { return want.Contains(item.value) }
	var texts []string
	for _, value := range want.List() {
		if resource.OfList(have...).Contains(value) {
			continue
		}
		text, err := e.text(value)
		if err != nil {
			return err
		}
		have = append(have, value)
		texts = append(texts, text)
	}
	blank := strings.TrimSpace(string(e.content[start+1:end-1])) == ""
	switch {
	case len(items) == 0 && blank, slices.ContainsFunc(items, func(i listItem) bool { return !stays(i) }):
		whole, err := e.text(want)
		if err != nil {
			return err
		}
		e.splices = append(e.splices, splice{start: start, end: end, text: whole})
	case len(texts) == 0:
	case len(items) == 0: // a comment stands in it
		e.extendComment(start, end, texts)
	default:
		e.extend(items[len(items)-1], end, texts)
	}
	return nil
}

// extend adds items behind the last one: on lines of their own where the
// closing bracket has one.
func (e *editor) extend(last listItem, end int, texts []string) {
	tail := string(e.content[last.end : end-1])
	line, rest, several := strings.Cut(tail, "\n")
	comma := strings.HasPrefix(strings.TrimSpace(line), ",")
	if !several || strings.Contains(line, "/*") || !comma && strings.Contains(rest, ",") {
		e.splices = append(e.splices, splice{start: last.end, end: last.end, text: ", " + strings.Join(texts, ", ")})
		return
	}
	indent := string(indentAt(e.content, last.start))
	text := indent + strings.Join(texts, ","+e.lineEnd+indent)
	if comma {
		text += ","
	} else {
		e.splices = append(e.splices, splice{start: last.end, end: last.end, text: ","})
	}
	at := last.end + len(line) + 1
	e.splices = append(e.splices, splice{start: at, end: at, text: text + e.lineEnd})
}

// extendComment adds items to a list that holds nothing but a comment.
func (e *editor) extendComment(start, end int, texts []string) {
	text := strings.Join(texts, ", ")
	if line := bytes.LastIndexByte(e.content[start:end], '\n'); line >= 0 {
		at := start + line + 1
		indent := string(indentAt(e.content, at))
		e.splices = append(e.splices, splice{start: at, end: at, text: indent + e.unit + text + "," + e.lineEnd})
		return
	}
	e.splices = append(e.splices, splice{start: end - 1, end: end - 1, text: text})
}

// items reads the list at an offset.
func (e *editor) items(start, end int) ([]listItem, error) {
	if e.json {
		return e.itemsJSON(start, end)
	}
	const before = "x = "
	doc, err := parseNative(e.file, append([]byte(before), append(bytes.Clone(e.content[start:end]), '\n')...))
	if err != nil {
		return nil, err
	}
	tuple, ok := doc.root.Attributes["x"].Expr.(*hclsyntax.TupleConsExpr)
	if !ok {
		return nil, fmt.Errorf("there is no list at offset %d of %s", start, e.file)
	}
	shift := start - len(before)
	items := make([]listItem, len(tuple.Exprs))
	for i, expr := range tuple.Exprs {
		value, ok := (&nativeValue{doc: doc, expr: expr}).value(inner(expr))
		if !ok {
			return nil, fmt.Errorf("the list at offset %d of %s has a computed item", start, e.file)
		}
		items[i] = listItem{start: shift + expr.Range().Start.Byte, end: shift + expr.Range().End.Byte, value: value}
	}
	return items, nil
}

func (e *editor) itemsJSON(start, end int) ([]listItem, error) {
	node, err := parseTree(e.content[start:end])
	if err != nil {
		return nil, err
	}
	items := make([]listItem, len(node.items))
	for i, item := range node.items {
		items[i] = listItem{start: start + item.start, end: start + item.end}
		if err := json.Unmarshal(node.content[item.start:item.end], &items[i].value); err != nil {
			return nil, err
		}
	}
	return items, nil
}
