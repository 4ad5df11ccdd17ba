package scan

import (
	"context"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Visitor receives everything a source holds, in order, without a verdict.
type Visitor interface {
	// Begin comes first, with what there is to read.
	Begin(listing *Listing, wants resource.Wants) error
	Resource(*resource.Resource) error
	Gap(*finding.Gap) error
}

// Collect reads a source for a visitor.
func Collect(ctx context.Context, source Source, wants resource.Wants, concurrency int, progress Progress, visitor Visitor) error {
	listing, err := source.List(ctx, wants)
	if err != nil {
		return err
	}
	if err := visitor.Begin(listing, wants); err != nil {
		return err
	}
	for i := range listing.Gaps {
		if err := visitor.Gap(&listing.Gaps[i]); err != nil {
			return err
		}
	}
	flow := &stream{
		units: listing.Units, concurrency: concurrency, progress: progress,
		judge: func(page []*resource.Resource) ([]result, error) {
			results := make([]result, len(page))
			for i, r := range page {
				results[i].Resource = r
			}
			return results, nil
		},
		handle: func(_ *Unit, one result) error {
			if one.Gap != nil {
				return visitor.Gap(one.Gap)
			}
			return visitor.Resource(one.Resource)
		},
	}
	return flow.run(ctx)
}
