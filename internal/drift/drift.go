package drift

import (
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/pair"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Drift is how an account stands to its code. Lists of live resources are in the
// order of accounts, regions and types, those of code in its own.
type Drift struct {
	Tool    string
	Version string
	// Started is in UTC.
	Started time.Time
	// Different are resources whose code says something else.
	Different []Different
	// Missing are resources in code that the account does not have.
	Missing []Missing
	// Lost are resources of an account whose owner no longer has code for them.
	Lost []Lost
	// Unsettled are properties that could not be compared.
	Unsettled []Unsettled
	// Undecided are resources, of either side, that could not be paired.
	Undecided []Undecided
	// Unclaimed counts resources of the account that belong to none of the states
	// and stacks given.
	Unclaimed int
	Gaps      []finding.Gap
	Code      finding.Coverage
	Account   finding.Coverage
	// Pairs counts the resources compared, and Same the properties alike.
	Pairs, Same int
}

// Pair names a live resource and its code.
type Pair struct {
	Live  resource.Ref `json:"live"`
	Code  resource.Ref `json:"code"`
	Owner pair.Owner   `json:"owner"`
}

// Different is a pair with the properties that differ.
type Different struct {
	Pair
	Properties []pair.Difference `json:"properties"`
}

// Unsettled is a pair with the properties that could not be compared.
type Unsettled struct {
	Pair
	Properties []pair.Unsettled `json:"properties"`
}

// Missing is a resource in code that the account does not have.
type Missing struct {
	Code resource.Ref `json:"code"`
	// Why says what is known of it.
	Why string `json:"why"`
}

// Lost is a live resource whose owner has no code for it.
type Lost struct {
	Live  resource.Ref `json:"live"`
	Owner pair.Owner   `json:"owner"`
	Why   string       `json:"why"`
}

// Undecided is a resource of one side of which nobody can tell whether the other
// has it. Exactly one of Live and Code is set.
type Undecided struct {
	Live *resource.Ref `json:"live,omitempty"`
	Code *resource.Ref `json:"code,omitempty"`
	Why  string        `json:"why"`
	// Candidates are those that could be meant.
	Candidates []Candidate `json:"candidates,omitempty"`
}

// Candidate is one of several that could be meant.
type Candidate struct {
	Name string          `json:"name"`
	At   resource.Origin `json:"at,omitzero"`
}

// Found reports whether there is any drift that matters to a control of at least
// a severity. What only one side has always matters.
func (d *Drift) Found(floor finding.Severity) bool {
	if len(d.Missing)+len(d.Lost) > 0 {
		return true
	}
	for i := range d.Different {
		for j := range d.Different[i].Properties {
			for _, v := range d.Different[i].Properties[j].Controls {
				if v.Severity.Rank() >= floor.Rank() {
					return true
				}
			}
		}
	}
	return false
}

// Incomplete reports whether something could not be read or compared.
func (d *Drift) Incomplete() bool {
	return len(d.Unsettled)+len(d.Undecided)+len(d.Gaps) > 0 || d.Account.Read < d.Account.Total || d.Code.Read < d.Code.Total
}
