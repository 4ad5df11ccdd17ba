package scan

import (
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

// coverage keeps which places were read in full.
type coverage struct{ unread map[Place]bool }

func newCoverage(listing *Listing) *coverage {
	c := &coverage{unread: make(map[Place]bool, len(listing.Places))}
	for _, place := range listing.Places {
		c.unread[place] = false
	}
	return c
}

// miss marks where a gap lies. A gap in an account without a region leaves the
// whole account unread, one in a file that is itself no place leaves all places
// unread, since any may stand in it, and one without any place is about none. One
// about a single resource in a file, such as a module that is not there, is a
// gap of its own: the file itself was read.
func (c *coverage) miss(gap *finding.Gap) {
	where := Place{Account: gap.Account, Region: gap.Region}
	switch {
	case gap.File != "" && gap.Resource != "":
		return
	case gap.Account == "" && gap.Region == "":
		if where.File = gap.File; where.File == "" || c.missFile(where) {
			return
		}
	case gap.Region == "" && c.missAccount(gap.Account):
		return
	}
	c.unread[where] = true
}

// missFile marks every listed place, unless the file is one or there is none,
// and reports whether it did.
func (c *coverage) missFile(file Place) bool {
	if _, listed := c.unread[file]; listed || len(c.unread) == 0 {
		return false
	}
	for place := range c.unread {
		c.unread[place] = true
	}
	return true
}

// missAccount marks every listed place of an account and reports whether there
// is one.
func (c *coverage) missAccount(account string) bool {
	found := false
	for place := range c.unread {
		if place.Account == account {
			c.unread[place], found = true, true
		}
	}
	return found
}

func (c *coverage) count(listing *Listing, resources int) finding.Coverage {
	out := finding.Coverage{
		Unit: listing.PlaceName, Total: len(c.unread), NotOptedIn: listing.NotOptedIn, Resources: resources,
	}
	accounts, regions := map[string]bool{}, map[string]bool{}
	for _, unread := range c.unread {
		if !unread {
			out.Read++
		}
	}
	for _, place := range listing.Places {
		accounts[place.Account], regions[place.Region] = true, true
	}
	out.Accounts, out.Regions = named(accounts), named(regions)
	return out
}

// split lists the places that were read in full and the others.
func (c *coverage) split() (read, unread []Place) {
	for place, missed := range c.unread {
		if missed {
			unread = append(unread, place)
		} else {
			read = append(read, place)
		}
	}
	return read, unread
}

func named(set map[string]bool) []string {
	delete(set, "")
	return slices.Sorted(maps.Keys(set))
}
