package scan

import (
	"context"
	"errors"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"golang.org/x/sync/errgroup"
)

// Progress follows a scan. Its methods are called from many goroutines.
type Progress interface {
	Start(units int)
	UnitDone()
	Resources(n int)
}

// stream reads units side by side and hands out what they say in the order of
// the units.
type stream struct {
	units       []Unit
	concurrency int
	progress    Progress // nil for nobody
	// judge turns a page of resources into results; it runs beside others.
	judge func(page []*resource.Resource) ([]result, error)
	// handle takes one result at a time, in order.
	handle func(unit *Unit, r result) error
}

func (s *stream) run(ctx context.Context) error {
	if s.progress != nil {
		s.progress.Start(len(s.units))
	}
	shared := new(waiting)
	defer shared.spill.remove()
	queues := make([]*queue, len(s.units))
	for i := range queues {
		queues[i] = newQueue(shared)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	group := new(errgroup.Group)
	group.SetLimit(max(1, s.concurrency))
	started := make(chan struct{})
	go func() {
		defer close(started)
		// In their order: the unit whose turn it is has always been started.
		for i := range s.units {
			group.Go(func() error { s.read(ctx, &s.units[i], queues[i]); return nil })
		}
	}()
	err := s.collect(queues)
	cancel()
	for _, q := range queues {
		q.abandon()
	}
	<-started
	_ = group.Wait() // the readers report through their queues
	return err
}

func (s *stream) collect(queues []*queue) error {
	for i, q := range queues {
		if err := q.drain(func(r result) error { return s.handle(&s.units[i], r) }); err != nil {
			return err
		}
	}
	return nil
}

// read runs one unit into its queue. One that was not begun before the scan
// was interrupted is a gap.
func (s *stream) read(ctx context.Context, unit *Unit, q *queue) {
	sink := &unitSink{stream: s, queue: q}
	var err error
	if ctx.Err() != nil {
		types := unit.Types
		if len(types) == 0 {
			types = []string{unit.Type}
		}
		for _, typ := range types {
			err = errors.Join(err, sink.Gap(finding.Gap{
				Account: unit.Place.Account, Region: unit.Place.Region, File: unit.Place.File, Type: typ,
				Reason: finding.GapInterrupted, Detail: "the scan was stopped before this was read",
			}))
		}
	} else {
		err = unit.Read(ctx, sink)
	}
	if s.progress != nil {
		s.progress.UnitDone()
	}
	q.close(err)
}

// unitSink judges what one unit reads and queues the results.
type unitSink struct {
	stream *stream
	queue  *queue
}

// Resources implements Sink.
func (s *unitSink) Resources(page []*resource.Resource) error {
	results, err := s.stream.judge(page)
	if err != nil {
		return err
	}
	if s.stream.progress != nil {
		s.stream.progress.Resources(len(page))
	}
	s.queue.put(results)
	return nil
}

// Gap implements Sink.
func (s *unitSink) Gap(gap finding.Gap) error {
	s.queue.put([]result{{Gap: &gap}})
	return nil
}
