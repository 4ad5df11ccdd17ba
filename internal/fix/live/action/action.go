package action

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// Parameters are those of a call, by the names of the API.
type Parameters = map[string]resource.Value

// Check refuses a call that must not be made. It may read; it changes nothing.
type Check func(context.Context, awsconn.Place, Parameters) error

// Action is one call that Holdfast may make.
type Action struct {
	check Check
	fits  func([]byte) error
	send  func(context.Context, aws.Config, []byte) error
}

// Of makes an action of an operation of an SDK's client. open makes the client,
// as NewFromConfig does; call is the method, as (*rds.Client).ModifyDBCluster.
func Of[Client, In, Out, Options any](
	open func(aws.Config, ...func(*Options)) *Client,
	call func(*Client, context.Context, *In, ...func(*Options)) (*Out, error),
	check Check,
) Action {
	return Action{
		check: check,
		fits: func(encoded []byte) error {
			_, err := decode[In](encoded)
			return err
		},
		send: func(ctx context.Context, cfg aws.Config, encoded []byte) error {
			input, err := decode[In](encoded)
			if err != nil {
				return err
			}
			_, err = call(open(cfg), ctx, input)
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

// Set is every call that changes a service, by the name of the operation, as
// rds:ModifyDBCluster. An operation that is not in it cannot be called.
type Set map[string]Action

// Operations lists the operations of the set in alphabetical order.
func (s Set) Operations() []string { return slices.Sorted(maps.Keys(s)) }

// Check refuses parameters that the operation does not have, and what the check
// of the action refuses. Nothing is changed.
func (s Set) Check(ctx context.Context, place awsconn.Place, operation string, params Parameters) error {
	act, encoded, err := s.prepare(operation, params)
	if err != nil {
		return err
	}
	if err := act.fits(encoded); err != nil {
		return fmt.Errorf("parameters of %s: %w", operation, err)
	}
	return act.check(ctx, place, params)
}

// Call makes one call, unchecked but for its name.
func (s Set) Call(ctx context.Context, place awsconn.Place, operation string, params Parameters) error {
	act, encoded, err := s.prepare(operation, params)
	if err != nil {
		return err
	}
	return act.send(ctx, place.Config, encoded)
}

func (s Set) prepare(operation string, params Parameters) (Action, []byte, error) {
	act, ok := s[operation]
	if !ok {
		return Action{}, nil, fmt.Errorf("%s is none of the calls that Holdfast makes here", operation)
	}
	encoded, err := json.Marshal(params)
	if err != nil {
		return Action{}, nil, fmt.Errorf("parameters of %s: %w", operation, err)
	}
	return act, encoded, nil
}

// Named returns the parameter that names what a call is about.
func Named(params Parameters, name string) (string, error) {
	id, ok := params[name].Text()
	if !ok || id == "" {
		return "", fmt.Errorf("the parameter %s is missing", name)
	}
	return id, nil
}

// Only refuses parameters beside the allowed ones: a call that sets one thing
// sets nothing else.
func Only(params Parameters, allowed ...string) error {
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("the parameter %s is none that a fix sends", name)
		}
	}
	return nil
}
