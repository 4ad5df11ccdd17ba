package lab

import "time"

// Settle says how long a change of state takes. The zero value settles at the next look: the answer to the write shows
// the change under way, the next read shows it done.
type Settle struct {
	// Lag is the number of describes that still show nothing of an accepted modification: the old value, no pending
	// value, status available. AWS reads are not always up to date; a verifier that reads once is caught by this.
	Lag int
	// Describes is the number of describes that show the change under way (creating, modifying, rebooting …).
	Describes int
	// After is the time for which the change is under way, by the clock of the World.
	After time.Duration
}

// life is the pending transition of one resource.
type life struct {
	next func()
	left int
	due  time.Time
}

// wait arranges for next to happen after the given describes and duration. A transition that was waiting is replaced.
func (l *life) wait(describes int, due time.Time, next func()) {
	*l = life{next: next, left: describes, due: due}
}

// tick lets everything happen that is due. A tick that comes from a describe (seen) counts against the describes that
// the transition waits for.
func (l *life) tick(now time.Time, seen bool) {
	for l.next != nil {
		if l.left > 0 {
			if seen {
				l.left--
			}
			return
		}
		if now.Before(l.due) {
			return
		}
		next := l.next
		l.next = nil
		next()
	}
}

// later arranges for a change to be done after the lab's time to settle. It hands over the region, since the call is used
// for another request by then.
func (c *call) later(l *life, then func(*Region)) {
	r, s := c.region, c.lab.settle
	l.wait(s.Describes, c.now.Add(s.After), func() { then(r) })
}
