package fix_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/fixtest"
)

// overlap watches which calls are made at the same time.
type overlap struct {
	*fixtest.Cloud
	mu        sync.Mutex
	running   map[string]int
	most      int
	sameThing bool
}

func (o *overlap) Call(ctx context.Context, call *fix.Call) error {
	id, _ := call.Parameters["Id"].Text()
	o.enter(id)
	defer o.leave(id)
	time.Sleep(5 * time.Millisecond) // long enough for others to come along
	return o.Cloud.Call(ctx, call)
}

func (o *overlap) enter(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.running == nil {
		o.running = make(map[string]int)
	}
	o.running[id]++
	o.sameThing = o.sameThing || o.running[id] > 1
	o.most = max(o.most, len(o.running))
}

func (o *overlap) leave(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.running[id]--; o.running[id] == 0 {
		delete(o.running, id)
	}
}

// errKilled is what everything answers once the process is dead.
var errKilled = errors.New("the process was killed")

// mortal is a journal and a service that die at the nth moment: before or
// after an event reaches the disk, before or after a call takes effect.
type mortal struct {
	fix.Journal
	fix.Applier
	mu   sync.Mutex
	at   int // 0 never dies
	seen int
	dead bool
}

// moment counts one moment and reports whether the process is dead by then.
func (m *mortal) moment() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.seen++
	if m.dead = m.dead || m.seen == m.at; m.dead {
		return errKilled
	}
	return nil
}

func (m *mortal) Append(ctx context.Context, run string, e *fix.Event) error {
	if err := m.moment(); err != nil {
		return err
	}
	return errors.Join(m.Journal.Append(ctx, run, e), m.moment())
}

func (m *mortal) Call(ctx context.Context, call *fix.Call) error {
	if err := m.moment(); err != nil {
		return err
	}
	return errors.Join(m.Applier.Call(ctx, call), m.moment())
}

// killed runs the work with a runner that dies at the nth moment, frees the
// lock as the operating system would, and returns how many moments there were
// and whether it died.
func killed(t *testing.T, b *fixtest.Bench, at int, work func(*fix.Runner) error) (moments int, died bool) {
	t.Helper()
	m := &mortal{Journal: b.Journal, Applier: b.Cloud, at: at}
	runner := b.NewRunner()
	runner.Journal, runner.Applier = m, m
	runner.Options.AcceptLoss = true
	if err := work(runner); (err != nil) != m.dead {
		t.Fatalf("at moment %d: dead %v, error %v", at, m.dead, err)
	}
	b.Journal.UnlockAll()
	return m.seen, m.dead
}
