package fix

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// verdict is what a condition comes to.
type verdict uint8

const (
	fails verdict = iota
	holds
	untold // the property could not be read
)

// test decides a condition on the resource as it was read; nil for one that is
// gone. An unknown property satisfies nothing.
func (c *Condition) test(r *resource.Resource) verdict {
	switch {
	case c.Is == IsGone:
		return verdictOf(r == nil)
	case r == nil || !sameUID(c.Resource.UID, r.UID):
		return fails
	case c.Is == IsThere:
		return holds
	}
	value := r.Get(c.Property)
	if value.Kind() == resource.Unknown {
		return untold
	}
	switch c.Is {
	case IsEqual:
		return verdictOf(equal(value, c.Value))
	case IsAtLeast:
		order, ok := compareNumbers(value, c.Value)
		return verdictOf(ok && order >= 0)
	case IsSuperset:
		return verdictOf(value.Kind() == resource.List && !slices.ContainsFunc(c.Value.List(), func(item resource.Value) bool { return !value.Contains(item) }))
	case IsDisjoint:
		return verdictOf(value.Kind() == resource.List && !slices.ContainsFunc(c.Value.List(), value.Contains))
	default:
		return fails
	}
}

// sameUID reports whether an identity is the planned one. A condition without
// UID does not ask; a resource read without one cannot be told to be the same.
func sameUID(planned, read string) bool { return planned == "" || planned == read }

func verdictOf(b bool) verdict {
	if b {
		return holds
	}
	return fails
}

// equal compares as AWS means it: 1 and 1.0 are the same number, and lists are
// sets, since the service gives them in any order.
func equal(a, b resource.Value) bool {
	if order, ok := compareNumbers(a, b); ok {
		return order == 0
	}
	if a.Kind() == resource.List && b.Kind() == resource.List {
		return len(a.List()) == len(b.List()) && !slices.ContainsFunc(a.List(), func(item resource.Value) bool { return !b.Contains(item) })
	}
	return a.Equal(b)
}

func compareNumbers(a, b resource.Value) (order int, ok bool) {
	x, isNumber := number(a)
	y, alsoNumber := number(b)
	return cmp.Compare(x, y), isNumber && alsoNumber
}

func number(v resource.Value) (float64, bool) {
	if n, ok := v.Int(); ok {
		return float64(n), true
	}
	return v.Float()
}

// String says the condition in words: "BackupRetentionPeriod of orders is 7".
func (c *Condition) String() string {
	switch c.Is {
	case IsThere:
		return c.Resource.ID + " exists"
	case IsGone:
		return c.Resource.ID + " does not exist"
	}
	words := map[string]string{IsEqual: "is", IsAtLeast: "is at least", IsSuperset: "holds", IsDisjoint: "holds none of"}
	return fmt.Sprintf("%s of %s %s %s", c.Property, c.Resource.ID, words[c.Is], c.Value)
}

// operators lists what Condition.Is may be.
func operators() []string {
	return []string{IsEqual, IsAtLeast, IsSuperset, IsDisjoint, IsThere, IsGone}
}
