package compare

import (
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// gaps answers whether a resource's findings fell into something unread. A
// part that a gap leaves empty covers everything.
type gaps map[corner][][]string // to the controls of each gap; none means all

type corner struct{ account, region, typ, arn, file string }

func newGaps() gaps { return make(gaps) }

func (g gaps) add(gap *finding.Gap) {
	at := corner{gap.Account, gap.Region, gap.Type, gap.Resource, gap.File}
	g[at] = append(g[at], gap.Controls)
}

// cover reports whether a gap hides a control's finding on a resource. It
// looks up each of the ways in which a gap may leave parts empty, so that the
// number of gaps does not matter.
func (g gaps) cover(control string, ref *resource.Ref) bool {
	if len(g) == 0 {
		return false
	}
	for mask := range 1 << 5 {
		at := corner{ref.Account, ref.Region, ref.Type, ref.ARN, ref.Origin.File}
		for bit, part := range []*string{&at.account, &at.region, &at.typ, &at.arn, &at.file} {
			if mask&(1<<bit) != 0 {
				*part = ""
			}
		}
		for _, controls := range g[at] {
			if len(controls) == 0 || slices.Contains(controls, control) {
				return true
			}
		}
	}
	return false
}
