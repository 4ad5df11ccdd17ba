package backup

import (
	"cmp"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

const terraformSelection = "aws_backup_selection"

// TerraformJoiner tells which backup plans of the same code take a resource.
func TerraformJoiner(of Named) terraform.Joiner { return planJoiner{of} }

type planJoiner struct{ Named }

func (j planJoiner) Owner() (string, []string) {
	attributes := []string{"arn", "tags", "tags_all"}
	if j.TerraformName != "" {
		attributes = append(attributes, j.TerraformName)
	}
	return j.Terraform, attributes
}

func (planJoiner) Satellites() map[string][]string {
	return map[string][]string{terraformSelection: {"condition", "not_resources", "plan_id", "resources", "selection_tag"}}
}

// Omits implements terraform.Omitter.
func (planJoiner) Omits() map[string][]string {
	return map[string][]string{terraformSelection: {"condition", "not_resources", "resources", "selection_tag"}}
}

func (j planJoiner) Join(r *resource.Resource, own *terraform.Object, others *terraform.Objects) {
	arn, known := own.Get("arn").Text()
	if !known || arn == "" {
		name, _ := own.Get(j.TerraformName).Text()
		arn = j.arn(own.Region, own.Account, name)
	}
	all := others.Of(terraformSelection)
	list := make([]written, 0, len(all))
	for _, o := range all {
		list = append(list, fromTerraform(o, own, arn))
	}
	value, first := plansInCode(list, arn, j.Service, func() (map[string]string, *resource.Missing) { return tagsInCode(terraform.TagsOf(own)) })
	r.Properties[PlansProperty], r.Properties[LastProperty] = value, lastInCode()
	if first >= 0 {
		terraform.SetFrom(r, PlansProperty, value, all[first], "resources")
	}
}

// tagsInCode returns known tags, or why they are not known.
func tagsInCode(v resource.Value) (map[string]string, *resource.Missing) {
	if why := v.Missing(); why != nil {
		return nil, why
	}
	tags := make(map[string]string, len(v.Fields()))
	for key, value := range v.Fields() {
		text, known := value.Text()
		if !known {
			return nil, cmp.Or(value.Missing(), &resource.Missing{Reason: resource.ReasonMalformed, Detail: "the tag " + key + " is no text"})
		}
		tags[key] = text
	}
	return tags, nil
}

// fromTerraform reads a selection. One that refers to the resource names its
// ARN.
func fromTerraform(o, own *terraform.Object, arn string) written {
	w := written{plan: o.Address, open: o.Uncertain}
	if refs := o.Refs["plan_id"]; len(refs) > 0 {
		w.plan = refs[0]
	}
	w.resources = namesIn(o, "resources", own.Address, arn)
	w.except = namesIn(o, "not_resources", own.Address, arn)
	for _, tag := range blocks(o.Get("selection_tag")) {
		w.tag(tag, condition{}, &w.anyTag)
	}
	for _, block := range blocks(o.Get("condition")) {
		w.open = cmp.Or(w.open, block.Missing())
		for kind, c := range map[string]condition{
			"string_equals": {}, "string_like": {like: true}, "string_not_equals": {not: true}, "string_not_like": {like: true, not: true},
		} {
			for _, one := range blocks(block.Fields()[kind]) {
				w.tag(one, c, &w.conditions)
			}
		}
	}
	w.doubt()
	return w
}

// namesIn lists the ARNs and patterns of an attribute. A reference to the
// resource stands for its ARN; of items that are not known and refer to
// nothing nobody can tell whom they name.
func namesIn(o *terraform.Object, attribute, address, arn string) []string {
	var names []string
	refs, v := o.Refs[attribute], o.Get(attribute)
	unknown := 0
	if v.Kind() == resource.Unknown {
		unknown = 1
	}
	for _, item := range v.List() {
		if text, known := item.Text(); known {
			names = append(names, text)
		} else {
			unknown++
		}
	}
	switch {
	case slices.Contains(refs, address):
		names = append(names, arn)
	case unknown > len(refs):
		names = append(names, hidden)
	case unknown > 0 && len(names) == 0:
		names = append(names, others) // the list is not empty, and names others
	}
	return names
}

func (w *written) tag(block resource.Value, c condition, into *[]condition) {
	key, knownKey := block.Fields()["key"].Text()
	value, knownValue := block.Fields()["value"].Text()
	if !knownKey || !knownValue {
		w.open = cmp.Or(w.open, block.Missing(), block.Fields()["key"].Missing(), block.Fields()["value"].Missing(), &resource.Missing{
			Reason: resource.ReasonUnresolved, Detail: w.plan + " selects by a tag that is not known", Settle: "a scan of the live account",
		})
	}
	c.key, c.value = tagKey(&key), value
	*into = append(*into, c)
}

// blocks lists nested blocks; one alone may stand as a map.
func blocks(v resource.Value) []resource.Value {
	switch v.Kind() {
	case resource.Map, resource.Unknown:
		return []resource.Value{v}
	default:
		return v.List()
	}
}
