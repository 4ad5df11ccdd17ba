package action_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/holdfast-aws/holdfast/internal/awsconn"
	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/live"
	"github.com/holdfast-aws/holdfast/internal/fix/live/action"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

var _ live.Service = action.Service{}

// client stands for one of the SDK's.
type client struct{ region string }

type options struct{}

type input struct {
	Name  *string
	Days  *int32
	Flags struct{ On *bool }
}

type output struct{}

// service is one whose only call is kept in sent.
func service(sent *[]string, refuse error) action.Service {
	open := func(cfg aws.Config, _ ...func(*options)) *client { return &client{region: cfg.Region} }
	call := func(c *client, _ context.Context, in *input, _ ...func(*options)) (*output, error) {
		*sent = append(*sent, c.region+" "+aws.ToString(in.Name))
		return &output{}, nil
	}
	check := func(context.Context, awsconn.Place, action.Parameters) error { return refuse }
	return action.Service{
		Set:   action.Set{"test:SetThing": action.Of(open, call, check)},
		Kinds: []string{"AWS::Test::Thing"}, Calls: []string{"test:GetThing"},
		One: func(_ context.Context, _ awsconn.Place, ref resource.Ref, _ []string) (*resource.Resource, error) {
			switch ref.ID {
			case "there":
				return &resource.Resource{Ref: ref}, nil
			case "broken":
				return nil, errors.New("no answer")
			default:
				return nil, nil
			}
		},
	}
}

func place() awsconn.Place {
	return awsconn.Place{Region: "eu-west-1", Config: aws.Config{Region: "eu-west-1"}}
}

func TestACallIsSentAsThePlanSaysIt(t *testing.T) {
	t.Parallel()
	var sent []string
	s := service(&sent, nil)
	params := action.Parameters{"Name": resource.OfString("orders"), "Days": resource.OfInt(7)}
	if err := errors.Join(s.Check(t.Context(), place(), "test:SetThing", params), s.Call(t.Context(), place(), "test:SetThing", params)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(sent, []string{"eu-west-1 orders"}) {
		t.Errorf("sent %v", sent)
	}
}

func TestWhatTheOperationDoesNotHaveIsRefusedBeforeItIsSent(t *testing.T) {
	t.Parallel()
	denied := errors.New("not this one")
	for name, test := range map[string]struct {
		operation string
		params    action.Parameters
		refuse    error
		want      string
	}{
		"another operation":     {"test:DeleteThing", nil, nil, "test:DeleteThing is none of the calls"},
		"another parameter":     {"test:SetThing", action.Parameters{"Nme": resource.OfString("x")}, nil, `unknown field "Nme"`},
		"another kind of value": {"test:SetThing", action.Parameters{"Days": resource.OfString("7")}, nil, "Days"},
		"another field within":  {"test:SetThing", action.Parameters{"Flags": resource.OfMap(action.Parameters{"Off": resource.OfBool(true)})}, nil, `unknown field "Off"`},
		"the check says no":     {"test:SetThing", action.Parameters{"Name": resource.OfString("x")}, denied, "not this one"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent []string
			s := service(&sent, test.refuse)
			if err := s.Check(t.Context(), place(), test.operation, test.params); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("not refused for %q: %v", test.want, err)
			}
			if test.refuse == nil && s.Call(t.Context(), place(), test.operation, test.params) == nil {
				t.Error("called all the same")
			}
			if len(sent) != 0 {
				t.Errorf("sent %v", sent)
			}
		})
	}
}

func TestWhatIsNotThereIsGoneAndWhatCannotBeReadIsNot(t *testing.T) {
	t.Parallel()
	s := service(nil, nil)
	read := func(id string) error {
		_, err := s.Read(t.Context(), place(), resource.Ref{Type: "AWS::Test::Thing", ID: id}, nil)
		return err
	}
	if err := read("there"); err != nil {
		t.Error(err)
	}
	if err := read("gone"); !errors.Is(err, fix.ErrGone) {
		t.Errorf("gone is %v", err)
	}
	if err := read("broken"); err == nil || errors.Is(err, fix.ErrGone) {
		t.Errorf("broken is %v", err)
	}
}

func TestOnlyTellsWhichParameterIsTooMuch(t *testing.T) {
	t.Parallel()
	params := action.Parameters{"Name": resource.OfString("x"), "Window": resource.OfString("y")}
	if err := action.Only(params, "Name", "Window"); err != nil {
		t.Error(err)
	}
	if err := action.Only(params, "Name"); err == nil || !strings.Contains(err.Error(), "Window") {
		t.Errorf("got %v", err)
	}
	if _, err := action.Named(params, "Id"); err == nil || !strings.Contains(err.Error(), "Id is missing") {
		t.Errorf("got %v", err)
	}
}

func TestAStepThatDiffersInAnythingIsNotTheSame(t *testing.T) {
	t.Parallel()
	ref := resource.Ref{Type: "AWS::Test::Thing", ID: "orders"}
	steps := func() []fix.Step {
		return []fix.Step{{
			ID: "1", Title: "set it", Before: []fix.Condition{action.Equal(ref, "Days", resource.OfInt(1))},
			Done: []fix.Condition{action.Equal(ref, "Days", resource.OfInt(7))},
		}}
	}
	if err := action.Same(steps(), steps()); err != nil {
		t.Error(err)
	}
	for name, alter := range map[string]func(*fix.Step){
		"title": func(s *fix.Step) { s.Title = "" }, "wait": func(s *fix.Step) { s.Timeout = 1 }, "check": func(s *fix.Step) { s.Before = nil },
	} {
		other := steps()
		alter(&other[0])
		if action.Same(other, steps()) == nil {
			t.Errorf("another %s passes", name)
		}
	}
	change := &fix.Change{Resource: ref, Steps: steps()}
	if action.Comes(change, "Days", resource.OfInt(7)) != nil || action.Comes(change, "Days", resource.OfInt(8)) == nil {
		t.Error("what a step comes to is not told apart")
	}
	if was, ok := action.Asked(change.Steps[0].Before, ref, "Days"); !ok || !was.Equal(resource.OfInt(1)) {
		t.Errorf("asked for %s, %t", was, ok)
	}
}
