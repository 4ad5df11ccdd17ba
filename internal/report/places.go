package report

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Place tells where a resource stands: "111122223333 eu-west-1", or
// "main.tf:3 aws_neptune_cluster.main".
func Place(ref *resource.Ref) string {
	switch {
	case ref.Origin.File == "":
	case ref.ID == ref.Origin.Address: // already said
		return Line(ref.Origin)
	default:
		return join(" ", Line(ref.Origin), Clean(ref.Origin.Address))
	}
	return join(" ", Clean(ref.Account), Clean(ref.Region))
}

// Line tells a place in a file: "main.tf:3".
func Line(o resource.Origin) string {
	if o.Line == 0 {
		return Clean(o.File)
	}
	return Clean(o.File) + ":" + strconv.Itoa(o.Line)
}

// Spot is the place in code that a finding points at: the property that the
// check expects something of, or where code leaves it out, the first line of
// the resource, so that a forge shows it also where only that line is new.
func Spot(f *finding.Finding) resource.Origin {
	for i := range f.Evidence {
		if f.Evidence[i].Expected != "" && f.Evidence[i].Origin.File != "" {
			return f.Evidence[i].Origin
		}
	}
	origin := f.Resource.Origin
	origin.EndLine = 0
	return origin
}

// LivePath makes a path of where something lives, for formats that take no
// finding without a file: "aws/111122223333/eu-west-1/graph-prod".
func LivePath(account, region, id string) string {
	parts := []string{"aws"}
	for _, part := range []string{account, region, id} {
		if part = strings.Trim(strings.ReplaceAll(Clean(part), "/", "-"), "."); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, "/")
}

// GapPlace tells where a gap is: account and region, file or resource.
func GapPlace(g *finding.Gap) string {
	place := join(" ", Clean(g.Account), Clean(g.Region), Clean(g.File))
	if place == "" && g.Resource == "" {
		return "everywhere"
	}
	return join(" ", place, Clean(g.Resource))
}

// Cause tells why something could not be read: "rds:DescribeDBClusters was
// denied by policy (AccessDenied: …)".
func Cause(g *finding.Gap) string {
	what := Clean(g.Operation)
	if what == "" {
		what = "reading"
	}
	text := what + " " + gapWords(g.Reason)
	if detail := join(": ", Clean(g.Code), Shorten(Clean(g.Detail), Limit)); detail != "" {
		text += " (" + detail + ")"
	}
	return text
}

func gapWords(reason string) string {
	switch reason {
	case finding.GapDenied:
		return "was denied"
	case finding.GapPolicy:
		return "was denied by an explicit policy, which a grant alone does not lift"
	case finding.GapExpired:
		return "found the credentials expired"
	case finding.GapThrottled:
		return "was throttled until the scan gave up"
	case finding.GapTimeout:
		return "timed out"
	case finding.GapRegion:
		return "found the region disabled for the account"
	case finding.GapUnreachable:
		return "got no answer"
	case finding.GapMalformed:
		return "got something that could not be understood"
	case finding.GapInterrupted:
		return "was interrupted"
	case finding.GapFailed:
		return "failed"
	default:
		return "failed: " + Clean(reason)
	}
}

// Thing names a resource type as people say it: "AWS::Neptune::DBCluster" is a
// "Neptune DB cluster".
func Thing(resourceType string) string {
	parts := strings.Split(Clean(resourceType), "::")
	if len(parts) != 3 {
		return Clean(resourceType)
	}
	return parts[1] + " " + words(parts[2])
}

// words takes a name in camel case apart: "DBClusterSnapshot" is "DB cluster
// snapshot".
func words(name string) string {
	var b strings.Builder
	for i := range len(name) {
		c := name[i]
		upper := c >= 'A' && c <= 'Z'
		nextLower := i+1 < len(name) && name[i+1] >= 'a' && name[i+1] <= 'z'
		afterLower := i > 0 && name[i-1] >= 'a' && name[i-1] <= 'z'
		if i > 0 && upper && (nextLower || afterLower) {
			b.WriteByte(' ')
		}
		if upper && nextLower {
			c += 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
}

// CoverageLine tells what was read: "312 of 318 account-regions read · 1,240
// resources · 45 calls".
func CoverageLine(c *finding.Coverage) string {
	unit := strings.TrimSuffix(Clean(c.Unit), "s")
	if unit == "" {
		unit = "place"
	}
	parts := []string{
		Count(c.Read) + " of " + Plural(c.Total, unit) + " read",
		Plural(c.Resources, "resource"),
	}
	if c.Calls > 0 {
		parts = append(parts, Plural(c.Calls, "call"))
	}
	if n := len(c.NotOptedIn); n > 0 {
		parts = append(parts, Plural(n, "region")+" not opted in")
	}
	return strings.Join(parts, " · ")
}

// SummaryLine tells the tally, worst first: "3 failed (1 critical, 2 medium) ·
// 1 not available · 20 passed · 2 gaps".
func SummaryLine(t *finding.Tally) string {
	failed := Count(t.Failed) + " failed"
	var by []string
	for i := len(finding.Severities()) - 1; i >= 0; i-- {
		severity := finding.Severities()[i]
		if n := t.FailedBySeverity[severity]; n > 0 {
			by = append(by, Count(n)+" "+strings.ToLower(string(severity)))
		}
	}
	if len(by) > 0 {
		failed += " (" + strings.Join(by, ", ") + ")"
	}
	parts := []string{failed}
	if t.NotAvailable > 0 {
		parts = append(parts, Count(t.NotAvailable)+" not available")
	}
	if t.Warning > 0 {
		parts = append(parts, Plural(t.Warning, "warning"))
	}
	if t.Excepted > 0 {
		excepted := Count(t.Excepted) + " excepted"
		if t.Hidden > 0 {
			excepted += ", " + Count(t.Hidden) + " of them in the baseline and not shown"
		}
		parts = append(parts, excepted)
	}
	parts = append(parts, Count(t.Passed)+" passed")
	if t.Gaps > 0 {
		parts = append(parts, Plural(t.Gaps, "gap"))
	}
	if t.Same > 0 {
		parts = append(parts, Count(t.Same)+" more on settings that are counted already")
	}
	return strings.Join(parts, " · ")
}

func join(separator string, parts ...string) string {
	kept := parts[:0]
	for _, part := range parts {
		if part != "" {
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, separator)
}

// HelpURL is the page on which AWS tells how to remediate a Security Hub
// control.
func HelpURL(control string) string {
	return "https://docs.aws.amazon.com/console/securityhub/" + url.PathEscape(control) + "/remediation"
}

// GapID derives a stable id for a gap: 16 hexadecimal digits of the SHA-256 of
// where it is and what did not answer. The reason and its details do not count.
func GapID(g *finding.Gap) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{
		g.Account, g.Region, g.Type, g.Resource, g.File, g.Operation,
	}, "\x00")))
	return hex.EncodeToString(sum[:8])
}
