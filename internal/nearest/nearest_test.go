package nearest_test

import (
	"slices"
	"testing"

	"github.com/holdfast-aws/holdfast/internal/nearest"
)

func TestNames(t *testing.T) {
	t.Parallel()
	controls := []string{"Neptune.1", "Neptune.2", "Neptune.10", "DocumentDB.1"}
	for name, test := range map[string]struct {
		name  string
		among []string
		want  []string
	}{
		"a letter is missing":              {"jsn", []string{"text", "json"}, []string{"json"}},
		"a letter too many":                {"ssarif", []string{"sarif", "asff"}, []string{"sarif"}},
		"another letter":                   {"marcdown", []string{"markdown"}, []string{"markdown"}},
		"two letters swapped":              {"FSPB", []string{"FSBP", "CIS"}, []string{"FSBP"}},
		"letter case does not count":       {"NEPTUNE.10", controls, []string{"Neptune.10", "Neptune.1", "Neptune.2"}},
		"the nearest first, then in order": {"Neptune.3", controls, []string{"Neptune.1", "Neptune.2", "Neptune.10"}},
		"no more than three":               {"a", []string{"b", "c", "d", "e"}, []string{"b", "c", "d"}},
		"long names may differ more":       {"NIST-800-53", []string{"NIST-800-53-r5"}, []string{"NIST-800-53-r5"}},
		"short ones may not":               {"xml", []string{"json", "text"}, nil},
		"nothing to choose from":           {"xml", nil, nil},
		"no name":                          {"", []string{"ab", "abc"}, []string{"ab"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := nearest.Names(test.name, test.among); !slices.Equal(got, test.want) {
				t.Errorf("near %q: %q, want %q", test.name, got, test.want)
			}
		})
	}
}

func FuzzNames(f *testing.F) {
	f.Add("Neptun.5", "Neptune.5")
	f.Fuzz(func(t *testing.T, name, other string) {
		names := []string{other, name, other, other, name}
		got := nearest.Names(name, names)
		if len(got) > 3 || !slices.Contains(got, name) {
			t.Errorf("near %q in %q: %q", name, names, got)
		}
	})
}
