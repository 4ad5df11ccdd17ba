package snapshot

import (
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

// Format is the version of the snapshot files that this program writes.
const Format = 1

// line is one line of a snapshot; exactly one field is set.
type line struct {
	Snapshot *header            `json:"snapshot,omitempty"`
	Resource *resource.Resource `json:"resource,omitempty"`
	Gap      *finding.Gap       `json:"gap,omitempty"`
	End      *end               `json:"end,omitempty"`
}

type header struct {
	Format  int       `json:"format"`
	Tool    string    `json:"tool"`
	Version string    `json:"version"`
	Taken   time.Time `json:"taken"`
	// Wants says which properties were read. All others are unknown, not absent.
	Wants      resource.Wants `json:"wants"`
	PlaceName  string         `json:"placeName"`
	Places     []scan.Place   `json:"places"`
	NotOptedIn []string       `json:"notOptedIn,omitempty"`
}

type end struct {
	Resources int `json:"resources"`
	Gaps      int `json:"gaps"`
}
