package finding

import (
	"crypto/sha256"
	"encoding/hex"
	"time"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Finding is one control judged on one resource.
type Finding struct {
	// ID is the same in every scan for the same control and resource.
	ID       string       `json:"id"`
	Control  string       `json:"control"`
	Title    string       `json:"title"`
	Severity Severity     `json:"severity"`
	Status   Status       `json:"status"`
	Resource resource.Ref `json:"resource"`
	// Evidence is what the verdict rests on, one entry per property the check reads.
	Evidence []Evidence `json:"evidence"`
	// Missing says, for NOT_AVAILABLE, what could not be read.
	Missing []resource.Missing `json:"missing,omitempty"`
	// Notes are what a reader must know beside the verdict.
	Notes []string `json:"notes,omitempty"`
	// Same is the control under which the very same setting of the resource is
	// counted already, with the same outcome. Summaries count it once.
	Same string `json:"same,omitempty"`
	// Exception is set when somebody accepted this finding and the acceptance
	// has not expired.
	Exception *Exception `json:"exception,omitempty"`
}

// Evidence is one property that a check read.
type Evidence struct {
	Property string         `json:"property"`
	Actual   resource.Value `json:"actual"`
	// Default is true when the property was omitted and Actual is the
	// documented default of the service.
	Default  bool   `json:"default,omitempty"`
	Expected string `json:"expected,omitempty"`
	// Unit is the unit of Actual, for example days.
	Unit string `json:"unit,omitempty"`
	// Read is the operation that yields the property.
	Read   string          `json:"read,omitempty"`
	Origin resource.Origin `json:"origin,omitzero"`
}

// Exception is the acceptance that covers a finding.
type Exception struct {
	// Source is the file and line, or the tag, where the exception stands.
	Source string `json:"source"`
	// Scope is what it covers in words, for example "Neptune.5 on tag env=sandbox".
	Scope  string `json:"scope,omitempty"`
	Reason string `json:"reason"`
	Owner  string `json:"owner,omitempty"`
	// Until is the last day, in UTC, as YYYY-MM-DD; empty for no expiry.
	Until string `json:"until,omitempty"`
	// Baseline is true for an entry of a baseline: nobody looked at this one
	// finding, it was there when the baseline was saved.
	Baseline bool `json:"baseline,omitempty"`
}

// Fault is an exception that could not be understood and so covers nothing.
type Fault struct {
	// Source is the file and line, or the tag, where it stands.
	Source string `json:"source"`
	// Text is what stands there.
	Text string `json:"text"`
	// Cause says what is wrong with it.
	Cause string `json:"cause"`
}

// NewID derives the stable id of a finding: 16 hexadecimal digits of the
// SHA-256 of the control and the resource's key.
func NewID(control string, ref *resource.Ref) string {
	sum := sha256.Sum256([]byte(control + "\x00" + ref.Key()))
	return hex.EncodeToString(sum[:8])
}

// Counts reports whether the finding counts as a failure: failed and not
// excepted.
func (f *Finding) Counts() bool { return f.Status == Failed && f.Exception == nil }

// Gap is something that could not be read. It is never dressed as clean.
type Gap struct {
	Account string `json:"account,omitempty"`
	Region  string `json:"region,omitempty"`
	// Type is the resource type that could not be read in full, if only one.
	Type string `json:"type,omitempty"`
	// Resource is the ARN when only one resource is concerned; in code the
	// address, also of a module or a stack that is not there. The file itself
	// was read then.
	Resource string `json:"resource,omitempty"`
	// File is set for a gap in code.
	File string `json:"file,omitempty"`
	// Operation is the call that did not answer, for example rds:DescribeDBClusters.
	Operation string `json:"operation,omitempty"`
	// Reason is one of the Gap reasons.
	Reason string `json:"reason"`
	// Code is the service's error code, for example AccessDenied.
	Code string `json:"code,omitempty"`
	// Detail is the cause in words.
	Detail string `json:"detail,omitempty"`
	// Permission is the IAM action to grant, when that would help.
	Permission string `json:"permission,omitempty"`
	// Controls are the control ids that this gap left unjudged.
	Controls []string `json:"controls,omitempty"`
	// Try is a full command or act that would close the gap.
	Try string `json:"try,omitempty"`
}

// The reasons for a gap.
const (
	GapDenied      = "denied"
	GapPolicy      = "denied-by-policy" // a service control policy or another explicit deny
	GapExpired     = "expired"
	GapThrottled   = "throttled"
	GapTimeout     = "timeout"
	GapRegion      = "region-disabled"
	GapUnreachable = "unreachable"
	GapMalformed   = "malformed"
	GapFailed      = "failed"
	GapInterrupted = "interrupted"
)

// Header opens a stream of messages.
type Header struct {
	Tool     string    `json:"tool"`
	Version  string    `json:"version"`
	Started  time.Time `json:"started"`
	Controls []Control `json:"controls"`
}

// Control is what reports need to know of a control.
type Control struct {
	ID           string         `json:"id"`
	Title        string         `json:"title"`
	Severity     Severity       `json:"severity"`
	Category     string         `json:"category,omitempty"`
	ResourceType string         `json:"resourceType"`
	ConfigRule   string         `json:"configRule,omitempty"`
	Standards    []string       `json:"standards,omitempty"`
	Requirements []string       `json:"requirements,omitempty"`
	Parameters   map[string]any `json:"parameters,omitempty"`
	Checks       string         `json:"checks,omitempty"`
	Why          string         `json:"why,omitempty"`
	How          []string       `json:"how,omitempty"`
	ASFFType     string         `json:"asffType,omitempty"`
	// AlsoASFF holds, by resource type, the ASFF type where it is another than
	// that of the control's first.
	AlsoASFF map[string]string `json:"alsoAsff,omitempty"`
}

// Coverage counts what was read. Units are account-region pairs of a live
// scan, or files of a scan of code.
type Coverage struct {
	Unit     string   `json:"unit"`
	Total    int      `json:"total"`
	Read     int      `json:"read"`
	Regions  []string `json:"regions,omitempty"`
	Accounts []string `json:"accounts,omitempty"`
	// NotOptedIn lists regions that the accounts have not opted in to and that
	// nobody asked for by name.
	NotOptedIn []string `json:"notOptedIn,omitempty"`
	Resources  int      `json:"resources"`
	Calls      int      `json:"calls,omitempty"`
}

// Footer closes a stream of messages.
type Footer struct {
	Finished time.Time `json:"finished"`
	Coverage Coverage  `json:"coverage"`
	Tally    Tally     `json:"summary"`
	// Expired and Unused name exceptions that no longer count or cover nothing.
	Expired []Exception `json:"expiredExceptions,omitempty"`
	Unused  []Exception `json:"unusedExceptions,omitempty"`
	// Faulty are exceptions that could not be understood.
	Faulty []Fault `json:"faultyExceptions,omitempty"`
	// Obsolete are entries of a baseline whose finding is no longer there.
	Obsolete []Exception `json:"obsoleteBaseline,omitempty"`
}

// Tally counts findings by status. Excepted failures are counted only there.
type Tally struct {
	Passed       int `json:"passed"`
	Failed       int `json:"failed"`
	Warning      int `json:"warning"`
	NotAvailable int `json:"notAvailable"`
	Excepted     int `json:"excepted"`
	// Hidden counts those of the excepted that the reports leave out, because
	// they stand in a baseline and only new ones were asked for.
	Hidden int `json:"hidden,omitempty"`
	Gaps   int `json:"gaps"`
	// Same counts findings that are counted nowhere else here: each repeats
	// another about the very same setting.
	Same int `json:"same,omitempty"`
	// FailedBySeverity counts failures that are not excepted.
	FailedBySeverity map[Severity]int `json:"failedBySeverity,omitempty"`
}

// Add counts one finding.
func (t *Tally) Add(f *Finding) {
	switch {
	case f.Same != "":
		t.Same++
	case f.Status == Failed && f.Exception != nil:
		t.Excepted++
	case f.Status == Failed:
		t.Failed++
		if t.FailedBySeverity == nil {
			t.FailedBySeverity = make(map[Severity]int)
		}
		t.FailedBySeverity[f.Severity]++
	case f.Status == Passed:
		t.Passed++
	case f.Status == Warning:
		t.Warning++
	default:
		t.NotAvailable++
	}
}

// FailedAtLeast counts failures at or above a severity.
func (t *Tally) FailedAtLeast(floor Severity) int {
	n := 0
	for severity, count := range t.FailedBySeverity {
		if severity.Rank() >= floor.Rank() {
			n += count
		}
	}
	return n
}

// Incomplete reports whether something could not be read or judged.
func (t *Tally) Incomplete() bool { return t.Gaps+t.NotAvailable+t.Warning > 0 }

// Handler receives one scan as a stream: Begin once, then findings and gaps in
// a fixed order, then End once. An error stops the scan.
type Handler interface {
	Begin(*Header) error
	Finding(*Finding) error
	Gap(*Gap) error
	End(*Footer) error
}
