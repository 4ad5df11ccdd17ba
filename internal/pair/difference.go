package pair

import (
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Judge judges a resource with every chosen control that is about it.
type Judge interface {
	Evaluate(r *resource.Resource, say func(*finding.Finding) error) error
}

// Difference is one property of which code and account say different things.
type Difference struct {
	Property string         `json:"property"`
	Code     resource.Value `json:"code"`
	// CodeDefault tells that the code leaves the property out, and Code is the
	// documented default of the service; LiveDefault the same of the account.
	CodeDefault bool           `json:"codeDefault,omitempty"`
	Live        resource.Value `json:"live"`
	LiveDefault bool           `json:"liveDefault,omitempty"`
	Unit        string         `json:"unit,omitempty"`
	// At is the place in the code, with the one that decides in Defined.
	At resource.Origin `json:"at,omitzero"`
	// Controls are those that read the property, with their verdicts.
	Controls []Verdict `json:"controls"`
}

// Verdict is what one control says of the code and of the account. A status is
// empty where the control does not apply.
type Verdict struct {
	Control  string           `json:"control"`
	Severity finding.Severity `json:"severity"`
	Code     finding.Status   `json:"code,omitempty"`
	Live     finding.Status   `json:"live,omitempty"`
}

// Unsettled is a property that cannot be compared, because one of the sides does
// not tell it.
type Unsettled struct {
	Property string `json:"property"`
	// Side is the one that does not tell: code or account.
	Side    string           `json:"side"`
	Missing resource.Missing `json:"missing"`
	At      resource.Origin  `json:"at,omitzero"`
	// Controls are the ids of those that read the property.
	Controls []string `json:"controls"`
}

// The sides of a comparison.
const (
	SideCode    = "code"
	SideAccount = "account"
)

// Comparison is what comparing a pair has shown.
type Comparison struct {
	Different []Difference
	Unsettled []Unsettled
	// Same counts the properties that are known on both sides and alike.
	Same int
}

// Compare holds the code of a paired match against the account, in every
// property that a control reads. What the code leaves to the service, and what
// its language has no name for, is no difference.
func (m *Matcher) Compare(judge Judge, match *Match) (*Comparison, error) {
	c := &comparing{typ: m.types[match.Live.Type], match: match, reads: make(map[string]map[string]*Verdict)}
	for _, side := range []*resource.Resource{match.Code, match.Live} {
		err := judge.Evaluate(side, func(f *finding.Finding) error {
			c.note(f, side == match.Code)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	out := &Comparison{}
	for _, property := range slices.Sorted(maps.Keys(c.reads)) {
		c.property(out, property)
	}
	return out, nil
}

// comparing is the comparison of one pair.
type comparing struct {
	typ   *control.Type
	match *Match
	reads map[string]map[string]*Verdict // by property and control
}

// note keeps what a control has read on one side, and its verdict.
func (c *comparing) note(f *finding.Finding, ofCode bool) {
	for i := range f.Evidence {
		property := f.Evidence[i].Property
		if c.reads[property] == nil {
			c.reads[property] = make(map[string]*Verdict)
		}
		v := c.reads[property][f.Control]
		if v == nil {
			v = &Verdict{Control: f.Control, Severity: f.Severity}
			c.reads[property][f.Control] = v
		}
		if ofCode {
			v.Code = f.Status
		} else {
			v.Live = f.Status
		}
	}
}

func (c *comparing) property(out *Comparison, name string) {
	described := c.typ.Properties[name]
	if described == nil {
		return
	}
	inCode, codeDefault := effective(described, c.match.Code.Get(name))
	live, liveDefault := effective(described, c.match.Live.Get(name))
	at := placeOf(c.match.Code, name)
	switch {
	case inCode.Kind() == resource.Absent, codeDefault && !c.named(described):
		return // the code leaves it to the service, or cannot say it
	case inCode.Kind() == resource.Unknown:
		why := missing(inCode)
		if why.Settle == liveScan {
			why.Settle = "" // that is the other side
		}
		out.Unsettled = append(out.Unsettled, Unsettled{name, SideCode, why, at, c.controls(name)})
		return
	case live.Kind() == resource.Unknown:
		out.Unsettled = append(out.Unsettled, Unsettled{name, SideAccount, missing(live), at, c.controls(name)})
		return
	}
	switch compare(inCode, live, name == resource.TagsProperty) {
	case same:
		out.Same++
	case otherName:
		why := resource.Missing{Reason: resource.ReasonUnresolved, Detail: "the code names it in another way than the account: " + inCode.String()}
		out.Unsettled = append(out.Unsettled, Unsettled{name, SideCode, why, at, c.controls(name)})
	default:
		out.Different = append(out.Different, Difference{
			Property: name, Code: inCode, CodeDefault: codeDefault, Live: live, LiveDefault: liveDefault,
			Unit: described.Unit, At: at, Controls: c.verdicts(name),
		})
	}
}

// liveScan is what sources of code name where no code could tell a value.
const liveScan = "a scan of the live account"

// named reports whether the language of the code has a name for a property.
func (c *comparing) named(p *control.Property) bool { return named(p, c.match.Owner.Language) }

func named(p *control.Property, language string) bool {
	if language == CloudFormation {
		return p.CloudFormation != ""
	}
	return p.Terraform != ""
}

// effective is a value, or the documented default of the service where it is
// absent.
func effective(p *control.Property, value resource.Value) (resource.Value, bool) {
	if value.Kind() == resource.Absent && p.Default.Known() {
		return p.Default, true
	}
	return value, false
}

// placeOf is where code decides a property: the place of its own, or where it is
// left out, that of the resource.
func placeOf(r *resource.Resource, property string) resource.Origin {
	if at, ok := r.Where[property]; ok {
		return at
	}
	return r.Origin
}

func missing(v resource.Value) resource.Missing {
	if m := v.Missing(); m != nil {
		return *m
	}
	return resource.Missing{Reason: resource.ReasonOmitted}
}

func (c *comparing) verdicts(property string) []Verdict {
	var list []Verdict
	for _, id := range slices.SortedFunc(maps.Keys(c.reads[property]), control.CompareIDs) {
		list = append(list, *c.reads[property][id])
	}
	return list
}

func (c *comparing) controls(property string) []string {
	return slices.SortedFunc(maps.Keys(c.reads[property]), control.CompareIDs)
}
