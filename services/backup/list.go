package backup

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// RecoveryPointType is the resource type of a recovery point.
const RecoveryPointType = "AWS::Backup::RecoveryPoint"

const listPoints = "backup:ListRecoveryPointsByBackupVault"

// Reader reads AWS Backup's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{RecoveryPointType} }

// Reads implements live.Service.
func (Reader) Reads() []string { return []string{listVaults, listPoints} }

// List implements live.Service: the vaults, and the recovery points of each.
// One vault that cannot be read hides no other.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	r := &answer.Reading{Place: place, Type: typ, Sink: sink, Wants: wants}
	client := backup.NewFromConfig(place.Config)
	return answer.Walk(r, listVaults, func(next *string) (answer.Page[types.BackupVaultListMember], error) {
		return listVaultsPage(ctx, client, next)
	}, func(vaults []types.BackupVaultListMember) error {
		for _, vault := range vaults {
			// The number of recovery points that the list tells is an estimate.
			if err := readVault(ctx, client, r, aws.ToString(vault.BackupVaultName)); err != nil {
				return err
			}
		}
		return nil
	})
}

func readVault(ctx context.Context, client *backup.Client, r *answer.Reading, name string) error {
	var once answer.Once
	broken, err := answer.Pages(func(next *string) (answer.Page[types.RecoveryPointByBackupVault], error) {
		out, err := client.ListRecoveryPointsByBackupVault(ctx, &backup.ListRecoveryPointsByBackupVaultInput{
			BackupVaultName: aws.String(name), MaxResults: aws.Int32(pageSize), NextToken: next,
		})
		if err != nil {
			return answer.Page[types.RecoveryPointByBackupVault]{}, err
		}
		return answer.Page[types.RecoveryPointByBackupVault]{Items: out.RecoveryPoints, Next: out.NextToken}, nil
	}, func(items []types.RecoveryPointByBackupVault) error {
		once.Turn()
		page := make([]*resource.Resource, 0, len(items))
		for i := range items {
			arn := aws.ToString(items[i].RecoveryPointArn)
			switch {
			case arn == "":
				if err := r.Odd(listPoints, "the vault "+name+" holds a recovery point without an ARN"); err != nil {
					return err
				}
			case !once.Again(arn):
				page = append(page, &resource.Resource{
					Ref: r.Ref(pointID(arn), arn), Properties: answer.Properties(&items[i], pointFields(), r.Wanted),
				})
			}
		}
		return r.Sink.Resources(page)
	})
	if broken == nil || err != nil {
		return err
	}
	gap := r.Place.Gap(r.Type, listPoints, broken)
	gap.Detail = "backup vault " + name + ": " + gap.Detail
	return r.Sink.Gap(gap)
}

// pointID is the last part of a recovery point's ARN, which may be one of any
// service: a snapshot of EBS is named by EBS.
func pointID(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	return parts[len(parts)-1]
}

// pointFields are the properties that ListRecoveryPointsByBackupVault yields.
func pointFields() []answer.Field[types.RecoveryPointByBackupVault] {
	return []answer.Field[types.RecoveryPointByBackupVault]{
		{Name: "IsEncrypted", Get: func(p *types.RecoveryPointByBackupVault) resource.Value { return resource.OfBool(p.IsEncrypted) }},
		{Name: "IsParent", Get: func(p *types.RecoveryPointByBackupVault) resource.Value { return resource.OfBool(p.IsParent) }},
		{Name: "Status", Get: func(p *types.RecoveryPointByBackupVault) resource.Value { return answer.String(&p.Status) }},
		{Name: "ResourceType", Get: func(p *types.RecoveryPointByBackupVault) resource.Value { return answer.Text(p.ResourceType) }},
		{Name: "ResourceArn", Get: func(p *types.RecoveryPointByBackupVault) resource.Value { return answer.Text(p.ResourceArn) }},
		{Name: "BackupVaultName", Get: func(p *types.RecoveryPointByBackupVault) resource.Value { return answer.Text(p.BackupVaultName) }},
		{Name: "CreationDate", Get: func(p *types.RecoveryPointByBackupVault) resource.Value { return answer.Time(p.CreationDate) }},
	}
}
