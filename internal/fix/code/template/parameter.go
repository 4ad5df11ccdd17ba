package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/cloudformation"
	"gopkg.in/yaml.v3"
)

// refuses says why a parameter would not take a value; "" when it would. CloudFormation checks
// every value as the text that it is given as: a number that is too large, or a
// word that is not on the list, stops the deployment.
func refuses(p cloudformation.Parameter, v resource.Value, written *node) string {
	texts := []string{v.String()}
	if v.Kind() == resource.List {
		texts = nil
		for _, item := range v.List() {
			texts = append(texts, item.String())
		}
	} else if written != nil {
		texts[0] = likeWord(texts[0], written.text)
	}
	for _, text := range texts {
		if why := refusal(p.Declared, text); why != "" {
			return fmt.Sprintf("parameter %s would refuse %s: %s", p.Name, text, why)
		}
	}
	return ""
}

func refusal(declared *yaml.Node, text string) string {
	rule := func(name string) string {
		if n := child(declared, name); n != nil {
			return n.Value
		}
		return ""
	}
	number, err := strconv.ParseFloat(text, 64)
	if typ := rule("Type"); err != nil && (typ == "Number" || typ == "List<Number>") {
		return "it takes numbers"
	}
	if allowed := child(declared, "AllowedValues"); allowed != nil && !among(allowed, text) {
		return fmt.Sprintf("AllowedValues (line %d) has %s", allowed.Line, strings.Join(words(allowed), ", "))
	}
	for _, bound := range []struct {
		name  string
		value float64
		most  bool
	}{
		{"MinValue", number, false}, {"MaxValue", number, true},
		{"MinLength", float64(len(text)), false}, {"MaxLength", float64(len(text)), true},
	} {
		limit, err := strconv.ParseFloat(rule(bound.name), 64)
		if err == nil && (bound.most && bound.value > limit || !bound.most && bound.value < limit) {
			return fmt.Sprintf("%s is %s (line %d)", bound.name, rule(bound.name), child(declared, bound.name).Line)
		}
	}
	pattern := rule("AllowedPattern")
	if pattern == "" {
		return ""
	}
	// The pattern is one of Java's; what Go cannot read may refuse anything.
	matches, err := regexp.Compile("^(?:" + pattern + ")$")
	if err != nil || !matches.MatchString(text) {
		return fmt.Sprintf("AllowedPattern is %s (line %d)", pattern, child(declared, "AllowedPattern").Line)
	}
	return ""
}

// child returns a field of a node, or nil.
func child(n *yaml.Node, name string) *yaml.Node {
	for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
		value := n.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		if n.Content[i].Value == name {
			return value
		}
	}
	return nil
}

func words(n *yaml.Node) []string {
	var all []string
	for _, item := range n.Content {
		if item.Kind == yaml.AliasNode {
			item = item.Alias
		}
		all = append(all, item.Value)
	}
	return all
}

func among(n *yaml.Node, text string) bool {
	for _, one := range words(n) {
		if one == text {
			return true
		}
	}
	return false
}
