package directory

import (
	"slices"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
	"github.com/zclconf/go-cty/cty"
)

// A comment is a remark in a file of code.
type comment struct {
	resource.Remark
	start int    // offset in bytes of the top-level block at which it stands; -1 for none
	typ   string // of the resource whose block that is, or "module"
}

// comments finds the remarks in a file. Most files have none, and are not
// searched for them.
func comments(data []byte, file string, body hcl.Body) []comment {
	if !resource.Remarkable(data) {
		return nil
	}
	native, ok := body.(*hclsyntax.Body)
	if !ok {
		return jsonComments(body)
	}
	tokens, _ := hclsyntax.LexConfig(data, file, hcl.InitialPos) // what is wrong with the file was told by the parser
	blocks := blocksAt(native, tokens)
	var found []comment
	for i, token := range tokens {
		if token.Type != hclsyntax.TokenComment || !resource.Remarkable(token.Bytes) {
			continue
		}
		c := comment{start: -1, Remark: resource.Remark{Text: bare(string(token.Bytes)), Origin: resource.Origin{
			File: file, Line: token.Range.Start.Line, EndLine: lastLine(token),
		}}}
		if b := blocks(i); b != nil {
			c.start = b.TypeRange.Start.Byte
		}
		found = append(found, c)
	}
	return found
}

// bare takes the marks off a comment.
func bare(text string) string {
	if inside, ok := strings.CutPrefix(text, "/*"); ok {
		return strings.TrimSuffix(inside, "*/")
	}
	return strings.TrimLeft(strings.TrimRight(text, "\r\n"), "#/")
}

// lastLine is the last line of a comment, whose token may hold the line break.
func lastLine(token hclsyntax.Token) int {
	if end := token.Range.End; end.Column > 1 || end.Line == token.Range.Start.Line {
		return end.Line
	}
	return token.Range.End.Line - 1
}

// blocksAt returns what finds the block that a comment, given by the number of
// its token, stands in or directly above, with nothing but comments between
// them; nil for none.
func blocksAt(body *hclsyntax.Body, tokens hclsyntax.Tokens) func(i int) *hclsyntax.Block {
	starts := make(map[int]*hclsyntax.Block, len(body.Blocks))
	for _, b := range body.Blocks {
		starts[b.TypeRange.Start.Line] = b
	}
	above := aboveLines(tokens)
	return func(i int) *hclsyntax.Block {
		line := tokens[i].Range.Start.Line
		after := sort.Search(len(body.Blocks), func(n int) bool { return body.Blocks[n].TypeRange.Start.Line > line })
		if after > 0 && line <= body.Blocks[after-1].CloseBraceRange.End.Line {
			return body.Blocks[after-1]
		}
		return starts[above[i]]
	}
}

// aboveLines tells, for each token that is a comment, the line of the code that
// it and the comments after it stand directly above; 0 for none.
func aboveLines(tokens hclsyntax.Tokens) []int {
	above := make([]int, len(tokens))
	next := -1 // the token that follows, line breaks aside
	for i := len(tokens) - 1; i >= 0; i-- {
		if tokens[i].Type == hclsyntax.TokenNewline {
			continue
		}
		if next >= 0 && tokens[i].Type == hclsyntax.TokenComment && tokens[next].Range.Start.Line <= lastLine(tokens[i])+1 {
			if above[i] = tokens[next].Range.Start.Line; tokens[next].Type == hclsyntax.TokenComment {
				above[i] = above[next]
			}
		}
		next = i
	}
	return above
}

// jsonComments finds the comments of the JSON syntax, which are properties
// named "//": of the file and of its blocks.
func jsonComments(body hcl.Body) []comment {
	found := jsonComment(body, -1)
	content, _, _ := body.PartialContent(topLevel())
	for _, b := range content.Blocks {
		found = append(found, jsonComment(b.Body, b.DefRange.Start.Byte)...)
	}
	return found
}

func jsonComment(in hcl.Body, start int) []comment {
	a := attributeOf(in, "//")
	if a == nil {
		return nil
	}
	v, diags := a.Expr.Value(nil)
	if diags.HasErrors() || !v.IsWhollyKnown() || v.IsNull() {
		return nil
	}
	texts := []cty.Value{v}
	if v.Type().IsTupleType() {
		texts = v.AsValueSlice()
	}
	var found []comment
	for _, text := range texts {
		if text.Type() != cty.String || text.IsNull() || !resource.Remarkable([]byte(text.AsString())) {
			continue
		}
		at := resource.Origin{File: a.Range.Filename, Line: a.Range.Start.Line, EndLine: a.Range.End.Line}
		found = append(found, comment{Remark: resource.Remark{Text: strings.ReplaceAll(text.AsString(), "\n", " "), Origin: at}, start: start})
	}
	return found
}

// byBlock groups comments by the blocks at which they stand.
func byBlock(all []comment) map[int][]*comment {
	groups := make(map[int][]*comment, len(all))
	for i := range all {
		groups[all[i].start] = append(groups[all[i].start], &all[i])
	}
	return groups
}

// heed gives a block the comments that stand at it.
func (b *block) heed(all []*comment) {
	if b.kind != "resource" && b.kind != "module" {
		return
	}
	for _, c := range all {
		b.remarks = append(b.remarks, c.Remark)
		if c.typ = b.kind; b.kind == "resource" {
			c.typ = b.labels[0]
		}
	}
}

// remarksOn returns what stands at a block, and at the module calls that lead
// to it. Instances share it.
func (s *scope) remarksOn(b *block) []resource.Remark {
	switch {
	case len(s.remarks) == 0:
		return b.remarks
	case len(b.remarks) == 0:
		return s.remarks
	}
	if s.together[b] == nil {
		if s.together == nil {
			s.together = make(map[*block][]resource.Remark)
		}
		s.together[b] = slices.Concat(b.remarks, s.remarks)
	}
	return s.together[b]
}

// fileRemarks returns all that stand in a file of the module. A comment is stray
// where it stands at no block, or at one that becomes no resource.
func (s *scope) fileRemarks(file string, selection *terraform.Selection) []resource.Remark {
	all := s.module.comments[file]
	if len(all) == 0 {
		return nil
	}
	if known, ok := s.inFile[file]; ok {
		return known
	}
	remarks := make([]resource.Remark, len(all))
	for i := range all {
		remarks[i] = all[i].Remark
		remarks[i].At = selection.Known(all[i].typ)
		remarks[i].Stray = all[i].typ != "module" && remarks[i].At == ""
	}
	s.inFile[file] = remarks
	return remarks
}
