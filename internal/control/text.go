package control

import (
	"fmt"
	"regexp"
	"strings"
)

var placeholder = regexp.MustCompile(`\{[A-Za-z][A-Za-z0-9.]*\}`)

// resourcePrefix opens the placeholders that stand for a property.
const resourcePrefix = "resource."

// Expand puts values into the braces of a text. A placeholder is the name of a
// parameter, {minimumBackupRetentionPeriod}, or a property, {resource.Status}.
func Expand(text string, value func(name string) string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	return placeholder.ReplaceAllStringFunc(text, func(found string) string { return value(found[1 : len(found)-1]) })
}

// PropertiesIn lists the properties that a text shows, in its order.
func PropertiesIn(text string) []string {
	var names []string
	for _, found := range placeholder.FindAllString(text, -1) {
		if name, ok := strings.CutPrefix(found[1:len(found)-1], resourcePrefix); ok {
			names = append(names, name)
		}
	}
	return names
}

// Fill puts parameter values into the braces of one of the control's texts; a
// parameter that is not given has its default.
func (c *Control) Fill(text string, values map[string]int64) string {
	return Expand(text, func(name string) string {
		parameter := c.Parameters[name]
		if parameter == nil {
			return "{" + name + "}"
		}
		if value, ok := values[name]; ok {
			return fmt.Sprint(parameter.Native(value))
		}
		return fmt.Sprint(parameter.Native(parameter.Default))
	})
}

// checkTexts reports placeholders that stand for nothing.
func (c *Control) checkTexts(typ *Type, report func(field, format string, args ...any)) {
	check := func(field, text string, properties bool) {
		Expand(text, func(name string) string {
			property, isProperty := strings.CutPrefix(name, resourcePrefix)
			switch {
			case c.Parameters[name] != nil:
			case !isProperty:
				report(field, "{%s} is no parameter of %s", name, c.ID)
			case !properties:
				report(field, "{%s} stands in a text that is shown without a resource", name)
			case typ.Properties[property] == nil:
				report(field, "%s has no such property as in {%s}", typ.Name, name)
			}
			return ""
		})
	}
	check("checks", c.Checks, false)
	check("why", c.Why, false)
	for i, step := range c.How {
		check(fmt.Sprintf("how[%d]", i), step, false)
	}
	for _, name := range sortedKeys(c.Expect) {
		check("expect."+name, c.Expect[name], false)
	}
	for i, note := range c.Notes {
		check(fmt.Sprintf("notes[%d].say", i), note.Say, true)
		check(fmt.Sprintf("notes[%d].unknown", i), note.Unknown, true)
	}
	if c.Fix == nil {
		return
	}
	for _, text := range []struct{ field, text string }{
		{"summary", c.Fix.Summary}, {"accept", c.Fix.Accept},
		{"impact.downtime", c.Fix.Impact.Downtime}, {"impact.clients", c.Fix.Impact.Clients}, {"impact.cost", c.Fix.Impact.Cost},
		{"undo.loses", c.Fix.Undo.Loses}, {"undo.exposes", c.Fix.Undo.Exposes}, {"undo.impact", c.Fix.Undo.Impact},
	} {
		check("fix."+text.field, text.text, false)
	}
}
