package apply

import (
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/services/dynamodb"
)

// Sources tell how the properties that plans ask for are read without
// Holdfast: for the scripts and documents that plans are exported as.
func Sources() []render.Source {
	backups := &render.Read{
		Operation: "dynamodb:DescribeContinuousBackups", Identifier: tableName,
		Root: "ContinuousBackupsDescription.PointInTimeRecoveryDescription",
	}
	return []render.Source{{
		Type: dynamodb.TableType, UID: "TableId",
		Read: render.Read{Operation: "dynamodb:DescribeTable", Identifier: tableName, Root: "Table"},
		Properties: map[string]render.Property{
			status: {Path: "TableStatus"}, protection: {Path: "DeletionProtectionEnabled"},
			recovery:     {Path: "(PointInTimeRecoveryStatus == 'ENABLED')", Read: backups},
			periodInDays: {Path: "RecoveryPeriodInDays", Read: backups},
		},
	}}
}
