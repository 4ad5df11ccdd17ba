package live

import (
	"cmp"
	"context"
	"errors"
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

// List implements scan.Source: one unit per account, region and resource type.
// An account that cannot be entered and regions that cannot be listed are gaps.
func (s *Source) List(ctx context.Context, wants resource.Wants) (*scan.Listing, error) {
	accounts, faults, err := s.session.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	listing := &scan.Listing{PlaceName: "account-regions"}
	for _, fault := range faults {
		listing.Gaps = append(listing.Gaps, accountGap(fault))
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
	skipped := make(map[string]bool)
	for _, one := range found {
		if err := s.add(listing, one, wants, skipped); err != nil {
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
func (s *Source) add(listing *scan.Listing, one regionsOf, wants resource.Wants, skipped map[string]bool) error {
	if one.err != nil {
		if !awsconn.FromAWS(one.err) {
			return one.err // a region name that cannot be
		}
		place := s.session.HomePlace(one.account)
		place.Region = ""
		gap := place.Gap("", "ec2:DescribeRegions", one.err)
		gap.Try = "grant ec2:DescribeRegions, or name the regions with --region"
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
		listing.Places = append(listing.Places, scan.Place{Account: place.Account, Region: region})
		for _, typ := range slices.Sorted(maps.Keys(wants)) {
			unit, err := s.unit(place, typ, wants)
			if err != nil {
				return err
			}
			listing.Units = append(listing.Units, unit)
		}
	}
	return nil
}

func (s *Source) unit(place awsconn.Place, typ string, wants resource.Wants) (scan.Unit, error) {
	for _, service := range s.services {
		if slices.Contains(service.Types(), typ) {
			return scan.Unit{
				Place: scan.Place{Account: place.Account, Region: place.Region}, Type: typ,
				Read: func(ctx context.Context, sink scan.Sink) error {
					return service.List(ctx, place, typ, wants, sink)
				},
			}, nil
		}
	}
	return scan.Unit{}, errors.New("no reader knows resource type " + typ + " in a live account")
}

func accountGap(fault *awsconn.AccountError) finding.Gap {
	place := awsconn.Place{Account: fault.Account}
	gap := place.Gap("", fault.Operation, fault.Cause)
	gap.Try = "let " + fault.Role + " trust these credentials (and check --external-id)"
	return gap
}
