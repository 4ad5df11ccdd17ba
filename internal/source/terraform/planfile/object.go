package planfile

import (
	"cmp"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/terraform"
)

// object says an instance in the words that all media share.
func (f *reading) object(i *instance, attributes []string) *terraform.Object {
	o := &terraform.Object{
		Type: i.typ, Address: i.address, Existing: i.existing(),
		Origin:     resource.Origin{File: f.name, Line: i.line, EndLine: i.endLine, Address: i.address},
		Attributes: make(map[string]resource.Value, len(attributes)),
	}
	b, p := f.resolver.locate(i.address)
	o.Region, o.Account = f.whereabouts(i, b)
	for _, attribute := range attributes {
		trail := f.resolver.follow(b, p, attribute)
		if value := i.value(attribute, &trail); value.Kind() != resource.Absent && !f.leftOut(i, b, attribute, &trail) {
			o.Attributes[attribute] = value
		}
		if address := trail.object(); address != "" {
			if o.Refs == nil {
				o.Refs = make(map[string][]string, 1)
			}
			o.Refs[attribute] = []string{address}
		}
	}
	return o
}

// leftOut tells an argument that code leaves out, or sets to a variable that is
// null. A plan that makes the resource calls the value known only after apply
// where the provider leaves it to AWS; what will hold is the default of the
// service, as it does for the code itself.
func (f *reading) leftOut(i *instance, b *block, attribute string, from *trail) bool {
	if b == nil || !i.created || i.unknown.of(attribute) != true || !f.selection.Defaulted(i.typ, attribute) {
		return false
	}
	refs, given := b.refs[attribute]
	return !given || len(refs) > 0 && len(from.sources) == 0 && len(from.objects) == 0 && from.others == 0
}

// satellite says an instance that only joins look for, as briefly as it can:
// where an attribute surely refers to one object, nobody asks why it is unknown.
func (f *reading) satellite(i *instance, attributes []string) *terraform.Object {
	o := f.object(i, attributes)
	b, p := f.resolver.locate(i.address)
	for attribute := range o.Refs {
		if trail := f.resolver.follow(b, p, attribute); !trail.bare && o.Attributes[attribute].Kind() == resource.Unknown {
			o.Attributes[attribute] = resource.OfUnknown(resource.Missing{Reason: resource.ReasonUnresolved, Detail: afterApply})
		}
	}
	return o
}

// whereabouts tells region and account: from the ARN of what is there already,
// from its own region, or from the provider.
func (f *reading) whereabouts(i *instance, b *block) (region, account string) {
	if region, account = whereabouts(cmp.Or(i.text("arn"), i.old.text("arn"))); region != "" {
		return region, account
	}
	if region := i.text("region"); region != "" {
		return region, ""
	}
	if b == nil {
		return "", ""
	}
	return f.config.region(b), ""
}

// whereabouts reads region and account from an ARN; both are empty where it
// names no region.
func whereabouts(arn string) (region, account string) {
	parts := strings.SplitN(arn, ":", 6) // arn:partition:service:region:account:rest
	if len(parts) == 6 && parts[0] == "arn" && parts[3] != "" {
		return parts[3], parts[4]
	}
	return "", ""
}
