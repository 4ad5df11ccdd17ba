package recover

import "time"

// answer tells what can be saved of damage that happened at a moment. A point
// exactly at the moment is clean.
func (i *Item) answer(moment time.Time) *Answer {
	a := &Answer{Doubts: append([]string(nil), i.Unread...)}
	i.continuous(a, moment)
	for _, point := range i.Points {
		i.weigh(a, point, moment)
	}
	switch {
	case a.How != "":
		lost := int64(moment.Sub(a.At) / time.Second)
		a.Verdict, a.Lost, a.Next = Clean, &lost, time.Time{}
		if lost == 0 && !a.AtLeast {
			a.Doubts = nil // nothing could be nearer
		}
		a.AtMost = len(a.Doubts) > 0
	case len(a.Doubts) > 0:
		a.Verdict = NotTold
	default:
		a.Verdict = None
	}
	return a
}

// continuous weighs the window.
func (i *Item) continuous(a *Answer, moment time.Time) {
	switch w := &i.Window; {
	case w.Sight == Unknown:
		a.Doubts = append(a.Doubts, w.Why)
	case w.Sight == Unusable:
	case w.Earliest.After(moment):
		a.Next = w.Earliest
	default:
		a.How, a.At = Continuous, moment
		a.Account, a.Region = i.Resource.Account, i.Resource.Region
		if w.Latest.Before(moment) {
			a.At = w.Latest
		}
	}
}

// weigh weighs one point. One whose data is of its time counts before a copy
// that may be of any older one.
func (i *Item) weigh(a *Answer, p *Point, moment time.Time) {
	before := !p.At.After(moment)
	switch {
	case p.Sight == Unusable, p.told(i):
	case p.Sight == Unknown:
		if before || p.Late {
			a.Doubts = append(a.Doubts, p.ID+": "+p.Why)
		}
	case before:
		if a.How == "" || a.AtLeast && !p.Late || a.AtLeast == p.Late && p.At.After(a.At) {
			a.How, a.ID, a.At, a.Account, a.Region, a.AtLeast = p.How, p.ID, p.At, p.Account, p.Region, p.Late
		}
	default:
		if p.Late {
			a.Doubts = append(a.Doubts, p.ID+": a copy made after the moment, of data that may be older")
		}
		if a.Next.IsZero() || p.At.Before(a.Next) {
			a.Next = p.At
		}
	}
}

// told reports whether the window of an item tells of a point already.
func (p *Point) told(i *Item) bool { return p.continuous && i.Window.Sight == Usable }

// open reports whether not everything could be told of what an item can be
// restored from.
func (i *Item) open() bool {
	if len(i.Unread) > 0 || i.Window.Sight == Unknown {
		return true
	}
	for _, p := range i.Points {
		if p.Sight == Unknown && !p.told(i) {
			return true
		}
	}
	return false
}
