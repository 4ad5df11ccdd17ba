package scan

import (
	"context"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Source is where resources come from: accounts, code or a saved snapshot.
type Source interface {
	// List says what there is to read for the wanted properties, in the order
	// in which results are to come out. What could not even be listed is a
	// gap. An error means that there is nothing to scan at all.
	List(ctx context.Context, wants resource.Wants) (*Listing, error)
}

// Listing is the work of one scan.
type Listing struct {
	// PlaceName is what coverage counts, in the plural: account-regions, files.
	PlaceName string
	// Places is everything that coverage counts, read or not.
	Places []Place
	Units  []Unit
	// Gaps are what could not even be listed.
	Gaps []finding.Gap
	// NotOptedIn are regions left out because the account has not enabled them.
	NotOptedIn []string
}

// Place is what coverage counts.
type Place = finding.Place

// Unit is one piece of work, read on its own: one resource type in one region
// of one account, or one file.
type Unit struct {
	Place Place
	// Type is the resource type, or empty when the unit yields several. Types
	// are those, as far as they are known beforehand.
	Type  string
	Types []string
	// Read sends everything in the unit to the sink, in a fixed order. What it
	// cannot read it reports as a gap; an error ends the scan.
	Read func(ctx context.Context, sink Sink) error
}

// Sink takes what a unit reads. A page at a time keeps it cheap.
type Sink interface {
	Resources(page []*resource.Resource) error
	Gap(gap finding.Gap) error
}
