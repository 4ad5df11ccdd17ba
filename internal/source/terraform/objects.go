package terraform

import (
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Objects are the objects of one configuration, plan or state, looked up by
// what they refer to. It is for one goroutine, and nothing may be added once
// somebody has looked.
type Objects struct {
	// Incomplete is set when objects may be missing, because some code could
	// not be looked at, and says why.
	Incomplete *resource.Missing
	// Leaving are objects that are there now and will be gone after apply; nil
	// for none. Lookups do not find them.
	Leaving *Objects

	words  words
	tables map[string]*table
}

// Add puts an object in, which must not be changed afterwards.
func (s *Objects) Add(o *Object) {
	if s.tables == nil {
		s.tables = make(map[string]*table)
	}
	t := s.tables[o.Type]
	if t == nil {
		t = newTable(o.Type, &s.words)
		s.tables[o.Type] = t
	}
	t.add(o)
}

// Of returns the objects of a type in the order in which they were added.
func (s *Objects) Of(typ string) []*Object {
	t := s.tables[typ]
	if t == nil {
		return nil
	}
	all := make([]*Object, t.count())
	for row := range all {
		all[row] = t.object(row)
	}
	return all
}

// Linked returns the objects of a type whose attribute names the owner: by a
// reference to it, or else by the value of the owner's attribute that
// identifies it. Maybe are those of which nobody can tell; it is shared and
// must not be changed.
func (s *Objects) Linked(typ, attribute string, owner *Object, identifiedBy string) (sure, maybe []*Object) {
	t := s.tables[typ]
	if t == nil {
		return nil, nil
	}
	l := t.linksOf(attribute, owner.Type)
	sure, maybe = t.referring(l, attribute, owner.Address), l.openIn.of(t, l.open, owner.Region)
	switch id := owner.Get(identifiedBy); id.Kind() {
	case resource.String:
		name, _ := id.Text()
		sure = append(sure, t.having(&l.byValue, attribute, name, owner.Region)...)
	case resource.Unknown:
		maybe = join(maybe, l.namedIn.of(t, l.named, owner.Region))
	}
	if bare := withoutKey(owner.Address); bare != owner.Address {
		maybe = join(maybe, t.referring(l, attribute, bare))
	}
	return sure, maybe
}

// join avoids a copy where one side is empty.
func join(a, b []*Object) []*Object {
	switch {
	case len(a) == 0:
		return b
	case len(b) == 0:
		return a
	default:
		return slices.Concat(a, b)
	}
}

// Named returns the object of a type that an attribute of the owner names, or
// nil. Open tells that nobody can say which one it is, so that nil does not
// mean that there is none.
func (s *Objects) Named(owner *Object, attribute, typ, identifiedBy string) (found *Object, open bool) {
	value := owner.Get(attribute)
	name, known := value.Text()
	t := s.tables[typ]
	if t == nil {
		return nil, value.Kind() == resource.Unknown
	}
	n := t.namesOf(identifiedBy)
	for _, ref := range owner.Refs[attribute] {
		if candidates := t.at(n, ref); len(candidates) == 1 {
			return candidates[0], false
		}
	}
	if !known {
		return nil, value.Kind() == resource.Unknown
	}
	if candidates := t.having(&n.byValue, identifiedBy, name, owner.Region); len(candidates) > 0 {
		return candidates[0], false
	}
	return nil, n.openIn(owner.Region)
}

// nearby tells whether two objects may stand in the same region: the same name
// means something else in another one. No region may be any.
func nearby(a, b string) bool { return a == "" || b == "" || a == b }

// Only returns the one object of a type whose attribute names the owner, or
// nil. Open says why there may be one that nobody can see, so that nil does not
// mean that there is none.
func (s *Objects) Only(typ, attribute string, owner *Object, identifiedBy string) (found *Object, open *resource.Missing) {
	sure, maybe := s.Linked(typ, attribute, owner, identifiedBy)
	switch {
	case len(sure) > 0:
		return sure[0], sure[0].Uncertain
	case len(maybe) > 0:
		missing := resource.Missing{Reason: resource.ReasonUnresolved, Settle: attribute + " of " + maybe[0].Address}
		if why := maybe[0].Get(attribute).Missing(); why != nil {
			missing = *why
		}
		missing.Detail = strings.TrimSuffix(maybe[0].Address+" does not tell whether it belongs here: "+missing.Detail, ": ")
		return nil, &missing
	case owner.Existing:
		return nil, &resource.Missing{
			Reason: resource.ReasonNotRead, Settle: "the state that holds its " + typ,
			Detail: "this state holds no " + typ + " of it, which another may",
		}
	default:
		return nil, s.Incomplete
	}
}
