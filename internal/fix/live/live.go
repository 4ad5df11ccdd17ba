package live

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Service reads and changes the resource types of one AWS service.
type Service interface {
	// Types lists the resource types that Read knows.
	Types() []string
	// Operations lists the operations that Call knows, as rds:ModifyDBCluster.
	Operations() []string
	// Reads lists every operation that Read and Check may call.
	Reads() []string
	// Read is fix.Reader's Read in one place.
	Read(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error)
	// Check refuses a call that must never be made, such as one on a resource
	// of another engine. It may read; it changes nothing.
	Check(ctx context.Context, place awsconn.Place, operation string, parameters map[string]resource.Value) error
	// Call makes one call, once.
	Call(ctx context.Context, place awsconn.Place, operation string, parameters map[string]resource.Value) error
}

// Places opens the account and region of a call; awsconn.Session does.
type Places interface {
	Place(account, region string) (awsconn.Place, error)
}

// Applier makes calls on AWS through the services that declare them. Several
// services may know one operation, where they share a control plane: a call goes
// to the one whose resource types it is made for.
type Applier struct {
	places     Places
	types      map[string]Service
	operations map[string][]Service
}

var _ fix.Applier = (*Applier)(nil)

// New makes an Applier. Two services that read the same type are a fault of the
// program.
func New(places Places, services []Service) (*Applier, error) {
	a := &Applier{places: places, types: make(map[string]Service), operations: make(map[string][]Service)}
	for _, service := range services {
		for _, typ := range service.Types() {
			if a.types[typ] != nil {
				return nil, fmt.Errorf("two services read resource type %s", typ)
			}
			a.types[typ] = service
		}
		for _, operation := range service.Operations() {
			a.operations[operation] = append(a.operations[operation], service)
		}
	}
	return a, nil
}

// Allowed lists every operation that the services may call, reads and writes,
// for the list of a session that applies fixes.
func Allowed(services []Service) []string {
	all := make(map[string]bool)
	for _, service := range services {
		for _, operation := range slices.Concat(service.Reads(), service.Operations()) {
			all[operation] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// Read implements fix.Reader. A resource that turns out to lie in another
// account or region than its reference says is refused: the credentials are
// not those of the plan.
func (a *Applier) Read(ctx context.Context, ref resource.Ref, properties []string) (*resource.Resource, error) {
	service := a.types[ref.Type]
	if service == nil {
		return nil, fmt.Errorf("read %s: no service reads resource type %s", ref.ID, ref.Type)
	}
	place, err := a.places.Place(ref.Account, ref.Region)
	if err != nil {
		return nil, fmt.Errorf("read %s %s: %w", ref.Type, ref.ID, err)
	}
	found, err := service.Read(ctx, place, ref, properties)
	if err != nil {
		return nil, readError(err)
	}
	if found.Account != ref.Account || found.Region != ref.Region {
		return nil, &PlaceError{Wanted: ref, Account: found.Account, Region: found.Region}
	}
	return found, nil
}

// Call implements fix.Applier.
func (a *Applier) Call(ctx context.Context, call *fix.Call) error {
	service, err := a.maker(call)
	if err != nil {
		return &fix.CallError{Operation: call.Operation, Message: err.Error() + "; nothing was sent"}
	}
	place, err := a.places.Place(call.Account, call.Region)
	if err != nil {
		return &fix.CallError{Operation: call.Operation, Message: err.Error() + "; nothing was sent"}
	}
	if err := service.Check(ctx, place, call.Operation, call.Parameters); err != nil {
		return notSent(call.Operation, err)
	}
	place.Config = once(place.Config)
	if err := service.Call(ctx, place, call.Operation, call.Parameters); err != nil {
		return callError(call.Operation, err)
	}
	return nil
}

// maker finds the service that makes a call. A call that does not say for which
// resource type it is made must be one that a single service makes.
func (a *Applier) maker(call *fix.Call) (Service, error) {
	var found []Service
	for _, service := range a.operations[call.Operation] {
		if call.Type == "" || slices.Contains(service.Types(), call.Type) {
			found = append(found, service)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, errors.New("several services make this call, and it does not say for which resource type")
	case call.Type == "":
		return nil, errors.New("no service makes this call")
	default:
		return nil, fmt.Errorf("no service makes this call for %s", call.Type)
	}
}

// once makes a configuration whose calls are repeated only where the service
// refused them for coming too fast: anything else may have taken effect.
func once(cfg aws.Config) aws.Config {
	cfg = cfg.Copy()
	cfg.Retryer = func() aws.Retryer { return newPatient() }
	return cfg
}

// PlaceError says that a resource lies elsewhere than the plan says.
type PlaceError struct {
	Wanted          resource.Ref
	Account, Region string
}

func (e *PlaceError) Error() string {
	return fmt.Sprintf("read %s %s: the plan is for account %s in %s, the answer came from account %s in %s",
		e.Wanted.Type, e.Wanted.ID, e.Wanted.Account, e.Wanted.Region, e.Account, e.Region)
}

// Hint names a command that shows whose credentials are in use.
func (e *PlaceError) Hint() string { return "aws sts get-caller-identity" }
