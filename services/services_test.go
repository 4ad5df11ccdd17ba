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

type hubParameter struct {
	Name    string `json:"name"`
	Default int64  `json:"default"`
	Allowed struct {
		Min int64 `json:"min"`
		Max int64 `json:"max"`
	} `json:"allowed"`
}

func asHubControl(c *control.Control) hubControl {
	out := hubControl{
		ID: c.ID, Title: c.Title, Severity: string(c.Severity), Category: c.Category,
		ResourceTypes: []string{c.Config.ResourceType}, ConfigRule: c.Config.Rule, Schedule: c.Config.Schedule,
		Requirements: c.Requirements, Standards: c.Standards,
	}
	for _, name := range c.ParameterNames() {
		p := c.Parameters[name]
		parameter := hubParameter{Name: name, Default: p.Default}
		parameter.Allowed.Min, parameter.Allowed.Max = *p.Min, *p.Max
		out.Parameters = append(out.Parameters, parameter)
	}
	return out
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
