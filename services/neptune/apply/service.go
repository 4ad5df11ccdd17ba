package apply

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Service reads single Neptune resources and makes the calls of Neptune's
// fixes. The zero Service is ready for use.
type Service struct{}

// parameters are those of a call, by the names of the API.
type parameters = map[string]resource.Value

// action is one call that Holdfast may make.
type action struct {
	// check refuses what must not be done. It may read.
	check func(context.Context, *reader, parameters) error
	// fits refuses parameters that the operation does not have.
	fits func([]byte) error
	send func(context.Context, *rds.Client, []byte) error
}

// actions is every call that may change Neptune. An operation that is not here
// cannot be called.
func actions() map[string]action {
	return map[string]action{
		"rds:ModifyDBCluster":                  does((*rds.Client).ModifyDBCluster, ofCluster),
		"rds:ModifyDBClusterSnapshotAttribute": does((*rds.Client).ModifyDBClusterSnapshotAttribute, ofSnapshot),
		"rds:CreateDBClusterParameterGroup":    does((*rds.Client).CreateDBClusterParameterGroup, newGroup),
		"rds:ModifyDBClusterParameterGroup":    does((*rds.Client).ModifyDBClusterParameterGroup, customGroup),
		"rds:DeleteDBClusterParameterGroup":    does((*rds.Client).DeleteDBClusterParameterGroup, madeGroup),
		"rds:RebootDBInstance":                 does((*rds.Client).RebootDBInstance, ofInstance),
		"rds:CreateDBInstance":                 does((*rds.Client).CreateDBInstance, newInstance),
		"rds:DeleteDBInstance":                 does((*rds.Client).DeleteDBInstance, madeInstance),
		"rds:CreateDBClusterSnapshot":          does((*rds.Client).CreateDBClusterSnapshot, ofCluster),
		"rds:DeleteDBClusterSnapshot":          does((*rds.Client).DeleteDBClusterSnapshot, madeSnapshot),
		"rds:RestoreDBClusterFromSnapshot":     does((*rds.Client).RestoreDBClusterFromSnapshot, restored),
		"rds:DeleteDBCluster":                  does((*rds.Client).DeleteDBCluster, madeCluster),
	}
}

// Operations lists the operations that Call knows, in alphabetical order.
func (Service) Operations() []string { return slices.Sorted(maps.Keys(actions())) }

// Check refuses a call on anything that is not Neptune, the deletion of
// anything that Holdfast did not make, and parameters that the operation does
// not have. Nothing is changed.
func (Service) Check(ctx context.Context, place awsconn.Place, operation string, params map[string]resource.Value) error {
	act, encoded, err := prepare(operation, params)
	if err != nil {
		return err
	}
	if err := act.fits(encoded); err != nil {
		return fmt.Errorf("parameters of %s: %w", operation, err)
	}
	return act.check(ctx, newReader(place), params)
}

// Call makes one call, unchecked but for its name.
func (Service) Call(ctx context.Context, place awsconn.Place, operation string, params map[string]resource.Value) error {
	act, encoded, err := prepare(operation, params)
	if err != nil {
		return err
	}
	return act.send(ctx, rds.NewFromConfig(place.Config), encoded)
}

func prepare(operation string, params parameters) (action, []byte, error) {
	act, ok := actions()[operation]
	if !ok {
		return action{}, nil, fmt.Errorf("%s is none of the calls that change Neptune", operation)
	}
	encoded, err := json.Marshal(params)
	if err != nil {
		return action{}, nil, fmt.Errorf("parameters of %s: %w", operation, err)
	}
	return act, encoded, nil
}

// does makes an action of an operation of the SDK's client.
func does[In, Out any](
	call func(*rds.Client, context.Context, *In, ...func(*rds.Options)) (*Out, error),
	check func(context.Context, *reader, parameters) error,
) action {
	return action{
		check: check,
		fits: func(encoded []byte) error {
			_, err := decode[In](encoded)
			return err
		},
		send: func(ctx context.Context, client *rds.Client, encoded []byte) error {
			input, err := decode[In](encoded)
			if err != nil {
				return err
			}
			_, err = call(client, ctx, input)
			return err
		},
	}
}

// decode reads parameters strictly into the input of an operation.
func decode[In any](encoded []byte) (*In, error) {
	decoder := json.NewDecoder(bytes.NewReader(encoded))
	decoder.DisallowUnknownFields()
	input := new(In)
	if err := decoder.Decode(input); err != nil {
		return nil, err
	}
	return input, nil
}
