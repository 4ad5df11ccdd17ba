package services

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/control"
	"github.com/holdfast-aws/holdfast/internal/engine"
)

func builtIn(t *testing.T) *control.Catalogue {
	t.Helper()
	catalogue, err := control.Load(Controls())
	if err != nil {
		t.Fatal(err)
	}
	return catalogue
}

// Loading decodes every file strictly; proving compiles each control and runs
// the cases in its file, with the fix and its undo.
func TestEveryControlIsProvenByItsOwnCases(t *testing.T) {
	t.Parallel()
	catalogue := builtIn(t)
	if len(catalogue.Controls) == 0 {
		t.Fatal("no control was found")
	}
	for _, c := range catalogue.Controls {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			if err := engine.Prove(catalogue, c); err != nil {
				t.Error(err)
			}
		})
	}
}

// Every YAML file in a service's folder is embedded and loaded: none is left
// out by a typing error in its name.
func TestEveryFileIsLoaded(t *testing.T) {
	t.Parallel()
	catalogue := builtIn(t)
	loaded := make(map[string]bool)
	for _, c := range catalogue.Controls {
		loaded[c.File] = true
	}
	for _, typ := range catalogue.Types {
		loaded[typ.File] = true
		if name := typ.Name[strings.LastIndex(typ.Name, ":")+1:] + ".yaml"; path.Base(typ.File) != name {
			t.Errorf("%s: the file of %s is called %s", typ.File, typ.Name, name)
		}
	}
	onDisk, err := fs.Glob(os.DirFS("."), "*/*.y*ml")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range onDisk {
		if !loaded[name] {
			t.Errorf("%s is not loaded", name)
		}
	}
}

// What Security Hub says of a control is copied, not retold.
func TestControlsSayWhatSecurityHubSays(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/facts.json")
	if err != nil {
		t.Fatal(err)
	}
	var facts []hubControl
	if err := json.Unmarshal(data, &facts); err != nil {
		t.Fatal(err)
	}
	catalogue := builtIn(t)
	for _, want := range facts {
		t.Run(want.ID, func(t *testing.T) {
			t.Parallel()
			c := catalogue.Find(want.ID)
			if c == nil {
				t.Fatal("the control is not there")
			}
			want.comparable(c)
			if diff := cmp.Diff(want, asHubControl(c)); diff != "" {
				t.Errorf("Security Hub's record (-) and ours (+) differ:\n%s", diff)
			}
		})
	}
	for _, c := range catalogue.Controls {
		if !slices.ContainsFunc(facts, func(f hubControl) bool { return f.ID == c.ID }) {
			t.Errorf("%s: there is no record of the control in testdata/facts.json", c.ID)
		}
	}
}

// hubControl is what Security Hub's reference says of a control.
type hubControl struct {
	ID            string         `json:"id"`
	Title         string         `json:"title"`
	Severity      string         `json:"severity"`
	Category      string         `json:"category"`
	ResourceTypes []string       `json:"resource_types"`
	ConfigRule    string         `json:"config_rule"`
	Schedule      string         `json:"schedule"`
	Parameters    []hubParameter `json:"parameters"`
	Requirements  []string       `json:"requirements"`
	Standards     []string       `json:"standards"`
}

// hubParameter is a parameter that a user may set. Those that nobody may set are
// part of the check.
type hubParameter struct {
	Name         string
	Type         string
	Default      any
	Allowed      any
	Customizable bool
}

func asHubControl(c *control.Control) hubControl {
	out := hubControl{
		ID: c.ID, Title: c.Title, Severity: string(c.Severity), Category: c.Category,
		ResourceTypes: []string{c.Config.ResourceType}, ConfigRule: c.Config.Rule, Schedule: c.Config.Schedule,
		Requirements: c.Requirements, Standards: c.Standards,
	}
	for _, name := range c.ParameterNames() {
		out.Parameters = append(out.Parameters, asHubParameter(name, c.Parameters[name]))
	}
	return out
}

func asHubParameter(name string, p *control.Parameter) hubParameter {
	out := hubParameter{Name: name, Customizable: true}
	switch p.Type {
	case "bool":
		out.Type, out.Allowed = "Boolean", []any{true, false}
	case "enum":
		words := make([]any, len(p.Values))
		for i, word := range p.Values {
			words[i] = word
		}
		out.Type, out.Allowed = "Enum", words
	default:
		out.Type, out.Default = "Integer", float64(p.Default)
		out.Allowed = map[string]any{"min": float64(*p.Min), "max": float64(*p.Max)}
	}
	return out
}

// comparable forms what Security Hub says as Holdfast can say it: a control over
// several types names the first of them to AWS Config, and a number with a
// fraction is one of whole hours, of which 0 sets nothing.
func (h *hubControl) comparable(c *control.Control) {
	if len(h.ResourceTypes) > 1 && slices.Contains(h.ResourceTypes, c.Config.ResourceType) {
		h.ResourceTypes = []string{c.Config.ResourceType}
	}
	h.Parameters = slices.DeleteFunc(h.Parameters, func(p hubParameter) bool { return !p.Customizable })
	if len(h.Parameters) == 0 {
		h.Parameters = nil
	}
	for i, p := range h.Parameters {
		if p.Type == "Double" && p.Default == nil {
			limits := p.Allowed.(map[string]any)
			h.Parameters[i].Type, h.Parameters[i].Default = "Integer", 0.0
			h.Parameters[i].Allowed = map[string]any{"min": 0.0, "max": limits["max"]}
		}
	}
}

// A person who reads a control must find all of it: sentences, steps, the
// price of the fix.
func TestControlsAreCompleteForAReader(t *testing.T) {
	t.Parallel()
	catalogue := builtIn(t)
	for _, c := range catalogue.Controls {
		t.Run(c.ID, func(t *testing.T) {
			t.Parallel()
			if err := complete(c); err != nil {
				t.Error(err)
			}
			for _, property := range catalogue.Types[c.Resource].Properties {
				if property.About == "" {
					t.Errorf("%s has a property that says nothing about itself", c.Resource)
				}
			}
		})
	}
}

func complete(c *control.Control) error {
	var faults []error
	if len(c.How) < 3 {
		faults = append(faults, errors.New("how has fewer than three steps"))
	}
	if len(c.Expect) == 0 {
		faults = append(faults, errors.New("expect names no property, so that evidence has nothing to compare with"))
	}
	for _, text := range append([]string{c.Checks, c.Why}, c.How...) {
		if strings.TrimSpace(text) != text || !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "?") {
			faults = append(faults, fmt.Errorf("this is no full sentence: %q", text))
		}
	}
	if c.Fix == nil {
		return errors.Join(append(faults, errors.New("there is no fix"))...)
	}
	for name, text := range map[string]string{"clients": c.Fix.Impact.Clients, "cost": c.Fix.Impact.Cost} {
		if text == "" {
			faults = append(faults, fmt.Errorf("fix.impact.%s is missing", name))
		}
	}
	return errors.Join(faults...)
}
