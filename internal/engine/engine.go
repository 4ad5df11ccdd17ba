package engine

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"golang.org/x/sync/errgroup"
)

// Engine judges resources with a chosen set of controls. It is safe for use by
// many goroutines at once.
type Engine struct {
	byType map[string][]*compiled
	byID   map[string]*compiled // over the control's first type
	order  []*control.Control
	known  []string // the ids of all controls, chosen or not
}

// New compiles the chosen controls. Every fault in every expression is
// reported, with file and field.
func New(catalogue *control.Catalogue, chosen []*control.Control, params control.Params) (*Engine, error) {
	e := &Engine{byType: make(map[string][]*compiled), byID: make(map[string]*compiled), order: chosen}
	for _, c := range catalogue.Controls {
		e.known = append(e.known, c.ID)
	}
	compiled, faults := compileAll(catalogue, chosen, params)
	for _, one := range compiled {
		e.byType[one.typ.Name] = append(e.byType[one.typ.Name], one)
		if one.typ.Name == one.control.Resource {
			e.byID[one.control.ID] = one
		}
	}
	return e, errors.Join(faults...)
}

// compileAll compiles each control over each of its types, as fast as the
// machine can, and returns them in order. Of a faulty control the first fault
// counts.
func compileAll(catalogue *control.Catalogue, chosen []*control.Control, params control.Params) (out []*compiled, faults []error) {
	faces := make(map[string]*objectType)
	for _, c := range chosen {
		for _, name := range c.Types() {
			if faces[name] == nil {
				faces[name] = newObjectType(catalogue.Types[name])
			}
		}
	}
	all := make([][]*compiled, len(chosen))
	errs := make([]error, len(chosen))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range chosen {
		group.Go(func() error {
			for _, name := range c.Types() {
				one, err := compile(c, catalogue.Types[name], faces[name], params[c.ID])
				if err != nil {
					errs[i] = err
					break
				}
				all[i] = append(all[i], one)
			}
			return nil
		})
	}
	_ = group.Wait() // every fault is kept
	return slices.Concat(all...), slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// over returns a control as it judges a resource type; nil when it does not.
func (e *Engine) over(controlID, typ string) *compiled {
	for _, c := range e.byType[typ] {
		if c.control.ID == controlID {
			return c
		}
	}
	return nil
}

// Wants lists, per resource type, the properties that the chosen controls
// read. A source needs to make no other calls than those that yield them.
func (e *Engine) Wants() resource.Wants {
	wants := make(resource.Wants)
	for typ, list := range e.byType {
		for _, c := range list {
			wants[typ] = union(wants[typ], c.wants)
		}
	}
	return wants
}

// Controls returns the chosen controls as reports show them.
func (e *Engine) Controls() []finding.Control {
	out := make([]finding.Control, 0, len(e.order))
	for _, c := range e.order {
		described := e.byID[c.ID].describe()
		for _, name := range c.Also {
			if other := e.over(c.ID, name).typ.ASFF; other != described.ASFFType {
				if described.AlsoASFF == nil {
					described.AlsoASFF = make(map[string]string)
				}
				described.AlsoASFF[name] = other
			}
		}
		out = append(out, described)
	}
	return out
}

func (c *compiled) describe() finding.Control {
	params := make(map[string]any, len(c.values))
	for name, value := range c.values {
		if parameter := c.control.Parameters[name]; parameter.Set(value) {
			params[name] = parameter.Native(value)
		}
	}
	how := make([]string, len(c.control.How))
	for i, step := range c.control.How {
		how[i] = c.control.Fill(step, c.values)
	}
	return finding.Control{
		ID: c.control.ID, Title: c.control.Title, Severity: c.control.Severity, Category: c.control.Category,
		ResourceType: c.control.Resource, ConfigRule: c.control.Config.Rule, Standards: c.control.Standards,
		Requirements: c.control.Requirements, Parameters: params, ASFFType: c.typ.ASFF,
		Checks: c.control.Fill(c.control.Checks, c.values), Why: c.control.Fill(c.control.Why, c.values), How: how,
	}
}

// Known lists the ids of all controls there are, chosen or not.
func (e *Engine) Known() []string { return slices.Clone(e.known) }

// Needing lists the ids of the chosen controls that need what an operation
// reads of a resource type. An operation that yields single properties is
// needed by the controls that read those; any other, first of all the one that
// finds the resources, by every control over the type. A type of "" stands for
// all types.
func (e *Engine) Needing(typ, operation string) []string {
	single := e.Yields(typ, operation)
	var ids []string
	for _, c := range e.order {
		judged := e.byID[c.ID]
		if typ != "" {
			judged = e.over(c.ID, typ)
		}
		if judged == nil {
			continue
		}
		reads := func(property string) bool { return slices.Contains(judged.wants, property) }
		if len(single) == 0 || slices.ContainsFunc(single, reads) {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// Yields lists the properties that an operation reads of one resource at a
// time; none for the operation that finds the resources.
func (e *Engine) Yields(typ, operation string) []string {
	if len(e.byType[typ]) == 0 || operation == "" {
		return nil
	}
	var names []string
	described := e.byType[typ][0].typ
	for _, name := range described.PropertyNames() {
		if slices.Contains(described.ReadsOf(name), operation) && operation != described.List {
			names = append(names, name)
		}
	}
	return names
}

// scope is what one evaluation sees; it is CEL's activation.
type scope struct{ resource, params *object }

// ResolveName implements cel.Activation.
func (s *scope) ResolveName(name string) (any, bool) {
	switch name {
	case resourceVariable:
		return s.resource, true
	case paramsVariable:
		return s.params, true
	default:
		return nil, false
	}
}

// Parent implements cel.Activation.
func (s *scope) Parent() cel.Activation { return nil }

// Evaluate judges one resource with every chosen control over its type, in the
// order of the controls. A control that does not apply says nothing.
func (e *Engine) Evaluate(r *resource.Resource, say func(*finding.Finding) error) error {
	for _, c := range e.byType[r.Type] {
		s := scope{resource: &object{typ: c.face, resource: r, reveal: true, members: c.members}, params: c.params}
		status, cause := c.judge(&s)
		if status == "" {
			continue
		}
		if err := say(c.finding(r, &s, status, cause)); err != nil {
			return err
		}
	}
	return nil
}

// judge decides the status; "" when the control does not apply. The value is
// the unknown or the error that kept it from deciding.
func (c *compiled) judge(s *scope) (finding.Status, ref.Val) {
	if c.applies != nil {
		switch value := run(c.applies, s); value {
		case types.False:
			return "", nil
		case types.True:
		default:
			return finding.NotAvailable, value
		}
	}
	switch value := run(c.check, s); value {
	case types.True:
		return finding.Passed, nil
	case types.False:
		return finding.Failed, nil
	default:
		return finding.NotAvailable, value
	}
}

// run evaluates a program. A run-time error becomes a CEL error value, so that
// one odd resource never stops the scan.
func run(program cel.Program, s *scope) ref.Val {
	value, _, err := program.Eval(s)
	if err != nil {
		return types.WrapErr(err)
	}
	return value
}

func (c *compiled) finding(r *resource.Resource, s *scope, status finding.Status, cause ref.Val) *finding.Finding {
	f := &finding.Finding{
		ID:       finding.NewID(c.control.ID, &r.Ref),
		Control:  c.control.ID,
		Title:    c.control.Title,
		Severity: c.control.Severity,
		Status:   status,
		Resource: r.Ref,
		Evidence: c.evidence(r),
		Same:     c.control.Same[r.Type], // to be settled by who sees the other one
	}
	if status == finding.NotAvailable {
		f.Missing = c.missing(r, cause)
	}
	for i := range c.notes {
		if n := &c.notes[i]; n.status == "" || n.status == status {
			if text := n.read(s, r); text != "" {
				f.Notes = append(f.Notes, c.fill(text, r))
			}
		}
	}
	return f
}

// read returns the text that the note says of a resource; "" for nothing.
func (n *note) read(s *scope, r *resource.Resource) string {
	has := func(property string) bool { return r.Properties[property].Kind() != resource.Absent }
	if n.silent && !slices.ContainsFunc(n.reads, has) {
		return ""
	}
	switch value := run(n.when, s); {
	case value == types.True:
		return n.say
	case types.IsUnknown(value):
		return n.unknown
	default:
		return ""
	}
}

// fill puts parameters and properties into the braces of a text.
func (c *compiled) fill(text string, r *resource.Resource) string {
	return control.Expand(c.control.Fill(text, c.values), func(name string) string {
		name = strings.TrimPrefix(name, "resource.")
		value, _ := c.effective(r, name)
		return value.String()
	})
}

// effective returns a property of a resource, or the documented default of the
// service where it is absent, and whether it is that default.
func (c *compiled) effective(r *resource.Resource, name string) (value resource.Value, isDefault bool) {
	value = r.Properties[name]
	if fallback := c.typ.Properties[name].Default; value.Kind() == resource.Absent && fallback.Known() {
		return fallback, true
	}
	return value, false
}

func (c *compiled) evidence(r *resource.Resource) []finding.Evidence {
	evidence := make([]finding.Evidence, len(c.reads))
	for i, name := range c.reads {
		value, isDefault := c.effective(r, name)
		evidence[i] = finding.Evidence{
			Property: name, Actual: value, Default: isDefault, Expected: c.expect[name],
			Unit: c.typ.Properties[name].Unit, Read: c.typ.ReadBy(name), Origin: r.Where[name],
		}
	}
	return evidence
}

// missing tells which properties an undecided check was waiting for.
func (c *compiled) missing(r *resource.Resource, cause ref.Val) []resource.Missing {
	unknown, ok := cause.(*types.Unknown)
	if !ok {
		return []resource.Missing{{Reason: resource.ReasonMalformed, Detail: c.fault(r, cause)}}
	}
	var out []resource.Missing
	for _, id := range unknown.IDs() {
		trails, _ := unknown.GetAttributeTrails(id)
		for _, trail := range trails {
			out = append(out, c.missingProperty(r, trail.Variable()))
		}
	}
	slices.SortFunc(out, func(a, b resource.Missing) int { return strings.Compare(a.Property, b.Property) })
	return slices.Compact(out)
}

// fault says why a check broke off. The words may repeat a value.
func (c *compiled) fault(r *resource.Resource, cause ref.Val) string {
	for _, name := range c.reads {
		if _, secret := r.Properties[name].Secret(); secret {
			return "the check cannot be worked out for the sensitive value of " + name
		}
	}
	return fmt.Sprint(cause)
}

func (c *compiled) missingProperty(r *resource.Resource, name string) resource.Missing {
	value := r.Properties[name]
	m := resource.Missing{Reason: resource.ReasonMalformed}
	switch {
	case value.Missing() != nil:
		m = *value.Missing()
	case openItem(value) != nil:
		m = *openItem(value)
	case value.Kind() == resource.Absent:
		m.Reason = resource.ReasonOmitted
	default:
		m.Detail = fmt.Sprintf("%s is of type %s, not %s", value, value.Kind(), c.typ.Properties[name].Type)
	}
	m.Property = name
	if m.Operation == "" && r.Origin.File == "" { // no call tells more of code
		m.Operation = c.typ.ReadBy(name)
	}
	return m
}
