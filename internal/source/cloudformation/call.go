package cloudformation

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// call evaluates a function. The node is the whole expression.
func (e evaluator) call(name string, arg, n *yaml.Node) Value {
	switch name {
	case "Ref":
		return e.ref(arg.Value, n)
	case "Fn::GetAtt":
		return e.getAtt(arg, n)
	case "Fn::Sub":
		return e.sub(arg, n)
	case "Fn::If":
		return e.choose(arg, n)
	case "Fn::FindInMap":
		return e.findInMap(arg, n)
	case "Fn::Join":
		return e.join(arg, n)
	case "Fn::Select":
		return e.selected(arg, n)
	case "Fn::Split":
		return e.splitText(arg, n)
	case "Fn::GetAZs":
		return e.zones(arg, n)
	case "Fn::Cidr":
		return e.cidr(arg, n)
	case "Fn::Base64":
		return e.withText(e.value(arg), n, func(text string) Value {
			return e.run.text(base64.StdEncoding.EncodeToString([]byte(text)), e.at(n))
		})
	case "Fn::ImportValue":
		return e.imported(e.value(arg), n)
	case "Fn::Length":
		return e.length(e.value(arg), n)
	case "Fn::ToJsonString":
		return e.toJSON(e.value(arg), n)
	case "Fn::Transform":
		missing, _ := e.transformed(arg)
		return ofMissing(missing, "", e.at(n))
	default:
		return malformed(e.at(n), "%s is no function that can stand here", name)
	}
}

// items evaluates the arguments of a function that takes a fixed number.
func (e evaluator) items(arg, n *yaml.Node, least, most int) ([]Value, *Value) {
	name, _ := function(n)
	if arg.Kind != yaml.SequenceNode || len(arg.Content) < least || len(arg.Content) > most {
		wrong := malformed(e.at(n), "%s has the wrong arguments", name)
		return nil, &wrong
	}
	values := make([]Value, len(arg.Content))
	for i, item := range arg.Content {
		values[i] = e.value(item)
	}
	return values, nil
}

// withText hands on the text of a value; without one, the result is unknown as
// well.
func (e evaluator) withText(v Value, n *yaml.Node, then func(text string) Value) Value {
	if text, ok := v.Text(); ok {
		return then(text)
	}
	if unknown := v.firstUnknown(); unknown != nil {
		name, _ := function(n)
		return e.follows(*unknown, name, n)
	}
	return malformed(e.at(n), "a text is wanted here")
}

// follows is the unknown result of a function of an unknown value.
func (e evaluator) follows(unknown Value, name string, n *yaml.Node) Value {
	symbol := unknown.symbol
	if symbol != "" {
		symbol = name + "(" + symbol + ")"
	}
	return ofMissing(*unknown.Missing(), symbol, e.at(n))
}

func (e evaluator) ref(name string, n *yaml.Node) Value {
	at := e.at(n)
	if text, ok := e.loop.lookup(name); ok {
		return e.run.text(text, at)
	}
	name = e.loop.fill(name)
	switch _, isResource := e.byID[name]; {
	case name == "AWS::NoValue":
		return Value{}.statedBy(n)
	case strings.HasPrefix(name, "AWS::"):
		return e.pseudoParameter(name, at)
	case e.template.parameters[name] != nil:
		return e.parameter(name)
	case isResource:
		return e.decidedByAWS("the name of "+name, "ref ", name, at)
	default:
		return malformed(at, "%s is neither a parameter nor a resource", name)
	}
}

// decidedByAWS is what a resource tells only once it is there.
func (e evaluator) decidedByAWS(what, kind, id string, at resource.Origin) Value {
	value := ofMissing(resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: what + " is known only after deployment", Settle: "a scan of the live account",
	}, kind+e.path+id, at)
	value.Resource = e.path + id
	return value
}

func (e evaluator) getAtt(arg, n *yaml.Node) Value {
	name, attribute := "", ""
	if arg.Kind == yaml.ScalarNode {
		name, attribute, _ = strings.Cut(arg.Value, ".")
	} else {
		values, wrong := e.items(arg, n, 2, 2)
		if wrong != nil {
			return *wrong
		}
		name, _ = values[0].Text()
		var ok bool
		if attribute, ok = values[1].Text(); !ok {
			return e.withText(values[1], n, nil)
		}
	}
	return e.attribute(e.loop.fill(name), e.loop.fill(attribute), n)
}

func (e evaluator) attribute(id, attribute string, n *yaml.Node) Value {
	one, ok := e.byID[id]
	if !ok || attribute == "" {
		return malformed(e.at(n), "%s.%s is no attribute of a resource", id, attribute)
	}
	if output, ok := strings.CutPrefix(attribute, "Outputs."); ok && nests(one.typ()) {
		if child := e.child(one); child != nil {
			return child.output(output, e.at(n))
		}
	}
	return e.decidedByAWS(id+"."+attribute, "attribute "+attribute+" of ", id, e.at(n))
}

// output is what a nested stack hands out.
func (s *stack) output(name string, at resource.Origin) Value {
	one := s.outputs[name]
	value := field(one.body, "Value")
	switch {
	case value == nil && s.outputsOpen != nil:
		return ofMissing(*s.outputsOpen, "", at)
	case value == nil:
		return malformed(at, "the nested stack %s has no output %s", strings.TrimSuffix(s.path, "/"), name)
	}
	e := s.evaluator(name)
	e.loop = one.loop
	return e.value(value)
}

func (e evaluator) choose(arg, n *yaml.Node) Value {
	if arg.Kind != yaml.SequenceNode || len(arg.Content) != 3 {
		return malformed(e.at(n), "Fn::If takes a condition and two values")
	}
	name, _ := e.value(arg.Content[0]).Text()
	d := e.decide(name, e.at(n))
	switch d.is {
	case Yes:
		return e.value(arg.Content[1])
	case No:
		return e.value(arg.Content[2])
	}
	a, b := e.value(arg.Content[1]), e.value(arg.Content[2])
	if a.kind == resource.Absent && b.kind == resource.Absent || a.Same(b) == Yes && a.kind != resource.Absent {
		return a.statedBy(nil) // it takes both
	}
	return ofMissing(*d.missing, "", e.at(n))
}

func (e evaluator) findInMap(arg, n *yaml.Node) Value {
	keys, wrong := e.items(arg, n, 3, 4)
	if wrong != nil {
		return *wrong
	}
	standard := Value{}
	if len(keys) == 4 {
		standard = keys[3].Field("DefaultValue")
	}
	var texts [3]string
	for i := range texts {
		text, ok := keys[i].Text()
		if !ok && i == 1 && keys[i].kind == resource.Unknown {
			return e.findAnywhere(texts[0], keys, standard, n)
		}
		if !ok {
			return e.withText(keys[i], n, nil)
		}
		texts[i] = text
	}
	found := field(field(field(e.mappings, texts[0]), texts[1]), texts[2])
	switch {
	case found != nil:
		e.address = texts[0]
		return e.value(found)
	case standard.kind != resource.Absent:
		return standard
	}
	return e.notMapped(strings.Join(texts[:], "."), n)
}

func (e evaluator) notMapped(path string, n *yaml.Node) Value {
	if included := field(e.mappings, "Fn::Transform"); included != nil {
		missing, _ := e.transformed(included)
		return ofMissing(missing, "", e.at(n))
	}
	return malformed(e.at(n), "there is no mapping %s", path)
}

// findAnywhere looks a name up under a key that nobody can tell, such as the
// region: where all keys say the same, that is the answer.
func (e evaluator) findAnywhere(mapping string, keys []Value, standard Value, n *yaml.Node) Value {
	last, ok := keys[2].Text()
	var common *Value
	for _, second := range fields(field(e.mappings, mapping)) {
		found := field(second, last)
		if found == nil || !ok || standard.kind != resource.Absent {
			return e.follows(keys[1], "FindInMap "+mapping, n)
		}
		in := e
		in.address = mapping
		value := in.value(found)
		if common != nil && common.Same(value) != Yes {
			return e.follows(keys[1], "FindInMap "+mapping+" "+last, n)
		}
		common = &value
	}
	if common == nil {
		return e.notMapped(mapping, n)
	}
	return common.statedBy(nil) // it takes all of them
}

func (e evaluator) selected(arg, n *yaml.Node) Value {
	values, wrong := e.items(arg, n, 2, 2)
	if wrong != nil {
		return *wrong
	}
	index, ok := values[0].number()
	switch {
	case values[0].kind == resource.Unknown:
		return e.follows(values[0], "Fn::Select", n)
	case !ok || index < 0:
		return malformed(e.at(n), "Fn::Select wants a number to count by")
	case values[1].kind == resource.Unknown:
		item := e.follows(values[1], "Fn::Select "+values[0].Plain().String(), n)
		if values[1].list != "" {
			item.list, item.index = values[1].list, int(index)
		}
		return item
	case values[1].kind != resource.List || index >= int64(len(values[1].items)):
		return malformed(e.at(n), "Fn::Select wants item %d of a list of %d", index, len(values[1].items))
	}
	return values[1].items[index]
}

func (e evaluator) zones(arg, n *yaml.Node) Value {
	region := e.value(arg)
	if text, ok := region.Text(); ok && text == "" {
		region = e.pseudoParameter("AWS::Region", e.at(n))
	}
	name, _ := region.Text()
	if name == "" {
		name = region.symbol
	}
	value := ofMissing(resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: "the Availability Zones of an account are known only to AWS",
		Settle: "a scan of the live account",
	}, "", e.at(n))
	if name != "" {
		value.list = "zones of " + name
		value.symbol = value.list
	}
	return value
}

func (e evaluator) imported(name Value, n *yaml.Node) Value {
	return e.withText(name, n, func(text string) Value {
		return ofMissing(resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: "it comes from another stack", Settle: "the export " + text,
		}, "export "+text, e.at(n))
	})
}

func (e evaluator) length(list Value, n *yaml.Node) Value {
	switch list.kind {
	case resource.List:
		return ofScalar(resource.OfInt(int64(len(list.items))), e.at(n))
	case resource.Unknown:
		return e.follows(list, "Fn::Length", n)
	default:
		return malformed(e.at(n), "Fn::Length wants a list")
	}
}

func (e evaluator) toJSON(v Value, n *yaml.Node) Value {
	if unknown := v.firstUnknown(); unknown != nil {
		return e.follows(*unknown, "Fn::ToJsonString", n)
	}
	text, err := json.Marshal(v.Plain())
	if err != nil {
		return malformed(e.at(n), "Fn::ToJsonString: %v", err)
	}
	return e.run.text(string(text), e.at(n))
}
