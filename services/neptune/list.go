package neptune

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/rds/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"golang.org/x/sync/errgroup"
)

// The operations that reading Neptune needs.
const (
	listClusters       = "rds:DescribeDBClusters"
	listSnapshots      = "rds:DescribeDBClusterSnapshots"
	snapshotAttributes = "rds:DescribeDBClusterSnapshotAttributes"
	groupParameters    = "rds:DescribeDBClusterParameters"
)

const (
	// pageSize is the most that RDS returns in one answer.
	pageSize = 100
	// perResource is how many per-resource calls of one page run side by side.
	perResource = 8
)

// Reader reads Neptune's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{ClusterType, SnapshotType} }

// Reads implements live.Service.
func (Reader) Reads() []string {
	return []string{listClusters, listSnapshots, snapshotAttributes, groupParameters}
}

// List implements live.Service.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	l := &lister{
		client: rds.NewFromConfig(place.Config), place: place, sink: sink,
		wanted: func(property string) bool { return wants.Has(typ, property) },
	}
	if typ == SnapshotType {
		return l.snapshots(ctx)
	}
	return l.clusters(ctx)
}

type lister struct {
	client *rds.Client
	place  awsconn.Place
	sink   scan.Sink
	wanted Wanted
}

// engineFilter keeps other engines from crossing the wire. The answer is
// checked all the same.
func engineFilter() []types.Filter {
	return []types.Filter{{Name: aws.String("engine"), Values: []string{Engine}}}
}

func (l *lister) clusters(ctx context.Context) error {
	pages := rds.NewDescribeDBClustersPaginator(l.client, &rds.DescribeDBClustersInput{
		Filters: engineFilter(), MaxRecords: aws.Int32(pageSize),
	})
	groups := &auditParameters{lister: l, known: make(map[string]resource.Value)}
	var turn turner
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err == nil {
			err = turn.check(page.DBClusters != nil, page.Marker)
		}
		if err != nil {
			return errors.Join(groups.report(), l.sink.Gap(l.place.Gap(ClusterType, listClusters, err)))
		}
		found := make([]*resource.Resource, 0, len(page.DBClusters))
		for i := range page.DBClusters {
			c := &page.DBClusters[i]
			ours, gap := l.isOurs(c.DBClusterIdentifier, c.Engine, c.DBClusterArn, ClusterType, listClusters)
			if gap != nil {
				if err := l.sink.Gap(*gap); err != nil {
					return err
				}
			}
			if !ours {
				continue
			}
			if turn.again(*c.DBClusterIdentifier) {
				continue
			}
			r := FromCluster(c, l.place, l.wanted)
			if l.wanted("AuditLogParameter") {
				r.Properties["AuditLogParameter"] = groups.get(ctx, aws.ToString(c.DBClusterParameterGroup))
			}
			found = append(found, r)
		}
		if err := l.sink.Resources(found); err != nil {
			return err
		}
	}
	return groups.report()
}

// isOurs tells whether an object is Neptune's. One without a name or an engine
// cannot be told and becomes a gap of its own; its neighbours go on.
func (l *lister) isOurs(id, engine, arn *string, typ, operation string) (bool, *finding.Gap) {
	if aws.ToString(id) != "" && aws.ToString(engine) != "" {
		return *engine == Engine, nil
	}
	return false, &finding.Gap{
		Account: l.place.Account, Region: l.place.Region, Type: typ, Operation: operation,
		Resource: aws.ToString(arn), Reason: finding.GapMalformed,
		Detail: fmt.Sprintf("the service described %q without saying its name or engine", aws.ToString(id)),
	}
}

// auditParameters reads neptune_enable_audit_log once per parameter group.
type auditParameters struct {
	lister *lister
	known  map[string]resource.Value
	gaps   []finding.Gap
}

// get returns the value of the parameter in a group. The default groups cannot
// be edited and have it off, so they cost no call.
func (a *auditParameters) get(ctx context.Context, group string) resource.Value {
	if strings.HasPrefix(group, "default.") {
		return resource.OfString("0")
	}
	value, ok := a.known[group]
	if !ok {
		value = a.read(ctx, group)
		a.known[group] = value
	}
	return value
}

func (a *auditParameters) read(ctx context.Context, group string) resource.Value {
	value, err := ReadAuditParameter(ctx, a.lister.client, group)
	if err == nil {
		return value
	}
	gap := a.lister.place.Gap(ClusterType, groupParameters, err)
	gap.Detail = fmt.Sprintf("parameter group %s: %s", group, gap.Detail)
	a.gaps = append(a.gaps, gap)
	return unread(gap)
}

// report tells which groups could not be read. The verdict of no control rests
// on them, but a note does.
func (a *auditParameters) report() error {
	for _, gap := range a.gaps {
		if err := a.lister.sink.Gap(gap); err != nil {
			return err
		}
	}
	return nil
}

// ReadAuditParameter returns the value of neptune_enable_audit_log in a cluster
// parameter group, "0" where the group leaves it at its default.
func ReadAuditParameter(ctx context.Context, client *rds.Client, group string) (resource.Value, error) {
	pages := rds.NewDescribeDBClusterParametersPaginator(client, &rds.DescribeDBClusterParametersInput{
		DBClusterParameterGroupName: aws.String(group),
		// Only what somebody set: the whole list is several pages long.
		Source: aws.String("user"),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return resource.Value{}, err
		}
		if page.Parameters == nil {
			return omitted, nil
		}
		for _, parameter := range page.Parameters {
			if aws.ToString(parameter.ParameterName) == AuditParameter && parameter.ParameterValue != nil {
				return resource.OfString(*parameter.ParameterValue), nil
			}
		}
	}
	return resource.OfString("0"), nil
}

func (l *lister) snapshots(ctx context.Context) error {
	pages := rds.NewDescribeDBClusterSnapshotsPaginator(l.client, &rds.DescribeDBClusterSnapshotsInput{
		Filters: engineFilter(), MaxRecords: aws.Int32(pageSize),
	})
	var turn turner
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err == nil {
			err = turn.check(page.DBClusterSnapshots != nil, page.Marker)
		}
		if err != nil {
			return l.sink.Gap(l.place.Gap(SnapshotType, listSnapshots, err))
		}
		if err := l.snapshotPage(ctx, &turn, page.DBClusterSnapshots); err != nil {
			return err
		}
	}
	return nil
}

func (l *lister) snapshotPage(ctx context.Context, turn *turner, page []types.DBClusterSnapshot) error {
	found := make([]*resource.Resource, 0, len(page))
	var shareable []*resource.Resource
	for i := range page {
		s := &page[i]
		ours, gap := l.isOurs(s.DBClusterSnapshotIdentifier, s.Engine, s.DBClusterSnapshotArn, SnapshotType, listSnapshots)
		if gap != nil {
			if err := l.sink.Gap(*gap); err != nil {
				return err
			}
		}
		if !ours {
			continue
		}
		if turn.again(*s.DBClusterSnapshotIdentifier) {
			continue
		}
		r := FromSnapshot(s, l.place, l.wanted)
		found = append(found, r)
		if l.wanted("RestoreAccounts") {
			r.Properties["RestoreAccounts"] = resource.OfStrings(nil)
			if CanBePublic(s) {
				shareable = append(shareable, r)
			}
		}
	}
	gone, err := l.shares(ctx, shareable)
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(r *resource.Resource) bool { return gone[r] })
	return l.sink.Resources(found)
}

// CanBePublic reports whether a snapshot can be shared with everybody. AWS
// shares only manual snapshots, and none that is encrypted with all.
func CanBePublic(s *types.DBClusterSnapshot) bool {
	return aws.ToString(s.SnapshotType) == "manual" && !aws.ToBool(s.StorageEncrypted)
}

// shares reads with whom each snapshot is shared. A snapshot that cannot be
// read is unknown by itself and hides no other; one that was deleted since it
// was listed is gone and nothing is to be said of it.
func (l *lister) shares(ctx context.Context, snapshots []*resource.Resource) (gone map[*resource.Resource]bool, err error) {
	values, causes := make([]resource.Value, len(snapshots)), make([]error, len(snapshots))
	group := new(errgroup.Group)
	group.SetLimit(perResource)
	for i, r := range snapshots {
		group.Go(func() error {
			values[i], causes[i] = ReadRestoreAccounts(ctx, l.client, r.ID)
			return nil
		})
	}
	_ = group.Wait() // every error is kept with its snapshot
	gone = make(map[*resource.Resource]bool)
	for i, r := range snapshots {
		var deleted *types.DBClusterSnapshotNotFoundFault
		switch {
		case errors.As(causes[i], &deleted):
			gone[r] = true
		case causes[i] != nil:
			gap := l.place.Gap(SnapshotType, snapshotAttributes, causes[i])
			gap.Resource = r.ARN
			r.Properties["RestoreAccounts"] = unread(gap)
			if err := l.sink.Gap(gap); err != nil {
				return nil, err
			}
		default:
			r.Properties["RestoreAccounts"] = values[i]
		}
	}
	return gone, nil
}

// ReadRestoreAccounts returns the account ids, and "all", that may restore a
// snapshot, in alphabetical order.
func ReadRestoreAccounts(ctx context.Context, client *rds.Client, snapshot string) (resource.Value, error) {
	out, err := client.DescribeDBClusterSnapshotAttributes(ctx, &rds.DescribeDBClusterSnapshotAttributesInput{
		DBClusterSnapshotIdentifier: aws.String(snapshot),
	})
	if err != nil {
		return resource.Value{}, err
	}
	if out.DBClusterSnapshotAttributesResult == nil || out.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes == nil {
		return omitted, nil // an empty list is there, and empty
	}
	var accounts []string
	for _, attribute := range out.DBClusterSnapshotAttributesResult.DBClusterSnapshotAttributes {
		if aws.ToString(attribute.AttributeName) == "restore" {
			accounts = append(accounts, attribute.AttributeValues...)
		}
	}
	slices.Sort(accounts)
	return resource.OfStrings(accounts), nil
}

// unread is the value of a property that a gap left unread.
func unread(gap finding.Gap) resource.Value {
	reason := resource.ReasonFailed
	if gap.Reason == finding.GapDenied || gap.Reason == finding.GapPolicy {
		reason = resource.ReasonDenied
	}
	return resource.OfUnknown(resource.Missing{
		Reason: reason, Detail: gap.Detail, Operation: gap.Operation, Permission: gap.Permission,
	})
}
