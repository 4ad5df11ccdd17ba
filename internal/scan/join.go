package scan

import (
	"context"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Join makes one source of several, in their order.
func Join(sources ...Source) Source {
	if len(sources) == 1 {
		return sources[0]
	}
	return joined(sources)
}

type joined []Source

// List implements Source.
func (j joined) List(ctx context.Context, wants resource.Wants) (*Listing, error) {
	all := &Listing{}
	for _, source := range j {
		listing, err := source.List(ctx, wants)
		if err != nil {
			return nil, err
		}
		switch all.PlaceName {
		case "", listing.PlaceName:
			all.PlaceName = listing.PlaceName
		default:
			all.PlaceName = "places"
		}
		all.Places = append(all.Places, listing.Places...)
		all.Units = append(all.Units, listing.Units...)
		all.Gaps = append(all.Gaps, listing.Gaps...)
		all.NotOptedIn = append(all.NotOptedIn, listing.NotOptedIn...)
	}
	return all, nil
}
