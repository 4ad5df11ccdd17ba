package exception

import (
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Register is a place where exceptions are kept. It is asked from many
// goroutines at once.
type Register interface {
	// Look sees every resource with the findings on it, also those that passed
	// or could not be judged.
	Look(r *resource.Resource, findings []*finding.Finding)
	// Match returns the exception that covers a failed finding, or nil.
	Match(f *finding.Finding, r *resource.Resource) *finding.Exception
	// Notes returns sentences that a reader of a failed finding must know
	// because no exception covers it: which one nearly does, and why not.
	Notes(f *finding.Finding, r *resource.Resource) []string
	// Review adds to the footer, after the scan, what is to be said of the
	// exceptions themselves, as far as the scan has looked.
	Review(footer *finding.Footer, extent *finding.Extent)
	// Wants adds the properties that matching reads, such as tags.
	Wants(resource.Wants) resource.Wants
}

// Registers are asked one after the other as one register.
type Registers []Register

var _ Register = Registers(nil)

// Look implements Register.
func (all Registers) Look(r *resource.Resource, findings []*finding.Finding) {
	for _, one := range all {
		one.Look(r, findings)
	}
}

// Match returns the exception of the first register that has one. The others
// are asked all the same, so that they know their exceptions to be of use.
func (all Registers) Match(f *finding.Finding, r *resource.Resource) *finding.Exception {
	var found *finding.Exception
	for _, one := range all {
		if e := one.Match(f, r); e != nil && found == nil {
			found = e
		}
	}
	return found
}

// Notes implements Register.
func (all Registers) Notes(f *finding.Finding, r *resource.Resource) []string {
	var notes []string
	for _, one := range all {
		notes = append(notes, one.Notes(f, r)...)
	}
	return notes
}

// Review implements Register.
func (all Registers) Review(footer *finding.Footer, extent *finding.Extent) {
	for _, one := range all {
		one.Review(footer, extent)
	}
}

// Wants implements Register.
func (all Registers) Wants(wants resource.Wants) resource.Wants {
	for _, one := range all {
		wants = one.Wants(wants)
	}
	return wants
}
