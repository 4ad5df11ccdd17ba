package pair

import (
	"context"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

// Codebase is what a source of code holds.
type Codebase struct {
	Language  string
	Resources []*resource.Resource
	Gaps      []finding.Gap
	// PlaceName is what Places are called, in the plural.
	PlaceName string
	Places    []scan.Place
}

var _ scan.Visitor = (*Codebase)(nil)

// Read adds everything that a source of code holds, and returns it.
func (m *Matcher) Read(ctx context.Context, language string, source scan.Source, wants resource.Wants, concurrency int) (*Codebase, error) {
	held := &Codebase{Language: language}
	if err := scan.Collect(ctx, source, wants, concurrency, nil, held); err != nil {
		return nil, err
	}
	m.Given(language)
	for _, r := range held.Resources {
		m.Code(language, r)
	}
	return held, nil
}

// Begin implements scan.Visitor.
func (c *Codebase) Begin(listing *scan.Listing, _ resource.Wants) error {
	c.PlaceName, c.Places = listing.PlaceName, listing.Places
	return nil
}

// Resource implements scan.Visitor.
func (c *Codebase) Resource(r *resource.Resource) error {
	c.Resources = append(c.Resources, r)
	return nil
}

// Gap implements scan.Visitor.
func (c *Codebase) Gap(gap *finding.Gap) error {
	c.Gaps = append(c.Gaps, *gap)
	return nil
}
