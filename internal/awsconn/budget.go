package awsconn

import (
	"context"
	"sync"

	"golang.org/x/time/rate"
)

// budget holds one lane per account, region and service, since that is how
// AWS counts calls.
type budget struct {
	perSecond rate.Limit
	mu        sync.Mutex
	lanes     map[laneKey]*lane
}

type laneKey struct{ account, region, service string }

func newBudget(perSecond float64) *budget {
	limit := rate.Limit(perSecond)
	switch {
	case perSecond < 0:
		limit = rate.Inf
	case perSecond == 0:
		limit = DefaultRate
	}
	return &budget{perSecond: limit, lanes: make(map[laneKey]*lane)}
}

func (b *budget) lane(account, region, service string) *lane {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := laneKey{account, region, service}
	if b.lanes[key] == nil {
		burst := 1
		if b.perSecond != rate.Inf {
			burst = max(1, int(b.perSecond))
		}
		b.lanes[key] = &lane{ceiling: b.perSecond, limiter: rate.NewLimiter(b.perSecond, burst)}
	}
	return b.lanes[key]
}

// lane lets calls pass at a rate that halves when the service throttles and
// grows back by a tenth of the ceiling with every ten calls that pass.
type lane struct {
	ceiling rate.Limit
	limiter *rate.Limiter

	mu     sync.Mutex
	passed int
}

const (
	slowest       = rate.Limit(1)   // calls per second, however hard the service throttles
	afterThrottle = rate.Limit(200) // where an unlimited lane starts once it was throttled
)

func (l *lane) wait(ctx context.Context) error { return l.limiter.Wait(ctx) }

// learn adapts the rate to what the service answered.
func (l *lane) learn(throttled bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	current := l.limiter.Limit()
	if throttled {
		l.passed = 0
		l.limiter.SetLimit(max(min(slowest, l.ceiling), min(current, afterThrottle)/2))
		return
	}
	if current == l.ceiling {
		return
	}
	if l.passed++; l.passed < 10 {
		return
	}
	l.passed = 0
	next := current + min(l.ceiling, afterThrottle)/10
	if next >= min(l.ceiling, afterThrottle) {
		next = l.ceiling
	}
	l.limiter.SetLimit(next)
}
