package fix

import (
	"context"
	"fmt"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// view is what a set of conditions was read to be at one moment.
type view struct{ resources map[string]*resource.Resource }

// place identifies what a condition reads, with or without an ARN.
func place(ref *resource.Ref) string {
	return ref.Type + "|" + ref.Account + "|" + ref.Region + "|" + ref.ID
}

// look reads everything that the conditions are about, each resource once.
func (s *session) look(ctx context.Context, lists ...[]Condition) (*view, error) {
	var order []string
	refs := make(map[string]resource.Ref)
	properties := make(map[string][]string)
	for _, list := range lists {
		for i := range list {
			key := place(&list[i].Resource)
			if _, ok := refs[key]; !ok {
				order = append(order, key)
			}
			refs[key] = list[i].Resource
			properties[key] = merge(properties[key], []string{list[i].Property})
		}
	}
	v := &view{resources: make(map[string]*resource.Resource, len(order))}
	for _, key := range order {
		r, err := s.read(ctx, refs[key], properties[key])
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", refs[key].ID, err)
		}
		v.resources[key] = r
	}
	return v, nil
}

func (v *view) test(c *Condition) verdict { return c.test(v.resources[place(&c.Resource)]) }

// all reports whether every condition holds.
func (v *view) all(list []Condition) bool {
	for i := range list {
		if v.test(&list[i]) != holds {
			return false
		}
	}
	return true
}

// steady reports whether every condition holds that does not settle by itself.
func (v *view) steady(list []Condition) bool {
	for i := range list {
		if !list[i].Settles && v.test(&list[i]) != holds {
			return false
		}
	}
	return true
}

// lasting is steady for what proves an act: where nothing but states that
// settle is asked for, they are what counts.
func (v *view) lasting(list []Condition) bool {
	if !slices.ContainsFunc(list, func(c Condition) bool { return !c.Settles }) {
		return v.all(list)
	}
	return v.steady(list)
}

// moves lists the conditions that do not hold; with settling ones or without.
func (v *view) moves(list []Condition, settling bool) []Move {
	var moves []Move
	for i := range list {
		c := &list[i]
		if c.Settles && !settling {
			continue
		}
		if result := v.test(c); result != holds {
			moves = append(moves, v.move(c, result))
		}
	}
	return moves
}

// another is the move of a resource whose name another one has now.
func another(planned *resource.Ref, r *resource.Resource) Move {
	return Move{Resource: *planned, Expected: planned.ID + " exists",
		Found: fmt.Sprintf("another resource has the name %s: its id is %s, not %s", planned.ID, r.UID, planned.UID)}
}

func (v *view) move(c *Condition, result verdict) Move {
	r := v.resources[place(&c.Resource)]
	m := Move{Resource: c.Resource, Property: c.Property, Expected: c.String(), Planned: c.Value, Unread: result == untold}
	switch {
	case r == nil:
		m.Found = c.Resource.ID + " does not exist"
	case !sameUID(c.Resource.UID, r.UID):
		m.Found = another(&c.Resource, r).Found
	case c.Property == "":
		m.Found = c.Resource.ID + " exists"
	case result == untold:
		m.Found = c.Property + " could not be read" + because(r.Get(c.Property))
	default:
		m.Now = r.Get(c.Property)
		m.Found = fmt.Sprintf("%s is %s", c.Property, m.Now)
	}
	return m
}
