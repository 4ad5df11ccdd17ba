package cloudformation

import (
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Joiner completes the resources of one service with what CloudFormation keeps
// in resources of their own, such as instances and parameter groups.
type Joiner interface {
	// Owners lists the CloudFormation types whose resources Join completes.
	Owners() []string
	// Satellites lists the CloudFormation types that Join looks for.
	Satellites() []string
	// Join sets properties that follow from other resources: known or unknown.
	// It is called for every resource of an owner type, after its own
	// properties are set.
	Join(r *resource.Resource, own *Object, others *Objects)
}

// convert makes the resource of an object.
func convert(o *Object, typ *control.Type, wanted []string) *resource.Resource {
	r := &resource.Resource{
		Ref: resource.Ref{
			Type: typ.Name, ID: o.ID, Origin: o.Origin,
			Account: o.stack.pseudo["AWS::AccountId"], Region: o.stack.pseudo["AWS::Region"],
			Partition: o.stack.pseudo["AWS::Partition"],
		},
		Properties: make(map[string]resource.Value, len(wanted)),
		Where:      make(map[string]resource.Origin, len(wanted)),
		Uncertain:  o.Uncertain,
	}
	for _, name := range wanted {
		if property := typ.Properties[name]; property != nil {
			o.set(r, name, property)
		}
	}
	return r
}

// set puts one property into a resource.
func (o *Object) set(r *resource.Resource, name string, property *control.Property) {
	path := property.CloudFormation
	if path == "" {
		if property.Required {
			r.Properties[name] = resource.OfUnknown(resource.Missing{
				Reason: resource.ReasonUnresolved, Detail: "a template does not say it", Settle: "a scan of the live account",
			})
		}
		return
	}
	value := o.Property(path)
	plain := Convert(value, property.Type)
	if name == resource.TagsProperty {
		plain = o.stack.withTags(plain)
	}
	if at := o.Where(path); at != o.Origin {
		r.Where[name] = at
	}
	if plain.Kind() != resource.Absent {
		r.Properties[name] = plain
	}
}

// withTags adds the tags of the stack, which CloudFormation puts on all of its
// resources. A resource's own tags win.
func (s *stack) withTags(own resource.Value) resource.Value {
	if len(s.tags) == 0 || own.Kind() == resource.Unknown {
		return own
	}
	tags := make(map[string]resource.Value, len(s.tags))
	for name, text := range s.tags {
		tags[name] = resource.OfString(text)
	}
	for name, value := range own.Fields() {
		tags[name] = value
	}
	return resource.OfMap(tags)
}

// Convert gives a value a property's type, as CloudFormation does: "7" is a
// number where one is wanted, and "true" a bool. A list of keys and values is a
// map where one is wanted. What cannot be converted stays as it is, for the
// engine to call malformed.
func Convert(v Value, typ string) resource.Value {
	switch typ {
	case "bool":
		return toBool(v)
	case "int":
		if n, ok := v.number(); ok {
			return resource.OfInt(n)
		}
	case "string", "time":
		if text, ok := v.Text(); ok {
			return resource.OfString(text)
		}
	case "list(string)":
		return toTexts(v)
	case "map(string)":
		return toFields(v)
	}
	return v.Plain()
}

func toBool(v Value) resource.Value {
	switch text, _ := v.Text(); strings.ToLower(text) {
	case "true":
		return resource.OfBool(true)
	case "false":
		return resource.OfBool(false)
	default:
		return v.Plain()
	}
}

// toTexts makes a list of texts. One unknown item makes the whole list unknown:
// that is how the engine judges lists.
func toTexts(v Value) resource.Value {
	if unknown := v.firstUnknown(); unknown != nil {
		return unknown.scalar
	}
	if v.kind != resource.List {
		return v.Plain()
	}
	items := make([]resource.Value, len(v.items))
	for i, item := range v.items {
		items[i] = item.Plain()
		if text, ok := item.Text(); ok {
			items[i] = resource.OfString(text)
		}
	}
	return resource.OfList(items...)
}

// toFields makes a map of texts from a map, or from a list of Key and Value.
func toFields(v Value) resource.Value {
	if unknown := v.firstUnknown(); unknown != nil {
		return unknown.scalar
	}
	out := make(map[string]resource.Value)
	switch v.kind {
	case resource.Map:
		for name, field := range v.fields {
			out[name] = asText(field)
		}
	case resource.List:
		for _, item := range v.items {
			key, ok := item.Field("Key").Text()
			if !ok {
				return v.Plain()
			}
			out[key] = asText(item.Field("Value"))
		}
	default:
		return v.Plain()
	}
	return resource.OfMap(out)
}

func asText(v Value) resource.Value {
	if text, ok := v.Text(); ok {
		return resource.OfString(text)
	}
	return v.Plain()
}
