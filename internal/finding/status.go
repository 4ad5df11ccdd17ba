package finding

import (
	"fmt"
	"slices"
	"strings"
)

// Status is a compliance status, in Security Hub's words.
type Status string

// The statuses. A resource that a control does not apply to has no finding.
const (
	Passed       Status = "PASSED"
	Failed       Status = "FAILED"
	Warning      Status = "WARNING"       // checked, but the result is undecidable
	NotAvailable Status = "NOT_AVAILABLE" // could not be judged; Missing says why
)

// Statuses lists every status, worst first.
func Statuses() []Status { return []Status{Failed, NotAvailable, Warning, Passed} }

// Severity is how bad a failure is, in Security Hub's words.
type Severity string

// The severities.
const (
	Informational Severity = "INFORMATIONAL"
	Low           Severity = "LOW"
	Medium        Severity = "MEDIUM"
	High          Severity = "HIGH"
	Critical      Severity = "CRITICAL"
)

// Severities lists every severity, mildest first.
func Severities() []Severity { return []Severity{Informational, Low, Medium, High, Critical} }

// ParseSeverity reads a severity in any letter case.
func ParseSeverity(text string) (Severity, error) {
	severity := Severity(strings.ToUpper(text))
	if severity.Rank() < 0 {
		return "", fmt.Errorf("severity %q is none of %v", text, Severities())
	}
	return severity, nil
}

// Rank orders severities from 0 (informational) to 4 (critical); -1 for an
// unknown one.
func (s Severity) Rank() int { return slices.Index(Severities(), s) }
