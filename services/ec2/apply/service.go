package apply

import (
	"context"
	"errors"
	"fmt"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/services/ec2"
)

// The calls that change who may restore snapshots.
const (
	enableBlock  = "ec2:EnableSnapshotBlockPublicAccess"
	disableBlock = "ec2:DisableSnapshotBlockPublicAccess"
	modifyShare  = "ec2:ModifySnapshotAttribute"
)

// The reads of planning, checking and proving.
const (
	describeBlock     = "ec2:GetSnapshotBlockPublicAccessState"
	describeSnapshots = "ec2:DescribeSnapshots"
	describeShare     = "ec2:DescribeSnapshotAttribute"
)

// Service reads the switch, the public snapshots and single snapshots, and
// makes the calls of their fixes.
func Service() action.Service {
	return action.Service{
		Set: action.Set{
			enableBlock:  action.Of(sdk.NewFromConfig, (*sdk.Client).EnableSnapshotBlockPublicAccess, blocks),
			disableBlock: action.Of(sdk.NewFromConfig, (*sdk.Client).DisableSnapshotBlockPublicAccess, blocks),
			modifyShare:  action.Of(sdk.NewFromConfig, (*sdk.Client).ModifySnapshotAttribute, shares),
		},
		Kinds: []string{ec2.BlockType, ec2.SharingType, ec2.SnapshotType},
		Calls: ec2.OneReads(),
		One:   ec2.Reader{}.One,
	}
}

// OwnerError says that the organisation sets the switch, so that the account
// cannot change it.
type OwnerError struct{ Region string }

func (e *OwnerError) Error() string {
	return "a declarative policy of the organisation sets the block of public snapshots in " + e.Region
}

// blocks refuses to move the switch where the organisation holds it.
func blocks(ctx context.Context, place awsconn.Place, params action.Parameters) error {
	if err := action.Only(params, state); err != nil {
		return err
	}
	now, err := ec2.Reader{}.One(ctx, place, resource.Ref{Type: ec2.BlockType, ID: place.Region}, []string{managedBy})
	if err != nil {
		return err
	}
	if owner, _ := now.Get(managedBy).Text(); owner == byPolicy {
		return &OwnerError{Region: place.Region}
	}
	return nil
}

// shares refuses every change of a snapshot's permission but that of the group
// of everybody.
func shares(_ context.Context, _ awsconn.Place, params action.Parameters) error {
	id, err := action.Named(params, "SnapshotId")
	if err := errors.Join(err, action.Only(params, "SnapshotId", "Attribute", permission)); err != nil {
		return err
	}
	if !strings.HasPrefix(id, "snap-") {
		return fmt.Errorf("%q is no id of a snapshot", id)
	}
	fields := params[permission].Fields()
	if len(fields) != 1 || !fields["Add"].Equal(group()) && !fields["Remove"].Equal(group()) {
		return errors.New("it changes more of the snapshot's permission than the group of everybody")
	}
	return nil
}

// Permissions lists the IAM actions that applying and undoing a control's fix
// takes, in alphabetical order; nil without a fix.
func Permissions(c *control.Control, typ *control.Type) []string {
	planners := Planners()
	planner := planners.For(c, typ.Name)
	if planner == nil {
		return nil
	}
	calls := []string{modifyShare}
	if c.Fix.Procedure == BlockSharing {
		calls = []string{disableBlock, enableBlock}
	}
	return action.Permissions(c, typ, planner, calls, describeBlock, describeShare, describeSnapshots)
}
