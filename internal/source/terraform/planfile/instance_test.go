package planfile

import (
	"strings"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/resource"
)

// shown writes a value with its unknowns told apart.
func shown(v resource.Value) string {
	switch v.Kind() {
	case resource.Unknown:
		switch m := v.Missing(); {
		case strings.Contains(m.Detail, "sensitive"):
			return "secret"
		case strings.Contains(m.Detail, "after apply"):
			return "later"
		default:
			return m.Detail
		}
	case resource.List:
		var items []string
		for _, item := range v.List() {
			items = append(items, shown(item))
		}
		return "[" + strings.Join(items, " ") + "]"
	case resource.Map:
		fields := make(map[string]resource.Value)
		for name, field := range v.Fields() {
			fields[name] = resource.OfString(shown(field))
		}
		return resource.OfMap(fields).String()
	default:
		return v.String()
	}
}

func TestValuesAndTheirMarks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ value, unknown, sensitive, want string }{
		"a number":                            {"7", "", "", "7"},
		"a fraction":                          {"1.5", "", "", "1.5"},
		"a number past all range":             {"1e999", "", "", "the number is out of range"},
		"null":                                {"null", "", "", "absent"},
		"not known before apply":              {"null", "true", "", "later"},
		"sensitive":                           {"7", "", "true", "secret"},
		"sensitive and not known":             {"null", "true", "true", "later"},
		"sensitive null":                      {"null", "", "true", "absent"},
		"marks that say no":                   {`["a"]`, "[false]", "[false]", "[a]"},
		"an item that is not known":           {`["a",null]`, "[false,true]", "", "[a later]"},
		"all items unknown and left out":      {"null", "[true,true]", "", "[later later]"},
		"an item that is sensitive":           {`["a","b"]`, "", "[false,true]", "[a secret]"},
		"a field that is not known":           {`{"a":"x"}`, `{"b":true}`, "", "{a=x, b=later}"},
		"a field that is sensitive":           {`{"a":"x","b":"y"}`, "", `{"b":true}`, "{a=x, b=secret}"},
		"a block with an unknown field":       {`[{"a":1}]`, `[{"b":true}]`, "", "[{a=1, b=later}]"},
		"empty marks on null":                 {"null", "[]", "{}", "absent"},
		"a mark for a field of a list":        {`["a"]`, "", `{"a":true}`, "secret"},
		"a mark for an item that is not here": {`["a"]`, "", `[false,true]`, "secret"},
		"a mark for a field of a text":        {`"a"`, "", `{"a":true}`, "secret"},
		"an unknown field of a text":          {`"a"`, `{"a":true}`, "", "later"},
		"nested without end":                  {strings.Repeat("[", 40) + strings.Repeat("]", 40), "", "", strings.Repeat("[", 16) + "the value is nested too deep" + strings.Repeat("]", 16)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			read := func(text string) any {
				if text == "" {
					return nil
				}
				value, err := newWalker(strings.NewReader(text)).value()
				if err != nil {
					t.Fatal(err)
				}
				return value
			}
			i := &attributes{
				values:    map[string]any{"x": read(test.value)},
				unknown:   marks{named: map[string]any{"x": read(test.unknown)}},
				sensitive: marks{named: map[string]any{"x": read(test.sensitive)}},
			}
			if got := shown(i.value("x", nil)); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestMarksOnEverything(t *testing.T) {
	t.Parallel()
	i := &attributes{values: map[string]any{"x": "y"}, sensitive: marks{all: true}}
	if got := shown(i.value("x", nil)); got != "secret" {
		t.Errorf("got %s", got)
	}
	i.unknown.all = true
	if got := shown(i.value("x", nil)); got != "later" {
		t.Errorf("got %s", got)
	}
}

func TestKeysInAddresses(t *testing.T) {
	t.Parallel()
	for key, want := range map[string]string{
		"eu": `["eu"]`, `gr"een`: `["gr\"een"]`, "a.b[c]": `["a.b[c]"]`, "a\\b\n\r\t": `["a\\b\n\r\t"]`,
		"${x} %{y} $z": `["$${x} %%{y} $z"]`, "é\u200b\U000e0001": `["é\u200b\U000e0001"]`, "": `[""]`,
	} {
		if got := keyText(key); got != want {
			t.Errorf("%q: got %s, want %s", key, got, want)
		}
		address := "module.m" + want + ".aws_neptune_cluster.x" + want
		if parts := segments(address); len(parts) != 4 || parts[3] != "x"+want {
			t.Errorf("%s has the segments %q", address, parts)
		}
	}
}
