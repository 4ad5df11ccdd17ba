package ssm

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/holdfast-aws/holdfast/internal/fix"
	"github.com/holdfast-aws/holdfast/internal/fix/render"
	"github.com/holdfast-aws/holdfast/internal/resource"
	"gopkg.in/yaml.v3"
)

// MaxSize is the largest runbook that Systems Manager takes, in bytes.
const MaxSize = 64 << 10

// Runbook is one Automation document.
type Runbook struct {
	Account string
	Region  string
	// Part counts from 1 where one runbook does not hold the changes of the
	// region; 0 where it does.
	Part int
	// Body is YAML.
	Body []byte
}

// Name is a file name for the runbook.
func (r *Runbook) Name() string {
	name := "holdfast-" + r.Account + "-" + r.Region
	if r.Part > 0 {
		name += fmt.Sprintf("-%d", r.Part)
	}
	return name + ".yaml"
}

// SizeError says that a single change is more than Systems Manager takes.
type SizeError struct {
	Control, Resource string
	Size              int
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("%s on %s takes a runbook of %d bytes, and Systems Manager takes %d", e.Control, e.Resource, e.Size, MaxSize)
}

// Hint names the command that needs no runbook.
func (e *SizeError) Hint() string { return "holdfast fix apply plan.json" }

// Runbooks writes a plan as runbooks, by account and region, in the order of
// the plan.
func Runbooks(p *fix.Plan, sources render.Sources) ([]Runbook, error) {
	type place struct{ account, region string }
	var order []place
	changes := make(map[place][]*fix.Change)
	for i := range p.Changes {
		c := &p.Changes[i]
		at := place{c.Resource.Account, c.Resource.Region}
		if changes[at] == nil {
			order = append(order, at)
		}
		changes[at] = append(changes[at], c)
	}
	var books []Runbook
	for _, at := range order {
		parts, err := fit(p, at.account, at.region, changes[at], sources)
		if err != nil {
			return nil, err
		}
		for i := range parts {
			if len(parts) > 1 {
				parts[i].Part = i + 1
			}
		}
		books = append(books, parts...)
	}
	return books, nil
}

// fit writes changes as one runbook, or as several where one would be larger
// than Systems Manager takes.
func fit(p *fix.Plan, account, region string, changes []*fix.Change, sources render.Sources) ([]Runbook, error) {
	body, err := runbook(p, account, region, changes, sources)
	switch {
	case err != nil:
		return nil, err
	case len(body) <= MaxSize:
		return []Runbook{{Account: account, Region: region, Body: body}}, nil
	case len(changes) == 1:
		return nil, &SizeError{Control: changes[0].Control, Resource: changes[0].Resource.ID, Size: len(body)}
	}
	half := len(changes) / 2
	first, err := fit(p, account, region, changes[:half], sources)
	if err != nil {
		return nil, err
	}
	second, err := fit(p, account, region, changes[half:], sources)
	return append(first, second...), err
}

// document is an Automation document, schema 0.3.
type document struct {
	SchemaVersion string               `yaml:"schemaVersion"`
	Description   string               `yaml:"description"`
	AssumeRole    string               `yaml:"assumeRole"`
	Parameters    map[string]parameter `yaml:"parameters"`
	MainSteps     []step               `yaml:"mainSteps"`
}

type parameter struct {
	Type        string `yaml:"type"`
	Description string `yaml:"description"`
}

type step struct {
	Name           string         `yaml:"name"`
	Action         string         `yaml:"action"`
	Description    string         `yaml:"description,omitempty"`
	MaxAttempts    int            `yaml:"maxAttempts,omitempty"`
	TimeoutSeconds int            `yaml:"timeoutSeconds,omitempty"`
	OnFailure      string         `yaml:"onFailure"`
	Inputs         map[string]any `yaml:"inputs"`
	IsEnd          bool           `yaml:"isEnd,omitempty"`
}

func runbook(p *fix.Plan, account, region string, changes []*fix.Change, sources render.Sources) ([]byte, error) {
	d := document{
		SchemaVersion: "0.3",
		Description: fmt.Sprintf("What %s %s planned for account %s in %s, from the plan %s of %s. It makes these changes and no others, and undoes nothing.",
			p.Tool, p.Version, account, region, p.Digest, p.Created.UTC().Format("2006-01-02 15:04 MST")),
		AssumeRole: "{{ AutomationAssumeRole }}",
		Parameters: map[string]parameter{"AutomationAssumeRole": {
			Type: "AWS::IAM::Role::Arn", Description: "The role that makes the calls; holdfast iam-policy --fix prints what it must be allowed",
		}},
	}
	firsts := make([]int, len(changes))
	for i, c := range changes {
		firsts[i] = len(d.MainSteps)
		b := &builder{sources: sources, prefix: fmt.Sprintf("change%d", i+1)}
		if err := b.change(account, c); err != nil {
			return nil, fmt.Errorf("write %s on %s as a runbook: %w", c.Control, c.Resource.ID, err)
		}
		d.MainSteps = append(d.MainSteps, b.steps...)
	}
	link(d.MainSteps, firsts)
	var body bytes.Buffer
	encoder := yaml.NewEncoder(&body)
	encoder.SetIndent(2)
	if err := encoder.Encode(&d); err != nil {
		return nil, fmt.Errorf("write runbook: %w", err)
	}
	return body.Bytes(), encoder.Close()
}

// link lets a change that fails stop no other: the Automation goes on with the
// next one, and ends as failed all the same.
func link(steps []step, firsts []int) {
	for i := range steps {
		steps[i].OnFailure = "Abort"
		for _, first := range firsts {
			if first > i {
				steps[i].OnFailure = "step:" + steps[first].Name
				break
			}
		}
	}
	if len(steps) > 0 {
		steps[len(steps)-1].IsEnd = true
	}
}

// builder writes the steps of one change.
type builder struct {
	sources render.Sources
	prefix  string
	steps   []step
}

// add appends a step under a name of its own.
func (b *builder) add(what string, s step) {
	base := b.prefix + "_" + what
	s.Name = base
	for n := 2; slices.ContainsFunc(b.steps, func(other step) bool { return other.Name == s.Name }); n++ {
		s.Name = fmt.Sprintf("%s_%d", base, n)
	}
	if s.Inputs == nil {
		s.Inputs = map[string]any{}
	}
	b.steps = append(b.steps, s)
}

var stepID = regexp.MustCompile(`^[A-Za-z0-9]{1,20}$`)

func (b *builder) change(account string, c *fix.Change) error {
	for _, text := range append([]string{c.Summary, c.Accept, c.Resource.ID}, c.Warnings...) {
		if err := literal(text); err != nil {
			return err
		}
	}
	if c.Accept != "" {
		b.add("accept", step{Action: "aws:pause", Description: brief("Approve to go on. " + c.Control + " on " + c.Resource.ID + ": " + c.Accept)})
	}
	for i := range c.Steps {
		s := &c.Steps[i]
		if !stepID.MatchString(s.ID) {
			return fmt.Errorf("%q is no id of a step", s.ID)
		}
		if s.Call != nil && s.Call.Account != account {
			return fmt.Errorf("step %s is for account %s", s.ID, s.Call.Account)
		}
		if err := b.step(s); err != nil {
			return fmt.Errorf("step %s: %w", s.ID, err)
		}
	}
	return nil
}

// step writes a call with what must hold before and after, or a pause for a
// person. A step that matters on the way back only is left out.
func (b *builder) step(s *fix.Step) error {
	for _, text := range []string{s.Title, s.Manual} {
		if err := literal(text); err != nil {
			return err
		}
	}
	switch {
	case s.Manual != "":
		b.add("step"+s.ID+"_by_hand", step{Action: "aws:pause", Description: brief(s.Title + ". " + s.Manual + " Then resume.")})
	case s.Call == nil:
		return nil
	default:
		if err := b.before(s); err != nil {
			return err
		}
		if err := b.call(s); err != nil {
			return err
		}
	}
	if err := b.proof("step"+s.ID+"_done", s.Title, s.Done, timeout(s)); err != nil {
		return err
	}
	if s.Settle > 0 {
		b.add("step"+s.ID+"_settle", step{Action: "aws:sleep", Inputs: map[string]any{"Duration": fmt.Sprintf("PT%dS", s.Settle)}})
	}
	return nil
}

func (b *builder) before(s *fix.Step) error {
	var lasting, settling []fix.Condition
	for _, c := range s.Before {
		if c.Settles {
			settling = append(settling, c)
			continue
		}
		lasting = append(lasting, c)
	}
	if err := b.proof("step"+s.ID+"_unchanged", "as it was planned upon", lasting, 0); err != nil {
		return err
	}
	return b.proof("step"+s.ID+"_ready", "takes changes", settling, 300)
}

func (b *builder) call(s *fix.Step) error {
	service, api, _ := strings.Cut(s.Call.Operation, ":")
	inputs := map[string]any{"Service": service, "Api": api}
	for _, name := range slices.Sorted(maps.Keys(s.Call.Parameters)) {
		value, err := plain(s.Call.Parameters[name])
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if inputs[name] != nil {
			return fmt.Errorf("%s names the call and cannot be a parameter of it", name)
		}
		inputs[name] = value
	}
	b.add("step"+s.ID+"_"+api, step{Action: "aws:executeAwsApi", Description: brief(s.Title), Inputs: inputs})
	return nil
}

const defaultTimeout = 15 * 60 // seconds

func timeout(s *fix.Step) int {
	if s.Timeout > 0 {
		return s.Timeout
	}
	return defaultTimeout
}

// brief keeps a description within the 1,024 characters of a step.
func brief(text string) string {
	const most = 1000
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

// literal refuses what Automation would put something else in place of.
func literal(text string) error {
	if strings.Contains(text, "{{") {
		return fmt.Errorf("%q holds {{, which Automation would replace", text)
	}
	return nil
}

// plain turns a value into what YAML writes.
func plain(v resource.Value) (any, error) {
	switch v.Kind() {
	case resource.Bool:
		on, _ := v.Bool()
		return on, nil
	case resource.Int:
		n, _ := v.Int()
		return n, nil
	case resource.Float:
		f, _ := v.Float()
		return f, nil
	case resource.String:
		text, _ := v.Text()
		return text, literal(text)
	case resource.List:
		items := make([]any, len(v.List()))
		for i, item := range v.List() {
			value, err := plain(item)
			if err != nil {
				return nil, err
			}
			items[i] = value
		}
		return items, nil
	case resource.Map:
		fields := make(map[string]any, len(v.Fields()))
		for name, field := range v.Fields() {
			value, err := plain(field)
			if err != nil {
				return nil, err
			}
			fields[name] = value
		}
		return fields, nil
	default:
		return nil, fmt.Errorf("a value that is %s cannot be sent", v.Kind())
	}
}
