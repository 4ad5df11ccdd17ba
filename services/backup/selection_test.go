package backup

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/backup/types"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

const (
	table    = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
	instance = "arn:aws:rds:eu-west-1:111122223333:db:billing"
	cluster  = "arn:aws:rds:eu-west-1:111122223333:cluster:graph"
)

func on(key, value string) types.ConditionParameter {
	return types.ConditionParameter{ConditionKey: aws.String("aws:ResourceTag/" + key), ConditionValue: aws.String(value)}
}

// byTagList asks for the tag backup=daily.
func byTagList() []types.Condition {
	return []types.Condition{{ConditionKey: aws.String("backup"), ConditionValue: aws.String("daily")}}
}

func TestASelectionTakesWhatAWSBackupTakes(t *testing.T) {
	t.Parallel()
	all := []string{"*"}
	for _, test := range []struct {
		name         string
		selection    types.BackupSelection
		arn, service string
		tags         map[string]string
		optedOut     bool
		want         verdict
	}{
		{"named by its ARN", types.BackupSelection{Resources: []string{table}}, table, "DynamoDB", nil, false, yes},
		{"another is named", types.BackupSelection{Resources: []string{table + "2"}}, table, "DynamoDB", nil, false, no},
		{"every table is named", types.BackupSelection{Resources: []string{"arn:aws:dynamodb:*:*:table/*"}}, table, "DynamoDB", nil, false, yes},
		{"every instance is named, as db and not as instance", types.BackupSelection{Resources: []string{"arn:aws:rds:*:*:db:*"}}, instance, "RDS", nil, false, yes},
		{"a prefix is named", types.BackupSelection{Resources: []string{"arn:aws:dynamodb:eu-west-1:111122223333:table/ord*"}}, table, "DynamoDB", nil, false, yes},
		{"everything is named", types.BackupSelection{Resources: all}, table, "DynamoDB", nil, false, yes},
		{"everything but this", types.BackupSelection{Resources: all, NotResources: []string{table}}, table, "DynamoDB", nil, false, no},
		{"everything but its kind", types.BackupSelection{Resources: all, NotResources: []string{"arn:aws:dynamodb:*:*:table/*"}}, table, "DynamoDB", nil, false, no},
		{"everything but others", types.BackupSelection{Resources: all, NotResources: []string{instance}}, table, "DynamoDB", nil, false, yes},
		{"nothing is said, which means everything", types.BackupSelection{}, table, "DynamoDB", nil, false, yes},
		{"nothing is said, and it is turned off for its kind", types.BackupSelection{}, table, "DynamoDB", nil, true, no},
		{"only exceptions, of which it is none", types.BackupSelection{NotResources: []string{instance}}, table, "DynamoDB", nil, false, yes},
		{"only conditions, and it meets them", types.BackupSelection{Conditions: &types.Conditions{
			StringEquals: []types.ConditionParameter{on("backup", "daily")},
		}}, table, "DynamoDB", map[string]string{"backup": "daily"}, false, yes},
		{"only conditions, and it does not meet them", types.BackupSelection{Conditions: &types.Conditions{
			StringEquals: []types.ConditionParameter{on("backup", "daily")},
		}}, table, "DynamoDB", nil, false, no},
		{"one of two tags is enough", types.BackupSelection{ListOfTags: []types.Condition{
			{ConditionKey: aws.String("backup"), ConditionValue: aws.String("daily")}, {ConditionKey: aws.String("stage"), ConditionValue: aws.String("prod")},
		}}, table, "DynamoDB", map[string]string{"stage": "prod"}, false, yes},
		{"tags are compared with their case", types.BackupSelection{ListOfTags: []types.Condition{
			{ConditionKey: aws.String("backup"), ConditionValue: aws.String("daily")},
		}}, table, "DynamoDB", map[string]string{"backup": "Daily"}, false, no},
		{"of the conditions every one must hold", types.BackupSelection{Resources: all, Conditions: &types.Conditions{
			StringEquals: []types.ConditionParameter{on("backup", "daily"), on("stage", "prod")},
		}}, table, "DynamoDB", map[string]string{"backup": "daily", "stage": "test"}, false, no},
		{"all conditions hold", types.BackupSelection{Resources: all, Conditions: &types.Conditions{
			StringEquals: []types.ConditionParameter{on("backup", "daily")}, StringLike: []types.ConditionParameter{on("team", "*shop*")},
			StringNotEquals: []types.ConditionParameter{on("stage", "test")}, StringNotLike: []types.ConditionParameter{on("owner", "tmp-*")},
		}}, table, "DynamoDB", map[string]string{"backup": "daily", "team": "web-shop-eu", "owner": "ops"}, false, yes},
		{"a negated pattern matches", types.BackupSelection{Resources: all, Conditions: &types.Conditions{
			StringNotLike: []types.ConditionParameter{on("owner", "tmp-*")},
		}}, table, "DynamoDB", map[string]string{"owner": "tmp-7"}, false, no},
		{"its kind or a tag, and it has not the tag", types.BackupSelection{
			Resources:  []string{"arn:aws:dynamodb:*:*:table/*"},
			ListOfTags: byTagList(),
		}, table, "DynamoDB", nil, false, yes},
		{"another kind or a tag, and it has the tag", types.BackupSelection{
			Resources:  []string{"arn:aws:rds:*:*:db:*"},
			ListOfTags: byTagList(),
		}, table, "DynamoDB", map[string]string{"backup": "daily"}, false, yes},
		{"another kind or a tag, and it has not the tag", types.BackupSelection{
			Resources:  []string{"arn:aws:rds:*:*:db:*"},
			ListOfTags: byTagList(),
		}, table, "DynamoDB", nil, false, no},
		{"its kind and a condition, and it does not meet it", types.BackupSelection{
			Resources:  []string{"arn:aws:dynamodb:*:*:table/*"},
			Conditions: &types.Conditions{StringEquals: []types.ConditionParameter{on("backup", "daily")}},
		}, table, "DynamoDB", nil, false, no},
		{"it has the tag, and is an exception", types.BackupSelection{
			NotResources: []string{table},
			ListOfTags:   byTagList(),
		}, table, "DynamoDB", map[string]string{"backup": "daily"}, false, no},
		{"turned off for its kind, and it has the tag", types.BackupSelection{
			ListOfTags: byTagList(),
		}, table, "DynamoDB", map[string]string{"backup": "daily"}, true, no},
		{"turned off for its kind, and only its service is named", types.BackupSelection{Resources: []string{"arn:aws:dynamodb:*"}}, table, "DynamoDB", nil, true, no},
		{"turned on for its kind, and only its service is named", types.BackupSelection{Resources: []string{"arn:aws:dynamodb:*"}}, table, "DynamoDB", nil, false, yes},
		{"turned off for its kind, and every kind of the service is named", types.BackupSelection{Resources: []string{"arn:aws:dynamodb:*:*:*"}}, table, "DynamoDB", nil, true, no},
		{"turned off for its kind, and its kind is named with a star", types.BackupSelection{Resources: []string{"arn:aws:dynamodb:*:*:table/*"}}, table, "DynamoDB", nil, true, yes},
		{"turned off for its kind, selected with everything", types.BackupSelection{Resources: all}, table, "DynamoDB", nil, true, no},
		{"turned off for its kind, and its kind is named", types.BackupSelection{Resources: []string{table}}, table, "DynamoDB", nil, true, yes},
		{"turned off for Neptune, whoever is named", types.BackupSelection{Resources: []string{cluster}}, cluster, "Neptune", nil, true, no},
		{"turned on for Neptune", types.BackupSelection{Resources: []string{cluster}}, cluster, "Neptune", nil, false, yes},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			gate := &plans{optIn: map[string]bool{test.service: !test.optedOut}}
			got, _ := selectionOf(&test.selection).takes(test.arn, test.service, func() (map[string]string, *resource.Missing) { return test.tags, nil }, gate)
			if got != test.want {
				t.Errorf("%d, want %d", got, test.want)
			}
		})
	}
}

func TestWhatIsNotKnownDecidesNothing(t *testing.T) {
	t.Parallel()
	missing := &resource.Missing{Reason: resource.ReasonDenied}
	byTag := selectionOf(&types.BackupSelection{ListOfTags: byTagList()})
	asked := 0
	denied := func() (map[string]string, *resource.Missing) { asked++; return nil, missing }
	if got, why := byTag.takes(table, "DynamoDB", denied, &plans{optIn: map[string]bool{"DynamoDB": true}}); got != unsure || why != missing {
		t.Errorf("with unread tags %d because of %+v", got, why)
	}
	if got, _ := byTag.takes(table, "DynamoDB", denied, &plans{}); got != unsure {
		t.Errorf("where AWS Backup does not say whether it is turned on: %d", got)
	}
	asked = 0
	named := selectionOf(&types.BackupSelection{Resources: []string{table}, ListOfTags: byTagList()})
	if got, _ := named.takes(table, "DynamoDB", denied, &plans{optInOpen: missing}); got != yes || asked != 0 {
		t.Errorf("named by its ARN: %d, and tags were asked for %d times", got, asked)
	}
}

func TestOneUnreadPlanHidesNoOther(t *testing.T) {
	t.Parallel()
	missing := &resource.Missing{Reason: resource.ReasonDenied}
	taking := &plan{name: "daily", selections: []*selection{{resources: []string{table}}}}
	p := &plans{list: []*plan{{name: "closed", open: missing}, taking}}
	if got := p.taking(table, Target{Service: "DynamoDB"}).property().String(); got != "[daily]" {
		t.Errorf("a table in a plan beside one that may not be read is in %s", got)
	}
	if got := p.taking(instance, Target{Service: "RDS"}).property(); got.Missing() == nil {
		t.Errorf("an instance that the unread plan may take is in %s", got)
	}
}

func FuzzMatchARN(f *testing.F) {
	for _, pattern := range []string{"*", "", "arn:aws:dynamodb:*:*:table/*", table, "a*b*c", "**"} {
		f.Add(pattern, table)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if !matchARN(text+"*", text) && !strings.Contains(text, "*") {
			t.Errorf("%q does not begin with itself", text)
		}
		if matchARN(pattern, text) && !matchARN(pattern+"*", text) {
			t.Errorf("%q matches %q, and not with a star behind it", pattern, text)
		}
	})
}

func TestAnExceptionMayMeanWhatIsNotWhollyKnown(t *testing.T) {
	t.Parallel()
	unplaced := Named{ARN: "dynamodb", Kind: "table/"}.arn("", "", "orders")
	unnamed := Named{ARN: "dynamodb", Kind: "table/"}.arn("eu-west-1", "111122223333", "")
	for _, test := range []struct {
		name, pattern, arn string
		want               bool
	}{
		{"the table of some account", table, unplaced, true},
		{"another table of some account", table + "2", unplaced, false},
		{"a pattern over the tables of some account", "arn:aws:dynamodb:eu-west-1:111122223333:table/or*", unplaced, true},
		{"a pattern over other tables", "arn:aws:dynamodb:*:*:table/tmp-*", unplaced, false},
		{"another service", "arn:aws:rds:eu-west-1:111122223333:db:orders", unplaced, false},
		{"any table, where the name is made by AWS", "arn:aws:dynamodb:eu-west-1:111122223333:table/tmp-*", unnamed, true},
		{"a table of another region", "arn:aws:dynamodb:eu-west-2:111122223333:table/orders", unnamed, false},
		{"everything", "*", unplaced, true},
		{"nothing", "", unplaced, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := mayMatch(test.pattern, test.arn); got != test.want {
				t.Errorf("%q may mean %q: %t", test.pattern, test.arn, got)
			}
		})
	}
}

func FuzzMayMatch(f *testing.F) {
	for _, pattern := range []string{"*", "", "arn:aws:dynamodb:*:*:table/*", table, "a*b*c", "**"} {
		f.Add(pattern, table)
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		known := !strings.Contains(text, hidden)
		if matchARN(pattern, text) && !mayMatch(pattern, text) || known && mayMatch(pattern, text) && !matchARN(pattern, text) {
			t.Errorf("%q matches %q: %t, and may match it: %t", pattern, text, matchARN(pattern, text), mayMatch(pattern, text))
		}
	})
}
