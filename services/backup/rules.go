package backup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
	"golang.org/x/sync/errgroup"
)

// rules tell for each plan whether it keeps backups in a locked vault.
type rules struct {
	byPlan map[*plan]lock
	gaps   []finding.Gap
}

// lock is whether a plan writes into a vault that is locked.
type lock struct {
	locked bool
	open   *resource.Missing // why that is not known
}

// readRules reads the vaults once, and the rules of every plan that selects
// something.
func readRules(ctx context.Context, client *backup.Client, place *awsconn.Place, of *plans) *rules {
	r := &rules{byPlan: make(map[*plan]lock)}
	var selecting []*plan
	for _, one := range of.list {
		if len(one.selections) > 0 {
			selecting = append(selecting, one)
		}
	}
	if len(selecting) == 0 {
		return r
	}
	vaults, open := r.readVaults(ctx, client, place)
	locks, faults := make([]lock, len(selecting)), make([]error, len(selecting))
	group := new(errgroup.Group)
	group.SetLimit(sideBySide)
	for i, one := range selecting {
		group.Go(func() error {
			locks[i], faults[i] = lockOf(ctx, client, one.id, vaults, open)
			return nil
		})
	}
	_ = group.Wait() // every fault is kept with its plan
	for i, one := range selecting {
		if faults[i] != nil {
			gap := place.Gap("", getPlan, faults[i])
			gap.Detail = "backup plan " + one.name + ": " + gap.Detail
			r.gaps = append(r.gaps, gap)
			locks[i].open = answer.Missing(gap)
		}
		r.byPlan[one] = locks[i]
	}
	return r
}

// readVaults tells which vaults are locked, and why others may be there.
func (r *rules) readVaults(ctx context.Context, client *backup.Client, place *awsconn.Place) (map[string]*bool, *resource.Missing) {
	vaults := make(map[string]*bool)
	broken, _ := answer.Pages(func(next *string) (answer.Page[types.BackupVaultListMember], error) {
		return listVaultsPage(ctx, client, next)
	}, func(items []types.BackupVaultListMember) error {
		for _, item := range items {
			vaults[aws.ToString(item.BackupVaultName)] = item.Locked
		}
		return nil
	})
	if broken == nil {
		return vaults, nil
	}
	gap := place.Gap("", listVaults, broken)
	r.gaps = append(r.gaps, gap)
	return vaults, answer.Missing(gap)
}

func listVaultsPage(ctx context.Context, client *backup.Client, next *string) (answer.Page[types.BackupVaultListMember], error) {
	out, err := client.ListBackupVaults(ctx, &backup.ListBackupVaultsInput{MaxResults: aws.Int32(pageSize), NextToken: next})
	if err != nil {
		return answer.Page[types.BackupVaultListMember]{}, err
	}
	return answer.Page[types.BackupVaultListMember]{Items: out.BackupVaultList, Next: out.NextToken}, nil
}

// lockOf reads the rules of a plan. A logically air-gapped vault is locked
// always.
func lockOf(ctx context.Context, client *backup.Client, id string, vaults map[string]*bool, open *resource.Missing) (lock, error) {
	out, err := client.GetBackupPlan(ctx, &backup.GetBackupPlanInput{BackupPlanId: aws.String(id)})
	if err == nil && out.BackupPlan == nil {
		err = awsconn.OddAnswerError("the answer holds no plan")
	}
	if err != nil {
		return lock{}, err
	}
	var found lock
	for _, rule := range out.BackupPlan.Rules {
		name := aws.ToString(rule.TargetBackupVaultName)
		locked, known := vaults[name]
		switch {
		case aws.ToBool(locked) || aws.ToString(rule.TargetLogicallyAirGappedBackupVaultArn) != "":
			found.locked = true
		case !known && open != nil:
			found.open = open
		case locked == nil:
			found.open = &resource.Missing{
				Reason: resource.ReasonOmitted, Operation: listVaults, Detail: "AWS Backup does not say whether the vault " + name + " is locked",
			}
		}
	}
	return found, nil
}

// locked tells whether one of the plans that take a resource keeps its backups
// in a locked vault.
func (r *rules) locked(m matches) resource.Value {
	open := m.open
	for _, one := range m.plans {
		switch lock := r.byPlan[one]; {
		case lock.locked:
			return resource.OfBool(true)
		case lock.open != nil:
			open = lock.open
		}
	}
	if open != nil {
		return resource.OfUnknown(*open)
	}
	return resource.OfBool(false)
}
