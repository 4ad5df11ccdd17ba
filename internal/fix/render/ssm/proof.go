package ssm

import (
	_ "embed"
	"fmt"
	"maps"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// checkScript asks a question in Python, where the actions that compare one
// value cannot: it runs in Systems Manager, with boto3.
//
//go:embed check.py
var checkScript string

// scriptSeconds is how long one run of a script waits. Systems Manager ends a
// script after ten minutes; longer waits are attempts.
const scriptSeconds = 540

// proof adds steps that hold when the conditions do: at once, or within some
// seconds. Each question is one step.
func (b *builder) proof(name, says string, conditions []fix.Condition, seconds int) error {
	questions, err := b.sources.Questions(conditions)
	if err != nil {
		return err
	}
	for i := range questions {
		q := &questions[i]
		for _, text := range []string{q.ID, q.Query} {
			if err := literal(text); err != nil {
				return err
			}
		}
		parameters, err := plainly(q.Parameters())
		if err != nil {
			return err
		}
		if q.Plain != nil {
			b.add(name, compare(q, parameters, says, seconds))
			continue
		}
		b.add(name, script(q, parameters, says, seconds))
	}
	return nil
}

// plainly makes parameters what a document holds.
func plainly(values map[string]resource.Value) (map[string]any, error) {
	parameters := make(map[string]any, len(values))
	for name, value := range values {
		var err error
		if parameters[name], err = plain(value); err != nil {
			return nil, err
		}
	}
	return parameters, nil
}

// compare is the step for one value: asserted, or waited for.
func compare(q *render.Question, parameters map[string]any, says string, seconds int) step {
	service, api, _ := strings.Cut(q.Operation, ":")
	s := step{
		Action: "aws:assertAwsResourceProperty", Description: brief(says),
		Inputs: map[string]any{
			"Service": service, "Api": api,
			"PropertySelector": "$." + strings.TrimPrefix(q.Plain.Root+"."+q.Plain.Path, "@."),
			"DesiredValues":    []string{desired(q.Plain.Value)},
		},
	}
	maps.Copy(s.Inputs, parameters)
	if seconds > 0 {
		s.Action, s.TimeoutSeconds = "aws:waitForAwsResourceProperty", seconds
	}
	return s
}

// desired writes a value as Automation compares it: true is True.
func desired(v resource.Value) string {
	if on, ok := v.Bool(); ok {
		if on {
			return "True"
		}
		return "False"
	}
	return v.String()
}

// script is the step for everything else.
func script(q *render.Question, parameters map[string]any, says string, seconds int) step {
	service, api, _ := strings.Cut(q.Operation, ":")
	return step{
		Action: "aws:executeScript", Description: brief(says),
		TimeoutSeconds: scriptSeconds + 60, MaxAttempts: max(1, (seconds+scriptSeconds-1)/scriptSeconds),
		Inputs: map[string]any{
			"Runtime": "python3.11", "Handler": "check", "Script": checkScript,
			"InputPayload": map[string]any{
				"service": service, "operation": api, "parameters": parameters,
				"query": q.Query, "gone": q.Gone, "seconds": min(seconds, scriptSeconds), "says": fmt.Sprintf("%s: %s", q.ID, says),
			},
		},
	}
}
