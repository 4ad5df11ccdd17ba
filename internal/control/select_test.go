package control

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/holdfast-aws/holdfast/internal/finding"
)

// family is a catalogue of several controls with ids, standards and severities.
func family(t *testing.T) *Catalogue {
	t.Helper()
	files := fstest.MapFS{"Thing.yaml": {Data: []byte(thingType)}}
	for id, change := range map[string][]string{
		"Test.1":       {"[FSBP]", "[FSBP, CIS-3.0]"},
		"Test.2":       {"LOW", "HIGH"},
		"Test.10":      {"[FSBP]", "[NIST-800-53-r5]", "LOW", "HIGH"},
		"Other.1":      {"[FSBP]", "[]"},
		"Own.Backup.3": {"LOW", "CRITICAL"},
	} {
		text := strings.Replace(thingControl, "id: Test.1", "id: "+id, 1)
		files[id+".yaml"] = &fstest.MapFile{Data: []byte(strings.NewReplacer(change...).Replace(text))}
	}
	catalogue, err := Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

func TestSelectChoosesByIdStandardAndSeverity(t *testing.T) {
	t.Parallel()
	catalogue := family(t)
	for name, test := range map[string]struct {
		selection Selection
		want      string
	}{
		"everything, in number order":   {Selection{}, "Other.1 Own.Backup.3 Test.1 Test.2 Test.10"},
		"one id":                        {Selection{IDs: []string{"Test.2"}}, "Test.2"},
		"letter case is ignored":        {Selection{IDs: []string{"tEST.2"}}, "Test.2"},
		"an id is not a prefix":         {Selection{IDs: []string{"Test.1"}}, "Test.1"},
		"a glob":                        {Selection{IDs: []string{"Test.*"}}, "Test.1 Test.2 Test.10"},
		"a glob with a question mark":   {Selection{IDs: []string{"*.?"}}, "Other.1 Own.Backup.3 Test.1 Test.2"},
		"several, each once":            {Selection{IDs: []string{"Test.10", "Test.1*"}}, "Test.1 Test.10"},
		"a standard":                    {Selection{Standards: []string{"cis-3.0"}}, "Test.1"},
		"severities":                    {Selection{Severities: []finding.Severity{finding.High, finding.Critical}}, "Own.Backup.3 Test.2 Test.10"},
		"all filters must hold":         {Selection{IDs: []string{"Test.*"}, Standards: []string{"FSBP"}, Severities: []finding.Severity{finding.High}}, "Test.2"},
		"filters that exclude one more": {Selection{IDs: []string{"Other.1"}, Standards: []string{"FSBP"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chosen, err := catalogue.Select(test.selection)
			if err != nil {
				t.Fatal(err)
			}
			ids := make([]string, len(chosen))
			for i, c := range chosen {
				ids[i] = c.ID
			}
			if got := strings.Join(ids, " "); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestWhatIsNotInTheCatalogueIsRefusedWithTheNearest(t *testing.T) {
	t.Parallel()
	catalogue := family(t)
	for name, test := range map[string]struct {
		selection Selection
		want      string
	}{
		"a slip of the finger":         {Selection{IDs: []string{"Tset.2"}}, `no control matches "Tset.2"; the nearest: Test.2`},
		"a number that is not there":   {Selection{IDs: []string{"Test.3"}}, `no control matches "Test.3"; the nearest: Test.1, Test.2, Test.10`},
		"nothing near":                 {Selection{IDs: []string{"Redshift.9"}}, `no control matches "Redshift.9"`},
		"a glob of nothing":            {Selection{IDs: []string{"Redshift.*"}}, `no control matches "Redshift.*"`},
		"a glob that is none":          {Selection{IDs: []string{"Test.[1"}}, `no control matches "Test.[1"`},
		"one good id hides no bad one": {Selection{IDs: []string{"Test.2", "Tist.1"}}, `no control matches "Tist.1"`},
		"a standard":                   {Selection{Standards: []string{"NIST-800-53"}}, `no standard matches "NIST-800-53"; the nearest: NIST-800-53-r5`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			chosen, err := catalogue.Select(test.selection)
			var unknown *UnknownError
			if !errors.As(err, &unknown) || !strings.HasPrefix(err.Error(), test.want) || chosen != nil {
				t.Fatalf("got %v, %v, want %q", chosen, err, test.want)
			}
			if !strings.HasPrefix(unknown.Hint(), "holdfast ") {
				t.Errorf("the hint is no command: %q", unknown.Hint())
			}
		})
	}
}

func TestIdsAreOrderedAsAReaderExpects(t *testing.T) {
	t.Parallel()
	want := []string{"EC2.9", "EC2.10", "Neptune.1", "Neptune.2", "Neptune.2.1", "Neptune.10", "RDS.A", "RDS.B"}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, CompareIDs)
	if !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestParametersStayInTheirRanges(t *testing.T) {
	t.Parallel()
	catalogue := family(t)
	for name, test := range map[string]struct {
		override string
		want     string // the value, or the error
	}{
		"the default":            {"", "7"},
		"the lowest":             {"Test.1.least=1", "1"},
		"the highest":            {"Test.1.least=30", "30"},
		"letter case of the id":  {"test.1.least=14", "14"},
		"below":                  {"Test.1.least=0", "Test.1.least: 0 is outside 1 to 30"},
		"above":                  {"Test.1.least=31", "Test.1.least: 31 is outside 1 to 30"},
		"negative":               {"Test.1.least=-7", "-7 is outside 1 to 30"},
		"far too large":          {"Test.1.least=99999999999999999999", "is no whole number"},
		"a fraction":             {"Test.1.least=7.5", `"7.5" is no whole number`},
		"a word":                 {"Test.1.least=week", `"week" is no whole number`},
		"nothing":                {"Test.1.least=", `"" is no whole number`},
		"no equals sign":         {"Test.1.least", "is not of the form"},
		"no parameter":           {"Test=7", "is not of the form"},
		"an unknown parameter":   {"Test.1.lest=7", `no parameter of Test.1 matches "lest"; the nearest: least`},
		"an unknown control":     {"Tost.1.least=7", `no control matches "Tost.1"; the nearest: Test.1`},
		"a control with no such": {"Other.1.most=7", "no parameter of Other.1 matches"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var overrides []string
			if test.override != "" {
				overrides = []string{test.override}
			}
			params, err := catalogue.ParseParams(overrides)
			if err != nil {
				if !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %s", err, test.want)
				}
				return
			}
			if got := params["Test.1"]["least"]; fmt.Sprint(got) != test.want {
				t.Errorf("got %d, want %s", got, test.want)
			}
			if params["Test.2"]["least"] != 7 {
				t.Error("another control's parameter moved")
			}
		})
	}
}

func TestPropertiesShownInATextAreFound(t *testing.T) {
	t.Parallel()
	got := PropertiesIn("{least} days of {resource.Days}, {resource.Name} and {not one}")
	if !slices.Equal(got, []string{"Days", "Name"}) {
		t.Errorf("got %v", got)
	}
}
