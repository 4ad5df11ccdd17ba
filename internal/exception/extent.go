package exception

import (
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

// within reports whether a scan has looked at all that the rule may cover, as
// far as the rule tells: its controls were chosen, some place in its scope was
// read and none was left unread. A rule for a control that does not exist can
// never cover anything.
func (r *Rule) within(extent *finding.Extent) bool {
	if !r.exists(extent) {
		return true
	}
	return r.Judged(extent) && !slices.ContainsFunc(extent.Unread, r.reaches) && slices.ContainsFunc(extent.Read, r.reaches)
}

func (r *Rule) exists(extent *finding.Extent) bool {
	return slices.ContainsFunc(extent.Known, r.IsFor)
}

// Judged reports whether a scan judges by all controls that the rule is for.
func (r *Rule) Judged(extent *finding.Extent) bool {
	for _, id := range extent.Known {
		if r.IsFor(id) && !slices.Contains(extent.Judged, id) {
			return false
		}
	}
	return true
}

// reaches reports whether the rule may cover something in a place.
func (r *Rule) reaches(place finding.Place) bool {
	account, region := r.Account, r.Region
	if place.File == "" && (r.Path != "" || r.Address != "") {
		return false // a rule about code
	}
	// arn:partition:service:region:account:…
	if parts := strings.SplitN(r.ARN, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		if !scoped(parts[3], place.Region) && place.Region != "" || !scoped(parts[4], place.Account) {
			return false
		}
	}
	return scoped(account, place.Account) && (place.Region == "" || scoped(region, place.Region))
}
