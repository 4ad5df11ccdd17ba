package lab

import (
	"net/http"
	"slices"
	"time"
)

// BackupPlan is a plan of AWS Backup.
type BackupPlan struct {
	Name       string
	Vaults     []string // into which its rules write; Default unless set
	Selections []BackupSelection
}

// BackupSelection is which resources a plan takes.
type BackupSelection struct {
	Name                    string
	Resources, NotResources []string
	Tags                    Tags // of which a resource must have one
	// Conditions are what its tags must meet, all of them: StringEquals, StringLike, StringNotEquals, StringNotLike, each
	// with values by tag.
	Conditions map[string]Tags
}

// BackupVault is a vault of AWS Backup with the recovery points in it.
type BackupVault struct {
	Name   string
	Locked bool
	Points []RecoveryPoint
}

// RecoveryPoint is one backup in a vault.
type RecoveryPoint struct {
	ARN          string
	ResourceARN  string
	ResourceType string // DynamoDB, EBS …
	Encrypted    bool
	Status       string // COMPLETED unless set
	Parent       bool   // holds other recovery points and no data of its own
	Created      time.Time
}

// Protected is a resource of which AWS Backup holds a backup.
type Protected struct {
	ARN, Type string
	Last      time.Time
}

// AddBackupPlan puts a plan into the region.
func (r *Region) AddBackupPlan(p BackupPlan) *Region {
	p.Selections = slices.Clone(p.Selections)
	if len(p.Vaults) == 0 {
		p.Vaults = []string{"Default"}
	}
	return add(r, &r.stores.plans, planID(p.Name), p)
}

// AddBackupVault puts a vault into the region.
func (r *Region) AddBackupVault(v BackupVault) *Region {
	v.Points = slices.Clone(v.Points)
	return add(r, &r.stores.vaults, v.Name, v)
}

// AddProtected says that AWS Backup holds a backup of a resource.
func (r *Region) AddProtected(p Protected) *Region { return add(r, &r.stores.protected, p.ARN, p) }

// BackupOptOut turns AWS Backup off for kinds of resource, such as DynamoDB.
func (r *Region) BackupOptOut(kinds ...string) *Region {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stores.optOut = map[string]bool{}
	for _, kind := range kinds {
		r.stores.optOut[kind] = true
	}
	return r
}

func planID(name string) string { return uuidOf("plan " + name) }

func backupService() service {
	return service{
		protocol: restProtocol{routes: []route{
			{"GET", "/backup/plans", "ListBackupPlans"},
			{"GET", "/backup/plans/{BackupPlanId}", "GetBackupPlan"},
			{"GET", "/backup/plans/{BackupPlanId}/selections", "ListBackupSelections"},
			{"GET", "/backup/plans/{BackupPlanId}/selections/{SelectionId}", "GetBackupSelection"},
			{"GET", "/backup-vaults", "ListBackupVaults"},
			{"GET", "/backup-vaults/{BackupVaultName}/recovery-points", "ListRecoveryPointsByBackupVault"},
			{"GET", "/resources", "ListProtectedResources"},
			{"GET", "/account-settings", "DescribeRegionSettings"},
		}},
		operations: map[string]operation{
			"DescribeRegionSettings":          answerJSON(describeRegionSettings),
			"GetBackupPlan":                   answerJSON(getBackupPlan),
			"GetBackupSelection":              answerJSON(getBackupSelection),
			"ListBackupPlans":                 answerJSON(listBackupPlans),
			"ListBackupSelections":            answerJSON(listBackupSelections),
			"ListBackupVaults":                answerJSON(listBackupVaults),
			"ListProtectedResources":          answerJSON(listProtected),
			"ListRecoveryPointsByBackupVault": answerJSON(listRecoveryPoints),
		},
	}
}

func listBackupPlans(c *call) (object, *Error) {
	page, refused := c.pageOf("maxResults", "nextToken", 1000)
	if refused != nil {
		return nil, refused
	}
	return paged(c, &c.region.stores.plans, page, "BackupPlansList", "NextToken", func(p *BackupPlan) any {
		return object{"BackupPlanId": planID(p.Name), "BackupPlanName": p.Name, "BackupPlanArn": c.region.arnOf("backup", "backup-plan:"+planID(p.Name))}
	}), nil
}

func (c *call) plan() (*BackupPlan, *Error) {
	p, ok := c.region.stores.plans.get(c.params["BackupPlanId"])
	if !ok {
		return nil, notFound("Cannot find Backup plan with ID %s", c.params["BackupPlanId"])
	}
	return p, nil
}

func notFound(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "ResourceNotFoundException", format, args...)
}

func getBackupPlan(c *call) (object, *Error) {
	p, refused := c.plan()
	if refused != nil {
		return nil, refused
	}
	rules := make([]any, 0, len(p.Vaults))
	for _, vault := range p.Vaults {
		rules = append(rules, object{"RuleName": "to-" + vault, "TargetBackupVaultName": vault, "ScheduleExpression": "cron(0 5 ? * * *)"})
	}
	return object{"BackupPlanId": planID(p.Name), "BackupPlan": object{"BackupPlanName": p.Name, "Rules": rules}}, nil
}

func listBackupSelections(c *call) (object, *Error) {
	p, refused := c.plan()
	if refused != nil {
		return nil, refused
	}
	list := make([]any, 0, len(p.Selections))
	for _, s := range p.Selections {
		list = append(list, object{"SelectionId": uuidOf(s.Name), "SelectionName": s.Name, "BackupPlanId": planID(p.Name)})
	}
	return object{"BackupSelectionsList": list}, nil
}

func getBackupSelection(c *call) (object, *Error) {
	p, refused := c.plan()
	if refused != nil {
		return nil, refused
	}
	for _, s := range p.Selections {
		if uuidOf(s.Name) != c.params["SelectionId"] {
			continue
		}
		tags := make([]any, 0, len(s.Tags))
		for _, key := range s.Tags.keys() {
			tags = append(tags, object{"ConditionType": "STRINGEQUALS", "ConditionKey": key, "ConditionValue": s.Tags[key]})
		}
		conditions := object{}
		for kind, wanted := range s.Conditions {
			list := make([]any, 0, len(wanted))
			for _, key := range wanted.keys() {
				list = append(list, object{"ConditionKey": "aws:ResourceTag/" + key, "ConditionValue": wanted[key]})
			}
			conditions[kind] = list
		}
		return object{"BackupPlanId": planID(p.Name), "SelectionId": uuidOf(s.Name), "BackupSelection": object{
			"SelectionName": s.Name, "IamRoleArn": "arn:aws:iam::" + c.account.ID + ":role/backup",
			"Resources": orEmpty(s.Resources), "NotResources": orEmpty(s.NotResources), "ListOfTags": tags, "Conditions": conditions,
		}}, nil
	}
	return nil, notFound("Cannot find Backup selection with ID %s", c.params["SelectionId"])
}

func orEmpty(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
}

func listBackupVaults(c *call) (object, *Error) {
	page, refused := c.pageOf("maxResults", "nextToken", 1000)
	if refused != nil {
		return nil, refused
	}
	return paged(c, &c.region.stores.vaults, page, "BackupVaultList", "NextToken", func(v *BackupVault) any {
		return c.twist(v.Name, object{
			"BackupVaultName": v.Name, "BackupVaultArn": c.region.arnOf("backup", "backup-vault:"+v.Name), "Locked": v.Locked,
			"NumberOfRecoveryPoints": len(v.Points), "VaultType": "BACKUP_VAULT",
		})
	}), nil
}

func listRecoveryPoints(c *call) (object, *Error) {
	v, ok := c.region.stores.vaults.get(c.params["BackupVaultName"])
	if !ok {
		return nil, notFound("Cannot find vault %s", c.params["BackupVaultName"])
	}
	page, refused := c.pageOf("maxResults", "nextToken", 1000)
	if refused != nil {
		return nil, refused
	}
	var points table[RecoveryPoint]
	for i := range v.Points {
		points.put(v.Points[i].ARN, &v.Points[i])
	}
	return paged(c, &points, page, "RecoveryPoints", "NextToken", func(p *RecoveryPoint) any {
		return c.twist(p.ARN, object{
			"RecoveryPointArn": p.ARN, "BackupVaultName": v.Name, "ResourceArn": p.ResourceARN, "ResourceType": p.ResourceType,
			"IsEncrypted": p.Encrypted, "IsParent": p.Parent, "Status": or(p.Status, "COMPLETED"), "CreationDate": p.Created.Unix(),
		})
	}), nil
}

func listProtected(c *call) (object, *Error) {
	page, refused := c.pageOf("maxResults", "nextToken", 1000)
	if refused != nil {
		return nil, refused
	}
	return paged(c, &c.region.stores.protected, page, "Results", "NextToken", func(p *Protected) any {
		return object{"ResourceArn": p.ARN, "ResourceType": p.Type, "LastBackupTime": p.Last.Unix()}
	}), nil
}

func describeRegionSettings(c *call) (object, *Error) {
	preference := map[string]bool{}
	for _, kind := range []string{"Aurora", "DocumentDB", "DynamoDB", "EBS", "EC2", "EFS", "FSx", "Neptune", "RDS", "Redshift", "S3"} {
		preference[kind] = !c.region.stores.optOut[kind]
	}
	return object{"ResourceTypeOptInPreference": preference, "ResourceTypeManagementPreference": object{"DynamoDB": true, "EFS": true}}, nil
}
