package render

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Source tells how the properties of a resource type are read with the names
// of the AWS API.
type Source struct {
	Type string
	// Read finds the resource; it yields every property that names no other.
	Read Read
	// Is is a JMESPath expression over the resource that must be true for it to
	// be of the type, where the call may answer with others.
	Is string
	// UID is the path of what survives a rename, if the type has such a thing.
	UID        string
	Properties map[string]Property
}

// Read is one call that reads.
type Read struct {
	// Operation is service:Operation, as in IAM.
	Operation string
	// Identifier is the parameter that names the resource; empty for a call that
	// is about the one thing of its kind in a Region.
	Identifier string
	// With are further parameters, always the same.
	With map[string]resource.Value
	// ByARN is true where the identifier is the ARN and not the name.
	ByARN bool
	// Root is the JMESPath of the resource in the answer, such as DBClusters[0].
	Root string
}

// Property tells where a property stands in an answer.
type Property struct {
	// Path is a JMESPath expression under the root of the read.
	Path string
	// Read is the call that yields the property, if it is not the type's own.
	Read *Read
	// Moment marks a time: clients write the same one in several ways, which
	// agree to the second when they write it in UTC.
	Moment bool
}

// Question is a call that reads and an expression over its answer that is true
// or false. A question may also be whether the resource is gone.
type Question struct {
	Operation  string
	Identifier string
	// ID is the value of the identifier.
	ID string
	// With are further parameters.
	With    map[string]resource.Value
	Account string
	Region  string
	// Query is JMESPath and gives true or false.
	Query string
	// Gone asks whether the resource does not exist; Query is empty then.
	Gone bool
	// Plain is set where the question is whether one value at a plain path is
	// equal to a text, and nothing else.
	Plain *Plain
}

// Parameters are those of the call, by the names of the API.
func (q *Question) Parameters() map[string]resource.Value {
	parameters := make(map[string]resource.Value, len(q.With)+1)
	maps.Copy(parameters, q.With)
	if q.Identifier != "" {
		parameters[q.Identifier] = resource.OfString(q.ID)
	}
	return parameters
}

// Plain is the comparison of one value.
type Plain struct {
	Root, Path string
	Value      resource.Value
}

// Sources are the sources of a program, by resource type.
type Sources map[string]Source

// Of collects sources by type.
func Of(lists ...[]Source) Sources {
	all := make(Sources)
	for _, list := range lists {
		for _, source := range list {
			all[source.Type] = source
		}
	}
	return all
}

// UnknownError says that a plan asks for what no source tells.
type UnknownError struct{ Type, Property string }

func (e *UnknownError) Error() string {
	if e.Property == "" {
		return fmt.Sprintf("how a %s is read outside Holdfast is not known, so the plan cannot be exported", e.Type)
	}
	return fmt.Sprintf("how %s of a %s is read outside Holdfast is not known, so the plan cannot be exported", e.Property, e.Type)
}

// Hint names the command that needs no export.
func (e *UnknownError) Hint() string { return "holdfast fix apply plan.json" }

// Questions asks conditions together: those that one call answers become one
// question, in the order of the conditions.
func (s Sources) Questions(conditions []fix.Condition) ([]Question, error) {
	var questions []Question
	var parts [][]string
	for i := range conditions {
		q, part, err := s.question(&conditions[i])
		if err != nil {
			return nil, err
		}
		same := slices.IndexFunc(questions, func(o Question) bool {
			return !q.Gone && !o.Gone && o.Operation == q.Operation && o.ID == q.ID && o.Region == q.Region && o.Account == q.Account
		})
		if same < 0 {
			questions, parts = append(questions, q), append(parts, part)
			continue
		}
		questions[same].Plain = nil
		for _, p := range part {
			if !slices.Contains(parts[same], p) {
				parts[same] = append(parts[same], p)
			}
		}
	}
	for i := range questions {
		if q := &questions[i]; !q.Gone {
			root := q.Query
			// Two negations, since && gives the value of an operand and not
			// true or false.
			q.Query = root + " | !(!(" + strings.Join(parts[i], " && ") + "))"
		}
	}
	return questions, nil
}

// question asks one condition; its query is the root of the answer yet.
func (s Sources) question(c *fix.Condition) (Question, []string, error) {
	source, ok := s[c.Resource.Type]
	if !ok {
		return Question{}, nil, &UnknownError{Type: c.Resource.Type}
	}
	read, path, moment := &source.Read, "", false
	if c.Property != "" {
		property, ok := source.Properties[c.Property]
		if !ok {
			return Question{}, nil, &UnknownError{Type: c.Resource.Type, Property: c.Property}
		}
		path, moment = property.Path, property.Moment
		if property.Read != nil {
			read = property.Read
		}
	}
	q := Question{Operation: read.Operation, Identifier: read.Identifier, ID: c.Resource.ID, With: read.With, Account: c.Resource.Account, Region: c.Resource.Region, Query: read.Root}
	if read.ByARN {
		q.ID = c.Resource.ARN
	}
	if c.Is == fix.IsGone {
		q.Gone, q.Query = true, ""
		return q, nil, nil
	}
	var parts []string
	if read == &source.Read {
		parts = source.identity(c.Resource.UID)
	}
	if c.Is == fix.IsThere {
		return q, parts, nil
	}
	if at, ok := c.Value.Text(); ok && moment && c.Is == fix.IsEqual {
		return q, append(parts, "starts_with(to_string("+path+"), "+literal(strings.TrimSuffix(at, "Z"))+")"), nil
	}
	expression, err := compare(path, c)
	if err != nil {
		return Question{}, nil, err
	}
	// A state that settles is asked after the identity was.
	sure := c.Resource.UID == "" || c.Settles
	if c.Is == fix.IsEqual && sure && plainPath.MatchString(path) && isScalar(c.Value) {
		q.Plain = &Plain{Root: read.Root, Path: path, Value: c.Value}
	}
	return q, append(parts, expression), nil
}

var plainPath = regexp.MustCompile(`^[A-Za-z0-9]+(\.[A-Za-z0-9]+)*$`)

// identity are the expressions that tell the resource from another of its name.
func (s *Source) identity(uid string) []string {
	parts := []string{"type(@) == 'object'"}
	if s.Is != "" {
		parts = append(parts, s.Is)
	}
	if uid != "" && s.UID != "" {
		parts = append(parts, s.UID+" == "+literal(uid))
	}
	return parts
}

// compare writes a condition on a property as JMESPath.
func compare(path string, c *fix.Condition) (string, error) {
	switch items, isList := c.Value.Strings(); {
	case c.Is == fix.IsEqual && c.Value.Kind() == resource.Absent:
		return "type(" + path + ") == 'null'", nil
	case c.Is == fix.IsEqual && isScalar(c.Value):
		return "to_string(" + path + ") == " + literal(c.Value.String()), nil
	case c.Is == fix.IsEqual && c.Value.Kind() == resource.Map:
		return compareFields(path, c)
	case c.Is == fix.IsAtLeast && isScalar(c.Value):
		return path + " >= to_number(" + literal(c.Value.String()) + ")", nil
	case c.Is == fix.IsEqual && isList:
		return strings.Join(append(holdsAll(path, items), holdsNothingBut(path, items)), " && "), nil
	case c.Is == fix.IsSuperset && isList && len(items) > 0:
		return strings.Join(holdsAll(path, items), " && "), nil
	case c.Is == fix.IsSuperset && isList:
		return "type(@) == 'object'", nil
	case c.Is == fix.IsDisjoint && isList:
		return "!(" + path + " | [?" + anyOf(items) + "])", nil
	default:
		return "", &CompareError{Condition: *c}
	}
}

// compareFields compares a structure by the fields that the condition names.
func compareFields(path string, c *fix.Condition) (string, error) {
	parts := []string{"type(" + path + ") == 'object'"}
	fields := c.Value.Fields()
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if !plainPath.MatchString(name) || !isScalar(fields[name]) {
			return "", &CompareError{Condition: *c}
		}
		parts = append(parts, "to_string("+path+"."+name+") == "+literal(fields[name].String()))
	}
	return strings.Join(parts, " && "), nil
}

// CompareError says that a condition cannot be asked outside Holdfast.
type CompareError struct{ Condition fix.Condition }

func (e *CompareError) Error() string {
	return fmt.Sprintf("whether %s cannot be asked outside Holdfast, so the plan cannot be exported", e.Condition.String())
}

// Hint names the command that needs no export.
func (e *CompareError) Hint() string { return "holdfast fix apply plan.json" }

func holdsAll(path string, items []string) []string {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = "(" + path + " | [?@ == " + literal(item) + "])"
	}
	return parts
}

func holdsNothingBut(path string, items []string) string {
	if len(items) == 0 {
		return "!(" + path + ")"
	}
	return "!(" + path + " | [?!(" + anyOf(items) + ")])"
}

func anyOf(items []string) string {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = "@ == " + literal(item)
	}
	return strings.Join(parts, " || ")
}

// literal is a text as a JMESPath raw string.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", `\'`) + "'" }

func isScalar(v resource.Value) bool {
	switch v.Kind() {
	case resource.Bool, resource.Int, resource.Float, resource.String:
		return true
	default:
		return false
	}
}
