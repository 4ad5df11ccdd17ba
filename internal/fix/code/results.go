package code

import (
	"fmt"
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// results are what a scan found, each under a key that the next scan of the
// same code gives it again.
type results struct {
	order     []string
	by        map[string]*result
	resources map[string]*resource.Resource
}

type result struct {
	finding  *finding.Finding
	resource *resource.Resource
}

func resultKey(control, resource string) string { return control + "\x00" + resource }

func (s *results) add(f *finding.Finding, r *resource.Resource) {
	if s.by == nil {
		s.by, s.resources = make(map[string]*result), make(map[string]*resource.Resource)
	}
	key := resultKey(f.Control, r.Key())
	if s.by[key] == nil {
		s.order = append(s.order, key)
	}
	s.by[key] = &result{finding: f, resource: r}
	s.resources[r.Key()] = r
}

// passed reports whether a want's finding passes.
func (s *results) passed(w *Want) bool {
	one := s.by[resultKey(w.Control, w.Resource.Key())]
	return one != nil && one.finding.Status == finding.Passed
}

// A loss is something that is worse after a change than before.
type loss struct {
	detail string
	// origins are the places that decided it before.
	origins []resource.Origin
}

// losses lists what is worse than before, other than what the wants ask for.
// A value may rise beside the wanted ones, since resources share places; it
// never falls, and nothing else moves.
func (s *results) losses(before *results, wants []*Want) []loss {
	var all []loss
	for _, key := range before.order {
		if l := before.by[key].worse(s.by[key]); l != nil {
			all = append(all, *l)
		}
	}
	for _, key := range s.order {
		if one := s.by[key]; before.by[key] == nil {
			all = append(all, loss{detail: one.finding.Control + " would find another resource, " + one.resource.ID})
		}
	}
	asked := make(map[[2]string]bool, len(wants))
	names := make(map[string]bool)
	for _, w := range wants {
		asked[[2]string{w.Resource.Key(), w.Property}] = true
		names[w.Property] = true
	}
	for _, key := range slices.Sorted(maps.Keys(before.resources)) {
		r, now := before.resources[key], s.resources[key]
		if now == nil {
			continue // its findings are told of already
		}
		for _, property := range slices.Sorted(maps.Keys(r.Properties)) {
			old, value := r.Get(property), now.Get(property)
			if asked[[2]string{key, property}] || !fell(old, value, names[property]) {
				continue
			}
			all = append(all, loss{
				detail:  fmt.Sprintf("%s of %s would become %s, from %s", property, r.ID, value, old),
				origins: []resource.Origin{r.Where[property]},
			})
		}
	}
	return all
}

// worse tells whether a finding is worse than before; nil when it is not.
func (one *result) worse(now *result) *loss {
	was := one.finding.Status
	is := finding.NotAvailable
	if now != nil {
		is = now.finding.Status
	}
	if is == was || was != finding.Passed && is != finding.NotAvailable || now != nil && was == finding.NotAvailable {
		return nil
	}
	l := &loss{detail: fmt.Sprintf("%s of %s would be %s, and is %s", one.finding.Control, one.resource.ID, is, was)}
	if now == nil {
		l.detail = one.resource.ID + " would no longer be there"
	}
	for _, e := range one.finding.Evidence {
		l.origins = append(l.origins, e.Origin)
	}
	return l
}

// fell reports whether a value that nobody asked to change is lower than it
// was, or another one. Where its property is among the wanted ones, it shares
// their place and may be higher.
func fell(old, value resource.Value, shared bool) bool {
	if old.Equal(value) || !old.Known() {
		return false
	}
	if was, ok := old.Bool(); ok {
		is, ok := value.Bool()
		return !ok || was && !is
	}
	if was, ok := old.Int(); ok {
		is, ok := value.Int()
		return !ok || !shared || is < was
	}
	if old.Kind() == resource.List && value.Kind() == resource.List {
		return slices.ContainsFunc(old.List(), func(item resource.Value) bool { return !value.Contains(item) })
	}
	return !shared || !value.Known()
}
