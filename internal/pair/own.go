package pair

import (
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Own names in a planned change the owner that a match has found, in place of
// what tags alone have shown, and warns of what the owner's next deployment
// would do to the change. A match without an owner only adds what it says of
// that, if anything.
func (m *Matcher) Own(change *fix.Change, match *Match) {
	if match.Standing == Unclaimed {
		return
	}
	if match.Owner == nil {
		change.Warnings = append(change.Warnings, report.Clean("who owns it cannot be told: "+match.Explain()))
		return
	}
	owner := fix.Owner{Kind: match.Owner.Language, Name: report.Clean(match.Owner.Name), Advice: report.Clean(advice(match))}
	if match.Standing == Paired {
		o := &owning{change: change, match: match}
		for i := range change.Sets {
			o.set(m, &change.Sets[i])
		}
		owner.Origin, owner.Advice = o.origin(), o.advice()
		change.Warnings = append(change.Warnings, o.warnings...)
	}
	sameKind := func(other fix.Owner) bool { return other.Kind == owner.Kind }
	change.Owners = append([]fix.Owner{owner}, slices.DeleteFunc(slices.Clone(change.Owners), sameKind)...)
}

// advice is for an owner whose code is not known.
func advice(match *Match) string {
	text := "change its code too, or its next " + deployment(match.Owner.Language) + " sets the old value again"
	if why := match.Explain(); why != "" {
		text += " (" + why + ")"
	}
	return text
}

// deployment is how the owner changes things.
func deployment(language string) string {
	if language == CloudFormation {
		return "stack update"
	}
	return "terraform apply"
}

// owning goes through what a change sets.
type owning struct {
	change   *fix.Change
	match    *Match
	stale    []resource.Origin // places that still say something else
	already  int               // properties that the code has as they will be
	warnings []string
}

// set tells what the code says of one property that the change sets.
func (o *owning) set(m *Matcher, setting *fix.Setting) {
	live, inCode := o.match.Live, o.match.Code
	described := m.types[live.Type].Properties[setting.Property]
	if described == nil {
		return
	}
	at := placeOf(inCode, setting.Property)
	value, isDefault := effective(described, inCode.Get(setting.Property))
	if !named(described, o.match.Owner.Language) {
		return // no deployment sets it
	}
	switch {
	case value.Kind() == resource.Absent:
		return
	case value.Kind() == resource.Unknown:
		o.stale = append(o.stale, at)
		o.warn("whether the next %s undoes it is not known from the code%s (%s)", deployment(o.match.Owner.Language), settling(value), Deciding(at))
		return
	case compare(value, setting.After, setting.Property == resource.TagsProperty) == same:
		o.already++
		return
	}
	o.stale = append(o.stale, at)
	where := Deciding(at)
	if isDefault {
		where = "left out in " + where
	}
	shown := report.Shown(value, setting.Unit)
	back := "back "
	if compare(value, setting.Before, false) != same {
		back = ""
	}
	switch {
	case described.CreateOnly && o.match.Owner.Language == Terraform:
		o.warn("the next terraform apply replaces the resource, with its data, to set %s %sto %s (%s): change the code before that", setting.Property, back, shown, where)
	case described.CreateOnly:
		o.warn("a stack update that touches %s replaces the resource, with its data, to set it %sto %s (%s): change the template before that", setting.Property, back, shown, where)
	case o.match.Owner.Language == Terraform:
		o.warn("the next terraform apply sets %s %sto %s (%s)", setting.Property, back, shown, where)
	default:
		o.warn("a stack update that touches the resource sets %s %sto %s (%s)", setting.Property, back, shown, where)
	}
}

func (o *owning) warn(format string, args ...any) {
	o.warnings = append(o.warnings, report.Clean(fmt.Sprintf(format, args...)))
}

// settling names what would settle an unknown value.
func settling(v resource.Value) string {
	if m := v.Missing(); m != nil && m.Settle != "" {
		return ", which leaves it to " + m.Settle
	}
	return ""
}

// Deciding names the place that decides a value: the line, or where that stands
// in no file, as a variable of the command line, what it is called there.
func Deciding(at resource.Origin) string {
	switch {
	case at.Defined == nil:
		return report.Line(at)
	case at.Defined.File == "":
		return report.Clean(at.Defined.Address) + ", for " + report.Line(at)
	default:
		return report.Line(*at.Defined)
	}
}

// origin is the place to change, or that of the resource.
func (o *owning) origin() resource.Origin {
	if len(o.stale) > 0 {
		return o.stale[0]
	}
	return o.match.Code.Origin
}

func (o *owning) advice() string {
	if len(o.stale) == 0 {
		if o.already > 0 {
			return "its code has the new value already (" + report.Line(o.match.Code.Origin) + ")"
		}
		return "its code does not set this (" + report.Line(o.match.Code.Origin) + ")"
	}
	var places []string
	for _, at := range o.stale {
		places = append(places, Deciding(at))
	}
	slices.Sort(places)
	places = slices.Compact(places)
	return "change " + strings.Join(places, " and ") + " too, or its next " + deployment(o.match.Owner.Language) + " sets the old value again"
}
