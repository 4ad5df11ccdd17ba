package planfile

import (
	"encoding/json"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// instance is one resource instance of a document, with the attributes that
// somebody wants and nothing else.
type instance struct {
	address string // module.graph["eu"].aws_neptune_cluster.main[0]
	module  string // module.graph["eu"], or "" for the root
	mode    string // managed or data
	typ     string
	key     any // count's number or for_each's text, where the address must be made
	line    int
	endLine int

	// gone tells that it will not be there after apply, or that it is only what
	// is left of one that was replaced.
	gone bool
	// before tells that it is there already, created that it will be anew.
	before, created bool
	// flat tells that a state holds it in the form of Terraform 0.11, whose
	// attributes cannot be told apart without the provider.
	flat bool

	attributes
	// old are the attributes before a plan is applied.
	old attributes
}

// attributes are the wanted ones, as far as they are set.
type attributes struct {
	values    map[string]any
	unknown   marks
	sensitive marks
}

// marks say of which attributes something holds: of all, or in the form of the
// attribute itself with true where it does.
type marks struct {
	all   bool
	named map[string]any
}

func (m *marks) of(attribute string) any {
	if m.all {
		return true
	}
	return m.named[attribute]
}

// managed tells instances that can become resources from data sources and from
// what will be gone.
func (i *instance) managed() bool { return !i.gone && i.mode == "managed" }

// existing tells what is there and stays from what a plan makes.
func (i *instance) existing() bool { return i.before && !i.created }

// value returns an attribute as far as it may be known. The trail tells where
// a value comes from that is not known before apply.
func (i *instance) value(attribute string, from *trail) resource.Value {
	if i.flat {
		return resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: "the state holds it in the form of Terraform 0.11",
			Settle: "terraform apply -refresh-only, which writes the state anew",
		})
	}
	return i.attributes.value(attribute, from)
}

func (a *attributes) value(attribute string, from *trail) resource.Value {
	merge := merger{from}
	return merge.value(a.values[attribute], a.unknown.of(attribute), a.sensitive.of(attribute), 0)
}

// text returns an attribute that is a plain text and may be shown.
func (a *attributes) text(attribute string) string {
	text, _ := a.value(attribute, nil).Text()
	return text
}

// maxNesting bounds the nesting of a property value. No attribute that is read
// comes near it.
const maxNesting = 16

// afterApply is why a plan does not tell a value.
const afterApply = "known only after apply"

// merger puts a value and its marks together.
type merger struct{ from *trail }

func (m *merger) value(value, unknown, sensitive any, depth int) resource.Value {
	switch {
	case sensitive == true:
		return resource.OfSecret(m.value(value, unknown, nil, depth))
	case unknown == true:
		return resource.OfUnknown(resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: afterApply, Settle: m.from.settle(),
		})
	case depth >= maxNesting:
		return malformed("the value is nested too deep")
	case !fits(sensitive, value):
		return m.value(value, unknown, true, depth)
	case !fits(unknown, value):
		return m.value(value, true, nil, depth)
	}
	switch value := value.(type) {
	case bool:
		return resource.OfBool(value)
	case string:
		return resource.OfString(value)
	case json.Number:
		return number(value)
	case []any:
		return m.list(value, unknown, sensitive, depth)
	case map[string]any:
		return m.fields(value, unknown, sensitive, depth)
	case tooLong:
		return malformed(errLong.Error())
	default:
		return m.open(unknown, sensitive, depth)
	}
}

// fits tells whether marks have the form of the value. Where they have not,
// nobody can tell what they are about, and all of it counts as marked.
func fits(mark, value any) bool {
	if value == nil || !marked(mark) {
		return true
	}
	switch mark := mark.(type) {
	case []any:
		items, ok := value.([]any)
		return ok && len(mark) <= len(items)
	case map[string]any:
		_, ok := value.(map[string]any)
		return ok
	default:
		return true
	}
}

// open is a value that is null but for what its marks say.
func (m *merger) open(unknown, sensitive any, depth int) resource.Value {
	if !marked(unknown) {
		return resource.Value{}
	}
	if _, isList := unknown.([]any); isList {
		return m.list(nil, unknown, sensitive, depth)
	}
	return m.fields(nil, unknown, sensitive, depth)
}

// marked tells whether there is a true anywhere.
func marked(mark any) bool {
	switch mark := mark.(type) {
	case bool:
		return mark
	case tooLong:
		return true
	case []any:
		for _, item := range mark {
			if marked(item) {
				return true
			}
		}
	case map[string]any:
		for _, field := range mark {
			if marked(field) {
				return true
			}
		}
	}
	return false
}

func (m *merger) list(values []any, unknown, sensitive any, depth int) resource.Value {
	unknowns, _ := unknown.([]any)
	secrets, _ := sensitive.([]any)
	items := make([]resource.Value, max(len(values), len(unknowns)))
	for n := range items {
		items[n] = m.value(at(values, n), at(unknowns, n), at(secrets, n), depth+1)
	}
	return resource.OfList(items...)
}

func at(items []any, n int) any {
	if n < len(items) {
		return items[n]
	}
	return nil
}

func (m *merger) fields(values map[string]any, unknown, sensitive any, depth int) resource.Value {
	unknowns, _ := unknown.(map[string]any)
	secrets, _ := sensitive.(map[string]any)
	fields := make(map[string]resource.Value, max(len(values), len(unknowns)))
	for name, value := range values {
		fields[name] = m.value(value, unknowns[name], secrets[name], depth+1)
	}
	for name, mark := range unknowns {
		if _, set := fields[name]; !set && marked(mark) {
			fields[name] = m.value(nil, mark, secrets[name], depth+1)
		}
	}
	return resource.OfMap(fields)
}

func number(n json.Number) resource.Value {
	if whole, err := n.Int64(); err == nil {
		return resource.OfInt(whole)
	}
	fraction, err := n.Float64()
	if err != nil {
		return malformed("the number is out of range")
	}
	return resource.OfFloat(fraction)
}

func malformed(detail string) resource.Value {
	return resource.OfUnknown(resource.Missing{Reason: resource.ReasonMalformed, Detail: detail})
}
