package planfile_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/holdfast-aws/holdfast/internal/source/terraform/planfile"
)

func TestPlansAndStatesAreToldFromOtherFiles(t *testing.T) {
	t.Parallel()
	large := `{"configuration":{"x":"` + strings.Repeat("y", 1<<20) + `"},"format_version":"1.2","planned_values":{}}`
	for name, test := range map[string]struct {
		text string
		want planfile.Kind
	}{
		"a plan":                       {`{"format_version":"1.2","terraform_version":"1.11.4","variables":{},"planned_values":{}`, planfile.Plan},
		"a plan without changes":       {`{"format_version":"1.2","terraform_version":"1.11.4","configuration":{},"complete":true}`, planfile.Plan},
		"a plan with its keys sorted":  {large, planfile.Plan},
		"a plan in pieces":             {`{"resource_changes":[],"output_changes":{}}`, planfile.Plan},
		"a plan as Terraform keeps it": {"PK\x03\x04" + strings.Repeat("\x00", 22) + "\x06\x00\x00\x00tfplan", planfile.Plan},
		"the log of a plan":            {`{"@level":"info","@message":"Terraform 1.11.4","terraform":"1.11.4"}` + "\n", planfile.Plan},
		"a state":                      {`{"format_version":"1.0","terraform_version":"1.11.4","values":{"root`, planfile.State},
		"an empty state":               {`{"format_version":"1.0"}`, planfile.State},
		"a state of tofu":              {`{"format_version":"1.0","terraform_version":"1.9.0","checks":[]}`, planfile.State},
		"a raw state":                  {`{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x",`, planfile.RawState},
		"an old raw state":             {`{"version":3,"terraform_version":"0.11.14","serial":1,"modules":[]}`, planfile.RawState},
		"an encrypted state":           {`{"serial":1,"lineage":"x","meta":{},"encrypted_data":"eA=="}`, planfile.RawState},
		"a CloudFormation template":    {`{"AWSTemplateFormatVersion":"2010-09-09","Resources":{}}`, ""},
		"a template of Azure":          {`{"$schema":"x","contentVersion":"1.0.0.0","variables":{},"resources":[]}`, ""},
		"a package":                    {`{"name":"x","version":"4","resources":[]}`, ""},
		"a variables file":             {`{"version":4,"values":{},"configuration":{}}`, ""},
		"a cloud assembly":             {`{"version":"48.0.0","artifacts":{}}`, ""},
		"a directory's lock":           {`{"version":4,"serial":1}`, ""},
		"an archive":                   {"PK\x03\x04" + strings.Repeat("\x00", 22) + "\x0a\x00\x00\x00tfplan.txt", ""},
		"a list":                       {`[{"format_version":"1.2"}]`, ""},
		"a text":                       {"format_version: 1.2", ""},
		"nothing":                      {"", ""},
		"broken JSON":                  {`{"name":`, ""},
		"code":                         {"terraform {\n}\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kind, err := planfile.Detect(write(t, "given", []byte(test.text)))
			if err != nil || kind != test.want {
				t.Errorf("got %q, %v; want %q", kind, err, test.want)
			}
		})
	}
}

func TestDetectionOfWhatIsNoFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if kind, err := planfile.Detect(dir); kind != "" || err != nil {
		t.Errorf("a directory: %q, %v", kind, err)
	}
	if _, err := planfile.Detect(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// TestDetectionIsCheap gives it a file of 256 MB that never decides.
func TestDetectionIsCheap(t *testing.T) {
	t.Parallel()
	file := write(t, "long.json", []byte(`{"values":"`))
	if err := os.Truncate(file, 256<<20); err != nil {
		t.Fatal(err)
	}
	started := time.Now()
	if kind, err := planfile.Detect(file); kind != "" || err != nil {
		t.Errorf("got %q, %v", kind, err)
	}
	if took := time.Since(started); took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
}

// TestAPlanSavedByPowerShellIsJudged reads a plan in UTF-16, as Windows writes
// what a program prints.
func TestAPlanSavedByPowerShellIsJudged(t *testing.T) {
	t.Parallel()
	b := binary.LittleEndian.AppendUint16(nil, 0xfeff)
	for _, unit := range utf16.Encode([]rune(string(bytes.TrimSpace(read(t, "testdata/create.plan.json"))))) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	file := write(t, "wide.json", b)
	if kind, err := planfile.Detect(file); kind != planfile.Plan || err != nil {
		t.Errorf("detected as %q, %v", kind, err)
	}
	if diff := cmp.Diff(withoutLines(judge(t, "testdata/create.plan.json")), withoutLines(judge(t, file))); diff != "" {
		t.Error(diff)
	}
}
