package scan

import (
	"slices"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

// countOnce settles which of two findings about the very same setting of one
// resource is counted: the more severe one, so that nothing is played down, and
// else the first. Where the two do not come to the same outcome, because one
// has a stricter parameter or an exception of its own, both are counted.
func countOnce(findings []*finding.Finding) {
	for _, f := range findings {
		if f.Same == "" {
			continue
		}
		at := slices.IndexFunc(findings, func(other *finding.Finding) bool { return other.Control == f.Same })
		f.Same = ""
		if at < 0 || findings[at].Status != f.Status || (findings[at].Exception == nil) != (f.Exception == nil) {
			continue
		}
		counted, repeats := findings[at], f
		if f.Severity.Rank() > counted.Severity.Rank() {
			counted, repeats = f, counted
		}
		repeats.Same = counted.Control
		if repeats.Status == finding.Failed {
			repeats.Notes = append(repeats.Notes, "It is the same setting as "+counted.Control+", and is counted there.")
		}
	}
}
