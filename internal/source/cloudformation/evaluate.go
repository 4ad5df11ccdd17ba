package cloudformation

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

const (
	// maxWork bounds what one root template may cost: nodes looked at, and
	// bytes of text made, by sixteens.
	maxWork = 500_000
	// maxText bounds one text that is put together, in bytes.
	maxText = 1 << 20
)

// run is what the stacks of one root template share.
type run struct {
	work int
	// broken is set when the work is used up; nothing after it counts.
	broken bool
	disk   disk
	load   func(file string) (*template, error)
	report func(finding.Gap)
}

// spend counts work and reports whether there is any left.
func (r *run) spend(work int) bool {
	r.work += work
	r.broken = r.broken || r.work > maxWork
	return !r.broken
}

// dynamic finds references that CloudFormation resolves at deployment.
var dynamic = regexp.MustCompile(`\{\{resolve:([a-z-]+):([^}]*)\}\}`)

// text makes a value of a text.
func (r *run) text(text string, at resource.Origin) Value {
	if len(text) > maxText || !r.spend(len(text)/16) {
		return malformed(at, "the text is too long")
	}
	if !strings.Contains(text, "{{resolve:") {
		return ofText(text, at)
	}
	match := dynamic.FindStringSubmatch(text)
	if match == nil {
		return ofText(text, at)
	}
	names := map[string]string{"ssm": "SSM parameter ", "ssm-secure": "SSM parameter ", "secretsmanager": "secret "}
	what := names[match[1]] + match[2]
	return ofMissing(resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: what + " is read at deployment", Settle: what,
	}, text, at)
}

// evaluator evaluates the expressions of a stack. It is passed by value: each
// level has its own.
type evaluator struct {
	*stack
	address string // of what the expressions stand in
	loop    *binding
	depth   int
}

// at is the place of a node.
func (e evaluator) at(n *yaml.Node) resource.Origin { return e.stack.at(n, e.address) }

// function splits a node into the function that it calls and its argument; a
// nil argument tells that it calls none.
func function(n *yaml.Node) (name string, arg *yaml.Node) {
	if tag, ok := strings.CutPrefix(n.Tag, "!"); ok && n.Tag != "!" && !strings.HasPrefix(tag, "!") {
		bare := *n
		bare.Tag = ""
		if n.Kind == yaml.ScalarNode {
			bare.Tag = "!!str"
		}
		if tag == "Ref" || tag == "Condition" {
			return tag, &bare
		}
		return "Fn::" + tag, &bare
	}
	if n.Kind == yaml.MappingNode && len(n.Content) == 2 && isFunction(n.Content[0].Value) {
		return n.Content[0].Value, target(n.Content[1])
	}
	return "", nil
}

func isFunction(name string) bool {
	return name == "Ref" || name == "Condition" || strings.HasPrefix(name, "Fn::") && !strings.HasPrefix(name, "Fn::ForEach")
}

// value evaluates an expression.
func (e evaluator) value(n *yaml.Node) Value {
	n = target(n)
	if e.depth++; e.depth > maxDepth || !e.run.spend(1) {
		return malformed(e.at(&yaml.Node{Line: n.Line}), "the template expands to too much")
	}
	// Condition is a function only where conditions are expected; anywhere else
	// it is a field like any other.
	if name, arg := function(n); arg != nil && (name != "Condition" || n.Kind != yaml.MappingNode) {
		return e.call(name, arg, n)
	}
	switch n.Kind {
	case yaml.SequenceNode:
		return e.list(n)
	case yaml.MappingNode:
		return e.fields(n)
	case yaml.ScalarNode:
		if value := e.scalar(n); e.loop.fill(n.Value) == n.Value {
			return value.statedBy(n)
		}
	}
	return e.scalar(n) // a loop has its share in it
}

func (e evaluator) list(n *yaml.Node) Value {
	items := make([]Value, 0, len(n.Content))
	for _, item := range n.Content {
		if value := e.value(item); value.kind != resource.Absent {
			items = append(items, value)
		}
	}
	return ofList(items, e.at(n)).statedBy(n)
}

func (e evaluator) fields(n *yaml.Node) Value {
	out := make(map[string]Value, len(n.Content)/2)
	var open *resource.Missing
	for key, value := range fields(n) {
		switch {
		case strings.HasPrefix(key.Value, "Fn::ForEach"):
			open = e.eachField(key, value, out, open)
		case key.Value == "Fn::Transform":
			missing, rewrites := e.transformed(target(value))
			if rewrites {
				return ofMissing(missing, "", e.at(n))
			}
			open = &missing
		case strings.HasPrefix(key.Value, "Fn::"):
			return malformed(e.at(key), "%s stands beside other fields", key.Value)
		default:
			if field := e.value(value); field.kind != resource.Absent {
				out[e.loop.fill(key.Value)] = field
			}
		}
	}
	return ofMap(out, open, e.at(n)).statedBy(n)
}

// transformed is why what a Fn::Transform yields is unknown, and whether it may
// change the fields beside it.
func (e evaluator) transformed(n *yaml.Node) (missing resource.Missing, rewrites bool) {
	all := transforms(n)
	if len(all) != 1 {
		return *macroMissing("a macro"), true
	}
	if all[0].rewrites() {
		return *macroMissing("the macro " + all[0].name), true
	}
	return *all[0].missing(), false
}

// scalar reads a plain value.
func (e evaluator) scalar(n *yaml.Node) Value {
	at := e.at(n)
	switch n.ShortTag() {
	case "!!null":
		return Value{} // CloudFormation refuses it; what was meant is nothing
	case "!!bool":
		return ofScalar(resource.OfBool(strings.EqualFold(n.Value, "true")), at)
	case "!!int":
		// 012345678901 is an account, not an octal number.
		if number, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(number, 10) == n.Value {
			return ofScalar(resource.OfInt(number), at)
		}
	case "!!float":
		if number, err := strconv.ParseFloat(n.Value, 64); err == nil && json.Valid([]byte(n.Value)) {
			return ofScalar(resource.OfFloat(number), at)
		}
	case "!!str":
		if is := oldBool(n); is != Unsure {
			return ofScalar(resource.OfBool(is == Yes), at)
		}
	}
	return e.run.text(e.loop.fill(n.Value), at)
}

// oldBool tells what the further words for true and false mean that YAML 1.1
// has, which CloudFormation speaks; Unsure for any other text.
func oldBool(n *yaml.Node) Answer {
	if n.Style != 0 || n.Tag != "!!str" {
		return Unsure
	}
	switch n.Value {
	case "yes", "Yes", "YES", "on", "On", "ON":
		return Yes
	case "no", "No", "NO", "off", "Off", "OFF":
		return No
	}
	return Unsure
}
