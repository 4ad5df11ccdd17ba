package lab

import (
	"net/http"
	"time"
)

// Table is a DynamoDB table as the lab keeps it. The zero fields are what AWS gives a new table.
type Table struct {
	Name               string
	Recovery           bool // point-in-time recovery
	RecoveryDays       int  // 35 unless set
	RecoverySince      time.Time
	DeletionProtection bool
	Status             string // ACTIVE unless set
	Tags               Tags
}

// AddTable puts a DynamoDB table into the region.
func (r *Region) AddTable(t Table) *Region {
	setDefault(&t.Status, "ACTIVE")
	if t.RecoveryDays == 0 {
		t.RecoveryDays = 35
	}
	t.Tags = t.Tags.clone()
	return add(r, &r.stores.dynamoTables, t.Name, t)
}

func dynamoService() service {
	return service{
		protocol: jsonProtocol{version: "1.0", target: "DynamoDB_20120810"},
		operations: map[string]operation{
			"DescribeContinuousBackups": answerJSON(describeContinuousBackups),
			"DescribeTable":             answerJSON(describeTable),
			"ListTables":                answerJSON(listTables),
			"ListTagsOfResource":        answerJSON(listTagsOfTable),
			"UpdateContinuousBackups":   answerJSON(updateContinuousBackups),
			"UpdateTable":               answerJSON(updateTable),
		},
	}
}

func listTables(c *call) (object, *Error) {
	page, refused := c.pageOf("Limit", "", 100)
	if refused != nil {
		return nil, refused
	}
	page.from = c.params["ExclusiveStartTableName"] // DynamoDB's token is the last name itself
	out := paged(c, &c.region.stores.dynamoTables, page, "TableNames", "LastEvaluatedTableName", func(t *Table) any { return t.Name })
	if page.more {
		out["LastEvaluatedTableName"] = page.last
	}
	return out, nil
}

func (c *call) table(code string) (*Table, *Error) {
	t, ok := c.region.stores.dynamoTables.get(c.params["TableName"])
	if !ok {
		return nil, refuse(http.StatusBadRequest, code, "Table not found: %s", c.params["TableName"])
	}
	return t, nil
}

func describeTable(c *call) (object, *Error) {
	t, refused := c.table("ResourceNotFoundException")
	if refused != nil {
		return nil, refused
	}
	return object{"Table": c.twist(t.Name, object{
		"TableName": t.Name, "TableStatus": t.Status, "TableArn": c.region.arnOf("dynamodb", "table/"+t.Name),
		"TableId": uuidOf(c.region.account.ID + c.region.Name + t.Name), "DeletionProtectionEnabled": t.DeletionProtection,
	})}, nil
}

func describeContinuousBackups(c *call) (object, *Error) {
	t, refused := c.table("TableNotFoundException")
	if refused != nil {
		return nil, refused
	}
	recovery := object{"PointInTimeRecoveryStatus": "DISABLED"}
	if t.Recovery {
		since := t.RecoverySince
		if since.IsZero() {
			since = c.now.Add(-time.Duration(t.RecoveryDays) * 24 * time.Hour)
		}
		recovery = object{
			"PointInTimeRecoveryStatus": "ENABLED", "RecoveryPeriodInDays": t.RecoveryDays,
			"EarliestRestorableDateTime": since.Unix(), "LatestRestorableDateTime": c.now.Add(-5 * time.Minute).Unix(),
		}
	}
	// Continuous backups themselves are on for every table.
	return object{"ContinuousBackupsDescription": object{
		"ContinuousBackupsStatus": "ENABLED", "PointInTimeRecoveryDescription": c.twist(t.Name, recovery),
	}}, nil
}

func listTagsOfTable(c *call) (object, *Error) {
	for _, t := range c.region.stores.dynamoTables.all() {
		if c.region.arnOf("dynamodb", "table/"+t.Name) == c.params["ResourceArn"] {
			return object{"Tags": tagList(t.Tags)}, nil
		}
	}
	return nil, refuse(http.StatusBadRequest, "ResourceNotFoundException", "Requested resource not found: %s", c.params["ResourceArn"])
}
