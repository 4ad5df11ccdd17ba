package live

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"golang.org/x/sync/errgroup"
)

// Service reads the resource types of one AWS service.
type Service interface {
	// Types lists the resource types that the service reads.
	Types() []string
	// Reads lists every operation that List may call.
	Reads() []string
	// List sends every resource of one type in one place to the sink, with at
	// least the wanted properties: known, absent or unknown. It makes only the
	// calls that they need. What cannot be read becomes a gap; an error is one
	// of the sink's.
	List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error
}

// Pooling is a Service some of whose types stand in one list: they are read
// together, so that the list is asked for once.
type Pooling interface {
	Service
	// Pool names the list in which a type stands.
	Pool(typ string) string
	// ListPool is List for wanted types of one pool.
	ListPool(ctx context.Context, place awsconn.Place, types []string, wants resource.Wants, sink scan.Sink) error
}

// Source reads live accounts.
type Source struct {
	session  *awsconn.Session
	services []Service
}

var _ scan.Source = (*Source)(nil)

// New makes a source over a session.
func New(session *awsconn.Session, services []Service) *Source {
	return &Source{session: session, services: services}
}

// Reads lists every operation that the services may call, for the session's
// list of allowed operations.
func Reads(services []Service) []string {
	var operations []string
	for _, service := range services {
		operations = append(operations, service.Reads()...)
	}
	slices.Sort(operations)
	return slices.Compact(operations)
}

// List implements scan.Source: one unit per account, region and list,
// which is one resource type or several that stand in it.
// An account that cannot be entered and regions that cannot be listed are gaps.
func (s *Source) List(ctx context.Context, wants resource.Wants) (*scan.Listing, error) {
	accounts, faults, err := s.session.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	listing := &scan.Listing{PlaceName: "account-regions"}
	named, err := s.session.NamedRegions()
	if err != nil {
		return nil, err
	}
	for _, fault := range faults {
		listing.Gaps = append(listing.Gaps, accountGap(fault))
		for _, region := range named {
			listing.Places = append(listing.Places, scan.Place{Account: fault.Account, Region: region})
		}
	}
	for _, typ := range s.unknownTypes(wants) {
		listing.Gaps = append(listing.Gaps, finding.Gap{
			Type: typ, Reason: finding.GapFailed, Detail: "no reader knows this resource type in a live account",
			Try: "leave its controls out with --control",
		})
	}
	found := make([]regionsOf, len(accounts))
	group := new(errgroup.Group)
	group.SetLimit(16)
	for i, account := range accounts {
		group.Go(func() error {
			found[i].account = account
			found[i].regions, found[i].err = s.session.Regions(ctx, account)
			return nil
		})
	}
	_ = group.Wait() // every error is kept with its account
	slices.SortFunc(found, func(a, b regionsOf) int { return cmp.Compare(a.account.ID, b.account.ID) })
	skipped, memo := make(map[string]bool), awsconn.NewMemo()
	for _, one := range found {
		if err := s.add(listing, one, wants, skipped, memo); err != nil {
			return nil, err
		}
	}
	listing.NotOptedIn = slices.Sorted(maps.Keys(skipped))
	return listing, nil
}

type regionsOf struct {
	account *awsconn.Account
	regions awsconn.Regions
	err     error
}

// add puts one account's units into the listing.
func (s *Source) add(listing *scan.Listing, one regionsOf, wants resource.Wants, skipped map[string]bool, memo *awsconn.Memo) error {
	if one.err != nil {
		place := s.session.HomePlace(one.account)
		place.Region = ""
		gap := place.Gap("", "ec2:DescribeRegions", one.err)
		if gap.Reason == finding.GapDenied {
			gap.Try = "grant ec2:DescribeRegions, or name the regions with --region"
		}
		listing.Gaps = append(listing.Gaps, gap)
		return nil
	}
	for _, name := range one.regions.NotOptedIn {
		skipped[name] = true
	}
	for _, region := range one.regions.Enabled {
		place, err := s.session.Place(one.account.ID, region)
		if err != nil {
			return err
		}
		place.Memo = memo
		listing.Places = append(listing.Places, scan.Place{Account: place.Account, Region: region})
		for _, pool := range s.pools(wants) {
			listing.Units = append(listing.Units, unit(pool, place, wants))
		}
	}
	return nil
}

// unknownTypes lists the wanted types that no service reads, such as those of
// a user's own.
func (s *Source) unknownTypes(wants resource.Wants) []string {
	var types []string
	for _, typ := range slices.Sorted(maps.Keys(wants)) {
		if s.serviceOf(typ) == nil {
			types = append(types, typ)
		}
	}
	return types
}

func (s *Source) serviceOf(typ string) Service {
	for _, service := range s.services {
		if slices.Contains(service.Types(), typ) {
			return service
		}
	}
	return nil
}

// pool is what one unit reads: one type, or several that stand in one list.
type pool struct {
	service Service
	types   []string
}

// pools sorts the wanted types into units, in the order of their first type.
func (s *Source) pools(wants resource.Wants) []*pool {
	var pools []*pool
	byList := make(map[string]*pool)
	for _, typ := range slices.Sorted(maps.Keys(wants)) {
		service := s.serviceOf(typ)
		if service == nil {
			continue
		}
		name := typ
		if pooling, ok := service.(Pooling); ok {
			name = pooling.Pool(typ)
		}
		if byList[name] == nil {
			byList[name] = &pool{service: service}
			pools = append(pools, byList[name])
		}
		byList[name].types = append(byList[name].types, typ)
	}
	return pools
}

func unit(p *pool, place awsconn.Place, wants resource.Wants) scan.Unit {
	u := scan.Unit{Place: scan.Place{Account: place.Account, Region: place.Region}}
	if pooling, ok := p.service.(Pooling); ok && len(p.types) > 1 {
		u.Types = p.types
		u.Read = func(ctx context.Context, sink scan.Sink) error {
			return pooling.ListPool(ctx, place, p.types, wants, sink)
		}
		return u
	}
	u.Type = p.types[0]
	u.Read = func(ctx context.Context, sink scan.Sink) error {
		return p.service.List(ctx, place, u.Type, wants, sink)
	}
	return u
}

func accountGap(fault *awsconn.AccountError) finding.Gap {
	place := awsconn.Place{Account: fault.Account}
	gap := place.Gap("", fault.Operation, fault.Cause)
	switch gap.Reason {
	case finding.GapDenied:
		gap.Try = "let " + fault.Role + " trust these credentials (and check --external-id)"
	case finding.GapRegion: // no region was asked for anything
		gap.Reason, gap.Try = finding.GapFailed, "aws sts get-caller-identity, to see whether the credentials still work"
	}
	return gap
}
