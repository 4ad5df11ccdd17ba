package answer

import (
	"context"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"golang.org/x/sync/errgroup"
)

// Page is one answer of a list.
type Page[T any] struct {
	// Items is nil where the answer held no list at all; an empty list is there,
	// and empty.
	Items []T
	// Next leads to the page that follows; nil or empty for none.
	Next *string
}

const (
	errNoList    = awsconn.OddAnswerError("the answer holds no list, not even an empty one")
	errSameAgain = awsconn.OddAnswerError("the answer points back to its own page: what follows cannot be read")
)

// Pages turns the pages of a list until the last one or the first that cannot
// be read or cannot be: an answer without a list would pass for an account with
// nothing in it, and a marker that never moves would never end. fetch is given
// nil for the first page. An error of each ends it and is returned as it is.
func Pages[T any](fetch func(next *string) (Page[T], error), each func(items []T) error) (broken, err error) {
	var next *string
	for {
		page, err := fetch(next)
		if err == nil && page.Items == nil {
			err = errNoList
		}
		if err != nil {
			return err, nil
		}
		if err := each(page.Items); err != nil {
			return nil, err
		}
		if page.Next == nil || *page.Next == "" {
			return nil, nil
		}
		if next != nil && *next == *page.Next {
			return errSameAgain, nil
		}
		next = page.Next
	}
}

// Reading is what a reader needs while it reads one resource type in one place.
type Reading struct {
	Place awsconn.Place
	Type  string
	Sink  scan.Sink
	Wants resource.Wants
}

// Wanted reports whether somebody needs a property of the type.
func (r *Reading) Wanted(property string) bool { return r.Wants.Has(r.Type, property) }

// AnyWanted reports whether somebody needs one of the properties.
func (r *Reading) AnyWanted(properties ...string) bool {
	for _, property := range properties {
		if r.Wanted(property) {
			return true
		}
	}
	return false
}

// Ref begins the name of a resource of the type in the place.
func (r *Reading) Ref(id, arn string) resource.Ref {
	return resource.Ref{
		Type: r.Type, ID: id, ARN: arn,
		Account: r.Place.Account, Region: r.Place.Region, Partition: r.Place.Partition,
	}
}

// ARN makes the name of something in the place; rest is what follows the account.
func (r *Reading) ARN(service, rest string) string {
	return "arn:" + r.Place.Partition + ":" + service + ":" + r.Place.Region + ":" + r.Place.Account + ":" + rest
}

// Walk is Pages with a gap for what cannot be read. The error is one of the
// sink's or of each.
func Walk[T any](r *Reading, operation string, fetch func(next *string) (Page[T], error), each func(items []T) error) error {
	broken, err := Pages(fetch, each)
	if broken != nil && err == nil {
		return r.Sink.Gap(r.Place.Gap(r.Type, operation, broken))
	}
	return err
}

// Odd tells of an answer about something that cannot be told: it has no name.
func (r *Reading) Odd(operation, detail string) error {
	return r.Sink.Gap(finding.Gap{
		Account: r.Place.Account, Region: r.Place.Region, Type: r.Type, Operation: operation,
		Reason: finding.GapMalformed, Detail: detail,
	})
}

// Once remembers the identifiers of the last two pages, since a list moves on
// when something is created while it is read.
type Once struct{ last, current map[string]bool }

// Turn begins a page.
func (o *Once) Turn() { o.last, o.current = o.current, make(map[string]bool) }

// Again reports whether an identifier stood on this page or the one before.
func (o *Once) Again(id string) bool {
	seen := o.last[id] || o.current[id]
	o.current[id] = true
	return seen
}

// Each calls do for every resource of a page, a few side by side, in no order.
// do reports what it could not read with the gap it returns, and that the
// resource is gone with gone; what is left is returned in the order of the page.
// Gaps go to the sink in that order too.
func (r *Reading) Each(ctx context.Context, page []*resource.Resource, do func(context.Context, *resource.Resource) (gone bool, gaps []finding.Gap)) ([]*resource.Resource, error) {
	const sideBySide = 8
	gone, gaps := make([]bool, len(page)), make([][]finding.Gap, len(page))
	group := new(errgroup.Group)
	group.SetLimit(sideBySide)
	for i, one := range page {
		group.Go(func() error {
			gone[i], gaps[i] = do(ctx, one)
			return nil
		})
	}
	_ = group.Wait() // every fault is kept with its resource
	left := page[:0:0]
	for i, one := range page {
		if gone[i] {
			continue
		}
		for _, gap := range gaps[i] {
			if err := r.Sink.Gap(gap); err != nil {
				return nil, err
			}
		}
		left = append(left, one)
	}
	return left, nil
}

// Fault makes the gap of a call about one resource, and gives the properties
// that it would have told as unread.
func (r *Reading) Fault(one *resource.Resource, operation string, err error, properties ...string) finding.Gap {
	gap := r.Place.Gap(r.Type, operation, err)
	gap.Resource = one.ARN
	for _, property := range properties {
		if r.Wanted(property) {
			one.Properties[property] = Unread(gap)
		}
	}
	return gap
}
