package action

import (
	"context"
	"fmt"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Service reads and changes the resource types of one AWS service, made of its
// parts. It is a live.Service.
type Service struct {
	Set
	// Kinds are the resource types that One knows.
	Kinds []string
	// Calls are the operations that One and the checks of the set may call.
	Calls []string
	// One reads a single resource with the named properties; nil without an
	// error where there is none.
	One func(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error)
}

// Types lists the resource types that Read knows.
func (s Service) Types() []string { return s.Kinds }

// Reads lists every operation that Read and Check may call.
func (s Service) Reads() []string { return s.Calls }

// Read returns one resource with the named properties; fix.ErrGone where there
// is none.
func (s Service) Read(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	found, err := s.One(ctx, place, ref, properties)
	if err == nil && found == nil {
		return nil, fmt.Errorf("%s %s: %w", ref.Type, ref.ID, fix.ErrGone)
	}
	return found, err
}
