package control

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/nearest"
)

// Selection chooses controls. Empty fields choose everything.
type Selection struct {
	// IDs are control ids or globs such as Neptune.*; letter case is ignored.
	IDs []string
	// Standards are names such as FSBP, ignoring letter case.
	Standards []string
	// Severities are exact severities.
	Severities []finding.Severity
}

// Find returns a control by id, ignoring letter case, or nil.
func (c *Catalogue) Find(id string) *Control {
	for _, control := range c.Controls {
		if strings.EqualFold(control.ID, id) {
			return control
		}
	}
	return nil
}

// Select returns the chosen controls in order. An id, glob or standard that
// chooses nothing is an *UnknownError, so that a typing error never becomes an
// empty, clean-looking scan.
func (c *Catalogue) Select(s Selection) ([]*Control, error) {
	for _, pattern := range s.IDs {
		if !slices.ContainsFunc(c.Controls, func(control *Control) bool { return matchID(pattern, control.ID) }) {
			return nil, &UnknownError{What: "control", Name: pattern, Nearest: nearest.Names(pattern, c.ids())}
		}
	}
	for _, name := range s.Standards {
		if !slices.ContainsFunc(c.Controls, func(control *Control) bool { return hasFold(control.Standards, name) }) {
			return nil, &UnknownError{What: "standard", Name: name, Nearest: nearest.Names(name, c.standards())}
		}
	}
	var chosen []*Control
	for _, control := range c.Controls {
		if s.matches(control) {
			chosen = append(chosen, control)
		}
	}
	return chosen, nil
}

func (s *Selection) matches(c *Control) bool {
	if len(s.IDs) > 0 && !slices.ContainsFunc(s.IDs, func(pattern string) bool { return matchID(pattern, c.ID) }) {
		return false
	}
	if len(s.Standards) > 0 && !slices.ContainsFunc(s.Standards, func(name string) bool { return hasFold(c.Standards, name) }) {
		return false
	}
	return len(s.Severities) == 0 || slices.Contains(s.Severities, c.Severity)
}

func hasFold(list []string, name string) bool {
	return slices.ContainsFunc(list, func(item string) bool { return strings.EqualFold(item, name) })
}

func matchID(pattern, id string) bool {
	matched, err := path.Match(strings.ToLower(pattern), strings.ToLower(id))
	return err == nil && matched
}

func (c *Catalogue) ids() []string {
	ids := make([]string, len(c.Controls))
	for i, control := range c.Controls {
		ids[i] = control.ID
	}
	return ids
}

func (c *Catalogue) standards() []string {
	var names []string
	for _, control := range c.Controls {
		names = append(names, control.Standards...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// UnknownError names something that is not in the catalogue, and what is near.
type UnknownError struct {
	What, Name string
	Nearest    []string
}

func (e *UnknownError) Error() string {
	if len(e.Nearest) == 0 {
		return fmt.Sprintf("no %s matches %q", e.What, e.Name)
	}
	return fmt.Sprintf("no %s matches %q; the nearest: %s", e.What, e.Name, strings.Join(e.Nearest, ", "))
}

// Hint names a command that lists what there is.
func (e *UnknownError) Hint() string { return "holdfast controls list" }

// CompareIDs orders control ids as a reader expects: Neptune.2 before
// Neptune.10.
func CompareIDs(a, b string) int {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		x, errX := strconv.Atoi(as[i])
		y, errY := strconv.Atoi(bs[i])
		order := cmp.Compare(as[i], bs[i])
		if errX == nil && errY == nil {
			order = cmp.Compare(x, y)
		}
		if order != 0 {
			return order
		}
	}
	return cmp.Compare(len(as), len(bs))
}
