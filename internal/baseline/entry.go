package baseline

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Entry is one accepted finding.
type Entry struct {
	Control string `json:"control"`
	// Type is the resource type.
	Type string `json:"type"`
	// ARN names a resource of an account. Root, File and Address name one in
	// code, with paths from the folder of the baseline.
	ARN     string `json:"arn,omitempty"`
	Root    string `json:"root,omitempty"`
	File    string `json:"file,omitempty"`
	Address string `json:"address,omitempty"`
	// Digest is over what the control read of the resource.
	Digest string `json:"digest"`
	// Until is the last day, in UTC, on which the entry counts, as YYYY-MM-DD;
	// empty for no expiry.
	Until string `json:"until,omitempty"`

	line int // in the file
}

// digestLength is how many bytes of the SHA-256 are kept.
const digestLength = 16

// New makes the entry of a finding. Locate turns a path as findings have it into
// one from the folder of the baseline.
func New(f *finding.Finding, locate func(string) string) Entry {
	e := Entry{Control: f.Control, Type: f.Resource.Type, Digest: digest(f.Evidence)}
	if e.ARN = f.Resource.ARN; e.ARN == "" {
		at := &f.Resource.Origin
		e.File, e.Address = locate(at.File), at.Address
		if at.Root != "" {
			e.Root = locate(at.Root)
		}
	}
	return e
}

// key is what an entry and its finding have in common, the content aside.
func (e *Entry) key() string {
	return strings.Join([]string{e.Control, e.Type, e.ARN, e.Root, e.File, e.Address}, "\x00")
}

// name is what people call the resource.
func (e *Entry) name() string {
	if e.ARN != "" {
		return e.ARN
	}
	return e.Address + " in " + e.File
}

func compare(a, b Entry) int {
	return cmp.Or(
		strings.Compare(a.Root, b.Root), strings.Compare(a.File, b.File), strings.Compare(a.Address, b.Address),
		strings.Compare(a.ARN, b.ARN), strings.Compare(a.Control, b.Control), strings.Compare(a.Type, b.Type),
		strings.Compare(a.Digest, b.Digest), strings.Compare(a.Until, b.Until),
	)
}

// digest is over the values of the properties that a check read, in whatever
// order they come. Where they stand, and whether a value was stated or is the
// service's default, makes no difference.
func digest(evidence []finding.Evidence) string {
	lines := make([]string, len(evidence))
	for i := range evidence {
		lines[i] = strconv.Quote(evidence[i].Property) + "=" + canonical(evidence[i].Actual)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:digestLength])
}

// canonical writes a value in one form. Services answer lists in any order, so
// order does not count.
func canonical(v resource.Value) string {
	switch v.Kind() {
	case resource.List:
		items := make([]string, len(v.List()))
		for i, item := range v.List() {
			items[i] = canonical(item)
		}
		slices.Sort(items)
		return "[" + strings.Join(items, ",") + "]"
	case resource.Map:
		var out strings.Builder
		for _, key := range slices.Sorted(maps.Keys(v.Fields())) {
			fmt.Fprintf(&out, "%q:%s,", key, canonical(v.Fields()[key]))
		}
		return "{" + out.String() + "}"
	case resource.String:
		return strconv.Quote(v.String())
	default:
		return v.String()
	}
}
