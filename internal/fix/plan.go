package fix

import (
	"time"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// PlanFormat is the version of the plan file that this program writes.
const PlanFormat = 1

// Plan is what would be changed, and nothing else will be.
type Plan struct {
	Format  int    `json:"format"`
	Tool    string `json:"tool"`
	Version string `json:"version"`
	// Created is in UTC, to the second.
	Created time.Time `json:"created"`
	// Digest is the SHA-256, in hexadecimal, of the plan without it.
	Digest   string         `json:"digest"`
	Controls []string       `json:"controls"`
	Params   control.Params `json:"params,omitempty"`
	Changes  []Change       `json:"changes"`
	// Source is what changes in source code; nil when no code was given.
	Source *Source `json:"source,omitempty"`
	// Skipped names failed findings that the plan leaves alone, and why.
	Skipped []Skipped     `json:"skipped,omitempty"`
	Gaps    []finding.Gap `json:"gaps,omitempty"`
}

// Change makes one control pass on one resource.
type Change struct {
	// ID is unique in the plan and derived from control and resource.
	ID       string           `json:"id"`
	Control  string           `json:"control"`
	Severity finding.Severity `json:"severity"`
	Resource resource.Ref     `json:"resource"`
	Summary  string           `json:"summary"`
	// Sets lists the properties that change, before and after.
	Sets   []Setting      `json:"sets,omitempty"`
	Impact control.Impact `json:"impact"`
	Risk   string         `json:"risk"`
	// Accept, when set, is why the change is applied only after it was
	// accepted by name, with --accept and the control's id.
	Accept string `json:"accept,omitempty"`
	// Guided marks a change that ends in a manual cut-over.
	Guided bool `json:"guided,omitempty"`
	// Result is the resource that must pass at the end, where it is another
	// one than Resource: the encrypted cluster that takes the place of the old.
	Result *resource.Ref `json:"result,omitempty"`
	Undo   control.Undo  `json:"undo,omitzero"`
	// Owners are others that also set these properties: a CloudFormation
	// stack, a global cluster. A change at one place may be undone by another.
	Owners   []Owner  `json:"owners,omitempty"`
	Cost     *Cost    `json:"cost,omitempty"`
	Warnings []string `json:"warnings,omitempty"`
	Steps    []Step   `json:"steps"`
}

// Setting is one property before and after.
type Setting struct {
	Property string         `json:"property"`
	Before   resource.Value `json:"before"`
	After    resource.Value `json:"after"`
	Unit     string         `json:"unit,omitempty"`
}

// Owner is somebody else who sets the same properties.
type Owner struct {
	Kind   string `json:"kind"` // cloudformation, terraform, global-cluster, aws-backup
	Name   string `json:"name"`
	Advice string `json:"advice"`
	// Origin is the place in the owner's code to change, where that is known.
	Origin resource.Origin `json:"origin,omitzero"`
}

// Cost is what a change adds to the bill, in USD per month. Low and High are
// equal when the amount is known, and both zero when Basis says that it is not.
type Cost struct {
	Low   float64 `json:"low"`
	High  float64 `json:"high"`
	Known bool    `json:"known"`
	// Basis says where the number comes from, with the date of the price list.
	Basis string `json:"basis"`
}

// Skipped is a failed finding without a change.
type Skipped struct {
	Control  string       `json:"control"`
	Resource resource.Ref `json:"resource"`
	Reason   string       `json:"reason"` // one of the Skip constants
	Detail   string       `json:"detail"`
}

// The reasons for which a failed finding gets no change.
const (
	SkipExcepted = "excepted" // somebody accepted it
	SkipNoFix    = "no-fix"   // the control knows no fix
	SkipUnread   = "unread"   // a property that the fix needs could not be read
	SkipState    = "state"    // the resource takes no changes now
	SkipPending  = "pending"  // the change was already accepted and is settling
	SkipConflict = "conflict" // somebody queued the opposite
	SkipWeakens  = "weakens"  // the fix would lower a protection that is there
	SkipOwned    = "owned"    // another service or resource owns the setting
	SkipSame     = "same"     // it is the same setting as that of another control, and planned there
)

// Step is one call, or one act of a person.
type Step struct {
	// ID is unique in the change: 1, 2, …
	ID    string `json:"id"`
	Title string `json:"title"`
	// Call is nil for a manual step, and Manual then says what to do. With
	// neither, the step only has a way back: nothing is done going forward, and
	// its Undo is made at its place in a rollback.
	Call   *Call  `json:"call,omitempty"`
	Manual string `json:"manual,omitempty"`
	// Before must hold for the call to be made.
	Before []Condition `json:"before,omitempty"`
	// Done proves that the step took effect; it is waited for. A step whose
	// Done already holds is not made again. A manual step without Done is one
	// that nothing shows: a person confirms it.
	Done []Condition `json:"done,omitempty"`
	// Pending holds while the call was accepted but does not count yet, such as
	// a pending retention. A step that is pending when its time is over is
	// reported as that: neither a failure nor a pass.
	Pending []Condition `json:"pending,omitempty"`
	// Timeout bounds the wait for Done, in seconds; 0 means 15 minutes. It does
	// not bound a manual step.
	Timeout int `json:"timeoutSeconds,omitempty"`
	// Settle is how long to wait after Done before the next step, in seconds:
	// what the service asks for without showing when it is ready.
	Settle int    `json:"settleSeconds,omitempty"`
	Impact string `json:"impact,omitempty"`
	// Undo takes the step back. Where it is nil, UndoManual says what a person
	// must do, or Final why the step can never be taken back. With none of the
	// three there is nothing to take back.
	Undo       *Call  `json:"undo,omitempty"`
	UndoManual string `json:"undoManual,omitempty"`
	Final      string `json:"final,omitempty"`
	// UndoDone proves that the undo took effect. An Undo needs it; a manual one
	// without it is confirmed by a person.
	UndoDone []Condition `json:"undoDone,omitempty"`
}

// Call is one operation with its parameters, in the names of the AWS API.
type Call struct {
	Operation  string                    `json:"operation"` // service:Operation, as in IAM
	Account    string                    `json:"account"`
	Region     string                    `json:"region"`
	Parameters map[string]resource.Value `json:"parameters"`
	// Type is the resource type of the change that makes the call: several
	// services know an operation of that name. It stands in no file, since the
	// change says it.
	Type string `json:"-"`
}

// Condition is something that can be read to be true or false.
type Condition struct {
	Resource resource.Ref `json:"resource"`
	Property string       `json:"property,omitempty"`
	// Is is one of the Condition operators.
	Is string `json:"is"`
	// Value is what the property is compared with. IsEqual without a value
	// means that the property is absent.
	Value resource.Value `json:"value,omitzero"`
	// Settles marks a state that passes by itself, such as Status: where it
	// does not hold before a call, it is waited for within a bound instead of
	// being taken for a change that somebody made.
	Settles bool `json:"settles,omitempty"`
}

// The operators of a Condition. An unknown property satisfies none of them.
const (
	IsEqual    = "equal"    // the property has the value
	IsAtLeast  = "at-least" // the number is the value or more
	IsSuperset = "superset" // the list holds every item of the value
	IsDisjoint = "disjoint" // the list holds no item of the value
	IsThere    = "there"    // the resource exists, with the UID of the condition if it has one
	IsGone     = "gone"     // the resource does not exist
)
