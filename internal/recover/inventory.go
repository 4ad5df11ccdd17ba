package recover

import (
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Inventory is what could be restored.
type Inventory struct {
	Tool    string
	Version string
	// AsOf is when this was so: now, or when the snapshot was taken. In UTC, as
	// all times are.
	AsOf time.Time
	// Moment is when the damage happened at the earliest; zero where nobody
	// asked. A point is clean at or before it.
	Moment time.Time
	// Items are the resources that are there, Left those that are not, of which
	// something is still held. Left do not count for the outcome.
	Items []*Item
	Left  []*Item
	// LeftOut counts resources that are restored with others or not at all, by
	// the reason.
	LeftOut  map[string]int
	Gaps     []finding.Gap
	Coverage finding.Coverage
}

// Item is one resource and what it can be restored from.
type Item struct {
	Resource resource.Ref `json:"resource"`
	// Gone says, of those that are left, whether the resource was deleted.
	Gone      string     `json:"gone,omitempty"`
	Status    string     `json:"status,omitempty"`
	Window    Window     `json:"window"`
	Retention *Retention `json:"retention,omitempty"`
	// Points are in the order of time, the newest first.
	Points []*Point `json:"points"`
	// Unread tells what else it may be restored from, which was not read.
	Unread []string `json:"unread,omitempty"`
	// Notes are what a reader must know beside.
	Notes  []string `json:"notes,omitempty"`
	Answer *Answer  `json:"answer,omitempty"`

	kind    *kind
	created resource.Value
	spare   string // why it is left out where it has nothing of its own
}

// Sight is what is known of a window or a point.
type Sight string

// The sights: it is there, it is known not to be, or nobody could tell.
const (
	Usable   Sight = "usable"
	Unusable Sight = "unusable"
	Unknown  Sight = "unknown"
)

// Window is the stretch of time to any second of which a resource can be
// restored.
type Window struct {
	Sight    Sight     `json:"sight"`
	Earliest time.Time `json:"earliest,omitzero"`
	Latest   time.Time `json:"latest,omitzero"`
	// Why says why there is none, or why that is not known.
	Why string `json:"why,omitempty"`
}

// Retention holds what is configured against what counts.
type Retention struct {
	// Configured is in days, and Pending what was accepted and does not count yet.
	Configured int64  `json:"configuredDays"`
	Pending    *int64 `json:"pendingDays,omitempty"`
	// Effective is how far back the window reaches, in days; nil where there is
	// no window, or none that is known.
	Effective *float64 `json:"effectiveDays,omitempty"`
	// Short is set when the window is clearly shorter than configured.
	Short *Short `json:"short,omitempty"`
}

// Short says why a window is shorter than configured.
type Short struct {
	Reason Reason `json:"reason"`
	// Text says it in words.
	Text string `json:"text"`
	// FullOn is when the whole of what is configured is there.
	FullOn time.Time `json:"fullOn"`
}

// Reason is why a window is shorter than configured.
type Reason string

// The reasons. Raised stands for what one look cannot tell apart from it: only
// Created and Unexplained are proven.
const (
	Created     Reason = "created-lately"
	Raised      Reason = "raised-lately"
	Unexplained Reason = "unexplained"
)

// How is what a resource is restored from.
type How string

// The ways.
const (
	Continuous How = "continuous"
	Manual     How = "manual-snapshot"
	Automated  How = "automated-snapshot"
	AWSBackup  How = "aws-backup"
	Snapshot   How = "snapshot" // of a kind that was not told
)

// Point is a snapshot or a recovery point.
type Point struct {
	How How    `json:"how"`
	ID  string `json:"id"`
	ARN string `json:"arn,omitempty"`
	// At is the state of the data; of a copy whose original is not known it is
	// when the copy was made, and the data is older.
	At      time.Time `json:"at,omitzero"`
	Account string    `json:"account,omitempty"`
	Region  string    `json:"region,omitempty"`
	Vault   string    `json:"vault,omitempty"`
	// Copy is set where it was copied from another.
	Copy bool `json:"copy,omitempty"`
	// Late is set where At is later than the data.
	Late bool `json:"late,omitempty"`
	// Encrypted is absent where nobody told, and Key encrypts it: without the
	// key there is no restore.
	Encrypted *bool  `json:"encrypted,omitempty"`
	Key       string `json:"key,omitempty"`
	Sight     Sight  `json:"sight"`
	Why       string `json:"why,omitempty"`

	continuous bool // it is no state of one moment
}

// Verdict is whether there is a clean point.
type Verdict string

// The verdicts. NotTold is never the same as None.
const (
	Clean   Verdict = "clean"
	None    Verdict = "none"
	NotTold Verdict = "unknown"
)

// Answer is what can be saved of a resource that was damaged at the moment.
type Answer struct {
	Verdict Verdict `json:"verdict"`
	// How and At name the newest clean point; ID is empty for a continuous
	// backup.
	How     How       `json:"how,omitempty"`
	ID      string    `json:"id,omitempty"`
	At      time.Time `json:"at,omitzero"`
	Account string    `json:"account,omitempty"`
	Region  string    `json:"region,omitempty"`
	// Lost is what was written between the clean point and the moment, in
	// seconds; nil without a clean point.
	Lost *int64 `json:"lostSeconds,omitempty"`
	// AtMost is set where something nearer may lie in what was not read, AtLeast
	// where the data of the point is older than its time.
	AtMost  bool `json:"atMost,omitempty"`
	AtLeast bool `json:"atLeast,omitempty"`
	// Elsewhere is set where there is no clean point in what was read, and a copy
	// may lie in another place that was not all read.
	Elsewhere bool `json:"elsewhere,omitempty"`
	// Next is the first point after the moment, where there is no clean one.
	Next time.Time `json:"next,omitzero"`
	// Doubts say what could hold a clean point, or a nearer one, and was not
	// told.
	Doubts []string `json:"doubts,omitempty"`
}

// Summary counts an inventory.
type Summary struct {
	Resources int `json:"resources"`
	Clean     int `json:"clean"`
	None      int `json:"none"`
	Unknown   int `json:"unknown"`
	// Short counts windows that are shorter than configured.
	Short int `json:"short"`
	Left  int `json:"left"`
	Gaps  int `json:"gaps"`
}

// Summary counts. Without a moment nothing is clean or not; unknown are then the
// resources of which not everything could be told.
func (v *Inventory) Summary() Summary {
	s := Summary{Resources: len(v.Items), Left: len(v.Left), Gaps: len(v.Gaps)}
	for _, item := range v.Items {
		switch {
		case item.Answer == nil && item.open(), item.Answer != nil && item.Answer.Verdict == NotTold:
			s.Unknown++
		case item.Answer == nil:
		case item.Answer.Verdict == Clean:
			s.Clean++
		default:
			s.None++
		}
		if item.Retention != nil && item.Retention.Short != nil {
			s.Short++
		}
	}
	return s
}

// Incomplete reports whether something could not be told.
func (v *Inventory) Incomplete() bool {
	s := v.Summary()
	return s.Unknown+s.Gaps > 0 || v.Coverage.Read < v.Coverage.Total
}
