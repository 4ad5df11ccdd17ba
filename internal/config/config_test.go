package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestExceptionsKnowTheirFileAndLine(t *testing.T) {
	t.Parallel()
	c, err := Parse("holdfast.yaml", []byte(`version: 1
controls: ["Neptune.*"]
params:
  Neptune.5.minimumBackupRetentionPeriod: 14
exceptions:
  - control: Neptune.4
    tag: env=sandbox
    reason: rebuilt every night
    owner: graph team
    until: 2027-01-31
`))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rules) != 1 || c.Rules[0].Source != "holdfast.yaml:6" || c.Rules[0].Until.Year() != 2027 {
		t.Errorf("rules %+v", c.Rules)
	}
	if c.Params["Neptune.5.minimumBackupRetentionPeriod"] != "14" {
		t.Errorf("params %v", c.Params)
	}
}

func TestFaultsNameFileLineAndField(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"no version":        {"controls: []\n", "holdfast.yaml: version"},
		"unknown field":     {"version: 1\ncontrls: []\n", "line 2: field contrls not found"},
		"unknown in a rule": {"version: 1\nexceptions:\n  - {control: A.1, reason: x, expires: 2027-01-01}\n", "line 3: field expires not found"},
		"no reason":         {"version: 1\nexceptions:\n  - control: A.1\n", "holdfast.yaml:3: exceptions[0].reason"},
		"no control":        {"version: 1\nexceptions:\n  - reason: x\n", "holdfast.yaml:3: exceptions[0].control"},
		"wrong day":         {"version: 1\nexceptions:\n  - {control: A.1, reason: x, until: 31.1.2027}\n", "holdfast.yaml:3: exceptions[0].until"},
		"wrong type":        {"version: 1\nregions: {a: b}\n", "line 2"},
		"not yaml":          {"version: [1\n", "holdfast.yaml"},
		"empty":             {"", "holdfast.yaml: the file is empty"},
		"doubled field":     {"version: 1\nversion: 1\n", "already defined"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse("holdfast.yaml", []byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestTheFileIsFoundUpward(t *testing.T) {
	t.Parallel()
	top := t.TempDir()
	deep := filepath.Join(top, "a", "b")
	if err := os.MkdirAll(deep, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(top, Name)
	if err := os.WriteFile(file, []byte("version: 1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	found, err := Find(deep)
	if err != nil || found != file {
		t.Errorf("found %q, %v", found, err)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("version: 1\nexceptions:\n  - {control: A.1, reason: x, until: 2027-01-31}\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := Parse("holdfast.yaml", []byte(text))
		if err == nil && len(c.Rules) != len(c.Exceptions) {
			t.Errorf("%q lost an exception without an error", text)
		}
	})
}
