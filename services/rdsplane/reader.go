package rdsplane

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live"
	"github.com/holdfast-aws/holdfast/services/backup"
)

const (
	// pageSize is the most that RDS returns in one answer.
	pageSize = 100
	// perResource is how many per-resource calls of one page run side by side.
	perResource = 8
)

// Reader reads the resource types of several services from the lists that they
// share.
type Reader struct{ shares []Share }

var _ live.Pooling = (*Reader)(nil)

// New makes a reader for services, each with its share.
func New(shares ...Share) *Reader { return &Reader{shares: shares} }

// Types implements live.Service.
func (r *Reader) Types() []string {
	var all []string
	for i := range r.shares {
		for _, typ := range r.shares[i].Types {
			all = append(all, typ)
		}
	}
	slices.Sort(all)
	return all
}

// Reads implements live.Service.
func (r *Reader) Reads() []string {
	var all []string
	for i := range r.shares {
		for kind := range r.shares[i].Types {
			all = append(all, kind.operation())
			switch kind {
			case ClusterSnapshots:
				all = append(all, ClusterSnapshotAttributes)
			case Snapshots:
				all = append(all, SnapshotAttributes)
			}
		}
		if r.shares[i].Audit != nil {
			all = append(all, GroupParameters)
		}
		if r.shares[i].Backup != "" {
			all = append(all, backup.ProtectionReads()...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// Pool implements live.Pooling: types that stand in one list are read together.
func (r *Reader) Pool(typ string) string {
	for i := range r.shares {
		if kind, ok := r.shares[i].kindOf(typ); ok {
			return kind.operation()
		}
	}
	return ""
}

// List implements live.Service.
func (r *Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	return r.ListPool(ctx, place, []string{typ}, wants, sink)
}

// ListPool implements live.Pooling.
func (r *Reader) ListPool(ctx context.Context, place awsconn.Place, typs []string, wants resource.Wants, sink scan.Sink) error {
	p := &pass{client: rds.NewFromConfig(place.Config), place: place, sink: sink, wants: wants}
	for i := range r.shares {
		for _, typ := range typs {
			if kind, ok := r.shares[i].kindOf(typ); ok {
				p.kind = kind
				p.takers = append(p.takers, &taker{share: &r.shares[i], typ: typ, wanted: func(property string) bool { return wants.Has(typ, property) }})
			}
		}
	}
	switch p.kind {
	case ClusterSnapshots:
		return p.clusterSnapshots(ctx)
	case Instances:
		return p.instances(ctx)
	case Snapshots:
		return p.snapshots(ctx)
	default:
		return p.clusters(ctx)
	}
}

// pass is one reading of one list.
type pass struct {
	client *rds.Client
	place  awsconn.Place
	sink   scan.Sink
	wants  resource.Wants
	kind   Kind
	takers []*taker
}

// taker takes what one service wants of a list.
type taker struct {
	share  *Share
	typ    string
	wanted Wanted
}

// taker returns who takes the objects of an engine; nil when nobody wants them.
func (p *pass) taker(engine string) *taker {
	for _, t := range p.takers {
		if t.share.owns(engine) {
			return t
		}
	}
	return nil
}

// filter keeps engines that nobody wants from crossing the wire. There is none
// where a taker wants whatever no other service has: AWS knows no filter that
// leaves engines out, and a list of those known today would hide a new one. The
// answer is checked all the same.
func (p *pass) filter() []types.Filter {
	var engines []string
	for _, t := range p.takers {
		if len(t.share.Engines) == 0 {
			return nil
		}
		engines = append(engines, t.share.Engines...)
	}
	slices.Sort(engines)
	return []types.Filter{{Name: aws.String("engine"), Values: engines}}
}

// gap reports that the list could not be read to its end, to each type that
// stands in it.
func (p *pass) gap(err error) error {
	for _, t := range p.takers {
		if err := p.sink.Gap(p.place.Gap(t.typ, p.kind.operation(), err)); err != nil {
			return err
		}
	}
	return nil
}
