package recover

import (
	"fmt"
	"strings"
	"time"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// tolerance is how much shorter than configured a window may be before anybody
// needs a reason: services cut it at their own pace.
const tolerance = 12 * time.Hour

// window reads the stretch to which a resource can be restored.
func (r *reading) window(k *kind, one *resource.Resource) Window {
	switch {
	case !k.continuous:
		return Window{Sight: Unusable, Why: "it has no continuous backups of its own"}
	case off(k, one):
		return Window{Sight: Unusable, Why: "continuous backups are turned off"}
	}
	earliest, latest := r.get(one, earliestProperty), r.get(one, latestProperty)
	if missing := earliest.Missing(); missing != nil && missing.Reason == resource.ReasonNotRead && k.earliest != "" {
		earliest = resource.OfUnknown(resource.Missing{Reason: resource.ReasonNotRead, Operation: k.earliest})
	}
	from, hasFrom := timeOf(earliest)
	to, hasTo := timeOf(latest)
	switch {
	case hasFrom && hasTo && !to.Before(from):
		return Window{Sight: Usable, Earliest: from, Latest: to}
	case hasFrom && hasTo:
		return Window{Sight: Unknown, Earliest: from, Latest: to, Why: "the service answered with an end before the beginning"}
	case latest.Kind() == resource.Absent:
		return Window{Sight: Unusable, Why: "the service names no time to which it can be restored"}
	case !hasTo:
		return Window{Sight: Unknown, Earliest: from, Why: "the latest restorable time is not known" + because(latest)}
	default:
		return Window{Sight: Unknown, Latest: to, Why: "how far back it can be restored is not known" + because(earliest)}
	}
}

func off(k *kind, one *resource.Resource) bool {
	if on, ok := one.Get(k.on).Bool(); ok && !on {
		return true
	}
	days, ok := one.Get(k.retention).Int()
	return ok && days == 0 && k.canBeOff
}

// retention holds what is configured against the window that there is; nil where
// nothing is configured.
func retention(k *kind, one *resource.Resource, w *Window, created resource.Value, asOf time.Time) *Retention {
	days, ok := one.Get(k.retention).Int()
	if !ok {
		return nil
	}
	out := &Retention{Configured: days}
	if pending, ok := one.Get("Pending" + k.retention).Int(); ok && pending != days {
		out.Pending = &pending
	}
	if w.Sight != Usable {
		return out
	}
	reach := max(asOf.Sub(w.Earliest), 0)
	effective := reach.Hours() / 24
	out.Effective = &effective
	if full := time.Duration(days) * day; reach+tolerance < full {
		out.Short = short(k, w.Earliest, created, reach, w.Earliest.Add(full))
	}
	return out
}

// short finds the reason for a window that is too short. A service that always
// keeps a day has had one before it was raised: a window of less has another
// reason. What is longer could have been raised, which one look cannot prove.
func short(k *kind, earliest time.Time, created resource.Value, reach time.Duration, full time.Time) *Short {
	made, known := timeOf(created)
	s := &Short{Reason: Raised, FullOn: full}
	switch {
	case known && earliest.Sub(made) < tolerance:
		s.Reason, s.Text = Created, fmt.Sprintf("it was made %s ago", Span(reach))
	case k.canBeOff:
		s.Text = fmt.Sprintf("it was made, turned on or raised at most %s ago, or its history was broken", Span(reach))
	case reach+tolerance < day && known:
		s.Reason = Unexplained
		s.Text = fmt.Sprintf("nothing explains it: even the least retention keeps a day, and it was made %s",
			made.Format("2006-01-02 15:04 UTC"))
	case reach+tolerance < day:
		s.Text = "it was made lately, or its history was broken"
	case known:
		s.Text = fmt.Sprintf("it was raised at most %s ago, or its history was broken", Span(max(reach-day, 0)+time.Hour))
	default:
		s.Text = fmt.Sprintf("it was made or raised at most %s ago, or its history was broken", Span(reach))
	}
	return s
}

// Span writes a length of time for a person: 6.0 days, 36.0 hours, 5 minutes.
func Span(d time.Duration) string {
	number, unit := "", ""
	switch {
	case d >= 2*day:
		number, unit = fmt.Sprintf("%.1f", d.Hours()/24), "days"
	case d >= time.Hour:
		number, unit = fmt.Sprintf("%.1f", d.Hours()), "hours"
	default:
		number, unit = fmt.Sprintf("%.0f", d.Minutes()), "minutes"
	}
	number = strings.TrimSuffix(number, ".0")
	if number == "1" {
		unit = strings.TrimSuffix(unit, "s")
	}
	return number + " " + unit
}
