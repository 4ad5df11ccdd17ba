package drift

import (
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

// reach is how far a side was read.
type reach struct {
	name   string
	places map[scan.Place]bool // true where something there was not read
	gaps   []finding.Gap
	// resources counts what was read.
	resources int
}

func newReach(name string, places []scan.Place) *reach {
	r := &reach{name: name, places: make(map[scan.Place]bool, len(places))}
	for _, place := range places {
		r.places[place] = false
	}
	return r
}

// miss notes a gap and marks the places that it lies in.
func (r *reach) miss(gap finding.Gap) {
	r.gaps = append(r.gaps, gap)
	for place := range r.places {
		if within(&gap, place) && (gap.File == "" || gap.Resource == "") {
			r.places[place] = true
		}
	}
}

// within reports whether a gap may lie in a place. What a gap leaves empty may be
// anything.
func within(gap *finding.Gap, place scan.Place) bool {
	return (gap.Account == "" || gap.Account == place.Account) && (gap.Region == "" || gap.Region == place.Region) &&
		(gap.File == "" || gap.File == place.File)
}

// sight is what is known of a part of the account.
type sight int

const (
	seen    sight = iota // all of it was read
	unseen               // something there was not
	outside              // it was not looked at
)

// of tells how far resources of a type were read in a place, of which account and
// region may be empty where they are not known.
func (r *reach) of(typ, account, region string) sight {
	looked := false
	for place := range r.places {
		if (account == "" || place.Account == account) && (region == "" || place.Region == region) {
			looked = true
		}
	}
	if !looked {
		return outside
	}
	lies := func(gap finding.Gap) bool {
		return (gap.Type == "" || gap.Type == typ) && gap.Resource == "" &&
			(account == "" || gap.Account == "" || gap.Account == account) && (region == "" || gap.Region == "" || gap.Region == region)
	}
	if slices.ContainsFunc(r.gaps, lies) {
		return unseen
	}
	return seen
}

func (r *reach) coverage() finding.Coverage {
	c := finding.Coverage{Unit: r.name, Total: len(r.places), Resources: r.resources}
	accounts, regions := make(map[string]bool), make(map[string]bool)
	for place, missed := range r.places {
		accounts[place.Account], regions[place.Region] = true, true
		if !missed {
			c.Read++
		}
	}
	delete(accounts, "")
	delete(regions, "")
	c.Accounts, c.Regions = slices.Sorted(maps.Keys(accounts)), slices.Sorted(maps.Keys(regions))
	return c
}
