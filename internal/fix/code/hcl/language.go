package hcl

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// Language finds and writes values in the code of Terraform and OpenTofu.
type Language struct{}

var _ code.Language = Language{}

// Handles reports whether a file is written in the language, from its name.
func Handles(file string) bool {
	name := strings.TrimSuffix(file, ".json")
	return slices.ContainsFunc([]string{".tf", ".tofu", ".tfvars"}, func(end string) bool { return strings.HasSuffix(name, end) })
}

// A document is one file in either syntax.
type document interface {
	// at finds what is written at a position: an argument or the item of an
	// object. Nil when nothing begins there.
	at(line, column int) *found
	// block finds the body of a resource, and call that of a module call.
	block(line int, typ, name string) body
	call(name string) body
	// object finds an object by where it begins.
	object(line, column int) *nativeObject
	// body finds any body, by its offset.
	body(offset int) body
}

// A position is where something begins, from 1.
type position struct{ line, column int }

// A body takes arguments and nested blocks.
type body interface {
	// find follows a path of names to an argument. Where the code has none,
	// missing is the body that lacks it, and rest the path from there.
	find(path []string) (f *found, missing body, rest []string, detail string)
	offset() int
	line() int
	// add notes the splices that put values into the body.
	add(e *editor, a *addition) error
}

// found is a value as it is written.
type found struct {
	address string // of what it stands in
	name    string
	line    int
	value   written
}

// written is an expression in either syntax.
type written interface {
	// literal returns where the one literal stands that decides the expression
	// and has the value, or why there is none.
	literal(w *code.Want) (start, end int, detail string)
	// text is the text that the expression consists of.
	text() (string, bool)
	// below follows names into objects that are written out.
	below(path []string) written
}

// parse reads a file. Byte order marks do not count in its offsets.
func parse(file string, content []byte) (document, error) {
	_, content = splitMark(content)
	if strings.HasSuffix(file, ".json") {
		return parseJSON(file, content)
	}
	return parseNative(file, content)
}

func splitMark(content []byte) (mark, rest []byte) {
	rest = bytes.TrimPrefix(content, []byte("\ufeff"))
	return content[:len(content)-len(rest)], rest
}

// Place implements code.Language.
func (Language) Place(files *code.Files, w *code.Want) (*code.Spot, *code.Left, error) {
	p := &placer{files: files, want: w}
	spot, left := p.place()
	return spot, left, p.err
}

// placer finds the spot of one want.
type placer struct {
	files *code.Files
	want  *code.Want
	err   error
}

func (p *placer) place() (*code.Spot, *code.Left) {
	w := p.want
	path := strings.Split(w.Type.Properties[w.Property].Terraform, ".")
	own := w.At.Address == "" || w.At.Address == w.Resource.Origin.Address
	at := w.At
	if at.Defined != nil {
		at = *at.Defined
	}
	if _, err := (&editor{}).text(w.After); err != nil {
		return nil, leave(code.LeftComputed, w.Resource.Origin, "%s", err)
	}
	switch {
	case w.At.Line == 0 && path[0] == "":
		return nil, leave(code.LeftNoName, w.Resource.Origin, "%s has no argument for %s", w.Type.Terraform, w.Property)
	case w.At.Line == 0:
		return p.inBlock(path)
	case at.File == "":
		return nil, leave(code.LeftOutside, w.At, "%s gives the value; give %s there", at.Address, w.After)
	}
	doc, left := p.open(at)
	if doc == nil {
		return nil, left
	}
	if at.Lacks != "" {
		return p.inObject(doc, at)
	}
	f := doc.at(at.Line, at.Column)
	switch {
	case own && w.At.Defined == nil && len(path) > 1:
		if f == nil || f.name != path[len(path)-1] {
			return p.inBlock(path)
		}
	case f == nil && (!own || path[0] == ""):
		return nil, leave(code.LeftNoName, at, "no argument of its own decides %s; see %s", w.Property, w.At.Address)
	case f == nil:
		return nil, leave(code.LeftStale, at, "there is no value any more at %s:%d", at.File, at.Line)
	}
	if spot := p.argument(at, f); spot != nil {
		return spot, nil
	}
	return p.settle(at, f)
}

// inBlock finds an argument, or the place where it is missing, in the block of
// the resource.
func (p *placer) inBlock(path []string) (*code.Spot, *code.Left) {
	origin := p.want.Resource.Origin
	doc, left := p.open(origin)
	if doc == nil {
		return nil, left
	}
	typ, name := nameOf(origin.Address)
	in := doc.block(origin.Line, typ, name)
	if in == nil {
		return nil, leave(code.LeftStale, origin, "there is no %s any more at %s:%d", typ+"."+name, origin.File, origin.Line)
	}
	f, missing, rest, detail := in.find(path)
	switch {
	case detail != "":
		return nil, leave(code.LeftComputed, origin, "%s", detail)
	case f != nil:
		return p.settle(origin, f)
	}
	return &code.Spot{
		File: origin.File, Key: inKey(missing, strings.Join(rest, ".")), Line: missing.line(),
		Address: typ + "." + name, Name: strings.Join(path, "."), Insert: true,
	}, nil
}

// inObject finds the place in an object for a field that it does not have.
func (p *placer) inObject(doc document, at resource.Origin) (*code.Spot, *code.Left) {
	in := doc.object(at.Line, at.Column)
	if in == nil || !hclsyntax.ValidIdentifier(at.Lacks) {
		return nil, leave(code.LeftComputed, at, "the object has no field %s", at.Lacks)
	}
	return &code.Spot{
		File: at.File, Key: inKey(in, at.Lacks), Line: in.line(), Address: in.address, Insert: true,
		Name: strings.TrimPrefix(in.name+"."+at.Lacks, "."),
	}, nil
}

// inKey is the key of an argument that is missing in a body.
func inKey(in body, path string) string { return "in " + strconv.Itoa(in.offset()) + " " + path }

// key is the key of a literal.
func key(start, end int) string { return fmt.Sprintf("at %d %d", start, end) }

// settle finds the literal of a value.
func (p *placer) settle(at resource.Origin, f *found) (*code.Spot, *code.Left) {
	at.Line = f.line
	start, end, detail := f.value.literal(p.want)
	if detail != "" {
		return nil, leave(code.LeftComputed, at, "%s of %s %s", f.name, f.address, detail)
	}
	return &code.Spot{
		File: at.File, Key: key(start, end), Line: f.line, Address: f.address, Name: f.name,
	}, nil
}

// open parses the file of an origin; nil when it cannot be changed.
func (p *placer) open(at resource.Origin) (document, *code.Left) {
	doc, err := documentOf(p.files, at.File)
	if err != nil {
		return nil, leave(code.LeftStale, at, "%s", err)
	}
	if made, ok := doc.(*jsonDocument); ok && made.synthesised {
		return nil, leave(code.LeftUpstream, at, "%s is made by CDK for Terraform, and the next run undoes any change; set it in the program", at.File)
	}
	return doc, nil
}

// documentOf parses a file, once.
func documentOf(files *code.Files, file string) (document, error) {
	parsed, err := files.Parsed(file, func(content []byte) (any, error) { return parse(file, content) })
	if err != nil {
		return nil, err
	}
	return parsed.(document), nil
}

func leave(reason string, at resource.Origin, format string, args ...any) *code.Left {
	return &code.Left{Reason: reason, File: at.File, Line: at.Line, Detail: fmt.Sprintf(format, args...)}
}

// is reports whether a literal is what the want found in the code.
func is(w *code.Want, literal resource.Value) bool {
	property := w.Type.Properties[w.Property]
	value := terraform.Convert(literal, property.Type)
	if value.Kind() == resource.Absent {
		value = property.Default
	}
	return value.Equal(w.Before)
}

// A splice puts text in place of bytes.
type splice struct {
	start, end int
	text       string
}

// apply makes splices that do not overlap; those at one offset in their order.
func apply(content []byte, splices []splice) ([]byte, error) {
	slices.SortStableFunc(splices, func(a, b splice) int { return cmp.Compare(a.start, b.start) })
	var out bytes.Buffer
	at := 0
	for _, s := range splices {
		if s.start < at {
			return nil, fmt.Errorf("two changes overlap at offset %d", s.start)
		}
		out.Write(content[at:s.start])
		out.WriteString(s.text)
		at = s.end
	}
	out.Write(content[at:])
	return out.Bytes(), nil
}
