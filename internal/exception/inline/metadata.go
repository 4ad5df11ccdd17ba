package inline

import (
	"maps"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// metadata reads what stands in the metadata of a template.
func (r *reader) metadata(remark *resource.Remark) []note {
	fields := remark.Value.Fields()
	n := note{at: remark.Origin, text: remark.Name + ": " + remark.Value.String()}
	switch {
	case remark.Name == "checkov.skip":
		id, comment := fields["id"].String(), ""
		if text, ok := fields["comment"].Text(); ok {
			comment = strings.TrimSpace(text)
		}
		skipped, known := r.skip(id, comment)
		if !known {
			return nil
		}
		skipped.at, skipped.text = n.at, n.text
		return []note{skipped}
	case remark.Name != "holdfast" && !strings.HasPrefix(remark.Name, "holdfast."):
		return nil // another tool's
	case remark.Name != "holdfast.ignore":
		n.fail("there is no %s in metadata; there is holdfast.ignore", remark.Name)
	case remark.Value.Kind() != resource.Map:
		n.fail("it has no control and no reason: it is no map")
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fields[name]
		items, isList := value.Strings()
		text, isText := value.Text()
		switch {
		case name == "control" && (isList || isText):
			for _, item := range append(items, strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ' ' })...) {
				r.name(&n, item)
			}
		case !isText:
			n.fail("%s is no text", name)
		case name == "control":
		default:
			r.metadataField(&n, name, strings.TrimSpace(text))
		}
	}
	n.complete()
	return []note{n}
}

func (r *reader) metadataField(n *note, name, text string) {
	if !slices.Contains([]string{"reason", "owner", "until"}, name) {
		n.fail("%s is none of control, reason, until, owner", name)
		return
	}
	n.set(name, text)
}
