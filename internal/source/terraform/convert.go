package terraform

import (
	"maps"
	"math"
	"strconv"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Convert turns a value into a property's type as Terraform's provider would:
// "7" is a number where one is wanted, and 7 a text. An empty text counts as
// not set, as it does for the AWS provider. What cannot be converted stays as
// it is, for the engine to call malformed.
func Convert(v resource.Value, typ string) resource.Value {
	if secret, ok := v.Secret(); ok {
		return resource.OfSecret(Convert(secret, typ))
	}
	switch typ {
	case "bool":
		return toBool(v)
	case "int":
		return toInt(v)
	case "float":
		return toFloat(v)
	case "string", "time":
		return toText(v)
	case "list(string)":
		return toTexts(v)
	case "map(string)":
		return toFields(v)
	default:
		return v
	}
}

func toBool(v resource.Value) resource.Value {
	text, ok := v.Text()
	if !ok {
		return v
	}
	switch text {
	case "":
		return resource.Value{}
	case "true", "1":
		return resource.OfBool(true)
	case "false", "0":
		return resource.OfBool(false)
	default:
		return v
	}
}

func toInt(v resource.Value) resource.Value {
	if f, ok := v.Float(); ok && f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return resource.OfInt(int64(f))
	}
	text, ok := v.Text()
	if !ok {
		return v
	}
	if text == "" {
		return resource.Value{}
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return resource.OfInt(n)
	}
	return v
}

func toFloat(v resource.Value) resource.Value {
	if n, ok := v.Int(); ok {
		return resource.OfFloat(float64(n))
	}
	if text, ok := v.Text(); ok {
		if f, err := strconv.ParseFloat(text, 64); err == nil {
			return resource.OfFloat(f)
		}
	}
	return v
}

func toText(v resource.Value) resource.Value {
	switch v.Kind() {
	case resource.Bool, resource.Int, resource.Float:
		return resource.OfString(v.String())
	case resource.String:
		if text, _ := v.Text(); text == "" {
			return resource.Value{}
		}
	}
	return v
}

// item converts one element of a collection, where an empty text is one.
func item(v resource.Value) resource.Value {
	if text, ok := v.Text(); ok && text == "" {
		return v
	}
	return toText(v)
}

// toTexts leaves out items that are not set: Terraform does not send them.
func toTexts(v resource.Value) resource.Value {
	if v.Kind() != resource.List {
		return v
	}
	if shown, hidden := uncovered(v.List()); hidden {
		return resource.OfSecret(toTexts(resource.OfList(shown...)))
	}
	items := make([]resource.Value, 0, len(v.List()))
	for _, one := range v.List() {
		if one = item(one); one.Kind() != resource.Absent {
			items = append(items, one)
		}
	}
	return resource.OfList(items...)
}

// uncovered returns the items of a list as they are, and whether some of them
// are sensitive, which makes the whole list so.
func uncovered(items []resource.Value) (shown []resource.Value, hidden bool) {
	shown = make([]resource.Value, len(items))
	for i, one := range items {
		shown[i] = one
		if secret, ok := one.Secret(); ok {
			shown[i], hidden = secret, true
		}
	}
	return shown, hidden
}

func toFields(v resource.Value) resource.Value {
	if v.Kind() != resource.Map {
		return v
	}
	fields := make(map[string]resource.Value, len(v.Fields()))
	for name, one := range v.Fields() {
		if one = item(one); one.Kind() != resource.Absent {
			fields[name] = one
		}
	}
	return resource.OfMap(fields)
}

// tagsOf adds the provider's default tags to the object's own, which win. The
// provider's own sum is taken where it is known, as in a plan or a state.
func tagsOf(o *Object, own resource.Value) resource.Value {
	if all := Convert(o.Get("tags_all"), "map(string)"); all.Kind() == resource.Map {
		return all
	}
	defaults := Convert(o.DefaultTags, "map(string)")
	switch {
	case own.Kind() == resource.Unknown || defaults.Kind() == resource.Absent:
		return own
	case defaults.Kind() != resource.Map:
		return defaults
	}
	fields := maps.Clone(defaults.Fields())
	maps.Copy(fields, own.Fields())
	return resource.OfMap(fields)
}

// TagsOf returns the tags that an object will have, with those of its provider.
func TagsOf(o *Object) resource.Value { return tagsOf(o, Convert(o.Get("tags"), "map(string)")) }
