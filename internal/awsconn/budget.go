package awsconn

import (
	"context"
	"strings"
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

// documented are the operations for which AWS states a limit of its own, in
// calls per second, account and region.
func documented(operation string) (rate.Limit, bool) {
	switch operation {
	case "dynamodb:DescribeContinuousBackups":
		return 10, true
	default:
		return 0, false
	}
}

// lane returns the lane in which an operation is called.
func (b *budget) lane(account, region, operation string) *lane {
	service, _, _ := strings.Cut(operation, ":")
	limit, ok := documented(operation)
	if !ok || b.perSecond == rate.Inf {
		return b.at(account, region, service, b.perSecond)
	}
	return b.at(account, region, operation, min(limit, b.perSecond))
}

func (b *budget) at(account, region, service string, limit rate.Limit) *lane {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := laneKey{account, region, service}
	if b.lanes[key] == nil {
		burst := 1
		if limit != rate.Inf {
			burst = max(1, int(limit))
		}
		b.lanes[key] = &lane{ceiling: limit, limiter: rate.NewLimiter(limit, burst)}
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
