package directory

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// A module is the static content of one folder.
type module struct {
	dir       string   // as shown to the reader, with slashes
	files     []string // that were read, as shown
	broken    bool     // some file could not be read, so that things may be missing
	gaps      []finding.Gap
	variables map[string]*block
	locals    map[string]*hcl.Attribute
	outputs   map[string]*block
	resources map[string]*block // by type.name
	data      map[string]*block // data sources and ephemeral resources, by type.name
	calls     map[string]*block
	providers map[string]*block    // by name, or name.alias
	order     []*block             // resources and calls as they stand in the code
	read      []hcl.Body           // every file
	comments  map[string][]comment // remarks, by file
}

// A block is one block with what overrides it.
type block struct {
	kind    string
	labels  []string
	bodies  []hcl.Body // its own, then overrides, of which the last counts
	start   hcl.Range
	end     int               // last line
	remarks []resource.Remark // that stand at it
}

func (b *block) name() string { return strings.Join(b.labels, ".") }

func topLevel() *hcl.BodySchema {
	return &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
		{Type: "variable", LabelNames: []string{"name"}},
		{Type: "locals"},
		{Type: "output", LabelNames: []string{"name"}},
		{Type: "resource", LabelNames: []string{"type", "name"}},
		{Type: "data", LabelNames: []string{"type", "name"}},
		{Type: "ephemeral", LabelNames: []string{"type", "name"}},
		{Type: "module", LabelNames: []string{"name"}},
		{Type: "provider", LabelNames: []string{"name"}},
	}}
}

func newModule(dir string) *module {
	return &module{
		dir: dir, variables: make(map[string]*block), locals: make(map[string]*hcl.Attribute),
		outputs: make(map[string]*block), resources: make(map[string]*block), data: make(map[string]*block),
		calls: make(map[string]*block), providers: make(map[string]*block),
		comments: make(map[string][]comment),
	}
}

// loadModule reads a folder. What cannot be read is a gap of the module.
func loadModule(t *tree, dir string, names []string) *module {
	m := newModule(dir)
	for _, name := range codeFiles(names) {
		file := filepath.ToSlash(filepath.Join(dir, name))
		m.files = append(m.files, file)
		data, err := t.read(file)
		if err != nil {
			m.fault(file, err.Error())
			continue
		}
		body, diags := parse(data, file)
		if diags.HasErrors() {
			m.fault(file, describe(diags))
			continue
		}
		found := comments(data, file, body)
		m.add(body, isOverride(name), found)
		if len(found) > 0 {
			m.comments[file] = found
		}
	}
	return m
}

func (m *module) fault(file, detail string) {
	m.broken = true
	m.gaps = append(m.gaps, finding.Gap{File: file, Reason: finding.GapMalformed, Detail: detail})
}

// parse reads one file of either syntax.
func parse(data []byte, file string) (hcl.Body, hcl.Diagnostics) {
	if err := tooDeep(data); err != nil {
		return nil, hcl.Diagnostics{{Severity: hcl.DiagError, Summary: err.Error()}}
	}
	if strings.HasSuffix(file, ".json") {
		parsed, diags := json.Parse(bytes.TrimPrefix(data, []byte("\ufeff")), file)
		if diags.HasErrors() {
			return nil, diags
		}
		return parsed.Body, diags
	}
	parsed, diags := hclsyntax.ParseConfig(data, file, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	if native, ok := parsed.Body.(*hclsyntax.Body); ok {
		guard(native)
	}
	return parsed.Body, diags
}

// describe puts the first error into one line, with its place.
func describe(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		text := d.Summary
		if d.Detail != "" {
			text += ": " + strings.Join(strings.Fields(d.Detail), " ")
		}
		if d.Subject != nil {
			text = fmt.Sprintf("line %d, column %d: %s", d.Subject.Start.Line, d.Subject.Start.Column, text)
		}
		return text
	}
	return ""
}

// add takes the blocks of one file.
func (m *module) add(body hcl.Body, override bool, found []comment) {
	m.read = append(m.read, body)
	at := byBlock(found)
	// What the schema does not name is not looked at, and what is wrong with
	// the labels of one block must not hide the others.
	content, _, _ := body.PartialContent(topLevel())
	for _, one := range content.Blocks {
		b := newBlock(one)
		b.heed(at[b.start.Start.Byte])
		switch b.kind {
		case "locals":
			m.addLocals(one.Body)
		case "variable":
			m.put(m.variables, b, override)
		case "output":
			m.put(m.outputs, b, override)
		case "data", "ephemeral":
			m.put(m.data, b, override)
		case "provider":
			m.putAs(m.providers, providerKey(b), b, override)
		case "resource":
			if m.put(m.resources, b, override) {
				m.order = append(m.order, b)
			}
		case "module":
			if m.put(m.calls, b, override) {
				m.order = append(m.order, b)
			}
		}
	}
}

func newBlock(found *hcl.Block) *block {
	b := &block{kind: found.Type, labels: found.Labels, bodies: []hcl.Body{found.Body}, start: found.DefRange}
	b.end = found.Body.MissingItemRange().End.Line
	if native, ok := found.Body.(*hclsyntax.Body); ok {
		b.end = native.EndRange.End.Line
	}
	return b
}

func (m *module) put(in map[string]*block, b *block, override bool) (isNew bool) {
	return m.putAs(in, b.name(), b, override)
}

// putAs keeps a block. An override goes on top of the block of its name; a
// second block of a name, which Terraform refuses, is left out.
func (m *module) putAs(in map[string]*block, key string, b *block, override bool) (isNew bool) {
	old := in[key]
	if old == nil {
		in[key] = b
		return true
	}
	if override {
		old.bodies = append(old.bodies, b.bodies...)
		old.remarks = append(old.remarks, b.remarks...)
		return false
	}
	m.fault(b.start.Filename, fmt.Sprintf("line %d: %s %s is already declared at %s:%d",
		b.start.Start.Line, b.kind, key, old.start.Filename, old.start.Start.Line))
	return false
}

func (m *module) addLocals(body hcl.Body) {
	attributes, _ := body.JustAttributes()
	for name, attribute := range attributes {
		m.locals[name] = attribute
	}
}

func providerKey(b *block) string {
	if alias, ok := literal(b.attribute("alias")); ok {
		return b.name() + "." + alias
	}
	return b.name()
}

// literal returns the text of an attribute that needs no evaluation.
func literal(a *hcl.Attribute) (string, bool) {
	if a == nil {
		return "", false
	}
	return constant(a.Expr)
}

// attribute returns an argument of the block, or nil.
func (b *block) attribute(name string) *hcl.Attribute {
	for i := len(b.bodies) - 1; i >= 0; i-- {
		if a := attributeOf(b.bodies[i], name); a != nil {
			return a
		}
	}
	return nil
}

func attributeOf(body hcl.Body, name string) *hcl.Attribute {
	if native, ok := body.(*hclsyntax.Body); ok {
		if a := native.Attributes[name]; a != nil {
			return a.AsHCLAttribute()
		}
		return nil
	}
	content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: name}}})
	if content == nil {
		return nil
	}
	return content.Attributes[name]
}

// fields lists the names behind a dot, anywhere in the code.
func (m *module) fields() map[string]bool {
	names := make(map[string]bool)
	note := func(traversal hcl.Traversal) {
		for _, step := range traversal {
			if a, ok := step.(hcl.TraverseAttr); ok {
				names[a.Name] = true
			}
		}
	}
	for _, body := range m.read {
		native, ok := body.(*hclsyntax.Body)
		if !ok {
			continue
		}
		// The walk reports only what it is told to, which is nothing.
		_ = hclsyntax.VisitAll(native, func(node hclsyntax.Node) hcl.Diagnostics {
			switch node := node.(type) {
			case *hclsyntax.ScopeTraversalExpr:
				note(node.Traversal)
			case *hclsyntax.RelativeTraversalExpr:
				note(node.Traversal)
			}
			return nil
		})
	}
	return names
}
