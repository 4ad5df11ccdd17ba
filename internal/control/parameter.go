package control

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Parameter is what users may set on a control: a number, a switch, or one of
// some words.
type Parameter struct {
	// Type is int, bool or enum. A switch is off and a word is not set unless
	// somebody sets it.
	Type    string `yaml:"type"`
	About   string `yaml:"about"`
	Unit    string `yaml:"unit"`
	Default int64  `yaml:"default"`
	Min     *int64 `yaml:"min"`
	Max     *int64 `yaml:"max"`
	// Values are the words of an enum. In Params each is its place in the list,
	// counted from 1; 0 is not set.
	Values []string `yaml:"values"`
}

func (p *Parameter) check(report func(field, format string, args ...any)) {
	if p.Type == "bool" || p.Type == "enum" {
		p.checkWords(report)
		return
	}
	if p.Type != "int" {
		report("type", "%q is none of int, bool, enum", p.Type)
	}
	if p.Min == nil || p.Max == nil || *p.Min > *p.Max {
		report("min", "a parameter needs a range")
		return
	}
	if p.Default < *p.Min || p.Default > *p.Max {
		report("default", "%d is outside %s", p.Default, rangeText(p.Min, p.Max))
	}
}

// checkWords checks a parameter that is no number, and gives it its range.
func (p *Parameter) checkWords(report func(field, format string, args ...any)) {
	if p.Default != 0 || p.Min != nil || p.Max != nil {
		report("type", "only a number has a default and a range")
	}
	if (p.Type == "enum") != (len(p.Values) > 0) {
		report("values", "an enum, and nothing else, lists its words")
	}
	least, most := int64(0), int64(max(1, len(p.Values)))
	p.Default, p.Min, p.Max = 0, &least, &most
}

// parse reads a value that a user gave.
func (p *Parameter) parse(text string) (int64, error) {
	switch p.Type {
	case "bool":
		on, err := strconv.ParseBool(strings.ToLower(text))
		if err != nil {
			return 0, fmt.Errorf("%q is neither true nor false", text)
		}
		if on {
			return 1, nil
		}
		return 0, nil
	case "enum":
		at := slices.IndexFunc(p.Values, func(word string) bool { return strings.EqualFold(word, text) })
		if at < 0 {
			return 0, fmt.Errorf("%q is none of %s", text, strings.Join(p.Values, ", "))
		}
		return int64(at) + 1, nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is no whole number", text)
	}
	if value < *p.Min || value > *p.Max {
		return 0, fmt.Errorf("%d is outside %s %s", value, rangeText(p.Min, p.Max), p.Unit)
	}
	return value, nil
}

// Native is a value as it is meant: a number, true or false, or a word, which
// is empty where none is set.
func (p *Parameter) Native(value int64) any {
	switch {
	case p.Type == "bool":
		return value != 0
	case p.Type != "enum":
		return value
	case value > 0 && int(value) <= len(p.Values):
		return p.Values[value-1]
	default:
		return ""
	}
}

// Set reports whether a value demands anything: a switch that is off and a word
// that is not set do not.
func (p *Parameter) Set(value int64) bool { return p.Type == "int" || value != 0 }

// ParameterValue reads a value for one of the control's parameters.
func (c *Control) ParameterValue(name, text string) (any, error) {
	p := c.Parameters[name]
	if p == nil {
		return nil, fmt.Errorf("%s has no parameter %s", c.ID, name)
	}
	value, err := p.parse(text)
	return p.Native(value), err
}
