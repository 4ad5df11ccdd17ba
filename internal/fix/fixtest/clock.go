package fixtest

import (
	"context"
	"sync"
	"time"
)

// Clock is a fix.Clock on which waiting takes no time.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock makes a clock that stands at noon of 15 March 2026, UTC.
func NewClock() *Clock { return &Clock{now: time.Date(2026, 3, 15, 12, 0, 0, 0, time.UTC)} }

// Advance moves the clock on.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Now implements fix.Clock.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Sleep implements fix.Clock: it moves the clock on at once.
func (c *Clock) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.Advance(d)
	return nil
}
