package template

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/holdfast-aws/holdfast/internal/fix/code"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
)

// Language finds and writes values in templates and parameter files. It is safe
// for use by many goroutines.
type Language struct {
	options cloudformation.Options

	mu      sync.Mutex
	files   *code.Files // whose content was read
	locator *cloudformation.Locator
	layouts map[string]*read
}

type read struct {
	layout *layout
	err    error
	tried  map[*node]error
}

var _ code.Language = (*Language)(nil)

// New makes a language for resources that a source with the same options has
// read.
func New(o cloudformation.Options) *Language { return &Language{options: o} }

// Handles reports whether a file is a template, by what stands in it.
func Handles(file string) bool { return cloudformation.Detect(file) }

// Place implements code.Language. It fails when a file cannot be read.
func (l *Language) Place(files *code.Files, w *code.Want) (*code.Spot, *code.Left, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.open(files); err != nil {
		return nil, nil, err
	}
	p := &placing{language: l, want: w}
	spot, err := p.place()
	var left *leftError
	if errors.As(err, &left) {
		return nil, &left.Left, nil
	}
	return spot, nil, err
}

// open begins anew for other files than before.
func (l *Language) open(files *code.Files) error {
	if l.files == files && l.locator != nil {
		return nil
	}
	locator, err := cloudformation.NewLocator(l.options, files.Content)
	if err != nil {
		return err
	}
	l.files, l.locator, l.layouts = files, locator, make(map[string]*read)
	return nil
}

// layout reads a file, once.
func (l *Language) layout(file string) (*layout, error) {
	one := l.layouts[file]
	if one == nil {
		one = &read{tried: make(map[*node]error)}
		l.layouts[file] = one
		var content []byte
		if content, one.err = l.files.Content(file); one.err == nil {
			one.layout, one.err = newLayout(content)
		}
	}
	return one.layout, one.err
}

// Write implements code.Language. It fails when a setting cannot be made without
// changing anything else.
func (l *Language) Write(file string, content []byte, settings []code.Setting) ([]byte, error) {
	whole, err := newLayout(content)
	if err != nil {
		return nil, fmt.Errorf("change %s: %w", file, err)
	}
	out, err := whole.write(settings)
	if err != nil {
		return nil, fmt.Errorf("change %s: %w", file, err)
	}
	return out, nil
}

// write makes all settings, or none.
func (l *layout) write(settings []code.Setting) ([]byte, error) {
	changes, err := l.changes(settings)
	if err != nil {
		return nil, err
	}
	out, err := l.made(changes...)
	if err == nil {
		return out, nil
	}
	// Where the end of what is there cannot be told, new things come first.
	for _, c := range changes {
		if _, err := l.made(c); err != nil {
			c.first = true
		}
	}
	if out, err := l.made(changes...); err == nil {
		return out, nil
	}
	return nil, err
}

// made is the file with changes, and nothing else changed.
func (l *layout) made(changes ...*change) ([]byte, error) {
	out, err := l.apply(changes)
	if err != nil {
		return nil, err
	}
	return out, l.verify(out, changes)
}

// leftError is a want that is left to a person.
type leftError struct{ code.Left }

func (e *leftError) Error() string { return e.Reason + ": " + e.Detail }

// placing finds the spot of one want.
type placing struct {
	language *Language
	want     *code.Want
	decision *cloudformation.Decision
}

// left says why there is no spot, and where a person looks.
func (p *placing) left(at resource.Origin, reason, format string, args ...any) error {
	if at.Line == 0 {
		at = p.want.Resource.Origin
	}
	w := p.want
	return &leftError{code.Left{
		Control: w.Control, Resource: w.Resource, Property: w.Property,
		Reason: reason, Detail: fmt.Sprintf(format, args...), File: at.File, Line: at.Line,
	}}
}

func (p *placing) place() (*code.Spot, error) {
	w := p.want
	property := w.Type.Properties[w.Property]
	if property == nil || property.CloudFormation == "" {
		return nil, p.left(w.At, code.LeftNoName, "a template has no property of the resource for %s", w.Property)
	}
	if w.At.Address != "" && w.At.Address != w.Resource.Origin.Address {
		return nil, p.left(w.At, code.LeftComputed, "it follows from %s", w.At.Address)
	}
	if err := p.generated(); err != nil {
		return nil, err
	}
	decision, err := p.language.locator.Locate(&w.Resource, property.CloudFormation)
	none, broken := new(cloudformation.NotThereError), new(cloudformation.SyntaxError)
	if errors.As(err, &none) || errors.As(err, &broken) {
		return nil, p.left(w.At, code.LeftStale, "%s", err)
	}
	if err != nil {
		return nil, err
	}
	p.decision = decision
	if err := p.fresh(property.Type); err != nil {
		return nil, err
	}
	if decision.Node == nil || decision.Value.Kind() == resource.Unknown {
		return nil, p.undecided()
	}
	return p.spot()
}

// fresh holds the file against what was judged.
func (p *placing) fresh(typ string) error {
	at, d := p.want.At, p.decision
	if at.Line != 0 && (at.Line != d.Stated.Line || at.File != d.Stated.File) {
		return p.left(at, code.LeftStale, "%s no longer stands here", p.want.Property)
	}
	now := cloudformation.Convert(d.Value, typ)
	if now.Known() && now.Kind() != resource.Map && p.want.Before.Known() && !now.Equal(p.want.Before) {
		return p.left(at, code.LeftStale, "%s is no longer %s", p.want.Property, p.want.Before)
	}
	return nil
}

// undecided says why no single node decides.
func (p *placing) undecided() error {
	d := p.decision
	at := d.Value.Origin
	if at.Line == 0 {
		at = d.Stated
	}
	missing := d.Value.Missing()
	switch {
	case len(d.Parameters) > 0 && d.Value.Known() && d.Value.Origin.Line == 0:
		last := d.Parameters[len(d.Parameters)-1]
		at := resource.Origin{File: last.File, Line: last.Declared.Line}
		return p.left(at, code.LeftOutside, "the value of parameter %s is given on the command line: give it as %s=%s",
			last.Name, last.Name, p.want.After)
	case missing != nil && elsewhere(missing):
		return p.left(at, code.LeftOutside, "%s", missing.Detail)
	case missing != nil:
		return p.left(at, code.LeftComputed, "%s", missing.Detail)
	case len(d.Parameters) > 0:
		return p.left(at, code.LeftComputed, "what parameter %s gets is made of other values", d.Parameters[0].Name)
	}
	return p.left(at, code.LeftComputed, "a function of several values decides; change it so that %s comes to %s", p.want.Property, p.want.After)
}

// elsewhere reports whether a value is given from outside the templates.
func elsewhere(m *resource.Missing) bool {
	return slices.ContainsFunc([]string{"parameter ", "SSM parameter ", "secret ", "the export "}, func(prefix string) bool {
		return strings.HasPrefix(m.Settle, prefix)
	})
}

// spot describes the node that decides.
func (p *placing) spot() (*code.Spot, error) {
	d := p.decision
	whole, err := p.language.layout(d.File)
	if err != nil {
		return nil, p.left(resource.Origin{File: d.File, Line: d.Node.Line}, code.LeftComputed, "it cannot be edited: %s", err)
	}
	n, err := whole.locate(d.Node)
	if err != nil {
		return nil, p.left(d.Stated, code.LeftComputed, "%s", err)
	}
	here := resource.Origin{File: d.File, Line: n.line}
	for _, one := range d.Parameters {
		if detail := refuses(one, p.want.After, n); detail != "" {
			return nil, p.left(resource.Origin{File: one.File, Line: one.Declared.Line}, code.LeftComputed, "%s", detail)
		}
	}
	if detail := whole.shared(n, p.want.Type.CloudFormation, d.Add); detail != "" {
		return nil, p.left(here, code.LeftConflict, "%s", detail)
	}
	spot := &code.Spot{File: d.File, Line: n.line, Insert: len(d.Add) > 0 || n.null() || noValue(n)}
	k := key{kind: n.kind, at: n.start, add: d.Add, known: unwritten(n, d.Value)}
	spot.Key = k.String()
	p.name(spot, n)
	if err := p.try(whole, n, spot); err != nil {
		return nil, p.left(here, code.LeftComputed, "it cannot be edited in place: %s", err)
	}
	return spot, nil
}

// try makes the change without keeping it. Whether fields or items can be added
// to a node is tried once.
func (p *placing) try(whole *layout, n *node, spot *code.Spot) error {
	value := p.want.After
	if n.kind == scalar && len(p.decision.Add) == 0 && n.end > n.body && (value.Kind() == resource.Bool || value.Kind() == resource.Int) {
		return nil // one word in place of another
	}
	one := p.language.layouts[spot.File]
	if err, tried := one.tried[n]; tried {
		return err
	}
	_, err := whole.write([]code.Setting{{Spot: *spot, Value: value}})
	if n.kind != scalar {
		one.tried[n] = err
	}
	return err
}

// unwritten are the items that a list has without writing them out.
func unwritten(n *node, v cloudformation.Value) []string {
	var written, known []string
	for _, item := range n.items {
		if item.plain() {
			written = append(written, item.text)
		}
	}
	if n.kind != list {
		return nil
	}
	for _, item := range v.Items() {
		if text, ok := item.Text(); ok && !slices.Contains(written, text) {
			known = append(known, text)
		}
	}
	return known
}

// name says what people call the place.
func (p *placing) name(spot *code.Spot, n *node) {
	way := n.path()
	if name := n.name(); name != nil && spot.Insert {
		spot.Line = name.line
	}
	way = append(way, p.decision.Add...)
	last, inside := len(way)-1, slices.Index(way, "Properties")
	switch {
	case slices.Contains(p.language.options.ParameterFiles, spot.File) && len(p.decision.Parameters) > 0:
		given := p.decision.Parameters[len(p.decision.Parameters)-1].Name
		spot.Address, spot.Name = "Parameters."+given, given
	case inside > 1 && inside < last && way[0] == resourcesSection:
		spot.Address, spot.Name = way[inside-1], strings.Join(names(way[inside+1:]), ".")
	case len(way) > 2 && (way[0] == "Parameters" || way[0] == "Mappings"):
		spot.Address, spot.Name = way[0]+"."+way[1], strings.Join(way[2:], ".")
	default:
		spot.Address, spot.Name = strings.Join(way[:max(0, last)], "."), way[max(0, last)]
	}
}

// names are the names of fields at the beginning of a path, up to a function
// that chooses among values.
func names(path []string) []string {
	for i, step := range path {
		if i > 0 && (strings.HasPrefix(step, "Fn::") || step[0] >= '0' && step[0] <= '9') {
			return path[:i]
		}
	}
	return path
}
