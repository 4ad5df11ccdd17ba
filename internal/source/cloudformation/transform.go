package cloudformation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// transform is one entry of the Transform section.
type transform struct {
	name string
	line int
	from string // the Location of an AWS::Include
}

// transforms reads the Transform section: a name, a macro with parameters, or
// a list of both.
func transforms(n *yaml.Node) []transform {
	switch {
	case n == nil:
		return nil
	case n.Kind == yaml.SequenceNode:
		var all []transform
		for _, item := range n.Content {
			if item = target(item); item.Kind != yaml.SequenceNode {
				all = append(all, transforms(item)...)
			}
		}
		return all
	case n.Kind == yaml.ScalarNode:
		return []transform{{name: n.Value, line: n.Line}}
	}
	if long := field(n, "Fn::Transform"); long != nil {
		n = long
	}
	return []transform{{name: textOf(n, "Name"), line: n.Line, from: textOf(field(n, "Parameters"), "Location")}}
}

// The transforms that AWS itself runs and that leave resources of other types
// alone.
var tame = []string{
	"AWS::LanguageExtensions", "AWS::Serverless-", "AWS::SecretsManager-", "AWS::CodeDeployBlueGreen", "AWS::CodeStar",
	"AWS::Include", "AWS::ServiceCatalog",
}

// rewrites reports whether the transform may change any resource.
func (t transform) rewrites() bool {
	return !slices.ContainsFunc(tame, func(prefix string) bool { return strings.HasPrefix(t.name, prefix) })
}

// processed is how to get a template with all its transforms done.
const processed = "aws cloudformation get-template --template-stage Processed --stack-name NAME"

// macroMissing is why what a macro or a module may change is unknown.
func macroMissing(what string) *resource.Missing {
	return &resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: what + " may change it at deployment",
		Settle: "the processed template: " + processed,
	}
}

// missing is why what an include brings is unknown.
func (t transform) missing() *resource.Missing {
	what := "what " + t.name + " adds"
	if t.from != "" {
		what += " from " + t.from
	}
	return &resource.Missing{
		Reason: resource.ReasonUnresolved, Detail: what + " was not read", Settle: "the processed template: " + processed,
	}
}

// report tells what of a stack could not be read, at a node.
func (s *stack) report(n *yaml.Node, reason, format string, args ...any) {
	s.run.report(finding.Gap{
		File: s.file, Reason: reason, Detail: fmt.Sprintf("line %d: ", n.Line) + fmt.Sprintf(format, args...),
	})
}

// transform tells what the Transform section may add.
func (s *stack) transform() {
	for _, one := range s.transforms {
		at := &yaml.Node{Line: one.line}
		switch {
		case one.rewrites():
			s.run.report(finding.Gap{
				File: s.file, Reason: finding.GapFailed, Try: processed + ", and scan what it prints",
				Detail: fmt.Sprintf("line %d: the macro %s may add and change resources at deployment", one.line, one.name),
			})
			s.more = cmp.Or(s.more, macroMissing("the macro "+one.name))
		case one.name == "AWS::Include":
			s.report(at, finding.GapFailed, "more resources may be there: %s", one.missing().Detail)
			s.more = cmp.Or(s.more, one.missing())
		}
	}
}

// expanded maps the resource types that AWS's own transform makes to what it
// makes them from.
var expanded = map[string]string{"AWS::DynamoDB::Table": "AWS::Serverless::SimpleTable"}

// reportServerless tells of resources that only the transform would make, and
// that somebody wants.
func (s *stack) reportServerless(wanted map[string]*control.Type) {
	for _, made := range sortedKeys(expanded) {
		t := wanted[made]
		for _, one := range s.entries {
			if t != nil && one.typ() == expanded[made] && s.object(one) != nil {
				s.run.report(finding.Gap{
					File: s.file, Type: t.Name, Resource: s.path + one.id, Reason: finding.GapFailed, Try: processed + ", and scan what it prints",
					Detail: fmt.Sprintf("line %d: %s becomes %s only at deployment", one.key.Line, one.typ(), made),
				})
			}
		}
	}
}
