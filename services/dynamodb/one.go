package dynamodb

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"github.com/holdfast-aws/holdfast/internal/source/live/answer"
)

// OneReads lists the operations that One may call.
func OneReads() []string { return []string{continuousBackups, describeTable, listTags} }

// One reads a single table with the wanted properties; nil where there is none
// of the name. It is always described, since nothing else tells its id.
func (Reader) One(ctx context.Context, place awsconn.Place, ref resource.Ref, properties []string) (*resource.Resource, error) {
	l := &lister{
		Reading: answer.Reading{Place: place, Type: TableType, Wants: resource.Wants{TableType: properties}},
		client:  dynamodb.NewFromConfig(place.Config),
	}
	table := &resource.Resource{Ref: l.Ref(ref.ID, l.ARN("dynamodb", "table/"+ref.ID)), Properties: make(map[string]resource.Value, 4)}
	if err := l.describe(ctx, table); isGone(err) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	for _, step := range []struct {
		operation  string
		properties []string
		read       func(context.Context, *resource.Resource) error
	}{
		{continuousBackups, []string{"PointInTimeRecovery", "RecoveryPeriodInDays", "EarliestRestorableTime", "LatestRestorableTime"}, l.backups},
		{listTags, []string{resource.TagsProperty}, l.tags},
	} {
		if !l.AnyWanted(step.properties...) {
			continue
		}
		if err := step.read(ctx, table); isGone(err) {
			return nil, nil
		} else if err != nil {
			l.Fault(table, step.operation, err, step.properties...)
		}
	}
	return table, nil
}
