package guard

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
)

// Left is a control that has no rule, over one resource type.
type Left struct {
	Control, Type, Why string
}

// Write writes a rule for each control, and returns those that have none. All
// of them must be among those that the engine was made with.
func Write(out io.Writer, catalogue *control.Catalogue, judge *engine.Engine, chosen []*control.Control, params control.Params) ([]Left, error) {
	var left []Left
	var rules []string
	for _, c := range chosen {
		var blocks []string
		for _, name := range c.Types() {
			text, err := block(catalogue.Types[name], judge, c, params[c.ID])
			if none := new(leftError); errors.As(err, &none) {
				left = append(left, Left{c.ID, name, none.why})
				continue
			}
			if err != nil {
				return nil, err
			}
			blocks = append(blocks, text)
		}
		if len(blocks) > 0 {
			rules = append(rules, rule(c, blocks))
		}
	}
	w := bufio.NewWriter(out)
	w.WriteString(heading)
	for _, l := range left {
		w.WriteString(comment("No rule for " + l.Control + " over " + l.Type + ": " + l.Why + "."))
	}
	for _, text := range rules {
		w.WriteString("\n" + text)
	}
	return left, w.Flush()
}

const heading = `# Rules for AWS CloudFormation Guard 3, written by Holdfast from its controls.
# A property that a template leaves out counts as the service takes it. A value
# that only the deployment tells (Ref, Fn::If) fails: Guard has no third verdict.
# Metadata.guard.SuppressedRules of a resource names rules that it is spared.
`

// comment writes one line of a comment.
func comment(text string) string { return "# " + oneLine(text) + "\n" }

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// RuleName is what the rule of a control is called.
func RuleName(controlID string) string {
	return strings.ToLower(strings.NewReplacer(".", "_", "-", "_").Replace(controlID))
}

func rule(c *control.Control, blocks []string) string {
	return comment(fmt.Sprintf("%s %s: %s", c.ID, c.Severity, c.Title)) +
		"rule " + RuleName(c.ID) + " {\n" + strings.Join(blocks, "") + "}\n"
}

// leftError says why there is no rule.
type leftError struct{ why string }

func (e *leftError) Error() string { return e.why }

func leave(format string, args ...any) error { return &leftError{fmt.Sprintf(format, args...)} }

// block writes what a rule asks of the resources of one type.
func block(typ *control.Type, judge *engine.Engine, c *control.Control, params map[string]int64) (string, error) {
	if typ.CloudFormation == "" {
		return "", leave("CloudFormation has no such resource")
	}
	formula, err := judge.Formula(c.ID, typ.Name)
	if refused := new(engine.FormError); errors.As(err, &refused) {
		return "", leave("Guard cannot say it, for %s", refused.Why)
	}
	if err != nil {
		return "", err
	}
	lines, err := (&writer{typ}).clauses(formula)
	if err != nil {
		return "", err
	}
	name, resources := RuleName(c.ID), variable(typ)
	var b strings.Builder
	b.WriteString("  let " + resources + " = Resources.*[\n    Type == \"" + typ.CloudFormation + "\"\n" +
		"    Metadata.guard.SuppressedRules not exists or Metadata.guard.SuppressedRules.* != \"" + name + "\"\n  ]\n")
	b.WriteString("  when %" + resources + " !empty {\n    %" + resources + " {\n")
	for _, line := range lines {
		b.WriteString("      " + line + "\n" + message(c, params))
	}
	b.WriteString("    }\n  }\n")
	return b.String(), nil
}

// variable names the resources of a type, so that a rule over several has
// several.
func variable(typ *control.Type) string {
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(typ.CloudFormation, "AWS::"), "::", "_"))
}

// message tells what failed and how it is mended.
func message(c *control.Control, params map[string]int64) string {
	lines := []string{c.ID + ": " + oneLine(c.Fill(c.Checks, params))}
	if c.Fix != nil {
		lines = append(lines, "How: "+oneLine(c.Fill(c.Fix.Summary, params))+".")
	}
	lines = append(lines, "More: holdfast explain "+c.ID)
	text := strings.ReplaceAll(strings.Join(lines, "\n         "), ">>", "> >")
	return "      <<\n         " + text + "\n      >>\n"
}
