package lab

import (
	"encoding/base64"
	"slices"
	"strings"
)

// listing cuts a sequence of resources into pages. The marker names the last resource of the page before, so that
// resources that come and go between two pages move no others.
type listing struct {
	limit int
	from  string // key after which the page begins
	last  string // key of the last resource taken
	taken int
	more  bool
}

// newListing reads MaxRecords (20 to 100, 100 unless sent) and Marker.
func newListing(c *call) (*listing, *Error) {
	l := &listing{limit: 100}
	n, refused := c.params.integer("MaxRecords")
	if refused != nil {
		return nil, refused
	}
	if n != nil {
		if *n < 20 || *n > 100 {
			return nil, invalidValue("Invalid value %d for MaxRecords. Must be between 20 and 100", *n)
		}
		l.limit = *n
	}
	if c.strike.effect == HalfPage {
		l.limit = max(1, l.limit/2)
	}
	if m := c.params["Marker"]; m != "" {
		key, err := base64.RawURLEncoding.DecodeString(m)
		if err != nil || len(key) == 0 {
			return nil, invalidValue("The marker %q is not valid", m)
		}
		l.from = string(key)
	}
	return l, nil
}

// take tells whether the resource with this key goes on the page. The first false ends the page: there is more.
func (l *listing) take(key string) bool {
	if l.taken == l.limit {
		l.more = true
		return false
	}
	l.taken++
	l.last = key
	return true
}

// marker writes the marker of the next page, if there is one.
func (l *listing) marker(w *xmlWriter) {
	if l.more {
		w.text("Marker", base64.RawURLEncoding.EncodeToString([]byte(l.last)))
	}
}

// oddly writes a resource, malformed when a fault or the resource itself says so.
func (c *call) oddly(id string, own *Odd, write func()) {
	c.out.odd = own
	if c.strike.effect == OddResource && glob(strings.ToLower(c.strike.oddOnes), id) {
		c.out.odd = c.strike.odd
	}
	write()
	c.out.odd = nil
}

// oneOf tells whether a filter lets a value through; a filter that was not sent lets everything through.
func oneOf(filters map[string][]string, name, value string) bool {
	wanted, ok := filters[name]
	return !ok || slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(w, value) })
}

// named is oneOf for filters that take identifiers or ARNs.
func (c *call) named(filters map[string][]string, name, kind, id string) bool {
	wanted, ok := filters[name]
	return !ok || slices.ContainsFunc(wanted, func(w string) bool { return strings.EqualFold(c.local(w, kind), id) })
}
