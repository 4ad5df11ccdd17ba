package cloudformation

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// stack is a template with values for its parameters. It is for one goroutine.
type stack struct {
	*template
	run *run
	// path is "" for the root and ends in a slash for nested stacks, so that
	// path and logical id make an address.
	path   string
	args   Value             // parameters by name; the others take their default
	pseudo map[string]string // pseudo parameters that are known
	tags   map[string]string // that CloudFormation puts on every resource
	parent *stack
	// supposed holds conditions that count as decided in this world, and fixed
	// the parameters that follow from them.
	supposed map[string]bool
	fixed    map[string]Value
	// uncertain is why nobody can tell whether the stack will be there, and more
	// why it may hold resources that are not in entries.
	uncertain, more *resource.Missing
	// remarks are what is said of the nested stack where it stands.
	remarks []resource.Remark

	// What the sections hold, loops written out, and why they may hold more.
	entries        []entry // resources
	byID           map[string]entry
	conditions     map[string]entry
	outputs        map[string]entry
	conditionsOpen *resource.Missing
	outputsOpen    *resource.Missing

	parameters map[string]Value // evaluated
	decided    map[string]decision
	children   map[string]*stack
	worlds     map[string]*stack
	objects    map[string]*Object
}

// newStack prepares a template for evaluation. What of its resources cannot be
// told is reported.
func newStack(t *template, r *run, path string, args Value, pseudo map[string]string) *stack {
	s := &stack{template: t, run: r, path: path, args: args, pseudo: pseudo}
	s.forget()
	s.unroll()
	s.transform()
	return s
}

// forget drops what was evaluated.
func (s *stack) forget() {
	s.parameters = make(map[string]Value)
	s.decided = make(map[string]decision)
	s.children = make(map[string]*stack)
	s.worlds = make(map[string]*stack)
	s.objects = make(map[string]*Object)
}

// supposing returns the stack as it is where a condition is true.
func (s *stack) supposing(condition string) *stack {
	if world, ok := s.worlds[condition]; ok {
		return world
	}
	world := *s
	world.forget()
	world.supposed = map[string]bool{}
	world.fixed = map[string]Value{}
	maps.Copy(world.supposed, s.supposed)
	maps.Copy(world.fixed, s.fixed)
	s.suppose(&world, condition, 0)
	s.worlds[condition] = &world
	return &world
}

// suppose notes in a world what follows from a condition that is true.
func (s *stack) suppose(world *stack, condition string, depth int) {
	one, ok := s.conditions[condition]
	if world.supposed[condition] || !ok || depth > maxDepth {
		return
	}
	world.supposed[condition] = true
	e := s.evaluator(condition)
	e.loop = one.loop
	e.suppose(world, one.body, depth)
}

// suppose notes in a world what follows from a condition function that is true.
func (e evaluator) suppose(world *stack, n *yaml.Node, depth int) {
	name, arg := function(n)
	switch {
	case arg == nil || depth > maxDepth:
	case name == "Condition":
		e.stack.suppose(world, e.loop.fill(arg.Value), depth+1)
	case name == "Fn::And":
		for _, item := range arg.Content {
			e.suppose(world, target(item), depth+1)
		}
	case name == "Fn::Not" && len(arg.Content) == 1:
		if inner, of := function(target(arg.Content[0])); inner == "Condition" && of != nil {
			world.supposed[e.loop.fill(of.Value)] = false
		}
	case name == "Fn::Equals" && len(arg.Content) == 2:
		e.supposeEqual(world, target(arg.Content[0]), target(arg.Content[1]))
		e.supposeEqual(world, target(arg.Content[1]), target(arg.Content[0]))
	}
}

// supposeEqual fixes a parameter that is compared with something known.
func (e evaluator) supposeEqual(world *stack, a, b *yaml.Node) {
	name, arg := function(a)
	if name != "Ref" || arg == nil {
		return
	}
	declared := e.template.parameters[arg.Value]
	if declared == nil || e.parameter(arg.Value).kind != resource.Unknown {
		return
	}
	if value := e.value(b); value.Known() {
		value.Origin = e.stack.at(declared, arg.Value) // that is where to decide it
		world.fixed[arg.Value] = value
	}
}

// evaluator evaluates expressions that stand under an address.
func (s *stack) evaluator(address string) evaluator {
	return evaluator{stack: s, address: address}
}

// parameter is the value of a declared parameter.
func (s *stack) parameter(name string) Value {
	value, ok := s.parameters[name]
	if !ok {
		value = s.evaluateParameter(name, s.template.parameters[name])
		s.parameters[name] = value
	}
	return value
}

func (s *stack) evaluateParameter(name string, declared *yaml.Node) Value {
	at := s.at(declared, name)
	typ := textOf(declared, "Type")
	symbol := "parameter " + s.path + name
	if strings.EqualFold(textOf(declared, "NoEcho"), "true") {
		return ofMissing(resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: fmt.Sprintf("parameter %s is secret (NoEcho), so its value is not looked at", name),
			Settle: "a scan of the live account",
		}, symbol, at)
	}
	value, given := s.fixed[name]
	value.node = nil // what a condition compares with states nothing here
	if !given {
		value = s.args.Field(name)
		given = value.kind != resource.Absent
	}
	if standard := field(declared, "Default"); !given && standard != nil {
		value, given = s.literal(standard, name), true
	}
	if !given {
		return ofMissing(resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: fmt.Sprintf("parameter %s has no default (%s:%d)", name, s.file, declared.Line),
			Settle: "parameter " + name,
		}, symbol, at)
	}
	value.through = &passed{name: name, file: s.file, declared: declared, before: value.through}
	if strings.HasPrefix(typ, "AWS::SSM::Parameter::Value<") {
		return s.storedParameter(name, value, at)
	}
	if typ == "CommaDelimitedList" || strings.HasPrefix(typ, "List<") {
		list := s.run.split(value, ",", true)
		list.node, list.through = value.node, value.through
		return list
	}
	return value
}

// literal reads a parameter's default, which is text however it is written.
func (s *stack) literal(n *yaml.Node, address string) Value {
	if n.Kind != yaml.ScalarNode {
		return malformed(s.at(n, address), "the default of parameter %s is no text", address)
	}
	text := n.Value
	if is := oldBool(n); is != Unsure {
		text = strconv.FormatBool(is == Yes)
	}
	return s.run.text(text, s.at(n, address)).statedBy(n)
}

// storedParameter is the value of a parameter that names an SSM parameter.
func (s *stack) storedParameter(name string, value Value, at resource.Origin) Value {
	stored, ok := value.Text()
	if !ok {
		return value
	}
	return ofMissing(resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: fmt.Sprintf("parameter %s is read from SSM at deployment", name),
		Settle: "SSM parameter " + stored,
	}, "ssm "+stored, at)
}

// pseudoParameter is the value of AWS::Region and its like. AWS::NoValue is
// handled where it is met.
func (s *stack) pseudoParameter(name string, at resource.Origin) Value {
	if text, ok := s.pseudo[name]; ok {
		return ofText(text, at)
	}
	symbol := name
	if name == "AWS::StackName" || name == "AWS::StackId" {
		symbol += " " + s.path
	}
	return ofMissing(resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: name + " is not given", Settle: "pseudo parameter " + name,
	}, symbol, at)
}

// withDerived adds the pseudo parameters that follow from the region.
func withDerived(pseudo map[string]string) map[string]string {
	region, ok := pseudo["AWS::Region"]
	if !ok {
		return pseudo
	}
	partition, suffix := "aws", "amazonaws.com"
	switch {
	case strings.HasPrefix(region, "cn-"):
		partition, suffix = "aws-cn", "amazonaws.com.cn"
	case strings.HasPrefix(region, "us-gov-"):
		partition = "aws-us-gov"
	case strings.HasPrefix(region, "us-iso-"):
		partition, suffix = "aws-iso", "c2s.ic.gov"
	case strings.HasPrefix(region, "us-isob-"):
		partition, suffix = "aws-iso-b", "sc2s.sgov.gov"
	}
	derived := map[string]string{"AWS::Partition": partition, "AWS::URLSuffix": suffix}
	maps.Copy(derived, pseudo) // what was given wins
	return derived
}
