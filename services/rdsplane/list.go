package rdsplane

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// list is one of the lists while its pages are turned.
type list[T any] struct {
	*pass
	more func() bool
	// next returns the objects of the next page, nil for an answer without a
	// list, and the marker of the page after.
	next func(context.Context) ([]T, *string, error)
	// name tells what an object says of itself.
	name    func(*T) (id, engine, arn *string)
	convert func(context.Context, *T, *taker) *resource.Resource
	// finish completes the resources of a page; nil for nothing to do.
	finish func(context.Context, []*resource.Resource) ([]*resource.Resource, error)
}

func (l *list[T]) read(ctx context.Context) error {
	var turn turner
	for l.more() {
		page, marker, err := l.next(ctx)
		if err == nil {
			err = turn.check(page != nil, marker)
		}
		if err != nil {
			return l.gap(err)
		}
		if err := l.page(ctx, &turn, page); err != nil {
			return err
		}
	}
	return nil
}

func (l *list[T]) page(ctx context.Context, turn *turner, page []T) error {
	found := make([]*resource.Resource, 0, len(page))
	for i := range page {
		id, engine, arn := l.name(&page[i])
		if aws.ToString(id) == "" || aws.ToString(engine) == "" {
			if err := l.nameless(aws.ToString(id), aws.ToString(arn)); err != nil {
				return err
			}
			continue
		}
		t := l.taker(*engine)
		if t == nil || turn.again(*id) {
			continue
		}
		found = append(found, l.convert(ctx, &page[i], t))
	}
	if l.finish != nil {
		var err error
		if found, err = l.finish(ctx, found); err != nil {
			return err
		}
	}
	return l.sink.Resources(found)
}

// nameless reports an object that nobody can tell what it is. Its neighbours go
// on.
func (l *list[T]) nameless(id, arn string) error {
	for _, t := range l.takers {
		err := l.sink.Gap(finding.Gap{
			Account: l.place.Account, Region: l.place.Region, Type: t.typ, Operation: l.kind.operation(),
			Resource: arn, Reason: finding.GapMalformed,
			Detail: fmt.Sprintf("the service described %q without saying its name or engine", id),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *pass) clusters(ctx context.Context) error {
	pages := rds.NewDescribeDBClustersPaginator(p.client, &rds.DescribeDBClustersInput{
		Filters: p.filter(), MaxRecords: aws.Int32(pageSize),
	})
	groups := &groupParameters{pass: p, known: make(map[groupKey]resource.Value)}
	l := &list[types.DBCluster]{
		pass: p, more: pages.HasMorePages,
		next: func(ctx context.Context) ([]types.DBCluster, *string, error) {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, nil, err
			}
			return page.DBClusters, page.Marker, nil
		},
		name: func(c *types.DBCluster) (id, engine, arn *string) {
			return c.DBClusterIdentifier, c.Engine, c.DBClusterArn
		},
		convert: func(ctx context.Context, c *types.DBCluster, t *taker) *resource.Resource {
			r := FromCluster(t.typ, c, p.place, t.wanted)
			if t.share.Audit != nil && t.wanted(AuditProperty) {
				r.Properties[AuditProperty] = groups.get(ctx, t, aws.ToString(c.DBClusterParameterGroup))
			}
			return r
		},
	}
	return errors.Join(l.read(ctx), groups.report())
}

func (p *pass) instances(ctx context.Context) error {
	pages := rds.NewDescribeDBInstancesPaginator(p.client, &rds.DescribeDBInstancesInput{
		Filters: p.filter(), MaxRecords: aws.Int32(pageSize),
	})
	protected := newProtection(ctx, p)
	l := &list[types.DBInstance]{
		pass: p, more: pages.HasMorePages,
		next: func(ctx context.Context) ([]types.DBInstance, *string, error) {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, nil, err
			}
			return page.DBInstances, page.Marker, nil
		},
		name: func(i *types.DBInstance) (id, engine, arn *string) {
			return i.DBInstanceIdentifier, i.Engine, i.DBInstanceArn
		},
		convert: func(_ context.Context, i *types.DBInstance, t *taker) *resource.Resource {
			r := FromInstance(t.typ, i, p.place, t.wanted)
			protected.apply(r, i, t)
			return r
		},
	}
	return errors.Join(l.read(ctx), protected.report())
}

func (p *pass) clusterSnapshots(ctx context.Context) error {
	pages := rds.NewDescribeDBClusterSnapshotsPaginator(p.client, &rds.DescribeDBClusterSnapshotsInput{
		Filters: p.filter(), MaxRecords: aws.Int32(pageSize),
	})
	shared := &shares{pass: p, operation: ClusterSnapshotAttributes, read: ReadClusterSnapshotShares}
	l := &list[types.DBClusterSnapshot]{
		pass: p, more: pages.HasMorePages, finish: shared.finish,
		next: func(ctx context.Context) ([]types.DBClusterSnapshot, *string, error) {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, nil, err
			}
			return page.DBClusterSnapshots, page.Marker, nil
		},
		name: func(s *types.DBClusterSnapshot) (id, engine, arn *string) {
			return s.DBClusterSnapshotIdentifier, s.Engine, s.DBClusterSnapshotArn
		},
		convert: func(_ context.Context, s *types.DBClusterSnapshot, t *taker) *resource.Resource {
			r := FromClusterSnapshot(t.typ, s, p.place, t.wanted)
			shared.ask(r, t, CanBePublic(s.SnapshotType, s.StorageEncrypted))
			return r
		},
	}
	return l.read(ctx)
}

func (p *pass) snapshots(ctx context.Context) error {
	pages := rds.NewDescribeDBSnapshotsPaginator(p.client, &rds.DescribeDBSnapshotsInput{
		Filters: p.filter(), MaxRecords: aws.Int32(pageSize),
	})
	shared := &shares{pass: p, operation: SnapshotAttributes, read: ReadSnapshotShares}
	l := &list[types.DBSnapshot]{
		pass: p, more: pages.HasMorePages, finish: shared.finish,
		next: func(ctx context.Context) ([]types.DBSnapshot, *string, error) {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return nil, nil, err
			}
			return page.DBSnapshots, page.Marker, nil
		},
		name: func(s *types.DBSnapshot) (id, engine, arn *string) {
			return s.DBSnapshotIdentifier, s.Engine, s.DBSnapshotArn
		},
		convert: func(_ context.Context, s *types.DBSnapshot, t *taker) *resource.Resource {
			r := FromSnapshot(t.typ, s, p.place, t.wanted)
			shared.ask(r, t, CanBePublic(s.SnapshotType, s.Encrypted))
			return r
		},
	}
	return l.read(ctx)
}
