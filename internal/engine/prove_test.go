package engine

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/finding"
	"github.com/holdfast-aws/holdfast/internal/resource"
)

// soundControl passes its proof; each test spoils one line of it.
const soundControl = `
id: Test.1
title: Things should be kept for a week
resource: AWS::Test::Thing
severity: LOW
category: Test
parameters:
  least: {type: int, default: 7, min: 1, max: 30}
checks: The thing is kept for {least} days.
why: Because.
check: resource.Days >= params.least && resource.On
notes:
  - {status: PASSED, when: "!(\"mark\" in resource.Names)", say: "Kept for {resource.Days} days without a mark.", unknown: Nobody knows of a mark.}
fix:
  summary: Keep it
  set: {Days: "max(resource.Days, params.least)", On: "true"}
  risk: low
  impact: {downtime: none}
cases:
  - {name: kept, given: {Days: 9, On: true}, want: PASSED, note: Kept for 9 days}
  - {name: marked, given: {Days: 9, On: true, Names: [mark]}, want: PASSED, note: none}
  - {name: mark unread, given: {Days: 9, On: true, Names: !unknown denied}, want: PASSED, note: Nobody knows}
  - {name: short, given: {On: false}, want: FAILED, fixed: {Days: 7, On: true}}
  - {name: unread, given: {Days: !unknown denied, On: false}, want: FAILED}
  - {name: odd answer, given: {Days: 9}, want: NOT_AVAILABLE}
`

func prove(t *testing.T, text string) error {
	t.Helper()
	catalogue, err := control.Load(fstest.MapFS{
		"Thing.yaml":  {Data: []byte(thingType)},
		"Test.1.yaml": {Data: []byte(text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	return Prove(catalogue, catalogue.Controls[0])
}

func TestProofAcceptsASoundControl(t *testing.T) {
	t.Parallel()
	if err := prove(t, soundControl); err != nil {
		t.Error(err)
	}
}

func TestProofNamesEachFault(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		edits []string // old, new, …
		want  string
	}{
		"wrong verdict":            {[]string{"name: kept, given: {Days: 9", "name: kept, given: {Days: 2"}, `case "kept": is FAILED, not PASSED`},
		"wrong note":               {[]string{"note: Kept for 9 days", "note: Kept for 8 days"}, `the note "Kept for 8 days" is not shown`},
		"a note where none is due": {[]string{"Names: [mark]}, want", "Names: [other]}, want"}, `case "marked": a note is shown`},
		"wrong fixed values":       {[]string{"fixed: {Days: 7,", "fixed: {Days: 8,"}, "the fix sets map[Days:7 On:true], the case says map[Days:8 On:true]"},
		"a fix that sets too little": {[]string{`On: "true"}`, `On: "resource.On"}`},
			"the fix sets map[Days:7 On:false]"},
		"a fix that does not make it pass": {[]string{"params.least && resource.On", `params.least && resource.On && "mark" in resource.Names`},
			"with the fix it is FAILED, not PASSED"},
		"a fix on unread data": {[]string{"On: false}, want: FAILED}", "On: false}, want: FAILED, fixed: {Days: 7, On: true}}"},
			"could not be read: Days (test:ListThings, denied)"},
		"a fix that cannot be undone": {[]string{`set: {Days`, `set: {Note: '"kept"', Days`, "fixed: {Days", "fixed: {Note: kept, Days"},
			"the fix cannot be undone: Note was absent and has no default"},
		"no unknown case":          {[]string{"want: NOT_AVAILABLE", "want: WARNING"}, "no case is NOT_AVAILABLE"},
		"a parameter out of range": {[]string{"name: kept, given", "name: kept, params: {least: 99}, given"}, "99 is outside 1 to 30"},
		"an expression that fails": {[]string{"check: resource.Days", "check: resource.Dayz"}, "undefined field 'Dayz'"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := prove(t, strings.NewReplacer(test.edits...).Replace(soundControl))
			if err == nil || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "Test.1.yaml") {
				t.Errorf("got %v, want %q with the file", err, test.want)
			}
		})
	}
}

func TestDesiredRefusesUnreadData(t *testing.T) {
	t.Parallel()
	catalogue, err := control.Load(fstest.MapFS{"Thing.yaml": {Data: []byte(thingType)}, "Test.1.yaml": {Data: []byte(soundControl)}})
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
	denied := resource.OfUnknown(resource.Missing{Reason: resource.ReasonDenied})
	for name, given := range map[string]map[string]resource.Value{
		"the new value depends on it":   props("Days", denied, "On", resource.OfBool(false)),
		"the new value would cover it":  props("Days", resource.OfInt(1), "On", denied),
		"both":                          props("Days", denied, "On", denied),
		"one of them, the other passes": props("Days", resource.OfInt(9), "On", denied),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			desired, err := e.Desired("Test.1", &resource.Resource{Ref: resource.Ref{Type: "AWS::Test::Thing", ID: "it"}, Properties: given})
			var unread *UnreadError
			if !errors.As(err, &unread) || desired != nil || unread.Missing[0].Reason != resource.ReasonDenied {
				t.Errorf("got %v, %v", desired, err)
			}
		})
	}
	if _, err := e.Desired("Test.2", &resource.Resource{}); err == nil {
		t.Error("a control that was not chosen has a fix")
	}
}

func TestAPropertyThatIsAlwaysThereIsNotJudgedWhenItIsMissing(t *testing.T) {
	t.Parallel()
	e, err := compileCheck(t, "resource.On")
	if err != nil {
		t.Fatal(err)
	}
	f, err := judgeOne(e, &resource.Resource{Ref: resource.Ref{Type: "AWS::Test::Thing"}})
	if err != nil {
		t.Fatal(err)
	}
	want := resource.Missing{Property: "On", Reason: resource.ReasonOmitted, Operation: "test:ListThings"}
	if f.Status != finding.NotAvailable || len(f.Missing) != 1 || f.Missing[0] != want {
		t.Errorf("%s, missing %+v", f.Status, f.Missing)
	}
}

func TestPropertiesThatOnlyANoteShowsAreReadToo(t *testing.T) {
	t.Parallel()
	text := strings.NewReplacer(
		"Kept for {resource.Days} days without a mark.", "It is called {resource.Note}.",
		"note: Kept for 9 days", "note: It is called absent.",
	).Replace(soundControl)
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
	if got := strings.Join(e.Wants()["AWS::Test::Thing"], " "); got != "Days Names Note On" {
		t.Errorf("wants %q", got)
	}
	if err := Prove(catalogue, catalogue.Controls[0]); err != nil {
		t.Error(err)
	}
}
