package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
		"unknown field":     {"version: 1\ncontrls: []\n", "holdfast.yaml:2: contrls: there is no such setting"},
		"unknown in a rule": {"version: 1\nexceptions:\n  - {control: A.1, reason: x, expires: 2027-01-01}\n", "holdfast.yaml:3: expires: there is no such setting"},
		"no reason":         {"version: 1\nexceptions:\n  - control: A.1\n", "holdfast.yaml:3: exceptions[0].reason"},
		"no control":        {"version: 1\nexceptions:\n  - reason: x\n", "holdfast.yaml:3: exceptions[0].control"},
		"wrong day":         {"version: 1\nexceptions:\n  - {control: A.1, reason: x, until: 31.1.2027}\n", "holdfast.yaml:3: exceptions[0].until"},
		"map for a list":    {"version: 1\nregions: {a: b}\n", "holdfast.yaml:2: regions: a map is not a list, as in [a, b]"},
		"text for a list":   {"version: 1\nregions: eu-west-1\n", `holdfast.yaml:2: regions: "eu-west-1" is not a list, as in [a, b]`},
		"text for a number": {"version: 1\n\nrate: fast\n", `holdfast.yaml:3: rate: "fast" is not a number`},
		"list for text":     {"version: 1\nexceptions:\n  - reason: x\n    control: [a]\n", "holdfast.yaml:4: exceptions[0].control: a list is not text"},
		"two documents":     {"version: 1\n---\nversion: 1\nexceptions: []\n", "holdfast.yaml:2: a second document would not be read"},
		"behind the end":    {"version: 1\n---\n[\n", "holdfast.yaml"},
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

func TestAliasesThatMultiplyAreRefusedInFewWords(t *testing.T) {
	t.Parallel()
	text := "version: 1\nx0: &x0 [a, a, a, a, a, a, a, a, a]\n"
	for i := 1; i < 9; i++ {
		text += fmt.Sprintf("x%d: &x%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*x%d, ", i-1), 9), ", "))
	}
	text += "controls: *x8\n"
	begun := time.Now()
	_, err := Parse("holdfast.yaml", []byte(text))
	if err == nil || len(err.Error()) > 4000 {
		t.Errorf("got %.200v", err)
	}
	if took := time.Since(begun); took > 5*time.Second {
		t.Errorf("it took %s", took)
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
