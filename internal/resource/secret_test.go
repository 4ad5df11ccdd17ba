package resource

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

func TestASensitiveValueShowsNothing(t *testing.T) {
	t.Parallel()
	const hunter = "hunter2"
	for name, value := range map[string]Value{
		"alone":     OfSecret(OfString(hunter)),
		"in a list": OfList(OfSecret(OfString(hunter))),
		"in a map":  OfMap(map[string]Value{"a": OfSecret(OfString(hunter))}),
		"a list":    OfSecret(OfStrings([]string{hunter})),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			data, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			for _, said := range []string{string(data), value.String(), fmt.Sprint(value), fmt.Sprintf("%v %s", value, value)} {
				if strings.Contains(said, hunter) || !strings.Contains(said, "(sensitive)") {
					t.Errorf("it says %s", said)
				}
			}
		})
	}
}

func TestASensitiveValueCountsAsUnknown(t *testing.T) {
	t.Parallel()
	value := OfSecret(OfString("x"))
	if _, isText := value.Text(); isText || value.Known() || value.Kind() != Unknown || value.Missing() == nil || value.Equal(value) {
		t.Error("it can be told like any other")
	}
	if inner, ok := value.Secret(); !ok || !inner.Equal(OfString("x")) {
		t.Errorf("it holds %s", inner)
	}
	for name, other := range map[string]Value{"absent": {}, "unknown": OfUnknown(Missing{Reason: ReasonDenied}), "plain": OfInt(1)} {
		if _, ok := other.Secret(); ok {
			t.Errorf("%s is taken for a secret", name)
		}
		if name != "plain" && OfSecret(other).Kind() != other.Kind() {
			t.Errorf("%s became %s", name, OfSecret(other).Kind())
		}
	}
}
