package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/holdfast-aws/holdfast/internal/exception"
	"gopkg.in/yaml.v3"
)

// Name is the file that is looked for upward from the working directory.
const Name = "holdfast.yaml"

// maxSize bounds a configuration file.
const maxSize = 4 << 20

// Config is one configuration file. Every setting may also be given as a flag
// or as an environment variable, which win over it.
type Config struct {
	Version     int               `yaml:"version"` // 1
	Controls    []string          `yaml:"controls"`
	Standards   []string          `yaml:"standards"`
	Severities  []string          `yaml:"severities"`
	Params      map[string]string `yaml:"params"` // Neptune.5.minimumBackupRetentionPeriod: 14
	ControlsDir string            `yaml:"controlsDir"`
	Profile     string            `yaml:"profile"`
	Regions     []string          `yaml:"regions"`
	RoleARNs    []string          `yaml:"roleArns"`
	ExternalID  string            `yaml:"externalId"`
	Rate        float64           `yaml:"rate"`
	Concurrency int               `yaml:"concurrency"`
	FailOn      string            `yaml:"failOn"`
	NoInline    bool              `yaml:"noInlineExceptions"`
	Exceptions  []rule            `yaml:"exceptions"`
	Rules       []exception.Rule  `yaml:"-"`
	File        string            `yaml:"-"`
}

// rule is an exception as it stands in the file.
type rule struct {
	Control string `yaml:"control"`
	ARN     string `yaml:"arn"`
	Tag     string `yaml:"tag"`
	Account string `yaml:"account"`
	Region  string `yaml:"region"`
	Path    string `yaml:"path"`
	Address string `yaml:"address"`
	Reason  string `yaml:"reason"`
	Owner   string `yaml:"owner"`
	Until   string `yaml:"until"`
}

// Find looks for holdfast.yaml in a directory and those above it. It returns
// "" when there is none.
func Find(directory string) (string, error) {
	directory, err := filepath.Abs(directory)
	if err != nil {
		return "", err
	}
	for {
		candidate := filepath.Join(directory, Name)
		switch _, err := os.Stat(candidate); {
		case err == nil:
			return candidate, nil
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		parent := filepath.Dir(directory)
		if parent == directory {
			return "", nil
		}
		directory = parent
	}
}

// Load reads and checks a configuration file. Messages and exceptions call it
// by the shown name.
func Load(file, shown string) (*Config, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	defer opened.Close()
	data, err := io.ReadAll(io.LimitReader(opened, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read configuration %s: %w", shown, err)
	}
	if len(data) > maxSize {
		return nil, fmt.Errorf("configuration %s is larger than %d bytes", shown, maxSize)
	}
	return Parse(shown, data)
}

// Parse reads the text of a configuration file. All faults are reported at
// once.
func Parse(file string, data []byte) (*Config, error) {
	c := &Config{File: file}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(c); err != nil {
		return nil, explain(file, data, err)
	}
	var rest yaml.Node
	if err := decoder.Decode(&rest); err == nil {
		return nil, fmt.Errorf("%s:%d: a second document would not be read: keep one", file, rest.Line)
	} else if !errors.Is(err, io.EOF) {
		return nil, explain(file, data, err)
	}
	var faults []error
	if c.Version != 1 {
		faults = append(faults, fmt.Errorf("%s: version: %d is not 1, the only version there is", file, c.Version))
	}
	lines := exceptionLines(data)
	for i := range c.Exceptions {
		place := file
		if i < len(lines) {
			place = fmt.Sprintf("%s:%d", file, lines[i])
		}
		rule, err := c.Exceptions[i].check()
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: exceptions[%d].%w", place, i, err))
			continue
		}
		rule.Source = place
		c.Rules = append(c.Rules, rule)
	}
	return c, errors.Join(faults...)
}

func (r *rule) check() (exception.Rule, error) {
	out := exception.Rule{
		Control: r.Control, ARN: r.ARN, Tag: r.Tag, Account: r.Account, Region: r.Region,
		Path: r.Path, Address: r.Address, Reason: r.Reason, Owner: r.Owner,
	}
	if r.Until != "" {
		until, err := time.Parse(exception.Day, r.Until)
		if err != nil {
			return out, fmt.Errorf("until: %q is no day such as 2027-01-31", r.Until)
		}
		out.Until = until
	}
	return out, out.Validate()
}

// exceptionLines finds the line on which each exception begins.
func exceptionLines(data []byte) []int {
	var root yaml.Node
	if yaml.Unmarshal(data, &root) != nil || len(root.Content) == 0 {
		return nil
	}
	fields := root.Content[0].Content
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i].Value == "exceptions" {
			lines := make([]int, len(fields[i+1].Content))
			for j, item := range fields[i+1].Content {
				lines[j] = item.Line
			}
			return lines
		}
	}
	return nil
}
