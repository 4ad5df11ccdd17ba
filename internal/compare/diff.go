package compare

import (
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Diff is what changed between two scans. Lists are sorted by severity, worst
// first, then by account, region, type, resource and control.
type Diff struct {
	Before Side `json:"before"`
	After  Side `json:"after"`
	// New are failures, not excepted, that did not fail before.
	New []Change `json:"new"`
	// Fixed failed before and pass now.
	Fixed []Change `json:"fixed"`
	// Changed have another status, other evidence or another exception.
	Changed []Change `json:"changed"`
	// Unread were judged before and could not be judged or read now.
	Unread []Change `json:"unread"`
	// Gone are findings of resources that are no longer there.
	Gone []Change `json:"gone"`
	// OutOfScope counts findings that the second scan did not look for.
	OutOfScope []Scope `json:"outOfScope"`
	// Notes are differences between the scans that explain others.
	Notes []string `json:"notes,omitempty"`
	// Unchanged counts findings that are the same in both scans, and Appeared
	// those that only the second scan has and that do not fail.
	Unchanged Tally `json:"unchanged"`
	Appeared  Tally `json:"appeared"`
}

// Same reports whether nothing differs that a reader would act on.
func (d *Diff) Same() bool {
	return len(d.New)+len(d.Fixed)+len(d.Changed)+len(d.Unread)+len(d.Gone)+len(d.OutOfScope) == 0
}

// Side names one of the two scans.
type Side struct {
	Tool     string           `json:"tool"`
	Version  string           `json:"version"`
	Started  time.Time        `json:"started"`
	Coverage finding.Coverage `json:"coverage"`
	Summary  finding.Tally    `json:"summary"`
}

// Change is one finding in two scans.
type Change struct {
	ID       string           `json:"id"`
	Control  string           `json:"control"`
	Title    string           `json:"title"`
	Severity finding.Severity `json:"severity"`
	Resource resource.Ref     `json:"resource"`
	Before   *State           `json:"before,omitempty"`
	After    *State           `json:"after,omitempty"`
	// Why says in words what the change comes from.
	Why string `json:"why,omitempty"`
}

// State is what one scan said.
type State struct {
	Status   finding.Status `json:"status"`
	Excepted bool           `json:"excepted,omitempty"`
	Evidence string         `json:"evidence,omitempty"`
}

// Scope is something that the second scan did not look at, with the number of
// findings that the first scan has there.
type Scope struct {
	Control  string `json:"control,omitempty"`
	Account  string `json:"account,omitempty"`
	Region   string `json:"region,omitempty"`
	Findings int    `json:"findings"`
}

// Tally counts findings by outcome.
type Tally struct {
	Failed       int `json:"failed"`
	Excepted     int `json:"excepted"`
	Warning      int `json:"warning"`
	NotAvailable int `json:"notAvailable"`
	Passed       int `json:"passed"`
}

func (t *Tally) add(status finding.Status, excepted bool) {
	switch {
	case status == finding.Failed && excepted:
		t.Excepted++
	case status == finding.Failed:
		t.Failed++
	case status == finding.Warning:
		t.Warning++
	case status == finding.Passed:
		t.Passed++
	default:
		t.NotAvailable++
	}
}

// Total counts all of them.
func (t *Tally) Total() int {
	return t.Failed + t.Excepted + t.Warning + t.NotAvailable + t.Passed
}
