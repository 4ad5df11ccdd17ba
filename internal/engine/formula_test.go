package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/holdfast-aws/holdfast/internal/control"
)

// spell writes a formula for a person.
func spell(f Formula) string {
	if f.Parts == nil && f.Property != "" {
		return fmt.Sprintf("%s %s %s (absent: %s)", f.Property, f.Op, f.Value, f.Absent)
	}
	var parts []string
	for _, part := range f.Parts {
		parts = append(parts, spell(part))
	}
	return string(f.Op) + "(" + strings.Join(parts, "; ") + ")"
}

func formula(t *testing.T, check, applies string) (Formula, error) {
	t.Helper()
	text := strings.Replace(soundControl, "check: resource.Days >= params.least && resource.On", fmt.Sprintf("check: %q\napplies: %q", check, applies), 1)
	catalogue, err := control.Load(fstest.MapFS{"Thing.yaml": {Data: []byte(thingType)}, "Test.1.yaml": {Data: []byte(text)}})
	if err != nil {
		t.Fatal(err)
	}
	params, err := catalogue.ParseParams(nil)
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(catalogue, catalogue.Controls, params)
	if err != nil {
		t.Fatal(err)
	}
	return e.Formula("Test.1", "AWS::Test::Thing")
}

func TestFormulasSayWhatExpressionsSay(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ check, applies, want string }{
		"a boolean":                {"resource.On", "", "On == true (absent: absent)"},
		"not a boolean":            {"!resource.On", "", "not(On == true (absent: absent))"},
		"a parameter, and":         {"resource.Days >= params.least && resource.On", "", "and(Days >= 7 (absent: 1); On == true (absent: absent))"},
		"the other way round":      {"3 < resource.Days || resource.Days == 1", "", "or(Days > 3 (absent: 1); Days == 1 (absent: 1))"},
		"in a list of the thing":   {`"mark" in resource.Names`, "", "Names contains mark (absent: [])"},
		"in a list of values":      {`resource.?Note.orValue("x") in ["a", "b"]`, "", "Note in [a, b] (absent: x)"},
		"a property that is there": {"resource.?Note.hasValue()", "", "Note present absent (absent: absent)"},
		"a beginning":              {`resource.?Note.orValue("").startsWith("au")`, "", "Note begins au (absent: )"},
		"a product":                {"resource.Days > params.least * 24", "", "Days > 168 (absent: 1)"},
		"what parameters decide":   {`params.least == 7 && (params.least != 7 || resource.On)`, "", "and(and(); or(or(); On == true (absent: absent)))"},
		"only where it applies":    {"resource.On", "resource.Days > 3", "or(not(Days > 3 (absent: 1)); On == true (absent: absent))"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := formula(t, test.check, test.applies)
			if err != nil {
				t.Fatal(err)
			}
			if spell(got) != test.want {
				t.Errorf("%s, not %s", spell(got), test.want)
			}
		})
	}
}

func TestWhatNoFormulaCanSayIsRefused(t *testing.T) {
	t.Parallel()
	for check, want := range map[string]string{
		"size(resource.Names) > 0":                 "compares something that is no property",
		`resource.Names.exists(n, n == "mark")`:    "more than comparisons",
		"resource.Days > resource.Days - 1":        "compares Days with something that is no value",
		`resource.?Note.orValue("").contains("a")`: "calls contains",
		"resource.Days > resource.Days * 2":        "compares Days with something that is no value",
		"resource.On && size(resource.Names) > 0":  "compares something that is no property",
	} {
		_, err := formula(t, check, "")
		var refused *FormError
		if !errors.As(err, &refused) || refused.Control != "Test.1" || !strings.Contains(refused.Why, want) {
			t.Errorf("%s: %v", check, err)
		}
	}
}
