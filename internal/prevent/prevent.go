package prevent

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// The kinds of policy.
const (
	SCP         = "scp"
	Declarative = "declarative-policy"
)

// limits are the greatest sizes that AWS Organizations accepts, in characters
// of the document without white space.
var limits = map[string]int{SCP: 5120, Declarative: 10_000}

// Policy is one policy and what is to be known of it.
type Policy struct {
	ID       string   `yaml:"id"`
	As       string   `yaml:"as"`
	Controls []string `yaml:"controls"` // ids, which need not be in the catalogue
	Does     string   `yaml:"does"`
	Lacks    string   `yaml:"lacks"` // what it cannot cover
	// Document is the policy itself.
	Document map[string]any `yaml:"policy"`
}

// Load reads every policy below a root, sorted by file. All faults come back
// together.
func Load(root fs.FS) ([]Policy, error) {
	names, err := fs.Glob(root, "*/prevent/*.yaml")
	if err != nil {
		return nil, err
	}
	var policies []Policy
	var faults []error
	for _, name := range names {
		p, err := read(root, name)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s: %w", name, err))
			continue
		}
		policies = append(policies, *p)
	}
	return policies, errors.Join(faults...)
}

func read(root fs.FS, name string) (*Policy, error) {
	data, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	var p Policy
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil {
		return nil, err
	}
	p.Does, p.Lacks = strings.TrimSpace(p.Does), strings.TrimSpace(p.Lacks)
	switch {
	case p.ID != strings.TrimSuffix(path.Base(name), ".yaml"):
		return nil, fmt.Errorf("id %q is not the file's name", p.ID)
	case limits[p.As] == 0:
		return nil, fmt.Errorf("as: %q is none of %s, %s", p.As, SCP, Declarative)
	case len(p.Controls) == 0 || p.Does == "" || p.Lacks == "" || len(p.Document) == 0:
		return nil, errors.New("controls, does, lacks and policy are all needed")
	default:
		return &p, nil
	}
}

// Select returns the policies of a kind that serve a control whose id is
// wanted, and tells which of the wanted ids have none.
func Select(policies []Policy, as string, wanted []string) (chosen []Policy, without []string) {
	served := make(map[string]bool)
	for _, p := range policies {
		if p.As != as {
			continue
		}
		hit := false
		for _, id := range p.Controls {
			if slices.Contains(wanted, id) {
				served[id], hit = true, true
			}
		}
		if hit {
			chosen = append(chosen, p)
		}
	}
	for _, id := range wanted {
		if !served[id] {
			without = append(without, id)
		}
	}
	return chosen, without
}

// Controls lists the ids that have a policy of a kind, sorted.
func Controls(policies []Policy, as string) []string {
	var ids []string
	for _, p := range policies {
		if p.As == as {
			ids = append(ids, p.Controls...)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// SizeError says that policies together are longer than AWS accepts.
type SizeError struct{ Size, Limit int }

func (e *SizeError) Error() string {
	return fmt.Sprintf("the policy has %d characters, and AWS Organizations accepts %d", e.Size, e.Limit)
}

// Hint says how to get several shorter ones.
func (e *SizeError) Hint() string { return "choose fewer controls at a time with --control" }

// Write writes policies of one kind as one document.
func Write(out io.Writer, policies []Policy) error {
	merged := make(map[string]any)
	for _, p := range policies {
		if err := merge(merged, p.Document); err != nil {
			return fmt.Errorf("policy %s: %w", p.ID, err)
		}
	}
	compact, err := json.Marshal(merged)
	if err != nil {
		return err
	}
	if limit := limits[policies[0].As]; len(compact) > limit {
		return &SizeError{len(compact), limit}
	}
	encoder := json.NewEncoder(out)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	return encoder.Encode(merged)
}

// merge adds one document to another: lists one after the other, maps into each
// other, and a value twice only where it is the same.
func merge(into, from map[string]any) error {
	for key, value := range from {
		switch there := into[key].(type) {
		case nil:
			into[key] = clone(value)
		case map[string]any:
			below, ok := value.(map[string]any)
			if !ok {
				return fmt.Errorf("%s has another form than in the policy before it", key)
			}
			if err := merge(there, below); err != nil {
				return err
			}
		case []any:
			more, ok := value.([]any)
			if !ok {
				return fmt.Errorf("%s has another form than in the policy before it", key)
			}
			into[key] = append(there, more...)
		default:
			if there != value {
				return fmt.Errorf("%s is %v, and was %v", key, value, there)
			}
		}
	}
	return nil
}

// clone copies what merging may change.
func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, item := range value {
			out[key] = clone(item)
		}
		return out
	case []any:
		return slices.Clone(value)
	default:
		return value
	}
}
