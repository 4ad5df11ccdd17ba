package engine

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// customCostLimit bounds one evaluation of a user's own expression, in CEL's
// abstract units: some milliseconds. Ours cost under a hundred.
const customCostLimit = 100_000

// amplifying are the functions whose result may be as long as the product of
// what they are given. The cost limit looks at a result when it is there, which
// is too late for one that is larger than the memory.
var amplifying = []string{"replace", "join", "flatten", "lists.range", "distinct"}

// compiled is one control ready to judge.
type compiled struct {
	control *control.Control
	typ     *control.Type
	face    *objectType
	params  *object
	values  map[string]int64

	applies cel.Program // nil when the control always applies
	check   cel.Program
	reads   []string // properties that applies and check read
	wants   []string // the same, with those of notes and the fix
	notes   []note
	desired map[string]cel.Program // property → the value that the fix wants
	members map[string]bool        // lists of which is asked nothing but whether they hold something
	expect  map[string]string      // property → expectation, parameters filled in
}

type note struct {
	status  finding.Status // "" for every status
	when    cel.Program
	say     string
	unknown string // said when the expression cannot be told
	reads   []string
	// silent is true when nothing is said of a resource that has none of the
	// properties read. Most have none, and then the expression need not run.
	silent bool
}

// compiler compiles the expressions of one control.
type compiler struct {
	env     *cel.Env
	control *control.Control
	typ     *control.Type
	asked   questions
}

func compile(c *control.Control, typ *control.Type, face *objectType, values map[string]int64) (*compiled, error) {
	env, err := newEnvironment(face, c)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.ID, err)
	}
	k := &compiler{env: env, control: c, typ: typ}
	out := &compiled{control: c, typ: typ, face: face, params: parameterObject(c, values), values: values}
	var faults []error
	add := func(field, text string, want *cel.Type) (cel.Program, []string) {
		program, reads, err := k.expression(text, want)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %s: %w", c.Place(field), field, err))
		}
		return program, reads
	}
	if c.Applies != "" {
		out.applies, out.reads = add("applies", c.Applies, cel.BoolType)
	}
	var reads []string
	out.check, reads = add("check", c.Check, cel.BoolType)
	out.reads = union(out.reads, reads)
	out.wants = out.reads
	for i, n := range c.Notes {
		program, reads := add(fmt.Sprintf("notes[%d].when", i), n.When, cel.BoolType)
		out.notes = append(out.notes, note{status: n.Status, when: program, say: n.Say, unknown: n.Unknown, reads: reads})
		out.wants = union(out.wants, reads)
		out.wants = union(out.wants, control.PropertiesIn(n.Say+n.Unknown))
	}
	out.members = k.asked.members()
	out.desired = make(map[string]cel.Program)
	if c.Fix != nil {
		for _, name := range slices.Sorted(maps.Keys(c.Fix.Set)) {
			program, reads := add("fix.set."+name, c.Fix.Set[name], celType(typ.Properties[name].Type))
			out.desired[name] = program
			out.wants = union(out.wants, reads)
		}
	}
	out.fillExpectations()
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	out.findSilence()
	return out, nil
}

// findSilence runs each note once on a resource without properties.
func (c *compiled) findSilence() {
	bare := &scope{resource: &object{typ: c.face, resource: &resource.Resource{}}, params: c.params}
	for i := range c.notes {
		c.notes[i].silent = run(c.notes[i].when, bare) == types.False
	}
}

func (c *compiled) fillExpectations() {
	c.expect = make(map[string]string, len(c.control.Expect))
	for name, text := range c.control.Expect {
		c.expect[name] = c.control.Fill(text, c.values)
	}
}

// expression compiles one text to a program of the wanted type and lists the
// properties that it reads.
func (k *compiler) expression(text string, want *cel.Type) (cel.Program, []string, error) {
	checked, issues := k.env.Compile(text)
	if issues.Err() != nil {
		return nil, nil, fmt.Errorf("%q: %s", text, describe(issues))
	}
	if !checked.OutputType().IsExactType(want) {
		return nil, nil, fmt.Errorf("%q is of type %s, not %s", text, checked.OutputType(), want)
	}
	k.asked.note(checked.NativeRep())
	reads, err := k.propertiesOf(checked.NativeRep())
	if err != nil {
		return nil, nil, fmt.Errorf("%q: %w", text, err)
	}
	options := []cel.ProgramOption{cel.EvalOptions(cel.OptOptimize)}
	if k.control.Custom {
		options = append(options, cel.CostLimit(customCostLimit))
	}
	program, err := k.env.Program(checked, options...)
	return program, reads, err
}

// describe puts the faults of an expression on one line.
func describe(issues *cel.Issues) string {
	var parts []string
	for _, fault := range issues.Errors() {
		// The end of a long list of what could have come instead helps nobody.
		message, _, _ := strings.Cut(fault.Message, "\n")
		parts = append(parts, fmt.Sprintf("column %d: %s", fault.Location.Column()+1, message))
	}
	return strings.Join(parts, "; ")
}

// propertiesOf walks an expression for resource.X and resource.?X. An optional
// property read without the question mark is a fault: where it is absent, the
// expression would fail at run time. So is the resource as a whole: what is
// asked of it under another name would not be known to be needed, and not be
// read.
func (k *compiler) propertiesOf(checked *ast.AST) ([]string, error) {
	var reads []string
	var faults []error
	whole := 0
	ast.PostOrderVisit(checked.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if isResource(e) {
			whole++
		}
		if e.Kind() == ast.CallKind && slices.Contains(amplifying, e.AsCall().FunctionName()) {
			faults = append(faults, fmt.Errorf("function %s may not be used: its result can outgrow the memory", e.AsCall().FunctionName()))
		}
		name, bare := propertyRead(e)
		if name == "" {
			return
		}
		whole--
		reads = append(reads, name)
		if property := k.typ.Properties[name]; bare && property != nil && property.Optional() {
			faults = append(faults, fmt.Errorf("property %s may be absent: write resource.?%s.orValue(…)", name, name))
		}
	}))
	if whole > 0 {
		faults = append(faults, errors.New("the resource as a whole cannot be used: name its properties, as in resource.Tags"))
	}
	slices.Sort(reads)
	return slices.Compact(reads), errors.Join(faults...)
}

// propertyRead returns the property that an expression node reads, and whether
// it reads it without asking if it is there.
func propertyRead(e ast.Expr) (name string, bare bool) {
	switch e.Kind() {
	case ast.SelectKind:
		s := e.AsSelect()
		if isResource(s.Operand()) {
			return s.FieldName(), !s.IsTestOnly()
		}
	case ast.CallKind:
		call := e.AsCall()
		if call.FunctionName() == operators.OptSelect && isResource(call.Args()[0]) {
			field, _ := call.Args()[1].AsLiteral().Value().(string)
			return field, false
		}
	}
	return "", false
}

func isResource(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == resourceVariable }

// union merges sorted lists of names.
func union(a, b []string) []string {
	merged := append(slices.Clone(a), b...)
	slices.Sort(merged)
	return slices.Compact(merged)
}
