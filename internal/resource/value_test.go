package resource

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestValuesSurviveJSON(t *testing.T) {
	t.Parallel()
	for name, value := range map[string]Value{
		"absent":     {},
		"true":       OfBool(true),
		"integer":    OfInt(-7),
		"fraction":   OfFloat(0.5),
		"text":       OfString("a\"b"),
		"empty list": OfList(),
		"list":       OfStrings([]string{"audit", "slowquery"}),
		"map":        OfMap(map[string]Value{"env": OfString("prod")}),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			var back Value
			if err := json.Unmarshal(data, &back); err != nil {
				t.Fatal(err)
			}
			if !back.Equal(value) {
				t.Errorf("%s came back as %s", value, back)
			}
		})
	}
}

func TestUnknownKeepsItsReasonAndEqualsNothing(t *testing.T) {
	t.Parallel()
	value := OfUnknown(Missing{Reason: ReasonDenied, Permission: "rds:DescribeDBClusters"})
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var back Value
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if back.Missing() == nil || back.Missing().Permission != "rds:DescribeDBClusters" {
		t.Errorf("lost the reason: %s", data)
	}
	if back.Equal(value) || value.Equal(value) {
		t.Error("an unknown value equals something")
	}
	if (Value{}).Equal(value) || value.Known() {
		t.Error("unknown passes for absent or known")
	}
}

func TestHostileJSONIsRefused(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nested too deep":       strings.Repeat("[", 100) + strings.Repeat("]", 100),
		"unknown beside fields": `{"$unknown":{"reason":"denied"},"x":1}`,
		"unknown of wrong type": `{"$unknown":[1]}`,
		"unknown with a field":  `{"$unknown":{"reason":"denied","x":1}}`,
		"number out of range":   `1e999`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var value Value
			if err := json.Unmarshal([]byte(text), &value); err == nil {
				t.Errorf("accepted as %s", value)
			}
		})
	}
}

func FuzzValueJSON(f *testing.F) {
	f.Add(`{"a":[1,true,"x",null,{"$unknown":{"reason":"denied"}}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		var value Value
		if json.Unmarshal([]byte(text), &value) != nil {
			return
		}
		if _, err := json.Marshal(value); err != nil {
			t.Errorf("read %q but cannot write it: %v", text, err)
		}
	})
}
