package report

import (
	"strconv"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Count writes a number with commas between thousands.
func Count(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Plural counts things: "1 gap", "2 gaps", "1,240 resources", "3 policies".
// The noun may be given in either number.
func Plural(n int, noun string) string {
	one := strings.TrimSuffix(noun, "s")
	if n == 1 {
		return "1 " + one
	}
	if stem, ok := strings.CutSuffix(one, "y"); ok && strings.TrimRight(stem, "aeiou") == stem {
		return Count(n) + " " + stem + "ies"
	}
	return Count(n) + " " + one + "s"
}

// Sentence tells one piece of evidence in plain words: "BackupRetentionPeriod
// is 1 day, expected at least 7 days". Long values lose their middle. Where
// code takes a value from elsewhere, it names the line that decides:
// "(variables.tf:3)".
func Sentence(e *finding.Evidence) string {
	text := Clean(e.Property) + " " + state(e)
	if e.Origin.Defined != nil {
		text += " (" + Line(*e.Origin.Defined) + ")"
	}
	if e.Expected != "" {
		text += ", expected " + Clean(e.Expected)
	}
	return text
}

// Telling picks the evidence worth a reader's time: the properties of which
// the check expects something, or all of them where it names none.
func Telling(evidence []finding.Evidence, all bool) []finding.Evidence {
	var telling []finding.Evidence
	for i := range evidence {
		if all || evidence[i].Expected != "" {
			telling = append(telling, evidence[i])
		}
	}
	if telling == nil {
		return evidence
	}
	return telling
}

// Grounds tells, a sentence each, what a verdict rests on, in all of the
// evidence or the telling part of it. Where no verdict could be reached, it
// tells what was missing and what would settle it.
func Grounds(f *finding.Finding, all bool) []string {
	var sentences []string
	if f.Status != finding.NotAvailable || len(f.Missing) == 0 {
		telling := Telling(f.Evidence, all)
		for i := range telling {
			sentences = append(sentences, Sentence(&telling[i]))
		}
	}
	return append(sentences, Lacks(f.Missing)...)
}

// Lacks tells, a sentence each, what was missing and what would settle it.
func Lacks(missing []resource.Missing) []string {
	var sentences []string
	for i := range missing {
		sentences = append(sentences, Lack(&missing[i]))
		if remedy := Remedy(&missing[i]); remedy != "" {
			sentences = append(sentences, remedy)
		}
	}
	return sentences
}

// Verdict tells in a few words how a scan ended, for a heading.
func Verdict(t *finding.Tally) string {
	switch {
	case t.Failed > 0:
		return Plural(t.Failed, "failure")
	case t.Incomplete():
		return "nothing failed, but not everything could be judged"
	case t.Passed+t.Excepted == 0:
		return "nothing to judge"
	default:
		return "nothing failed"
	}
}

func state(e *finding.Evidence) string {
	value := Shown(e.Actual, e.Unit)
	switch {
	case e.Actual.Kind() == resource.Absent:
		return "is not set"
	case e.Actual.Kind() == resource.Unknown:
		if _, sensitive := e.Actual.Secret(); sensitive {
			return "is sensitive and not shown"
		}
		return "is unknown"
	case e.Default:
		return "is not set, which means " + value
	default:
		return "is " + value
	}
}

// Shown writes a value for a person, cleaned, with its unit.
func Shown(value resource.Value, unit string) string {
	if n, ok := value.Int(); ok && unit != "" {
		if n == 1 || n == -1 {
			unit = strings.TrimSuffix(unit, "s")
		}
		return strconv.FormatInt(n, 10) + " " + Clean(unit)
	}
	text := value.String()
	if text == "" || text == "[]" || text == "{}" {
		return "empty"
	}
	return Shorten(Clean(text), Limit)
}

// Lack tells why a value is unknown: "Attributes: rds:Describe… was denied".
func Lack(m *resource.Missing) string {
	what := "the read"
	if m.Operation != "" {
		what = Clean(m.Operation)
	}
	var text string
	switch m.Reason {
	case resource.ReasonDenied:
		text = what + " was denied"
	case resource.ReasonFailed:
		text = what + " failed"
	case resource.ReasonNotRead:
		text = "it was not read"
		if m.Operation != "" {
			text = what + " was not called"
		}
	case resource.ReasonOmitted:
		text = strings.Replace(what, "the read", "the service", 1) + " answered without it"
	case resource.ReasonUnresolved:
		text = "the code leaves it open"
	case resource.ReasonMalformed:
		text = "it has an unexpected form"
	default:
		text = Clean(m.Reason)
	}
	if m.Property != "" {
		text = Clean(m.Property) + ": " + text
	}
	if m.Detail != "" {
		text += " (" + Shorten(Clean(m.Detail), Limit) + ")"
	}
	return text
}

// Remedy tells what would settle an unknown value; "" if nobody knows.
func Remedy(m *resource.Missing) string {
	switch {
	case m.Permission != "":
		return "Grant " + Clean(m.Permission)
	case m.Settle != "":
		return "Settle it with " + Clean(m.Settle)
	default:
		return ""
	}
}

// Accepted tells who accepted a finding, until when, why and where that is
// written.
func Accepted(e *finding.Exception, now time.Time) string {
	text := "accepted"
	if e.Owner != "" {
		text += " by " + Clean(e.Owner)
	}
	if e.Until != "" {
		text += " until " + Clean(e.Until)
		if days, ok := daysLeft(e.Until, now); ok && days >= 0 && days <= 30 {
			text += " (" + Plural(days, "day") + " left)"
		}
	} else {
		text += " without expiry"
	}
	return text + ": " + Clean(e.Reason) + " [" + Clean(e.Source) + "]"
}

// daysLeft counts the whole days after today until the last day of an
// exception, in UTC.
func daysLeft(until string, now time.Time) (int, bool) {
	last, err := time.Parse(time.DateOnly, until)
	if err != nil || now.IsZero() {
		return 0, false
	}
	today := now.UTC().Truncate(24 * time.Hour)
	return int(last.Sub(today).Hours() / 24), true
}
