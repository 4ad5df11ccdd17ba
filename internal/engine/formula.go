package engine

import (
	"fmt"
	"slices"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Formula is an expression in a form from which other rule languages can be
// written. It knows properties and constants alone: parameters are filled in.
type Formula struct {
	// Op tells what the formula is.
	Op Op
	// Parts are what And, Or and Not work on. And of nothing is true, Or of
	// nothing false.
	Parts []Formula
	// Property is the property that any other formula asks about.
	Property string
	// Value is what the property is held against: one value, for In several.
	Value resource.Value
	// Absent is what stands for the property where it is absent: the default of
	// the service or of the expression. It is absent where there is none; what
	// the property is without is then not known.
	Absent resource.Value
}

// Op is what a formula asks.
type Op string

// What a formula may ask.
const (
	And      Op = "and"
	Or       Op = "or"
	Not      Op = "not"
	Equal    Op = "=="
	Differs  Op = "!="
	Less     Op = "<"
	AtMost   Op = "<="
	More     Op = ">"
	AtLeast  Op = ">="
	In       Op = "in"       // the property is one of the values
	Contains Op = "contains" // the list holds the value
	Present  Op = "present"  // the property is there
	Begins   Op = "begins"   // the text begins with the value
)

// always is the formula that is true, or the one that is false, of everything:
// And and Or of nothing.
func always(truth bool) Formula {
	if truth {
		return Formula{Op: And}
	}
	return Formula{Op: Or}
}

// FormError says that an expression has no Formula.
type FormError struct {
	Control string
	Why     string
}

func (e *FormError) Error() string { return e.Control + ": " + e.Why }

// Formula returns what must be true of a resource of a type for a chosen control
// to pass, where the control applies. It is a *FormError where the expression
// asks more than a Formula can say.
func (e *Engine) Formula(controlID, typ string) (Formula, error) {
	for _, c := range e.byType[typ] {
		if c.control.ID == controlID {
			return c.formula()
		}
	}
	return Formula{}, fmt.Errorf("control %s over %s was not chosen", controlID, typ)
}

func (c *compiled) formula() (Formula, error) {
	check, err := c.form(c.control.Check)
	if err != nil || c.control.Applies == "" {
		return check, err
	}
	applies, err := c.form(c.control.Applies)
	return Formula{Op: Or, Parts: []Formula{{Op: Not, Parts: []Formula{applies}}, check}}, err
}

func (c *compiled) form(text string) (Formula, error) {
	env, err := newEnvironment(c.face, c.control)
	if err != nil {
		return Formula{}, err
	}
	checked, issues := env.Compile(text)
	if issues.Err() != nil {
		return Formula{}, issues.Err()
	}
	f := former{compiled: c}
	out := f.of(checked.NativeRep().Expr())
	if f.why != "" {
		return Formula{}, &FormError{Control: c.control.ID, Why: f.why}
	}
	return out, nil
}

// former turns an expression tree into a formula; why is what it could not turn.
type former struct {
	*compiled
	why string
}

func (f *former) refuse(format string, args ...any) Formula {
	if f.why == "" {
		f.why = fmt.Sprintf(format, args...)
	}
	return Formula{}
}

func (f *former) of(e ast.Expr) Formula {
	if p, ok := f.property(e); ok {
		p.Op, p.Value = Equal, resource.OfBool(true)
		return p
	}
	if value, ok := f.constant(e); ok {
		if truth, ok := value.Bool(); ok {
			return always(truth)
		}
	}
	if e.Kind() != ast.CallKind {
		return f.refuse("the expression is more than comparisons of properties to values")
	}
	call := e.AsCall()
	args := call.Args()
	switch name := call.FunctionName(); name {
	case operators.LogicalAnd, operators.LogicalOr, operators.LogicalNot:
		op := map[string]Op{operators.LogicalAnd: And, operators.LogicalOr: Or, operators.LogicalNot: Not}[name]
		out := Formula{Op: op}
		for _, arg := range args {
			out.Parts = append(out.Parts, f.of(arg))
		}
		return out
	case operators.In:
		return f.membership(args[0], args[1])
	case "hasValue":
		if read := propertyOptional(call.Target()); read != "" {
			return Formula{Op: Present, Property: read}
		}
		return f.refuse("hasValue of something that is no property")
	case "startsWith":
		p, ok := f.property(call.Target())
		prefix, constant := f.constant(args[0])
		if !ok || !constant {
			return f.refuse("it calls startsWith of something that is no property")
		}
		p.Op, p.Value = Begins, prefix
		return p
	default:
		if op, ok := comparison(name); ok {
			return f.comparison(op, args[0], args[1])
		}
		return f.refuse("it calls %s", name)
	}
}

func comparison(function string) (Op, bool) {
	op, ok := map[string]Op{
		operators.Equals: Equal, operators.NotEquals: Differs, operators.Less: Less,
		operators.LessEquals: AtMost, operators.Greater: More, operators.GreaterEquals: AtLeast,
	}[function]
	return op, ok
}

// turned is a comparison with its sides exchanged.
func turned(op Op) Op {
	if other, ok := map[Op]Op{Less: More, More: Less, AtMost: AtLeast, AtLeast: AtMost}[op]; ok {
		return other
	}
	return op
}

func (f *former) comparison(op Op, left, right ast.Expr) Formula {
	if a, ok := f.constant(left); ok {
		if b, ok := f.constant(right); ok && (op == Equal || op == Differs) {
			return always(a.Equal(b) == (op == Equal))
		}
	}
	p, ok := f.property(left)
	other := right
	if !ok {
		if p, ok = f.property(right); !ok {
			return f.refuse("it compares something that is no property")
		}
		other, op = left, turned(op)
	}
	value, ok := f.constant(other)
	if !ok {
		return f.refuse("it compares %s with something that is no value", p.Property)
	}
	p.Op, p.Value = op, value
	return p
}

func (f *former) membership(item, list ast.Expr) Formula {
	if p, ok := f.property(list); ok {
		value, ok := f.constant(item)
		if !ok {
			return f.refuse("it looks in %s for something that is no value", p.Property)
		}
		p.Op, p.Value = Contains, value
		return p
	}
	p, ok := f.property(item)
	value, constant := f.constant(list)
	if !ok || !constant {
		return f.refuse("it looks for something that is no property, or in something that is no list of values")
	}
	p.Op, p.Value = In, value
	return p
}

// property recognises resource.X and resource.?X.orValue(…), with what stands
// for it where it is absent.
func (f *former) property(e ast.Expr) (Formula, bool) {
	if name, bare := propertyRead(e); bare {
		return Formula{Property: name, Absent: f.typ.Properties[name].Default}, true
	}
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "orValue" {
		return Formula{}, false
	}
	name := propertyOptional(e.AsCall().Target())
	value, ok := f.constant(e.AsCall().Args()[0])
	if name == "" || !ok {
		return Formula{}, false
	}
	if d := f.typ.Properties[name].Default; d.Known() {
		value = d
	}
	return Formula{Property: name, Absent: value}, true
}

// propertyOptional recognises resource.?X.
func propertyOptional(e ast.Expr) string {
	name, bare := propertyRead(e)
	if bare {
		return ""
	}
	return name
}

// constant tells the value of a literal, a list of literals, a parameter, or a
// product of whole numbers among them.
func (f *former) constant(e ast.Expr) (resource.Value, bool) {
	var found ref.Val
	switch e.Kind() {
	case ast.LiteralKind:
		found = e.AsLiteral()
	case ast.ListKind:
		var items []resource.Value
		for _, element := range e.AsList().Elements() {
			item, ok := f.constant(element)
			if !ok {
				return resource.Value{}, false
			}
			items = append(items, item)
		}
		return resource.OfList(items...), true
	case ast.CallKind:
		return f.productOf(e.AsCall())
	case ast.SelectKind:
		s := e.AsSelect()
		if s.Operand().Kind() != ast.IdentKind || s.Operand().AsIdent() != paramsVariable {
			return resource.Value{}, false
		}
		found, _ = f.params.Find(types.String(s.FieldName()))
	}
	if found == nil {
		return resource.Value{}, false
	}
	value, err := fromCEL(found)
	return value, err == nil && slices.Contains([]resource.Kind{resource.Bool, resource.Int, resource.Float, resource.String}, value.Kind())
}

func (f *former) productOf(call ast.CallExpr) (resource.Value, bool) {
	if call.FunctionName() != operators.Multiply {
		return resource.Value{}, false
	}
	left, _ := f.constant(call.Args()[0])
	right, _ := f.constant(call.Args()[1])
	a, ok := left.Int()
	b, too := right.Int()
	return resource.OfInt(a * b), ok && too
}
