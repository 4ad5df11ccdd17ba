package control

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// Control is one Security Hub control, or a user's own: what it checks, why,
// and how a failure is fixed.
type Control struct {
	ID       string `yaml:"id"`
	Title    string `yaml:"title"`
	Resource string `yaml:"resource"` // resource type
	// Also lists further resource types that the control judges by the same
	// properties.
	Also []string `yaml:"also"`
	// Same names, by resource type, the control that judges the very same
	// setting of that type: counted together they are one.
	Same     map[string]string `yaml:"same"`
	Severity finding.Severity  `yaml:"severity"`
	Category string            `yaml:"category"`
	Config   ConfigRule        `yaml:"config"`

	Standards    []string              `yaml:"standards"`
	Requirements []string              `yaml:"requirements"`
	Parameters   map[string]*Parameter `yaml:"parameters"`

	// The texts may show parameters in braces: {minimumBackupRetentionPeriod}.
	Checks string   `yaml:"checks"` // one sentence
	Why    string   `yaml:"why"`    // a paragraph for a tired reader
	How    []string `yaml:"how"`    // steps for a person
	// Related maps other control ids to what they have to do with this one.
	// They need not be in the catalogue.
	Related map[string]string `yaml:"related"`
	// Elsewhere lists, by tool, the ids of checks that judge the same: what is
	// accepted under such an id is accepted here too.
	Elsewhere map[string][]string `yaml:"elsewhere"`

	// Applies is an expression; where it is false the control says nothing.
	Applies string `yaml:"applies"`
	// Check is the expression that must be true.
	Check string `yaml:"check"`
	// Expect says, per property, what the check wants to see. Parameters stand
	// in braces.
	Expect map[string]string `yaml:"expect"`
	Notes  []Note            `yaml:"notes"`
	Fix    *Fix              `yaml:"fix"`
	Cases  []Case            `yaml:"cases"`

	// File is where the control was read; Custom is true for a user's own,
	// whose expressions run under a cost limit.
	File   string `yaml:"-"`
	Custom bool   `yaml:"-"`

	source *file
}

// Place is where a field of the control stands, as file:line or, where the
// line is not known, as the file.
func (c *Control) Place(field string) string {
	if c.source != nil {
		own := *c.source // parsed here and now: several may ask at once
		if line := own.line(field); line > 0 {
			return fmt.Sprintf("%s:%d", c.File, line)
		}
	}
	return c.File
}

// ConfigRule is the AWS Config rule that Security Hub runs for a control.
type ConfigRule struct {
	Rule string `yaml:"rule"`
	// ResourceType is what AWS Config calls the resource, which for Neptune is
	// AWS::RDS::DBCluster.
	ResourceType string `yaml:"resourceType"`
	// Schedule is change or periodic.
	Schedule string `yaml:"schedule"`
}

// Note is a sentence shown with a finding when an expression is true. It may
// show properties in braces: {resource.Status}.
type Note struct {
	// Status limits the note to findings of one status; empty for all.
	Status finding.Status `yaml:"status"`
	When   string         `yaml:"when"`
	Say    string         `yaml:"say"`
	// Unknown is said instead when the expression cannot be told because
	// something was not read. Empty says nothing then.
	Unknown string `yaml:"unknown"`
}

// Fix says what would turn FAILED into PASSED.
type Fix struct {
	Summary string `yaml:"summary"`
	// Set maps a property to the expression of its desired value.
	Set map[string]string `yaml:"set"`
	// Procedure names a sequence that the service knows, for fixes that are
	// more than setting properties.
	Procedure string `yaml:"procedure"`
	Impact    Impact `yaml:"impact"`
	// Risk is low, medium or high.
	Risk string `yaml:"risk"`
	// Accept, when set, is why the fix is only applied to plans for which it
	// was accepted by name.
	Accept string `yaml:"accept"`
	// Guided marks a fix that no single call can make: the cut-over is manual.
	Guided bool `yaml:"guided"`
	Undo   Undo `yaml:"undo"`
}

// Impact says what a fix does to those who use the resource.
type Impact struct {
	Downtime string `yaml:"downtime" json:"downtime"`           // "none", or what stops and for how long
	Clients  string `yaml:"clients" json:"clients,omitempty"`   // what clients notice
	Cost     string `yaml:"cost" json:"cost,omitempty"`         // what changes on the bill, USD per month
	Replaces bool   `yaml:"replaces" json:"replaces,omitempty"` // the resource is replaced by another
}

// Undo says what rolling the fix back costs.
type Undo struct {
	// Loses is what an undo throws away; it needs --accept-loss.
	Loses string `yaml:"loses" json:"loses,omitempty"`
	// Exposes is what an undo opens again; it needs --accept with the control.
	Exposes string `yaml:"exposes" json:"exposes,omitempty"`
	// Impact is what those who use the resource notice while it is undone, where
	// that is more than nothing.
	Impact string `yaml:"impact" json:"impact,omitempty"`
}

// Case is one example in the control's own file, proven by a test.
type Case struct {
	Name string `yaml:"name"`
	// Type is the resource type, where it is not the control's first.
	Type  string               `yaml:"type"`
	Given map[string]yaml.Node `yaml:"given"`
	// Params overrides parameters for this case.
	Params map[string]string `yaml:"params"`
	// Want is a status, or "none" when the control does not apply.
	Want string `yaml:"want"`
	// Note is part of a note that must be shown, or "none" when there must be
	// no note at all.
	Note string `yaml:"note"`
	// Fixed is what the fix must make of the properties; only for cases whose
	// fix sets properties.
	Fixed map[string]yaml.Node `yaml:"fixed"`

	Properties map[string]resource.Value `yaml:"-"`
	FixedTo    map[string]resource.Value `yaml:"-"`
}

// NoFinding is the wanted outcome of a case that the control does not apply
// to, and NoNote the wanted note of a case without any.
const (
	NoFinding = "none"
	NoNote    = "none"
)

var (
	controlID  = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*(\.[A-Za-z0-9]+)+$`)
	simpleName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9]*$`)
)

// check reports what is wrong with the control as such; types maps names to
// known resource types.
func (c *Control) check(types map[string]*Type, report func(field, format string, args ...any)) {
	if !controlID.MatchString(c.ID) {
		report("id", "%q is no control id such as Neptune.5", c.ID)
	}
	for _, required := range []struct{ field, value string }{
		{"title", c.Title}, {"checks", c.Checks}, {"why", c.Why}, {"check", c.Check}, {"category", c.Category},
	} {
		if strings.TrimSpace(required.value) == "" {
			report(required.field, "is missing")
		}
	}
	if c.Severity.Rank() < 0 {
		report("severity", "%q is none of %v", c.Severity, finding.Severities())
	}
	typ := types[c.Resource]
	if typ == nil {
		report("resource", "no resource type %q is known", c.Resource)
		return
	}
	c.checkAlso(types, report)
	c.checkSame(report)
	for _, name := range sortedKeys(c.Expect) {
		if typ.Properties[name] == nil {
			report("expect."+name, "%s has no such property", c.Resource)
		}
	}
	for _, name := range c.ParameterNames() {
		if c.Parameters[name] == nil {
			report("parameters."+name, "is empty")
			delete(c.Parameters, name)
			continue
		}
		if !simpleName.MatchString(name) {
			report("parameters."+name, "%q is no name of letters and digits", name)
		}
		c.Parameters[name].check(func(field, format string, args ...any) {
			report("parameters."+name+"."+field, format, args...)
		})
	}
	for i, note := range c.Notes {
		field := fmt.Sprintf("notes[%d]", i)
		if note.Status != "" && !slices.Contains(finding.Statuses(), note.Status) {
			report(field+".status", "%q is none of %v", note.Status, finding.Statuses())
		}
		if note.When == "" || note.Say == "" {
			report(field, "needs when and say")
		}
	}
	for _, id := range sortedKeys(c.Related) {
		if !controlID.MatchString(id) || id == c.ID {
			report("related."+id, "%q is no id of another control", id)
		}
	}
	c.checkElsewhere(report)
	c.checkTexts(typ, report)
	c.checkFix(typ, report)
	c.checkCases(types, report)
}

// Types lists the resource types that the control judges, its first one first.
func (c *Control) Types() []string { return append([]string{c.Resource}, c.Also...) }

// checkAlso reports further resource types that cannot be judged as the first
// one is.
func (c *Control) checkAlso(types map[string]*Type, report func(field, format string, args ...any)) {
	for i, name := range c.Also {
		field := fmt.Sprintf("also[%d]", i)
		switch {
		case types[name] == nil:
			report(field, "no resource type %q is known", name)
		case name == c.Resource || slices.Contains(c.Also[:i], name):
			report(field, "%s is named already", name)
		default:
			c.checkShared(types[name], func(format string, args ...any) { report(field, format, args...) })
		}
	}
	c.Also = slices.DeleteFunc(c.Also, func(name string) bool { return types[name] == nil })
}

// checkSame reports what cannot be the same setting.
func (c *Control) checkSame(report func(field, format string, args ...any)) {
	for _, typ := range sortedKeys(c.Same) {
		switch other := c.Same[typ]; {
		case !slices.Contains(c.Types(), typ):
			report("same."+typ, "%s does not judge this resource type", c.ID)
		case !controlID.MatchString(other) || other == c.ID:
			report("same."+typ, "%q is no id of another control", other)
		}
	}
}

// checkShared reports properties that a further type does not have.
func (c *Control) checkShared(typ *Type, report func(format string, args ...any)) {
	names := sortedKeys(c.Expect)
	if c.Fix != nil {
		names = append(names, sortedKeys(c.Fix.Set)...)
	}
	for _, note := range c.Notes {
		names = append(names, PropertiesIn(note.Say+note.Unknown)...)
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if typ.Properties[name] == nil {
			report("%s has no property %s", typ.Name, name)
		}
	}
}

func (c *Control) checkFix(typ *Type, report func(field, format string, args ...any)) {
	if c.Fix == nil {
		return
	}
	if c.Fix.Summary == "" {
		report("fix.summary", "is missing")
	}
	if !slices.Contains([]string{"low", "medium", "high"}, c.Fix.Risk) {
		report("fix.risk", "%q is none of low, medium, high", c.Fix.Risk)
	}
	if c.Fix.Impact.Downtime == "" {
		report("fix.impact.downtime", "is missing")
	}
	if len(c.Fix.Set) == 0 && c.Fix.Procedure == "" {
		report("fix", "sets no property and names no procedure")
	}
	for _, name := range sortedKeys(c.Fix.Set) {
		property := typ.Properties[name]
		switch {
		case property == nil:
			report("fix.set."+name, "%s has no such property", c.Resource)
		case property.ReadOnly && c.Fix.Procedure == "":
			report("fix.set."+name, "the property is read-only")
		case property.CreateOnly && !c.Fix.Impact.Replaces:
			report("fix.set."+name, "the property can only be set at creation: the fix must say replaces: true")
		case property.Write == "" && c.Fix.Procedure == "":
			report("fix.set."+name, "no parameter writes the property, and the fix names no procedure")
		}
	}
}

func (c *Control) checkCases(types map[string]*Type, report func(field, format string, args ...any)) {
	if len(c.Cases) == 0 {
		report("cases", "a control needs cases: at least one PASSED and one FAILED")
	}
	seen := make(map[string]bool)
	for i := range c.Cases {
		item := &c.Cases[i]
		field := "cases[" + item.Name + "]"
		if item.Name == "" || seen[item.Name] {
			report(field, "needs a name of its own")
		}
		seen[item.Name] = true
		if item.Want != NoFinding && !slices.Contains(finding.Statuses(), finding.Status(item.Want)) {
			report(field+".want", "%q is none of %v or %s", item.Want, finding.Statuses(), NoFinding)
		}
		if item.Type == "" {
			item.Type = c.Resource
		}
		typ := types[item.Type]
		if typ == nil || !slices.Contains(c.Types(), item.Type) {
			report(field+".type", "%q is none of the resource types of %s", item.Type, c.ID)
			continue
		}
		item.Properties = decodeProperties(typ, item.Given, field+".given", report)
		item.FixedTo = decodeProperties(typ, item.Fixed, field+".fixed", report)
	}
}

func decodeProperties(typ *Type, nodes map[string]yaml.Node, field string, report func(field, format string, args ...any)) map[string]resource.Value {
	values := make(map[string]resource.Value, len(nodes))
	for _, name := range sortedKeys(nodes) {
		node := nodes[name]
		value, err := decodeValue(&node)
		switch property := typ.Properties[name]; {
		case err != nil:
			report(field+"."+name, "%v", err)
		case property == nil:
			report(field+"."+name, "%s has no such property", typ.Name)
		default:
			if err := property.Accepts(value); err != nil {
				report(field+"."+name, "%v", err)
			}
		}
		values[name] = value
	}
	return values
}

// ParameterNames lists the parameters in alphabetical order.
func (c *Control) ParameterNames() []string { return sortedKeys(c.Parameters) }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// Service is the part of the id before the first dot, for example Neptune.
func (c *Control) Service() string {
	service, _, _ := strings.Cut(c.ID, ".")
	return service
}
