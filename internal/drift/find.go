package drift

import (
	"context"
	"fmt"
	"time"

	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/pair"
	"github.com/holdfast-aws/holdfast/internal/report"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
)

// Options describe one look for drift.
type Options struct {
	// Matcher knows the code, states and stacks, and Code is what was read.
	Matcher *pair.Matcher
	Code    []*pair.Codebase
	// Stated tells that a state was given, whether or not it holds anything.
	Stated bool
	Judge  pair.Judge
	// Live is the account, and Wants what is read there.
	Live        scan.Source
	Wants       resource.Wants
	Concurrency int
	Progress    scan.Progress // nil for nobody
	// Calls counts the service calls made so far; nil when there are none.
	Calls         func() int
	Tool, Version string
	Now           time.Time
}

// Find reads the account and compares it with the code.
func Find(ctx context.Context, o Options) (*Drift, error) {
	f := &finder{Options: o, matched: make(map[spot][]*pair.Match), named: make(map[*resource.Resource]bool), open: make(map[string]bool)}
	f.drift = &Drift{Tool: o.Tool, Version: o.Version, Started: o.Now.UTC()}
	f.readCode()
	if err := scan.Collect(ctx, o.Live, o.Wants, o.Concurrency, o.Progress, f); err != nil {
		return nil, err
	}
	if err := f.compare(); err != nil {
		return nil, err
	}
	f.missing()
	f.drift.Gaps = append(f.drift.Gaps, f.account.gaps...)
	f.drift.Account = f.account.coverage()
	if o.Calls != nil {
		f.drift.Account.Calls = o.Calls()
	}
	return f.drift, nil
}

// spot is where code is deployed: one piece of code may be in several places, and
// is one resource in each.
type spot struct {
	code            *resource.Resource
	account, region string
}

// finder takes the live resources as they come. It is a scan.Visitor.
type finder struct {
	Options
	drift   *Drift
	account *reach
	// codeGaps is set when something of the code could not be read.
	codeGaps bool
	matched  map[spot][]*pair.Match
	order    []spot
	// named are resources in code that were spoken of: matched, or among those
	// that could be meant.
	named map[*resource.Resource]bool
	// open are the types of which some live resource may be anybody's.
	open map[string]bool
}

// readCode takes over what could not be read of the code.
func (f *finder) readCode() {
	name := ""
	var places []scan.Place
	for _, held := range f.Code {
		name = held.PlaceName
		places = append(places, held.Places...)
	}
	side := newReach(name, places)
	for _, held := range f.Code {
		side.resources += len(held.Resources)
		for _, gap := range held.Gaps {
			side.miss(gap)
		}
	}
	f.drift.Code, f.drift.Gaps, f.codeGaps = side.coverage(), side.gaps, len(side.gaps) > 0
}

// Begin implements scan.Visitor.
func (f *finder) Begin(listing *scan.Listing, _ resource.Wants) error {
	f.account = newReach(listing.PlaceName, listing.Places)
	return nil
}

// Gap implements scan.Visitor.
func (f *finder) Gap(gap *finding.Gap) error {
	f.account.miss(*gap)
	return nil
}

// Resource implements scan.Visitor.
func (f *finder) Resource(live *resource.Resource) error {
	f.account.resources++
	match := f.Matcher.Match(live)
	switch match.Standing {
	case pair.Paired:
		at := spot{match.Code, live.Account, live.Region}
		if len(f.matched[at]) == 0 {
			f.order = append(f.order, at)
		}
		f.matched[at] = append(f.matched[at], match)
		f.named[match.Code] = true
	case pair.Unclaimed:
		f.drift.Unclaimed++
	case pair.Lost:
		if !f.codeGaps {
			f.drift.Lost = append(f.drift.Lost, Lost{live.Ref, *match.Owner, lost(match.Owner)})
			return nil
		}
		match.Why += ", and not all of the code could be read"
		f.undecided(match)
	default:
		f.undecided(match)
	}
	return nil
}

// lost says what becomes of something that the code has no more.
func lost(owner *pair.Owner) string {
	if owner.Language == pair.CloudFormation {
		return "the stack has it, and its template has not: the next update of the stack deletes it"
	}
	return "the state has it, and the code has not: the next terraform apply deletes it"
}

func (f *finder) undecided(match *pair.Match) {
	ref := match.Live.Ref
	one := Undecided{Live: &ref, Why: match.Why}
	if match.Owner != nil && len(match.Rivals) == 0 {
		one.Why = match.Owner.Name + ": " + one.Why
	}
	for i := range match.Rivals {
		rival := &match.Rivals[i]
		candidate := Candidate{Name: rival.Owner.Name, At: rival.Owner.State}
		if rival.Code != nil {
			candidate.At = rival.Code.Origin
			f.named[rival.Code] = true
		}
		one.Candidates = append(one.Candidates, candidate)
	}
	if match.Owner == nil && len(match.Rivals) == 0 {
		f.open[match.Live.Type] = true
	}
	f.drift.Undecided = append(f.drift.Undecided, one)
}

// compare holds the pairs against each other.
func (f *finder) compare() error {
	for _, at := range f.order {
		matches := f.matched[at]
		if len(matches) > 1 && matches[0].Owner.Language == pair.CloudFormation {
			f.doubled(at, matches)
			continue
		}
		for _, match := range matches {
			if err := f.comparePair(match); err != nil {
				return err
			}
		}
	}
	return nil
}

// doubled tells of code that two resources of one place seem to be made from, as
// after a stack was deleted that kept its cluster, and made anew.
func (f *finder) doubled(at spot, matches []*pair.Match) {
	code := at.code.Ref
	one := Undecided{Code: &code, Why: "several resources of the account seem to be made from it"}
	for _, match := range matches {
		one.Candidates = append(one.Candidates, Candidate{Name: match.Live.ID + " in " + report.Place(&match.Live.Ref)})
	}
	f.drift.Undecided = append(f.drift.Undecided, one)
}

func (f *finder) comparePair(match *pair.Match) error {
	result, err := f.Matcher.Compare(f.Judge, match)
	if err != nil {
		return fmt.Errorf("compare %s with its code: %w", match.Live.ID, err)
	}
	both := Pair{match.Live.Ref, match.Code.Ref, *match.Owner}
	f.drift.Pairs++
	f.drift.Same += result.Same
	if len(result.Different) > 0 {
		f.drift.Different = append(f.drift.Different, Different{both, result.Different})
	}
	if len(result.Unsettled) > 0 {
		f.drift.Unsettled = append(f.drift.Unsettled, Unsettled{both, result.Unsettled})
	}
	return nil
}
