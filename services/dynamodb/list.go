package dynamodb

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/scan"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
	"github.com/holdfast-aws/holdfast/services/backup"
)

// TableType is the resource type of a table.
const TableType = "AWS::DynamoDB::Table"

// The operations that reading DynamoDB needs.
const (
	listTables        = "dynamodb:ListTables"
	continuousBackups = "dynamodb:DescribeContinuousBackups"
	describeTable     = "dynamodb:DescribeTable"
	listTags          = "dynamodb:ListTagsOfResource"
)

// pageSize is the most that DynamoDB returns in one answer.
const pageSize = 100

// Reader reads DynamoDB's resource types from AWS.
type Reader struct{}

// Types implements live.Service.
func (Reader) Types() []string { return []string{TableType} }

// Reads implements live.Service.
func (Reader) Reads() []string {
	return append(backup.ProtectionReads(), listTables, continuousBackups, describeTable, listTags)
}

// List implements live.Service.
func (Reader) List(ctx context.Context, place awsconn.Place, typ string, wants resource.Wants, sink scan.Sink) error {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: typ, Sink: sink, Wants: wants},
		client:  dynamodb.NewFromConfig(place.Config),
	}
	return l.tables(ctx)
}

type lister struct {
	answer.Reading
	client *dynamodb.Client
	cover  *backup.Cover
}

func (l *lister) tables(ctx context.Context) error {
	l.cover = backup.CoverOf(ctx, &l.Reading)
	var once answer.Once
	err := answer.Walk(&l.Reading, listTables, func(next *string) (answer.Page[string], error) {
		out, err := l.client.ListTables(ctx, &dynamodb.ListTablesInput{Limit: aws.Int32(pageSize), ExclusiveStartTableName: next})
		if err != nil {
			return answer.Page[string]{}, err
		}
		return answer.Page[string]{Items: out.TableNames, Next: out.LastEvaluatedTableName}, nil
	}, func(names []string) error {
		once.Turn()
		page := make([]*resource.Resource, 0, len(names))
		for _, name := range names {
			if !once.Again(name) {
				page = append(page, &resource.Resource{
					Ref: l.Ref(name, l.ARN("dynamodb", "table/"+name)), Properties: make(map[string]resource.Value, 4),
				})
			}
		}
		page, err := l.Each(ctx, page, l.read)
		if err != nil {
			return err
		}
		return l.Sink.Resources(page)
	})
	return errors.Join(err, l.cover.Report())
}

// read makes the calls that the wanted properties of one table need.
func (l *lister) read(ctx context.Context, table *resource.Resource) (gone bool, gaps []finding.Gap) {
	for _, step := range []struct {
		operation  string
		properties []string
		read       func(context.Context, *resource.Resource) error
	}{
		{describeTable, []string{"DeletionProtectionEnabled", "Status"}, l.describe},
		{continuousBackups, []string{"PointInTimeRecovery", "RecoveryPeriodInDays", "EarliestRestorableTime", "LatestRestorableTime"}, l.backups},
		{listTags, []string{resource.TagsProperty}, l.tags},
	} {
		if !l.AnyWanted(step.properties...) {
			continue
		}
		switch err := step.read(ctx, table); {
		case isGone(err):
			return true, nil
		case err != nil:
			gaps = append(gaps, l.Fault(table, step.operation, err, step.properties...))
		}
	}
	gaps = append(gaps, l.protect(ctx, table)...)
	return false, gaps
}

// protect tells which backup plans take a table. Its tags are asked for only
// where a plan selects by tags.
func (l *lister) protect(ctx context.Context, table *resource.Resource) (gaps []finding.Gap) {
	l.cover.Apply(table, backup.Target{Service: "DynamoDB", Tags: func() (map[string]string, *resource.Missing) {
		held, read := table.Properties[resource.TagsProperty]
		if !read {
			var err error
			if held, err = ReadTags(ctx, l.client, table.ARN); err != nil {
				gap := l.Fault(table, listTags, err)
				gaps = append(gaps, gap)
				return nil, answer.Missing(gap)
			}
		}
		return answer.Texts(held)
	}})
	return gaps
}

func (l *lister) describe(ctx context.Context, table *resource.Resource) error {
	out, err := l.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String(table.ID)})
	if err != nil {
		return err
	}
	if out.Table == nil {
		return awsconn.OddAnswerError("the answer holds no table")
	}
	table.UID = aws.ToString(out.Table.TableId)
	l.fill(table, answer.Properties(out.Table, tableFields(), l.Wanted))
	return nil
}

func (l *lister) backups(ctx context.Context, table *resource.Resource) error {
	out, err := l.client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: aws.String(table.ID)})
	if err != nil {
		return err
	}
	if out.ContinuousBackupsDescription == nil || out.ContinuousBackupsDescription.PointInTimeRecoveryDescription == nil {
		return awsconn.OddAnswerError("the answer does not tell of point-in-time recovery")
	}
	l.fill(table, answer.Properties(out.ContinuousBackupsDescription.PointInTimeRecoveryDescription, recoveryFields(), l.Wanted))
	return nil
}

func (l *lister) tags(ctx context.Context, table *resource.Resource) error {
	tags, err := ReadTags(ctx, l.client, table.ARN)
	if err == nil {
		table.Properties[resource.TagsProperty] = tags
	}
	return err
}

func (l *lister) fill(table *resource.Resource, properties map[string]resource.Value) {
	for name, value := range properties {
		table.Properties[name] = value
	}
}

// tableFields are the properties that DescribeTable yields.
func tableFields() []answer.Field[types.TableDescription] {
	return []answer.Field[types.TableDescription]{
		{Name: "DeletionProtectionEnabled", Get: func(t *types.TableDescription) resource.Value { return answer.Bool(t.DeletionProtectionEnabled) }},
		{Name: "Status", Get: func(t *types.TableDescription) resource.Value { return answer.String(&t.TableStatus) }},
	}
}

// recoveryFields are the properties that DescribeContinuousBackups yields.
func recoveryFields() []answer.Field[types.PointInTimeRecoveryDescription] {
	return []answer.Field[types.PointInTimeRecoveryDescription]{
		{Name: "PointInTimeRecovery", Get: enabled},
		{Name: "RecoveryPeriodInDays", Get: func(d *types.PointInTimeRecoveryDescription) resource.Value {
			if d.RecoveryPeriodInDays == nil {
				return resource.Value{} // there is none while recovery is off
			}
			return answer.Int(d.RecoveryPeriodInDays)
		}},
		{Name: "EarliestRestorableTime", Get: func(d *types.PointInTimeRecoveryDescription) resource.Value {
			return answer.Time(d.EarliestRestorableDateTime)
		}},
		{Name: "LatestRestorableTime", Get: func(d *types.PointInTimeRecoveryDescription) resource.Value {
			return answer.Time(d.LatestRestorableDateTime)
		}},
	}
}

// enabled tells whether recovery is on. ContinuousBackupsStatus does not: it is
// on for every table.
func enabled(d *types.PointInTimeRecoveryDescription) resource.Value {
	switch d.PointInTimeRecoveryStatus {
	case types.PointInTimeRecoveryStatusEnabled:
		return resource.OfBool(true)
	case types.PointInTimeRecoveryStatusDisabled:
		return resource.OfBool(false)
	default:
		return answer.Omitted()
	}
}

// ReadTags returns the tags of a table.
func ReadTags(ctx context.Context, client *dynamodb.Client, arn string) (resource.Value, error) {
	var tags []types.Tag
	broken, _ := answer.Pages(func(next *string) (answer.Page[types.Tag], error) {
		out, err := client.ListTagsOfResource(ctx, &dynamodb.ListTagsOfResourceInput{ResourceArn: aws.String(arn), NextToken: next})
		if err != nil {
			return answer.Page[types.Tag]{}, err
		}
		return answer.Page[types.Tag]{Items: out.Tags, Next: out.NextToken}, nil
	}, func(items []types.Tag) error {
		tags = append(tags, items...)
		return nil
	})
	return answer.Tags(tags, func(t *types.Tag) (key, value *string) { return t.Key, t.Value }), broken
}

// isGone tells that a table was deleted since it was listed.
func isGone(err error) bool {
	var table *types.TableNotFoundException
	var named *types.ResourceNotFoundException
	return errors.As(err, &table) || errors.As(err, &named)
}
