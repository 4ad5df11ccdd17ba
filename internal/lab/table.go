package lab

import (
	"iter"
	"slices"
	"strings"
)

// table keeps resources by identifier, in the order of their identifiers. Identifiers are compared as AWS compares
// them: without case.
type table[T any] struct {
	byID map[string]*T
	ids  []string
}

func (t *table[T]) get(id string) (*T, bool) {
	v, ok := t.byID[strings.ToLower(id)]
	return v, ok
}

func (t *table[T]) put(id string, v *T) {
	id = strings.ToLower(id)
	if t.byID == nil {
		t.byID = map[string]*T{}
	}
	if _, known := t.byID[id]; !known {
		at, _ := slices.BinarySearch(t.ids, id)
		t.ids = slices.Insert(t.ids, at, id)
	}
	t.byID[id] = v
}

func (t *table[T]) remove(id string) {
	id = strings.ToLower(id)
	if _, known := t.byID[id]; !known {
		return
	}
	delete(t.byID, id)
	if at, ok := slices.BinarySearch(t.ids, id); ok {
		t.ids = slices.Delete(t.ids, at, at+1)
	}
}

// after yields the resources whose identifier comes after the given one. It walks a copy of the order, so that a
// resource may vanish while it is looked at.
func (t *table[T]) after(id string) iter.Seq2[string, *T] {
	from, found := slices.BinarySearch(t.ids, id)
	if found {
		from++
	}
	return func(yield func(string, *T) bool) {
		for _, id := range slices.Clone(t.ids[from:]) {
			if v, ok := t.byID[id]; ok && !yield(id, v) {
				return
			}
		}
	}
}

func (t *table[T]) all() iter.Seq2[string, *T] { return t.after("") }
