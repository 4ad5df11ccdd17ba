package fix

import (
	"fmt"
	"time"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// The properties that tell what can be restored today.
const (
	earliestRestorable = "EarliestRestorableTime"
	latestRestorable   = "LatestRestorableTime"
)

// Restorable tells the retention that is configured from the one that counts:
// a cluster raised from 1 to 7 days has the seven days only in six more.
type Restorable struct {
	// Configured is the retention in days.
	Configured int64 `json:"configuredDays"`
	// Earliest is zero where the service does not tell; then nothing but
	// Configured is known.
	Earliest time.Time `json:"earliest,omitzero"`
	Latest   time.Time `json:"latest,omitzero"`
	// Days is how far back the resource can be restored now.
	Days float64 `json:"days"`
	// FullOn is when the whole configured retention is there; zero when it is.
	FullOn time.Time `json:"fullOn,omitzero"`
}

// restorable reads the retention that counts, or nil where the change sets none.
func restorable(c *Change, r *resource.Resource, now time.Time) *Restorable {
	for _, set := range c.Sets {
		days, ok := set.After.Int()
		if !ok || set.Unit != "days" {
			continue
		}
		earliest, ok := timeOf(r.Get(earliestRestorable))
		if !ok {
			return &Restorable{Configured: days}
		}
		out := &Restorable{Configured: days, Earliest: earliest, Days: max(now.Sub(earliest).Hours()/24, 0)}
		out.Latest, _ = timeOf(r.Get(latestRestorable))
		if full := earliest.AddDate(0, 0, int(days)); full.After(now) {
			out.FullOn = full
		}
		return out
	}
	return nil
}

func timeOf(v resource.Value) (time.Time, bool) {
	text, _ := v.Text()
	at, err := time.Parse(time.RFC3339, text)
	return at.UTC(), err == nil
}

// String says it in one line.
func (r *Restorable) String() string {
	if r.Earliest.IsZero() {
		return fmt.Sprintf("configured %d days; the service does not tell how far back it can be restored today", r.Configured)
	}
	text := fmt.Sprintf("configured %d days; restorable today back to %s (%.1f days)", r.Configured, r.Earliest.Format("2006-01-02 15:04 UTC"), r.Days)
	if !r.FullOn.IsZero() {
		text += fmt.Sprintf("; the full %d days are there on %s", r.Configured, r.FullOn.Format(time.DateOnly))
	}
	return text
}
